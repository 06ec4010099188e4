//! The words inside one block: from Markdown events to inlines.

use pulldown_cmark::{Event, LinkType, Tag, TagEnd};

use crate::guard::{Token, TokenKind};
use crate::model::{HeadingStyle, Inline, InlineKind, Language, Marks, Span};

/// `{#id .class}` found at the end of a heading or of an item's first paragraph.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attributes {
    pub(crate) id: Option<String>,
    pub(crate) style: HeadingStyle,
}

/// The text and its guarded copy, shared by everything that builds inlines.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) guarded: &'a str,
    pub(crate) tokens: &'a [Token],
    pub(crate) language: Language,
}

impl Source<'_> {
    /// Code may hold a tag line, which is blank in the copy: what was taken for its indentation is code too.
    pub(crate) fn unblanked(&self, span: Span) -> Span {
        let before = &self.guarded[..span.start];
        let line = before.rfind('\n').map_or(0, |n| n + 1);
        let first = line + self.text[line..].bytes().take_while(|b| *b == b' ').count();
        let blank = before[line..].bytes().all(|b| b == b' ');
        if blank && first < span.start {
            Span {
                start: first,
                end: span.end,
            }
        } else {
            span
        }
    }
}

/// Collects the inlines of one block.
///
/// Every text inline is either its source byte for byte, or as a whole the meaning of its source (an entity,
/// a space for a line end). That is what makes positions exact later.
pub(crate) struct Inlines<'a> {
    source: Source<'a>,
    out: Vec<Inline>,
    /// Whether the last of `out` is text and its source byte for byte.
    last_is_source: bool,
    strong: u32,
    emphasis: u32,
    strike: u32,
    code: u32,
    link: Option<String>,
    /// A link or image that cannot be kept: its source stands as text; counts nesting.
    literal: u32,
    /// Length of `out` when the open link began.
    link_from: usize,
    /// A line end not yet known to be a space or nothing.
    soft: Option<Span>,
    attributes: Option<(Span, Attributes)>,
    /// Start of the first and end of the last thing seen.
    pub(crate) extent: Option<Span>,
}

impl<'a> Inlines<'a> {
    pub(crate) fn new(source: Source<'a>) -> Self {
        Inlines {
            source,
            out: Vec::new(),
            last_is_source: false,
            strong: 0,
            emphasis: 0,
            strike: 0,
            code: 0,
            link: None,
            literal: 0,
            link_from: 0,
            soft: None,
            attributes: None,
            extent: None,
        }
    }

    /// Takes an inline event; the range is that of the event.
    pub(crate) fn event(&mut self, event: &Event<'_>, span: Span) {
        self.extent = Some(match self.extent {
            Some(old) => Span {
                start: old.start.min(span.start),
                end: old.end.max(span.end),
            },
            None => span,
        });
        if self.literal > 0 {
            match event {
                Event::Start(Tag::Image { .. }) => self.literal += 1,
                Event::End(TagEnd::Image) => self.literal -= 1,
                _ => {}
            }
            return;
        }
        match event {
            Event::Text(text) => self.words(text, span),
            Event::Code(text) => self.code_span(text, span),
            Event::InlineHtml(_) | Event::Html(_) => self.html(span),
            Event::SoftBreak => {
                self.settle();
                self.soft = Some(span);
            }
            Event::HardBreak => self.push(InlineKind::Break, span),
            Event::Start(Tag::Strong) => self.strong += 1,
            Event::End(TagEnd::Strong) => self.strong = self.strong.saturating_sub(1),
            Event::Start(Tag::Emphasis) => self.emphasis += 1,
            Event::End(TagEnd::Emphasis) => self.emphasis = self.emphasis.saturating_sub(1),
            Event::Start(Tag::Strikethrough) => self.strike += 1,
            Event::End(TagEnd::Strikethrough) => self.strike = self.strike.saturating_sub(1),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                ..
            }) => {
                self.link = Some(self.target(*link_type, dest_url, span));
                self.link_from = self.out.len();
            }
            Event::End(TagEnd::Link) => {
                self.link = None;
                if self.out.len() == self.link_from {
                    // A link without words would vanish; its source stays as text, line ends in it too.
                    self.soft = self.soft.filter(|soft| soft.start < span.start);
                    self.tokens(span);
                }
            }
            // An image has no place in a contract; its source stays as text.
            Event::Start(Tag::Image { .. }) => {
                self.literal = 1;
                self.tokens(span);
            }
            Event::FootnoteReference(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::TaskListMarker(_) => {
                self.tokens(span);
            }
            _ => {}
        }
    }

    /// Text of the source as it stands, for what Markdown would drop (the mark of an item inside a quote).
    pub(crate) fn exact(&mut self, span: Span) {
        if span.end > span.start {
            let text = self.source.text[span.start..span.end].to_owned();
            self.push(InlineKind::Text(text), span);
        }
    }

    /// The inlines; final attributes are text unless `attributes` are wanted.
    pub(crate) fn finish(mut self, attributes: bool) -> (Vec<Inline>, Attributes) {
        let mut found = Attributes::default();
        if let Some((span, taken)) = self.attributes.take() {
            if attributes {
                found = taken;
                trim_end(&mut self.out);
            } else {
                self.exact(span);
            }
        }
        (self.out, found)
    }

    fn words(&mut self, text: &str, span: Span) {
        if self.source.guarded.get(span.start..span.end) == Some(text) {
            self.tokens(span);
        } else {
            // An entity, or another text whose source looks different.
            self.push(InlineKind::Text(text.to_owned()), span);
        }
    }

    /// Source text in which only tokens are special.
    fn tokens(&mut self, span: Span) {
        let all = self.source.tokens;
        let first = all.partition_point(|t| t.span.end <= span.start);
        let mut at = span.start;
        for token in all[first..].iter().take_while(|t| t.span.end <= span.end) {
            if token.span.start < at {
                continue;
            }
            self.exact(Span {
                start: at,
                end: token.span.start,
            });
            at = token.span.end;
            match &token.kind {
                TokenKind::Field(expr) => self.push(InlineKind::Field(expr.clone()), token.span),
                TokenKind::Reference(id) => {
                    self.push(InlineKind::Reference(id.clone()), token.span)
                }
                TokenKind::FootnoteRef(label) => {
                    self.push(InlineKind::FootnoteRef(label.clone()), token.span)
                }
                TokenKind::Attributes { id, classes } => {
                    self.settle();
                    let style = classes
                        .iter()
                        .rev()
                        .find_map(|c| style(c))
                        .unwrap_or_default();
                    self.attributes = Some((
                        token.span,
                        Attributes {
                            id: id.clone(),
                            style,
                        },
                    ));
                }
            }
        }
        self.exact(Span {
            start: at,
            end: span.end,
        });
    }

    fn code_span(&mut self, text: &str, span: Span) {
        let source = &self.source.text[span.start..span.end];
        let fence = source.bytes().take_while(|b| *b == b'`').count();
        let mut inner = Span {
            start: span.start + fence,
            end: span.end.saturating_sub(fence).max(span.start + fence),
        };
        let body = self
            .source
            .text
            .get(inner.start..inner.end)
            .unwrap_or_default();
        // One space at either end only keeps backticks apart.
        let spaced = body.starts_with([' ', '\n', '\r']) && body.ends_with([' ', '\n', '\r']);
        if spaced && !body.trim_matches([' ', '\n', '\r']).is_empty() {
            inner = Span {
                start: inner.start + 1,
                end: inner.end - 1,
            };
        }
        let body = self
            .source
            .text
            .get(inner.start..inner.end)
            .unwrap_or_default();
        self.code += 1;
        if body.contains(['\n', '\r']) {
            let words = body.replace("\r\n", " ").replace(['\n', '\r'], " ");
            self.push(InlineKind::Text(words), inner);
        } else if body.len() == text.len() {
            self.tokens(inner);
        } else {
            // Only in a table cell is a bar in code escaped.
            self.push(InlineKind::Text(body.replace("\\|", "|")), inner);
        }
        self.code -= 1;
    }

    /// The few tags that stand for marks; any other HTML is text.
    fn html(&mut self, span: Span) {
        let tag = self.source.text[span.start..span.end]
            .trim()
            .to_ascii_lowercase();
        match tag.as_str() {
            "<br>" | "<br/>" | "<br />" => self.push(InlineKind::Break, span),
            "<strong>" | "<b>" => self.strong += 1,
            "</strong>" | "</b>" => self.strong = self.strong.saturating_sub(1),
            "<em>" | "<i>" => self.emphasis += 1,
            "</em>" | "</i>" => self.emphasis = self.emphasis.saturating_sub(1),
            "<del>" | "<s>" => self.strike += 1,
            "</del>" | "</s>" => self.strike = self.strike.saturating_sub(1),
            "<code>" => self.code += 1,
            "</code>" => self.code = self.code.saturating_sub(1),
            _ => self.tokens(span),
        }
    }

    fn target(&self, kind: LinkType, url: &str, span: Span) -> String {
        let source = &self.source.text[span.start..span.end];
        match kind {
            LinkType::Autolink => source.trim_matches(['<', '>']).to_owned(),
            LinkType::Email => format!("mailto:{}", source.trim_matches(['<', '>'])),
            // The address was read from the guarded copy; take it from the text where it stands unescaped.
            _ => match self.source.guarded[span.start..span.end].rfind(url) {
                Some(n) if !url.is_empty() => {
                    source.get(n..n + url.len()).unwrap_or(url).to_owned()
                }
                _ => url.to_owned(),
            },
        }
    }

    fn push(&mut self, kind: InlineKind, span: Span) {
        self.settle();
        if let Some(soft) = self.soft.take()
            && self.spaced(&kind)
        {
            let marks = self.marks();
            self.last_is_source = false;
            self.out.push(Inline {
                kind: InlineKind::Text(" ".to_owned()),
                marks,
                span: soft,
            });
        }
        let marks = self.marks();
        let is_source = match &kind {
            InlineKind::Text(text) => self.source.text.get(span.start..span.end) == Some(text),
            _ => false,
        };
        // Markdown cuts text at every possible mark; exact neighbours are one text.
        if is_source
            && self.last_is_source
            && let (InlineKind::Text(text), Some(last)) = (&kind, self.out.last_mut())
            && let InlineKind::Text(before) = &mut last.kind
            && last.marks == marks
            && last.span.end == span.start
        {
            before.push_str(text);
            last.span.end = span.end;
            return;
        }
        self.last_is_source = is_source;
        self.out.push(Inline { kind, marks, span });
    }

    /// Attributes followed by more words were only text.
    fn settle(&mut self) {
        if let Some((span, _)) = self.attributes.take() {
            self.exact(span);
        }
    }

    fn marks(&self) -> Marks {
        Marks {
            strong: self.strong > 0,
            emphasis: self.emphasis > 0,
            strike: self.strike > 0,
            code: self.code > 0,
            link: self.link.clone(),
        }
    }

    /// Whether a line end before `next` is a space: not between Chinese characters, not beside a break.
    fn spaced(&self, next: &InlineKind) -> bool {
        let before = match self.out.last().map(|i| &i.kind) {
            None | Some(InlineKind::Break) => return false,
            Some(InlineKind::Text(text)) => text.chars().next_back().map_or(Side::Neutral, side),
            Some(_) => Side::Neutral,
        };
        let after = match next {
            InlineKind::Break => return false,
            InlineKind::Text(text) => text.chars().next().map_or(Side::Neutral, side),
            _ => Side::Neutral,
        };
        match (before, after) {
            (Side::Latin, _) | (_, Side::Latin) => true,
            (Side::Neutral, Side::Neutral) => self.source.language == Language::En,
            _ => false,
        }
    }
}

/// Removes source spaces at the end; a space written as an entity was meant.
fn trim_end(out: &mut Vec<Inline>) {
    if let Some(last) = out.last_mut()
        && let InlineKind::Text(text) = &mut last.kind
        && text.len() == last.span.end - last.span.start
    {
        let kept = text.trim_end_matches([' ', '\t']).len();
        last.span.end = last.span.start + kept;
        text.truncate(kept);
        if kept == 0 {
            out.pop();
        }
    }
}

fn style(class: &str) -> Option<HeadingStyle> {
    Some(match class {
        "plain" => HeadingStyle::Plain,
        "schedule" => HeadingStyle::Schedule,
        "parties" => HeadingStyle::Parties,
        "recitals" => HeadingStyle::Recitals,
        _ => return None,
    })
}

#[derive(PartialEq)]
enum Side {
    Chinese,
    Latin,
    /// Fields, references, and punctuation that both scripts use.
    Neutral,
}

fn side(c: char) -> Side {
    match c {
        '\u{2018}'..='\u{201D}' | '\u{2014}' | '\u{2026}' | '\u{00B7}' => Side::Neutral,
        _ if is_chinese(c) => Side::Chinese,
        _ => Side::Latin,
    }
}

/// Chinese characters and full-width punctuation, beside which a line end is no space.
pub(crate) fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{2E80}'..='\u{303F}' | '\u{3040}'..='\u{30FF}' | '\u{3100}'..='\u{33FF}' | '\u{3400}'..='\u{9FFF}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE4F}' | '\u{FF00}'..='\u{FFEF}' | '\u{20000}'..='\u{3FFFF}')
}

/// The words of inlines without marks: fields as `{{expr}}`, references as `[](#id)`, breaks as line ends.
#[must_use]
pub fn plain(inlines: &[Inline]) -> String {
    let mut out = String::new();
    for inline in inlines {
        match &inline.kind {
            InlineKind::Text(text) => out.push_str(text),
            InlineKind::Field(expr) => {
                out.push_str("{{");
                out.push_str(expr);
                out.push_str("}}");
            }
            InlineKind::Reference(id) => {
                out.push_str("[](#");
                out.push_str(id);
                out.push(')');
            }
            InlineKind::Break => out.push('\n'),
            InlineKind::FootnoteRef(_) => {}
        }
    }
    out
}
