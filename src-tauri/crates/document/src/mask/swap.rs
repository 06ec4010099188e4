//! Words of a line are replaced where they stand, whatever marks run through them.

use std::ops::Range;

use crate::model::{Inline, InlineKind};

/// Replaces parts of the words of a line. `replace` gets the words as [`crate::plain`] has them, and gives ranges in
/// order, none overlapping, with what comes there. A part that runs over a field or reference takes its words only.
pub(super) fn swap(
    content: &mut Vec<Inline>,
    replace: impl FnOnce(&str) -> Vec<(Range<usize>, String)>,
) {
    let words = flat(content);
    let swaps = replace(&words);
    if swaps.is_empty() {
        return;
    }
    let mut start = 0;
    let mut next = 0;
    for inline in content.iter_mut() {
        let end = start + length(inline);
        if let InlineKind::Text(text) = &mut inline.kind {
            let mut made = String::with_capacity(text.len());
            let mut at = start;
            // A swap that began before this inline goes on here.
            let mut i = next;
            while let Some((range, words)) = swaps.get(i).filter(|(range, _)| range.start < end) {
                if range.start >= start {
                    made.push_str(&text[at - start..range.start - start]);
                    made.push_str(words);
                }
                at = range.end.min(end).max(at);
                if range.end > end {
                    break;
                }
                i += 1;
            }
            next = i;
            made.push_str(&text[at - start..]);
            *text = made;
        } else {
            while swaps.get(next).is_some_and(|(range, _)| range.end <= end) {
                next += 1;
            }
        }
        start = end;
    }
    content.retain(|inline| !matches!(&inline.kind, InlineKind::Text(text) if text.is_empty()));
}

/// The words with their parts replaced.
pub(super) fn swapped(words: &str, swaps: &[(Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(words.len());
    let mut at = 0;
    for (range, new) in swaps {
        out.push_str(&words[at..range.start]);
        out.push_str(new);
        at = range.end;
    }
    out.push_str(&words[at..]);
    out
}

fn flat(content: &[Inline]) -> String {
    crate::inline::plain(content)
}

/// The bytes of an inline in [`flat`].
fn length(inline: &Inline) -> usize {
    match &inline.kind {
        InlineKind::Text(text) => text.len(),
        _ => flat(std::slice::from_ref(inline)).len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse, print};

    #[test]
    fn marks_fields_and_breaks_do_not_hinder() {
        for (text, from, to, wanted) in [
            (
                "甲方：**南京**远见公司。",
                "南京远见公司",
                "X",
                "甲方：**X**。",
            ),
            ("a **b c** d", "b", "XY", "a **XY c** d"),
            ("a **b** *c* d", "a b c d", "X", "X"),
            ("one {{field}} two", "two", "X", "one {{field}} X"),
            ("one\\\ntwo", "two", "X", "one\\\nX"),
        ] {
            let mut document = parse(text);
            let crate::BlockKind::Paragraph { content, .. } = &mut document.blocks[0].kind else {
                panic!("{text}");
            };
            swap(content, |words| {
                let at = words.find(from).unwrap();
                vec![(at..at + from.len(), to.to_owned())]
            });
            assert_eq!(print(&document).trim(), wanted, "{text}");
        }
    }

    #[test]
    fn several_parts_of_one_line_are_replaced() {
        let mut document = parse("ab**cd**ef");
        let crate::BlockKind::Paragraph { content, .. } = &mut document.blocks[0].kind else {
            panic!();
        };
        swap(content, |_| {
            [(0..1, "1"), (1..3, "2"), (3..5, "3")]
                .map(|(range, words)| (range, words.to_owned()))
                .to_vec()
        });
        assert_eq!(crate::plain(content), "123f");
    }
}
