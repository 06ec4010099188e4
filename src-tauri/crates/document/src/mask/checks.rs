//! Check digits of identity numbers, credit codes, payment cards and international accounts.

use super::LONGEST_CODE;

/// Whether 18 characters are a Chinese identity number: GB 11643-1999, ISO 7064 MOD 11-2.
pub(super) fn is_id_number(code: &str) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let digits: Vec<u32> = code
        .chars()
        .take(17)
        .filter_map(|c| c.to_digit(10))
        .collect();
    if code.len() != 18 || digits.len() != 17 {
        return false;
    }
    let sum: u32 = digits
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum();
    let (year, month, day) = (&code[6..10], &code[10..12], &code[12..14]);
    let in_range = |text: &str, least: u32, most: u32| {
        text.parse().is_ok_and(|n: u32| (least..=most).contains(&n))
    };
    code.chars().nth(17) == "10X98765432".chars().nth(sum as usize % 11)
        && in_range(year, 1900, 2099)
        && in_range(month, 1, 12)
        && in_range(day, 1, 31)
}

/// Whether 18 characters are a unified social credit code: GB 32100-2015.
pub(super) fn is_credit_code(code: &str) -> bool {
    const SIGNS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let values: Vec<usize> = code.chars().filter_map(|c| SIGNS.find(c)).collect();
    if code.len() != 18 || values.len() != 18 {
        return false;
    }
    let mut weight = 1;
    let mut sum = 0;
    for value in &values[..17] {
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    values[17] == (31 - sum % 31) % 31
}

/// Whether digits satisfy the check of payment cards: ISO/IEC 7812-1, annex B.
pub(super) fn is_luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(i, byte)| {
            let digit = u32::from(byte.wrapping_sub(b'0'));
            match i % 2 {
                1 if digit > 4 => digit * 2 - 9,
                1 => digit * 2,
                _ => digit,
            }
        })
        .sum();
    digits.bytes().all(|b| b.is_ascii_digit()) && sum.is_multiple_of(10)
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
        {
            let turned = compact[4..].chars().chain(compact[..4].chars());
            let rest = turned
                .filter_map(|c| c.to_digit(36))
                .fold(0u32, |rest, value| {
                    let shift = if value < 10 { 10 } else { 100 };
                    (rest * shift + value) % 97
                });
            if rest == 1 {
                found = Some(at + i + 1);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standards() {
        // The example of GB 11643, and codes of well-known public bodies.
        assert!(is_id_number("11010519491231002X"));
        assert!(!is_id_number("110105194912310021"));
        assert!(is_credit_code("91110000600037341L"));
        assert!(!is_credit_code("91110000600037341M"));
        assert!(is_luhn("4111111111111111") && !is_luhn("4111111111111112"));
        assert!(iban("GB82 WEST 1234 5698 7654 32", 0).is_some());
        assert!(iban("GB83 WEST 1234 5698 7654 32", 0).is_none());
        assert!(iban("DE89370400440532013000", 0).is_some());
    }
}
