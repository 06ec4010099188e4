//! Bytes of RTF as characters: the code page of the font, double bytes, and the pictures of Symbol fonts.

use encoding_rs::Encoding;

/// How the bytes of a font are read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Page {
    /// By an encoding.
    Known(&'static Encoding),
    /// A Symbol font: its bytes name pictures.
    Symbol,
    /// No table exists here; bytes above ASCII are read as Western ones and counted.
    Unknown,
}

/// The default page: Western Windows.
pub(super) const WESTERN: Page = Page::Known(encoding_rs::WINDOWS_1252);

/// The page of a Windows code page number, as in `\ansicpg` and `\cpg`.
pub(super) fn of_code_page(number: i32) -> Page {
    Page::Known(match number {
        866 => encoding_rs::IBM866,
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 => encoding_rs::GBK,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        0 | 1252 => encoding_rs::WINDOWS_1252,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        10000 => encoding_rs::MACINTOSH,
        10007 => encoding_rs::X_MAC_CYRILLIC,
        54936 => encoding_rs::GB18030,
        65001 => encoding_rs::UTF_8,
        42 => return Page::Symbol,
        _ => return Page::Unknown,
    })
}

/// The page of a Windows character set, as in `\fcharset`; `None` where it leaves the page to the file.
pub(super) fn of_charset(number: i32) -> Option<Page> {
    Some(match number {
        0 => WESTERN,
        2 => Page::Symbol,
        77 => of_code_page(10000),
        128 => of_code_page(932),
        129 => of_code_page(949),
        134 => of_code_page(936),
        136 => of_code_page(950),
        161 => of_code_page(1253),
        162 => of_code_page(1254),
        163 => of_code_page(1258),
        177 => of_code_page(1255),
        178..=180 => of_code_page(1256),
        186 => of_code_page(1257),
        204 => of_code_page(1251),
        222 => of_code_page(874),
        238 => of_code_page(1250),
        78..=89 | 130 | 254 | 255 => Page::Unknown,
        _ => return None,
    })
}

/// Reads bytes. `file` is the page of the whole file; the second value counts bytes no table was known for.
///
/// A Chinese file often names a Western font for Chinese bytes. Where all bytes above ASCII come in pairs that the
/// double-byte page of the file uses for its everyday characters, they are read by it.
pub(super) fn decode(bytes: &[u8], page: Page, file: Page) -> (String, usize) {
    match page {
        Page::Symbol => (bytes.iter().map(|b| picture(*b)).collect(), 0),
        Page::Unknown => (
            plain(encoding_rs::WINDOWS_1252, bytes),
            bytes.iter().filter(|b| **b >= 0x80).count(),
        ),
        Page::Known(encoding) => {
            let encoding = match file {
                Page::Known(whole)
                    if encoding.is_single_byte() && is_double(whole) && paired(bytes) =>
                {
                    whole
                }
                _ => encoding,
            };
            (plain(encoding, bytes), 0)
        }
    }
}

fn plain(encoding: &'static Encoding, bytes: &[u8]) -> String {
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

fn is_double(encoding: &'static Encoding) -> bool {
    [
        encoding_rs::GBK,
        encoding_rs::BIG5,
        encoding_rs::EUC_KR,
        encoding_rs::GB18030,
    ]
    .contains(&encoding)
}

/// Whether the bytes above ASCII come in pairs of the EUC area, and there are any.
fn paired(bytes: &[u8]) -> bool {
    let mut runs = bytes
        .split(|b| *b < 0x80)
        .filter(|run| !run.is_empty())
        .peekable();
    runs.peek().is_some() && runs.all(|run| run.len() % 2 == 0 && run.iter().all(|b| *b >= 0xa1))
}

/// The character for a byte of a Symbol font: what lists and check boxes use; else the byte as a Western one.
pub(super) fn picture(byte: u8) -> char {
    match byte {
        0xb7 => '•',
        0xa7 => '▪',
        0xa8 | 0x6f => '☐',
        0xd8 => '➢',
        0xfc => '✓',
        0xfd => '☒',
        0xfe => '☑',
        _ => char::from(byte),
    }
}

/// A character of the private area, where Word keeps the pictures of Symbol fonts, as the picture it shows.
pub(super) fn shown(c: char) -> char {
    match u32::from(c) {
        code @ 0xf020..=0xf0ff => picture((code & 0xff) as u8),
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn double_bytes_of_every_east_asian_page() {
        for (charset, bytes, words) in [
            (134, &b"\xba\xcf\xcd\xac\x81@"[..], "合同丂"),
            (136, b"\xa6X\xac\xf9", "合約"),
            (128, b"\x8c_\x96\xf1\x83\x5c", "契約ソ"),
            (129, b"\xb0\xe8\xbe\xe0", "계약"),
        ] {
            let page = of_charset(charset).unwrap();
            assert_eq!(decode(bytes, page, WESTERN), (words.to_owned(), 0));
        }
    }

    #[test]
    fn chinese_bytes_in_a_western_font_of_a_chinese_file() {
        let file = of_code_page(936);
        assert_eq!(decode(b"A\xba\xcf\xcd\xacB", WESTERN, file).0, "A合同B");
        assert_eq!(
            decode(b"\x93Seller\x94 caf\xe9", WESTERN, file).0,
            "“Seller” café"
        );
        assert_eq!(decode(b"\xba\xcf", WESTERN, WESTERN).0, "ºÏ");
    }

    #[test]
    fn bytes_without_a_table_are_counted() {
        assert_eq!(decode(b"a\x82b", of_code_page(437), WESTERN).1, 1);
    }
}
