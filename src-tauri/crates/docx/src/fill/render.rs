//! A part printed again with values in its slots; what holds none is copied byte for byte.

use std::collections::HashSet;
use std::ops::Range;

use moqi_document::Answers;

use super::blocks::{Block, Head, Region};
use super::control;
use super::expr::{Expr, Fault};
use super::line::Line;
use super::scan::Scan;
use super::scope::{self, Scope, Value};
use super::tree::{Id, attributes};
use super::{Slot, Values};
use crate::warned::{Warning, WarningKind};

/// Bytes a part may grow to; nested loops over long lists stop there.
const LARGEST: usize = 64 << 20;

/// Prints one part.
pub(super) struct Render<'r, 'a> {
    pub scan: &'r Scan<'a>,
    pub values: &'r Values,
    pub scope: Scope<'r>,
    pub out: String,
    /// Per block: whether its tags are carried out.
    pub resolved: Vec<bool>,
    /// Inside a second copy, whose ids must go.
    pub fresh: usize,
    /// Places changed so far.
    pub edits: usize,
    pub too_large: bool,
    warnings: Vec<Warning>,
    seen: HashSet<String>,
}

impl<'r, 'a> Render<'r, 'a> {
    pub fn new(scan: &'r Scan<'a>, values: &'r Values, chinese: bool) -> Render<'r, 'a> {
        Render {
            scan,
            values,
            scope: Scope::new(&values.named, chinese),
            out: String::with_capacity(scan.tree.source.len() + 1024),
            resolved: vec![false; scan.blocks.all.len()],
            fresh: 0,
            edits: 0,
            too_large: false,
            warnings: Vec::new(),
            seen: HashSet::new(),
        }
    }

    /// The part with its values, whether anything changed, and what was noticed.
    pub fn part(mut self) -> (String, bool, bool, Vec<Warning>) {
        let root = self.scan.tree.at(0).span.clone();
        self.out.push_str(self.scan.tree.text(&(0..root.start)));
        self.element(0);
        self.out.push_str(
            self.scan
                .tree
                .text(&(root.end..self.scan.tree.source.len())),
        );
        (self.out, self.edits > 0, self.too_large, self.warnings)
    }

    /// Says something once.
    pub fn warn(&mut self, key: String, kind: WarningKind) {
        if self.seen.insert(key) {
            self.warnings.push(Warning { span: None, kind });
        }
    }

    pub fn full(&mut self) -> bool {
        self.too_large |= self.out.len() > LARGEST;
        self.too_large
    }

    /// Prints an element.
    pub fn element(&mut self, id: Id) {
        let scan = self.scan;
        if self.full() {
            return;
        }
        if !scan.marked[id as usize] {
            self.copy(id);
            return;
        }
        if let Some(&number) = scan.of_control.get(&id) {
            let printed = self.control(id, number);
            self.out.push_str(&printed);
            return;
        }
        if let Some(&p) = scan.of_element.get(&id) {
            self.paragraph(p);
            return;
        }
        let element = scan.tree.at(id);
        let before = self.out.len();
        self.open(id);
        self.children(id, 0..element.children.len(), 0);
        let end = element
            .children
            .last()
            .map_or(element.inner.start, |last| scan.tree.at(*last).span.end);
        self.out.push_str(scan.tree.text(&(end..element.inner.end)));
        self.mend(id, before);
        self.out
            .push_str(scan.tree.text(&(element.inner.end..element.span.end)));
    }

    /// What a condition took out whole must not leave a cell without paragraph or a table without row.
    fn mend(&mut self, id: Id, before: usize) {
        let element = self.scan.tree.at(id);
        let prefix = super::field::prefix(element.full);
        match element.name {
            "tc" | "txbxContent" | "hdr" | "ftr"
                if !self.out[before..].contains(&format!("<{prefix}p")) =>
            {
                self.out.push_str(&format!("<{prefix}p/>"));
            }
            "tc" if self.out.trim_end().ends_with(&format!("</{prefix}tbl>")) => {
                self.out.push_str(&format!("<{prefix}p/>"));
            }
            _ => {}
        }
    }

    /// Prints children from one place to another, with the blocks from number `least` on that begin among them.
    fn children(&mut self, parent: Id, range: Range<usize>, least: usize) {
        let scan = self.scan;
        let element = scan.tree.at(parent);
        let mut at = range.start;
        while at < range.end && !self.full() {
            let from = match at {
                0 => element.inner.start,
                _ => scan.tree.at(element.children[at - 1]).span.end,
            };
            self.out.push_str(
                scan.tree
                    .text(&(from..scan.tree.at(element.children[at]).span.start)),
            );
            let mut next = None;
            let mut floor = least;
            while let Some((block, end)) =
                self.starting(parent, next.unwrap_or(at), floor, range.end)
            {
                if next.is_some() && !self.starts_apart(block) {
                    break;
                }
                floor = block + 1;
                if self.block(block) {
                    next = Some(end);
                } else if next.is_some() {
                    // The paragraph that ended one block begins another that stays: it is printed.
                    self.element(element.children[end_of(&scan.blocks.all[block]).0]);
                    break;
                }
            }
            match next {
                Some(end) => at = end + 1,
                None => {
                    self.element(element.children[at]);
                    at += 1;
                }
            }
        }
    }

    /// The first block from `least` on that begins at a child and ends before `limit`.
    fn starting(
        &self,
        parent: Id,
        at: usize,
        least: usize,
        limit: usize,
    ) -> Option<(usize, usize)> {
        let all = self.scan.blocks.starts.get(&(parent, at))?;
        let from = all.partition_point(|block| *block < least);
        all[from..].iter().find_map(|block| {
            let end = end_of(&self.scan.blocks.all[*block]).1;
            (end < limit).then_some((*block, end))
        })
    }

    /// Whether a block takes the child it begins at out of the text.
    fn starts_apart(&self, block: usize) -> bool {
        matches!(
            &self.scan.blocks.all[block].region,
            Region::Siblings {
                kept: [false, _],
                ..
            }
        )
    }

    /// Carries out a block between elements; false when it cannot be decided and stays.
    fn block(&mut self, number: usize) -> bool {
        let scan = self.scan;
        let block = &scan.blocks.all[number];
        let Region::Siblings {
            parent,
            edges,
            kept,
        } = &block.region
        else {
            return false;
        };
        let Some(choice) = self.decide(number) else {
            return false;
        };
        let last = edges.len() - 2;
        let part = |branch: usize| {
            let start = if branch == 0 && kept[0] {
                edges[0]
            } else {
                edges[branch] + 1
            };
            let end = if branch == last && kept[1] {
                edges[branch + 1] + 1
            } else {
                edges[branch + 1]
            };
            start..end.max(start)
        };
        self.rounds(block, choice, &mut |render, branch| {
            render.children(*parent, part(branch), number + 1)
        });
        true
    }

    /// What a block does, once its values are known; `None` when it stays as it is.
    pub fn decide(&mut self, number: usize) -> Option<Choice<'r>> {
        let block = &self.scan.blocks.all[number];
        let decided = self.choice(block);
        self.resolved[number] = decided.is_ok();
        match decided {
            Ok(choice) => {
                self.edits += 1;
                Some(choice)
            }
            Err(fault) => {
                let slot = block
                    .tags
                    .first()
                    .and_then(|tag| self.scan.of_token.get(tag))
                    .map(|n| &self.scan.slots[*n]);
                if let Some(slot) = slot {
                    self.fault(slot.clone(), fault);
                }
                None
            }
        }
    }

    fn choice(&self, block: &Block) -> Result<Choice<'r>, Fault> {
        let first = match &block.head {
            Head::If(condition) => self.scope.truth(condition)?,
            Head::For { variable, list } => match (self.scope.value(list)?, variable) {
                (Value::List(rows), _) if !rows.is_empty() => return Ok(Choice::Rows(rows)),
                (Value::Group(group), None) => return Ok(Choice::Row(group)),
                (Value::List(_), _) => false,
                (value, None) => scope::truth(&value),
                (_, Some(_)) => return Err(Fault::Bad),
            },
        };
        if first {
            return Ok(Choice::Branch(0));
        }
        for (n, condition) in block.others.iter().enumerate() {
            let holds = match condition {
                Some(condition) => self.scope.truth(condition)?,
                None => true,
            };
            if holds {
                return Ok(Choice::Branch(n + 1));
            }
        }
        Ok(Choice::None)
    }

    /// Prints what a choice prints, by `print`, which is given the branch.
    pub fn rounds(
        &mut self,
        block: &Block,
        choice: Choice<'r>,
        print: &mut dyn FnMut(&mut Self, usize),
    ) {
        let variable = match &block.head {
            Head::For { variable, .. } => variable.as_deref(),
            Head::If(_) => None,
        };
        let (rows, branch) = match choice {
            Choice::None => return,
            Choice::Branch(branch) => {
                print(self, branch);
                return;
            }
            Choice::Row(row) => (std::slice::from_ref(row), 0),
            Choice::Rows(rows) => (rows, 0),
        };
        for (index, row) in rows.iter().enumerate() {
            self.scope.enter(variable, row, index, rows.len());
            self.fresh += usize::from(index > 0);
            print(self, branch);
            self.fresh -= usize::from(index > 0);
            self.scope.leave();
            if self.full() {
                return;
            }
        }
    }

    /// The value of a slot, if there is one; otherwise the slot stays, and a warning tells.
    pub fn value(&mut self, number: usize, expr: Option<&Expr>) -> Option<String> {
        let slot = &self.scan.slots[number];
        let found = match (self.values.slots.get(&slot.id), expr) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(expr)) => self.scope.words(expr),
            (None, None) if slot.name.is_empty() => Err(Fault::Absent(String::new())),
            (None, None) => {
                let whole = self.scope.words(&Expr::Path(vec![slot.name.clone()]));
                whole.or_else(|_| {
                    self.scope.words(&Expr::Path(
                        slot.name.split('.').map(str::to_owned).collect(),
                    ))
                })
            }
        };
        match found {
            Ok(value) => Some(self.clean(value)),
            Err(fault) => {
                self.fault(slot.clone(), fault);
                None
            }
        }
    }

    fn fault(&mut self, slot: Slot, fault: Fault) {
        match fault {
            Fault::Absent(_) => self.warn(
                slot.id.clone(),
                WarningKind::NoValue {
                    slot: slot.id,
                    name: slot.name,
                },
            ),
            Fault::Bad => self.warn(slot.id, WarningKind::NotUnderstood(slot.text)),
        }
    }

    /// A value without what XML cannot hold.
    fn clean(&mut self, value: String) -> String {
        let value = value.replace("\r\n", "\n").replace('\r', "\n");
        let bad = value.chars().filter(|c| !is_xml(*c)).count();
        if bad == 0 {
            return value;
        }
        self.warn(
            format!("control {value}"),
            WarningKind::ControlCharacters(bad),
        );
        value.chars().filter(|c| is_xml(*c)).collect()
    }

    /// A control with its value, or as it stands.
    pub fn control(&mut self, id: Id, number: usize) -> String {
        let scan = self.scan;
        let tree = &scan.tree;
        let verbatim = |fresh: bool| {
            let mut out = String::new();
            copy(&mut out, tree, id, fresh);
            out
        };
        let fresh = self.fresh > 0;
        let Some(value) = self.value(number, None) else {
            return verbatim(fresh);
        };
        let found = control::read(tree, id);
        let Some(shown) = control::shown(tree, id, &found, &value) else {
            let slot = scan.slots[number].clone();
            self.warn(
                slot.id.clone(),
                WarningKind::NotAChoice {
                    slot: slot.id,
                    value,
                },
            );
            return verbatim(fresh);
        };
        if control::is_bound(tree, id) {
            let slot = scan.slots[number].id.clone();
            self.warn(format!("bound {slot}"), WarningKind::Unbound(slot));
        }
        match super::content::filled_control(tree, id, &shown, fresh) {
            Some(printed) => {
                self.edits += 1;
                printed
            }
            None => {
                let slot = scan.slots[number].clone();
                self.warn(slot.id.clone(), WarningKind::NotUnderstood(slot.name));
                verbatim(fresh)
            }
        }
    }

    /// A paragraph; its bytes where nothing in it changed.
    fn paragraph(&mut self, p: usize) {
        let scan = self.scan;
        let paragraph = &scan.paragraphs[p];
        let element = scan.tree.at(paragraph.id);
        let (start, edits) = (self.out.len(), self.edits);
        let dropped = paragraph.tokens.iter().enumerate().any(|(t, _)| {
            scan.blocks
                .of
                .get(&(p, t))
                .is_some_and(|block| self.resolved[*block])
        });
        if element.inner.is_empty() {
            self.copy(paragraph.id);
            return;
        }
        self.open(paragraph.id);
        if let Some(properties) = scan.tree.child(paragraph.id, "pPr") {
            self.copy(properties);
        }
        let mut line = Line::new(p, paragraph);
        line.print(self, 0..paragraph.pieces.len(), 0);
        line.close(self);
        self.out.push_str(&format!("</{}>", element.full));
        if self.edits == edits && !dropped && self.fresh == 0 {
            self.out.truncate(start);
            self.out.push_str(scan.tree.text(&element.span));
        }
        if paragraph.inner_fields > 0 {
            self.warn(
                format!("inner {p}"),
                WarningKind::NotUnderstood("IF … MERGEFIELD".to_owned()),
            );
        }
    }

    /// The opening tag, in a copy without its ids.
    fn open(&mut self, id: Id) {
        open(&mut self.out, &self.scan.tree, id, self.fresh > 0);
    }

    /// Copies an element; a second copy without its ids.
    pub fn copy(&mut self, id: Id) {
        copy(&mut self.out, &self.scan.tree, id, self.fresh > 0);
    }
}

/// What a block does.
#[derive(Clone, Copy)]
pub(super) enum Choice<'v> {
    /// Prints nothing.
    None,
    /// One branch, once.
    Branch(usize),
    /// The first branch, with the names of a row.
    Row(&'v Answers),
    /// The first branch for each row.
    Rows(&'v [Answers]),
}

fn end_of(block: &Block) -> (usize, usize) {
    match &block.region {
        Region::Siblings { edges, .. } => (edges[0], edges[edges.len() - 1]),
        Region::Words => (0, 0),
    }
}

/// True for a character that XML 1.0 allows.
fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

fn open(out: &mut String, tree: &super::tree::Tree<'_>, id: Id, fresh: bool) {
    let tag = tree.tag(id);
    let ids = ["paraId", "textId"];
    if !fresh || !ids.iter().any(|name| tag.contains(name)) {
        out.push_str(tag);
        return;
    }
    out.push('<');
    out.push_str(tree.at(id).full);
    for (key, value) in
        attributes(tag).filter(|(key, _)| !key.rsplit(':').next().is_some_and(|k| ids.contains(&k)))
    {
        let quote = if value.contains('"') { '\'' } else { '"' };
        out.push_str(&format!(" {key}={quote}{value}{quote}"));
    }
    out.push_str(if tag.ends_with("/>") { "/>" } else { ">" });
}

/// Copies an element. In a second copy what must be there only once is left out: ids of paragraphs and controls, and
/// bookmarks.
pub(super) fn copy(out: &mut String, tree: &super::tree::Tree<'_>, id: Id, fresh: bool) {
    let element = tree.at(id);
    if !fresh {
        out.push_str(tree.text(&element.span));
        return;
    }
    if matches!(
        element.name,
        "bookmarkStart"
            | "bookmarkEnd"
            | "commentRangeStart"
            | "commentRangeEnd"
            | "commentReference"
    ) || (element.name == "id" && element.parent.is_some_and(|p| tree.at(p).name == "sdtPr"))
    {
        return;
    }
    open(out, tree, id, fresh);
    let mut at = element.inner.start;
    for &child in &element.children {
        let span = &tree.at(child).span;
        out.push_str(tree.text(&(at..span.start)));
        copy(out, tree, child, fresh);
        at = span.end;
    }
    out.push_str(tree.text(&(at..element.span.end)));
}
