//! Words of a block: runs, links, fields, footnote marks.

use super::attach::{self, Bit};
use super::body::Body;
use super::reference::{Piece, bookmark_name};
use super::text::{clean, escape, is_ambiguous, is_wide};
use crate::{ControlKind, WarningKind};
use docx_rs as word;
use moqi_document::{Field, FieldKind, Inline, InlineKind, Language, Marks, Span};

/// Where words stand, as far as it changes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Site {
    /// Body, tables, signatures.
    Body,
    /// Inside a footnote, which cannot hold another.
    Note,
}

impl Body<'_> {
    /// The children of a paragraph for inline content.
    pub(super) fn words(&mut self, content: &[Inline], site: Site) -> Vec<word::ParagraphChild> {
        if site == Site::Note || self.marks.is_empty() {
            return self.unmarked(content, site);
        }
        let mut out = Vec::with_capacity(content.len());
        let bits = self.marks.around(content);
        let mut at = 0;
        while at < bits.len() {
            let markup = bits[at..]
                .iter()
                .take_while(|bit| matches!(bit, Bit::Markup(_)));
            for bit in markup {
                if let Bit::Markup(markup) = bit {
                    let child = self.own(markup.clone());
                    out.push(child);
                    at += 1;
                }
            }
            let words: Vec<Inline> = bits[at..]
                .iter()
                .map_while(|bit| match bit {
                    Bit::Inline(inline) => Some(inline.clone()),
                    Bit::Markup(_) => None,
                })
                .collect();
            at += words.len();
            out.append(&mut self.unmarked(&words, site));
        }
        out
    }

    /// Words between two marks.
    fn unmarked(&mut self, content: &[Inline], site: Site) -> Vec<word::ParagraphChild> {
        let mut out = Vec::with_capacity(content.len());
        let mut at = 0;
        while at < content.len() {
            let inline = &content[at];
            let Some(href) = &inline.marks.link else {
                self.inline(inline, content.get(at + 1), site, &mut out);
                at += 1;
                continue;
            };
            // Neighbours with the same address are one link.
            let end = content[at..]
                .iter()
                .position(|next| next.marks.link.as_ref() != Some(href))
                .map_or(content.len(), |n| at + n);
            let relation = self.relation(href);
            if relation.is_none() {
                self.warn(Some(inline.span), WarningKind::UnsafeLink(href.clone()));
            }
            let mut inside = Vec::new();
            for index in at..end {
                let next = content.get(index + 1);
                if relation.is_some() {
                    self.inline(&content[index], next, site, &mut inside);
                } else {
                    // Words that lead nowhere must not look as if they did.
                    let mut bare = content[index].clone();
                    bare.marks.link = None;
                    self.inline(&bare, next, site, &mut inside);
                }
            }
            match relation {
                Some(rid) => out.push(word::ParagraphChild::Hyperlink(word::Hyperlink {
                    link: word::HyperlinkData::External {
                        rid,
                        path: String::new(),
                    },
                    history: Some(1),
                    children: inside,
                })),
                None => out.append(&mut inside),
            }
            at = end;
        }
        out
    }

    /// One inline. `next` tells whether a line end in the source stands between Chinese characters.
    fn inline(
        &mut self,
        inline: &Inline,
        next: Option<&Inline>,
        site: Site,
        out: &mut Vec<word::ParagraphChild>,
    ) {
        match &inline.kind {
            InlineKind::Text(text) => {
                let next = next.and_then(|next| match &next.kind {
                    InlineKind::Text(text) => text.chars().next(),
                    _ => None,
                });
                self.text(text, next, inline.span, &inline.marks, out);
            }
            InlineKind::Field(expression) => {
                self.warn(
                    Some(inline.span),
                    WarningKind::UnfilledField(expression.clone()),
                );
                match self.look.controls {
                    true => {
                        let control = self.control(expression);
                        out.push(control);
                    }
                    false => self.highlighted(&format!("{{{{{expression}}}}}"), inline, out),
                }
            }
            InlineKind::Reference(id) => match self.references.pieces.get(id).cloned() {
                Some(pieces) => self.reference(&pieces, &inline.marks, out),
                None => {
                    self.warn(Some(inline.span), WarningKind::MissingTarget(id.clone()));
                    self.highlighted(&format!("[{id}]"), inline, out);
                }
            },
            InlineKind::Break => {
                let mut run = word::Run::new();
                run.children.push(word::RunChild::Break(word::Break::new(
                    word::BreakType::TextWrapping,
                )));
                out.push(word::ParagraphChild::Run(Box::new(run)));
            }
            InlineKind::FootnoteRef(label) => self.note_mark(label, inline, site, out),
        }
    }

    /// A content control that asks for a field.
    fn control(&mut self, expression: &str) -> word::ParagraphChild {
        let field = self.fields.get(expression);
        let title = field.map_or(expression, |field| field.label.as_str());
        let (open, close) = match self.look.language {
            Language::Zh => ("【", "】"),
            Language::En => ("[", "]"),
        };
        self.controls += 1;
        let kind = field.map_or(ControlKind::Text, |field| takes(field));
        let opening = attach::properties(
            expression,
            title,
            &kind,
            self.controls,
            true,
            self.look.language,
        );
        self.own(format!(
            "{opening}<w:r><w:rPr><w:rStyle w:val=\"PlaceholderText\"/></w:rPr><w:t xml:space=\"preserve\">{open}{}{close}</w:t></w:r></w:sdtContent></w:sdt>",
            escape(title)
        ))
    }

    /// Text as a run; tabs become tabs, line ends of the source a space, or nothing between Chinese characters.
    fn text(
        &mut self,
        text: &str,
        next: Option<char>,
        span: Span,
        marks: &Marks,
        out: &mut Vec<word::ParagraphChild>,
    ) {
        let (text, bad) = clean(text);
        if bad > 0 {
            self.warn(Some(span), WarningKind::ControlCharacters(bad));
        }
        if text.is_empty() {
            return;
        }
        let mut run = word::Run {
            run_property: self.properties(marks, &text),
            children: Vec::new(),
        };
        if !text.contains(['\t', '\n', '\r']) {
            run.children
                .push(word::RunChild::Text(word::Text::new(text.as_ref())));
        } else {
            let mut piece = String::new();
            let mut chars = text.chars().peekable();
            while let Some(c) = chars.next() {
                match c {
                    '\t' => {
                        if !piece.is_empty() {
                            run.children.push(word::RunChild::Text(word::Text::new(
                                std::mem::take(&mut piece),
                            )));
                        }
                        run.children.push(word::RunChild::Tab(word::Tab::new()));
                    }
                    '\n' | '\r' => {
                        let after = chars.peek().copied().or(next);
                        if !(piece.chars().next_back().is_some_and(is_wide)
                            && after.is_some_and(is_wide))
                        {
                            piece.push(' ');
                        }
                    }
                    c => piece.push(c),
                }
            }
            if !piece.is_empty() {
                run.children
                    .push(word::RunChild::Text(word::Text::new(piece)));
            }
        }
        out.push(word::ParagraphChild::Run(Box::new(run)));
    }

    /// Run properties of marks. Signs that Word would draw in the Western font are claimed for the Chinese one.
    pub(super) fn properties(&self, marks: &Marks, text: &str) -> word::RunProperty {
        let mut property = word::RunProperty::new();
        if marks.link.is_some() {
            property = property.style("Hyperlink");
        } else if marks.code {
            property = property.style("VerbatimCharacter");
        }
        if self.look.language == Language::Zh && !marks.code && text.chars().any(is_ambiguous) {
            property = property.fonts(word::RunFonts::new().hint("eastAsia"));
        }
        if marks.strong {
            property = property.bold();
        }
        if marks.emphasis {
            property = property.italic();
        }
        if marks.strike {
            property = property.strike();
        }
        property
    }

    /// Text the lawyer has to look at again before the paper leaves the house.
    fn highlighted(&mut self, text: &str, inline: &Inline, out: &mut Vec<word::ParagraphChild>) {
        let (text, _) = clean(text);
        let property = self.properties(&inline.marks, &text).highlight("yellow");
        out.push(run(
            property,
            word::RunChild::Text(word::Text::new(text.replace(['\t', '\n', '\r'], " "))),
        ));
    }

    /// A reference in its pieces.
    fn reference(&mut self, pieces: &[Piece], marks: &Marks, out: &mut Vec<word::ParagraphChild>) {
        for piece in pieces {
            match piece {
                Piece::Words(text) => {
                    let property = self.properties(marks, text);
                    out.push(run(
                        property,
                        word::RunChild::Text(word::Text::new(text.as_str())),
                    ));
                }
                Piece::Jump(block, text) => {
                    let property = self.properties(marks, text);
                    let child = run(
                        property,
                        word::RunChild::Text(word::Text::new(text.as_str())),
                    );
                    match self.references.name(*block) {
                        Some(anchor) => {
                            out.push(word::ParagraphChild::Hyperlink(word::Hyperlink {
                                link: word::HyperlinkData::Anchor { anchor },
                                history: Some(1),
                                children: vec![child],
                            }))
                        }
                        None => out.push(child),
                    }
                }
                Piece::Field(block, switches, text) => {
                    let property = self.properties(marks, text);
                    match self.references.name(*block) {
                        Some(name) => {
                            field(&property, &format!(" REF {name} {switches} "), text, out)
                        }
                        None => out.push(run(
                            property,
                            word::RunChild::Text(word::Text::new(text.as_str())),
                        )),
                    }
                }
            }
        }
    }

    /// The mark of a footnote; a second mark of the same note is a field that repeats the first.
    fn note_mark(
        &mut self,
        label: &str,
        inline: &Inline,
        site: Site,
        out: &mut Vec<word::ParagraphChild>,
    ) {
        if site == Site::Note || !self.notes.is_written(label) {
            self.warn(
                Some(inline.span),
                WarningKind::MissingFootnote(label.to_owned()),
            );
            self.highlighted(&format!("[^{label}]"), inline, out);
            return;
        }
        let property = word::RunProperty::new().style("FootnoteReference");
        let (number, again) = self.notes.mark(label);
        let bookmark = self.references.bookmarks.len() + number;
        if again {
            field(
                &property,
                &format!(" NOTEREF {} \\f \\h ", bookmark_name(bookmark)),
                &number.to_string(),
                out,
            );
            return;
        }
        let repeated = self.notes.is_repeated(label);
        if repeated {
            out.push(word::ParagraphChild::BookmarkStart(
                word::BookmarkStart::new(bookmark, bookmark_name(bookmark)),
            ));
        }
        // docx-rs prints to standard output when it meets a footnote: the mending pass makes the mark from this.
        let placeholder = word::RunProperty::new().style(super::mend::NOTE_MARK);
        out.push(run(
            placeholder,
            word::RunChild::Text(word::Text::new(number.to_string())),
        ));
        if repeated {
            out.push(word::ParagraphChild::BookmarkEnd(word::BookmarkEnd::new(
                bookmark,
            )));
        }
    }
}

/// What the control of a field takes.
fn takes(field: &Field) -> ControlKind {
    match &field.kind {
        FieldKind::Date => ControlKind::Date,
        FieldKind::Choice(options) => {
            ControlKind::DropDown(options.iter().map(|option| option.label.clone()).collect())
        }
        _ => ControlKind::Text,
    }
}

/// A run with one child.
pub(super) fn run(property: word::RunProperty, child: word::RunChild) -> word::ParagraphChild {
    word::ParagraphChild::Run(Box::new(word::Run {
        run_property: property,
        children: vec![child],
    }))
}

/// A field with what it prints now.
fn field(
    property: &word::RunProperty,
    instruction: &str,
    text: &str,
    out: &mut Vec<word::ParagraphChild>,
) {
    let mark = |kind| word::RunChild::FieldChar(word::FieldChar::new(kind));
    for child in [
        mark(word::FieldCharType::Begin),
        word::RunChild::InstrText(Box::new(word::InstrText::Unsupported(
            instruction.to_owned(),
        ))),
        mark(word::FieldCharType::Separate),
        word::RunChild::Text(word::Text::new(text)),
        mark(word::FieldCharType::End),
    ] {
        out.push(run(property.clone(), child));
    }
}
