//! The body: blocks become paragraphs and tables of docx-rs.

use super::attach::Marks;
use super::contents::Contents;
use super::design::{Design, Shape};
use super::inline::Site;
use super::lists::{self, Links};
use super::look::Look;
use super::notes::Notes;
use super::own::Breaks;
use super::plan::{Part, Place, Plan};
use super::reference::References;
use super::styles::{self, Used};
use crate::{Warning, WarningKind};
use docx_rs as word;
use moqi_document::{
    Block, BlockKind, Document, Field, HeadingStyle, Inline, InlineKind, Language, Numbering,
    SignatureParty, Span,
};
use std::collections::BTreeMap;

/// Everything the blocks need to know while they are written.
pub(super) struct Body<'a> {
    pub look: &'a Look,
    pub design: &'a Design<'a>,
    pub plan: &'a Plan,
    pub links: &'a Links,
    pub references: &'a References,
    pub used: &'a Used,
    pub notes: Notes<'a>,
    pub warnings: Vec<Warning>,
    /// What is put around words.
    pub marks: Marks,
    /// Where sections but the first begin: a block, and whether the paper lies across there.
    pub sections: Vec<(usize, bool)>,
    /// The headings of the table of contents, and the markup of its field.
    pub contents: Option<(&'a Contents, String)>,
    /// The section that is written lies across.
    pub landscape: bool,
    /// Where sections end.
    pub breaks: Breaks,
    numbering: &'a Numbering,
    /// Declared fields, by name.
    pub fields: BTreeMap<&'a str, &'a Field>,
    /// Content controls so far; their ids count from 1.
    pub controls: usize,
    /// Markup of our own, by number.
    pub(super) own: Vec<String>,
    /// Addresses of links in the part that is being written, by relation.
    relations: Vec<String>,
    relation_of: BTreeMap<String, usize>,
    pub(super) out: Vec<word::DocumentChild>,
    /// The block each child of `out` comes from; `None` for what no block says.
    origins: Vec<Option<usize>>,
    /// The block that is being written.
    at: Option<usize>,
    /// A page break waits for the paragraph it belongs to.
    pub(super) page_break: bool,
    /// The last heading is numbered, so that body text may stand under its words.
    under_number: bool,
    /// The last paragraph was 此致: the court it is addressed to stands at the margin.
    addressed: bool,
}

/// True for 此致, which closes a pleading.
fn is_closing(content: &[Inline]) -> bool {
    matches!(content, [Inline { kind: InlineKind::Text(text), .. }] if text.trim().trim_end_matches(['：', ':']) == "此致")
}

/// True for words that lead to what follows them: they end in a colon.
fn leads_on(content: &[Inline]) -> bool {
    matches!(content.last(), Some(Inline { kind: InlineKind::Text(text), .. }) if text.trim_end().ends_with([':', '：']))
}

/// Left edges of the text of the items that are open, by depth.
#[derive(Debug, Clone, Default)]
struct Edges(Vec<i32>);

impl Edges {
    /// Notes the edge of an item.
    fn set(&mut self, depth: u8, left: i32) {
        let depth = usize::from(depth);
        self.0.truncate(depth);
        self.0.resize(depth, left);
        self.0.push(left);
    }

    /// The edge of text that continues an item of `depth - 1`.
    fn of(&self, depth: u8) -> i32 {
        let last = self.0.last().copied().unwrap_or(0);
        self.0
            .get(usize::from(depth).saturating_sub(1))
            .copied()
            .unwrap_or(last)
    }
}

/// The left edge of the text of an item.
fn edge(design: &Design, plan: &Plan, block: &Block, place: Option<Place>) -> Option<(u8, i32)> {
    match (&block.kind, place) {
        (BlockKind::Item { depth, .. }, Some(place)) => Some((
            *depth,
            lists::indent(design, &plan.lists[place.list], place.level).left,
        )),
        (BlockKind::Item { depth, .. }, None) => Some((
            *depth,
            lists::bullet_indent(design, usize::from(*depth).min(lists::BULLET_LEVELS - 1)).left,
        )),
        _ => None,
    }
}

/// The styles a document needs beside the usual ones.
pub(super) fn used(document: &Document, design: &Design, plan: &Plan) -> Used {
    let mut used = Used::default();
    let mut edges = Edges::default();
    for (index, block) in document.blocks.iter().enumerate() {
        let place = plan.places[index];
        if let Some((depth, left)) = edge(design, plan, block, place) {
            edges.set(depth, left);
        }
        match &block.kind {
            BlockKind::Item {
                depth,
                ordered: false,
                ..
            } => {
                used.bullets
                    .insert(usize::from(*depth).min(lists::BULLET_LEVELS - 1));
            }
            BlockKind::Paragraph {
                depth,
                quote: false,
                ..
            } if *depth > 0 && edges.of(*depth) > 0 => {
                used.continued.insert(edges.of(*depth));
            }
            BlockKind::Heading { .. } => edges = Edges::default(),
            _ => {}
        }
    }
    used
}

/// What the body gives to the other parts.
pub(super) struct Written {
    /// Paragraphs and tables.
    pub children: Vec<word::DocumentChild>,
    /// The block each of them comes from; `None` for what no block says.
    pub origins: Vec<Option<usize>>,
    /// Labels of the marked footnotes, by number.
    pub note_labels: Vec<String>,
    /// Addresses of links; relation `rIdLink1` is the first.
    pub links: Vec<String>,
    /// Paragraphs of the footnotes, by number.
    pub notes: Vec<word::Paragraph>,
    /// Addresses of links in footnotes.
    pub note_links: Vec<String>,
    /// Markup of our own that stands in the body, by number.
    pub own: Vec<String>,
    /// What was noticed.
    pub warnings: Vec<Warning>,
}

impl<'a> Body<'a> {
    /// Prepares to write.
    #[allow(
        clippy::too_many_arguments,
        reason = "the parts are borrowed by name right here and nowhere else"
    )]
    pub fn new(
        document: &'a Document,
        look: &'a Look,
        design: &'a Design<'a>,
        plan: &'a Plan,
        links: &'a Links,
        references: &'a References,
        used: &'a Used,
        numbering: &'a Numbering,
    ) -> Self {
        Self {
            look,
            design,
            plan,
            links,
            references,
            used,
            notes: Notes::new(document),
            warnings: Vec::new(),
            marks: Marks::default(),
            sections: Vec::new(),
            contents: None,
            landscape: false,
            breaks: Breaks::default(),
            numbering,
            fields: document
                .meta
                .fields
                .iter()
                .map(|field| (field.name.as_str(), field))
                .collect(),
            controls: 0,
            own: Vec::new(),
            relations: Vec::new(),
            relation_of: BTreeMap::new(),
            out: Vec::with_capacity(document.blocks.len() + 1),
            origins: Vec::with_capacity(document.blocks.len() + 1),
            at: None,
            page_break: false,
            under_number: false,
            addressed: false,
        }
    }

    /// Writes every block, then the footnotes they mark.
    pub fn write(mut self, document: &Document) -> Written {
        let mut edges = Edges::default();
        let title = document
            .blocks
            .iter()
            .any(|block| matches!(block.kind, BlockKind::Title(_)));
        if let Some(words) = document
            .meta
            .title
            .as_ref()
            .filter(|words| !title && !words.trim().is_empty())
        {
            let text = Inline {
                kind: InlineKind::Text(words.clone()),
                marks: Default::default(),
                span: Span::default(),
            };
            self.paragraph("Title", &[text], |paragraph| paragraph);
        }
        let mut signing = Vec::new();
        let mut sections = std::mem::take(&mut self.sections).into_iter().peekable();
        let mut ended = 0;
        for (index, block) in document.blocks.iter().enumerate() {
            while let Some((_, landscape)) = sections.next_if(|(start, _)| *start == index) {
                self.at = (self.breaks == Breaks::Alone).then_some(index);
                if ended == 0
                    && let Some((_, markup)) = &mut self.contents
                {
                    let markup = std::mem::take(markup);
                    self.whole(markup);
                }
                self.end_section(ended);
                ended += 1;
                self.landscape = landscape;
            }
            self.at = Some(index);
            if let BlockKind::Signature(parties) = &block.kind {
                // Blocks that follow one another, each perhaps under a condition of its own, are one block on paper.
                signing.extend(parties);
                let more = document.blocks.get(index + 1);
                if !more.is_some_and(|next| matches!(next.kind, BlockKind::Signature(_))) {
                    self.signature(&std::mem::take(&mut signing));
                }
            }
            self.block(index, block, &mut edges);
        }
        self.at = None;
        if self.out.is_empty() {
            self.paragraph("BodyText", &[], |paragraph| paragraph);
        }
        let rest = self.marks.rest();
        if !rest.is_empty() {
            self.behind(rest);
        }
        for (label, span) in self.notes.unused() {
            self.warn(Some(span), WarningKind::UnusedFootnote(label));
        }
        let links = std::mem::take(&mut self.relations);
        self.relation_of.clear();
        let mut notes = Vec::new();
        for content in self.notes.marked() {
            let mut paragraph = word::Paragraph::new().style("FootnoteText");
            paragraph.children = self.words(content, Site::Note);
            notes.push(paragraph);
        }
        Written {
            children: self.out,
            origins: self.origins,
            note_labels: self.notes.labels(),
            links,
            notes,
            note_links: self.relations,
            own: self.own,
            warnings: self.warnings,
        }
    }

    /// Notes something.
    pub fn warn(&mut self, span: Option<Span>, kind: WarningKind) {
        self.warnings.push(Warning { span, kind });
    }

    /// The relation of an address, if it is one a contract may point to.
    pub fn relation(&mut self, href: &str) -> Option<String> {
        let href = super::text::clean(href.trim())
            .0
            .replace(char::is_whitespace, "%20");
        let scheme = href
            .split(':')
            .next()
            .unwrap_or_default()
            .to_ascii_lowercase();
        let rest = href.get(scheme.len()..)?;
        let safe = match scheme.as_str() {
            "http" | "https" => rest
                .strip_prefix("://")
                .is_some_and(|host| !host.is_empty()),
            "mailto" => rest.len() > 1,
            _ => false,
        };
        if !safe {
            return None;
        }
        let next = self.relations.len();
        let number = *self.relation_of.entry(href.clone()).or_insert(next);
        if number == next {
            self.relations.push(href);
        }
        Some(format!("rIdLink{}", number + 1))
    }

    /// Adds a paragraph of a style.
    pub fn paragraph(
        &mut self,
        style: &str,
        content: &[Inline],
        shape: impl FnOnce(word::Paragraph) -> word::Paragraph,
    ) {
        let mut paragraph = word::Paragraph::new().style(style);
        paragraph.children = self.words(content, Site::Body);
        if std::mem::take(&mut self.page_break) {
            paragraph = paragraph.page_break_before(true);
        }
        self.push(word::DocumentChild::Paragraph(Box::new(shape(paragraph))));
    }

    pub(super) fn push(&mut self, child: word::DocumentChild) {
        self.out.push(child);
        self.origins.push(self.at);
    }

    /// Adds a table, with the empty paragraph that keeps it apart from a table after it.
    pub fn table(&mut self, table: word::Table) {
        if self.page_break {
            self.paragraph("AfterTable", &[], |paragraph| paragraph);
        }
        if let Some(word::DocumentChild::Paragraph(above)) = self.out.last_mut() {
            let style = above
                .property
                .style
                .as_ref()
                .map_or("", |style| style.val.as_str());
            let after = if style.starts_with("Heading") {
                self.design.around_heading.1
            } else if [
                "ScheduleHeading",
                "Title",
                "Quote",
                "Verbatim",
                "AfterTable",
            ]
            .contains(&style)
            {
                100
            } else {
                self.design.after
            };
            // Text set without space after it would touch the border.
            if after < 100 {
                above.property.line_spacing = Some(word::LineSpacing::new().after(100));
            }
            // What leads to a table stands on its page; signatures alone on a page could be put under any text.
            if style != "AfterTable" {
                above.property.keep_next = Some(true);
            }
        }
        self.push(word::DocumentChild::Table(Box::new(table)));
        self.paragraph("AfterTable", &[], |paragraph| paragraph);
    }

    fn signature(&mut self, parties: &[&SignatureParty]) {
        if !parties.is_empty() {
            let table = self.signature_table(parties);
            self.table(table);
        }
    }

    fn block(&mut self, index: usize, block: &Block, edges: &mut Edges) {
        let place = self.plan.places[index];
        if let Some((depth, left)) = edge(self.design, self.plan, block, place) {
            edges.set(depth, left);
        }
        let addressed = std::mem::take(&mut self.addressed);
        match &block.kind {
            BlockKind::Title(content) => {
                self.numbered(index, block, "Title".to_owned(), content, None)
            }
            BlockKind::Heading {
                level,
                style,
                content,
            } => {
                *edges = Edges::default();
                self.under_number = place.is_some()
                    && *style == HeadingStyle::Numbered
                    && self.design.shape == Shape::Hang;
                self.numbered(
                    index,
                    block,
                    self.heading_style(*level, *style, place),
                    content,
                    place,
                );
            }
            BlockKind::Item {
                depth,
                ordered,
                content,
            } => {
                let style = match place {
                    Some(place) => {
                        lists::item_style(place.list, self.plan.lists[place.list].part, place.level)
                    }
                    None if *ordered => self.body_style().to_owned(),
                    None => lists::bullet_style(usize::from(*depth).min(lists::BULLET_LEVELS - 1)),
                };
                self.numbered(index, block, style, content, place);
            }
            BlockKind::Paragraph {
                depth,
                quote,
                content,
            } => {
                let closing = self.look.language == Language::Zh && is_closing(content);
                let style = if *quote {
                    "Quote".to_owned()
                } else if addressed {
                    "Addressee".to_owned()
                } else if *depth > 0 && edges.of(*depth) > 0 {
                    styles::continued_style(self.used, edges.of(*depth))
                } else {
                    self.body_style().to_owned()
                };
                self.addressed = closing;
                self.paragraph(&style, content, |paragraph| {
                    if closing || leads_on(content) {
                        paragraph.keep_next(true)
                    } else {
                        paragraph
                    }
                });
            }
            BlockKind::Table(table) => {
                let table = self.data_table(table);
                self.table(table);
            }
            BlockKind::PageBreak => self.page_break = true,
            // Signatures are written together, footnotes at the end.
            BlockKind::Signature(_) | BlockKind::Footnote { .. } => {}
            BlockKind::Verbatim(text) => self.verbatim(text, block.span),
        }
    }

    /// The style of a heading.
    fn heading_style(&self, level: u8, style: HeadingStyle, place: Option<Place>) -> String {
        let level = level.clamp(1, 5);
        match (style, place) {
            (HeadingStyle::Schedule, _) => lists::heading_style(Part::Schedules, level),
            // The style numbers its paragraphs: a heading without number needs its twin.
            (_, None) if self.links.level_of(&format!("Heading{level}")).is_some() => {
                format!("Heading{level}Plain")
            }
            _ => lists::heading_style(Part::Clauses, level),
        }
    }

    /// The style of text without number and outside any item.
    fn body_style(&self) -> &'static str {
        if self.under_number && self.design.body_follows_heading {
            "BodyTextIndent"
        } else {
            "BodyText"
        }
    }

    /// A heading or item: its number, its bookmark, its words.
    fn numbered(
        &mut self,
        index: usize,
        block: &Block,
        style: String,
        content: &[Inline],
        place: Option<Place>,
    ) {
        let label = self.numbering.labels.get(index).and_then(Option::as_ref);
        let (links, references) = (self.links, self.references);
        let literal = match (place, label) {
            (None, Some(label)) => {
                self.warn(
                    Some(block.span),
                    WarningKind::LiteralNumber(label.text.clone()),
                );
                Some(format!("{} ", label.text))
            }
            _ => None,
        };
        let mut content_with_number = Vec::new();
        let content = match literal {
            Some(text) => {
                content_with_number.push(Inline {
                    kind: InlineKind::Text(text),
                    marks: Default::default(),
                    span: Span::default(),
                });
                content_with_number.extend_from_slice(content);
                content_with_number.as_slice()
            }
            None => content,
        };
        let direct = place
            .filter(|place| !links.by_style_alone(&style, *place))
            .map(|place| (place.count + 1, place.level));
        let leads_on = leads_on(content);
        let entry = self
            .contents
            .as_ref()
            .and_then(|(contents, _)| contents.bookmark(index));
        let reference = references
            .bookmarks
            .get(&index)
            .and_then(|&number| Some((number, references.name(index)?)));
        self.paragraph(&style, content, |mut paragraph| {
            if leads_on {
                paragraph = paragraph.keep_next(true);
            }
            if let Some((count, level)) = direct {
                paragraph = paragraph
                    .numbering(word::NumberingId::new(count), word::IndentLevel::new(level));
            }
            for (number, name) in [entry, reference].into_iter().flatten() {
                let start = word::BookmarkStart::new(number, name);
                paragraph
                    .children
                    .insert(0, word::ParagraphChild::BookmarkStart(start));
                paragraph
                    .children
                    .push(word::ParagraphChild::BookmarkEnd(word::BookmarkEnd::new(
                        number,
                    )));
            }
            paragraph
        });
    }

    /// Code or HTML, line by line as it stands.
    fn verbatim(&mut self, text: &str, span: Span) {
        let (text, bad) = super::text::clean(text);
        if bad > 0 {
            self.warn(Some(span), WarningKind::ControlCharacters(bad));
        }
        let mut run = word::Run::new();
        for (number, line) in text.trim_end_matches(['\n', '\r']).lines().enumerate() {
            if number > 0 {
                run.children.push(word::RunChild::Break(word::Break::new(
                    word::BreakType::TextWrapping,
                )));
            }
            for (column, part) in line.split('\t').enumerate() {
                if column > 0 {
                    run.children.push(word::RunChild::Tab(word::Tab::new()));
                }
                if !part.is_empty() {
                    run.children
                        .push(word::RunChild::Text(word::Text::new(part)));
                }
            }
        }
        self.paragraph("Verbatim", &[], |mut paragraph| {
            paragraph
                .children
                .push(word::ParagraphChild::Run(Box::new(run)));
            paragraph
        });
    }
}
