//! Plain text in the encodings of Windows in China and elsewhere.

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

/// The words of a plain text file without its byte-order mark; `None` where the bytes are no text.
///
/// Read are UTF-8 with or without a byte-order mark, UTF-16 with one, and GB18030 (with GBK and GB 2312 in it) where
/// the bytes are no UTF-8 and nearly all of the characters beyond ASCII are everyday ones of GB 2312: Western and
/// Japanese code pages and Big5 also decode as GB18030, but into rare characters.
#[must_use]
pub fn decode_text(bytes: &[u8]) -> Option<String> {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        let (text, _, damaged) = encoding.decode(bytes);
        let wide = encoding == UTF_16LE || encoding == UTF_16BE;
        // Half a character at the end is damage, not another kind of file.
        let fits = !damaged
            || (wide
                && bytes.len() % 2 == 1
                && !text.trim_end_matches('\u{fffd}').contains('\u{fffd}'));
        return fits
            .then(|| text.into_owned())
            .filter(|text| is_words(text));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return is_words(text).then(|| text.to_owned());
    }
    if !is_everyday_chinese(bytes) {
        return None;
    }
    let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes)?;
    is_words(&text).then(|| text.into_owned())
}

/// Whether there are words and no control characters but those of text.
fn is_words(text: &str) -> bool {
    !text.chars().any(|c| {
        c.is_control()
            && !matches!(
                c,
                '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1a}' | '\u{85}'
            )
    })
}

/// Whether at least nine in ten of the pairs of bytes beyond ASCII are in the area of GB 2312.
fn is_everyday_chinese(bytes: &[u8]) -> bool {
    let (mut pairs, mut everyday, mut at) = (0usize, 0usize, 0);
    while let Some(lead) = bytes.get(at) {
        if *lead < 0x80 {
            at += 1;
            continue;
        }
        let trail = bytes.get(at + 1).copied().unwrap_or(0);
        pairs += 1;
        everyday += usize::from(matches!(lead, 0xa1..=0xa9 | 0xb0..=0xf7) && trail >= 0xa1);
        // A figure after the first byte begins a character of four bytes.
        at += if trail.is_ascii_digit() { 4 } else { 2 };
    }
    pairs > 0 && everyday * 10 >= pairs * 9
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::{BIG5, GBK, SHIFT_JIS, WINDOWS_1252};

    const WORDS: &str = "第一条 价款：人民币 100 元（含税）。\r\n“甲方”指出卖人。";

    #[test]
    fn every_encoding_gives_the_same_words() {
        let utf16 = |swap: bool| -> Vec<u8> {
            std::iter::once(0xfeff)
                .chain(WORDS.encode_utf16())
                .flat_map(|unit| {
                    if swap {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect()
        };
        let marked = [b"\xef\xbb\xbf", WORDS.as_bytes()].concat();
        let files: [Vec<u8>; 6] = [
            WORDS.into(),
            marked,
            utf16(false),
            utf16(true),
            GBK.encode(WORDS).0.into_owned(),
            GB18030.encode(WORDS).0.into_owned(),
        ];
        for file in &files {
            assert_eq!(decode_text(file).as_deref(), Some(WORDS));
        }
        // A rare character of four bytes among everyday ones.
        let rare = "当事人姓名为：㐂某某，住所地在北京市朝阳区建国路";
        assert_eq!(decode_text(&GB18030.encode(rare).0).as_deref(), Some(rare));
        assert_eq!(decode_text(b"").as_deref(), Some(""));
    }

    #[test]
    fn other_code_pages_and_binary_files_are_no_text() {
        for bytes in [
            WINDOWS_1252
                .encode("Der Käufer trägt die Kosten für Zölle; façade, naïve.")
                .0,
            BIG5.encode("買賣合約，甲方應於簽約後給付價金。").0,
            SHIFT_JIS.encode("売買契約書。甲は乙に対し代金を支払う。").0,
        ] {
            assert_eq!(decode_text(&bytes), None, "{bytes:?}");
        }
        for bytes in [
            &b"\0\x01\x02"[..],
            b"PK\x03\x04\x14\0",
            b"\xff\xfe\0\xd8\0\0",
            b"\x89PNG\r\n\x1a\n\0\0",
            b"\xba\xcf\xff",
            b"\xba",
        ] {
            assert_eq!(decode_text(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn a_cut_file_in_utf16_keeps_its_words() {
        assert_eq!(
            decode_text(b"\xff\xfea\0b\0c").as_deref(),
            Some("ab\u{fffd}")
        );
    }
}
