//! `identifier`: registration, identity, card and telephone numbers that cannot be right.
//!
//! Why: a wrong digit names another company or nobody, and is found only when the seal is asked for.
//! Only numbers that a label names for what they are get checked; masked numbers (`*`, `X`) are left alone.
//!
//! Wrong: 统一社会信用代码：91310000MA1FL0A15D · 身份证号：11010519491231002Y
//! Right: a number whose check character agrees.
//! Basis: GB 32100-2015 (modulo 31), GB 11643-1999 (ISO 7064 MOD 11-2), ISO/IEC 7812 (Luhn).

use crate::facts::Facts;
use crate::facts::passage::Role;
use crate::finding::{Finding, RuleInfo, Severity, Words};
use crate::scan::{CharSet, is_space, run, skip_spaces};
use moqi_document::check_digits::{self, CREDIT_CHARACTERS, agrees};
use moqi_document::words::Date;
use std::ops::Range;

pub(crate) const INFO: RuleInfo = RuleInfo {
    id: "identifier",
    name: Words {
        zh: "证照与号码",
        en: "Numbers of identity",
    },
    what: Words {
        zh: "核对统一社会信用代码、居民身份证号的校验码，以及注明为银行卡、手机的号码。",
        en: "Checks credit codes, identity numbers, and numbers labelled as bank cards or mobile phones.",
    },
    why: Words {
        zh: "错一位就指向另一主体，往往到盖章或起诉时才发现。",
        en: "One wrong digit names somebody else, and is noticed only when it matters.",
    },
    severity: Severity::Warning,
};

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Person,
    Either,
    Card,
    Mobile,
    Phone,
}

/// Labels, the more telling first.
const LABELS: &[(&str, Kind)] = &[
    ("统一社会信用代码/身份证", Kind::Either),
    ("身份证号/统一社会信用代码", Kind::Either),
    ("统一社会信用代码或身份证", Kind::Either),
    ("统一社会信用代码", Kind::Code),
    ("社会信用代码", Kind::Code),
    ("信用代码", Kind::Code),
    ("纳税人识别号", Kind::Either),
    ("税号", Kind::Either),
    ("身份证", Kind::Person),
    ("公民身份号码", Kind::Person),
    ("证件号码", Kind::Either),
    ("银行卡号", Kind::Card),
    ("卡号", Kind::Card),
    ("手机", Kind::Mobile),
    ("移动电话", Kind::Mobile),
    ("电话", Kind::Phone),
    ("联系方式", Kind::Phone),
];

/// What the labels start with.
static FIRST: CharSet = CharSet::of("统身社公证银卡手移电联信纳税");

pub(crate) fn check(facts: &Facts<'_>, findings: &mut Vec<Finding>) {
    for (index, passage) in facts.passages.iter().enumerate() {
        if passage.quote {
            continue;
        }
        let text = passage.text.as_str();
        let mut done = 0;
        for (at, first) in text.char_indices() {
            if !FIRST.has(first) || at < done {
                continue;
            }
            let Some((label, kind)) = LABELS
                .iter()
                .find(|(label, _)| text[at..].starts_with(label))
            else {
                continue;
            };
            done = at + label.len();
            let whole_cell =
                matches!(passage.role, Role::Cell { .. }) && text.trim_end().len() <= done + 18;
            if let Some(number) = number_after(text, done) {
                done = number.end;
                report(facts, index, &number, *kind, findings);
            } else if let Some(next) = facts
                .passages
                .get(index + 1)
                .filter(|next| whole_cell && next.block == passage.block)
            {
                let start = skip_spaces(&next.text, 0);
                let number = token(&next.text, start);
                if number.end == next.text.trim_end().len() && !number.is_empty() {
                    report(facts, index + 1, &number, *kind, findings);
                }
            }
        }
    }
}

/// The number after a label: over 号, 号码, brackets and a colon, but not over other words.
fn number_after(text: &str, from: usize) -> Option<Range<usize>> {
    let mut at = from;
    loop {
        let rest = &text[at..];
        let c = rest.chars().next()?;
        if let Some(word) = ["号码", "号", "证号", "代码", "是", "为"]
            .iter()
            .find(|w| rest.starts_with(**w))
        {
            at += word.len();
        } else if is_space(c) || matches!(c, '：' | ':' | '）' | ')' | '*') {
            at += c.len_utf8();
        } else {
            break;
        }
    }
    let number = token(text, at);
    (!number.is_empty()).then_some(number)
}

/// Letters and digits, with the spaces and hyphens that people put between groups of digits.
fn token(text: &str, at: usize) -> Range<usize> {
    let wide = run(text, at, |c| {
        c.is_ascii_alphanumeric() || matches!(c, ' ' | '-' | '*' | '+')
    });
    let words = text[wide.clone()].trim_end_matches([' ', '-']);
    wide.start..wide.start + words.len()
}

fn report(
    facts: &Facts<'_>,
    passage: usize,
    range: &Range<usize>,
    kind: Kind,
    findings: &mut Vec<Finding>,
) {
    let written = &facts.passages[passage].text[range.clone()];
    let plain: String = written
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .collect();
    // Masked or placeholder numbers are not numbers.
    let masked = plain.contains('*')
        || plain.to_ascii_lowercase().contains("xx")
        || !plain.bytes().any(|b| b.is_ascii_digit());
    if masked {
        return;
    }
    let today = facts.today;
    let trouble = match kind {
        Kind::Code => credit_code(&plain),
        Kind::Person => person(&plain, today),
        Kind::Either if plain.len() != 18 => None,
        Kind::Either => credit_code(&plain)
            .and_then(|_| person(&plain, today))
            .map(|_| EITHER),
        Kind::Card => card(&plain),
        Kind::Mobile => mobile(&plain, true),
        Kind::Phone => mobile(&plain, false),
    };
    let Some(trouble) = trouble else { return };
    let message = facts.say(
        format!("{}：“{written}”。", trouble.zh),
        format!("{}: “{written}”.", trouble.en),
    );
    let mut finding = facts.at(INFO.id, Severity::Warning, passage, range, message);
    // O and I are not used in credit codes; where 0 and 1 make the code right, that is what was meant.
    let repaired = plain
        .to_ascii_uppercase()
        .replace('O', "0")
        .replace('I', "1");
    if kind == Kind::Code && repaired != plain && credit_code(&repaired).is_none() {
        finding.fix = facts.replace(passage, range, &repaired);
    }
    findings.push(finding);
}

const EITHER: Words = Words {
    zh: "该号码既不是有效的统一社会信用代码，也不是有效的居民身份证号",
    en: "This is neither a valid unified social credit code nor a valid resident identity number",
};

/// GB 32100-2015: 17 characters and a check character.
fn credit_code(code: &str) -> Option<Words> {
    if code.len() != 18 {
        return Some(Words {
            zh: "统一社会信用代码应为18位",
            en: "A unified social credit code has 18 characters",
        });
    }
    if !code.chars().all(|c| CREDIT_CHARACTERS.contains(c)) {
        return Some(Words {
            zh: "统一社会信用代码含有不使用的字符（不使用I、O、S、V、Z）",
            en: "A unified social credit code does not use I, O, S, V, Z or small letters",
        });
    }
    (!agrees(code, check_digits::credit_code)).then_some(Words {
        zh: "统一社会信用代码的校验码不符，请核对每一位",
        en: "The check character of this unified social credit code does not agree with the rest",
    })
}

/// GB 11643-1999: 17 digits with a date of birth, and a check character.
fn person(number: &str, today: Option<Date>) -> Option<Words> {
    let bytes = number.as_bytes();
    let digits = bytes.len() == 18 && bytes[..17].iter().all(u8::is_ascii_digit);
    // Fifteen digits are the numbers of before 1999; letters first are passports and permits.
    if bytes.len() == 15 || !bytes.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    if !digits || !(bytes[17].is_ascii_digit() || bytes[17].eq_ignore_ascii_case(&b'X')) {
        return Some(Words {
            zh: "居民身份证号应为18位",
            en: "A resident identity number has 18 characters",
        });
    }
    let figure = |range: Range<usize>| number[range].parse::<u16>().unwrap_or(0);
    let birth = Date::new(figure(6..10), figure(10..12) as u8, figure(12..14) as u8)
        .filter(|d| d.year() >= 1880);
    if birth.is_none() || today.zip(birth).is_some_and(|(today, birth)| birth > today) {
        return Some(Words {
            zh: "居民身份证号中的出生日期不存在",
            en: "The date of birth in this identity number does not exist",
        });
    }
    // A small x is as good as a capital one.
    let right = agrees(&number.to_ascii_uppercase(), check_digits::identity_number);
    (!right).then_some(Words {
        zh: "居民身份证号的校验码不符，请核对每一位",
        en: "The check character of this identity number does not agree with the rest",
    })
}

/// ISO/IEC 7812. Only lengths that bank cards have are checked.
fn card(number: &str) -> Option<Words> {
    if !(number.len() == 16 || number.len() == 19) || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    (!agrees(number, check_digits::card)).then_some(Words {
        zh: "银行卡号的校验位不符，请核对",
        en: "The check digit of this card number does not agree",
    })
}

/// Mainland mobile numbers have 11 digits and start with 13 to 19.
fn mobile(number: &str, surely: bool) -> Option<Words> {
    let plain = number
        .strip_prefix("+86")
        .or_else(|| number.strip_prefix("0086"))
        .unwrap_or(number);
    let digits = plain.bytes().all(|b| b.is_ascii_digit());
    let starts = plain.starts_with('1')
        && plain
            .as_bytes()
            .get(1)
            .is_some_and(|b| (b'3'..=b'9').contains(b));
    let length = Words {
        zh: "手机号码应为11位",
        en: "A mobile number has 11 digits",
    };
    match (digits, starts) {
        (true, true) if plain.len() != 11 && (surely || (9..=13).contains(&plain.len())) => {
            Some(length)
        }
        (true, false) if surely && plain.len() == 11 && !plain.starts_with('0') => Some(Words {
            zh: "手机号码应以13至19开头",
            en: "A mobile number starts with 13 to 19",
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::INFO;
    use crate::testing;

    #[test]
    fn pass() {
        testing::pass(
            INFO.id,
            &[
                "# 买卖合同\n\n甲方：华东公司，统一社会信用代码：91350100M000100Y43。\n",
                "身份证号：11010519491231002X，电话：010-12345678，手机：138 0013 8000。\n",
                "身份证号：1101**********002X；手机：13X XXXX XXXX。\n",
                "账号：1234567890123456；证件号码：G12345678；电话：400-810-1234。\n",
                "| 统一社会信用代码 | 91350100M000100Y43 |\n|---|---|\n| 电话 | 13800138000 |\n",
                "银行卡号：4539 1488 0343 6467。\n",
            ],
        );
    }

    #[test]
    fn fail() {
        testing::fail(
            INFO.id,
            &[
                (
                    "统一社会信用代码：91350100M000100Y44。\n",
                    &[("91350100M000100Y44", "校验码不符")],
                ),
                (
                    "统一社会信用代码：91350100M000100Y4。\n",
                    &[("91350100M000100Y4", "18位")],
                ),
                (
                    "公民身份号码：110105194912310021\n",
                    &[("110105194912310021", "校验码不符")],
                ),
                (
                    "身份证号码：110105194913310021\n",
                    &[("110105194913310021", "出生日期")],
                ),
                (
                    "信用代码：91350100M000100Y44，税号：91350100M000100Y44\n",
                    &[
                        ("91350100M000100Y44", "校验码"),
                        ("91350100M000100Y44", "既不是"),
                    ],
                ),
                ("手机号码：1380013800\n", &[("1380013800", "11位")]),
                ("联系电话：138001380001\n", &[("138001380001", "11位")]),
                (
                    "银行卡号：4539148803436468\n",
                    &[("4539148803436468", "校验位")],
                ),
                (
                    "| 统一社会信用代码 | 91350100M000100Y44 |\n|---|---|\n| a | b |\n",
                    &[("91350100M000100Y44", "校验码")],
                ),
            ],
        );
    }

    #[test]
    fn every_label_starts_with_a_character_that_is_looked_for() {
        for (label, _) in super::LABELS {
            assert!(super::FIRST.has(label.chars().next().unwrap()), "{label}");
        }
    }

    #[test]
    fn fix() {
        testing::fix(
            INFO.id,
            &[(
                "统一社会信用代码：9135O100M000100Y43。\n",
                "改为“91350100M000100Y43”",
                "统一社会信用代码：91350100M000100Y43。\n",
            )],
        );
    }
}
