//! A part read for its slots: paragraphs, controls, conditions and loops.

use std::collections::HashMap;

use moqi_document::{BlankForm, FieldKind, kind_around, label_around, label_of_hint};

use super::blocks::{At, Blocks, Head, blocks};
use super::control;
use super::field::Field;
use super::paragraph::{OBJECT, Paragraph, TokenKind};
use super::syntax::{Syntax, TagKind, syntax_of};
use super::tree::{Id, Tree};
use super::{Slot, SlotKind};
use crate::ReadError;

/// Slots of one file; a form has some hundred.
const MOST_SLOTS: usize = 100_000;
/// Words shown before and after a slot, in characters.
const AROUND: usize = 60;

/// A part with all that is known of it.
pub(super) struct Scan<'a> {
    pub tree: Tree<'a>,
    pub paragraphs: Vec<Paragraph>,
    pub blocks: Blocks,
    /// Per element: whether it holds a slot.
    pub marked: Vec<bool>,
    /// The slots of the part.
    pub slots: Vec<Slot>,
    /// The slot of each token, and of each control that stands between paragraphs.
    pub of_token: HashMap<At, usize>,
    pub of_control: HashMap<Id, usize>,
    /// The paragraph of an element.
    pub of_element: HashMap<Id, usize>,
}

/// The paragraphs of a part, without those inside controls that want a value as a whole.
pub(super) fn paragraphs(tree: &Tree<'_>) -> Vec<Paragraph> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(element) = tree.elements.get(at) {
        let id = at as Id;
        if element.name == "sdt" && control::is_slot(tree, id) {
            at = tree.inside(id).end;
            continue;
        }
        if element.name == "p" {
            found.push(Paragraph::read(tree, id));
        }
        at += 1;
    }
    found
}

/// The language of the tags in some paragraphs.
pub(super) fn language<'p>(paragraphs: impl Iterator<Item = &'p Paragraph>) -> Option<Syntax> {
    let mut found = None;
    for paragraph in paragraphs {
        match syntax_of(&paragraph.words) {
            Some(Syntax::Jinja) => return Some(Syntax::Jinja),
            Some(other) => found = Some(other),
            None => {}
        }
    }
    found
}

/// Reads a part, given its paragraphs and the language of the tags in the whole file.
pub(super) fn scan<'a>(
    part: &str,
    tree: Tree<'a>,
    mut paragraphs: Vec<Paragraph>,
    syntax: Option<Syntax>,
) -> Result<Scan<'a>, ReadError> {
    for paragraph in &mut paragraphs {
        paragraph.find(&tree, syntax);
    }
    let blocks = blocks(&tree, &paragraphs);
    let of_element = paragraphs
        .iter()
        .enumerate()
        .map(|(p, paragraph)| (paragraph.id, p))
        .collect();
    let mut scan = Scan {
        marked: vec![false; tree.elements.len()],
        tree,
        paragraphs,
        blocks,
        slots: Vec::new(),
        of_token: HashMap::new(),
        of_control: HashMap::new(),
        of_element,
    };
    let mut counting = Counting {
        name: short(part),
        part,
        next: 0,
        twin: false,
    };
    scan.walk(0, &mut counting);
    if scan.slots.len() > MOST_SLOTS {
        return Err(ReadError::TooLarge(
            "it has more than 100,000 places to fill",
        ));
    }
    Ok(scan)
}

/// `header1` of `word/header1.xml`.
fn short(part: &str) -> &str {
    part.trim_start_matches("word/").trim_end_matches(".xml")
}

struct Counting<'p> {
    name: &'p str,
    part: &'p str,
    next: usize,
    /// Inside the second form of something that Word shows only in old versions: its slots are those of the first.
    twin: bool,
}

impl Scan<'_> {
    fn walk(&mut self, id: Id, counting: &mut Counting<'_>) {
        match self.tree.at(id).name {
            "AlternateContent" => {
                let start = counting.next;
                let mut most = start;
                for child in self.tree.at(id).children.clone() {
                    let outer = counting.twin;
                    if self.tree.at(child).name == "Fallback" {
                        counting.next = start;
                        counting.twin = true;
                    }
                    self.walk(child, counting);
                    counting.twin = outer;
                    most = most.max(counting.next);
                }
                counting.next = most;
            }
            "sdt" if !self.in_paragraph(id) && control::is_slot(&self.tree, id) => {
                let paragraph = self.paragraphs.partition_point(|p| p.id < id);
                let slot = self.control(id, paragraph, "", "", self.left_cell(id));
                if let Some(number) = self.add(slot, counting) {
                    self.of_control.insert(id, number);
                }
                self.mark(id);
            }
            _ => {
                if let Some(&p) = self.of_element.get(&id) {
                    self.tokens(p, counting);
                }
                for n in 0..self.tree.at(id).children.len() {
                    let child = self.tree.at(id).children[n];
                    self.walk(child, counting);
                }
            }
        }
    }

    /// A control among the runs of a paragraph is a token of it.
    fn in_paragraph(&self, id: Id) -> bool {
        let mut at = id;
        while let Some(parent) = self.tree.at(at).parent {
            match self.tree.at(parent).name {
                "p" => return true,
                "tc" | "txbxContent" | "body" => return false,
                _ => at = parent,
            }
        }
        false
    }

    fn mark(&mut self, id: Id) {
        let mut at = Some(id);
        while let Some(id) = at.filter(|id| !self.marked[*id as usize]) {
            self.marked[id as usize] = true;
            at = self.tree.at(id).parent;
        }
    }

    fn add(&mut self, slot: Option<Slot>, counting: &mut Counting<'_>) -> Option<usize> {
        let mut slot = slot?;
        slot.id = format!("{}:{}", counting.name, counting.next);
        slot.part = counting.part.to_owned();
        counting.next += 1;
        if counting.twin
            && let Some(number) = self.slots.iter().rposition(|s| s.id == slot.id)
        {
            return Some(number);
        }
        self.slots.push(slot);
        Some(self.slots.len() - 1)
    }

    fn tokens(&mut self, p: usize, counting: &mut Counting<'_>) {
        if self.paragraphs[p].tokens.is_empty() {
            return;
        }
        self.mark(self.paragraphs[p].id);
        for t in 0..self.paragraphs[p].tokens.len() {
            let slot = self.slot(p, t);
            if let Some(number) = self.add(slot, counting) {
                self.of_token.insert((p, t), number);
            }
        }
    }

    /// The slot of a token; tags that end something are none.
    fn slot(&self, p: usize, t: usize) -> Option<Slot> {
        let paragraph = &self.paragraphs[p];
        let token = &paragraph.tokens[t];
        let before = &paragraph.words[..token.words.start];
        let after = &paragraph.words[token.words.end..];
        let text = &paragraph.words[token.words.clone()];
        let named = |hint: Option<&str>| {
            hint.and_then(label_of_hint)
                .or_else(|| label_around(before, after))
                .or_else(|| self.left_cell(paragraph.id))
        };
        let (kind, name, value) = match &token.kind {
            TokenKind::Tag(tag) => match &tag.kind {
                TagKind::Value(expr) => {
                    let name = expr.names().into_iter().next()?;
                    let words = name.rsplit('.').next().unwrap_or(&name).replace('_', " ");
                    let value = kind_around(&words, before, after);
                    (SlotKind::Tag, name, value)
                }
                TagKind::If(condition) => (
                    SlotKind::Condition,
                    condition.names().join(", "),
                    FieldKind::YesNo,
                ),
                TagKind::For { list, .. } => (
                    SlotKind::Loop,
                    list.names().join(", "),
                    FieldKind::Repeat(Vec::new()),
                ),
                _ => return None,
            },
            TokenKind::Blank(form, hint) => {
                let name = named(hint.as_deref()).unwrap_or_default();
                let value = match form {
                    BlankForm::Date => FieldKind::Date,
                    BlankForm::Box => FieldKind::YesNo,
                    _ => kind_around(&name, before, after),
                };
                let name = match form {
                    BlankForm::Box => first_words(after),
                    _ => name,
                };
                (SlotKind::Blank, name, value)
            }
            TokenKind::Underlined => {
                let name = named(None).unwrap_or_default();
                let value = kind_around(&name, before, after);
                (SlotKind::Blank, name, value)
            }
            TokenKind::Field(field) => {
                let around = || named(None).unwrap_or_default();
                let or_around = |name: &str| {
                    if name.is_empty() {
                        around()
                    } else {
                        name.to_owned()
                    }
                };
                match field {
                    Field::Merge { name, .. } => {
                        let value = kind_around(&name.replace('_', " "), before, after);
                        (SlotKind::MergeField, name.clone(), value)
                    }
                    Field::Text { name } => (
                        SlotKind::FormField,
                        or_around(name),
                        kind_around(&around(), before, after),
                    ),
                    Field::Check { name, .. } => {
                        (SlotKind::FormField, or_around(name), FieldKind::YesNo)
                    }
                    Field::List { name, choices, .. } => {
                        let options = choices
                            .iter()
                            .map(|c| moqi_document::ChoiceOption {
                                value: c.clone(),
                                label: c.clone(),
                            })
                            .collect();
                        (
                            SlotKind::FormField,
                            or_around(name),
                            FieldKind::Choice(options),
                        )
                    }
                }
            }
            TokenKind::Control(id) => {
                let left = label_around(before, after).or_else(|| self.left_cell(paragraph.id));
                let slot = self.control(*id, p, before, after, left);
                return slot;
            }
        };
        Some(Slot {
            id: String::new(),
            kind,
            name,
            value,
            text: text.to_owned(),
            before: last_chars(before),
            after: first_chars(after),
            part: String::new(),
            paragraph: p,
        })
    }

    fn control(
        &self,
        id: Id,
        paragraph: usize,
        before: &str,
        after: &str,
        label: Option<String>,
    ) -> Option<Slot> {
        let found = control::read(&self.tree, id);
        let name = found
            .tag
            .clone()
            .or_else(|| found.alias.clone())
            .or(label)
            .unwrap_or_default();
        let words = found.alias.unwrap_or_else(|| name.clone());
        let value = match found.kind {
            FieldKind::Text => kind_around(&words.replace('_', " "), before, after),
            kind => kind,
        };
        let content = self.tree.child(id, "sdtContent").unwrap_or(id);
        let text = self
            .tree
            .inside(content)
            .filter(|i| self.tree.elements[*i].name == "t")
            .map(|i| self.tree.words(i as Id))
            .collect();
        Some(Slot {
            id: String::new(),
            kind: SlotKind::Control,
            name,
            value,
            text,
            before: last_chars(before),
            after: first_chars(after),
            part: String::new(),
            paragraph,
        })
    }

    /// The words of the cell to the left, which name what a form's cell wants.
    fn left_cell(&self, id: Id) -> Option<String> {
        let cell = self.tree.around(id, "tc")?;
        let row = self.tree.at(cell).parent?;
        let cells = &self.tree.at(row).children;
        let place = cells.binary_search(&cell).ok()?;
        let left = cells[..place]
            .iter()
            .rev()
            .copied()
            .find(|c| self.tree.at(*c).name == "tc")?;
        let from = self.paragraphs.partition_point(|p| p.id < left);
        let paragraph = self.paragraphs.get(from).filter(|p| p.id < cell)?;
        (paragraph.tokens.is_empty() && paragraph.words.chars().count() <= 80)
            .then(|| label_of_hint(paragraph.words.trim()))?
    }

    /// The names of a loop's row that its tags use, so that a form can ask for them.
    pub fn rows(&mut self) {
        for block in &self.blocks.all {
            let Head::For { variable, .. } = &block.head else {
                continue;
            };
            let (Some(&first), Some(&last)) = (block.tags.first(), block.tags.last()) else {
                continue;
            };
            let Some(&number) = self.of_token.get(&first) else {
                continue;
            };
            let mut names: Vec<String> = Vec::new();
            for (p, paragraph) in self
                .paragraphs
                .iter()
                .enumerate()
                .take(last.0 + 1)
                .skip(first.0)
            {
                for (t, token) in paragraph.tokens.iter().enumerate() {
                    let TokenKind::Tag(tag) = &token.kind else {
                        continue;
                    };
                    let TagKind::Value(expr) = &tag.kind else {
                        continue;
                    };
                    if (p, t) < first || (p, t) > last {
                        continue;
                    }
                    for name in expr.names() {
                        let name = match variable {
                            Some(variable) => {
                                let rest = name.strip_prefix('$').unwrap_or(&name);
                                match rest
                                    .strip_prefix(variable.as_str())
                                    .and_then(|r| r.strip_prefix('.'))
                                {
                                    Some(part) => part.to_owned(),
                                    None => continue,
                                }
                            }
                            None => name,
                        };
                        if names.len() < 100 && !names.contains(&name) {
                            names.push(name);
                        }
                    }
                }
            }
            self.slots[number].value =
                FieldKind::Repeat(names.iter().map(|name| super::text_field(name)).collect());
        }
    }
}

fn last_chars(words: &str) -> String {
    let cut = words
        .char_indices()
        .rev()
        .nth(AROUND - 1)
        .map_or(0, |(i, _)| i);
    words[cut..].replace(OBJECT, " ")
}

fn first_chars(words: &str) -> String {
    words
        .chars()
        .take(AROUND)
        .map(|c| if c == OBJECT { ' ' } else { c })
        .collect()
}

/// The words after a box, as its name.
fn first_words(after: &str) -> String {
    let words = after.trim_start();
    let end = words.char_indices().nth(40).map_or(words.len(), |(i, _)| i);
    let end = words[..end]
        .find(['.', '。', '，', ',', '；', ';', ':', '：', '\n', '\t'])
        .unwrap_or(end);
    words[..end].trim().to_owned()
}
