//! From a document to its text.

use crate::escape::{Place, write};
use crate::front;
use crate::guard::tag_line;
use crate::model::{Align, Block, BlockKind, Document, HeadingStyle, Inline, Merge, Table};
use crate::normal::normalize;
use crate::number::ordinals;
use crate::parse::{EMPTY, EMPTY_BREAK};
use crate::signature;

/// The canonical text of a document.
///
/// `print(&parse(x))` printed again is itself, and `parse(&print(&d))` is [`normalize`]d `d` up to spans. Any
/// words can stand in any block: what Markdown would read otherwise is escaped.
#[must_use]
pub fn print(document: &Document) -> String {
    let mut document = document.clone();
    normalize(&mut document);
    let ordinals = ordinals(&document);
    let mut out = front::write(&document);
    let mut page = Page {
        widths: Vec::new(),
        last: Last::Nothing,
    };
    let depths = depths_after(&document.blocks);
    for (i, block) in document.blocks.iter().enumerate() {
        page.block(&mut out, block, ordinals[i], depths[i]);
    }
    out
}

/// For each block how deep the next block of words after it stands; 0 where there is none.
fn depths_after(blocks: &[Block]) -> Vec<u8> {
    let mut next = 0;
    let mut depths = vec![0; blocks.len()];
    for (after, block) in depths.iter_mut().zip(blocks).rev() {
        *after = next;
        match block.kind {
            BlockKind::Item { depth, .. } | BlockKind::Paragraph { depth, .. } => next = depth,
            BlockKind::Title(_) | BlockKind::Heading { .. } => next = 0,
            _ => {}
        }
    }
    depths
}

/// What was printed last, which decides whether a blank line follows.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Item {
        depth: u8,
        ordered: bool,
        ordinal: u32,
    },
    Quote(u8),
    Other,
}

struct Page {
    /// Widths of the marks of the open items, outermost first.
    widths: Vec<usize>,
    last: Last,
}

impl Page {
    fn block(&mut self, out: &mut String, block: &Block, ordinal: Option<u32>, next: u8) {
        match &block.kind {
            BlockKind::Item {
                depth,
                ordered,
                content,
            } => {
                self.widths.truncate(usize::from(*depth));
                let number = ordinal.unwrap_or(1);
                let mark = if *ordered {
                    format!("{number}. ")
                } else {
                    "- ".to_owned()
                };
                let tight = match self.last {
                    Last::Item { depth: d, .. } if *depth == d + 1 => !*ordered || number == 1,
                    Last::Item {
                        depth: d,
                        ordered: o,
                        ordinal: n,
                    } if *depth == d => o == *ordered && (!o || number == n + 1),
                    Last::Item { depth: d, .. } => *depth < d && (!*ordered || number > 1),
                    _ => false,
                };
                let indent = self.indent(*depth);
                self.separate(out, tight, "");
                let inner = format!("{indent}{}", " ".repeat(mark.len()));
                let words = leaf(content, Some(&inner));
                out.push_str(&format!(
                    "{indent}{mark}{words}{}\n",
                    attributes(block, HeadingStyle::Numbered, " ")
                ));
                self.widths.push(mark.len());
                self.last = Last::Item {
                    depth: *depth,
                    ordered: *ordered,
                    ordinal: number,
                };
            }
            BlockKind::Paragraph {
                depth,
                quote,
                content,
            } => {
                self.widths.truncate(usize::from(*depth));
                let mut indent = self.indent(*depth);
                if *quote {
                    let joined = self.last == Last::Quote(*depth);
                    if joined {
                        out.push_str(&format!("{indent}>\n"));
                    }
                    self.separate(out, joined, "");
                    indent.push_str("> ");
                } else {
                    self.separate(out, false, "");
                }
                let words = leaf(content, Some(&indent));
                out.push_str(&format!("{indent}{words}\n"));
                self.last = if *quote {
                    Last::Quote(*depth)
                } else {
                    Last::Other
                };
            }
            BlockKind::Title(content) => {
                self.heading(out, "#", block, HeadingStyle::Numbered, content)
            }
            BlockKind::Heading {
                level,
                style,
                content,
            } => {
                self.heading(
                    out,
                    &"#".repeat(usize::from(*level) + 1),
                    block,
                    *style,
                    content,
                );
            }
            BlockKind::Verbatim(text)
                if tag_line(text).is_some_and(|s| s.end - s.start == text.len())
                    && !text.contains('\n') =>
            {
                // Tags stand at the margin; they never close a list.
                self.separate(
                    out,
                    matches!(self.last, Last::Item { .. } | Last::Other),
                    "",
                );
                out.push_str(&format!("{}\n", text.trim()));
            }
            other => {
                // A block without depth stands inside the items that go on after it, so that they stay one list.
                let indent = self.indent(next);
                self.separate(out, false, "");
                match other {
                    BlockKind::Table(table) => print_table(out, table, &indent),
                    BlockKind::Signature(parties) => {
                        fenced(out, &signature::write(parties), "signature", &indent)
                    }
                    // At the very top `---` would open front matter.
                    BlockKind::PageBreak if out.is_empty() => out.push_str("***\n"),
                    BlockKind::PageBreak => out.push_str(&format!("{indent}---\n")),
                    BlockKind::Footnote { label, content } => {
                        let words = leaf(content, None);
                        out.push_str(&format!("{indent}[^{label}]: {words}\n"));
                    }
                    BlockKind::Verbatim(text) if is_comment(text) => {
                        out.push_str(&format!("{indent}{text}\n"))
                    }
                    BlockKind::Verbatim(text) => fenced(out, &format!("{text}\n"), "", &indent),
                    _ => {}
                }
                self.last = Last::Other;
            }
        }
    }

    fn heading(
        &mut self,
        out: &mut String,
        mark: &str,
        block: &Block,
        style: HeadingStyle,
        content: &[Inline],
    ) {
        self.widths.clear();
        self.separate(out, false, "");
        let words = write(
            content,
            Place {
                indent: None,
                cell: false,
            },
        );
        let line = format!(
            "{mark} {words}{}",
            attributes(block, style, if words.is_empty() { "" } else { " " })
        );
        out.push_str(line.trim_end_matches(' '));
        out.push('\n');
        self.last = Last::Other;
    }

    fn indent(&self, depth: u8) -> String {
        " ".repeat(self.widths.iter().take(usize::from(depth)).sum())
    }

    fn separate(&mut self, out: &mut String, tight: bool, line: &str) {
        if !tight && self.last != Last::Nothing {
            out.push_str(line);
            out.push('\n');
        }
    }
}

/// The words of a paragraph, never nothing and never a lone tag, which Markdown would not read as words.
fn leaf(content: &[Inline], indent: Option<&str>) -> String {
    let words = write(
        content,
        Place {
            indent,
            cell: false,
        },
    );
    match words.as_str() {
        "" => EMPTY.to_owned(),
        "<br>" => EMPTY_BREAK.to_owned(),
        _ => words,
    }
}

fn attributes(block: &Block, style: HeadingStyle, gap: &str) -> String {
    let mut words = Vec::new();
    if let Some(id) = &block.id {
        words.push(format!("#{id}"));
    }
    if let Some(class) = style.class() {
        words.push(format!(".{class}"));
    }
    if words.is_empty() {
        String::new()
    } else {
        format!("{gap}{{{}}}", words.join(" "))
    }
}

fn is_comment(text: &str) -> bool {
    let inner = text
        .strip_prefix("<!--")
        .and_then(|t| t.strip_suffix("-->"));
    inner.is_some_and(|t| {
        !t.contains("-->") && !t.contains(['\n', '{']) && !t.starts_with(['>', '-'])
    }) && !text.starts_with(EMPTY)
}

fn fenced(out: &mut String, text: &str, info: &str, indent: &str) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    out.push_str(&format!("{indent}{fence}{info}\n"));
    for line in text.split_terminator('\n') {
        // Blank lines need no indentation, but spaces on a line are part of the text.
        out.push_str(if line.is_empty() { "" } else { indent });
        out.push_str(line);
        out.push('\n');
    }
    out.push_str(&format!("{indent}{fence}\n"));
}

fn print_table(out: &mut String, table: &Table, indent: &str) {
    for (i, row) in table.rows.iter().enumerate() {
        out.push_str(indent);
        out.push('|');
        for cell in row {
            let place = Place {
                indent: None,
                cell: true,
            };
            let words = match cell.merge.sign() {
                Some(sign) => sign.to_owned(),
                None => write(&cell.content, place),
            };
            // A cell that is nothing but one of these signs would be merged into another.
            let escape = if cell.merge == Merge::None && Merge::of(&words) != Merge::None {
                "\\"
            } else {
                ""
            };
            out.push_str(&format!(" {escape}{words} |"));
        }
        out.push('\n');
        if i == 0 {
            out.push_str(indent);
            out.push('|');
            for align in &table.align {
                out.push_str(match align {
                    Align::None => " --- |",
                    Align::Left => " :-- |",
                    Align::Center => " :-: |",
                    Align::Right => " --: |",
                });
            }
            out.push('\n');
        }
    }
}
