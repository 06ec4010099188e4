//! Codes that are known by their check characters.

use super::LONGEST_CODE;
use crate::Date;
use crate::check_digits::{self, agrees};

/// Whether 18 characters are a Chinese identity number: the check character agrees, and the day of birth exists.
pub(super) fn is_id_number(code: &str) -> bool {
    agrees(code, check_digits::identity_number) && born(code).is_some()
}

/// The day of birth in an identity number.
fn born(code: &str) -> Option<Date> {
    let year = code.get(6..10)?.parse().ok()?;
    let month = code.get(10..12)?.parse().ok()?;
    let day = code.get(12..14)?.parse().ok()?;
    Date::new(year, month, day).filter(|day| (1900..2100).contains(&day.year()))
}

/// Whether 18 characters are a unified social credit code.
pub(super) fn is_credit_code(code: &str) -> bool {
    agrees(code, check_digits::credit_code)
}

/// Whether digits are those of a payment card.
pub(super) fn is_card(digits: &str) -> bool {
    agrees(digits, check_digits::card)
}

/// Where an international account number that begins at `at` ends: ISO 13616, MOD 97.
pub(super) fn iban(words: &str, at: usize) -> Option<usize> {
    let mut compact = String::new();
    let mut found = None;
    for (i, c) in words[at..].char_indices().take(LONGEST_CODE) {
        match c {
            ' ' | '\u{a0}' if compact.len().is_multiple_of(4) => continue,
            c if c.is_ascii_digit() || c.is_ascii_uppercase() => compact.push(c),
            _ => break,
        }
        let next = words[at + i + 1..].chars().next();
        if (15..=34).contains(&compact.len())
            && !next.is_some_and(|c| c.is_ascii_alphanumeric())
            && compact.as_bytes()[2..4].iter().all(u8::is_ascii_digit)
            && check_digits::is_iban(&compact)
        {
            found = Some(at + i + 1);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_by_its_check_character_and_day() {
        assert!(is_id_number("11010519491231002X"));
        assert!(!is_id_number("110105194912310021"));
        // The check character agrees, the day does not exist.
        assert!(!is_id_number("110105194913310026"));
        assert!(is_credit_code("91110000600037341L"));
        assert!(!is_credit_code("91110000600037341M"));
        assert!(is_card("4111111111111111") && !is_card("4111111111111112"));
    }

    #[test]
    fn an_account_ends_where_its_check_agrees() {
        let line = "IBAN GB82 WEST 1234 5698 7654 32, then";
        assert_eq!(iban(line, 5), Some(32));
        assert_eq!(iban("GB83 WEST 1234 5698 7654 32", 0), None);
        assert_eq!(iban("DE89370400440532013000", 0), Some(22));
    }
}
