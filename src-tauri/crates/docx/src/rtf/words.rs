//! The words of one paragraph or cell, as they come.
//!
//! Blanks at the edge of a run stand outside its marks; a line neither starts nor ends with one; lines that are blank
//! are left out.

use moqi_document::{Inline, InlineKind, Marks, Span};

/// Words being gathered.
#[derive(Debug, Default)]
pub(super) struct Words {
    content: Vec<Inline>,
    /// A blank that waits for words on the same line.
    blank: String,
    /// A line break that waits for words.
    broken: bool,
}

impl Words {
    pub(super) fn is_empty(&self) -> bool {
        self.content.is_empty()
    }

    /// Words with their marks; control characters are blanks. True when they begin a run of their own.
    pub(super) fn text(&mut self, text: &str, marks: &Marks) -> bool {
        let words = text.trim();
        if words.is_empty() {
            self.blank.push_str(text);
            return false;
        }
        let start = text.len() - text.trim_start().len();
        self.blank.push_str(&text[..start]);
        self.settle(Some(marks));
        let begins = match self.content.last_mut() {
            Some(Inline {
                kind: InlineKind::Text(before),
                marks: same,
                ..
            }) if same == marks => {
                before.push_str(words);
                false
            }
            _ => {
                self.content
                    .push(inline(InlineKind::Text(words.to_owned()), marks.clone()));
                true
            }
        };
        self.blank.push_str(&text[start + words.len()..]);
        begins
    }

    /// Anything that is no text, such as a reference to a footnote.
    pub(super) fn atom(&mut self, kind: InlineKind) {
        self.settle(None);
        self.content.push(inline(kind, Marks::default()));
    }

    /// A new line begins.
    pub(super) fn line(&mut self) {
        self.blank.clear();
        self.broken = !self.content.is_empty();
    }

    /// Words gathered elsewhere, after a blank.
    pub(super) fn append(&mut self, content: Vec<Inline>) {
        if content.is_empty() {
            return;
        }
        if !self.content.is_empty() {
            self.blank.push(' ');
        }
        self.settle(None);
        self.content.extend(content);
    }

    /// All of it; the gathering begins anew.
    pub(super) fn take(&mut self) -> Vec<Inline> {
        std::mem::take(self).content
    }

    /// Writes the break or the blank that waited: within words of the same marks inside them, else outside.
    fn settle(&mut self, marks: Option<&Marks>) {
        if std::mem::take(&mut self.broken) {
            self.content
                .push(inline(InlineKind::Break, Marks::default()));
            self.blank.clear();
        }
        let blank = std::mem::take(&mut self.blank);
        if blank.is_empty() || self.content.is_empty() {
            return;
        }
        let blank = blank.replace(|c: char| c.is_control(), " ");
        match self.content.last_mut() {
            Some(Inline {
                kind: InlineKind::Break,
                ..
            }) => {}
            Some(Inline {
                kind: InlineKind::Text(before),
                marks: last,
                ..
            }) if marks == Some(&*last) || *last == Marks::default() => before.push_str(&blank),
            last => {
                // Inside a link a blank belongs to the link.
                let link = last
                    .and_then(|last| last.marks.link.clone())
                    .filter(|link| marks.is_some_and(|marks| marks.link.as_ref() == Some(link)));
                let around = Marks {
                    link,
                    ..Marks::default()
                };
                self.content.push(inline(InlineKind::Text(blank), around));
            }
        }
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

    #[test]
    fn blanks_stand_outside_marks_and_never_at_an_edge() {
        let bold = Marks {
            strong: true,
            ..Marks::default()
        };
        let plain = Marks::default();
        let mut words = Words::default();
        words.line();
        words.text(" Fee ", &bold);
        words.text("is ", &plain);
        words.line();
        words.text("\u{a0}", &plain);
        words.line();
        words.text("now", &bold);
        words.text(" ", &plain);
        words.text("here ", &bold);
        let of = |text: &str, marks: &Marks| inline(InlineKind::Text(text.into()), marks.clone());
        assert_eq!(
            words.take(),
            [
                of("Fee", &bold),
                of(" is", &plain),
                inline(InlineKind::Break, Marks::default()),
                of("now here", &bold)
            ]
        );
        assert!(words.is_empty());
    }
}
