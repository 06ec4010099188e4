//! Inlines as Markdown that reads back as the same inlines.

use std::ops::Range;

use crate::model::{Inline, InlineKind};

/// Where inlines are written: decides line ends and what must be escaped.
#[derive(Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Written at the start of each further line; `None` where a line end cannot stand (headings, cells).
    pub(crate) indent: Option<&'a str>,
    /// In a table cell a bar ends the cell.
    pub(crate) cell: bool,
}

/// Writes inlines; neighbouring texts with equal marks must have been joined.
pub(crate) fn write(content: &[Inline], place: Place<'_>) -> String {
    let mut writer = Writer {
        place,
        out: String::new(),
        at_line_start: true,
        in_link: false,
    };
    let refs: Vec<&Inline> = content.iter().collect();
    writer.links(&refs);
    writer.out
}

/// Whether an inline has a mark, its sign, its tag.
type Mark = (fn(&Inline) -> bool, &'static str, &'static str);

/// The marks from the outermost to the innermost, with their signs and their tags.
const MARKS: [Mark; 3] = [
    (|i| i.marks.strong, "**", "strong"),
    (|i| i.marks.emphasis, "*", "em"),
    (|i| i.marks.strike, "~~", "del"),
];

struct Writer<'a> {
    place: Place<'a>,
    out: String,
    at_line_start: bool,
    in_link: bool,
}

impl Writer<'_> {
    fn links(&mut self, all: &[&Inline]) {
        let mut runs = runs(all, |a, b| a.marks.link == b.marks.link).peekable();
        while let Some(run) = runs.next() {
            let last = runs.peek().is_none();
            match run.first().and_then(|i| i.marks.link.clone()) {
                Some(href) => {
                    self.mark("[");
                    self.in_link = true;
                    self.marks(run, 0, last);
                    self.in_link = false;
                    self.mark("](");
                    self.mark(&target(&href));
                    self.mark(")");
                }
                None => self.marks(run, 0, last),
            }
        }
    }

    /// Writes a run with the marks from `level` inwards. `last`: nothing follows in the block.
    fn marks(&mut self, all: &[&Inline], level: usize, last: bool) {
        let Some((has, sign, tag)) = MARKS.get(level) else {
            self.codes(all, last);
            return;
        };
        let mut runs = runs(all, |a, b| has(a) == has(b)).peekable();
        while let Some(run) = runs.next() {
            let last = last && runs.peek().is_none();
            if !run.first().is_some_and(|i| has(i)) {
                self.marks(run, level + 1, last);
                continue;
            }
            if self.signs_are_safe(run, level) {
                self.mark(sign);
                self.marks(run, level + 1, last);
                self.mark(sign);
            } else {
                self.mark(&format!("<{tag}>"));
                self.marks(run, level + 1, last);
                self.mark(&format!("</{tag}>"));
            }
        }
    }

    /// Signs open and close for certain only around words that begin and end with a letter, a digit, a field, or
    /// punctuation that the guard takes for a letter, and only where no other sign touches them.
    fn signs_are_safe(&self, run: &[&Inline], level: usize) -> bool {
        let strong = level == 0;
        let inner_marked =
            |i: &Inline| MARKS[level + 1..].iter().any(|(has, _, _)| has(i)) || i.marks.code;
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            return false;
        };
        let solid = |i: &Inline, c: Option<char>, soft: &str| {
            !inner_marked(i)
                && match &i.kind {
                    InlineKind::Text(_) => c.is_some_and(|c| {
                        c.is_ascii_alphanumeric()
                            || (!c.is_ascii() && !c.is_whitespace())
                            || (strong && soft.contains(c))
                    }),
                    InlineKind::Break => false,
                    _ => true,
                }
        };
        let edge = |i: &Inline, back: bool| match &i.kind {
            InlineKind::Text(t) if back => t.chars().next_back(),
            InlineKind::Text(t) => t.chars().next(),
            _ => None,
        };
        let touching =
            self.out.ends_with(['*', '~', '_', '\\']) || (self.out.ends_with('>') && level > 0);
        !touching
            && solid(first, edge(first, false), "(\"'$")
            && solid(last, edge(last, true), ".,;?\"'%)")
    }

    fn codes(&mut self, all: &[&Inline], last: bool) {
        let mut runs = runs(all, |a, b| a.marks.code == b.marks.code).peekable();
        while let Some(run) = runs.next() {
            let last = last && runs.peek().is_none();
            if !run.first().is_some_and(|i| i.marks.code) {
                self.atoms(run, last);
            } else if let [
                Inline {
                    kind: InlineKind::Text(text),
                    ..
                },
            ] = run
                && plain_code(text)
                && !self.out.ends_with('`')
            {
                self.mark(&format!("`{text}`"));
            } else {
                self.mark("<code>");
                self.atoms(run, last);
                self.mark("</code>");
            }
        }
    }

    fn atoms(&mut self, all: &[&Inline], last: bool) {
        for (i, inline) in all.iter().enumerate() {
            let next = all.get(i + 1);
            match &inline.kind {
                InlineKind::Text(text) => {
                    let ends = next.map_or(last, |n| matches!(n.kind, InlineKind::Break));
                    self.text(text, ends, last && next.is_none());
                }
                InlineKind::Field(expr) => self.mark(&format!("{{{{{expr}}}}}")),
                InlineKind::Reference(id) => self.mark(&format!("[](#{id})")),
                InlineKind::FootnoteRef(label) => self.mark(&format!("[^{label}]")),
                InlineKind::Break => {
                    let inner = next.is_some_and(|n| !matches!(n.kind, InlineKind::Break));
                    match self.place.indent {
                        Some(indent)
                            if inner && !self.at_line_start && !self.out.ends_with("<br>") =>
                        {
                            self.out.push_str("\\\n");
                            self.out.push_str(indent);
                            self.at_line_start = true;
                        }
                        _ => self.mark("<br>"),
                    }
                }
            }
        }
    }

    /// Markup, which is no text.
    fn mark(&mut self, text: &str) {
        self.out.push_str(text);
        self.at_line_start = false;
    }

    /// Words. `ends`: a line end or the end of the block follows; `closes`: the block ends.
    fn text(&mut self, text: &str, ends: bool, closes: bool) {
        let chars: Vec<char> = text.chars().collect();
        let fresh = self.at_line_start;
        let digits = if fresh {
            chars.iter().take_while(|c| c.is_ascii_digit()).count()
        } else {
            0
        };
        // Found once, so that a long run of one character costs linear time.
        let blank = |c: &&char| matches!(c, ' ' | '\t');
        let blanks_until = chars.iter().take_while(blank).count();
        let blanks_from = chars.len() - chars.iter().rev().take_while(blank).count();
        let hashes_from = chars.len() - chars.iter().rev().take_while(|c| **c == '#').count();
        let mut underscores = 0..0;
        for (i, &c) in chars.iter().enumerate() {
            if c == '_' && i >= underscores.end {
                let run = chars[i..].iter().take_while(|c| **c == '_').count();
                underscores = i..i + run;
            }
            let next = chars.get(i + 1).copied();
            let starts = fresh && i == 0;
            // What follows the run is unknown markup unless the line ends here.
            let open = next.is_none() && !ends;
            let blank_after = i >= blanks_from;
            let blank_before = i <= blanks_until && (fresh || self.out.ends_with("<br>"));
            let backslash = match c {
                '\\' | '*' | '`' | '{' => true,
                '|' => self.place.cell,
                '_' => !plain_underscores(&chars, &underscores),
                '~' => !single(&chars, i, '~') || i == 0 || next.is_none(),
                '[' => self.in_link || open || matches!(next, Some('^' | ']')),
                ']' => self.in_link || open || matches!(next, Some('(' | '[' | ':')),
                '!' => open || next == Some('['),
                '<' => open || next.is_some_and(|n| n.is_ascii_alphabetic() || "/!?".contains(n)),
                '&' => open || next.is_some_and(|n| n.is_ascii_alphanumeric() || n == '#'),
                '#' => starts || (closes && i >= hashes_from),
                '>' | '+' | '=' | '-' => starts,
                // A note at the start of a line and a colon would define the note.
                ':' => (i == 0 && self.out.ends_with(']')) || (starts && next == Some('-')),
                '.' | ')' => {
                    digits > 0
                        && i == digits
                        && (next.is_none() || next.is_some_and(char::is_whitespace))
                }
                _ => false,
            };
            match c {
                ' ' | '\t' if blank_before || (ends && blank_after) => self.entity(c),
                c if c.is_ascii_control() && c != '\t' && c != '\0' => self.entity(c),
                c => {
                    if backslash
                        || (starts && c == ':' && next == Some('-'))
                        || (starts && c == '|')
                    {
                        self.out.push('\\');
                    }
                    self.out.push(c);
                }
            }
        }
        if !text.is_empty() {
            self.at_line_start = false;
        }
    }

    fn entity(&mut self, c: char) {
        self.out.push_str(&format!("&#{};", u32::from(c)));
    }
}

/// Whether a run of underscores is a blank to fill in, or stands inside a word.
fn plain_underscores(chars: &[char], run: &Range<usize>) -> bool {
    let word = |c: Option<&char>| c.is_some_and(char::is_ascii_alphanumeric);
    let before = run.start.checked_sub(1).and_then(|n| chars.get(n));
    run.len() >= 3 || (word(before) && word(chars.get(run.end)))
}

fn single(chars: &[char], i: usize, c: char) -> bool {
    (i == 0 || chars[i - 1] != c) && chars.get(i + 1) != Some(&c)
}

/// Code that can stand between single backticks.
fn plain_code(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(' ')
        && !text.ends_with(' ')
        && !text.contains(['`', '{', '[', ']', '|', '\\', '<', '&'])
        && !text.chars().any(|c| c.is_control())
}

fn target(href: &str) -> String {
    let simple = |c: char| c.is_ascii_alphanumeric() || ":/.?=#%-".contains(c);
    let known = ["http://", "https://", "mailto:", "#"]
        .iter()
        .any(|p| href.starts_with(p));
    if known && href.chars().all(simple) {
        return href.to_owned();
    }
    let mut out = String::from("<");
    for c in href.chars() {
        match c {
            '<' | '>' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '&' => out.push_str("&amp;"),
            // A bar would end a table cell, two braces would be a field.
            '|' => out.push_str("&#124;"),
            '{' => out.push_str("&#123;"),
            _ => out.push(c),
        }
    }
    out.push('>');
    out
}

/// Maximal runs of neighbours that are alike.
fn runs<'b, 'c>(
    all: &'b [&'c Inline],
    same: impl Fn(&Inline, &Inline) -> bool + 'b,
) -> impl Iterator<Item = &'b [&'c Inline]> {
    all.chunk_by(move |a, b| same(a, b))
}

/// What surrounds a value that is put into a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Ground {
    /// Markdown.
    Words,
    /// A signature block.
    Signature,
    /// Code or HTML.
    Verbatim,
}

/// A value in a form that its surroundings read as words. Safe at any place of a line and in table cells.
pub(crate) fn value(text: &str, ground: Ground) -> String {
    let flat = || {
        text.replace("\r\n", "\n")
            .replace(['\n', '\r', '\0'], " ")
            .replace("```", "'''")
            .replace("~~~", "~ ~")
    };
    match ground {
        Ground::Verbatim => flat(),
        Ground::Signature => crate::signature::escaped(&flat()),
        Ground::Words => {
            let text = text.replace("\r\n", "\n");
            let lines: Vec<String> = text.split('\n').map(value_line).collect();
            lines.join("<br>")
        }
    }
}

fn value_line(line: &str) -> String {
    let place = Place {
        indent: None,
        cell: true,
    };
    let mut writer = Writer {
        place,
        out: String::new(),
        at_line_start: true,
        in_link: false,
    };
    let words = line.trim_matches([' ', '\t']);
    // As the whole of a table cell it would merge the cell into the one above.
    if words == "^" {
        return "\\^".to_owned();
    }
    writer.text(words, false, true);
    writer.out
}
