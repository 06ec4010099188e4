//! What counts as the same letter when somebody searches.

/// Chinese characters, with the extensions and the compatibility block.
pub(crate) fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}' | '〇')
}

/// Accents written as characters of their own; a letter is found with and without them.
pub(crate) fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// A letter or digit in its plain form: in ordinary width, lower case and without accent. Several characters can come
/// out, as `İ` has no single lower case.
pub(crate) fn fold(c: char) -> impl Iterator<Item = char> {
    narrow(c)
        .to_lowercase()
        .filter(|c| !is_accent(*c))
        .map(without_accent)
}

/// Full-width forms, as a Chinese keyboard types them, in ordinary width.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    }
}

/// The small letters of Latin-1 and Latin Extended-A that are a plain letter with an accent.
const ACCENTED: [(&str, char); 20] = [
    ("àáâãäåāăą", 'a'),
    ("çćĉċč", 'c'),
    ("ďđ", 'd'),
    ("èéêëēĕėęě", 'e'),
    ("ĝğġģ", 'g'),
    ("ĥħ", 'h'),
    ("ìíîïĩīĭįı", 'i'),
    ("ĵ", 'j'),
    ("ķ", 'k'),
    ("ĺļľŀł", 'l'),
    ("ñńņňŉ", 'n'),
    ("òóôõöøōŏő", 'o'),
    ("ŕŗř", 'r'),
    ("śŝşš", 's'),
    ("ţťŧ", 't'),
    ("ùúûüũūŭůűų", 'u'),
    ("ŵ", 'w'),
    ("ýÿŷ", 'y'),
    ("źżž", 'z'),
    ("ſ", 's'),
];

fn without_accent(c: char) -> char {
    if !matches!(c, '\u{df}'..='\u{17f}') {
        return c;
    }
    ACCENTED
        .iter()
        .find(|(letters, _)| letters.contains(c))
        .map_or(c, |(_, plain)| *plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_found_in_every_dress() {
        for (typed, plain) in [
            ("ＡＢｃ１２", "abc12"),
            ("Zürich", "zurich"),
            ("ŠKODA", "skoda"),
            ("İ", "i"),
            ("违约", "违约"),
            ("ß", "ß"),
        ] {
            assert_eq!(typed.chars().flat_map(fold).collect::<String>(), plain);
        }
    }
}
