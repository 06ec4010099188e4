//! The words of a paragraph without what Word leaves in them: blanks at the edges, bold blanks, empty lines.

use moqi_document::{Inline, InlineKind, Marks, Span};

/// Tidies the inlines of a paragraph or a cell. No word is lost.
///
/// Blanks at the edge of a run stand outside its marks; a line neither starts nor ends with one; lines that are
/// blank are left out.
pub(super) fn tidy(content: Vec<Inline>) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(content.len());
    for line in content.split(|inline| inline.kind == InlineKind::Break) {
        let line = line_of(line);
        if line.is_empty() {
            continue;
        }
        if !out.is_empty() {
            out.push(inline(InlineKind::Break, Marks::default()));
        }
        out.extend(line);
    }
    out
}

/// One line; empty when it holds blanks only.
fn line_of(content: &[Inline]) -> Vec<Inline> {
    let mut out: Vec<Inline> = Vec::with_capacity(content.len());
    // A blank waits until words follow it: at the end of the line it goes.
    let mut blank = String::new();
    for part in content {
        let InlineKind::Text(text) = &part.kind else {
            flush(&mut blank, &mut out);
            out.push(part.clone());
            continue;
        };
        let words = text.trim();
        if words.is_empty() {
            blank.push_str(text);
            continue;
        }
        let start = text.len() - text.trim_start().len();
        blank.push_str(&text[..start]);
        let words = words.replace(['\t', '\n', '\r'], " ");
        match out.last_mut() {
            Some(Inline {
                kind: InlineKind::Text(before),
                marks,
                ..
            }) if *marks == part.marks => {
                before.push_str(&std::mem::take(&mut blank).replace(['\t', '\n', '\r'], " "));
                before.push_str(&words);
            }
            _ => {
                flush(&mut blank, &mut out);
                match out.last_mut() {
                    Some(Inline {
                        kind: InlineKind::Text(before),
                        marks,
                        ..
                    }) if *marks == part.marks => before.push_str(&words),
                    _ => out.push(inline(InlineKind::Text(words), part.marks.clone())),
                }
            }
        }
        blank.push_str(&text[text.trim_end().len()..]);
    }
    out
}

/// Writes the blank that waited, unless the line would start with it.
fn flush(blank: &mut String, out: &mut Vec<Inline>) {
    let blank = std::mem::take(blank);
    if blank.is_empty() || out.is_empty() {
        return;
    }
    let blank = blank.replace(['\t', '\n', '\r'], " ");
    match out.last_mut() {
        Some(Inline {
            kind: InlineKind::Text(before),
            marks,
            ..
        }) if *marks == Marks::default() => before.push_str(&blank),
        _ => out.push(inline(InlineKind::Text(blank), Marks::default())),
    }
}

fn inline(kind: InlineKind, marks: Marks) -> Inline {
    Inline {
        kind,
        marks,
        span: Span::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(words: &str, strong: bool) -> Inline {
        let marks = Marks {
            strong,
            ..Marks::default()
        };
        inline(InlineKind::Text(words.into()), marks)
    }

    #[test]
    fn blanks_stand_outside_marks_and_never_at_an_edge() {
        let line_end = || inline(InlineKind::Break, Marks::default());
        assert_eq!(
            tidy(vec![
                line_end(),
                run("  ", true),
                run(" Fee ", true),
                run("is\tdue ", false),
                line_end(),
                run("\u{a0}", true),
                line_end(),
                run("now", false),
                line_end(),
            ]),
            [
                run("Fee", true),
                run(" is due", false),
                line_end(),
                run("now", false)
            ]
        );
        assert!(tidy(vec![run(" ", true), line_end()]).is_empty());
        // Words of one mark keep the blank between them inside it.
        assert_eq!(
            tidy(vec![run("a ", true), run("b", true)]),
            [run("a b", true)]
        );
    }
}
