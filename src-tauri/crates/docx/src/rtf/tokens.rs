//! The tokens of RTF: groups, control words, control symbols, bytes of text (RTF 1.9.1, "Conventions").

/// One token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\word` with its number.
    Word(&'a str, Option<i32>),
    /// `\~`: a control symbol.
    Symbol(u8),
    /// `\'xx`
    Hex(u8),
    /// Bytes that stand for themselves.
    Text(&'a [u8]),
    /// `\bin` with the bytes that follow it.
    Binary,
}

/// Walks over the tokens of a file. Every token takes at least one byte, so that it ends.
pub(super) struct Tokens<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Tokens<'a> {
        Tokens { bytes, at: 0 }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Bytes from here on that `wanted` accepts.
    fn run(&mut self, wanted: impl Fn(u8) -> bool) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|b| !wanted(*b)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// What follows a backslash.
    fn control(&mut self) -> Option<Token<'a>> {
        let first = self.peek()?;
        if !first.is_ascii_alphabetic() {
            self.at += 1;
            return Some(match first {
                b'\'' => self.hex(),
                // A backslash at the end of a line is a paragraph mark.
                b'\r' | b'\n' => Token::Word("par", None),
                _ => Token::Symbol(first),
            });
        }
        let name = self.run(|b| b.is_ascii_alphabetic());
        // Letters of ASCII are UTF-8.
        let name = std::str::from_utf8(name).unwrap_or_default();
        let number = self.number();
        // One blank ends the word and belongs to it.
        if self.peek() == Some(b' ') {
            self.at += 1;
        }
        if name == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.at = self.at.saturating_add(length).min(self.bytes.len());
            return Some(Token::Binary);
        }
        Some(Token::Word(name, number))
    }

    fn number(&mut self) -> Option<i32> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        let digits = self.run(|b| b.is_ascii_digit());
        if digits.is_empty() {
            self.at = start;
            return None;
        }
        // A number out of range says nothing; the largest one does no harm anywhere.
        let sign = if self.bytes[start] == b'-' { -1 } else { 1 };
        let value = digits.iter().fold(0i64, |value, digit| {
            (value * 10 + i64::from(digit - b'0')).min(i64::from(i32::MAX))
        });
        i32::try_from(sign * value).ok()
    }

    fn hex(&mut self) -> Token<'a> {
        let digit = |at: usize| {
            let byte = *self.bytes.get(at)?;
            char::from(byte).to_digit(16)
        };
        match (digit(self.at), digit(self.at + 1)) {
            (Some(high), Some(low)) => {
                self.at += 2;
                Token::Hex((high * 16 + low) as u8)
            }
            // No two digits: the symbol alone says nothing.
            _ => Token::Symbol(b'\''),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        // Line ends are for the eye only.
        self.run(|b| matches!(b, b'\r' | b'\n' | 0));
        let first = self.peek()?;
        match first {
            b'{' | b'}' | b'\\' => {
                self.at += 1;
                match first {
                    b'{' => Some(Token::Open),
                    b'}' => Some(Token::Close),
                    _ => self.control(),
                }
            }
            _ => {
                Some(Token::Text(self.run(|b| {
                    !matches!(b, b'{' | b'}' | b'\\' | b'\r' | b'\n' | 0)
                })))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_symbols_bytes_and_binary_data() {
        let bytes = b"{\\rtf1 a b\\'e4\\u-100 ?\\*\\~\\bin5 {{}}}x\r\ny\\\n\\b0\\'zz}";
        let tokens: Vec<Token<'_>> = Tokens::new(bytes).collect();
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("rtf", Some(1)),
                Token::Text(b"a b"),
                Token::Hex(0xe4),
                Token::Word("u", Some(-100)),
                Token::Text(b"?"),
                Token::Symbol(b'*'),
                Token::Symbol(b'~'),
                Token::Binary,
                Token::Text(b"x"),
                Token::Text(b"y"),
                Token::Word("par", None),
                Token::Word("b", Some(0)),
                Token::Symbol(b'\''),
                Token::Text(b"zz"),
                Token::Close,
            ]
        );
    }

    #[test]
    fn numbers_out_of_range_and_binary_data_past_the_end() {
        let tokens: Vec<Token<'_>> =
            Tokens::new(b"\\fs99999999999999999999 \\li-99999999999\\bin2147483647 }}}").collect();
        assert_eq!(
            tokens,
            [
                Token::Word("fs", Some(i32::MAX)),
                Token::Word("li", Some(-i32::MAX)),
                Token::Binary
            ]
        );
    }
}
