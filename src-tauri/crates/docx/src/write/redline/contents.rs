//! The tables of contents of both documents in one: entries come, go and change as their headings do.

use super::body::{Merger, Out};
use super::ending::settle_end;
use super::flat::{elements, printed, value};
use super::marks::State;
use crate::write::tree::{Element, Node};
use moqi_document::compare::align;

/// A paragraph of the contents without the pieces of the field that holds them all.
struct Entry<'a> {
    paragraph: Element<'a>,
    /// The bookmark of its heading; nothing for the words above the entries.
    target: String,
}

impl Merger<'_> {
    /// The field in its control. Its first and its last piece belong to no entry, because every entry can go.
    pub(super) fn contents(&mut self, old: &Element<'_>, new: &Element<'_>) -> String {
        let ((a, _), (b, [opening, closing])) = (entries(old), entries(new));
        let targets = |entries: &[Entry<'_>]| -> Vec<String> {
            entries.iter().map(|entry| entry.target.clone()).collect()
        };
        // Why something changed is said in the text, not here.
        self.marks.comments.held = true;
        let mut out = Vec::with_capacity(b.len());
        let (mut x, mut y) = (0, 0);
        let pairs = align(&targets(&a), &targets(&b));
        for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
            for (at, entry) in (x..next_x).zip(&a[x..next_x]) {
                self.at_entry(Some(at), None);
                self.single(&entry.paragraph, State::Deleted, &mut out);
            }
            for (at, entry) in (y..next_y).zip(&b[y..next_y]) {
                self.at_entry(None, Some(at));
                self.single(&entry.paragraph, State::Inserted, &mut out);
            }
            if let (Some(before), Some(now)) = (a.get(next_x), b.get(next_y)) {
                self.at_entry(Some(next_x), Some(next_y));
                self.pair(&before.paragraph, &now.paragraph, &mut out);
            }
            (x, y) = (next_x + 1, next_y + 1);
        }
        settle_end(&mut out);
        let mut paragraphs: Vec<_> = out
            .into_iter()
            .filter_map(|piece| match piece {
                Out::Paragraph(paragraph) if !paragraph.gone => Some(paragraph),
                _ => None,
            })
            .collect();
        // The words above stay, and the field begins after them.
        if let Some(first) = paragraphs.get_mut(1) {
            first.content.insert_str(0, &opening);
        }
        if let Some(last) = paragraphs.last_mut() {
            last.content.push_str(&closing);
        }
        let properties = new.child("w:sdtPr").map(printed).unwrap_or_default();
        let mut markup = format!("<w:sdt>{properties}<w:sdtContent>");
        for paragraph in &paragraphs {
            self.print(paragraph, &mut markup);
        }
        markup.push_str("</w:sdtContent></w:sdt>");
        self.marks.comments.held = false;
        markup
    }

    /// The headings of entries, by the places of these among the paragraphs.
    fn at_entry(&mut self, old: Option<usize>, new: Option<usize>) {
        let block = |entries: &[usize], at: Option<usize>| {
            let entry = at?.checked_sub(1)?;
            entries.get(entry).copied()
        };
        self.old_block = block(self.old_entries, old);
        self.new_block = block(self.new_entries, new);
    }
}

/// The paragraphs of a table of contents, and the two pieces of its field.
fn entries<'a>(contents: &Element<'a>) -> (Vec<Entry<'a>>, [String; 2]) {
    let (mut opening, mut closing) = (String::new(), String::new());
    let paragraphs = contents.child("w:sdtContent").map(elements);
    let all = paragraphs
        .unwrap_or_default()
        .into_iter()
        .map(|paragraph| {
            let mut paragraph = paragraph.clone();
            let link = paragraph.child("w:hyperlink");
            let target = link.and_then(|link| value(link, "w:anchor"));
            if target.is_some() {
                let mut before = true;
                paragraph.children.retain(|node| match node {
                    Node::Element(run) if run.name == "w:r" => {
                        run.print(if before { &mut opening } else { &mut closing });
                        false
                    }
                    Node::Element(child) => {
                        before &= child.name != "w:hyperlink";
                        true
                    }
                    _ => true,
                });
            }
            Entry {
                paragraph,
                target: target.unwrap_or_default(),
            }
        })
        .collect();
    (all, [opening, closing])
}
