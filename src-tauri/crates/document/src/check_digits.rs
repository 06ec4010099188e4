//! The check characters by which identity numbers, credit codes and payment cards end, and international accounts begin.
//!
//! Each function is given what stands before the check character and gives it, or `None` where nothing of the kind can
//! stand there: whoever makes a number appends it, whoever reads one compares.

/// The characters of a unified social credit code in the order of their values: GB 32100-2015.
pub const CREDIT_CHARACTERS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// The check character behind the 17 digits of a Chinese identity number: GB 11643-1999, ISO 7064 MOD 11-2.
#[must_use]
pub fn identity_number(digits: &str) -> Option<char> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if digits.len() != 17 {
        return None;
    }
    let mut sum = 0;
    for (digit, weight) in digits.chars().zip(WEIGHTS) {
        sum += digit.to_digit(10)? * weight;
    }
    "10X98765432".chars().nth(sum as usize % 11)
}

/// The check character behind the 17 characters of a unified social credit code: GB 32100-2015, MOD 31-3.
#[must_use]
pub fn credit_code(characters: &str) -> Option<char> {
    if characters.len() != 17 {
        return None;
    }
    let (mut weight, mut sum) = (1, 0);
    for c in characters.chars() {
        sum += CREDIT_CHARACTERS.find(c)? * weight;
        weight = weight * 3 % 31;
    }
    CREDIT_CHARACTERS.chars().nth((31 - sum % 31) % 31)
}

/// The check digit behind the digits of a payment card: ISO/IEC 7812-1, annex B (Luhn).
#[must_use]
pub fn card(digits: &str) -> Option<char> {
    let mut sum = 0;
    for (at, c) in digits.chars().rev().enumerate() {
        let digit = c.to_digit(10)?;
        sum += match at % 2 {
            0 => digit * 2 / 10 + digit * 2 % 10,
            _ => digit,
        };
    }
    char::from_digit((10 - sum % 10) % 10, 10)
}

/// Whether the two digits behind the country of an international account number agree with the rest, which is given
/// without spaces: ISO 13616, ISO 7064 MOD 97-10.
#[must_use]
pub fn is_iban(account: &str) -> bool {
    let Some((head, rest)) = account.split_at_checked(4) else {
        return false;
    };
    let mut left = 0;
    for c in rest.chars().chain(head.chars()) {
        match c.to_digit(36) {
            Some(value @ 0..10) => left = (left * 10 + value) % 97,
            Some(value) => left = (left * 100 + value) % 97,
            None => return false,
        }
    }
    left == 1
}

/// Whether a number ends with the check character that belongs behind what stands before it.
#[must_use]
pub fn agrees(number: &str, check: fn(&str) -> Option<char>) -> bool {
    number
        .char_indices()
        .next_back()
        .is_some_and(|(at, last)| check(&number[..at]) == Some(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_characters_are_those_of_the_standards() {
        // The examples of GB 11643 and ISO 13616, codes of well-known public bodies, a test number of payment cards.
        assert_eq!(identity_number("11010519491231002"), Some('X'));
        assert_eq!(credit_code("91110000600037341"), Some('L'));
        assert_eq!(card("411111111111111"), Some('1'));
        assert!(agrees("4111111111111111", card) && !agrees("4111111111111112", card));
        assert!(is_iban("GB82WEST12345698765432") && !is_iban("GB83WEST12345698765432"));
        assert!(is_iban("DE89370400440532013000"));
    }

    #[test]
    fn other_strings_have_none() {
        for number in [
            "",
            "1",
            "1101051949123100a",
            "１１０１０５１９４９１２３１００２",
            "1101051949123100é",
        ] {
            assert_eq!(identity_number(number), None, "{number}");
            assert_eq!(credit_code(number), None, "{number}");
        }
        // O and I are no characters of a credit code.
        assert_eq!(credit_code("9111000060003734O"), None);
        assert_eq!(card("4111 1111"), None);
        assert!(!agrees("", card) && !is_iban("") && !is_iban("GB8é") && !is_iban("GB82WEST-1234"));
    }
}
