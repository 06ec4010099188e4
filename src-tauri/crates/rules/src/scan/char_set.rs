//! A set of characters that answers at once: every character of a document is asked about several times.

const ASCII: usize = 0x80 / 64;
const HAN: u32 = 0x4e00;
const HAN_WORDS: usize = (0xa000 - 0x4e00) / 64;
/// Latin-1, quotation marks and dashes, lines and boxes, CJK marks, full-width forms: where the marks of contracts stand.
const MARKS: [u32; 5] = [0x0000, 0x2000, 0x2500, 0x3000, 0xff00];
const MARK_WORDS: usize = 0x100 / 64;

/// A set of characters, made at compile time: one bit for each character of the ranges that contracts use.
pub(crate) struct CharSet {
    ascii: [u64; ASCII],
    han: [u64; HAN_WORDS],
    marks: [[u64; MARK_WORDS]; MARKS.len()],
}

impl CharSet {
    /// The set of the characters of a text.
    ///
    /// # Panics
    ///
    /// At compile time, for a character outside U+0000–00FF, U+2000–20FF, U+2500–25FF, U+3000–30FF, U+4E00–9FFF and
    /// U+FF00–FFFF.
    pub(crate) const fn of(text: &str) -> Self {
        let mut set = Self {
            ascii: [0; ASCII],
            han: [0; HAN_WORDS],
            marks: [[0; MARK_WORDS]; MARKS.len()],
        };
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (code, length) = decode(bytes, at);
            at += length;
            let bit = 1 << (code % 64);
            if code < 0x80 {
                set.ascii[code as usize / 64] |= bit;
            } else if code >= HAN && code < HAN + HAN_WORDS as u32 * 64 {
                set.han[(code - HAN) as usize / 64] |= bit;
            } else {
                set.marks[block(code)][(code & 0xff) as usize / 64] |= bit;
            }
        }
        set
    }

    /// Whether the set has this character.
    #[inline]
    pub(crate) fn has(&self, c: char) -> bool {
        let code = u32::from(c);
        let word = if code < 0x80 {
            self.ascii[code as usize / 64]
        } else if let Some(word) = self.han.get((code.wrapping_sub(HAN) / 64) as usize) {
            *word
        } else {
            match MARKS.iter().position(|base| *base == code & !0xff) {
                Some(block) => self.marks[block][(code & 0xff) as usize / 64],
                None => return false,
            }
        };
        word >> (code % 64) & 1 == 1
    }
}

const fn block(code: u32) -> usize {
    let mut block = 0;
    while block < MARKS.len() {
        if MARKS[block] == code & !0xff {
            return block;
        }
        block += 1;
    }
    panic!("a character outside the ranges of a set")
}

/// The character of valid UTF-8 that starts at `at`, and its length in bytes.
const fn decode(bytes: &[u8], at: usize) -> (u32, usize) {
    let first = bytes[at] as u32;
    let (mut code, length) = match first {
        0..0x80 => (first, 1),
        0x80..0xe0 => (first & 0x1f, 2),
        0xe0..0xf0 => (first & 0x0f, 3),
        _ => (first & 0x07, 4),
    };
    let mut next = 1;
    while next < length {
        code = code << 6 | (bytes[at + next] as u32 & 0x3f);
        next += 1;
    }
    (code, length)
}

#[cfg(test)]
mod tests {
    use super::CharSet;

    #[test]
    fn a_set_has_its_characters_and_no_others() {
        const TEXT: &str = "a9（，“〇一龥鿿,～…×╳";
        static SET: CharSet = CharSet::of(TEXT);
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            assert_eq!(SET.has(c), TEXT.contains(c), "{c:?}");
        }
    }
}
