//! The fields of Word that want a value: MERGEFIELD, and the fields of a form.

use super::tree::{Id, Tree};

/// A field that wants a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Field {
    /// `MERGEFIELD name`: replaced by its value, as Word's own mail merge does.
    Merge {
        /// The name.
        name: String,
        /// `\* Upper` and its like.
        case: Option<Case>,
    },
    /// FORMTEXT: its result changes.
    Text {
        /// The bookmark of the field.
        name: String,
    },
    /// FORMCHECKBOX: the mark is in its data.
    Check {
        /// The bookmark of the field.
        name: String,
        /// The piece that begins it.
        mark: Id,
    },
    /// FORMDROPDOWN: the choice is in its data.
    List {
        /// The bookmark of the field.
        name: String,
        /// The piece that begins it.
        mark: Id,
        /// What can be chosen.
        choices: Vec<String>,
    },
}

/// How a field changes the case of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
    /// The first letter of the whole.
    First,
    /// The first letter of each word.
    Words,
}

impl Case {
    /// The value in this case.
    pub fn apply(self, text: &str) -> String {
        let capital = |word: &str| {
            let mut chars = word.chars();
            chars.next().map_or_else(String::new, |c| {
                c.to_uppercase().chain(chars).collect::<String>()
            })
        };
        match self {
            Case::Upper => text.to_uppercase(),
            Case::Lower => text.to_lowercase(),
            Case::First => capital(text),
            Case::Words => text.split(' ').map(capital).collect::<Vec<_>>().join(" "),
        }
    }
}

/// A field written as one element.
pub(super) fn simple(tree: &Tree<'_>, id: Id, code: &str) -> Option<Field> {
    // A form field needs its data, which only the long form has; one with a control inside is kept.
    let nested = tree
        .inside(id)
        .any(|i| matches!(tree.elements[i].name, "sdt" | "fldChar"));
    merge(code).filter(|_| !nested)
}

/// A field written with marks, of which `mark` is the first.
pub(super) fn complex(tree: &Tree<'_>, mark: Id, code: &str) -> Option<Field> {
    let data = tree.child(mark, "ffData");
    let name = data
        .and_then(|data| tree.value(data, "name"))
        .unwrap_or_default();
    match code.split_whitespace().next()? {
        "FORMTEXT" => Some(Field::Text { name }),
        "FORMCHECKBOX" => data
            .filter(|data| tree.child(*data, "checkBox").is_some())
            .map(|_| Field::Check { name, mark }),
        "FORMDROPDOWN" => {
            let list = tree.child(data?, "ddList")?;
            let entries = tree
                .at(list)
                .children
                .iter()
                .filter(|c| tree.at(**c).name == "listEntry");
            let choices = entries.filter_map(|c| tree.attribute(*c, "val")).collect();
            Some(Field::List {
                name,
                mark,
                choices,
            })
        }
        _ => merge(code),
    }
}

fn merge(code: &str) -> Option<Field> {
    let rest = code.trim().strip_prefix("MERGEFIELD")?.trim_start();
    let (name, switches) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"')?,
        None => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
    };
    let lower = switches.to_ascii_lowercase();
    let mut words = lower.split_whitespace();
    let mut case = None;
    while let Some(word) = words.next() {
        if let Some(format) = word.strip_prefix("\\*") {
            let format = if format.is_empty() {
                words.next().unwrap_or_default()
            } else {
                format
            };
            case = match format {
                "upper" => Some(Case::Upper),
                "lower" => Some(Case::Lower),
                "firstcap" => Some(Case::First),
                "caps" => Some(Case::Words),
                _ => case,
            };
        }
    }
    (!name.is_empty()).then(|| Field::Merge {
        name: name.to_owned(),
        case,
    })
}

/// The source of the mark of a check box, ticked or not.
pub(super) fn ticked(tree: &Tree<'_>, mark: Id, yes: bool) -> Option<String> {
    let data = tree.child(mark, "ffData")?;
    let check = tree.child(data, "checkBox")?;
    let prefix = prefix(tree.at(check).full);
    let wanted = format!("<{prefix}checked {prefix}val=\"{}\"/>", u8::from(yes));
    Some(with_last(tree, mark, check, "checked", &wanted))
}

/// The source of the mark of a list, with another choice.
pub(super) fn chosen(tree: &Tree<'_>, mark: Id, choice: usize) -> Option<String> {
    let data = tree.child(mark, "ffData")?;
    let list = tree.child(data, "ddList")?;
    let prefix = prefix(tree.at(list).full);
    let wanted = format!("<{prefix}result {prefix}val=\"{choice}\"/>");
    let element = tree.at(list);
    let mut inner = wanted;
    for &child in element
        .children
        .iter()
        .filter(|c| tree.at(**c).name != "result")
    {
        inner.push_str(tree.text(&tree.at(child).span));
    }
    Some(around(tree, mark, list, &inner))
}

/// `w:` of `w:p`.
pub(super) fn prefix(full: &str) -> &str {
    full.find(':').map_or("", |n| &full[..=n])
}

/// The source of `outer` in which `element` has `wanted` as its last child instead of the child `name`.
fn with_last(tree: &Tree<'_>, outer: Id, element: Id, name: &str, wanted: &str) -> String {
    let mut inner = String::new();
    for &child in tree
        .at(element)
        .children
        .iter()
        .filter(|c| tree.at(**c).name != name)
    {
        inner.push_str(tree.text(&tree.at(child).span));
    }
    inner.push_str(wanted);
    around(tree, outer, element, &inner)
}

/// The source of `outer` in which `element` has other children.
fn around(tree: &Tree<'_>, outer: Id, element: Id, inner: &str) -> String {
    let (outer, found) = (tree.at(outer), tree.at(element));
    let open = tree
        .tag(element)
        .trim_end_matches("/>")
        .trim_end_matches('>')
        .trim_end();
    format!(
        "{}{open}>{inner}</{}>{}",
        tree.text(&(outer.span.start..found.span.start)),
        found.full,
        tree.text(&(found.span.end..outer.span.end)),
    )
}
