//! Names of Chinese persons: what a card, a title, a label or a verb stands beside.

use std::ops::Range;

use super::super::Private;
use crate::suggest::is_han;

/// The persons in some words.
pub(super) fn persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = chinese_persons(words);
    found.extend(told(words));
    found
}

const SURNAMES: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵汪祁毛狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房解应宗丁宣邓郁单洪包诸左石崔吉龚程邢裴陆荣翁荀惠曲封靳焦侯全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹龙叶司黎薄印白蒲邰从鄂索赖卓蔺屠蒙池乔阴胥苍双闻党翟谭贡姬申扶堵冉宰郦桑桂牛寿通边燕冀浦尚农温别庄晏柴瞿阎慕连茹习宦艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄东欧沃利蔚越隆师巩聂晁勾敖融冷訾辛阚那简饶曾关相查荆红游权盖益桓公欧阳上官司马诸葛段覃岳佘涂牟尉晋楼敬仝占辜冼邵丛漆佟郜晏卜戚邸闵芦葛阳兰谌闫肖仇戢";

const COMPOUND: [&str; 10] = [
    "欧阳", "上官", "司马", "诸葛", "尉迟", "司徒", "夏侯", "皇甫", "令狐", "慕容",
];

/// Whether characters can be the name of a Chinese person.
fn is_person(name: &str) -> bool {
    let count = name.chars().count();
    (2..=4).contains(&count)
        && name.chars().all(|c| is_han(c) || c == '·')
        && (name.chars().next().is_some_and(|c| SURNAMES.contains(c))
            || COMPOUND.iter().any(|surname| name.starts_with(surname)))
        && !name
            .chars()
            .skip(1)
            .any(|c| "方人司者的章签应当".contains(c))
}

/// 张三（身份证号…）, 张三，男，…, 李四先生
fn chinese_persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    let mut before = |end: usize| {
        let text = words[..end].trim_end_matches([' ', '\u{3000}']);
        let starts: Vec<usize> = text
            .char_indices()
            .rev()
            .take(4)
            .take_while(|(_, c)| is_han(*c) || *c == '·')
            .map(|(i, _)| i)
            .collect();
        // Three characters are the usual length; four where the surname has two, two where no surname stands third.
        let compound = |name: &str| COMPOUND.iter().any(|surname| name.starts_with(surname));
        let named = [3usize, 2, 1]
            .into_iter()
            .filter_map(|at| starts.get(at))
            .find(|start| {
                let name = &text[**start..];
                is_person(name) && (name.chars().count() < 4 || compound(name))
            });
        if let Some(start) = named {
            found.push((*start..text.len(), Private::Person));
        }
    };
    for mark in ["身份证", "公民身份", "护照", "先生", "女士", "男", "女"] {
        for (at, _) in words.match_indices(mark) {
            let (head, after) = (&words[..at], &words[at + mark.len()..]);
            let parted = || head.strip_suffix(['（', '(', '，', ',', ' ']);
            match mark {
                "先生" | "女士" => before(at),
                // 张三，男，…
                "男" | "女" if !after.starts_with(['，', ',', '。', '；', '）', ')']) => {}
                _ => {
                    if let Some(head) = parted() {
                        before(head.len());
                    }
                }
            }
        }
    }
    found
}

/// Words that a name stands behind, with or without 为 or a colon between them.
const LEADS: [&str; 46] = [
    "代表",
    "联系人",
    "负责人",
    "经办人",
    "代理人",
    "签字人",
    "见证人",
    "监护人",
    "配偶",
    "收件人",
    "继承人",
    "协议人",
    "股东",
    "姓名",
    "律师",
    "经理",
    "工程师",
    "总监",
    "董事长",
    "董事",
    "监事",
    "会计",
    "主任",
    "院长",
    "校长",
    "代表人",
    "指派",
    "委派",
    "任命",
    "选派",
    "授权",
    "委托",
    "聘请",
    "推举",
    "由其",
    "婚生子",
    "婚生女",
    "儿子",
    "女儿",
    "之子",
    "之女",
    "丈夫",
    "妻子",
    "父亲",
    "母亲",
    "合伙人",
];
/// Surnames that begin common words as well (应当, 时间); behind such a lead they need a colon.
const WORDS: &str = "应时方安许任项管关相全单经同向从常平和于成计明万白水元都广利那农文通连容易终步别习师公查权红游盖益居边班车";
/// What stands behind a name.
const ENDS: [&str; 27] = [
    "担任", "为", "作为", "负责", "代表", "代为", "办理", "出任", "由", "随", "归", "与", "和",
    "及", "向", "在", "于", "以", "应", "将", "同意", "承诺", "保证", "的", "签", "系", "按",
];

/// 总监理工程师滕俊, 联系人：唐静, 指派郝建业为项目经理, 婚生子钟子墨由女方抚养
fn told(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    for lead in LEADS {
        for (at, _) in words.match_indices(lead) {
            let after = &words[at + lead.len()..];
            // 法定代表人（负责人）：…
            let after = match after.strip_prefix(['（', '(']) {
                Some(open) => {
                    let mut near = open.char_indices().take(9);
                    let close = near.find(|(_, c)| matches!(c, '）' | ')'));
                    close.map_or(after, |(i, c)| &open[i + c.len_utf8()..])
                }
                None => after,
            };
            let rest = after.trim_start_matches(['：', ':', ' ', '\u{3000}']);
            let colon = rest.len() < after.len();
            let rest = rest.strip_prefix(['为', '是', '系']).unwrap_or(rest);
            let mut start = words.len() - rest.len();
            // Several stand side by side: 受委托人：李明、许晴.
            for _ in 0..20 {
                let rest = &words[start..];
                let common = !colon && rest.starts_with(|c| WORDS.contains(c));
                let Some(end) = name_end(rest).filter(|_| !common) else {
                    break;
                };
                found.push((start..start + end, Private::Person));
                let Some(next) = rest[end..].strip_prefix('、') else {
                    break;
                };
                start = words.len() - next.len();
            }
        }
    }
    found
}

/// Where a name ends that words begin with.
fn name_end(rest: &str) -> Option<usize> {
    let ends: Vec<usize> = rest
        .char_indices()
        .take(4)
        .take_while(|(_, c)| is_han(*c) || *c == '·')
        .map(|(i, c)| i + c.len_utf8())
        .collect();
    let compound = COMPOUND.iter().any(|surname| rest.starts_with(surname));
    let order: &[usize] = if compound { &[3, 2] } else { &[2, 1] };
    order
        .iter()
        .filter_map(|at| ends.get(*at))
        .copied()
        .find(|end| {
            let after = &rest[*end..];
            let bound = !after.starts_with(is_han)
                || ENDS.iter().any(|word| after.starts_with(word))
                || after.starts_with("先生")
                || after.starts_with("女士");
            bound && is_person(&rest[..*end])
        })
}
