//! A template, read and checked before anyone answers it.

use std::collections::{HashMap, HashSet};

use crate::answers::field_at;
use crate::edit::Lines;
use crate::expr::Expr;
use crate::filters;
use crate::front::front_matter;
use crate::guard::{TokenKind, guard};

use crate::model::{Document, Field, FieldKind, Meta, Problem, ProblemKind, Span};
use crate::parse::parse;
use crate::tags::{Node, structure};

/// A template with everything that is wrong in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// The template as a document; `{% tag %}` lines are verbatim blocks.
    pub document: Document,
    /// The text it was read from.
    pub text: String,
    /// All problems, in the order of the text: of the front matter, the fields, the ids, the tags and the expressions.
    pub problems: Vec<Problem>,
}

impl Template {
    /// Reads and checks a template. Never fails: problems are data.
    ///
    /// Checked: the front matter and its fields; that tags match and stand on lines of their own; that every expression,
    /// also in `when`, can be read, uses declared fields and known filters; that ids are unique once either branch of a
    /// condition is taken.
    #[must_use]
    pub fn parse(text: &str) -> Template {
        let lines = Lines::of(text);
        let (meta, body, _) = front_matter(text, &lines);
        let document = parse(text);
        let (nodes, problems) = structure(text, body, &lines);
        let mut check = Check {
            text,
            meta: &meta,
            lines: &lines,
            problems,
            loops: Vec::new(),
        };
        for field in &meta.fields {
            check.when(field);
        }
        check.nodes(&nodes);
        let mut problems = document.problems.clone();
        // The same id in two branches of a condition is one id in every document made from them.
        let exclusive = exclusive_ids(&document, &nodes);
        problems.retain(
            |p| !matches!(&p.kind, ProblemKind::DuplicateId(id) if exclusive.contains(id.as_str())),
        );
        problems.extend(check.problems);
        problems.sort_by_key(|p| p.span);
        problems.dedup();
        Template {
            document,
            text: text.to_owned(),
            problems,
        }
    }
}

struct Check<'a> {
    text: &'a str,
    meta: &'a Meta,
    lines: &'a Lines,
    problems: Vec<Problem>,
    /// Variables of the loops around and the fields of their rows.
    loops: Vec<(&'a str, Option<&'a [Field]>)>,
}

impl<'a> Check<'a> {
    fn report(&mut self, span: Span, field: Option<String>, kind: ProblemKind) {
        let line = self.lines.line(span.start);
        self.problems.push(Problem {
            span,
            line,
            field,
            kind,
        });
    }

    fn when(&mut self, field: &Field) {
        if let Some(when) = &field.when {
            self.expression(when, field.span, Some(&field.name));
        }
        if let FieldKind::Repeat(inner) = &field.kind {
            for field in inner.iter().filter(|f| f.when.is_some()) {
                let when = field.when.as_deref().unwrap_or_default();
                match Expr::parse(when) {
                    Err(unread) => self.report(
                        field.span,
                        Some(field.name.clone()),
                        ProblemKind::Template(unread.0),
                    ),
                    // A row's condition may name the other fields of the row.
                    Ok(expr) => {
                        let mut unknown = Vec::new();
                        expr.walk(&mut |e| {
                            if let Some(path) = e.path()
                                && !inner.iter().any(|f| f.name == path[0])
                                && field_at(self.meta, &path.join(".")).is_none()
                            {
                                unknown.push(path.join("."));
                            }
                        });
                        for name in unknown {
                            self.report(
                                field.span,
                                Some(field.name.clone()),
                                ProblemKind::UnknownField(name),
                            );
                        }
                    }
                }
            }
        }
    }

    fn nodes(&mut self, nodes: &[Node<'a>]) {
        for node in nodes {
            match node {
                Node::Lines(span) => self.fields(*span),
                Node::If { branches } => {
                    for branch in branches {
                        // A condition that cannot be read is already reported with its tag.
                        if let Some(condition) = branch.condition
                            && Expr::parse(condition).is_ok()
                        {
                            self.expression(condition, branch.span, None);
                        }
                        self.nodes(&branch.body);
                    }
                }
                Node::For {
                    variable,
                    list,
                    span,
                    body,
                    otherwise,
                } => {
                    let rows = self.rows(list, *span);
                    self.loops.push((variable, rows));
                    self.nodes(body);
                    self.loops.pop();
                    self.nodes(otherwise);
                }
            }
        }
    }

    /// The fields of the rows that a loop goes over.
    fn rows(&mut self, list: &str, span: Span) -> Option<&'a [Field]> {
        let expr = Expr::parse(list).ok()?;
        let path = expr.path()?;
        let found = self.find(&path);
        match found {
            Some(Found::Field(Field {
                kind: FieldKind::Repeat(inner),
                ..
            })) => Some(inner),
            Some(_) => {
                let words = format!("`{list}` is no repeating field");
                self.report(span, Some(list.to_owned()), ProblemKind::Template(words));
                None
            }
            None => {
                self.report(
                    span,
                    Some(list.to_owned()),
                    ProblemKind::UnknownField(list.to_owned()),
                );
                None
            }
        }
    }

    fn fields(&mut self, span: Span) {
        let source = &self.text[span.start..span.end];
        for token in guard(source, 0).tokens {
            if let TokenKind::Field(expression) = &token.kind {
                let place = Span {
                    start: span.start + token.span.start,
                    end: span.start + token.span.end,
                };
                self.expression(expression, place, None);
            }
        }
    }

    fn expression(&mut self, expression: &str, span: Span, field: Option<&str>) {
        let field = field.map(str::to_owned);
        let expr = match Expr::parse(expression) {
            Ok(expr) => expr,
            Err(unread) => return self.report(span, field, ProblemKind::Template(unread.0)),
        };
        let mut found = Vec::new();
        expr.walk(&mut |e| match e {
            Expr::Filter(_, name, _) if !filters::NAMES.contains(&name.as_str()) => {
                found.push(ProblemKind::Template(format!(
                    "there is no filter `{name}`"
                )));
            }
            e => {
                if let Some(path) = e.path()
                    && self.find(&path).is_none()
                {
                    found.push(ProblemKind::UnknownField(path.join(".")));
                }
            }
        });
        for kind in found {
            let name = match &kind {
                ProblemKind::UnknownField(name) => Some(name.clone()),
                _ => None,
            };
            self.report(span, field.clone().or(name), kind);
        }
    }

    fn find(&self, path: &[&str]) -> Option<Found<'a>> {
        let (first, rest) = path.split_first()?;
        if *first == "loop" && !self.loops.is_empty() {
            let known = matches!(rest, ["index" | "index0" | "first" | "last" | "length"]);
            return known.then_some(Found::Other);
        }
        if let Some((_, rows)) = self.loops.iter().rev().find(|(name, _)| name == first) {
            // The rows of an unknown list are not reported twice.
            let Some(fields) = rows else {
                return Some(Found::Other);
            };
            let Some((name, rest)) = rest.split_first() else {
                return Some(Found::Other);
            };
            let field = fields.iter().find(|f| f.name == *name)?;
            return below(field, rest);
        }
        let field = self.meta.fields.iter().find(|f| f.name == *first)?;
        below(field, rest)
    }
}

enum Found<'a> {
    Field(&'a Field),
    Other,
}

fn below<'a>(field: &'a Field, rest: &[&str]) -> Option<Found<'a>> {
    let Some((part, after)) = rest.split_first() else {
        return Some(Found::Field(field));
    };
    match &field.kind {
        FieldKind::Party => {
            (crate::fields::PARTY.contains(part) && after.is_empty()).then_some(Found::Other)
        }
        FieldKind::Choice(_) => {
            (matches!(*part, "value" | "label") && after.is_empty()).then_some(Found::Other)
        }
        FieldKind::Repeat(inner) if part.bytes().all(|b| b.is_ascii_digit()) => {
            match after.split_first() {
                None => Some(Found::Other),
                Some((name, rest)) => below(inner.iter().find(|f| f.name == *name)?, rest),
            }
        }
        _ => None,
    }
}

/// The ids of which no two blocks can be in one document.
fn exclusive_ids<'d>(document: &'d Document, nodes: &[Node<'_>]) -> HashSet<&'d str> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for block in &document.blocks {
        if let Some(id) = &block.id {
            places.entry(id).or_default().push(block.span.start);
        }
    }
    let apart = |places: &[usize]| {
        places
            .iter()
            .enumerate()
            .all(|(i, a)| places[i + 1..].iter().all(|b| apart(nodes, *a, *b)))
    };
    places.retain(|_, places| apart(places));
    places.into_keys().collect()
}

fn apart(nodes: &[Node<'_>], a: usize, b: usize) -> bool {
    nodes.iter().any(|node| match node {
        Node::Lines(_) => false,
        Node::If { branches } => {
            let branch = |at: usize| branches.iter().position(|branch| holds(&branch.body, at));
            match (branch(a), branch(b)) {
                (Some(x), Some(y)) if x != y => true,
                (Some(x), Some(_)) => apart(&branches[x].body, a, b),
                _ => false,
            }
        }
        Node::For {
            body, otherwise, ..
        } => {
            (holds(body, a) && holds(otherwise, b))
                || (holds(otherwise, a) && holds(body, b))
                || apart(body, a, b)
                || apart(otherwise, a, b)
        }
    })
}

fn holds(nodes: &[Node<'_>], at: usize) -> bool {
    nodes.iter().any(|node| match node {
        Node::Lines(span) => span.start <= at && at < span.end,
        Node::If { branches } => branches.iter().any(|b| holds(&b.body, at)),
        Node::For {
            body, otherwise, ..
        } => holds(body, at) || holds(otherwise, at),
    })
}
