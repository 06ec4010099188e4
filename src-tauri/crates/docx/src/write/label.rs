//! Shapes of numbers: from a label the document room computed to Word's number formats.

/// How Word counts one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Digits {
    /// 1, 2, 3.
    Decimal,
    /// 一, 二, 三.
    Chinese,
    /// ①, ②, ③.
    Circled,
    /// a, b, c.
    LowerLetter,
    /// A, B, C.
    UpperLetter,
    /// i, ii, iii.
    LowerRoman,
    /// I, II, III.
    UpperRoman,
}

/// The shape of a label: what stands before the number, how it counts, what stands after.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Shape {
    /// Text before.
    pub before: String,
    /// How many ancestors' numbers stand before the own one, each with a full stop (`2.1` has one).
    pub parents: u8,
    /// The own number.
    pub digits: Digits,
    /// Text after.
    pub after: String,
}

impl Digits {
    /// Every kind, in the order they are tried.
    const ALL: [Self; 7] = [
        Self::Decimal,
        Self::Chinese,
        Self::Circled,
        Self::LowerRoman,
        Self::LowerLetter,
        Self::UpperLetter,
        Self::UpperRoman,
    ];

    /// The value of `w:numFmt`.
    pub fn format(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Chinese => "chineseCountingThousand",
            Self::Circled => "decimalEnclosedCircle",
            Self::LowerLetter => "lowerLetter",
            Self::UpperLetter => "upperLetter",
            Self::LowerRoman => "lowerRoman",
            Self::UpperRoman => "upperRoman",
        }
    }

    /// What Word prints for `n`, from 1; `None` where the format has no figure for it.
    pub fn print(self, n: u32) -> Option<String> {
        if n == 0 {
            return None;
        }
        match self {
            Self::Decimal => Some(n.to_string()),
            Self::Chinese => chinese(n),
            Self::Circled => (n <= 20)
                .then(|| char::from_u32(0x245F + n))
                .flatten()
                .map(String::from),
            Self::LowerLetter => letters(n, b'a'),
            Self::UpperLetter => letters(n, b'A'),
            Self::LowerRoman => roman(n),
            Self::UpperRoman => roman(n).map(|text| text.to_uppercase()),
        }
    }
}

impl Shape {
    /// Finds the shape of a label whose own number is `ordinal`, and the ancestors' numbers it shows.
    ///
    /// The number is looked for as late as possible, so that `1.1` counts by its last part.
    pub fn of(label: &str, ordinal: u32) -> Option<(Self, Vec<u32>)> {
        for digits in Digits::ALL {
            let Some(own) = digits.print(ordinal) else {
                continue;
            };
            let Some(at) = label.rfind(&own) else {
                continue;
            };
            let (mut before, after) = (&label[..at], &label[at + own.len()..]);
            if after
                .chars()
                .any(|c| c.is_ascii_alphanumeric() || FIGURES.contains(c))
            {
                continue;
            }
            let mut shown = Vec::new();
            if digits == Digits::Decimal {
                while let Some(rest) = before.strip_suffix('.') {
                    let start = rest.rfind(|c: char| !c.is_ascii_digit()).map_or(0, |i| {
                        i + rest[i..].chars().next().map_or(1, char::len_utf8)
                    });
                    let Ok(parent) = rest[start..].parse() else {
                        break;
                    };
                    shown.insert(0, parent);
                    before = &rest[..start];
                }
            }
            // What is left before the number must be fixed text such as 第 or "Schedule ", never another digit.
            if before.chars().any(|c| c.is_ascii_digit())
                || (digits != Digits::Decimal && glued(before, digits))
            {
                continue;
            }
            let parents = u8::try_from(shown.len()).ok()?;
            return Some((
                Self {
                    before: before.to_owned(),
                    parents,
                    digits,
                    after: after.to_owned(),
                },
                shown,
            ));
        }
        None
    }

    /// The value of `w:lvlText` for a level, counted from 0.
    pub fn level_text(&self, level: usize) -> String {
        let mut out = self.before.replace('%', "");
        for parent in level.saturating_sub(usize::from(self.parents))..level {
            out.push_str(&format!("%{}.", parent + 1));
        }
        out.push_str(&format!("%{}", level + 1));
        out.push_str(&self.after.replace('%', ""));
        out
    }
}

/// Figures of Chinese counting.
const FIGURES: &str = "零一二三四五六七八九十百千";

/// True when the text before ends in a figure of the same kind, so that the match is only a part of the number.
fn glued(before: &str, digits: Digits) -> bool {
    before.chars().next_back().is_some_and(|c| match digits {
        Digits::Chinese => FIGURES.contains(c),
        Digits::LowerLetter | Digits::UpperLetter | Digits::LowerRoman | Digits::UpperRoman => {
            c.is_ascii_alphabetic()
        }
        Digits::Decimal | Digits::Circled => false,
    })
}

/// Letters as Word counts them: a … z, aa, bb … zz, aaa.
fn letters(n: u32, first: u8) -> Option<String> {
    let (round, letter) = ((n - 1) / 26 + 1, u8::try_from((n - 1) % 26).ok()?);
    (n <= 780).then(|| {
        char::from(first + letter)
            .to_string()
            .repeat(round as usize)
    })
}

/// Small roman numerals below 4000.
fn roman(mut n: u32) -> Option<String> {
    const SIGNS: [(u32, &str); 13] = [
        (1000, "m"),
        (900, "cm"),
        (500, "d"),
        (400, "cd"),
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
        (1, "i"),
    ];
    if n >= 4000 {
        return None;
    }
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while n >= value {
            out.push_str(sign);
            n -= value;
        }
    }
    Some(out)
}

/// Chinese counting below ten thousand: 十, 十一, 二十, 一百零一, 一百一十.
fn chinese(n: u32) -> Option<String> {
    const ONES: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    if n >= 10_000 {
        return None;
    }
    let mut out = String::new();
    let mut zero = false;
    for (unit, sign) in [
        (1000, Some('千')),
        (100, Some('百')),
        (10, Some('十')),
        (1, None),
    ] {
        let figure = n / unit % 10;
        if figure == 0 {
            zero = !out.is_empty();
            continue;
        }
        if zero {
            out.push('零');
            zero = false;
        }
        // 10 to 19 are 十 … 十九; inside a larger number the one is said: 一百一十.
        if !(unit == 10 && figure == 1 && out.is_empty()) {
            out.push(ONES[figure as usize]);
        }
        out.extend(sign);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_in_word() {
        let chinese: Vec<_> = [1, 10, 11, 20, 21, 100, 101, 110, 111, 1001, 1010, 2030]
            .iter()
            .map(|&n| Digits::Chinese.print(n).unwrap())
            .collect();
        assert_eq!(
            chinese,
            [
                "一",
                "十",
                "十一",
                "二十",
                "二十一",
                "一百",
                "一百零一",
                "一百一十",
                "一百一十一",
                "一千零一",
                "一千零一十",
                "二千零三十"
            ]
        );
        assert_eq!(Digits::LowerLetter.print(28).as_deref(), Some("bb"));
        assert_eq!(Digits::LowerRoman.print(1994).as_deref(), Some("mcmxciv"));
        assert_eq!(Digits::Circled.print(20).as_deref(), Some("⑳"));
        assert_eq!(Digits::Circled.print(21), None);
    }

    #[test]
    fn the_shape_of_a_label_is_found() {
        let table: &[(&str, u32, &str, &str)] = &[
            ("第十二条", 12, "第%1条", "chineseCountingThousand"),
            ("一、", 1, "%1、", "chineseCountingThousand"),
            ("（三）", 3, "（%1）", "chineseCountingThousand"),
            ("12.", 12, "%1.", "decimal"),
            ("（1）", 1, "（%1）", "decimal"),
            ("②", 2, "%1", "decimalEnclosedCircle"),
            ("(i)", 1, "(%1)", "lowerRoman"),
            ("(i)", 9, "(%1)", "lowerLetter"),
            ("(ix)", 9, "(%1)", "lowerRoman"),
            ("(C)", 3, "(%1)", "upperLetter"),
            ("附件一", 1, "附件%1", "chineseCountingThousand"),
            ("Schedule 4", 4, "Schedule %1", "decimal"),
        ];
        for (label, ordinal, text, format) in table {
            let (shape, shown) = Shape::of(label, *ordinal).unwrap_or_else(|| panic!("{label}"));
            assert_eq!(
                (shape.level_text(0).as_str(), shape.digits.format()),
                (*text, *format),
                "{label}"
            );
            assert!(shown.is_empty());
        }
        let (shape, shown) = Shape::of("2.11", 11).unwrap();
        assert_eq!((shape.level_text(1).as_str(), shown), ("%1.%2", vec![2]));
        let (shape, shown) = Shape::of("3.1.1", 1).unwrap();
        assert_eq!(
            (shape.level_text(3).as_str(), shown),
            ("%2.%3.%4", vec![3, 1])
        );
        assert_eq!(Shape::of("第十二条", 2), None);
        assert_eq!(Shape::of("x", 1), None);
    }
}
