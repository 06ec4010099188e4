//! Names of persons: what a title, a card, a label or a verb stands beside.

use std::ops::Range;

use super::super::Private;
use super::forms::STARTS;
use crate::suggest::{definition, is_han, is_organisation, last_chars};

/// The persons in some words.
pub(super) fn persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = chinese_persons(words);
    found.extend(appointed(words));
    found.extend(english_persons(words));
    found.extend(labelled_persons(words));
    found.extend(defined_persons(words));
    found
}

const SURNAMES: &str = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄穆萧尹姚邵汪祁毛狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万柯管卢莫房解应宗丁宣邓郁单洪包诸左石崔吉龚程邢裴陆荣翁荀惠曲封靳焦侯全班仰秋仲伊宫宁仇栾甘厉祖武符刘景詹龙叶司黎薄印白蒲邰从鄂索赖卓蔺屠蒙池乔阴胥苍双闻党翟谭贡姬申扶堵冉宰郦桑桂牛寿通边燕冀浦尚农温别庄晏柴瞿阎慕连茹习宦艾鱼容向古易慎戈廖庾终居衡步都耿满弘匡国文寇广禄东欧沃利蔚越隆师巩聂晁勾敖融冷訾辛阚那简饶曾关相查荆红游权盖益桓公欧阳上官司马诸葛段覃岳佘涂牟尉晋楼敬仝占辜冼";

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
        && !name.contains(['方', '人', '司', '者', '的', '章', '签'])
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
    for mark in [
        "身份证",
        "公民身份",
        "护照",
        "男，",
        "女，",
        "，男",
        "，女",
        "先生",
        "女士",
        "（身份",
    ] {
        for (at, _) in words.match_indices(mark) {
            match mark {
                "身份证" | "公民身份" | "护照" => {
                    if let Some(open) = words[..at].strip_suffix(['（', '(', '，', ',', ' ']) {
                        before(open.len());
                    }
                }
                "男，" | "女，" => {
                    if let Some(head) = words[..at].strip_suffix(['，', ',', '（']) {
                        before(head.len());
                    }
                }
                _ => before(at),
            }
        }
    }
    found
}

/// 指派郝建业为项目经理, 婚生子钟子墨由女方抚养
fn appointed(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    let leads = [
        "指派",
        "委派",
        "任命",
        "选派",
        "授权",
        "委托",
        "聘请",
        "推举",
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
        "配偶",
        "被继承人",
    ];
    for lead in leads {
        for (at, _) in words.match_indices(lead) {
            let start = at + lead.len();
            let rest = &words[start..];
            let ends = [
                "担任", "为", "作为", "负责", "代表", "代为", "办理", "出任", "由", "随", "归",
                "与", "和", "（", "(", "，", "、", "。", "的",
            ];
            let end = rest
                .char_indices()
                .skip(2)
                .take(3)
                .find(|(i, _)| ends.iter().any(|word| rest[*i..].starts_with(word)))
                .map(|(i, _)| i);
            if let Some(end) = end
                && is_person(&rest[..end])
            {
                found.push((start..start + end, Private::Person));
            }
        }
    }
    found
}

/// `Mr. John Smith`, `Dr Jane Doe`
fn english_persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    for title in ["Mr. ", "Ms. ", "Mrs. ", "Dr. ", "Mr ", "Ms ", "Mrs ", "Dr "] {
        for (at, _) in words.match_indices(title) {
            if words[..at].ends_with(|c: char| c.is_alphanumeric()) {
                continue;
            }
            let start = at + title.len();
            let mut end = start;
            for word in words[start..].split(' ').take(4) {
                let bare = word.trim_end_matches([',', ';', ')', '.', '”']);
                let bare = bare
                    .strip_suffix("’s")
                    .or_else(|| bare.strip_suffix("'s"))
                    .unwrap_or(bare);
                let name = bare.chars().next().is_some_and(char::is_uppercase)
                    && bare
                        .chars()
                        .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''));
                let initial = word.len() == 2 && word.ends_with('.');
                if !name {
                    break;
                }
                let from = word.as_ptr() as usize - words.as_ptr() as usize;
                end = from + if initial { 2 } else { bare.len() };
                if bare.len() < word.len() && !initial {
                    break;
                }
            }
            if end > start {
                found.push((start..end, Private::Person));
            }
        }
    }
    found
}

/// Words that a label of a person ends with.
const OF_PERSONS: [&str; 34] = [
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
    "股东",
    "姓名",
    "律师",
    "经理",
    "contact",
    "attention",
    "attn",
    "guarantor",
    "by",
    "name",
    "representative",
    "manager",
    "director",
    "witness",
    "signatory",
    "borrower",
    "lender",
    "employee",
    "consultant",
    "contractor",
    "tenant",
    "landlord",
    "trustee",
];

/// 委派代表：欧阳婧, `Emergency contact: Dana Meyers`
fn labelled_persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    for (at, sign) in words
        .char_indices()
        .filter(|(_, c)| matches!(c, '：' | ':'))
    {
        let near = last_chars(words[..at].trim_end(), 40).to_lowercase();
        let label = near
            .strip_suffix(['）', ')'])
            .map_or(near.as_str(), |open| {
                open.rfind(['（', '('])
                    .map_or(open, |at| open[..at].trim_end())
            });
        let ends = |word: &str| {
            let own =
                |rest: &str| !word.is_ascii() || !rest.ends_with(|c: char| c.is_ascii_alphabetic());
            label.strip_suffix(word).is_some_and(own)
        };
        if !OF_PERSONS.iter().any(|word| ends(word)) {
            continue;
        }
        let from = at + sign.len_utf8();
        let rest = words[from..].trim_start_matches([' ', '\u{3000}', '\u{a0}']);
        let start = words.len() - rest.len();
        let han = rest
            .find(|c: char| !is_han(c) && c != '·')
            .unwrap_or(rest.len());
        if han > 0 {
            let name = rest[..han]
                .trim_end_matches("先生")
                .trim_end_matches("女士");
            if is_person(name) {
                found.push((start..start + name.len(), Private::Person));
            }
            continue;
        }
        let end = rest
            .find([',', ';', '(', '\n', '\t', '|', ':', '[', '_', '.'])
            .unwrap_or(rest.len());
        let name = rest[..end].trim_end();
        let parts: Vec<&str> = name.split(' ').collect();
        if (2..=4).contains(&parts.len())
            && parts.iter().all(|part| is_given(part))
            && !is_organisation(name)
        {
            found.push((start..start + name.len(), Private::Person));
        }
    }
    found
}

/// Whether a word can be a part of a person’s name.
fn is_given(word: &str) -> bool {
    const NOT: [&str; 10] = [
        "Signature",
        "Title",
        "Date",
        "Name",
        "Customer",
        "Provider",
        "Legal",
        "General",
        "Chief",
        "Department",
    ];
    word.starts_with(char::is_uppercase)
        && word
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, '-' | '’' | '\''))
        && !STARTS.contains(&word)
        && !NOT.contains(&word)
}

/// `between Margaret Ellsworth of 12 Heron Close, Norwich (the “Seller”)`
fn defined_persons(words: &str) -> Vec<(Range<usize>, Private)> {
    let mut found = Vec::new();
    let mut from = 0;
    for (open, _) in words.match_indices('(') {
        let Some((_, close)) = definition(words, open).filter(|_| open >= from) else {
            continue;
        };
        let segment = last_chars(&words[from..open], 300);
        let segment = segment
            .rfind("between ")
            .map_or(segment, |at| &segment[at + "between ".len()..]);
        let segment = segment.trim_start_matches([' ', ',', ';', ':', '.', '\n']);
        let segment = segment.strip_prefix("and ").unwrap_or(segment);
        from = close;
        let start = segment.as_ptr() as usize - words.as_ptr() as usize;
        let mut end = start;
        let mut count = 0;
        for word in segment.split(' ').take(5) {
            let bare = word.trim_end_matches([',', ';']);
            let initial = word.len() == 2 && word.ends_with('.') && count > 0;
            if !is_given(bare) && !initial {
                break;
            }
            count += 1;
            end = word.as_ptr() as usize - words.as_ptr() as usize + bare.len();
            if bare.len() < word.len() {
                break;
            }
        }
        let after = &words[end..open];
        let follows = after.trim().is_empty()
            || [",", " of ", " residing", " an individual"]
                .iter()
                .any(|word| after.starts_with(word));
        if (2..=4).contains(&count) && follows && !is_organisation(&words[start..end]) {
            found.push((start..end, Private::Person));
        }
    }
    found
}
