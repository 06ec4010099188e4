//! The names of the parties of a contract: where they are introduced and what they are called there.

use std::ops::Range;

use super::label::{SIDES, clean, last_chars, side};
use super::name::known_start;

/// A party where the text introduces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Introduced {
    /// Where its full name stands, in the words searched.
    pub name: Range<usize>,
    /// What it is called: 甲方, Seller, 目标公司.
    pub label: String,
    /// Words in which details without a side are this party's.
    pub reach: Range<usize>,
    /// The lines that follow are about it.
    pub lasting: bool,
}

/// Most parties that one line introduces.
const MOST: usize = 40;
/// Longest name, in characters.
const LONGEST_NAME: usize = 60;

/// The parties that some words introduce: 甲方：某某公司, 某某公司（以下简称“甲方”）, `Acme Ltd (the “Seller”)`. `lead` is a
/// label that stands elsewhere, in the cell to the left.
pub(super) fn introduced(words: &str, lead: Option<&str>) -> Vec<Introduced> {
    let mut found: Vec<Introduced> = Vec::new();
    found.extend(match lead {
        Some(label) => after_label(words, label, 0),
        None => labelled(words),
    });
    for party in chinese(words).into_iter().chain(english(words)).take(MOST) {
        let free = |other: &Introduced| {
            other.name.end <= party.name.start || party.name.end <= other.name.start
        };
        if found.iter().all(free) {
            found.push(party);
        } else if found.len() == 1 {
            // 甲方：某某公司（以下简称“远见”）: the label before the colon names it.
            found[0].reach.end = found[0].reach.end.max(party.reach.end);
        }
    }
    found
}

/// The label of a side of the contract, also 第二被告 and 共同借款人.
fn side_label(words: &str) -> Option<String> {
    // 答辩人（被告）：either word may be the side.
    let label = clean(words)?;
    let label = if label.chars().any(is_han) {
        label.replace([' ', '\u{3000}', '\u{a0}'], "")
    } else {
        label
    };
    let ends = SIDES.iter().any(|(side, _)| {
        !side.is_ascii() && label.ends_with(side) && label.len() <= side.len() + 9
    });
    (ends || (side(&label).is_some() && !label.to_lowercase().ends_with("name"))).then_some(label)
}

/// 甲方（出租人）：某某公司
fn labelled(words: &str) -> Option<Introduced> {
    let head = words
        .char_indices()
        .take(30)
        .find(|(_, c)| matches!(c, '：' | ':'));
    let (colon, sign) = head?;
    after_label(words, &words[..colon], colon + sign.len_utf8())
}

fn after_label(words: &str, label: &str, from: usize) -> Option<Introduced> {
    let label = side_label(label)?;
    let rest = &words[from..];
    let start = words.len() - rest.trim_start().len();
    let rest = words[start..].trim_end();
    let limit = rest
        .char_indices()
        .nth(LONGEST_NAME + 1)
        .map_or(rest.len(), |(i, _)| i);
    let cut = rest[..limit]
        .char_indices()
        .find(|(i, c)| {
            matches!(
                c,
                '，' | '。' | '；' | '（' | '(' | '\t' | '\u{3000}' | ';' | '\n'
            ) || (*c == ' ' && rest[i + 1..].starts_with(' '))
                || (*c == ',' && !is_form(rest[i + 1..].trim_start()))
        })
        .map_or(limit, |(i, _)| i);
    let name = rest[..cut].trim_end();
    let whole = name.len() == rest.len();
    (is_name(name, whole) && known_start(name).is_none()).then(|| Introduced {
        name: start..start + name.len(),
        label,
        reach: 0..words.len(),
        lasting: true,
    })
}

/// Whether words after a label are the name of a person or company. `whole`: nothing stands behind them.
fn is_name(name: &str, whole: bool) -> bool {
    let count = name.chars().count();
    if !(2..=LONGEST_NAME).contains(&count)
        || name.contains([
            '_', '＿', '【', '】', '[', ']', '{', '}', '●', '…', '：', ':', '“', '”',
        ])
        || side(name).is_some()
    {
        return false;
    }
    if is_organisation(name) {
        return true;
    }
    if name.is_ascii() {
        return whole && is_capitalised(name, 2..=5);
    }
    let han = name.chars().all(|c| is_han(c) || c == '·');
    let verbs = [
        "应", "须", "不得", "可以", "按照", "根据", "同意", "盖章", "签字", "签名", "如下", "信息",
    ];
    han && !verbs.iter().any(|verb| name.contains(verb)) && (count <= 4 || (whole && count <= 30))
}

pub(crate) fn is_han(c: char) -> bool {
    ('\u{4e00}'..='\u{9fff}').contains(&c) || ('\u{3400}'..='\u{4dbf}').contains(&c)
}

const BODIES: [&str; 33] = [
    "公司",
    "企业",
    "合伙）",
    "合伙)",
    "中心",
    "工厂",
    "医院",
    "学院",
    "大学",
    "学校",
    "研究院",
    "研究所",
    "银行",
    "支行",
    "分行",
    "集团",
    "事务所",
    "委员会",
    "合作社",
    "协会",
    "基金会",
    "人民政府",
    "管理局",
    "分局",
    "商行",
    "经营部",
    "酒店",
    "门诊部",
    "俱乐部",
    "出版社",
    "报社",
    "联合社",
    "工作室",
];
const FORMS: [&str; 38] = [
    "ltd",
    "ltd.",
    "limited",
    "llc",
    "l.l.c.",
    "llp",
    "l.l.p.",
    "lp",
    "l.p.",
    "inc",
    "inc.",
    "incorporated",
    "corp",
    "corp.",
    "corporation",
    "plc",
    "p.l.c.",
    "gmbh",
    "ag",
    "s.a.",
    "sa",
    "b.v.",
    "bv",
    "n.v.",
    "s.a.r.l.",
    "s.r.l.",
    "s.p.a.",
    "oy",
    "ab",
    "pty",
    "n.a.",
    "co.",
    "company",
    "bank",
    "university",
    "foundation",
    "trust",
    "association",
];

/// Whether a name ends as the names of organisations do.
pub(crate) fn is_organisation(name: &str) -> bool {
    if BODIES.iter().any(|body| name.ends_with(body)) {
        return name.chars().count() >= 4;
    }
    let mut words = name.rsplit([' ', ',']).filter(|word| !word.is_empty());
    let last = words.next().unwrap_or("").to_lowercase();
    FORMS.contains(&last.as_str())
        && words.next().is_some()
        && name.starts_with(|c: char| c.is_ascii_uppercase() || c.is_ascii_digit())
}

/// Whether some words begin with the form of a company: `Inc., a Delaware corporation`.
fn is_form(words: &str) -> bool {
    let end = words.find([' ', ',', '(', '\n']).unwrap_or(words.len());
    let word = words[..end].to_lowercase();
    FORMS[..32].contains(&word.as_str())
}

fn is_capitalised(name: &str, count: std::ops::RangeInclusive<usize>) -> bool {
    const NO_NAMES: [&str; 24] = [
        "the",
        "this",
        "that",
        "each",
        "any",
        "all",
        "such",
        "agreement",
        "date",
        "party",
        "parties",
        "section",
        "schedule",
        "exhibit",
        "means",
        "either",
        "its",
        "signature",
        "name",
        "title",
        "no",
        "none",
        "address",
        "email",
    ];
    let words: Vec<&str> = name.split_whitespace().collect();
    count.contains(&words.len())
        && words.iter().all(|word| {
            let first = word.chars().next().unwrap_or(' ');
            (first.is_uppercase() || matches!(*word, "&" | "of" | "and" | "de" | "van" | "von"))
                && !word.contains(|c: char| c.is_ascii_digit() || matches!(c, '§' | '@' | '/'))
                && !NO_NAMES.contains(&word.to_lowercase().as_str())
        })
}

/// 某某公司（统一社会信用代码：…，以下简称“目标公司”）
fn chinese(words: &str) -> Vec<Introduced> {
    let mut found = Vec::new();
    for (at, mark) in words.match_indices("简称") {
        let before = last_chars(&words[..at], 120);
        let Some(open) = before.rfind(['（', '(']).map(|n| at - before.len() + n) else {
            continue;
        };
        let after = &words[at + mark.len()..];
        let after = after.trim_start_matches(['为', '“', '"', '「', '‘', '：', ':', ' ']);
        let Some((len, _)) = after
            .char_indices()
            .take(16)
            .find(|(_, c)| matches!(c, '”' | '"' | '」' | '’' | '）' | ')' | '，'))
        else {
            continue;
        };
        let label = after[..len].trim();
        let end = words.len() - after.len() + len;
        let name = name_before(words, open);
        if !label.is_empty()
            && is_organisation(&words[name.clone()])
            && words[name.clone()] != *label
        {
            found.push(Introduced {
                reach: name.start..end,
                name,
                label: label.to_owned(),
                lasting: false,
            });
        }
    }
    found
}

/// The words of a name that ends at `end`.
fn name_before(words: &str, end: usize) -> Range<usize> {
    let before = last_chars(words[..end].trim_end(), 40);
    let stop = words[..end].trim_end().len();
    let signs = "，。；：、（）()“”\"\n\t\u{3000}:;,《》";
    let cut = before
        .char_indices()
        .rfind(|(_, c)| signs.contains(*c))
        .map_or(0, |(i, c)| i + c.len_utf8());
    let mut start = stop - before.len() + cut;
    // 乙方自愿为某某公司: a sentence that begins with a side says something of the name.
    let sentence = &words[start..stop];
    if SIDES
        .iter()
        .any(|(side, _)| !side.is_ascii() && sentence.starts_with(side))
        && let Some((i, c)) = sentence
            .char_indices()
            .take(12)
            .filter(|(_, c)| matches!(c, '是' | '为' | '系' | '与' | '和' | '由' | '向' | '对'))
            .last()
        && is_organisation(&sentence[i + c.len_utf8()..])
    {
        return start + i + c.len_utf8()..stop;
    }
    // 甲方是某某公司; 一公司与另一公司: what joins two names stands after a side or a name.
    for (i, c) in words[start..stop].char_indices() {
        let head = &words[start..start + i];
        let after_name = match head {
            "" => words[..start].ends_with(['）', ')']),
            "本合同" | "本协议" => true,
            head => SIDES.iter().any(|(side, _)| head.ends_with(side)) || is_organisation(head),
        };
        let joins = matches!(c, '是' | '为' | '系' | '与' | '和' | '由' | '向') && after_name;
        if joins {
            start += i + c.len_utf8();
            break;
        }
    }
    start..stop
}

/// `Acme Ltd, a company incorporated in … (the “Seller”)`
fn english(words: &str) -> Vec<Introduced> {
    let mut found: Vec<Introduced> = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(open) = words[at..].find('(').map(|n| at + n) {
        at = open + 1;
        let Some((label, close)) = definition(words, open) else {
            continue;
        };
        let segment = last_chars(&words[from..open], 600);
        let mut start = open - segment.len();
        let low = segment.to_ascii_lowercase();
        if let Some(between) = low.rfind("between ").or_else(|| low.rfind("between:")) {
            start += between + "between ".len();
        }
        let reach_from = from;
        from = close;
        at = close;
        if let Some(name) = leading_name(words, start, open)
            && (is_organisation(&words[name.clone()])
                || (side(&label).is_some() && is_capitalised(&words[name.clone()], 2..=5)))
            && words[name.clone()] != *label
        {
            found.push(Introduced {
                reach: name.start.max(reach_from)..close,
                name,
                label,
                lasting: false,
            });
        }
    }
    if found.is_empty()
        && let Some(party) = unnamed(words)
    {
        found.push(party);
    }
    found
}

/// `Acme Ltd, a company incorporated in …` at the start of a paragraph, without a short name.
fn unnamed(words: &str) -> Option<Introduced> {
    let limit = words.char_indices().nth(200);
    let end = limit.map_or(words.len(), |(i, _)| i);
    let name = leading_name(words, 0, end)?;
    let after = &words[name.end..];
    let introduces = [
        ", a company",
        ", a corporation",
        ", a limited",
        ", incorporated in",
    ]
    .iter()
    .any(|mark| after.starts_with(mark));
    (introduces && is_organisation(&words[name.clone()])).then(|| Introduced {
        name,
        label: "Party".to_owned(),
        reach: 0..words.len(),
        lasting: false,
    })
}

/// The words defined in parentheses that open at `open`, and where they close: `(the “Seller”)`, `("Seller")`.
pub(crate) fn definition(words: &str, open: usize) -> Option<(String, usize)> {
    let rest = words.get(open + 1..)?;
    let limit = rest.char_indices().nth(100).map_or(rest.len(), |(i, _)| i);
    let close = rest[..limit].find(')')?;
    let inner = &rest[..close];
    let quoted = inner.find(['“', '"'])?;
    let label = inner[quoted..].trim_start_matches(['“', '"']);
    let label = &label[..label.find(['”', '"'])?];
    let head = inner[..quoted].trim().to_lowercase();
    let introduces = [
        "",
        "the",
        "each",
        "hereinafter",
        "hereafter",
        "referred",
        "this",
        "collectively",
    ]
    .iter()
    .any(|word| head == *word || (!word.is_empty() && head.starts_with(word)));
    let label = label.trim().trim_end_matches([',', '.']);
    let fits = label.chars().next().is_some_and(char::is_uppercase) && label.chars().count() <= 40;
    (introduces && fits).then(|| (label.to_owned(), open + 1 + close + 1))
}

/// The name that a clause about a party begins with.
fn leading_name(words: &str, start: usize, end: usize) -> Option<Range<usize>> {
    let mut from = start;
    loop {
        let rest = &words[from..end];
        let trimmed = rest.trim_start_matches([' ', ',', ';', ':', '\n', '\t', '.', '\u{a0}']);
        from = end - trimmed.len();
        let next = trimmed
            .strip_prefix("and ")
            .or_else(|| trimmed.strip_prefix("AND "))
            .or_else(|| {
                let (number, rest) = trimmed.strip_prefix('(')?.split_once(')')?;
                (number.len() <= 4).then_some(rest)
            });
        match next {
            Some(rest) => from = end - rest.len(),
            None => break,
        }
    }
    let rest = &words[from..end];
    let mut cut = rest.len();
    for (i, _) in rest.match_indices(',') {
        if !is_form(rest[i + 1..].trim_start()) {
            cut = i;
            break;
        }
    }
    for mark in [
        " a company",
        " incorporated ",
        " whose ",
        " with ",
        " located ",
        " residing ",
        " having ",
        " (",
        " is a ",
        " a corporation",
    ] {
        cut = rest[..cut].find(mark).unwrap_or(cut);
    }
    let name = rest[..cut].trim_end_matches([' ', ',']);
    let first = name.chars().next()?;
    let short = name.chars().count() <= LONGEST_NAME && name.split_whitespace().count() <= 8;
    let words_fit = name.split_whitespace().all(|w| {
        w.starts_with(|c: char| !c.is_lowercase())
            || matches!(w, "of" | "and" | "the" | "de" | "for")
    });
    let starts = !["The ", "This ", "Each ", "Any ", "If ", "In ", "All "]
        .iter()
        .any(|word| name.starts_with(word))
        || is_organisation(name);
    (first.is_ascii_uppercase() && short && words_fit && starts).then(|| from..from + name.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[(&str, &str)]) {
        let found = introduced(words, None);
        let found: Vec<_> = found
            .iter()
            .map(|p| (&words[p.name.clone()], p.label.as_str()))
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn parties_are_introduced_in_many_ways() {
        check(
            "甲方（出租人）：南京远见置业有限公司",
            &[("南京远见置业有限公司", "甲方")],
        );
        check("原告：张三，男，1980年1月1日出生", &[("张三", "原告")]);
        check("第二被告：李四，男", &[("李四", "第二被告")]);
        check(
            "甲方：南京远见置业有限公司（以下简称“远见”）",
            &[("南京远见置业有限公司", "甲方")],
        );
        check(
            "甲方是无锡锐科软件有限公司（统一社会信用代码：91，以下简称“目标公司”）的股东",
            &[("无锡锐科软件有限公司", "目标公司")],
        );
        check(
            "本合同由华为技术有限公司（以下简称甲方）与上海某某中心（以下简称乙方）签订",
            &[("华为技术有限公司", "甲方"), ("上海某某中心", "乙方")],
        );
        check(
            "This agreement is between Acme, Inc., a Delaware corporation (“Company”), and Jane Mary Doe (the \"Employee\").",
            &[("Acme, Inc.", "Company"), ("Jane Mary Doe", "Employee")],
        );
        check(
            "Severn Capital Limited, a company incorporated in England and Wales with company number 05519043 (the “Lender”); and",
            &[("Severn Capital Limited", "Lender")],
        );
        check("Seller: Acme Ltd", &[("Acme Ltd", "Seller")]);
    }

    #[test]
    fn what_is_no_name_introduces_nobody() {
        for words in [
            "甲方：地址江苏省南京市",
            "甲方：应当按时付款",
            "甲方：",
            "甲方（盖章）：____",
            "买受人：买受人",
            "注意事项：甲方",
            "《合同》（以下简称“本合同”）",
            "The Seller shall deliver the goods (the “Goods”).",
            "Seller shall pay all taxes (“Taxes”) and Buyer (the “Buyer”) too",
            "Provider: means a company",
            "The Company: [Name]",
            "Employee Name: Title Date",
        ] {
            check(words, &[]);
        }
    }
}
