//! The declarations of fields in front matter.

use crate::front::Trouble;
use crate::model::{Answer, Answers, ChoiceOption, Field, FieldKind, Language, ProblemKind, Span};
use crate::yaml::{Node, Value, quoted};

/// The answers inside a party.
pub(crate) const PARTY: [&str; 9] = [
    "name",
    "id_number",
    "address",
    "representative",
    "contact",
    "phone",
    "email",
    "bank",
    "account",
];

/// Reads a mapping of field names to declarations.
pub(crate) fn read(
    node: &Node,
    language: Option<Language>,
    trouble: &mut Trouble<'_>,
) -> Vec<Field> {
    list(node, language, trouble, 0)
}

fn list(
    node: &Node,
    language: Option<Language>,
    trouble: &mut Trouble<'_>,
    depth: u8,
) -> Vec<Field> {
    let mut all: Vec<Field> = Vec::new();
    let Some(entries) = node.mapping() else {
        if node.text().is_some() || node.sequence().is_some() {
            trouble.bad(node, None, "fields", "a mapping of names to declarations");
        }
        return all;
    };
    for (name, span, value) in entries {
        if all.iter().any(|f| f.name == *name) {
            trouble.add(*span, Some(name), ProblemKind::DuplicateField(name.clone()));
            continue;
        }
        if !is_name(name) {
            let kind = ProblemKind::BadValue {
                key: name.clone(),
                expected: "a name of ASCII letters, digits and _",
            };
            trouble.add(*span, Some(name), kind);
            continue;
        }
        all.push(field(name, *span, value, language, trouble, depth));
    }
    all
}

/// ASCII letters, digits and `_`, not beginning with a digit, and no word of the expression language nor its `loop`.
pub(crate) fn is_name(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && name.bytes().next().is_some_and(|b| !b.is_ascii_digit())
        && !is_word(name)
        && name != "loop"
}

/// A word of the expression language itself.
pub(crate) fn is_word(word: &str) -> bool {
    matches!(
        word,
        "and"
            | "or"
            | "not"
            | "in"
            | "is"
            | "if"
            | "else"
            | "true"
            | "false"
            | "none"
            | "True"
            | "False"
            | "None"
    )
}

fn field(
    name: &str,
    span: Span,
    node: &Node,
    language: Option<Language>,
    trouble: &mut Trouble<'_>,
    depth: u8,
) -> Field {
    let mut field = Field {
        name: name.to_owned(),
        label: name.to_owned(),
        kind: FieldKind::Text,
        required: true,
        help: None,
        default: None,
        sample: None,
        when: None,
        group: None,
        span,
    };
    let Some(entries) = node.mapping() else {
        // `name: text` is short for `name: {type: text}`.
        match node.text() {
            Some(word) => match kind(word, &[], language, trouble, depth, node, name) {
                Some(found) => field.kind = found,
                None => trouble.bad(node, Some(name), "type", TYPES),
            },
            None => trouble.bad(
                node,
                Some(name),
                name,
                "a declaration such as {type: text, label: …}",
            ),
        }
        return field;
    };
    match entries.iter().find(|(k, _, _)| k == "type") {
        Some((_, _, node)) => match node
            .text()
            .and_then(|w| kind(w, entries, language, trouble, depth, node, name))
        {
            Some(found) => field.kind = found,
            None => trouble.bad(node, Some(name), "type", TYPES),
        },
        None => trouble.bad(node, Some(name), "type", TYPES),
    }
    for (key, _, node) in entries {
        let text = || node.text().map(str::to_owned);
        match key.as_str() {
            "label" => match text() {
                Some(label) => field.label = label,
                None => trouble.bad(node, Some(name), key, "a text"),
            },
            "help" => field.help = text(),
            "group" => field.group = text(),
            "when" => field.when = text(),
            "required" => match node.yes_no() {
                Some(required) => field.required = required,
                None => trouble.bad(node, Some(name), key, "yes or no"),
            },
            "default" => field.default = answer(node, &field.kind, key, name, trouble),
            "sample" => field.sample = answer(node, &field.kind, key, name, trouble),
            "type" | "options" | "fields" | "currency" => {}
            _ => trouble.bad(node, Some(name), key, "type, label, required, help, default, sample, when, group, options, fields or currency"),
        }
    }
    field
}

const TYPES: &str = "text, longtext, party, money, number, date, period, choice, yesno or repeat";

fn kind(
    word: &str,
    entries: &[(String, Span, Node)],
    language: Option<Language>,
    trouble: &mut Trouble<'_>,
    depth: u8,
    at: &Node,
    name: &str,
) -> Option<FieldKind> {
    let find = |key: &str| entries.iter().find(|(k, _, _)| k == key).map(|(_, _, n)| n);
    Some(match word {
        "text" => FieldKind::Text,
        "longtext" => FieldKind::LongText,
        "party" => FieldKind::Party,
        "money" => {
            let usual = if language == Some(Language::En) {
                "GBP"
            } else {
                "CNY"
            };
            let said = find("currency").and_then(Node::text).unwrap_or(usual);
            FieldKind::Money {
                currency: said.to_owned(),
            }
        }
        "number" => FieldKind::Number,
        "date" => FieldKind::Date,
        "period" => FieldKind::Period,
        "choice" => {
            let options = find("options")
                .map(|n| options(n, name, trouble))
                .unwrap_or_default();
            if options.is_empty() {
                trouble.bad(
                    find("options").unwrap_or(at),
                    Some(name),
                    "options",
                    "a list of options",
                );
            }
            FieldKind::Choice(options)
        }
        "yesno" => FieldKind::YesNo,
        "repeat" => {
            let inner = match find("fields") {
                Some(node) if depth < 3 => list(node, language, trouble, depth + 1),
                _ => Vec::new(),
            };
            if inner.is_empty() {
                trouble.bad(
                    find("fields").unwrap_or(at),
                    Some(name),
                    "fields",
                    "a mapping of fields",
                );
            }
            FieldKind::Repeat(inner)
        }
        _ => return None,
    })
}

fn options(node: &Node, name: &str, trouble: &mut Trouble<'_>) -> Vec<ChoiceOption> {
    let mut all: Vec<ChoiceOption> = Vec::new();
    for item in node.sequence().unwrap_or_default() {
        let get = |key: &str| {
            item.mapping()
                .and_then(|m| m.iter().find(|(k, _, _)| k == key))
                .and_then(|(_, _, n)| n.text())
                .map(str::to_owned)
        };
        let found = match item.text() {
            Some(text) => Some(ChoiceOption {
                value: text.to_owned(),
                label: text.to_owned(),
            }),
            None => get("value").map(|value| ChoiceOption {
                label: get("label").unwrap_or_else(|| value.clone()),
                value,
            }),
        };
        match found {
            Some(option) if all.iter().any(|o| o.value == option.value) => {
                trouble.bad(item, Some(name), "options", "every value once");
            }
            Some(option) => all.push(option),
            None => trouble.bad(
                item,
                Some(name),
                "options",
                "a text, or {value: …, label: …}",
            ),
        }
    }
    all
}

/// A default or sample in the shape of its field.
fn answer(
    node: &Node,
    kind: &FieldKind,
    key: &str,
    name: &str,
    trouble: &mut Trouble<'_>,
) -> Option<Answer> {
    let group =
        |node: &Node, inner: &dyn Fn(&str) -> Option<FieldKind>, trouble: &mut Trouble<'_>| {
            let mut answers = Answers::new();
            for (k, span, n) in node.mapping()? {
                match inner(k) {
                    Some(kind) => {
                        if let Some(found) = answer(n, &kind, key, name, trouble) {
                            answers.insert(k.clone(), found);
                        }
                    }
                    None => trouble.add(
                        *span,
                        Some(name),
                        ProblemKind::UnknownField(format!("{name}.{k}")),
                    ),
                }
            }
            Some(answers)
        };
    if matches!(&node.value, Value::Scalar { .. }) && node.text().is_none() {
        return None;
    }
    match kind {
        FieldKind::YesNo => match node.yes_no() {
            Some(yes) => Some(Answer::Bool(yes)),
            None => {
                trouble.bad(node, Some(name), key, "yes or no");
                None
            }
        },
        FieldKind::Party => {
            let inner = |k: &str| PARTY.contains(&k).then_some(FieldKind::Text);
            match (node.text(), group(node, &inner, trouble)) {
                (_, Some(answers)) => Some(Answer::Group(answers)),
                // A party given by name alone.
                (Some(text), None) => Some(Answer::Group(Answers::from([(
                    "name".to_owned(),
                    Answer::Text(text.to_owned()),
                )]))),
                _ => {
                    trouble.bad(node, Some(name), key, "a party: {name: …, address: …}");
                    None
                }
            }
        }
        FieldKind::Repeat(fields) => {
            let inner = |k: &str| fields.iter().find(|f| f.name == k).map(|f| f.kind.clone());
            let Some(items) = node.sequence() else {
                trouble.bad(node, Some(name), key, "a list of rows");
                return None;
            };
            Some(Answer::List(
                items
                    .iter()
                    .filter_map(|n| group(n, &inner, trouble))
                    .collect(),
            ))
        }
        _ => match node.text() {
            Some(text) => Some(Answer::Text(text.to_owned())),
            None => {
                trouble.bad(node, Some(name), key, "a text");
                None
            }
        },
    }
}

/// A declaration in one line of YAML.
pub(crate) fn flow(field: &Field) -> String {
    let mut parts = vec![format!("type: {}", kind_name(&field.kind))];
    if field.label != field.name {
        parts.push(format!("label: {}", quoted(&field.label)));
    }
    if !field.required {
        parts.push("required: no".to_owned());
    }
    for (key, value) in [
        ("help", &field.help),
        ("when", &field.when),
        ("group", &field.group),
    ] {
        if let Some(value) = value {
            parts.push(format!("{key}: {}", quoted(value)));
        }
    }
    match &field.kind {
        FieldKind::Money { currency } => parts.push(format!("currency: {}", quoted(currency))),
        FieldKind::Choice(options) => {
            let all: Vec<String> = options
                .iter()
                .map(|o| {
                    format!(
                        "{{value: {}, label: {}}}",
                        quoted(&o.value),
                        quoted(&o.label)
                    )
                })
                .collect();
            parts.push(format!("options: [{}]", all.join(", ")));
        }
        FieldKind::Repeat(fields) => {
            let all: Vec<String> = fields
                .iter()
                .map(|f| format!("{}: {}", f.name, flow(f)))
                .collect();
            parts.push(format!("fields: {{{}}}", all.join(", ")));
        }
        _ => {}
    }
    for (key, value) in [("default", &field.default), ("sample", &field.sample)] {
        if let Some(value) = value {
            parts.push(format!("{key}: {}", flow_answer(value)));
        }
    }
    format!("{{{}}}", parts.join(", "))
}

fn flow_answer(answer: &Answer) -> String {
    let group = |answers: &Answers| {
        let all: Vec<String> = answers
            .iter()
            .map(|(k, v)| format!("{}: {}", quoted(k), flow_answer(v)))
            .collect();
        format!("{{{}}}", all.join(", "))
    };
    match answer {
        Answer::Text(text) => quoted(text),
        Answer::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Answer::Group(answers) => group(answers),
        Answer::List(rows) => format!(
            "[{}]",
            rows.iter().map(group).collect::<Vec<_>>().join(", ")
        ),
    }
}

fn kind_name(kind: &FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::LongText => "longtext",
        FieldKind::Party => "party",
        FieldKind::Money { .. } => "money",
        FieldKind::Number => "number",
        FieldKind::Date => "date",
        FieldKind::Period => "period",
        FieldKind::Choice(_) => "choice",
        FieldKind::YesNo => "yesno",
        FieldKind::Repeat(_) => "repeat",
    }
}
