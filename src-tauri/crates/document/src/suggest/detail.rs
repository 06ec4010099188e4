//! What stands behind a known label: the address, number, telephone of a party; the number of the contract.

use std::ops::Range;

use super::Why;
use super::label::{SIDES, last_chars, named};
use super::name::{all_known, glossed, known_end, known_start, sided};
use super::party::is_han;

/// A value with its label.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Detail {
    /// Where the value stands, in the words searched.
    pub range: Range<usize>,
    /// Its label without the side.
    pub label: String,
    /// The side that the label itself names, as it is written: 甲方.
    pub side: Option<String>,
    pub why: Why,
}

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    Address,
    Person,
    Phone,
    Email,
    Number,
    Bank,
    Words,
}

/// English labels of details.
const ENGLISH: &[(&str, Look)] = &[
    ("registered office address", Look::Address),
    ("registered office", Look::Address),
    ("principal place of business", Look::Address),
    ("registered address", Look::Address),
    ("mailing address", Look::Address),
    ("street address", Look::Address),
    ("postal address", Look::Address),
    ("notice address", Look::Address),
    ("address", Look::Address),
    ("company number", Look::Number),
    ("company no.", Look::Number),
    ("company registration number", Look::Number),
    ("registered number", Look::Number),
    ("registration number", Look::Number),
    ("vat number", Look::Number),
    ("tax id", Look::Number),
    ("ein", Look::Number),
    ("passport number", Look::Number),
    ("contract number", Look::Number),
    ("contract no.", Look::Number),
    ("agreement number", Look::Number),
    ("agreement no.", Look::Number),
    ("account number", Look::Number),
    ("account no.", Look::Number),
    ("sort code", Look::Number),
    ("iban", Look::Number),
    ("swift", Look::Number),
    ("name", Look::Person),
    ("print name", Look::Person),
    ("printed name", Look::Person),
    ("title", Look::Person),
    ("attention", Look::Person),
    ("attn", Look::Person),
    ("contact person", Look::Person),
    ("contact", Look::Person),
    ("telephone", Look::Phone),
    ("phone", Look::Phone),
    ("tel", Look::Phone),
    ("mobile", Look::Phone),
    ("fax", Look::Phone),
    ("email", Look::Email),
    ("e-mail", Look::Email),
];

/// The details of some words. `lead` is a label that stands elsewhere, in the cell to the left. Linear in their length.
pub(super) fn details(words: &str, lead: Option<&str>) -> Vec<Detail> {
    let mut found: Vec<Detail> = Vec::new();
    if let Some(label) = lead {
        found.extend(labelled(words, label, 0));
    }
    let spoken_zh = words.chars().any(is_han);
    let mut start_of_part = true;
    for (at, c) in words.char_indices() {
        let next = at + c.len_utf8();
        if matches!(c, '：' | ':') {
            let before = &words[..at];
            if !before.ends_with("http") && !before.ends_with("https") {
                push(&mut found, labelled(words, before, next));
            }
            start_of_part = true;
            continue;
        }
        if start_of_part && is_han(c) {
            push(&mut found, bare(words, at));
        }
        if c.is_ascii_alphabetic() && (at == 0 || words[..at].ends_with([' ', '('])) {
            push(&mut found, in_sentence(words, at));
        }
        if c == '@' {
            push(&mut found, email(words, at, spoken_zh));
        }
        start_of_part = matches!(
            c,
            '，' | '；' | '。' | '、' | '（' | ' ' | '\u{3000}' | '\t' | '\n'
        );
    }
    found
}

fn push(found: &mut Vec<Detail>, detail: Option<Detail>) {
    let Some(detail) = detail else { return };
    if found
        .last()
        .is_none_or(|last| last.range.end <= detail.range.start)
    {
        found.push(detail);
    }
}

/// `label：value`; the words before the colon end with the label.
fn labelled(words: &str, before: &str, from: usize) -> Option<Detail> {
    let label = named(before)?;
    let (side, shown, look, alone) = match known_end(&label) {
        Some(known) => {
            let (side, own) = sides_of(&label[..label.len() - known.len()]);
            let shown = format!("{own}{known}");
            let alone = own.is_empty() && stands_alone(before, &label);
            (side, shown, look_of(known), alone)
        }
        None => {
            let (side, rest) = whose(&label);
            let low = rest.to_lowercase();
            let (_, look) = *ENGLISH.iter().find(|(known, _)| low == *known)?;
            (side, rest.to_owned(), Some(look), false)
        }
    };
    let commas = look == Some(Look::Address) && shown.is_ascii();
    let range = value(words, from, commas)?;
    let text = &words[range.clone()];
    match look {
        Some(look) => fits(look, text, false).then(|| detail(range, &shown, side, look)),
        // 项目名称：…: a label of the glossary alone on its line, with all that follows it.
        None => {
            let whole = words[range.end..]
                .trim_matches(['。', ' ', '；', '\u{3000}'])
                .is_empty();
            let count = text.chars().count();
            (alone && whole && (2..=50).contains(&count) && !text.contains(['，', '。', '；']))
                .then_some(Detail {
                    range,
                    label: shown,
                    side,
                    why: Why::Labelled,
                })
        }
    }
}

/// The side and the further words before the label of the glossary: 出借人+身份证号, 甲方+指定+收货地址. Words the glossary
/// lacks are none of the label.
fn sides_of(before: &str) -> (Option<String>, &str) {
    let before = before.trim_end_matches(['的', '之']);
    let zh = SIDES.iter().filter(|(side, _)| !side.is_ascii());
    if let Some((side, _)) = zh.clone().find(|(side, _)| before.ends_with(side)) {
        return (Some((*side).to_owned()), "");
    }
    let starting = zh.clone().find(|(side, _)| before.starts_with(side));
    let (side, own) = match starting {
        Some((side, _)) => (Some((*side).to_owned()), &before[side.len()..]),
        None => (None, before),
    };
    (side, if all_known(own) { own } else { "" })
}

/// Whether nothing but a number stands on the line before the label.
fn stands_alone(before: &str, label: &str) -> bool {
    let line = last_chars(before, 60);
    let line = line.rsplit('\n').next().unwrap_or(line);
    line.trim_start().len() <= label.len() + 12
}

/// 住所江苏省南京市…: the label stands right before the value.
fn bare(words: &str, at: usize) -> Option<Detail> {
    let (side, rest) = whose(&words[at..]);
    let start = words.len() - rest.len();
    let label = known_start(rest)?;
    let look = look_of(label)?;
    let from = start + label.len();
    if words[from..].starts_with(['：', ':', '（']) {
        return None;
    }
    let range = value(words, from, false)?;
    (range.start == from && fits(look, &words[range.clone()], true))
        .then(|| detail(range, label, side, look))
}

/// `with company number 05519043, whose registered office is at 31 Promenade (the “Lender”)`
fn in_sentence(words: &str, at: usize) -> Option<Detail> {
    const LABELS: [(&str, &str, Look); 11] = [
        ("company number ", "company number", Look::Number),
        ("company no. ", "company number", Look::Number),
        ("with number ", "company number", Look::Number),
        ("for the attention of ", "contact", Look::Person),
        ("Signed by ", "signatory", Look::Person),
        ("registered number ", "registered number", Look::Number),
        ("registration number ", "registration number", Look::Number),
        (
            "registered office is at ",
            "registered office",
            Look::Address,
        ),
        ("registered office at ", "registered office", Look::Address),
        (
            "principal place of business is at ",
            "principal place of business",
            Look::Address,
        ),
        (
            "principal place of business at ",
            "principal place of business",
            Look::Address,
        ),
    ];
    let rest = &words[at..];
    let (lead, label, look) = LABELS.iter().find(|(lead, _, _)| rest.starts_with(lead))?;
    let from = at + lead.len();
    let limit = words[from..].char_indices().nth(200);
    let rest = &words[from..limit.map_or(words.len(), |(i, _)| from + i)];
    let end = match look {
        Look::Person => [" for and", ";", ",", ". ", "\n", " ("]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
            .unwrap_or(rest.len()),
        Look::Number => rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .unwrap_or(rest.len()),
        _ => [" (", ";", ". ", " and whose", ", and "]
            .iter()
            .filter_map(|mark| rest.find(mark))
            .min()
            .unwrap_or(rest.len()),
    };
    let text = rest[..end].trim_end_matches(['.', ',', ' ', '\n']);
    if *look == Look::Person {
        return (is_free(text) && fits(Look::Person, text, false))
            .then(|| detail(from..from + text.len(), label, None, *look));
    }
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    (has_digit && text.len() >= 4 && text.len() <= 160 && is_free(text))
        .then(|| detail(from..from + text.len(), label, None, *look))
}

/// An address of electronic mail, wherever it stands.
fn email(words: &str, at: usize, zh: bool) -> Option<Detail> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let before: usize = words[..at]
        .chars()
        .rev()
        .take(64)
        .take_while(|c| is_part(*c))
        .count();
    let after: usize = words[at + 1..]
        .chars()
        .take(64)
        .take_while(|c| is_part(*c))
        .count();
    let start = at - before;
    let text = words[start..at + 1 + after].trim_end_matches(['.', '-']);
    let label = if zh { "电子邮箱" } else { "Email" };
    fits(Look::Email, text, true)
        .then(|| detail(start..start + text.len(), label, None, Look::Email))
}

fn detail(range: Range<usize>, label: &str, side: Option<String>, look: Look) -> Detail {
    Detail {
        range,
        label: label.to_owned(),
        side,
        why: match look {
            Look::Number => Why::Identifier,
            _ => Why::Contact,
        },
    }
}

/// The side in a label, as it is written, and the rest.
fn whose(label: &str) -> (Option<String>, &str) {
    let (side, rest) = sided(label);
    let written = label[..label.len() - rest.len()].trim_end_matches(['的', '之', ' ']);
    let written = written.trim_end_matches("’s").trim_end_matches("'s");
    (side.map(|_| written.to_owned()), rest)
}

/// What the value of a label of the glossary looks like; `None` where the label alone does not tell.
fn look_of(label: &str) -> Option<Look> {
    let name = glossed(label)?;
    Some(match name {
        "phone" | "mobile" | "fax" => Look::Phone,
        "email" => Look::Email,
        "legal_representative"
        | "person_in_charge"
        | "contact"
        | "agent"
        | "litigation_agent"
        | "authorised_representative"
        | "recipient"
        | "consignee" => Look::Person,
        "bank" => Look::Bank,
        "account_name" => Look::Words,
        "credit_code" | "account" | "postcode" => Look::Number,
        name if name.ends_with("_number") || name == "number" => Look::Number,
        name if name.ends_with("address") => Look::Address,
        _ => return None,
    })
}

/// The value that begins at `from`, up to the sign that ends it. `commas`: it may have commas (an English address).
fn value(words: &str, from: usize, commas: bool) -> Option<Range<usize>> {
    let rest = words.get(from..)?;
    let start = words.len()
        - rest
            .trim_start_matches([' ', '\u{3000}', '\u{a0}', '\t'])
            .len();
    let rest = &words[start..];
    let mut depth = 0usize;
    let mut end = rest.len();
    let mut zh = false;
    for (count, (i, c)) in rest.char_indices().enumerate() {
        zh |= is_han(c);
        // 法定代表人：赵敏日期：…: the next label begins before its colon.
        if zh && matches!(c, '：' | ':') && !rest[..i].ends_with(|c: char| c.is_ascii_digit()) {
            end = i - known_end(&rest[..i])?.len();
            break;
        }
        let ends = match c {
            // A parenthesis with a label of its own: （开户行：…）.
            '（' | '(' if i > 0 && rest[i..].chars().take(12).any(|c| c == '：') => true,
            '（' | '(' => {
                depth += 1;
                false
            }
            '）' | ')' if depth > 0 => {
                depth -= 1;
                false
            }
            '）' | ')' | '。' | '；' | ';' | '\n' | '\t' | '\u{3000}' | '|' => true,
            '，' => true,
            ',' => !commas && rest[i + 1..].starts_with(' '),
            ' ' => rest[i + 1..].starts_with(' '),
            _ => false,
        };
        if ends || count > 160 {
            end = i;
            break;
        }
    }
    let text = rest[..end].trim_end().trim_end_matches(['.', ',']);
    (!text.is_empty() && is_free(text)).then(|| start..start + text.len())
}

/// No blank, no field, no reference is in it.
fn is_free(text: &str) -> bool {
    !text.contains([
        '_', '＿', '[', ']', '【', '】', '{', '}', '●', '□', '☐', '…',
    ]) || (text.contains('@') && !text.contains("__") && !text.contains(['[', '【', '{']))
}

/// Whether words look like the value wanted; `bare`: no colon says that they are it.
fn fits(look: Look, text: &str, bare: bool) -> bool {
    let count = text.chars().count();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    match look {
        Look::Address => {
            let signs = "省市区县州路街道镇村号楼室";
            let zh = text.chars().filter(|c| signs.contains(*c)).count();
            let en = text.is_ascii() && text.contains(' ') && digits > 0;
            (5..=160).contains(&count) && (zh >= 2 || en || (!bare && zh >= 1))
        }
        Look::Person if text.chars().any(is_han) => {
            let first = text.chars().next().unwrap_or(' ');
            (2..=4).contains(&count)
                && text.chars().all(|c| is_han(c) || c == '·')
                && !"应的变为由是或和与及等有在对将可须".contains(first)
                && !text.contains(['签', '章', '方', '人'])
        }
        Look::Person => {
            !bare
                && (3..=50).contains(&count)
                && text.starts_with(|c: char| c.is_ascii_uppercase())
                && digits == 0
                && text.split_whitespace().count() <= 5
                && text.split_whitespace().all(|word| {
                    word.starts_with(|c: char| c.is_uppercase())
                        || matches!(word, "of" | "and" | "de" | "van" | "von")
                })
        }
        Look::Phone => {
            digits >= 7
                && count <= 30
                && text
                    .chars()
                    .all(|c| c.is_ascii_digit() || " +-()（）转xX、/".contains(c))
        }
        Look::Email => {
            let Some((name, host)) = text.split_once('@') else {
                return false;
            };
            !name.is_empty()
                && host.contains('.')
                && count <= 80
                && text.chars().all(|c| c.is_ascii_graphic())
        }
        Look::Number => {
            digits >= 4.min(count)
                && digits >= 3
                && count <= 40
                && !text.contains(['，', '。'])
                && (!bare || text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        }
        Look::Bank => {
            (4..=40).contains(&count) && (!bare || text.ends_with(['行', '社', '部', '司']))
        }
        Look::Words => !bare && (4..=40).contains(&count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: &[(&str, &str)]) {
        let found = details(words, None);
        let found: Vec<_> = found
            .iter()
            .map(|d| (d.label.as_str(), &words[d.range.clone()]))
            .collect();
        assert_eq!(found, expected, "{words}");
    }

    #[test]
    fn details_stand_behind_their_labels() {
        check(
            "统一社会信用代码：91320105MA1W8L4Q7J",
            &[("统一社会信用代码", "91320105MA1W8L4Q7J")],
        );
        check(
            "甲方：地址江苏省南京市建邺区江东中路100号，联系人唐静，电话13800000007，电子邮箱lease@yuanjian.example；",
            &[
                ("地址", "江苏省南京市建邺区江东中路100号"),
                ("联系人", "唐静"),
                ("电话", "13800000007"),
                ("电子邮箱", "lease@yuanjian.example"),
            ],
        );
        check(
            "法定代表人：孙维\u{3000}联系电话：025-83210000",
            &[("法定代表人", "孙维"), ("联系电话", "025-83210000")],
        );
        check(
            "开户行：样例银行建邺支行",
            &[("开户行", "样例银行建邺支行")],
        );
        check("项目名称：智慧园区二期", &[("项目名称", "智慧园区二期")]);
        check(
            "with company number 05519043, whose registered office is at 31 Promenade, Cheltenham GL50 1LE (the “Lender”)",
            &[
                ("company number", "05519043"),
                ("registered office", "31 Promenade, Cheltenham GL50 1LE"),
            ],
        );
        check(
            "Email: legal@acme.example.",
            &[("Email", "legal@acme.example")],
        );
    }

    #[test]
    fn sentences_about_details_are_none() {
        for words in [
            "联系人变更的，应当通知对方",
            "法定代表人（签字）：",
            "住所变更的应当通知",
            "电话通知视为送达",
            "地址：____",
            "见以下网址：https://a.b",
            "付款方式：银行转账，每月一次，以下略",
            "The address: as stated in the schedule",
        ] {
            check(words, &[]);
        }
    }
}
