//! The `{% %}` lines of a template as a tree.

use crate::edit::Lines;
use crate::expr::Expr;
use crate::guard::tag_line;
use crate::model::{Problem, ProblemKind, Span};

/// A part of a template.
pub(crate) enum Node<'a> {
    /// Whole lines without tags.
    Lines(Span),
    If {
        branches: Vec<Branch<'a>>,
    },
    For {
        variable: &'a str,
        list: &'a str,
        span: Span,
        body: Vec<Node<'a>>,
        otherwise: Vec<Node<'a>>,
    },
}

/// `{% if condition %}`, `{% elif condition %}`, or `{% else %}` with no condition.
pub(crate) struct Branch<'a> {
    pub(crate) condition: Option<&'a str>,
    pub(crate) span: Span,
    pub(crate) body: Vec<Node<'a>>,
}

const DEEPEST: usize = 24;

/// The blocks of a template, and what is wrong with its tags.
pub(crate) fn structure<'a>(
    text: &'a str,
    body: usize,
    lines: &Lines,
) -> (Vec<Node<'a>>, Vec<Problem>) {
    let mut builder = Builder {
        lines,
        problems: Vec::new(),
        open: Vec::new(),
        root: Vec::new(),
    };
    let mut at = body;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
        match tag_line(&text[at..end]) {
            Some(tag) => {
                let span = Span {
                    start: at + tag.start,
                    end: at + tag.end,
                };
                let inner = text[span.start + 2..span.end - 2].trim_matches('-').trim();
                builder.tag(inner, span);
            }
            None => {
                if let Some(found) = text[at..end].find("{%") {
                    let span = Span {
                        start: at + found,
                        end: at + found + 2,
                    };
                    if !text[..span.start].ends_with('\\') {
                        builder.report(span, "a tag must stand on a line of its own");
                    }
                }
                builder.line(Span { start: at, end });
            }
        }
        at = end;
    }
    while let Some(open) = builder.open.pop() {
        builder.report(open.span(), open.unclosed());
        builder.close(open);
    }
    (builder.root, builder.problems)
}

enum Open<'a> {
    If {
        branches: Vec<Branch<'a>>,
        ended: bool,
    },
    For {
        variable: &'a str,
        list: &'a str,
        span: Span,
        body: Vec<Node<'a>>,
        otherwise: Option<Vec<Node<'a>>>,
    },
}

impl Open<'_> {
    fn span(&self) -> Span {
        match self {
            Open::If { branches, .. } => branches.first().map_or(Span::default(), |b| b.span),
            Open::For { span, .. } => *span,
        }
    }

    fn unclosed(&self) -> &'static str {
        match self {
            Open::If { .. } => "`if` without `endif`",
            Open::For { .. } => "`for` without `endfor`",
        }
    }
}

struct Builder<'a, 'l> {
    lines: &'l Lines,
    problems: Vec<Problem>,
    open: Vec<Open<'a>>,
    root: Vec<Node<'a>>,
}

impl<'a> Builder<'a, '_> {
    fn report(&mut self, span: Span, words: &str) {
        let line = self.lines.line(span.start);
        self.problems.push(Problem {
            span,
            line,
            field: None,
            kind: ProblemKind::Template(words.to_owned()),
        });
    }

    fn target(&mut self) -> &mut Vec<Node<'a>> {
        match self.open.last_mut() {
            None => &mut self.root,
            Some(
                Open::For {
                    otherwise: Some(body),
                    ..
                }
                | Open::For { body, .. },
            ) => body,
            Some(Open::If { branches, .. }) => match branches.last_mut() {
                Some(branch) => &mut branch.body,
                None => &mut self.root,
            },
        }
    }

    fn line(&mut self, span: Span) {
        let target = self.target();
        if let Some(Node::Lines(last)) = target.last_mut()
            && last.end == span.start
        {
            last.end = span.end;
        } else {
            target.push(Node::Lines(span));
        }
    }

    fn tag(&mut self, inner: &'a str, span: Span) {
        let (word, rest) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        let rest = rest.trim();
        match word {
            "if" | "for" if self.open.len() >= DEEPEST => {
                self.report(span, "tags are nested too deeply")
            }
            "if" => {
                self.condition(rest, span);
                let branches = vec![Branch {
                    condition: Some(rest),
                    span,
                    body: Vec::new(),
                }];
                self.open.push(Open::If {
                    branches,
                    ended: false,
                });
            }
            "elif" => {
                self.condition(rest, span);
                match self.open.last_mut() {
                    Some(Open::If {
                        branches,
                        ended: false,
                    }) => {
                        branches.push(Branch {
                            condition: Some(rest),
                            span,
                            body: Vec::new(),
                        });
                    }
                    _ => self.report(span, "`elif` without `if`"),
                }
            }
            "else" => match self.open.last_mut() {
                Some(Open::If {
                    branches,
                    ended: ended @ false,
                }) => {
                    *ended = true;
                    branches.push(Branch {
                        condition: None,
                        span,
                        body: Vec::new(),
                    });
                }
                Some(Open::For {
                    otherwise: otherwise @ None,
                    ..
                }) => *otherwise = Some(Vec::new()),
                _ => self.report(span, "`else` without `if` or `for`"),
            },
            "endif" => match self.open.pop() {
                Some(open @ Open::If { .. }) => self.close(open),
                other => {
                    self.open.extend(other);
                    self.report(span, "`endif` without `if`");
                }
            },
            "endfor" => match self.open.pop() {
                Some(open @ Open::For { .. }) => self.close(open),
                other => {
                    self.open.extend(other);
                    self.report(span, "`endfor` without `for`");
                }
            },
            "for" => {
                let (variable, list) = match rest.split_once(" in ") {
                    Some((variable, list)) if crate::fields::is_name(variable.trim()) => {
                        (variable.trim(), list.trim())
                    }
                    _ => {
                        self.report(span, "a loop is written `for name in list`");
                        ("", "")
                    }
                };
                if !list.is_empty() && !Expr::parse(list).is_ok_and(|e| e.path().is_some()) {
                    self.report(span, "a loop goes over a repeating field");
                }
                self.open.push(Open::For {
                    variable,
                    list,
                    span,
                    body: Vec::new(),
                    otherwise: None,
                });
            }
            _ => self.report(span, &format!("there is no tag `{word}`")),
        }
    }

    fn condition(&mut self, text: &str, span: Span) {
        if let Err(unread) = Expr::parse(text) {
            self.report(span, &unread.0);
        }
    }

    fn close(&mut self, open: Open<'a>) {
        let node = match open {
            Open::If { branches, .. } => Node::If { branches },
            Open::For {
                variable,
                list,
                span,
                body,
                otherwise,
            } => Node::For {
                variable,
                list,
                span,
                body,
                otherwise: otherwise.unwrap_or_default(),
            },
        };
        self.target().push(node);
    }
}
