//! A paragraph of WordprocessingML as a row of tokens.

use super::remarks::{Edge, Remarked};
use crate::write::text::escape;
use crate::write::tree::{Element, Node};
use moqi_document::compare::{tokens, weight};
use std::borrow::Cow;
use std::rc::Rc;

/// A word, a break, a whole field, the mark of a note.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Equal for tokens that say the same.
    pub key: String,
    pub weight: usize,
    /// The content control it stands in.
    pub control: Option<Control>,
    /// Attributes of the link it stands in.
    pub link: Option<String>,
    /// Its run properties as markup.
    pub look: String,
    pub inner: Inner,
    /// What remarks begin and end around it.
    pub remarked: Remarked,
    /// Where it lies among suggestions; tokens of different segments are never the same word.
    pub segment: usize,
    /// Who changed it, if it changed.
    pub who: usize,
}

/// A content control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Control {
    /// Its `w:sdtPr`.
    pub properties: Rc<str>,
    /// Its number in the paragraph.
    pub number: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Inner {
    /// Escaped words.
    Words(String),
    /// What stands in a run of its own.
    Run(String),
    /// Whole runs: a field without its look, or the mark of a note with its bookmark. Carries the number of the note.
    Whole(String, Option<usize>),
}

/// A paragraph taken apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Flat {
    /// What stands in its properties.
    pub properties: String,
    /// Bookmarks around all of it.
    pub bookmarks: Vec<Bookmark>,
    /// The properties of the section that ends with it.
    pub section: Option<String>,
    pub tokens: Vec<Token>,
    /// Remarks of a paragraph without tokens.
    pub remarks: Vec<Edge>,
    /// The segments of the tokens are known.
    pub signed: bool,
}

/// A bookmark around a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bookmark {
    pub name: String,
    number: String,
    start: String,
}

/// What stands before and after what is in bookmarks.
pub(super) fn around<'b>(bookmarks: impl IntoIterator<Item = &'b Bookmark>) -> (String, String) {
    let (mut starts, mut ends) = (String::new(), String::new());
    for bookmark in bookmarks {
        starts.push_str(&bookmark.start);
        ends.push_str(&format!("<w:bookmarkEnd w:id=\"{}\"/>", bookmark.number));
    }
    (starts, ends)
}

/// Which footnote a mark stands for, on one side: its label by number.
pub(super) struct Labels<'a>(pub &'a [String]);

impl Labels<'_> {
    /// The label of a note by its number.
    pub fn of(&self, number: usize) -> &str {
        number
            .checked_sub(1)
            .and_then(|at| self.0.get(at))
            .map_or("", String::as_str)
    }
}

/// An element as markup.
pub(super) fn printed(element: &Element<'_>) -> String {
    let mut out = String::new();
    element.print(&mut out);
    out
}

/// What is in an element as markup.
pub(super) fn inside(element: &Element<'_>) -> String {
    let mut out = String::new();
    for node in &element.children {
        match node {
            Node::Element(child) => child.print(&mut out),
            Node::Text(text) => out.push_str(text),
            Node::Raw(markup) => out.push_str(markup),
        }
    }
    out
}

/// All attributes of an element, those of the source and those put in.
fn attributes(element: &Element<'_>) -> String {
    [element.attributes, &element.added]
        .into_iter()
        .filter(|attributes| !attributes.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The children that are elements.
pub(super) fn elements<'e, 'a>(element: &'e Element<'a>) -> Vec<&'e Element<'a>> {
    element
        .children
        .iter()
        .filter_map(|node| match node {
            Node::Element(child) => Some(child),
            _ => None,
        })
        .collect()
}

impl Token {
    /// Its characters; what is no word is one sign: `other` are those of a break, a field and the mark of a note.
    pub fn say(&self, other: (char, char, char), out: &mut Vec<char>) {
        match &self.inner {
            Inner::Words(words) => match quick_xml::escape::unescape(words) {
                Ok(words) => out.extend(words.chars()),
                Err(_) => out.extend(words.chars()),
            },
            Inner::Run(_) => out.push(other.0),
            Inner::Whole(_, None) => out.push(other.1),
            Inner::Whole(_, Some(_)) => out.push(other.2),
        }
    }

    /// Cuts a word after so many characters; gives what comes after them, if anything does.
    pub fn cut(&mut self, characters: usize) -> Option<Self> {
        let Inner::Words(words) = &self.inner else {
            return None;
        };
        let words = quick_xml::escape::unescape(words).ok()?.into_owned();
        let (place, _) = words.char_indices().nth(characters)?;
        let (before, after) = words.split_at(place);
        let mut rest = self.clone();
        rest.be(after);
        rest.remarked.before.clear();
        self.be(before);
        self.remarked.after.clear();
        Some(rest)
    }

    /// Makes it another word.
    fn be(&mut self, word: &str) {
        self.key = format!("t{}\u{1}{word}", self.link.as_deref().unwrap_or_default());
        self.weight = weight(word);
        self.inner = Inner::Words(escape(word));
    }
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Default)]
struct Site {
    control: Option<Control>,
    link: Option<String>,
}

impl Site {
    fn token(&self, kind: char, what: &str, weight: usize, look: &str, inner: Inner) -> Token {
        Token {
            key: format!(
                "{kind}{}\u{1}{what}",
                self.link.as_deref().unwrap_or_default()
            ),
            weight,
            control: self.control.clone(),
            link: self.link.clone(),
            look: look.to_owned(),
            inner,
            remarked: Remarked::default(),
            segment: 0,
            who: 0,
        }
    }
}

/// Takes a paragraph apart, run by run.
#[derive(Default)]
struct Reader<'l> {
    flat: Flat,
    /// Words that are not cut into tokens yet, and remarks that begin and end in them by place: a word is a word, wherever
    /// a remark begins.
    words: String,
    edges: Vec<(usize, Edge)>,
    look: String,
    site: Site,
    /// Remarks that begin before what comes next.
    waiting: Vec<Edge>,
    controls: usize,
    labels: &'l [String],
}

impl Flat {
    /// Takes a paragraph apart.
    pub fn new(paragraph: &Element<'_>, labels: &Labels<'_>) -> Self {
        let mut reader = Reader {
            labels: labels.0,
            ..Reader::default()
        };
        for own in paragraph.child("w:pPr").map(elements).unwrap_or_default() {
            match own.name {
                "w:sectPr" => reader.flat.section = Some(printed(own)),
                _ => own.print(&mut reader.flat.properties),
            }
        }
        reader.runs(&elements(paragraph), &Site::default());
        reader.finish()
    }

    /// All of it was changed by one.
    pub fn is_by(&mut self, who: usize) {
        self.tokens.iter_mut().for_each(|token| token.who = who);
    }

    /// What it says, for comparing rows.
    pub fn words(&self) -> String {
        let mut out = String::new();
        for token in &self.tokens {
            match &token.inner {
                Inner::Words(words) => out.push_str(words),
                _ => out.push(' '),
            }
        }
        out
    }
}

impl Reader<'_> {
    fn finish(mut self) -> Flat {
        self.settle();
        match self.flat.tokens.last_mut() {
            Some(last) => last.remarked.after.append(&mut self.waiting),
            None => self.flat.remarks = self.waiting,
        }
        self.flat
    }

    fn runs(&mut self, children: &[&Element<'_>], site: &Site) {
        let mut at = 0;
        while let Some(child) = children.get(at) {
            at += 1;
            match child.name {
                "w:hyperlink" => {
                    let link = Some(attributes(child));
                    let control = site.control.clone();
                    self.runs(&elements(child), &Site { control, link });
                }
                "w:sdt" => {
                    self.controls += 1;
                    let properties = child.child("w:sdtPr").map(printed).unwrap_or_default();
                    let control = Some(Control {
                        properties: properties.into(),
                        number: self.controls,
                    });
                    let content = child.child("w:sdtContent").map(elements);
                    let link = site.link.clone();
                    self.runs(&content.unwrap_or_default(), &Site { control, link });
                }
                "w:bookmarkStart" => {
                    // A bookmark around the mark of a note stays with it; others are around the whole paragraph.
                    let mark = children.get(at).filter(|run| is_note(run));
                    let end = children
                        .get(at + 1)
                        .filter(|end| end.name == "w:bookmarkEnd");
                    match (mark, end) {
                        (Some(run), Some(end)) => {
                            at += 2;
                            let whole = printed(child) + &printed(run) + &printed(end);
                            self.note(run, whole, site);
                        }
                        _ => {
                            let own = |name| value(child, name).unwrap_or_default();
                            self.flat.bookmarks.push(Bookmark {
                                name: own("w:name"),
                                number: own("w:id"),
                                start: printed(child),
                            });
                        }
                    }
                }
                // The end of a remark is written with its mark.
                "w:commentRangeStart" => self.edge(Edge::Opens(remark(child))),
                "w:r" if is_note(child) => self.note(child, printed(child), site),
                "w:r" if field_char(child) == Some("begin") => {
                    // A field can hold another.
                    let mut open = 0usize;
                    let end = children[at - 1..].iter().position(|run| {
                        match field_char(run) {
                            Some("begin") => open += 1,
                            Some("end") => open = open.saturating_sub(1),
                            _ => {}
                        }
                        open == 0
                    });
                    let end = end.map_or(children.len(), |place| at + place);
                    self.field(&children[at - 1..end], site);
                    at = end;
                }
                "w:r" => match child.child("w:commentReference") {
                    Some(mark) => self.edge(Edge::Closes(remark(mark))),
                    None => self.run(child, site),
                },
                _ => {}
            }
        }
    }

    fn run(&mut self, run: &Element<'_>, site: &Site) {
        let look = run.child("w:rPr").map(printed).unwrap_or_default();
        for child in elements(run) {
            match child.name {
                "w:rPr" => {}
                "w:t" => {
                    if self.look != look || self.site != *site {
                        self.settle();
                    }
                    if self.words.is_empty() {
                        self.look.clone_from(&look);
                        self.site = site.clone();
                    }
                    let text = inside(child);
                    let words = quick_xml::escape::unescape(&text);
                    self.words
                        .push_str(&words.unwrap_or(Cow::Borrowed(text.as_str())));
                }
                _ => {
                    let markup = printed(child);
                    let token = site.token('r', &markup, 0, &look, Inner::Run(markup.clone()));
                    self.token(token);
                }
            }
        }
    }

    /// Cuts the words that wait into tokens. What begins or ends inside a word stands around it.
    fn settle(&mut self) {
        let words = std::mem::take(&mut self.words);
        let edges = std::mem::take(&mut self.edges);
        let mut edges = edges.into_iter().peekable();
        let mut place = 0;
        for word in tokens(&words) {
            let end = place + word.len();
            let mut token = self.site.token(
                't',
                word,
                weight(word),
                &self.look,
                Inner::Words(escape(word)),
            );
            let mut later = Vec::new();
            while let Some((at, edge)) = edges.peek() {
                match edge {
                    // What begins where this word ends begins with the next.
                    Edge::Opens(_) if *at < end => token.remarked.before.push(*edge),
                    // What begins and ends in one place stands behind the word.
                    Edge::Closes(id) if *at <= end => {
                        let point = later.iter().position(|edge| *edge == Edge::Opens(*id));
                        token
                            .remarked
                            .after
                            .extend(point.map(|at| later.remove(at)));
                        token.remarked.after.push(*edge);
                    }
                    Edge::Opens(_) if *at == end => later.push(*edge),
                    _ => break,
                }
                edges.next();
            }
            self.push(token);
            self.waiting.append(&mut later);
            place = end;
        }
        self.waiting.extend(edges.map(|(_, edge)| edge));
    }

    /// A remark begins or ends.
    fn edge(&mut self, edge: Edge) {
        if !self.words.is_empty() {
            self.edges.push((self.words.len(), edge));
            return;
        }
        match (edge, self.flat.tokens.last_mut()) {
            (Edge::Closes(id), Some(last)) => {
                let opened = self.waiting.iter().position(|own| *own == Edge::Opens(id));
                let opened = opened.map(|at| self.waiting.remove(at));
                last.remarked.after.extend(opened);
                last.remarked.after.push(edge);
            }
            _ => self.waiting.push(edge),
        }
    }

    fn token(&mut self, token: Token) {
        self.settle();
        self.push(token);
    }

    fn push(&mut self, mut token: Token) {
        if !self.waiting.is_empty() {
            let own = std::mem::take(&mut token.remarked.before);
            token.remarked.before = std::mem::take(&mut self.waiting);
            token.remarked.before.extend(own);
        }
        self.flat.tokens.push(token);
    }

    fn field(&mut self, runs: &[&Element<'_>], site: &Site) {
        let look_of = |run: &Element<'_>| run.child("w:rPr").map(printed).unwrap_or_default();
        let look = runs.first().map(|run| look_of(run)).unwrap_or_default();
        // A field in one look is the same field in another.
        let alike = runs
            .iter()
            .all(|run| run.attributes.is_empty() && run.added.is_empty() && look_of(run) == look);
        let bare = |run: &Element<'_>| {
            let mut run = run.clone();
            run.children
                .retain(|node| !matches!(node, Node::Element(own) if own.name == "w:rPr"));
            printed(&run)
        };
        let whole: String = if alike {
            runs.iter().map(|run| bare(run)).collect()
        } else {
            runs.iter().map(|run| printed(run)).collect()
        };
        // Pages are counted anew by whoever opens the file: another page is no change.
        let page = runs
            .iter()
            .filter_map(|run| run.child("w:instrText"))
            .map(inside)
            .find(|instruction| instruction.trim_start().starts_with("PAGEREF "));
        let look = if alike { look.as_str() } else { "" };
        let key = page.as_deref().unwrap_or(&whole);
        let token = site.token('f', key, 3, look, Inner::Whole(whole.clone(), None));
        self.token(token);
    }

    fn note(&mut self, run: &Element<'_>, whole: String, site: &Site) {
        let number = run
            .child("w:footnoteReference")
            .and_then(|mark| value(mark, "w:id"))
            .and_then(|id| id.parse().ok())
            .unwrap_or(0);
        let label = Labels(self.labels).of(number).to_owned();
        let token = site.token('n', &label, 3, "", Inner::Whole(whole, Some(number)));
        self.token(token);
    }
}

/// The id of a remark.
fn remark(element: &Element<'_>) -> usize {
    let id = value(element, "w:id").and_then(|id| id.parse().ok());
    id.unwrap_or(0)
}

/// The value of an attribute, put in or not.
pub(super) fn value(element: &Element<'_>, name: &str) -> Option<String> {
    let all = attributes(element);
    let (_, rest) = all.split_once(&format!("{name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

fn is_note(run: &Element<'_>) -> bool {
    run.child("w:footnoteReference").is_some()
}

fn field_char<'a>(run: &Element<'a>) -> Option<&'a str> {
    let mark = run.child("w:fldChar")?;
    // The mending pass rewrites these attributes, and they were read again since.
    mark.attribute("w:fldCharType")
}
