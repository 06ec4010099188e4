//! Names that are known by their form alone: what ends as companies do; persons stand in files of their own.

use std::ops::Range;

use super::chinese;
use super::short::{PLACES, TRADES};
use crate::suggest::is_han;

/// The companies in some words, in order, none within another.
pub(super) fn companies(words: &str) -> Vec<Range<usize>> {
    let mut found = chinese_companies(words);
    found.extend(english_companies(words));
    found.sort_unstable_by_key(|range| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|range| {
        let apart = range.start >= end;
        end = end.max(range.end);
        apart
    });
    found
}

/// Endings of the names of Chinese organisations that are not of the state; the longer before what they end with.
pub(super) const BODIES: [&str; 17] = [
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "分公司",
    "合伙企业（有限合伙）",
    "合伙企业(有限合伙)",
    "合伙企业",
    "中心（有限合伙）",
    "中心(有限合伙)",
    "律师事务所",
    "会计师事务所",
    "事务所",
    "支行",
    "分行",
    "经营部",
    "工作室",
    "集团",
];
/// Characters that stand before a name, none inside one.
const SIGNS: &str = "，。；：、（）()“”\"'\n\t :;,《》〈〉【】[]|/\u{3000}\u{a0}";
/// Words that a sentence about companies has, and none of their names.
const NO_NAMES: [&str; 25] = [
    "其他",
    "任何",
    "某一",
    "全资",
    "控股子",
    "参股",
    "本",
    "该",
    "目标",
    "双方",
    "上述",
    "前述",
    "一家",
    "两家",
    "注册",
    "关联",
    "各",
    "母",
    "项目公司",
    "所在",
    "如果",
    "变更为",
    "依法",
    "指定",
    "系",
];

/// Words of a sentence that stand before a name and in none.
const SAID: [&str; 30] = [
    "可以",
    "应当",
    "不得",
    "委托",
    "聘请",
    "自费",
    "必须",
    "有权",
    "需要",
    "负责",
    "同意",
    "选择",
    "共同",
    "或者",
    "以及",
    "并且",
    "设立",
    "成立",
    "出资",
    "起诉",
    "担任",
    "获知",
    "引发",
    "针对",
    "最终",
    "控股股东",
    "子公司",
    "母公司",
    "收购",
    "告知",
];

fn chinese_companies(words: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let ends = BODIES.iter().flat_map(|body| {
        words
            .match_indices(body)
            .map(|(at, body)| (at, at + body.len()))
    });
    let mut ends: Vec<(usize, usize)> = ends.collect();
    ends.sort_unstable_by_key(|(at, end)| (*end, *at));
    for (at, end) in ends {
        // 某某公司南京分公司 is one name.
        let open = |c: char| matches!(c, '（' | '(');
        let mut start = at;
        let mut depth = 0;
        for (i, c) in words[..at].char_indices().rev().take(40) {
            match c {
                '）' | ')' => depth += 1,
                c if open(c) && depth > 0 => depth -= 1,
                c if SIGNS.contains(c) => break,
                _ => {}
            }
            start = i;
        }
        start = behind_joins(words, start, at);
        for said in SAID {
            let end = words[start..at].rfind(said).map(|i| start + i + said.len());
            start = end.unwrap_or(start);
        }
        let stem = &words[start..at];
        let count = stem.chars().count();
        let fits = (2..=30).contains(&count)
            && stem
                .chars()
                .all(|c| is_han(c) || c.is_ascii_alphanumeric() || "（）()·&-".contains(c))
            && !["会计师", "律师", "税务师", "评估师"].contains(&stem)
            && !NO_NAMES
                .iter()
                .any(|word| stem.starts_with(word) || stem.ends_with(word));
        if !fits {
            continue;
        }
        if let Some(last) = found.last_mut()
            && last.start <= start
            && start < last.end
        {
            last.end = last.end.max(end);
            continue;
        }
        found.push(start..end);
    }
    found
}

/// Where a name begins behind what joins it to the words before: 由某某公司, 甲方为某某公司.
fn behind_joins(words: &str, start: usize, end: usize) -> usize {
    let mut from = start;
    for (i, c) in words[start..end].char_indices() {
        let after = start + i + c.len_utf8();
        let rest = &words[after..end];
        let joins = matches!(
            c,
            '由' | '与'
                | '和'
                | '及'
                | '向'
                | '为'
                | '系'
                | '是'
                | '在'
                | '经'
                | '对'
                | '将'
                | '至'
                | '或'
                | '即'
                | '给'
                | '委'
                | '请'
                | '托'
                | '的'
                | '指'
                | '于'
                | '从'
                | '持'
                | '受'
        );
        // 和平, 向阳 and the like begin names.
        let inside = [
            "和平", "和信", "和谐", "向阳", "为民", "经纬", "经济", "及时", "将军", "至诚", "中和",
            "对外", "在线", "对接",
        ]
        .iter()
        .any(|word| words[start + i..].starts_with(word) || words[..after].ends_with(word));
        let one = c == '和' && !joins_names(&words[from..start + i], rest);
        if joins && !inside && !one && rest.chars().count() >= 2 {
            from = after;
        }
    }
    for side in [
        "甲方",
        "乙方",
        "丙方",
        "出租人",
        "承租人",
        "买受人",
        "出卖人",
        "债务人",
        "保证人",
        "开户行",
        "开户银行",
        "户名",
        "收款人",
        "名称",
    ] {
        if words[from..end].starts_with(side) && end > from + side.len() {
            from += side.len();
        }
    }
    from
}

/// Whether 和 stands between two names and in none: 甲方和远见置业, but 广和电子, 南京祥和物流.
fn joins_names(before: &str, rest: &str) -> bool {
    let place = |words: &str| {
        PLACES
            .iter()
            .find(|place| words.starts_with(**place))
            .map(|place| place.len())
    };
    // No name begins with its trade, or with one character before it.
    let brand = rest
        .char_indices()
        .find(|(at, _)| TRADES.iter().any(|trade| rest[*at..].starts_with(trade)));
    if brand.is_some_and(|(at, _)| rest[..at].chars().count() < 2) {
        return false;
    }
    let parts = [
        "方", "人", "者", "公司", "企业", "单位", "集团", "行", "所", "部", "局", "院", "会",
        "中心", "厂", "店",
    ];
    let brand = &before[place(before).unwrap_or(0)..];
    before.is_empty()
        || place(rest).is_some()
        || parts.iter().any(|end| before.ends_with(end))
        || brand.len() == before.len() && chinese::is_person(before)
        || brand.chars().count() > 4
}

pub(super) const FORMS: [&str; 39] = [
    "P.C.",
    "PC",
    "PLLC",
    "P.A.",
    "P.L.L.C.",
    "Pte.",
    "Bank",
    "BANK",
    "PLC.",
    "LTD.",
    "LTD",
    "Ltd",
    "Ltd.",
    "Limited",
    "LLC",
    "L.L.C.",
    "LLP",
    "L.L.P.",
    "LP",
    "L.P.",
    "Inc",
    "Inc.",
    "Incorporated",
    "Corp",
    "Corp.",
    "Corporation",
    "PLC",
    "plc",
    "GmbH",
    "AG",
    "S.A.",
    "B.V.",
    "N.V.",
    "S.r.l.",
    "Pty",
    "Company",
    "LIMITED",
    "INC.",
    "CORPORATION",
];
/// Words that a sentence begins with, and no name of a company.
pub(super) const STARTS: [&str; 22] = [
    "The", "This", "That", "Each", "Any", "All", "An", "A", "If", "In", "By", "For", "To", "With",
    "Between", "Party", "Such", "No", "Either", "And", "Of", "Target",
];

/// Capitalised words that end with the form of a company.
fn english_companies(words: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut run: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    let mut comma = false;
    for part in words.split([' ', '\u{a0}', '\n', '\t', '|']) {
        let range = at..at + part.len();
        at += part.len() + words[range.end..].chars().next().map_or(0, char::len_utf8);
        let opened = part.trim_start_matches(['(', '“', '"', '‘', '[']);
        let start = range.end - opened.len();
        let bare = opened.trim_end_matches([',', ';', ':', ')', '”', '"', '’', ']']);
        let bare = bare
            .strip_suffix("’s")
            .or_else(|| bare.strip_suffix("'s"))
            .unwrap_or(bare);
        let form = [bare, bare.trim_end_matches('.')]
            .into_iter()
            .find(|word| FORMS.contains(word));
        // A comma parts a list; only the form of a company goes on behind it.
        if start > range.start || (comma && form.is_none()) {
            run.clear();
        }
        comma = opened[bare.len()..].contains(',');
        // `Fenland Brewing Company Limited` has two forms.
        if let Some(form) = form
            && let Some(last) = found.last_mut()
            && run.is_empty()
            && words[last.end..start]
                .chars()
                .all(|c| matches!(c, ' ' | ',' | '.'))
            && start - last.end <= 3
        {
            last.end = start + form.len();
            continue;
        }
        let body = BODIES_EN.contains(&bare)
            && run.len() >= 2
            && !run.iter().any(|word| is_public(&words[word.clone()]));
        if body
            && let Some(first) = run
                .iter()
                .find(|first| !STARTS.contains(&&words[(*first).clone()]))
        {
            found.push(first.start..start + bare.len());
            run.clear();
            continue;
        }
        let capital = bare.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
        let joins = matches!(bare, "&" | "and" | "of") && !run.is_empty();
        if let Some(form) = form
            && let Some(first) = run
                .iter()
                .find(|first| !STARTS.contains(&words[(*first).clone()].trim_end_matches(',')))
        {
            let name = first.start..start + form.len();
            // `Limited Company` alone is a form, not a name.
            let words_before = words[name.start..start].trim();
            // `Certification of Company Property`: a common word needs names before it, and no more words behind it.
            let after = &words[start + form.len()..];
            let rest = after.trim_start_matches(' ');
            let goes_on = rest.len() < after.len()
                && rest.starts_with(char::is_uppercase)
                && !FORMS.iter().any(|form| rest.starts_with(form));
            let names = words_before.split_whitespace().count() >= 2
                && ![" of", " and"]
                    .iter()
                    .any(|word| words_before.ends_with(word))
                && !goes_on;
            let common = matches!(form, "Company" | "Bank");
            if (names || !common) && !FORMS.contains(&words_before) {
                found.push(name);
            }
            // `Acme Co., Ltd.` goes on behind the comma.
            run.clear();
            continue;
        }
        let ends = bare.len() < opened.len() && !opened[bare.len()..].starts_with(',');
        let stops = bare.ends_with('.')
            && bare.len() > 3
            && !matches!(bare, "Bros." | "Pte." | "Pty." | "Messrs.");
        match capital || joins {
            true => run.push(start..start + bare.len()),
            false => run.clear(),
        }
        if ends || stops {
            run.clear();
        }
    }
    found
}

/// What English names of organisations end with behind two words of their own.
const BODIES_EN: [&str; 8] = [
    "Union",
    "University",
    "Foundation",
    "Institute",
    "College",
    "Hospital",
    "Cooperative",
    "Society",
];

/// Whether a word makes a body one that everybody may name: the American Arbitration Association.
fn is_public(word: &str) -> bool {
    matches!(
        word,
        "Arbitration"
            | "Bar"
            | "Standards"
            | "Dealers"
            | "Swaps"
            | "Law"
            | "Labor"
            | "Labour"
            | "Trade"
            | "European"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[&str]) {
        let found: Vec<&str> = companies(words)
            .into_iter()
            .map(|range| &words[range])
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn what_joins_two_names_may_be_in_one_as_well() {
        check("甲方和远见置业有限公司", &["远见置业有限公司"]);
        check("王伟和远见置业有限公司签约", &["远见置业有限公司"]);
        check("苏州恒川和南京远见置业有限公司", &["南京远见置业有限公司"]);
        check("房屋由广和电子有限公司承租", &["广和电子有限公司"]);
        check(
            "上海祥和物流有限公司与和泰贸易有限公司",
            &["上海祥和物流有限公司", "和泰贸易有限公司"],
        );
        check(
            "丰和置业有限公司和恒和祥商行有限公司",
            &["丰和置业有限公司", "恒和祥商行有限公司"],
        );
    }
}
