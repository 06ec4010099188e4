//! Short names: those a document defines, and those it uses without saying so.

use std::ops::Range;

use super::forms::{BODIES, FORMS};
use crate::suggest::{definition, is_han, is_organisation};

/// Most short names that one line defines.
const MOST: usize = 200;

/// Names and the short names that stand behind them: 某某公司（以下简称“远见”）, `Acme Ltd (“Acme”)`.
pub(super) fn defined(words: &str, all: &[Range<usize>]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let name_at = |end: usize| {
        let before = |range: &&Range<usize>| range.end <= end && end - range.end <= 200;
        let last = all
            .iter()
            .filter(before)
            .max_by_key(|range| (range.end, range.len()));
        last.map(|range| words[range.clone()].to_owned())
    };
    for (at, mark) in words.match_indices("简称").take(MOST) {
        let rest =
            words[at + mark.len()..].trim_start_matches(['为', '“', '"', '「', '‘', '：', ' ']);
        let end = rest
            .char_indices()
            .take(16)
            .find(|(_, c)| matches!(c, '”' | '"' | '」' | '’' | '）' | ')' | '，' | '或'));
        if let (Some((end, _)), Some(name)) = (end, name_at(at)) {
            found.push((name, rest[..end].to_owned()));
            // “甲方”或“远见”
            let more = rest[end..].trim_start_matches(['”', '"', '、', '或', '“', ' ', ',', '，']);
            if let Some((end, _)) = more
                .char_indices()
                .take(12)
                .find(|(_, c)| matches!(c, '”' | '"' | '」'))
                && let Some(name) = name_at(at)
            {
                found.push((name, more[..end].to_owned()));
            }
        }
    }
    for (open, _) in words.match_indices('(').take(MOST) {
        if let Some((_, close)) = definition(words, open)
            && let Some(name) = name_at(open)
        {
            let inner = &words[open..close];
            let quoted = inner.split(['“', '”', '"']).skip(1).step_by(2);
            found.extend(quoted.map(|short| (name.clone(), short.trim().to_owned())));
        }
    }
    found.retain(|(_, short)| (2..=40).contains(&short.chars().count()));
    found
}

/// Provinces and towns that names of companies begin with.
pub(super) const PLACES: [&str; 44] = [
    "北京",
    "上海",
    "天津",
    "重庆",
    "江苏",
    "浙江",
    "广东",
    "山东",
    "河南",
    "河北",
    "湖南",
    "湖北",
    "四川",
    "福建",
    "安徽",
    "江西",
    "陕西",
    "山西",
    "辽宁",
    "吉林",
    "黑龙江",
    "云南",
    "贵州",
    "甘肃",
    "海南",
    "青海",
    "南京",
    "苏州",
    "无锡",
    "常州",
    "杭州",
    "宁波",
    "深圳",
    "广州",
    "武汉",
    "长沙",
    "成都",
    "西安",
    "青岛",
    "厦门",
    "合肥",
    "郑州",
    "福州",
    "济南",
];

/// What companies do; a short name does not begin with it.
pub(super) const TRADES: [&str; 65] = [
    "科技",
    "技术",
    "信息",
    "网络",
    "软件",
    "计算机",
    "电子",
    "电气",
    "机械",
    "设备",
    "材料",
    "化工",
    "生物",
    "医药",
    "医疗",
    "食品",
    "餐饮",
    "酒店",
    "旅游",
    "文化",
    "传媒",
    "广告",
    "教育",
    "咨询",
    "管理",
    "投资",
    "资本",
    "基金",
    "证券",
    "保险",
    "银行",
    "金融",
    "融资",
    "租赁",
    "担保",
    "典当",
    "贸易",
    "进出口",
    "国际",
    "物流",
    "运输",
    "供应链",
    "置业",
    "房地产",
    "地产",
    "物业",
    "建设",
    "建筑",
    "工程",
    "装饰",
    "园林",
    "环保",
    "能源",
    "电力",
    "石油",
    "矿业",
    "钢铁",
    "汽车",
    "航空",
    "农业",
    "实业",
    "控股",
    "发展",
    "精密",
    "创业",
];

/// What a company is called for short without saying so: its name without its form, and without its town.
pub(super) fn shortened(name: &str) -> Vec<String> {
    let mut found = Vec::new();
    if name.chars().any(is_han) {
        let stem = BODIES.iter().find_map(|body| name.strip_suffix(body));
        let mut all: Vec<&str> = stem.into_iter().collect();
        // The town goes, then its district: 深圳前海云岭创业投资 is called 云岭创业投资 as well.
        for whole in [Some(name), stem].into_iter().flatten() {
            let town = PLACES.iter().find_map(|place| whole.strip_prefix(place));
            all.extend(town.map(|rest| rest.trim_start_matches(['市', '省'])));
        }
        for from in [2, 3, 4] {
            let rest = stem.and_then(|stem| stem.char_indices().nth(from).map(|(i, _)| &stem[i..]));
            all.extend(rest.filter(|rest| !TRADES.iter().any(|trade| rest.starts_with(trade))));
        }
        // 松江软件技术 is called 松江软件.
        let bare: Vec<&str> = all
            .iter()
            .filter_map(|short| TRADES.iter().find_map(|trade| short.strip_suffix(trade)))
            .filter(|short| !TRADES.contains(short))
            .collect();
        all.extend(bare);
        let long = all.into_iter().filter(|short| short.chars().count() >= 4);
        found.extend(long.map(str::to_owned));
    } else {
        let mut stem = name;
        while let Some((rest, last)) = stem.rsplit_once([' ', ',']) {
            let rest = rest.trim_end_matches([',', ' ']);
            if !(FORMS.contains(&last)
                || matches!(last, "Co." | "Co" | "CO." | "Pte." | "Pte" | "Pty."))
                || rest.is_empty()
            {
                break;
            }
            stem = rest;
        }
        // One common word alone is no name: `General`, `First`.
        let telling = stem.split_whitespace().count() >= 2 || stem.len() >= 5 && !is_common(stem);
        if stem.len() < name.len() && telling && !is_organisation(stem) {
            found.push(stem.to_owned());
        }
    }
    found
}

fn is_common(word: &str) -> bool {
    const COMMON: [&str; 24] = [
        "general",
        "first",
        "national",
        "international",
        "global",
        "united",
        "american",
        "standard",
        "capital",
        "trust",
        "holding",
        "holdings",
        "services",
        "systems",
        "solutions",
        "energy",
        "group",
        "partners",
        "investment",
        "public",
        "private",
        "technology",
        "company",
        "software",
    ];
    COMMON.contains(&word.to_lowercase().as_str())
}
