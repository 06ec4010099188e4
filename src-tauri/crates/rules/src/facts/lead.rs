//! The number that was typed at the start of a paragraph: 第三条, 3.2, （一）, (a) …

use super::numeral;
use crate::scan::{is_space, run, skip_spaces};

/// A typed-in number at the start of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lead {
    /// `第三条`, `Article 3`, `Clause 3`.
    Article(u64),
    /// `三、`
    Han(u64),
    /// `（三）`
    HanBracket(u64),
    /// `3.`, `3、`, `3.2`, `3.2.1`
    Decimal(Vec<u64>),
    /// `（3）`, `(3)`, `3)`
    Bracket(u64),
    /// `(c)`, or `(i)` where it can be both.
    Letter(char),
    /// `(iv)`
    Roman(u64),
    /// `附件三：`, `Schedule 3`
    Annex(u64),
}

/// A lead and how many bytes of the text it takes, spaces after it included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LeadFound {
    pub(crate) lead: Lead,
    /// Length of the number itself.
    pub(crate) number: usize,
    /// Length with the spaces and separators after it.
    pub(crate) length: usize,
}

/// Reads the number at the start of a text.
pub(crate) fn lead(text: &str) -> Option<LeadFound> {
    let start = skip_spaces(text, 0);
    let first = text[start..].chars().next()?;
    let (lead, number) = match first {
        '第' => article(text, start)?,
        '附' => annex(text, start)?,
        '（' | '(' => bracket(text, start, first)?,
        'A' | 'C' | 'S' | 'E' => english(text, start)?,
        c if c.is_ascii_digit() || ('０'..='９').contains(&c) => decimal(text, start)?,
        c if numeral::is_chinese_numeral(c) => {
            let digits = run(text, start, numeral::is_chinese_numeral);
            let value = numeral::chinese(&text[digits.clone()])?;
            let end = text[digits.end..]
                .starts_with('、')
                .then_some(digits.end + '、'.len_utf8())?;
            (Lead::Han(value), end)
        }
        _ => return None,
    };
    let length = skip_spaces(text, number);
    Some(LeadFound {
        lead,
        number,
        length,
    })
}

fn article(text: &str, start: usize) -> Option<(Lead, usize)> {
    let from = skip_spaces(text, start + '第'.len_utf8());
    let digits = run(text, from, |c| {
        numeral::is_chinese_numeral(c) || c.is_ascii_digit()
    });
    let value = numeral::whole(&text[digits.clone()])?;
    let word = skip_spaces(text, digits.end);
    let end = text[word..]
        .starts_with('条')
        .then_some(word + '条'.len_utf8())?;
    // 第三条约定 is the start of a sentence; a typed number is followed by a space or a colon, or is alone.
    match text[end..].chars().next() {
        None => Some((Lead::Article(value), end)),
        Some('：' | ':' | '、' | '.') => {
            let mark = text[end..].chars().next().map_or(0, char::len_utf8);
            Some((Lead::Article(value), end + mark))
        }
        Some(c) if is_space(c) => Some((Lead::Article(value), end)),
        Some(_) => None,
    }
}

fn annex(text: &str, start: usize) -> Option<(Lead, usize)> {
    let from = skip_spaces(
        text,
        start + text[start..].strip_prefix("附件").map(|_| "附件".len())?,
    );
    let digits = run(text, from, |c| {
        numeral::is_chinese_numeral(c) || c.is_ascii_digit()
    });
    let value = numeral::whole(&text[digits.clone()])?;
    match text[digits.end..].chars().next() {
        None => Some((Lead::Annex(value), digits.end)),
        Some(c @ ('：' | ':' | '、' | '《' | '.')) => {
            let mark = if c == '《' { 0 } else { c.len_utf8() };
            Some((Lead::Annex(value), digits.end + mark))
        }
        Some(c) if is_space(c) => Some((Lead::Annex(value), digits.end)),
        Some(_) => None,
    }
}

fn bracket(text: &str, start: usize, open: char) -> Option<(Lead, usize)> {
    let from = start + open.len_utf8();
    let close = text[from..].find(['）', ')'])?;
    let inside = &text[from..from + close];
    let end = from
        + close
        + text[from + close..]
            .chars()
            .next()
            .map_or(1, char::len_utf8);
    if inside.len() > 12 || inside.is_empty() {
        return None;
    }
    if inside.chars().all(|c| c.is_ascii_digit()) {
        return Some((
            Lead::Bracket(inside.parse().ok().filter(|n| *n > 0 && *n < 100)?),
            end,
        ));
    }
    if inside.chars().all(numeral::is_chinese_numeral) {
        return Some((Lead::HanBracket(numeral::chinese(inside)?), end));
    }
    let mut chars = inside.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_alphabetic() => Some((Lead::Letter(c), end)),
        _ => Some((Lead::Roman(numeral::roman(inside)?), end)),
    }
}

fn english(text: &str, start: usize) -> Option<(Lead, usize)> {
    let word = run(text, start, |c| c.is_ascii_alphabetic());
    let annex = match &text[word.clone()] {
        "Article" | "ARTICLE" | "Clause" | "CLAUSE" | "Section" | "SECTION" => false,
        "Schedule" | "SCHEDULE" | "Annex" | "ANNEX" | "Appendix" | "APPENDIX" | "Exhibit"
        | "EXHIBIT" => true,
        _ => return None,
    };
    let from = skip_spaces(text, word.end);
    let number = run(text, from, |c| c.is_ascii_alphanumeric());
    let token = &text[number.clone()];
    let letter = token
        .chars()
        .next()
        .filter(|c| annex && token.len() == 1 && c.is_ascii_uppercase());
    let value = token
        .parse()
        .ok()
        .or(letter.map(|c| u64::from(u32::from(c) - u32::from('A') + 1)))?;
    // "Section 3 applies" is the start of a sentence: the number must be alone or followed by a mark.
    let rest = &text[number.end..];
    let marked = rest
        .chars()
        .next()
        .filter(|c| matches!(c, ':' | '.' | '-' | '–' | '—'));
    let titled = rest
        .trim_start_matches(is_space)
        .chars()
        .next()
        .is_none_or(|c| c.is_ascii_uppercase() || c == '–' || c == '—');
    if marked.is_none() && !titled
        || rest.starts_with('.') && rest[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let end = number.end + marked.map_or(0, char::len_utf8);
    Some((
        if annex {
            Lead::Annex(value)
        } else {
            Lead::Article(value)
        },
        end,
    ))
}

fn decimal(text: &str, start: usize) -> Option<(Lead, usize)> {
    let digits = run(text, start, |c| {
        c.is_ascii_digit() || ('０'..='９').contains(&c) || matches!(c, '.' | '．')
    });
    let token: String = text[digits.clone()]
        .chars()
        .map(crate::scan::narrow)
        .collect();
    let numbers: Option<Vec<u64>> = token
        .trim_end_matches('.')
        .split('.')
        .map(|n| n.parse().ok().filter(|v| *v > 0 && *v < 100))
        .collect();
    let numbers = numbers.filter(|n| n.len() <= 4)?;
    let next = text[digits.end..].chars().next();
    let ends_in_point = token.ends_with('.');
    match (numbers.len(), next) {
        (1, Some('、')) => Some((Lead::Decimal(numbers), digits.end + '、'.len_utf8())),
        (1, Some(')' | '）')) => {
            let mark = next.map_or(1, char::len_utf8);
            Some((Lead::Bracket(numbers[0]), digits.end + mark))
        }
        (1, _) if ends_in_point => Some((Lead::Decimal(numbers), digits.end)),
        // 3.2 needs a space after it, or it is an amount or a version.
        (2.., Some(c)) if is_space(c) || c == '、' => {
            let mark = if c == '、' { c.len_utf8() } else { 0 };
            Some((Lead::Decimal(numbers), digits.end + mark))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_numbers_are_read_and_sentences_are_not() {
        for (text, wanted) in [
            ("第三条 付款", Some(Lead::Article(3))),
            ("第十二条：违约", Some(Lead::Article(12))),
            ("第三条约定的期限", None),
            ("三、验收", Some(Lead::Han(3))),
            ("三方确认", None),
            ("（二）逾期", Some(Lead::HanBracket(2))),
            ("3.2 交付", Some(Lead::Decimal(vec![3, 2]))),
            ("3. Payment", Some(Lead::Decimal(vec![3]))),
            ("3.5%的利率", None),
            ("2026年1月", None),
            ("(b) pay", Some(Lead::Letter('b'))),
            ("(iv) pay", Some(Lead::Roman(4))),
            ("(the Buyer)", None),
            ("Section 3 applies", None),
            ("ARTICLE 3", Some(Lead::Article(3))),
            ("附件一：清单", Some(Lead::Annex(1))),
            ("附件一所列", None),
            ("Schedule 2 – Prices", Some(Lead::Annex(2))),
            ("", None),
        ] {
            assert_eq!(lead(text).map(|found| found.lead), wanted, "{text}");
        }
    }
}
