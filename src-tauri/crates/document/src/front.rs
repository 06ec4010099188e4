//! Front matter: the part between `---` lines at the top.

use crate::edit::Lines;
use crate::fields;
use crate::model::{Document, Language, Meta, Problem, ProblemKind, Scheme, Span};
use crate::yaml::{Node, Value, quoted, read};

/// Reads the front matter; gives also where the body begins.
pub(crate) fn front_matter(text: &str, lines: &Lines) -> (Meta, usize, Vec<Problem>) {
    let mut meta = Meta::default();
    let Some((inner, body)) = bounds(text) else {
        return (meta, 0, Vec::new());
    };
    let raw = &text[inner.start..inner.end];
    let words = raw.strip_suffix('\n').unwrap_or(raw).trim_end_matches('\r');
    meta.raw = Some(words.to_owned());
    let mut trouble = Trouble {
        lines,
        problems: Vec::new(),
    };
    match read(text, inner.start, inner.end) {
        Err(unread) => {
            let at = unread.at.clamp(inner.start, inner.end);
            let at = (0..=at)
                .rev()
                .find(|i| text.is_char_boundary(*i))
                .unwrap_or(0);
            trouble.add(
                Span { start: at, end: at },
                None,
                ProblemKind::FrontMatter(unread.words),
            );
        }
        Ok(None) => {}
        Ok(Some(node)) => match node.mapping() {
            Some(entries) => keys(entries, &mut meta, &mut trouble),
            None => {
                trouble.add(
                    node.span,
                    None,
                    ProblemKind::FrontMatter("not a list of `key: value` lines".to_owned()),
                );
            }
        },
    }
    (meta, body, trouble.problems)
}

/// The span between the fences, and where the body begins.
fn bounds(text: &str) -> Option<(Span, usize)> {
    let mark = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    let first = text[mark..].find('\n')? + mark + 1;
    if text[mark..first].trim_end() != "---" {
        return None;
    }
    let mut at = first;
    while at < text.len() {
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n + 1);
        if matches!(text[at..end].trim_end(), "---" | "...") {
            return Some((
                Span {
                    start: first,
                    end: at,
                },
                end,
            ));
        }
        at = end;
    }
    None
}

/// Collects problems with their lines.
pub(crate) struct Trouble<'a> {
    pub(crate) lines: &'a Lines,
    pub(crate) problems: Vec<Problem>,
}

impl Trouble<'_> {
    pub(crate) fn add(&mut self, span: Span, field: Option<&str>, kind: ProblemKind) {
        let line = self.lines.line(span.start);
        self.problems.push(Problem {
            span,
            line,
            field: field.map(str::to_owned),
            kind,
        });
    }

    pub(crate) fn bad(
        &mut self,
        node: &Node,
        field: Option<&str>,
        key: &str,
        expected: &'static str,
    ) {
        self.add(
            node.span,
            field,
            ProblemKind::BadValue {
                key: key.to_owned(),
                expected,
            },
        );
    }
}

fn keys(entries: &[(String, Span, Node)], meta: &mut Meta, trouble: &mut Trouble<'_>) {
    // Currencies of fields follow the language, which may be said after them.
    if let Some((_, _, node)) = entries.iter().find(|(k, _, _)| k == "language") {
        match node.text() {
            Some("zh" | "zh-CN") => meta.language = Some(Language::Zh),
            Some("en" | "en-GB" | "en-US") => meta.language = Some(Language::En),
            _ => trouble.bad(node, None, "language", "zh or en"),
        }
    }
    let mut seen: Vec<&str> = Vec::new();
    for (key, span, node) in entries {
        if seen.contains(&key.as_str()) {
            let kind = ProblemKind::BadValue {
                key: key.clone(),
                expected: "a key given once",
            };
            trouble.add(*span, None, kind);
            continue;
        }
        seen.push(key);
        let mut word = |slot: &mut Option<String>| match node.text() {
            Some(text) => *slot = Some(text.to_owned()),
            None if matches!(node.value, Value::Scalar { .. }) => {}
            None => trouble.bad(node, None, key, "a text"),
        };
        match key.as_str() {
            "title" => word(&mut meta.title),
            "id" => word(&mut meta.id),
            "kind" => word(&mut meta.kind),
            "governing_law" => word(&mut meta.governing_law),
            "language" => {}
            "numbering" => match node.text().and_then(Scheme::from_name) {
                Some(scheme) => meta.numbering = Some(scheme),
                None => trouble.bad(
                    node,
                    None,
                    key,
                    "zh-article, zh-decimal, zh-pleading, zh-official, en-decimal or none",
                ),
            },
            "look" => match node.text() {
                Some(
                    look
                    @ ("zh-contract" | "zh-pleading" | "zh-official" | "en-contract" | "plain"),
                ) => meta.look = Some(look.to_owned()),
                _ => trouble.bad(
                    node,
                    None,
                    key,
                    "zh-contract, zh-pleading, zh-official, en-contract or plain",
                ),
            },
            "fields" => meta.fields = fields::read(node, meta.language, trouble),
            _ => meta.extra.push((key.clone(), words(node))),
        }
    }
}

/// A value as texts: a scalar is one, a list one each, a mapping `key: value` each.
fn words(node: &Node) -> Vec<String> {
    match &node.value {
        Value::Scalar { .. } => node.text().map(str::to_owned).into_iter().collect(),
        Value::Sequence(items) => items.iter().map(|n| words(n).join(", ")).collect(),
        Value::Mapping(entries) => entries
            .iter()
            .map(|(k, _, n)| format!("{k}: {}", words(n).join(", ")))
            .collect(),
    }
}

impl Scheme {
    /// The name in front matter: `zh-article`, `zh-decimal`, `zh-pleading`, `zh-official`, `en-decimal`, `none`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Scheme::ZhArticle => "zh-article",
            Scheme::ZhDecimal => "zh-decimal",
            Scheme::ZhPleading => "zh-pleading",
            Scheme::ZhOfficial => "zh-official",
            Scheme::EnDecimal => "en-decimal",
            Scheme::None => "none",
        }
    }

    /// The scheme of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Scheme> {
        [
            Scheme::ZhArticle,
            Scheme::ZhDecimal,
            Scheme::ZhPleading,
            Scheme::ZhOfficial,
            Scheme::EnDecimal,
            Scheme::None,
        ]
        .into_iter()
        .find(|s| s.name() == name)
    }
}

/// The front matter with its fences and the blank line after it, or nothing.
///
/// What was read is written as it stood; a document made by a program gets its keys in a fixed order.
pub(crate) fn write(document: &Document) -> String {
    let meta = &document.meta;
    if let Some(raw) = &meta.raw {
        let end = if raw.is_empty() { "" } else { "\n" };
        return format!("---\n{raw}{end}---\n\n");
    }
    let mut out = String::new();
    let mut line = |key: &str, value: &str| out.push_str(&format!("{key}: {}\n", quoted(value)));
    let titled = document.blocks.iter().find_map(|b| match &b.kind {
        crate::model::BlockKind::Title(content) => Some(crate::inline::plain(content)),
        _ => None,
    });
    for (key, value) in [
        ("id", meta.id.as_deref()),
        // A title that stands in the text is not said twice.
        (
            "title",
            meta.title
                .as_deref()
                .filter(|t| titled.as_deref() != Some(*t)),
        ),
        ("kind", meta.kind.as_deref()),
        (
            "language",
            meta.language
                .map(|l| if l == Language::Zh { "zh" } else { "en" }),
        ),
        ("governing_law", meta.governing_law.as_deref()),
        ("numbering", meta.numbering.map(Scheme::name)),
        ("look", meta.look.as_deref()),
    ] {
        if let Some(value) = value {
            line(key, value);
        }
    }
    for (key, values) in &meta.extra {
        match values.as_slice() {
            [one] => out.push_str(&format!("{}: {}\n", quoted(key), quoted(one))),
            all => {
                let all: Vec<String> = all.iter().map(|v| quoted(v)).collect();
                out.push_str(&format!("{}: [{}]\n", quoted(key), all.join(", ")));
            }
        }
    }
    if !meta.fields.is_empty() {
        out.push_str("fields:\n");
        for field in &meta.fields {
            out.push_str(&format!("  {}: {}\n", field.name, fields::flow(field)));
        }
    }
    if out.is_empty() {
        out
    } else {
        format!("---\n{out}---\n\n")
    }
}
