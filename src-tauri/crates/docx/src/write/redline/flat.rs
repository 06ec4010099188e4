//! A paragraph of WordprocessingML as a row of tokens, and tokens as runs again.

use super::marks::{Marks, State};
use crate::write::text::escape;
use crate::write::tree::{Element, Node};
use moqi_document::compare::{align_words, tokens, weight};

/// A word, a break, a whole field, the mark of a note.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Token {
    /// Equal for tokens that say the same.
    key: String,
    weight: usize,
    /// Attributes of the link it stands in.
    link: Option<String>,
    /// Its run properties as markup.
    look: String,
    inner: Inner,
    /// Where it lies among suggestions; tokens of different segments are never the same word.
    pub segment: usize,
    /// Who changed it, if it changed.
    pub who: usize,
}

#[derive(Debug, Clone, PartialEq)]
enum Inner {
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
    pub starts: String,
    /// Their ends.
    pub ends: String,
    pub tokens: Vec<Token>,
    /// The segments of the tokens are known.
    pub signed: bool,
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

fn elements<'e, 'a>(element: &'e Element<'a>) -> Vec<&'e Element<'a>> {
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
        let link = self.link.clone();
        let (before, after) = words.split_at(place);
        let (look, segment, who) = (self.look.clone(), self.segment, self.who);
        *self = Self::word(before, link.clone(), look.clone());
        let after = Self::word(after, link, look);
        Some(Self {
            segment,
            who,
            ..after
        })
    }

    fn word(word: &str, link: Option<String>, look: String) -> Self {
        Self {
            key: format!("t{}\u{1}{word}", link.as_deref().unwrap_or_default()),
            weight: weight(word),
            link,
            look,
            inner: Inner::Words(escape(word)),
            segment: 0,
            who: 0,
        }
    }
}

impl Flat {
    /// Takes a paragraph apart.
    pub fn new(paragraph: &Element<'_>, labels: &Labels<'_>) -> Self {
        let mut flat = Self {
            properties: paragraph.child("w:pPr").map(inside).unwrap_or_default(),
            ..Self::default()
        };
        flat.runs(&elements(paragraph), None, labels);
        flat
    }

    fn runs(&mut self, children: &[&Element<'_>], link: Option<&str>, labels: &Labels<'_>) {
        let mut at = 0;
        while let Some(child) = children.get(at) {
            at += 1;
            match child.name {
                "w:hyperlink" => {
                    let link = attributes(child);
                    self.runs(&elements(child), Some(&link), labels);
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
                            self.note(run, whole, link, labels);
                        }
                        _ => child.print(&mut self.starts),
                    }
                }
                "w:bookmarkEnd" => child.print(&mut self.ends),
                "w:r" if is_note(child) => self.note(child, printed(child), link, labels),
                "w:r" if field_char(child) == Some("begin") => {
                    let end = children[at..]
                        .iter()
                        .position(|run| field_char(run) == Some("end"))
                        .map_or(children.len(), |place| at + place + 1);
                    self.field(&children[at - 1..end], link);
                    at = end;
                }
                "w:r" => self.run(child, link),
                _ => {}
            }
        }
    }

    fn run(&mut self, run: &Element<'_>, link: Option<&str>) {
        let look = run.child("w:rPr").map(printed).unwrap_or_default();
        for child in elements(run) {
            match child.name {
                "w:rPr" => {}
                "w:t" => {
                    let text = inside(child);
                    let text = quick_xml::escape::unescape(&text)
                        .map_or_else(|_| text.clone(), std::borrow::Cow::into_owned);
                    for word in tokens(&text) {
                        let link = link.map(str::to_owned);
                        self.tokens.push(Token::word(word, link, look.clone()));
                    }
                }
                _ => {
                    let markup = printed(child);
                    self.tokens.push(Token {
                        key: format!("r{}\u{1}{markup}", link.unwrap_or_default()),
                        weight: 0,
                        link: link.map(str::to_owned),
                        look: look.clone(),
                        inner: Inner::Run(markup),
                        segment: 0,
                        who: 0,
                    });
                }
            }
        }
    }

    fn field(&mut self, runs: &[&Element<'_>], link: Option<&str>) {
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
        self.tokens.push(Token {
            key: format!("f{}\u{1}{whole}", link.unwrap_or_default()),
            weight: 3,
            link: link.map(str::to_owned),
            look: if alike { look } else { String::new() },
            inner: Inner::Whole(whole, None),
            segment: 0,
            who: 0,
        });
    }

    fn note(&mut self, run: &Element<'_>, whole: String, link: Option<&str>, labels: &Labels<'_>) {
        let number = run
            .child("w:footnoteReference")
            .and_then(|mark| mark.attribute("w:id"))
            .and_then(|id| id.parse().ok())
            .unwrap_or(0);
        self.tokens.push(Token {
            key: format!("n{}\u{1}{}", link.unwrap_or_default(), labels.of(number)),
            weight: 3,
            link: link.map(str::to_owned),
            look: String::new(),
            inner: Inner::Whole(whole, Some(number)),
            segment: 0,
            who: 0,
        });
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

fn is_note(run: &Element<'_>) -> bool {
    run.child("w:footnoteReference").is_some()
}

fn field_char<'a>(run: &Element<'a>) -> Option<&'a str> {
    let mark = run.child("w:fldChar")?;
    // The mending pass rewrites these attributes, and they were read again since.
    mark.attribute("w:fldCharType")
}

/// A token in the merged paragraph.
pub(super) struct Step<'t> {
    pub state: State,
    pub token: &'t Token,
    /// How it was formatted before, where that changed.
    before: Option<&'t str>,
    /// The number of its note before and now, where both sides have it.
    pub notes: Option<(usize, usize)>,
}

impl Step<'_> {
    /// Who changed it; `None` for what did not change.
    pub fn who(&self) -> Option<usize> {
        let changed = self.state != State::Same || self.before.is_some();
        changed.then_some(self.token.who)
    }

    /// Keeps one side of a move: what is common is `moved`, what only `side` has is `own`, and the other side's words are
    /// left out.
    pub fn take_side(&mut self, side: State, moved: State, own: State) -> bool {
        let before = self.state;
        self.before = None;
        self.state = if before == State::Same { moved } else { own };
        before == State::Same || before == side
    }
}

/// The tokens of two paragraphs in one order: what was deleted, then what was inserted, between what stays.
pub(super) fn merged<'t>(old: &'t Flat, new: &'t Flat) -> Vec<Step<'t>> {
    let (a, b) = (old.tokens.as_slice(), new.tokens.as_slice());
    let mut out = Vec::with_capacity(a.len().max(b.len()));
    if !(old.signed && new.signed) {
        merge(a, b, &mut out);
        return out;
    }
    let (mut x, mut y) = (0, 0);
    while x < a.len() || y < b.len() {
        let first = |tokens: &[Token], at: usize| tokens.get(at).map_or(usize::MAX, |t| t.segment);
        let segment = first(a, x).min(first(b, y));
        let end = |tokens: &[Token], from: usize| {
            let inside = tokens[from..].iter().take_while(|t| t.segment <= segment);
            from + inside.count()
        };
        let (next_x, next_y) = (end(a, x), end(b, y));
        merge(&a[x..next_x], &b[y..next_y], &mut out);
        (x, y) = (next_x, next_y);
    }
    out
}

fn merge<'t>(a: &'t [Token], b: &'t [Token], out: &mut Vec<Step<'t>>) {
    let keys = |tokens: &'t [Token]| -> Vec<(&'t str, usize)> {
        tokens
            .iter()
            .map(|token| (token.key.as_str(), token.weight))
            .collect()
    };
    let pairs = align_words(&keys(a), &keys(b), |key| key.1);
    let (mut x, mut y) = (0, 0);
    for (next_x, next_y) in pairs.into_iter().chain([(a.len(), b.len())]) {
        out.extend(all(&a[x..next_x], State::Deleted));
        out.extend(all(&b[y..next_y], State::Inserted));
        if let (Some(before), Some(now)) = (a.get(next_x), b.get(next_y)) {
            let number = |token: &Token| match token.inner {
                Inner::Whole(_, number) => number,
                _ => None,
            };
            out.push(Step {
                state: State::Same,
                token: now,
                before: (unhinted(&before.look) != unhinted(&now.look)).then_some(&*before.look),
                notes: number(before).zip(number(now)),
            });
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
}

/// All tokens in one state.
pub(super) fn all(tokens: &[Token], state: State) -> impl Iterator<Item = Step<'_>> {
    tokens.iter().map(move |token| Step {
        state,
        token,
        before: None,
        notes: None,
    })
}

/// The look without the hint which font to take for ambiguous signs: it follows from the words around.
fn unhinted(look: &str) -> String {
    let look = look.replace("<w:rFonts w:hint=\"eastAsia\"/>", "");
    if look == "<w:rPr></w:rPr>" {
        String::new()
    } else {
        look
    }
}

/// Runs of the steps, each stretch inside its link, its change and the comments on it. `shift` is added to the numbers of
/// deleted notes.
pub(super) fn runs(steps: &[Step<'_>], marks: &mut Marks, shift: usize) -> String {
    let mut out = String::new();
    let mut comments = marks.comments.on(steps);
    // A comment on words that are all in one document goes with them.
    let alike = steps.iter().all(|step| step.state == steps[0].state);
    let shared = if alike && !steps.is_empty() {
        steps[0].state
    } else {
        State::Same
    };
    let mut at = 0;
    for linked in steps.chunk_by(|a, b| a.token.link == b.token.link) {
        let mut inner = String::new();
        for stretch in linked.chunk_by(|a, b| a.state == b.state && a.who() == b.who()) {
            let state = stretch[0].state;
            marks.sign(stretch[0].token.who);
            let mut content = String::new();
            for alike in stretch.chunk_by(|a, b| is_one_run(a, b)) {
                content.push_str(&run(alike, state, marks, shift));
            }
            inner.push_str(&comments.opening(at));
            inner.push_str(&marks.wrap(state, &content));
            at += stretch.len();
            inner.push_str(&comments.closing(at, shared, marks));
        }
        match linked.first().and_then(|step| step.token.link.as_deref()) {
            Some(link) => out.push_str(&format!("<w:hyperlink {link}>{inner}</w:hyperlink>")),
            None => out.push_str(&inner),
        }
    }
    out
}

/// True for words that stand in one run.
fn is_one_run(a: &Step<'_>, b: &Step<'_>) -> bool {
    let words = |step: &Step<'_>| matches!(step.token.inner, Inner::Words(_));
    words(a) && words(b) && a.token.look == b.token.look && a.before == b.before
}

/// Run properties that were others before.
fn changed_look(before: &str, now: &str, marks: &mut Marks) -> String {
    let before = if before.is_empty() {
        "<w:rPr/>"
    } else {
        before
    };
    let now = now
        .strip_prefix("<w:rPr>")
        .and_then(|look| look.strip_suffix("</w:rPr>"))
        .unwrap_or_default();
    format!(
        "<w:rPr>{now}<w:rPrChange {}>{before}</w:rPrChange></w:rPr>",
        marks.attributes()
    )
}

fn run(steps: &[Step<'_>], state: State, marks: &mut Marks, shift: usize) -> String {
    let first = &steps[0];
    let mut look = || match first.before {
        Some(before) => changed_look(before, &first.token.look, marks),
        None => first.token.look.clone(),
    };
    let markup = match &first.token.inner {
        Inner::Words(_) => {
            let words: String = steps
                .iter()
                .map(|step| match &step.token.inner {
                    Inner::Words(words) => words.as_str(),
                    _ => "",
                })
                .collect();
            format!(
                "<w:r>{}<w:t xml:space=\"preserve\">{words}</w:t></w:r>",
                look()
            )
        }
        Inner::Run(inner) => format!("<w:r>{}{inner}</w:r>", look()),
        Inner::Whole(whole, Some(number)) if state.is_old() => whole.replace(
            &format!("<w:footnoteReference w:id=\"{number}\""),
            &format!("<w:footnoteReference w:id=\"{}\"", number + shift),
        ),
        Inner::Whole(whole, Some(_)) => whole.clone(),
        Inner::Whole(whole, None) => {
            // Each run of a field says for itself what it looked like.
            let mut runs = whole.split("<w:r>");
            let mut out = runs.next().unwrap_or_default().to_owned();
            for rest in runs {
                out.push_str("<w:r>");
                out.push_str(&look());
                out.push_str(rest);
            }
            out
        }
    };
    // Words are escaped, so that these can only be tags.
    if state == State::Deleted {
        markup
            .replace("<w:t>", "<w:delText>")
            .replace("<w:t ", "<w:delText ")
            .replace("</w:t>", "</w:delText>")
            .replace("<w:instrText", "<w:delInstrText")
            .replace("</w:instrText>", "</w:delInstrText>")
    } else {
        markup
    }
}
