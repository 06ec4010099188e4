//! Numbers and addresses of electronic mail: by their form and check digits, and by the label before them.

use super::checks::{iban, is_card, is_credit_code, is_id_number};
use super::{Find, LONGEST_CODE as LONGEST, Private};

/// The codes of some words. What one rule claims is not looked at by the next.
pub(super) fn codes(words: &str) -> Vec<Find> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = words[at..].chars().next() {
        let next = match c {
            '@' => email(words, at, &mut found),
            c if c.is_ascii_alphanumeric() || matches!(c, '+' | '(' | '（') => {
                code(words, at, &mut found)
            }
            _ => None,
        };
        at = next.unwrap_or(at + c.len_utf8());
    }
    found
}

fn email(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    let is_part = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let before = words[..at]
        .chars()
        .rev()
        .take(64)
        .take_while(is_part)
        .count();
    let after = words[at + 1..]
        .chars()
        .take(128)
        .take_while(is_part)
        .count();
    let start = at - before;
    let text = words[start..at + 1 + after].trim_end_matches(['.', '-', '_']);
    let host = text.split_once('@')?.1;
    let ends = host.rsplit('.').next().unwrap_or("");
    let fits = before > 0
        && host.contains('.')
        && ends.len() >= 2
        && ends.bytes().all(|b| b.is_ascii_alphabetic());
    if !fits {
        return None;
    }
    let range = start..start + text.len();
    // What was read as a code before the sign is part of the address.
    found.retain(|find| find.range.end <= start);
    found.push(Find::new(words, range.clone(), Private::Email));
    Some(range.end)
}

/// Letters and digits with single separators between groups, and where they end.
struct Run<'a> {
    /// The characters without separators.
    compact: String,
    /// As they stand.
    shown: &'a str,
    end: usize,
}

/// The run that begins at `at`: groups of digits with single spaces or dashes between them, or one group of letters and
/// digits.
fn digits_run(words: &str, at: usize) -> Run<'_> {
    let mut compact = String::new();
    let mut end = at;
    let mut chars = words[at..].char_indices().take(LONGEST).peekable();
    let mut parenthesis = false;
    while let Some((i, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match c {
            '0'..='9' => {
                compact.push(c);
                end = at + i + 1;
            }
            '+' if i == 0 => {}
            '(' | '（' if !parenthesis && next.is_some_and(|c| c.is_ascii_digit()) => {
                parenthesis = true;
            }
            ')' | '）' if parenthesis => {
                parenthesis = false;
                end = at + i + c.len_utf8();
            }
            ' ' | '-' | '\u{a0}' | '–' | '—' | '.' | '－'
                if next.is_some_and(|c| c.is_ascii_digit() || c == '(') && i > 0 => {}
            'X' | 'x' if compact.len() == 17 => {
                compact.push('X');
                end = at + i + 1;
                break;
            }
            _ => break,
        }
    }
    Run {
        compact,
        shown: &words[at..end],
        end,
    }
}

/// Letters and digits that begin at `at` without a break.
fn solid_run(words: &str, at: usize) -> Run<'_> {
    let len = words[at..]
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(words.len() - at);
    Run {
        compact: words[at..at + len].to_ascii_uppercase(),
        shown: &words[at..at + len],
        end: at + len,
    }
}

fn code(words: &str, at: usize, found: &mut Vec<Find>) -> Option<usize> {
    let before = words[..at].chars().next_back();
    if before.is_some_and(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '£' | '€' | '¥' | '￥')
    }) {
        return None;
    }
    let label = Label::before(words, at);
    let solid = solid_run(words, at);
    let digits = digits_run(words, at);
    let (kind, end) = letters(words, at, &solid, &label)
        .or_else(|| numbers(words, &digits, &label).map(|kind| (kind, digits.end)))
        .unzip();
    match (kind, end) {
        (Some(kind), Some(end)) => {
            found.push(Find::new(words, at..end, kind));
            Some(end)
        }
        // A parenthesis or sign that begins no code may stand before one.
        _ => Some(
            solid
                .end
                .max(at + words[at..].chars().next().map_or(1, char::len_utf8)),
        ),
    }
}

/// Codes of letters and digits.
fn letters(words: &str, at: usize, run: &Run<'_>, label: &Label) -> Option<(Private, usize)> {
    let code = run.compact.as_str();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    let alphas = code.len() - digits;
    if code.len() == 18 && alphas > 0 && !code[..17].bytes().all(|b| b.is_ascii_digit()) {
        let fits = is_credit_code(code) || (label.of(Private::Registration) && digits >= 6);
        if fits {
            return Some((Private::Registration, run.end));
        }
    }
    // An IBAN is printed in groups of four.
    if alphas >= 2
        && code.len() >= 4
        && code.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
        && run.shown.as_bytes()[..2].iter().all(u8::is_ascii_uppercase)
        && let Some(end) = iban(words, at)
    {
        return Some((Private::Account, end));
    }
    let (head, tail) = code.split_at(alphas.min(code.len()));
    let led = alphas > 0
        && head.bytes().all(|b| b.is_ascii_alphabetic())
        && tail.bytes().all(|b| b.is_ascii_digit());
    // A card of Hong Kong: A123456(7).
    if led && alphas <= 2 && digits == 6 {
        let rest = &words[run.end..];
        let check = rest.strip_prefix(['(', '（']).and_then(|rest| {
            let sign = rest
                .chars()
                .next()
                .filter(|c| c.is_ascii_digit() || *c == 'A')?;
            let after = rest[sign.len_utf8()..].strip_prefix([')', '）'])?;
            Some(words.len() - after.len())
        });
        if let Some(end) = check {
            return Some((Private::IdNumber, end));
        }
    }
    let passport = led && alphas <= 2 && (7..=10).contains(&digits);
    if passport && label.of(Private::Passport)
        || led
            && digits == 8
            && alphas == 1
            && matches!(head, "E" | "G")
            && run.shown.starts_with(head)
        || label.of(Private::Passport) && digits >= 6 && code.len() <= 12 && led
    {
        return Some((Private::Passport, run.end));
    }
    if label.says("swift") && matches!(code.len(), 8 | 11) {
        return Some((Private::Account, run.end));
    }
    if label.of(Private::Number)
        && let Some(end) = reference(words, at)
    {
        return Some((Private::Number, end));
    }
    if alphas > 0 && digits >= 4 && code.len() >= 7 {
        for kind in [Private::Registration, Private::Account, Private::IdNumber] {
            if label.of(kind) {
                return Some((kind, run.end));
            }
        }
    }
    None
}

/// Where the number of a contract ends that begins at `at`: LS-20417-B, YJ/2026/015.
fn reference(words: &str, at: usize) -> Option<usize> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '_' | '.');
    let len = words[at..]
        .find(|c| !is_part(c))
        .unwrap_or(words.len() - at);
    let text = words[at..at + len].trim_end_matches(['.', '-', '/', '_']);
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    (digits >= 3 && text.len() <= LONGEST).then_some(at + text.len())
}

/// Codes of digits.
fn numbers(words: &str, run: &Run<'_>, label: &Label) -> Option<Private> {
    let digits = run.compact.as_str();
    let count = digits.len();
    if count < 6 {
        return None;
    }
    let after = words[run.end..].chars().next();
    if after.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_') {
        return None;
    }
    let groups: Vec<usize> = run
        .shown
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .map(str::len)
        .collect();
    let one = groups.len() == 1 || digits.ends_with('X');
    // A decimal amount and a day have points or dashes as well.
    let dotted = run.shown.contains('.');
    if dotted && (groups != [3, 3, 4] || run.shown.matches('.').count() != 2) {
        return None;
    }
    if matches!(groups.as_slice(), [4, 1..=2, 1..=2]) && !label.any() {
        return None;
    }
    if count == 18 && (is_id_number(digits) || label.of(Private::IdNumber)) {
        return Some(Private::IdNumber);
    }
    if count == 18 && one && (is_credit_code(digits) || label.of(Private::Registration)) {
        return Some(Private::Registration);
    }
    if label.of(Private::IdNumber) && matches!(count, 8..=18) || groups == [3, 2, 4] {
        return Some(Private::IdNumber);
    }
    if label.of(Private::Passport) && matches!(count, 7..=10) {
        return Some(Private::Passport);
    }
    if label.of(Private::Account) {
        return Some(Private::Account);
    }
    if label.of(Private::Registration) {
        return Some(Private::Registration);
    }
    if is_phone(run, digits, &groups) || label.of(Private::Phone) && matches!(count, 7..=16) {
        return Some(Private::Phone);
    }
    let by_fours = groups.len() >= 4 && groups[..groups.len() - 1].iter().all(|n| *n == 4);
    if (13..=19).contains(&count) && (one || by_fours) && is_card(digits) || by_fours && count >= 15
    {
        return Some(Private::Account);
    }
    // So long a number tells one thing from all others, whatever it is called.
    (one && count >= 12).then_some(Private::Number)
}

fn is_phone(run: &Run<'_>, digits: &str, groups: &[usize]) -> bool {
    let count = digits.len();
    if run.shown.starts_with('+') {
        return (8..=15).contains(&count);
    }
    let local = digits
        .strip_prefix("86")
        .filter(|rest| rest.len() == 11)
        .unwrap_or(digits);
    let mobile = local.len() == 11
        && local.starts_with('1')
        && matches!(local.as_bytes()[1], b'3'..=b'9')
        && matches!(groups, [11] | [3, 4, 4] | [2, 11] | [2, 3, 4, 4] | [13]);
    let landline = digits.starts_with('0')
        && !digits.starts_with("00")
        && matches!(
            groups,
            [3 | 4, 7 | 8] | [3 | 4, 7 | 8, 1..=5] | [3 | 4, 3 | 4, 4] | [5, 6] | [5, 3, 3]
        );
    let service = (digits.starts_with("400") || digits.starts_with("800"))
        && matches!(groups, [3, 3, 4] | [10]);
    let american = groups == [3, 3, 4] && matches!(digits.as_bytes()[0], b'2'..=b'9');
    let with_one = matches!(groups, [1, 3, 3, 4]) && digits.starts_with('1');
    mobile || landline || service || american || with_one
}

/// What the words before a code say it is.
struct Label(String);

impl Label {
    fn before(words: &str, at: usize) -> Label {
        let from = words[..at]
            .char_indices()
            .rev()
            .nth(31)
            .map_or(0, |(i, _)| i);
        let near = words[from..at].to_lowercase();
        // Another sentence, or another value, says nothing of this one.
        let cut = near
            .char_indices()
            .rfind(|(i, c)| {
                matches!(c, '，' | '。' | '；' | '、' | '\n' | ';')
                    || (matches!(c, ',' | '.')
                        && near[i + c.len_utf8()..].starts_with(' ')
                        && !near[..*i].ends_with("no"))
            })
            .map_or(0, |(i, c)| i + c.len_utf8());
        Label(near[cut..].to_owned())
    }

    fn any(&self) -> bool {
        Private::ALL.into_iter().any(|kind| self.of(kind))
    }

    fn of(&self, kind: Private) -> bool {
        let labels: &[&str] = match kind {
            Private::IdNumber => &[
                "身份证",
                "身份号码",
                "公民身份",
                "居民证",
                "id no",
                "id number",
                "id card",
                "identity",
                "identification number",
                "ssn",
                "social security",
                "national insurance",
            ],
            Private::Passport => &["护照", "通行证", "台胞证", "passport", "travel document"],
            Private::Registration => &[
                "信用代码",
                "登记号",
                "注册号",
                "纳税人识别号",
                "税号",
                "组织机构代码",
                "执照号",
                "company number",
                "company no",
                "registration n",
                "registered n",
                "ein",
                "tax id",
                "vat",
                "file number",
                "abn",
                "acn",
            ],
            Private::Account => &[
                "账号",
                "帐号",
                "账户",
                "帐户",
                "卡号",
                "a/c",
                "acct",
                "account",
                "iban",
                "sort code",
                "routing",
                "aba",
                "card n",
                "swift",
                "行号",
                "bsb",
            ],
            Private::Phone => &[
                "电话",
                "手机",
                "传真",
                "联系方式",
                "致电",
                "拨打",
                "tel",
                "phone",
                "mobile",
                "fax",
                "cell",
                "call",
            ],
            Private::Number => &[
                "合同编号",
                "协议编号",
                "保单号",
                "发票号",
                "contract no",
                "contract number",
                "agreement no",
                "agreement number",
                "policy no",
                "invoice no",
                "reference no",
                "order no",
                "licence no",
                "license no",
            ],
            _ => &[],
        };
        labels.iter().any(|label| self.says(label))
    }

    fn says(&self, label: &str) -> bool {
        {
            let Some(at) = self.0.rfind(label) else {
                return false;
            };
            // `vat` is no part of `private`, `ein` none of `being`.
            let word =
                label.is_ascii() && self.0[..at].ends_with(|c: char| c.is_ascii_alphabetic());
            let long = self.0[at + label.len()..].chars().count() > 16;
            !word && !long
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, wanted: &[(Private, &str)]) {
        let found = codes(words);
        let found: Vec<_> = found
            .iter()
            .map(|f| (f.kind, &words[f.range.clone()]))
            .collect();
        assert_eq!(found, wanted, "{words}");
    }

    #[test]
    fn codes_are_known_by_form_or_label() {
        use Private::*;
        check(
            "身份证号11010519491231002X，手机138 0000 1234，电话025-83210000转8，邮箱li.wei@a-b.example.cn。",
            &[
                (IdNumber, "11010519491231002X"),
                (Phone, "138 0000 1234"),
                (Phone, "025-83210000"),
                (Email, "li.wei@a-b.example.cn"),
            ],
        );
        check(
            "统一社会信用代码：91110000600037341L；账号6222 0212 3456 7890 123；护照E12345678",
            &[
                (Registration, "91110000600037341L"),
                (Account, "6222 0212 3456 7890 123"),
                (Passport, "E12345678"),
            ],
        );
        check(
            "Call (415) 555-0132 or +44 20 7946 0958; SSN 123-45-6789; IBAN GB82 WEST 1234 5698 7654 32.",
            &[
                (Phone, "(415) 555-0132"),
                (Phone, "+44 20 7946 0958"),
                (IdNumber, "123-45-6789"),
                (Account, "GB82 WEST 1234 5698 7654 32"),
            ],
        );
        check("HKID A123456(7)", &[(IdNumber, "A123456(7)")]);
    }

    #[test]
    fn days_articles_and_amounts_are_no_codes() {
        for words in [
            "2026-11-29",
            "2026.11.29",
            "第585条",
            "1,200,000.00元",
            "(EU) 2016/679",
            "ISO 27001",
            "18 U.S.C. § 1833(b)",
            "财税〔2016〕36号",
            "GB/T 9704-2012",
            "100000 元",
            "clause 12.3.4",
            "a@b",
            "Section 409A",
        ] {
            check(words, &[]);
        }
    }
}
