//! Typed-in references to this document's own clauses and schedules.
//!
//! References to statutes (《民法典》第五百八十六条, section 2 of the Act) and to other contracts are left out.

use super::numeral;
use super::passage::Passage;
use crate::scan::{
    after, before, has_any, head, is_space, places, run, sentence_start, skip_spaces, tail,
};
use std::ops::Range;

/// What a reference points at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A clause by its decimal path, with any bracketed parts after it: 3.2(a) is `[3, 2]` and `(a)`.
    Clause { path: Vec<u64>, parts: Vec<String> },
    /// 第三条第二款第（一）项: the article, and the paragraph and item where said.
    Article {
        article: u64,
        paragraph: Option<u64>,
        item: Option<u64>,
    },
    /// Schedule 2, 附件二.
    Schedule(u64),
}

/// A typed-in reference.
#[derive(Debug, Clone)]
pub(crate) struct Mention {
    /// Index of its passage.
    pub(crate) passage: usize,
    /// The part that a live reference would replace: 第三条, 3.2(a), Schedule 2.
    pub(crate) range: Range<usize>,
    pub(crate) target: Target,
    /// It says 本合同 or "this Agreement": no other document can be meant.
    pub(crate) own: bool,
}

/// Words before 第三条 that make it an article of something else.
const OTHER_SOURCES: &[&str] = &[
    "》",
    "法",
    "典",
    "条例",
    "规定",
    "解释",
    "办法",
    "章程",
    "细则",
    "通知",
    "意见",
    "纪要",
    "该协议",
    "该合同",
    "原合同",
    "原协议",
    "主合同",
    "借款合同",
    "贷款合同",
    "框架协议",
    "主协议",
    "合同法",
    "公约",
    "判决",
    "裁定",
    "规则",
    "准则",
    "另行签订的合同",
];
const OWN_ZH: &[&str] = &[
    "本合同",
    "本协议",
    "本条款",
    "本意向书",
    "本备忘录",
    "本保证书",
    "本承诺书",
    "本补充协议",
    "本担保书",
    "本章程",
];

/// Every typed-in reference of one passage.
pub(crate) fn mentions(index: usize, passage: &Passage, found: &mut Vec<Mention>) {
    let text = passage.text.as_str();
    if text.contains('第') {
        articles(index, passage, found);
    }
    if text.contains("附件") || text.contains("附录") {
        annexes(index, passage, found);
    }
    if passage.latin {
        english(index, passage, found);
    }
}

fn articles(index: usize, passage: &Passage, found: &mut Vec<Mention>) {
    let text = passage.text.as_str();
    // Where the last reference ended and whether it was foreign: 《民法典》第一条、第二条 are both foreign.
    let mut chain: Option<(usize, bool)> = None;
    for at in places(text, "第") {
        if chain.is_some_and(|(end, _)| at < end) {
            continue;
        }
        let Some((target, end)) = article(text, at) else {
            continue;
        };
        let in_chain = chain.filter(|(end, _)| {
            text[*end..at].chars().all(|c| {
                matches!(
                    c,
                    '、' | '，' | '和' | '及' | '与' | '或' | '至' | '到' | '以' | '者'
                ) || is_space(c)
            })
        });
        let before_words = text[..at].trim_end_matches(is_space);
        let own = OWN_ZH.iter().any(|word| before_words.ends_with(word));
        let foreign = match in_chain {
            Some((_, foreign)) => foreign,
            None => !own && is_foreign(text, at),
        };
        chain = Some((end, foreign));
        let starts_line =
            text[..at].trim_matches(is_space).is_empty() && super::lead::lead(text).is_some();
        if !foreign && !starts_line && passage.is_typed(at) {
            found.push(Mention {
                passage: index,
                range: at..end,
                target,
                own,
            });
        }
    }
}

/// Whether the article at `at` belongs to a statute or another contract.
fn is_foreign(text: &str, at: usize) -> bool {
    let near = text[..at].trim_end_matches(is_space);
    if OTHER_SOURCES.iter().any(|word| near.ends_with(word)) {
        return true;
    }
    // 《民法典》（2020年）第…条; 根据《担保制度解释》的规定，第…条.
    let sentence = &text[sentence_start(text, at)..at];
    match (
        sentence.rfind('》'),
        OWN_ZH.iter().filter_map(|word| sentence.rfind(word)).max(),
    ) {
        (Some(other), Some(own)) => other > own,
        (Some(_), None) => true,
        (None, _) => has_any(tail(text, at, 12), &["修正）", "修订）"]),
    }
}

/// Reads 第三条第二款第（一）项 or 第3.2条 / 第3.2款.
fn article(text: &str, at: usize) -> Option<(Target, usize)> {
    let from = skip_spaces(text, at + '第'.len_utf8());
    let digits = run(text, from, |c| {
        numeral::is_chinese_numeral(c) || c.is_ascii_digit() || c == '.'
    });
    let unit = skip_spaces(text, digits.end);
    let token = &text[digits];
    if token.contains('.') {
        let path: Option<Vec<u64>> = token.split('.').map(|n| n.parse().ok()).collect();
        let end = ["条", "款", "项"]
            .iter()
            .find(|u| text[unit..].starts_with(**u))
            .map(|u| unit + u.len())?;
        return Some((
            Target::Clause {
                path: path?,
                parts: Vec::new(),
            },
            end,
        ));
    }
    let number = numeral::whole(token)?;
    let mut end = text[unit..]
        .starts_with('条')
        .then_some(unit + '条'.len_utf8())?;
    // 第三条件 and 第一条例 are other words.
    if matches!(after(text, end), Some('件' | '例' | '线' | '生')) {
        return None;
    }
    let paragraph = counted(text, end, '款').map(|(n, next)| {
        end = next;
        n
    });
    let item = counted(text, end, '项').map(|(n, next)| {
        end = next;
        n
    });
    Some((
        Target::Article {
            article: number,
            paragraph,
            item,
        },
        end,
    ))
}

/// Reads 第二款 or 第（一）项 at `at`: the number and where it ends.
fn counted(text: &str, at: usize, unit: char) -> Option<(u64, usize)> {
    let rest = text[at..].strip_prefix('第')?;
    let (open, rest_at) = match rest.chars().next()? {
        c @ ('（' | '(') => (true, at + '第'.len_utf8() + c.len_utf8()),
        _ => (false, at + '第'.len_utf8()),
    };
    let digits = run(text, rest_at, |c| {
        numeral::is_chinese_numeral(c) || c.is_ascii_digit()
    });
    let number = numeral::whole(&text[digits.clone()])?;
    let close = match (open, after(text, digits.end)) {
        (true, Some(c @ ('）' | ')'))) => digits.end + c.len_utf8(),
        (true, _) => return None,
        (false, _) => digits.end,
    };
    text[close..]
        .starts_with(unit)
        .then_some((number, close + unit.len_utf8()))
}

fn annexes(index: usize, passage: &Passage, found: &mut Vec<Mention>) {
    let text = passage.text.as_str();
    for at in places(text, "附件") {
        let from = skip_spaces(text, at + "附件".len());
        let digits = run(text, from, |c| {
            numeral::is_chinese_numeral(c) || c.is_ascii_digit()
        });
        let Some(number) = numeral::whole(&text[digits.clone()]).filter(|n| *n > 0 && *n < 100)
        else {
            continue;
        };
        // 附件一份, 附件2页 count pages, and 附件1.2 is something else.
        let near = text[..at].trim_end_matches(is_space);
        let counts = matches!(
            after(text, digits.end),
            Some('份' | '页' | '个' | '套' | '本' | '式' | '.')
        );
        let foreign = near.ends_with('》')
            || has_any(
                tail(text, at, 6),
                &["主合同", "原合同", "原协议", "框架协议", "该合同"],
            );
        let starts_line = near.is_empty() && super::lead::lead(text).is_some();
        if counts || foreign || starts_line || !passage.is_typed(at) {
            continue;
        }
        let own = OWN_ZH.iter().any(|word| near.ends_with(word));
        found.push(Mention {
            passage: index,
            range: at..digits.end,
            target: Target::Schedule(number),
            own,
        });
    }
}

const KEYWORDS: &[(&str, bool)] = &[
    ("clause", false),
    ("section", false),
    ("article", false),
    ("paragraph", false),
    ("schedule", true),
    ("annex", true),
    ("appendix", true),
    ("exhibit", true),
];

/// Words that make "section 2" a part of something else.
const OTHER_LAWS: &[&str] = &[
    "Act",
    "Code",
    "Law",
    "Regulation",
    "Regulations",
    "GDPR",
    "Rules",
    "Convention",
    "Directive",
    "Order",
    "Statute",
    "Treaty",
    "U.S.C",
    "C.F.R",
    "Stat.",
    "Charter",
    "Constitution",
    "Annotated",
    "Statutes",
    "Rule",
    "Protocol",
    "Ordinance",
];

fn english(index: usize, passage: &Passage, found: &mut Vec<Mention>) {
    let text = passage.text.as_str();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        // Only word starts matter; stepping by bytes is safe because keywords are ASCII.
        if !bytes[at].is_ascii_alphabetic() || (at > 0 && bytes[at - 1].is_ascii_alphanumeric()) {
            at += 1;
            continue;
        }
        let word = run(text, at, |c| c.is_ascii_alphabetic());
        let start = at;
        at = word.end;
        let Some(schedule) = keyword(&text[word.clone()]) else {
            continue;
        };
        let from = skip_spaces(text, word.end);
        if from == word.end || !matches!(bytes.get(from), Some(b) if b.is_ascii_alphanumeric()) {
            continue;
        }
        if is_other_law(text, start, from)
            || starts_heading(text, start)
            || !passage.is_typed(start)
        {
            continue;
        }
        let list = if schedule {
            schedules(text, start, from)
        } else {
            clauses(text, from)
        };
        for (range, target) in list {
            at = at.max(range.end);
            let own = has_any(
                head(text, range.end, 24),
                &["of this ", "to this ", "hereof"],
            );
            if passage.is_typed(range.start) {
                found.push(Mention {
                    passage: index,
                    range,
                    target,
                    own,
                });
            }
        }
    }
}

fn keyword(word: &str) -> Option<bool> {
    if !(6..=10).contains(&word.len()) && word.len() != 5 {
        return None;
    }
    let found = KEYWORDS.iter().find(|(keyword, _)| {
        word.len() >= keyword.len()
            && word[..keyword.len()].eq_ignore_ascii_case(keyword)
            && matches!(&word[keyword.len()..], "" | "s" | "S")
    });
    // "schedule 2" in lower case is a schedule all the same, but a bare lower-case "exhibit a" is prose.
    found.map(|(_, schedule)| *schedule)
}

fn starts_heading(text: &str, start: usize) -> bool {
    text[..start].trim_matches(is_space).is_empty() && super::lead::lead(text).is_some()
}

/// Whether the sentence around a reference names a statute or another document that it belongs to.
fn is_other_law(text: &str, start: usize, from: usize) -> bool {
    let sentence = &text[sentence_start(text, start)..start];
    let named = |part: &str| {
        part.split([' ', ',', ')', '(', '’', '”']).any(|word| {
            OTHER_LAWS.contains(&word.trim_end_matches('.')) || word == "U.S.C." || word == "C.F.R."
        })
    };
    // "the Companies Act 2006, section 44": only what stands close before counts.
    if named(tail(sentence, sentence.len(), 60)) {
        return true;
    }
    let end = crate::scan::sentence_end(text, from);
    let rest = head(&text[from..end], 0, 120);
    let number = rest
        .find(|c: char| {
            !(c.is_ascii_alphanumeric() || matches!(c, '.' | '(' | ')' | ',' | ' ' | '-' | '–'))
        })
        .unwrap_or(rest.len());
    let Some(of) = rest
        .find(" of ")
        .or_else(|| rest.find(" to "))
        .or_else(|| rest.find(" under "))
        .filter(|of| *of <= number.max(24))
    else {
        return false;
    };
    let owner = rest[of..]
        .trim_start()
        .split_once(' ')
        .map_or("", |(_, owner)| owner)
        .trim_start();
    let own = [
        "this ",
        "these ",
        "Schedule",
        "Annex",
        "Appendix",
        "Exhibit",
        "the Schedule",
    ]
    .iter()
    .any(|w| owner.starts_with(w));
    // "clause 5 of the Framework Terms" belongs to another paper; "clause 5 of the obligations" does not exist.
    let capitalised = owner
        .strip_prefix("the ")
        .unwrap_or(owner)
        .starts_with(|c: char| c.is_ascii_uppercase());
    let that = ["that ", "such ", "title ", "Title ", "its "]
        .iter()
        .any(|w| owner.starts_with(w));
    // "to" also means "up to" and "with regard to": only an owner with a capital letter counts there.
    !own && (named(head(owner, 0, 80)) || that || (capitalised && rest[of..].starts_with(" of ")))
}

/// 3.2(a), 3.3 and 4: each reference of a list.
fn clauses(text: &str, from: usize) -> Vec<(Range<usize>, Target)> {
    let mut found = Vec::new();
    let mut at = from;
    while let Some((range, target)) = clause(text, at) {
        at = range.end;
        found.push((range, target));
        let Some(next) = joined(text, at) else { break };
        at = next;
    }
    found
}

/// Where the next member of a list such as `3, 4 and 5` starts.
fn joined(text: &str, at: usize) -> Option<usize> {
    [
        ", and ",
        ", or ",
        ", ",
        " and ",
        " or ",
        " to ",
        " through ",
        " – ",
        "–",
    ]
    .iter()
    .find(|joint| text[at..].starts_with(**joint))
    .map(|joint| at + joint.len())
    .filter(|next| text[*next..].starts_with(|c: char| c.is_ascii_digit()))
}

fn clause(text: &str, at: usize) -> Option<(Range<usize>, Target)> {
    let digits = run(text, at, |c| c.is_ascii_digit() || c == '.');
    let token = text[digits.clone()].trim_end_matches('.');
    let mut end = digits.start + token.len();
    let path: Option<Vec<u64>> = token
        .split('.')
        .map(|n| n.parse().ok().filter(|v| *v > 0 && *v < 100))
        .collect();
    let path = path?;
    // 409A and 3% and "2 months" are no clause numbers.
    if matches!(after(text, end), Some(c) if c.is_ascii_alphabetic() || matches!(c, '%' | '-' | '/' | '$'))
    {
        return None;
    }
    let mut parts = Vec::new();
    while text[end..].starts_with('(') {
        let Some(close) = text[end..]
            .find(')')
            .filter(|close| (2..=5).contains(close))
        else {
            break;
        };
        let part = &text[end + 1..end + close];
        if !part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            break;
        }
        parts.push(part.to_owned());
        end += close + 1;
    }
    Some((digits.start..end, Target::Clause { path, parts }))
}

/// Schedule 2, Exhibits A and B.
fn schedules(text: &str, start: usize, from: usize) -> Vec<(Range<usize>, Target)> {
    let token = run(text, from, |c| c.is_ascii_alphanumeric());
    let word = &text[token.clone()];
    let keyword = &text[start..from];
    let letter = word
        .bytes()
        .next()
        .filter(|b| word.len() == 1 && b.is_ascii_uppercase())
        // Annex I may be the first or the ninth: nothing certain can be said of it.
        .filter(|b| !matches!(b, b'I' | b'V' | b'X'));
    let number = word.parse::<u64>().ok().filter(|n| *n > 0 && *n < 100);
    let number = number.or(letter.map(|b| u64::from(b - b'A') + 1));
    let Some(number) = number.filter(|_| keyword.starts_with(|c: char| c.is_ascii_uppercase()))
    else {
        return Vec::new();
    };
    // "Schedule A-1" and "Exhibit 10.2" are names of other papers.
    let more = matches!(after(text, token.end), Some('-' | '/'))
        || (text[token.end..].starts_with('.')
            && matches!(after(text, token.end + 1), Some(c) if c.is_ascii_digit()));
    if more || before(text, start).is_some_and(|c| c == '-') {
        return Vec::new();
    }
    vec![(start..token.end, Target::Schedule(number))]
}
