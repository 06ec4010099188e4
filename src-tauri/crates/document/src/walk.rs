//! From Markdown events, which nest, to blocks, which do not.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use crate::inline::{Attributes, Inlines, Source};
use crate::model::{Block, BlockKind, Inline, InlineKind, Span};
use crate::parse::{DEEPEST, EMPTY, EMPTY_BREAK, trimmed};
use crate::signature;
use crate::tables::OpenTable;

enum Frame {
    List {
        ordered: bool,
    },
    Item {
        start: usize,
        opened: bool,
    },
    Quote,
    Footnote {
        label: String,
        start: usize,
        content: Vec<Inline>,
        /// Where the note stands among the blocks: before what is inside it.
        at: usize,
    },
}

/// What the open leaf is.
#[derive(Clone, Copy, PartialEq)]
enum LeafKind {
    Paragraph,
    Heading(u8),
}

/// Text of a code block piece by piece, with the place of each piece.
pub(crate) struct Pieces {
    pub(crate) span: Span,
    pub(crate) info: String,
    pub(crate) parts: Vec<(String, Span)>,
}

/// Walks the events of one text.
pub(crate) struct Walk<'a> {
    source: Source<'a>,
    blocks: Vec<Block>,
    frames: Vec<Frame>,
    leaf: Option<(LeafKind, Inlines<'a>, usize)>,
    table: Option<OpenTable<'a>>,
    code: Option<Pieces>,
    html: Option<Span>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(source: Source<'a>) -> Self {
        Walk {
            source,
            blocks: Vec::new(),
            frames: Vec::new(),
            leaf: None,
            table: None,
            code: None,
            html: None,
        }
    }

    /// The blocks, once all events have been taken.
    pub(crate) fn finish(self) -> Vec<Block> {
        self.blocks
    }

    pub(crate) fn event(&mut self, event: Event<'_>, span: Span) {
        if self.inside_code(&event, span) || self.inside_table(&event, span) {
            return;
        }
        match event {
            Event::Start(Tag::Paragraph) => self.open(LeafKind::Paragraph, span.start),
            Event::Start(Tag::Heading { level, .. }) => {
                self.open(LeafKind::Heading(rank(level)), span.start)
            }
            Event::End(TagEnd::Paragraph | TagEnd::Heading(_)) => self.close(Some(span.end)),
            Event::Start(Tag::List(first)) => {
                self.close(None);
                self.open_item(span.start);
                self.frames.push(Frame::List {
                    ordered: first.is_some(),
                });
            }
            Event::Start(Tag::Item) => self.frames.push(Frame::Item {
                start: span.start,
                opened: false,
            }),
            Event::End(TagEnd::Item) => {
                self.close(None);
                self.open_item(span.end);
                self.frames.pop();
            }
            Event::Start(Tag::BlockQuote(_)) => {
                self.close(None);
                self.open_item(span.start);
                self.frames.push(Frame::Quote);
            }
            Event::End(TagEnd::List(_) | TagEnd::BlockQuote(_)) => {
                self.close(None);
                self.frames.pop();
            }
            Event::Start(Tag::FootnoteDefinition(label)) => {
                self.close(None);
                self.open_item(span.start);
                let at = self.blocks.len();
                self.frames.push(Frame::Footnote {
                    label: label.to_string(),
                    start: span.start,
                    content: Vec::new(),
                    at,
                });
            }
            Event::End(TagEnd::FootnoteDefinition) => {
                self.close(None);
                if let Some(Frame::Footnote {
                    label,
                    start,
                    content,
                    at,
                }) = self.frames.pop()
                {
                    self.block(
                        BlockKind::Footnote { label, content },
                        None,
                        Span {
                            start,
                            end: span.end,
                        },
                    );
                    // Tables and code of the note come after it.
                    self.blocks[at..].rotate_right(1);
                }
            }
            Event::Start(Tag::CodeBlock(kind)) => {
                self.close(None);
                self.open_item(span.start);
                let info = match kind {
                    CodeBlockKind::Fenced(info) => info.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some(Pieces {
                    span,
                    info,
                    parts: Vec::new(),
                });
            }
            Event::Start(Tag::HtmlBlock) => {
                self.close(None);
                self.html = Some(span);
            }
            Event::End(TagEnd::HtmlBlock) => {
                if let Some(span) = self.html.take() {
                    self.html_block(span);
                }
            }
            Event::Html(_) if self.html.is_some() => {}
            Event::Start(Tag::Table(align)) => {
                self.close(None);
                self.open_item(span.start);
                self.table = Some(OpenTable::new(self.source, &align, span));
            }
            Event::Rule => {
                self.close(None);
                self.open_item(span.start);
                self.block(BlockKind::PageBreak, None, span);
            }
            inline => {
                if self.leaf.is_none() {
                    // The words of a tight item stand in no paragraph.
                    self.open(LeafKind::Paragraph, span.start);
                }
                if let Some((_, inlines, _)) = &mut self.leaf {
                    inlines.event(&inline, span);
                }
            }
        }
    }

    fn inside_code(&mut self, event: &Event<'_>, span: Span) -> bool {
        let source = self.source;
        let Some(code) = &mut self.code else {
            return false;
        };
        match event {
            Event::End(TagEnd::CodeBlock) => {
                let code = self.code.take();
                if let Some(code) = code {
                    self.code_block(&code);
                }
            }
            Event::Text(text) => {
                let same = self.source.guarded.get(span.start..span.end) == Some(text.as_ref());
                let span = source.unblanked(span);
                let own = source.text.get(span.start..span.end).filter(|_| same);
                let words = own.unwrap_or(text).to_owned();
                code.parts.push((words, span));
            }
            _ => {}
        }
        true
    }

    fn inside_table(&mut self, event: &Event<'_>, span: Span) -> bool {
        let Some(open) = &mut self.table else {
            return false;
        };
        if !matches!(event, Event::End(TagEnd::Table)) {
            open.event(event, span);
        } else if let Some(open) = self.table.take() {
            let span = open.span;
            self.block(BlockKind::Table(open.finish()), None, span);
        }
        true
    }

    fn open(&mut self, kind: LeafKind, start: usize) {
        self.close(None);
        self.leaf = Some((kind, Inlines::new(self.source), start));
    }

    /// Closes the open leaf and makes its block.
    fn close(&mut self, end: Option<usize>) {
        let Some((kind, inlines, start)) = self.leaf.take() else {
            return;
        };
        let end = end
            .or(inlines.extent.map(|e| e.end))
            .unwrap_or(start)
            .max(start);
        self.leaf_block(kind, inlines, Span { start, end });
    }

    fn leaf_block(&mut self, kind: LeafKind, inlines: Inlines<'a>, span: Span) {
        if let Some(Frame::Footnote { content, .. }) = self
            .frames
            .iter_mut()
            .find(|f| matches!(f, Frame::Footnote { .. }))
        {
            if !content.is_empty() {
                let at = Span {
                    start: span.start,
                    end: span.start,
                };
                content.push(Inline {
                    kind: InlineKind::Break,
                    marks: Default::default(),
                    span: at,
                });
            }
            content.extend(inlines.finish(false).0);
            return;
        }
        let quote = self.frames.iter().position(|f| matches!(f, Frame::Quote));
        let depth = self.depth(quote);
        if quote.is_some() {
            let mut words = inlines;
            let mut span = span;
            if let Some(Frame::Item { start, opened }) = self.frames.last_mut()
                && !*opened
            {
                *opened = true;
                // Items inside a quote are lines of the quote; the mark is kept as words.
                let mark = Span {
                    start: *start,
                    end: span.start,
                };
                let mut marked = Inlines::new(self.source);
                let text = self.source.text[mark.start..mark.end].trim_end();
                if !text.contains('\n') {
                    marked.exact(Span {
                        start: mark.start,
                        end: mark.start + text.len(),
                    });
                    span.start = mark.start;
                }
                let (mut content, _) = marked.finish(false);
                if !content.is_empty() {
                    let gap = Span {
                        start: mark.start + text.len(),
                        end: mark.end,
                    };
                    content.push(Inline {
                        kind: InlineKind::Text(" ".into()),
                        marks: Default::default(),
                        span: gap,
                    });
                }
                content.extend(words.finish(false).0);
                self.block(
                    BlockKind::Paragraph {
                        depth,
                        quote: true,
                        content,
                    },
                    None,
                    span,
                );
                return;
            }
            words.extent = None;
            let (content, _) = words.finish(false);
            self.block(
                BlockKind::Paragraph {
                    depth,
                    quote: true,
                    content,
                },
                None,
                span,
            );
            return;
        }
        if let Some(Frame::Item {
            start,
            opened: opened @ false,
        }) = self.frames.last_mut()
        {
            *opened = true;
            let span = Span {
                start: *start,
                end: span.end,
            };
            let (content, attributes) = inlines.finish(true);
            self.item(content, attributes.id, span);
            return;
        }
        match kind {
            LeafKind::Heading(rank) if self.frames.is_empty() => {
                let (content, Attributes { id, style }) = inlines.finish(true);
                let kind = match rank {
                    0 => BlockKind::Title(content),
                    level => BlockKind::Heading {
                        level,
                        style,
                        content,
                    },
                };
                self.block(kind, id, span);
            }
            // A heading inside an item is one of its paragraphs.
            _ => {
                let (content, _) = inlines.finish(false);
                self.block(
                    BlockKind::Paragraph {
                        depth,
                        quote: false,
                        content,
                    },
                    None,
                    span,
                );
            }
        }
    }

    /// An item that begins with something else than words has an empty first paragraph.
    fn open_item(&mut self, at: usize) {
        let quoted = self
            .frames
            .iter()
            .any(|f| matches!(f, Frame::Quote | Frame::Footnote { .. }));
        if let Some(Frame::Item {
            start,
            opened: opened @ false,
        }) = self.frames.last_mut()
        {
            *opened = true;
            let start = *start;
            if !quoted {
                let source = &self.source.guarded[start..at.max(start)];
                let first = source.find('\n').unwrap_or(source.len());
                let mark = source[..first].find(char::is_whitespace).unwrap_or(first);
                self.item(
                    Vec::new(),
                    None,
                    Span {
                        start,
                        end: start + mark,
                    },
                );
            }
        }
    }

    fn item(&mut self, content: Vec<Inline>, id: Option<String>, span: Span) {
        let depth = self.depth(None).saturating_sub(1).min(DEEPEST - 1);
        let ordered = self
            .frames
            .iter()
            .rev()
            .find_map(|f| match f {
                Frame::List { ordered } => Some(*ordered),
                _ => None,
            })
            .unwrap_or(false);
        self.block(
            BlockKind::Item {
                depth,
                ordered,
                content,
            },
            id,
            span,
        );
    }

    /// Items open around here, or around the frame `limit`.
    fn depth(&self, limit: Option<usize>) -> u8 {
        let frames = &self.frames[..limit.unwrap_or(self.frames.len())];
        let items = frames
            .iter()
            .filter(|f| matches!(f, Frame::Item { .. }))
            .count();
        u8::try_from(items).unwrap_or(DEEPEST).min(DEEPEST)
    }

    fn code_block(&mut self, code: &Pieces) {
        if code.info.split_whitespace().next() == Some("signature") {
            let parties = signature::read(code, self.source);
            self.block(BlockKind::Signature(parties), None, code.span);
            return;
        }
        let text: String = code.parts.iter().map(|(t, _)| t.as_str()).collect();
        let text = text.replace("\r\n", "\n");
        let text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        self.block(BlockKind::Verbatim(text), None, code.span);
    }

    /// HTML is kept verbatim, except for the two forms in which `print` writes what Markdown cannot.
    fn html_block(&mut self, span: Span) {
        let span = trimmed(self.source.guarded, span, &[' ', '\t', '\n', '\r']);
        let text = &self.source.text[span.start..span.end];
        for (form, is_break) in [(EMPTY_BREAK, true), (EMPTY, false), ("<br>", true)] {
            let Some(rest) = text.strip_prefix(form) else {
                continue;
            };
            if rest.contains('\n')
                || !(rest.trim().is_empty() || rest.trim_start().starts_with("{#"))
            {
                continue;
            }
            let mut inlines = Inlines::new(self.source);
            let rest = Span {
                start: span.start + form.len(),
                end: span.end,
            };
            if is_break {
                inlines.event(
                    &Event::HardBreak,
                    Span {
                        start: rest.start - "<br>".len(),
                        end: rest.start,
                    },
                );
            }
            let rest = trimmed(self.source.text, rest, &[' ', '\t']);
            if rest.end > rest.start {
                let guarded = self.source.guarded;
                inlines.event(&Event::Text(guarded[rest.start..rest.end].into()), rest);
            }
            self.leaf_block(LeafKind::Paragraph, inlines, span);
            return;
        }
        self.open_item(span.start);
        self.block(BlockKind::Verbatim(text.replace("\r\n", "\n")), None, span);
    }

    /// Makes a block. Its span is trimmed in the copy, where tag lines are blank and belong to no block.
    fn block(&mut self, kind: BlockKind, id: Option<String>, span: Span) {
        let span = trimmed(self.source.guarded, span, &[' ', '\t', '\n', '\r']);
        self.blocks.push(Block { kind, id, span });
    }
}

fn rank(level: HeadingLevel) -> u8 {
    level as u8 - 1
}
