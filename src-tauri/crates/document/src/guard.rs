//! A copy of the text in which Markdown sees nothing it could misread.
//!
//! The copy has the same length byte for byte, so every position found in it is a position in the text.
//! Changed in the copy:
//!
//! - front matter and lines that hold one `{% tag %}` become blank lines;
//! - `{{field}}`, `[](#id)`, `[^note]` and a final `{#id}` become letters and are reported as tokens, so that a bar or
//!   an underscore inside them is never Markdown;
//! - letters and punctuation beyond ASCII become letters, so that `**甲方：**乙方` is bold: CommonMark would not close
//!   after full-width punctuation before a letter, and Chinese has no spaces to help;
//! - what CommonMark reads against the habit of contracts becomes plain: runs of three or more `_` (blanks to fill
//!   in), a single `~` (a range), link definitions, which would vanish from the text;
//! - containers nested deeper on one line than any contract needs, which would cost quadratic time.

use crate::model::Span;

/// Something inline that the Markdown parser must not touch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) span: Span,
    pub(crate) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// `{{expr}}`
    Field(String),
    /// `[](#id)`
    Reference(String),
    /// `[^label]`
    FootnoteRef(String),
    /// `{#id .class}` at the end of a line.
    Attributes {
        id: Option<String>,
        classes: Vec<String>,
    },
}

pub(crate) struct Guarded {
    pub(crate) text: String,
    pub(crate) tokens: Vec<Token>,
    /// Lines that hold one `{% tag %}`, without the spaces around.
    pub(crate) tags: Vec<Span>,
}

/// What one-byte characters become: to Markdown a letter like any other, but one that cannot begin a tag, an address
/// or the number of a list.
const LETTER: u8 = 1;

/// Containers a single line may open.
const DEEPEST: usize = 16;

/// Guards `text`; everything before `body` is blanked.
pub(crate) fn guard(text: &str, body: usize) -> Guarded {
    let mut scan = Scan {
        text,
        out: text.as_bytes().to_vec(),
        tokens: Vec::new(),
        fixed: 0,
    };
    let mut tags = Vec::new();
    blank(&mut scan.out[..body]);
    let mut start = body;
    while start < text.len() {
        let end = text[start..]
            .find('\n')
            .map_or(text.len(), |n| start + n + 1);
        let line = &text[start..end];
        if let Some(tag) = tag_line(line) {
            tags.push(Span {
                start: start + tag.start,
                end: start + tag.end,
            });
            blank(&mut scan.out[start..end]);
        } else {
            scan.line(start, end);
        }
        start = end;
    }
    let text = String::from_utf8(scan.out)
        .expect("every replacement is whole characters of the same length");
    Guarded {
        text,
        tokens: scan.tokens,
        tags,
    }
}

/// The one `{% tag %}` that a line consists of, as a range of the line.
pub(crate) fn tag_line(line: &str) -> Option<Span> {
    let trimmed = line.trim();
    let inner = trimmed.strip_prefix("{%")?;
    if inner.find("%}")? + 2 != inner.len() {
        return None;
    }
    let start = line.len() - line.trim_start().len();
    Some(Span {
        start,
        end: start + trimmed.len(),
    })
}

/// The token that starts at `at`, looking no further than `end`: used here and by `fill`.
pub(crate) fn field_at(text: &str, at: usize, end: usize) -> Option<(Span, &str)> {
    let rest = text.get(at..end)?.strip_prefix("{{")?;
    // `{{{x}}}` is a brace, a field and a brace.
    if rest.starts_with('{') {
        return None;
    }
    // The next pair of braces or line end decides: looking past it would cost quadratic time in a text of openings.
    let close = rest.match_indices(['{', '}', '\n']).find_map(|(n, c)| {
        let pair = c == "\n" || rest[n + 1..].starts_with(c);
        pair.then_some(n)
    })?;
    let inner = rest[..close].trim();
    if !rest[close..].starts_with('}') || inner.is_empty() {
        return None;
    }
    Some((
        Span {
            start: at,
            end: at + close + 4,
        },
        inner,
    ))
}

fn blank(bytes: &mut [u8]) {
    for b in bytes {
        if *b != b'\n' && *b != b'\r' {
            *b = b' ';
        }
    }
}

struct Scan<'a> {
    text: &'a str,
    out: Vec<u8>,
    tokens: Vec<Token>,
    /// Bytes before this one belong to an escape or a token and must stay.
    fixed: usize,
}

/// What is known of the line that is read; found once for each line, so that a line costs linear time.
#[derive(Clone, Copy)]
struct Line {
    end: usize,
    /// Where its first word stands.
    first: usize,
    /// Where the blanks, signs and numbers end that may stand before the definition of a note.
    opening: usize,
    /// Its last `)`; 0 where it has none.
    last_parenthesis: usize,
}

impl Line {
    fn of(text: &str, start: usize, end: usize) -> Line {
        let line = &text[start..end];
        let opening = line
            .bytes()
            .take_while(|b| b" \t>-+*.)0123456789".contains(b))
            .count();
        Line {
            end,
            first: end - line.trim_start().len(),
            opening: start + opening,
            last_parenthesis: line.rfind(')').map_or(0, |n| start + n),
        }
    }
}

impl Scan<'_> {
    fn line(&mut self, start: usize, end: usize) {
        let text = self.text;
        let bytes = text.as_bytes();
        self.containers(start, end);
        let line = Line::of(text, start, end);
        let mut at = start;
        while at < end {
            match bytes[at] {
                b'\\' if bytes.get(at + 1).is_some_and(u8::is_ascii_punctuation) => {
                    at += 2;
                    self.fixed = at;
                }
                b'&' => {
                    // The semicolon of an entity is not punctuation.
                    let name = bytes[at + 1..end]
                        .iter()
                        .take(32)
                        .take_while(|b| b.is_ascii_alphanumeric() || **b == b'#')
                        .count();
                    if bytes.get(at + 1 + name) == Some(&b';') {
                        self.fixed = at + name + 2;
                    }
                    at += 1 + name;
                }
                b'{' => at = self.brace(at, end),
                b'[' => at = self.bracket(line, at),
                b']' => at = self.bracket_end(line, at),
                b'~' => {
                    let run = run_of(bytes, at, end);
                    let fence = run >= 3 && at == line.first;
                    if run != 2 && !fence {
                        self.out[at..at + run].fill(LETTER);
                    }
                    at += run;
                }
                b'_' => {
                    let run = run_of(bytes, at, end);
                    if run >= 3 {
                        self.out[at..at + run].fill(LETTER);
                    }
                    at += run;
                }
                b'*' => {
                    let run = run_of(bytes, at, end);
                    if run >= 2 {
                        self.soften(line, at, at + run);
                    }
                    at += run;
                }
                b if b < 0x80 => at += 1,
                _ => {
                    let c = text[at..].chars().next().map_or(1, char::len_utf8);
                    self.letters(at, at + c);
                    at += c;
                }
            }
        }
    }

    /// Takes ASCII punctuation beside `**` for letters, so that `**Price:**100` closes.
    fn soften(&mut self, line: Line, start: usize, after: usize) {
        let after_mark = start > line.first && start > self.fixed;
        if after_mark && b".,:;?!\"'%)".contains(&self.out[start - 1]) {
            // The mark of a list item is not punctuation; its number has nine digits at most.
            let head = &self.text.as_bytes()[line.first..start - 1];
            let marker = (1..10).contains(&head.len()) && head.iter().all(u8::is_ascii_digit);
            if !marker {
                self.out[start - 1] = LETTER;
            }
        }
        if after < line.end && b"(\"'$".contains(&self.out[after]) {
            self.out[after] = LETTER;
        }
    }

    fn brace(&mut self, at: usize, end: usize) -> usize {
        if let Some((span, expr)) = field_at(self.text, at, end) {
            return self.token(span, TokenKind::Field(expr.to_owned()));
        }
        if let Some((span, kind)) = attributes(self.text, at, end) {
            return self.token(span, kind);
        }
        at + 1
    }

    fn bracket(&mut self, line: Line, at: usize) -> usize {
        let rest = &self.text[at..line.end];
        if let Some(id) = enclosed(rest, "[](#", is_id_char, ')') {
            let span = Span {
                start: at,
                end: at + 4 + id.len() + 1,
            };
            return self.token(span, TokenKind::Reference(id.to_owned()));
        }
        if let Some(label) = enclosed(rest, "[^", is_label_char, ']') {
            let stop = at + 2 + label.len() + 1;
            if at <= line.opening && self.text.as_bytes().get(stop) == Some(&b':') {
                // A definition: the parser must see its label as it is.
                self.fixed = stop + 1;
                return stop + 1;
            }
            return self.token(
                Span {
                    start: at,
                    end: stop,
                },
                TokenKind::FootnoteRef(label.to_owned()),
            );
        }
        at + 1
    }

    /// After `]`: kills link definitions, keeps the target of a link as it is, and breaks links whose target
    /// is no address (`[甲方](见{{x}})` is text).
    fn bracket_end(&mut self, line: Line, at: usize) -> usize {
        let end = line.end;
        match self.text.as_bytes().get(at + 1) {
            Some(b':') if at + 1 < end => {
                self.out[at + 1] = LETTER;
                at + 2
            }
            Some(b'(') if at + 1 < end => {
                let target = &self.text[at + 2..end];
                let address = [
                    "http://", "https://", "mailto:", "ftp://", "#", "/", "./", "www.",
                ];
                if let Some(inner) = target.strip_prefix('<') {
                    match angle_end(inner) {
                        Some(n) => {
                            // The closing bracket is part of the link.
                            self.fixed = (at + 5 + n).min(end);
                            return at + 3 + n;
                        }
                        None => {
                            self.out[at + 1] = LETTER;
                            return at + 2;
                        }
                    }
                }
                let known = address.iter().any(|a| target.starts_with(a));
                let stop = |c: char| {
                    let foreign = !c.is_ascii() || c.is_whitespace() || "{[]<`".contains(c);
                    c == ')' || (foreign && !known)
                };
                // Where no `)` follows, looking for it each time would cost quadratic time.
                let closed = line.last_parenthesis > at + 1;
                let stop = if closed { target.find(stop) } else { None };
                let Some(stop) = stop.filter(|n| target[*n..].starts_with(')')) else {
                    self.out[at + 1] = LETTER;
                    return at + 2;
                };
                self.fixed = at + 2 + stop + 1;
                self.fixed
            }
            _ => at + 1,
        }
    }

    fn token(&mut self, span: Span, kind: TokenKind) -> usize {
        self.out[span.start..span.end].fill(LETTER);
        self.fixed = span.end;
        self.tokens.push(Token { span, kind });
        span.end
    }

    /// Puts a letter of the same length in place of one character beyond ASCII.
    fn letters(&mut self, start: usize, end: usize) {
        let letter = match end - start {
            2 => "é",
            3 => "中",
            _ => "𠀀",
        };
        self.out[start..end].copy_from_slice(letter.as_bytes());
    }

    /// Leaves at most [`DEEPEST`] markers of lists and quotes at the start of a line.
    fn containers(&mut self, start: usize, end: usize) {
        let bytes = &self.text.as_bytes()[start..end];
        // A line of one sign is a page break, not a nest of lists.
        let mut signs = bytes.iter().filter(|b| !b.is_ascii_whitespace());
        let sign = signs.next().filter(|b| b"-*_".contains(b));
        if sign.is_some_and(|sign| signs.all(|b| b == sign)) {
            return;
        }
        let (mut at, mut depth) = (0, 0);
        while at < bytes.len() {
            let space = |n: usize| bytes.get(n).is_none_or(u8::is_ascii_whitespace);
            let len = match bytes[at] {
                b' ' | b'\t' => {
                    at += 1;
                    continue;
                }
                b'>' => 1,
                b'-' | b'+' | b'*' if space(at + 1) => 1,
                b'0'..=b'9' => {
                    let n = bytes[at..]
                        .iter()
                        .take(10)
                        .take_while(|b| b.is_ascii_digit())
                        .count();
                    if n < 10
                        && bytes.get(at + n).is_some_and(|b| b".)".contains(b))
                        && space(at + n + 1)
                    {
                        n + 1
                    } else {
                        return;
                    }
                }
                _ => return,
            };
            depth += 1;
            if depth > DEEPEST {
                self.out[start + at] = LETTER;
                return;
            }
            at += len;
        }
    }
}

fn run_of(bytes: &[u8], at: usize, end: usize) -> usize {
    bytes[at..end]
        .iter()
        .take_while(|b| **b == bytes[at])
        .count()
}

/// Where the `>` of an angle-bracketed link target stands.
fn angle_end(inner: &str) -> Option<usize> {
    let mut escaped = false;
    for (i, b) in inner.bytes().enumerate() {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'>' => return Some(i),
            b'<' | b'\n' => return None,
            _ => {}
        }
    }
    None
}

/// What an id may be made of: letters and digits of any script, `-` and `_`.
pub(crate) fn is_id(id: &str) -> bool {
    !id.is_empty() && id.chars().all(is_id_char)
}

pub(crate) fn is_id_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// What a footnote label may be made of.
pub(crate) fn is_label_char(c: char) -> bool {
    c.is_alphanumeric() || c == '-' || c == '_'
}

/// What stands between `open` and `close`: at least one character, each of them `inside`.
fn enclosed<'a>(
    text: &'a str,
    open: &str,
    inside: fn(char) -> bool,
    close: char,
) -> Option<&'a str> {
    let rest = text.strip_prefix(open)?;
    let stop = rest.find(|c| !inside(c))?;
    (stop > 0 && rest[stop..].starts_with(close)).then(|| &rest[..stop])
}

fn attributes(text: &str, at: usize, end: usize) -> Option<(Span, TokenKind)> {
    let rest = text.get(at + 1..end)?;
    let close =
        rest.find(|c: char| !(is_id_char(c) || c.is_ascii_whitespace() || "#.".contains(c)))?;
    let after = rest[close..].strip_prefix('}')?;
    if !after.trim_start().is_empty() {
        return None;
    }
    let (mut id, mut classes) = (None, Vec::new());
    for word in rest[..close].split_ascii_whitespace() {
        if let Some(name) = word.strip_prefix('#').filter(|n| is_id(n)) {
            id = Some(name.to_owned());
        } else if let Some(class) = word.strip_prefix('.').filter(|n| is_id(n)) {
            classes.push(class.to_owned());
        } else {
            return None;
        }
    }
    if id.is_none() && classes.is_empty() {
        return None;
    }
    Some((
        Span {
            start: at,
            end: at + close + 2,
        },
        TokenKind::Attributes { id, classes },
    ))
}
