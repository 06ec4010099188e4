//! The format of a value, and random values of the same format: the candidates that a secret is ranked among.
//!
//! A format keeps the shape of a value (groups of digits, signs, the form of a company) and draws all that tells one value
//! from another. Its bits are the entropy of a value drawn from it: a secret of few bits is a common value, not a secret.

use moqi_document::Language;
use moqi_document::check_digits::{self, CREDIT_CHARACTERS};
use moqi_document::mask::Private;

use super::super::words::is_han;
use super::draws::Draws;
use super::names;

/// A part of a value.
#[derive(Clone, PartialEq, Eq)]
enum Slot {
    /// Stays as it is.
    Fixed(String),
    /// 0 to 9.
    Digit,
    /// 1 to 9.
    First,
    /// A to Z.
    Upper,
    /// a to z.
    Lower,
    /// One of a list.
    One(&'static [&'static str]),
    /// Part of an invented word; the first letter is a capital where it begins one.
    Syllables(Case),
    /// A day of birth as eight digits.
    Birthday,
    /// The check character of a Chinese identity number, over the 17 characters before it.
    IdCheck,
    /// The check character of a unified social credit code, over the 17 characters before it.
    CreditCheck,
    /// A sign of a unified social credit code.
    CreditSign,
    /// The check digit of a payment card of 19 digits, over the 18 before it.
    Luhn,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Case {
    Capital,
    Small,
}

/// A format. It shows nothing of the value that it was made of but the parts that stay.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Format(Vec<Slot>);

impl Format {
    /// The format of a value that was found in a document.
    pub fn of(words: &str, kind: Private, language: Language) -> Format {
        let han = words.chars().any(is_han);
        Format(match kind {
            Private::Person if han => chinese_person(words),
            Private::Person => english_person(words),
            Private::Organisation if han => chinese_company(words),
            Private::Organisation => capitalised(words, &names::FORMS),
            Private::Address if han => chinese_address(words),
            Private::Address => capitalised(words, &names::STREETS),
            Private::Email => email(words),
            Private::IdNumber if is_id_number(words) => id_number(),
            Private::Amount => amount(words),
            Private::Phone => signs(words, 1),
            _ if language == Language::Zh && is_credit_code(words) => credit_code(),
            _ => signs(words, 0),
        })
    }

    /// The format of canaries of a kind, in a language; see [`super::canaries`].
    pub fn of_canary(kind: Private, language: Language) -> Format {
        let zh = language == Language::Zh;
        let of = |words: &str| Format::of(words, kind, language).0;
        Format(match (kind, zh) {
            (Private::IdNumber, true) => id_number(),
            (Private::IdNumber, false) => of("323-45-6789"),
            (Private::Registration, true) => credit_code(),
            (Private::Registration, false) => of("84739216"),
            (Private::Account, true) => {
                let bank = Slot::One(&["622202", "621700", "622848", "621661", "622588"]);
                let mut slots = vec![bank];
                slots.extend(vec![Slot::Digit; 12]);
                slots.push(Slot::Luhn);
                slots
            }
            (Private::Account, false) => of("4827 3916 0528 7743"),
            (Private::Phone, true) => {
                let network = Slot::One(&["138", "139", "150", "158", "186", "189", "177", "133"]);
                let mut slots = vec![network];
                slots.extend(vec![Slot::Digit; 8]);
                slots
            }
            (Private::Phone, false) => of("+44 7726 391 584"),
            (Private::Email, _) => email("first.last@place.com"),
            (Private::Amount, _) => amount("4,827,391.56"),
            (Private::Person, true) => chinese_person("李思远"),
            (Private::Person, false) => english_person("Jane B. Smith"),
            (Private::Organisation, true) => chinese_company("南京远见置业有限公司"),
            (Private::Organisation, false) => of("Northwell Ardent Ltd"),
            (Private::Address, true) => chinese_address("南京市鼓楼区中山路318号"),
            (Private::Address, false) => of("482 Northwell Street, Ardentown"),
            (Private::Passport, true) => signs("E48273916", 0)
                .into_iter()
                .enumerate()
                .map(|(at, slot)| if at == 0 { fixed("E") } else { slot })
                .collect(),
            (Private::Passport, false) => of("482739165"),
            (Private::Number, _) => of("KX-482739"),
        })
    }

    /// The same between words that stay.
    pub fn between(&self, before: &str, after: &str) -> Format {
        let mut slots = vec![fixed(before)];
        slots.extend(self.0.iter().cloned());
        slots.push(fixed(after));
        Format(slots)
    }

    /// The entropy of a value drawn from it: log2 of how many there are.
    pub fn bits(&self) -> f64 {
        self.0.iter().map(Slot::bits).sum()
    }

    /// A value.
    pub fn draw(&self, draws: &mut Draws) -> String {
        let mut value = String::new();
        for slot in &self.0 {
            slot.write(&mut value, draws);
        }
        value
    }
}

impl Slot {
    fn bits(&self) -> f64 {
        let count = match self {
            Slot::Fixed(_) | Slot::IdCheck | Slot::CreditCheck | Slot::Luhn => 1,
            Slot::Digit => 10,
            Slot::First => 9,
            Slot::Upper | Slot::Lower => 26,
            Slot::One(list) => list.len(),
            Slot::Syllables(_) => names::HEADS.len() * names::MIDDLES.len() * names::TAILS.len(),
            Slot::Birthday => YEARS as usize * 12 * 28,
            Slot::CreditSign => CREDIT_CHARACTERS.len(),
        };
        (count as f64).log2()
    }

    fn write(&self, value: &mut String, draws: &mut Draws) {
        let digit = |least: u64, draws: &mut Draws| {
            let drawn = least + draws.below(10 - least);
            char::from_digit(u32::try_from(drawn).unwrap_or(0), 10).unwrap_or('0')
        };
        match self {
            Slot::Fixed(words) => value.push_str(words),
            Slot::Digit => value.push(digit(0, draws)),
            Slot::First => value.push(digit(1, draws)),
            Slot::Upper => value.push(draws.letter(b'A')),
            Slot::Lower => value.push(draws.letter(b'a')),
            Slot::One(list) => value.push_str(draws.one(list)),
            Slot::Syllables(case) => {
                let word = [
                    draws.one(&names::HEADS),
                    draws.one(&names::MIDDLES),
                    draws.one(&names::TAILS),
                ]
                .concat();
                match case {
                    Case::Capital => value.push_str(&word),
                    Case::Small => value.push_str(&word.to_lowercase()),
                }
            }
            Slot::Birthday => {
                let (year, month, day) = (
                    FIRST_YEAR + draws.below(YEARS),
                    1 + draws.below(12),
                    1 + draws.below(28),
                );
                value.push_str(&format!("{year}{month:02}{day:02}"));
            }
            Slot::IdCheck => value.push(check_of(value, 17, check_digits::identity_number)),
            Slot::CreditSign => {
                let signs = CREDIT_CHARACTERS.as_bytes();
                value.push(char::from(signs[draws.below(signs.len() as u64) as usize]));
            }
            Slot::CreditCheck => value.push(check_of(value, 17, check_digits::credit_code)),
            Slot::Luhn => value.push(check_of(value, 18, check_digits::card)),
        }
    }
}

/// Years of birth of people who sign contracts.
const FIRST_YEAR: u64 = 1955;
const YEARS: u64 = 50;

/// The check character over the last characters of a text: before a number other words may stand, with digits of their own.
fn check_of(text: &str, last: usize, check: fn(&str) -> Option<char>) -> char {
    let first = text.char_indices().rev().nth(last - 1);
    let number = &text[first.map_or(0, |(at, _)| at)..];
    check(number).unwrap_or('0')
}

fn fixed(words: &str) -> Slot {
    Slot::Fixed(words.to_owned())
}

/// Digits and letters, sign by sign; a run of digits that does not begin with zero does not in another value, and the first
/// `kept` digits of all stay (the beginning of a mobile number).
fn signs(words: &str, kept: usize) -> Vec<Slot> {
    let mut slots = Vec::new();
    let (mut digits, mut before) = (0, ' ');
    for c in words.chars() {
        slots.push(match c {
            '0'..='9' if digits < kept => fixed(&c.to_string()),
            '1'..='9' if !before.is_ascii_digit() => Slot::First,
            '0'..='9' => Slot::Digit,
            'A'..='Z' => Slot::Upper,
            'a'..='z' => Slot::Lower,
            c => fixed(&c.to_string()),
        });
        digits += usize::from(c.is_ascii_digit());
        before = c;
    }
    slots
}

const CHINESE_NUMBERS: &[&str] = &["壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"];
const CHINESE_DIGITS: &[&str] = &["一", "二", "三", "四", "五", "六", "七", "八", "九"];

/// An amount keeps its size and how round it is: zeros at its end stay.
fn amount(words: &str) -> Vec<Slot> {
    let last = words.rfind(|c: char| ('1'..='9').contains(&c));
    let mut before = ' ';
    let mut slots = Vec::new();
    for (at, c) in words.char_indices() {
        let one = c.to_string();
        slots.push(match c {
            '0'..='9' if last.is_none_or(|last| at > last) => Slot::Fixed(one),
            '1'..='9' if !before.is_ascii_digit() && before != ',' && before != '.' => Slot::First,
            '0'..='9' => Slot::Digit,
            _ if CHINESE_NUMBERS.contains(&one.as_str()) => Slot::One(CHINESE_NUMBERS),
            _ if CHINESE_DIGITS.contains(&one.as_str()) => Slot::One(CHINESE_DIGITS),
            _ => Slot::Fixed(one),
        });
        before = c;
    }
    slots
}

fn chinese_person(words: &str) -> Vec<Slot> {
    let mut slots = vec![Slot::One(&names::SURNAMES)];
    slots.extend(
        words
            .chars()
            .skip(1)
            .take(3)
            .map(|_| Slot::One(&names::GIVEN)),
    );
    slots
}

fn english_person(words: &str) -> Vec<Slot> {
    let mut slots = Vec::new();
    let last = words.split(' ').count() - 1;
    let mut named = false;
    for (at, word) in words.split(' ').take(8).enumerate() {
        if at > 0 {
            slots.push(fixed(" "));
        }
        match word {
            "Mr." | "Ms." | "Mrs." | "Dr." | "Mr" | "Ms" | "Mrs" | "Dr" => slots.push(fixed(word)),
            word if word.len() == 2 && word.ends_with('.') => {
                slots.extend([Slot::Upper, fixed(".")]);
            }
            _ if named || at == last => slots.push(Slot::One(&names::LAST)),
            _ => {
                named = true;
                slots.push(Slot::One(&names::FIRST));
            }
        }
    }
    slots
}

fn chinese_company(words: &str) -> Vec<Slot> {
    let form = names::CHINESE_FORMS
        .iter()
        .find(|form| words.ends_with(*form));
    let Some(form) = form else {
        // A short name.
        let count = words.chars().filter(|c| is_han(*c)).count();
        return vec![Slot::One(&names::BRAND); count.min(12)];
    };
    let brand = Slot::One(&names::BRAND);
    vec![
        Slot::One(&names::PLACES),
        brand.clone(),
        brand,
        Slot::One(&names::TRADES),
        fixed(form),
    ]
}

/// English words: those that begin with a capital are invented anew unless they are among `kept`; digits are drawn.
fn capitalised(words: &str, kept: &[&str]) -> Vec<Slot> {
    let mut slots = Vec::new();
    for (at, word) in words.split(' ').take(24).enumerate() {
        if at > 0 {
            slots.push(fixed(" "));
        }
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let name = bare.starts_with(|c: char| c.is_ascii_uppercase())
            && bare
                .chars()
                .all(|c| c.is_alphabetic() || c == '’' || c == '\'')
            && bare.len() > 1;
        match word.split_once(bare) {
            Some((open, close)) if name && !kept.contains(&bare) => {
                slots.push(fixed(open));
                slots.push(Slot::Syllables(Case::Capital));
                slots.push(fixed(close));
            }
            _ if bare.chars().any(|c| c.is_ascii_digit()) => slots.extend(signs(word, 0)),
            _ => slots.push(fixed(word)),
        }
    }
    slots
}

fn chinese_address(words: &str) -> Vec<Slot> {
    let number = words.find(|c: char| c.is_ascii_digit());
    let rest = number.map_or("", |at| &words[at..]);
    let mut slots = vec![
        Slot::One(&names::PLACES),
        fixed("市"),
        Slot::One(&names::DISTRICTS),
        fixed("区"),
        Slot::One(&names::ROADS),
        fixed("路"),
    ];
    slots.extend(signs(rest, 0));
    slots
}

/// Words of letters are invented anew, digits drawn; the last part of the host stays.
fn email(words: &str) -> Vec<Slot> {
    let (head, end) = words.rsplit_once('.').unwrap_or((words, ""));
    let mut slots = Vec::new();
    let mut in_word = false;
    for c in head.chars() {
        match c {
            c if c.is_ascii_alphabetic() => {
                if !in_word {
                    slots.push(Slot::Syllables(Case::Small));
                }
            }
            '0'..='9' => slots.push(Slot::Digit),
            c => slots.push(fixed(&c.to_string())),
        }
        in_word = c.is_ascii_alphabetic();
    }
    slots.push(fixed(&format!(".{end}")));
    slots
}

fn id_number() -> Vec<Slot> {
    let mut slots = vec![Slot::One(&names::AREAS), Slot::Birthday];
    slots.extend(vec![Slot::Digit; 3]);
    slots.push(Slot::IdCheck);
    slots
}

fn is_id_number(words: &str) -> bool {
    words.len() == 18
        && words.bytes().take(17).all(|b| b.is_ascii_digit())
        && words.ends_with(|c: char| c.is_ascii_digit() || c == 'X')
}

fn credit_code() -> Vec<Slot> {
    let mut slots = vec![fixed("91"), Slot::One(&names::AREAS)];
    slots.extend(vec![Slot::CreditSign; 9]);
    slots.push(Slot::CreditCheck);
    slots
}

fn is_credit_code(words: &str) -> bool {
    words.len() == 18 && words.chars().all(|c| CREDIT_CHARACTERS.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where every sign is of the same sort.
    fn shape(words: &str) -> String {
        let sign = |c: char| match c {
            '0'..='9' => '0',
            'A'..='Z' => 'A',
            'a'..='z' => 'a',
            c if is_han(c) => '字',
            c => c,
        };
        words.chars().map(sign).collect()
    }

    fn draws(words: &str, kind: Private, language: Language) -> Vec<String> {
        let format = Format::of(words, kind, language);
        let mut draws = Draws::of(1, &[words]);
        (0..200).map(|_| format.draw(&mut draws)).collect()
    }

    #[test]
    fn candidates_have_the_shape_of_the_value() {
        for (words, kind) in [
            ("USD 4,827,391.56", Private::Amount),
            ("4827 3916 0528 7743", Private::Account),
            ("323-45-6789", Private::IdNumber),
            ("KX-482739", Private::Number),
            ("GB82 WEST 1234 5698 7654 32", Private::Account),
            ("+44 7391 628 504", Private::Phone),
            ("13812345678", Private::Phone),
            ("李思远", Private::Person),
        ] {
            let all = draws(words, kind, Language::En);
            assert!(
                all.iter().all(|drawn| shape(drawn) == shape(words)),
                "{words}: {all:?}"
            );
            let different: std::collections::HashSet<&String> = all.iter().collect();
            assert!(different.len() > 190, "{words}: {all:?}");
        }
        // As round as it was; the beginning of a telephone number stays.
        let round = draws("人民币3,500,000元", Private::Amount, Language::Zh);
        assert!(
            round.iter().all(|drawn| drawn.ends_with("00,000元")),
            "{round:?}"
        );
        let phones = draws("13812345678", Private::Phone, Language::Zh);
        assert!(phones.iter().all(|drawn| drawn.starts_with('1')));
        let names = draws("Ms. Jane B. Smith", Private::Person, Language::En);
        assert!(
            names
                .iter()
                .all(|drawn| drawn.starts_with("Ms. ") && drawn.split(' ').count() == 4)
        );
        let firms = draws("南京远见置业有限公司", Private::Organisation, Language::Zh);
        assert!(firms.iter().all(|drawn| drawn.ends_with("有限公司")));
        let firms = draws("Northwell Ardent Ltd", Private::Organisation, Language::En);
        assert!(firms.iter().all(|drawn| drawn.ends_with(" Ltd")));
        let mails = draws("jane.smith@northwell.co.uk", Private::Email, Language::En);
        assert!(
            mails
                .iter()
                .all(|drawn| drawn.contains('@') && drawn.ends_with(".uk"))
        );
    }

    #[test]
    fn drawn_values_agree_with_their_check_digit_between_any_words() {
        type Check = fn(&str) -> Option<char>;
        let checks: [(Private, Check); 3] = [
            (Private::IdNumber, check_digits::identity_number),
            (Private::Registration, check_digits::credit_code),
            (Private::Account, check_digits::card),
        ];
        for (kind, check) in checks {
            let format = Format::of_canary(kind, Language::Zh);
            for (before, after) in [
                ("", ""),
                ("第3条 乙方2024年4月1日出示的号码：", "，共18位"),
                ("No. 7Z-９é", "X1"),
            ] {
                let between = format.between(before, after);
                let mut draws = Draws::of(1, &[before]);
                for _ in 0..50 {
                    let drawn = between.draw(&mut draws);
                    let number = drawn
                        .strip_prefix(before)
                        .and_then(|n| n.strip_suffix(after));
                    let number = number.unwrap();
                    assert!(check_digits::agrees(number, check), "{kind:?}: {number}");
                }
            }
        }
    }

    #[test]
    fn bits_are_the_logarithm_of_how_many_there_are() {
        let bits = |words: &str, kind: Private| Format::of(words, kind, Language::En).bits();
        assert!((bits("USD 250,000", Private::Amount) - 90f64.log2()).abs() < 1e-9);
        assert!((bits("482739", Private::Number) - 900_000f64.log2()).abs() < 1e-9);
        for kind in Private::ALL {
            for language in [Language::Zh, Language::En] {
                let bits = Format::of_canary(kind, language).bits();
                assert!(bits > 17.0, "{kind:?} {language:?}: {bits}");
            }
        }
    }

    #[test]
    fn any_words_have_a_format() {
        for words in [
            "",
            " ",
            ".",
            "@",
            "。",
            "Ms.",
            "A B",
            "9".repeat(5000).as_str(),
            "é ü",
            "Ltd",
            "公司",
        ] {
            for kind in Private::ALL {
                for language in [Language::Zh, Language::En] {
                    let format = Format::of(words, kind, language).between("(", ")");
                    let mut draws = Draws::of(1, &[]);
                    assert!(format.bits() >= 0.0 && format.draw(&mut draws).starts_with('('));
                }
            }
        }
    }
}
