//! The first phase of a template: its conditions and loops are resolved once, its fields stay.

use crate::edit::Lines;
use crate::eval::Scope;
use crate::expr::Expr;
use crate::fill::shown;
use crate::front::front_matter;
use crate::guard::{TokenKind, guard};
use crate::model::{Answers, Edit, Problem, ProblemKind, Span};
use crate::parse::language_of;
use crate::tags::{Node, structure};
use crate::value::Value;

/// A template with its conditions and loops resolved.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Instance {
    /// The text: no `{% %}` lines, every `{{field}}` still there.
    pub text: String,
    /// Tags that do not match, conditions that cannot be read. Places are in the template.
    pub problems: Vec<Problem>,
}

/// Resolves `{% if %}` and `{% for %}` with the answers and leaves the fields.
///
/// In a loop over `goods`, `{{ g.name }}` becomes `{{goods.0.name}}`, and what depends on `loop` alone becomes its
/// value. The front matter is copied as it stands. Missing answers are false, a missing list is empty. A tag that
/// cannot be understood is dropped and reported; an unclosed block ends with the text.
#[must_use]
pub fn instantiate(template: &str, answers: &Answers) -> Instance {
    let lines = Lines::of(template);
    let (meta, body, _) = front_matter(template, &lines);
    let (nodes, problems) = structure(template, body, &lines);
    let scope = Scope::new(&meta, answers, language_of(&meta, &template[body..]));
    let mut run = Run {
        template,
        lines: &lines,
        out: template[..body].to_owned(),
        problems,
        loops: Vec::new(),
        scope,
    };
    run.all(&nodes);
    let mut problems = run.problems;
    problems.sort_by_key(|p| p.span);
    problems.dedup();
    Instance {
        text: run.out,
        problems,
    }
}

/// Text an instance may grow to; nested loops over long lists stop there.
const LARGEST: usize = 8 << 20;

/// A loop being run.
struct Round {
    variable: String,
    /// Path of the row: `goods.0`.
    path: String,
    index: usize,
    length: usize,
}

struct Run<'a> {
    template: &'a str,
    lines: &'a Lines,
    out: String,
    problems: Vec<Problem>,
    loops: Vec<Round>,
    scope: Scope<'a>,
}

impl Run<'_> {
    fn all(&mut self, nodes: &[Node<'_>]) {
        for node in nodes {
            if self.out.len() > LARGEST {
                return;
            }
            match node {
                Node::Lines(span) => self.text(*span),
                Node::If { branches } => {
                    for branch in branches {
                        if branch.condition.is_none_or(|c| self.truth(c, branch.span)) {
                            self.all(&branch.body);
                            break;
                        }
                    }
                }
                Node::For {
                    variable,
                    list,
                    span,
                    body,
                    otherwise,
                } => self.rounds(variable, list, *span, body, otherwise),
            }
        }
    }

    /// A condition without meaning is false, and reported.
    fn truth(&mut self, condition: &str, span: Span) -> bool {
        match self.scope.value(condition) {
            Ok(value) => value.truth(),
            Err(fault) => {
                self.report(span, fault.into());
                false
            }
        }
    }

    fn rounds(
        &mut self,
        variable: &str,
        list: &str,
        span: Span,
        body: &[Node<'_>],
        otherwise: &[Node<'_>],
    ) {
        let rows = match self.scope.value(list) {
            Ok(Value::List(rows)) => rows,
            Ok(Value::Missing(_) | Value::Nothing) | Err(_) => Vec::new(),
            Ok(_) => {
                self.report(
                    span,
                    ProblemKind::Template(format!("`{list}` is no repeating field")),
                );
                Vec::new()
            }
        };
        if rows.is_empty() || variable.is_empty() {
            self.all(otherwise);
            return;
        }
        let path = self.renamed(list);
        let length = rows.len();
        for (index, row) in rows.into_iter().enumerate() {
            self.loops.push(Round {
                variable: variable.to_owned(),
                path: format!("{path}.{index}"),
                index,
                length,
            });
            self.scope.locals.push((variable.to_owned(), row));
            self.scope
                .locals
                .push(("loop".to_owned(), counter(index, length)));
            self.all(body);
            self.scope.locals.truncate(self.scope.locals.len() - 2);
            self.loops.pop();
            if self.out.len() > LARGEST {
                self.report(
                    span,
                    ProblemKind::Template("the loops make too much text".to_owned()),
                );
                return;
            }
        }
    }

    fn text(&mut self, span: Span) {
        let source = &self.template[span.start..span.end];
        if self.loops.is_empty() {
            self.out.push_str(source);
            return;
        }
        let mut at = 0;
        for token in guard(source, 0).tokens {
            let TokenKind::Field(expression) = &token.kind else {
                continue;
            };
            self.out.push_str(&source[at..token.span.start]);
            at = token.span.end;
            match self.literal(expression) {
                Some(words) => self.out.push_str(&words),
                None => {
                    let renamed = self.renamed(expression);
                    self.out.push_str(&format!("{{{{{renamed}}}}}"));
                }
            }
        }
        self.out.push_str(&source[at..]);
    }

    /// The words of an expression that depends on `loop` and nothing else.
    fn literal(&self, expression: &str) -> Option<String> {
        let expr = Expr::parse(expression).ok()?;
        let (mut of_loop, mut other) = (false, false);
        expr.walk(&mut |e| {
            if let Some(path) = e.path() {
                if path[0] == "loop" {
                    of_loop = true
                } else {
                    other = true
                }
            }
        });
        if !of_loop || other {
            return None;
        }
        shown(expression, &self.scope).ok()?.ok()
    }

    /// The expression with the variables of the loops around replaced by the paths of their rows.
    fn renamed(&self, expression: &str) -> String {
        let Ok(expr) = Expr::parse(expression) else {
            return expression.to_owned();
        };
        let mut edits: Vec<Edit> = Vec::new();
        expr.walk(&mut |e| {
            let Some(path) = e.path() else { return };
            let (Expr::Name(_, place) | Expr::Attribute(_, _, place)) = e else {
                return;
            };
            let words = if path[0] == "loop" {
                let part = path.get(1).copied().unwrap_or_default();
                self.loops.last().and_then(|round| round.part(part))
            } else {
                let round = self.loops.iter().rev().find(|r| r.variable == path[0]);
                round.map(|r| {
                    std::iter::once(r.path.as_str())
                        .chain(path[1..].iter().copied())
                        .collect::<Vec<_>>()
                        .join(".")
                })
            };
            if let Some(text) = words {
                edits.push(Edit {
                    span: Span {
                        start: place.start,
                        end: place.end,
                    },
                    text,
                });
            }
        });
        crate::edit::apply(expression, &edits)
    }

    fn report(&mut self, span: Span, kind: ProblemKind) {
        let line = self.lines.line(span.start);
        let field = match &kind {
            ProblemKind::UnknownField(name) => Some(name.clone()),
            _ => None,
        };
        self.problems.push(Problem {
            span,
            line,
            field,
            kind,
        });
    }
}

impl Round {
    /// `loop.part` as it is written in an expression.
    fn part(&self, part: &str) -> Option<String> {
        Some(match part {
            "index" => (self.index + 1).to_string(),
            "index0" => self.index.to_string(),
            "length" => self.length.to_string(),
            "first" => (self.index == 0).to_string(),
            "last" => (self.index + 1 == self.length).to_string(),
            _ => return None,
        })
    }
}

/// The value of `loop`.
fn counter(index: usize, length: usize) -> Value {
    let number = |n: usize| {
        Value::Number(crate::words::Decimal::whole(
            i64::try_from(n).unwrap_or(i64::MAX),
        ))
    };
    Value::Row(
        [
            ("index", number(index + 1)),
            ("index0", number(index)),
            ("length", number(length)),
            ("first", Value::Bool(index == 0)),
            ("last", Value::Bool(index + 1 == length)),
        ]
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect(),
    )
}
