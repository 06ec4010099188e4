//! Content controls: what they want, and how they are filled.

use moqi_document::{ChoiceOption, Date, FieldKind};

use super::field::prefix;
use super::tree::{Id, Tree};

/// What a content control says of itself.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Control {
    /// The tag, which programs see.
    pub tag: Option<String>,
    /// The title, which people see.
    pub alias: Option<String>,
    /// What it wants.
    pub kind: FieldKind,
    /// A list that also takes words of one's own.
    pub open: bool,
}

/// Whether a control wants a value of its own: not one that holds other controls, tables, pictures or a table of
/// contents, and none whose words are the contract itself.
pub(super) fn is_slot(tree: &Tree<'_>, id: Id) -> bool {
    let Some(properties) = tree.child(id, "sdtPr") else {
        return false;
    };
    let Some(content) = tree.child(id, "sdtContent") else {
        return false;
    };
    let is = |name: &str| tree.child(properties, name).is_some();
    if [
        "docPartObj",
        "docPartList",
        "picture",
        "group",
        "equation",
        "citation",
        "bibliography",
        "repeatingSection",
        "repeatingSectionItem",
    ]
    .iter()
    .any(|kind| is(kind))
    {
        return false;
    }
    let mut paragraphs = 0;
    for index in tree.inside(content).skip(1) {
        match tree.elements[index].name {
            "sdt" | "tbl" | "tr" | "sectPr" | "drawing" | "pict" | "object" => return false,
            "p" => paragraphs += 1,
            _ => {}
        }
    }
    let typed = [
        "text",
        "date",
        "dropDownList",
        "comboBox",
        "checkbox",
        "showingPlcHdr",
    ]
    .iter()
    .any(|kind| is(kind));
    // Rich text around several paragraphs is a part of the contract, not a place for a value.
    typed || paragraphs <= 1
}

/// Reads what a control says of itself.
pub(super) fn read(tree: &Tree<'_>, id: Id) -> Control {
    let mut control = Control {
        tag: None,
        alias: None,
        kind: FieldKind::Text,
        open: false,
    };
    let Some(properties) = tree.child(id, "sdtPr") else {
        return control;
    };
    let words = |name: &str| {
        tree.value(properties, name)
            .filter(|value| !value.trim().is_empty())
    };
    control.tag = words("tag");
    control.alias = words("alias");
    for &child in &tree.at(properties).children {
        match tree.at(child).name {
            "date" => control.kind = FieldKind::Date,
            "checkbox" => control.kind = FieldKind::YesNo,
            name @ ("dropDownList" | "comboBox") => {
                control.open = name == "comboBox";
                control.kind = FieldKind::Choice(options(tree, child));
            }
            _ => {}
        }
    }
    control
}

/// The entries of a list, without the one that asks to choose.
fn options(tree: &Tree<'_>, list: Id) -> Vec<ChoiceOption> {
    let entries = tree
        .at(list)
        .children
        .iter()
        .filter(|c| tree.at(**c).name == "listItem");
    entries
        .filter_map(|&entry| {
            let value = tree.attribute(entry, "value");
            let label = tree
                .attribute(entry, "displayText")
                .or_else(|| value.clone())?;
            let value = value.unwrap_or_else(|| label.clone());
            (!value.is_empty()).then_some(ChoiceOption { value, label })
        })
        .collect()
}

/// What a control shows for a value, and how its properties change.
pub(super) struct Shown {
    /// Its words.
    pub words: String,
    /// `w:fullDate` of a date.
    pub full_date: Option<String>,
    /// A box that is ticked or not.
    pub ticked: Option<bool>,
}

/// What a control shows for a value; `None` when the value is none of its choices.
pub(super) fn shown(tree: &Tree<'_>, id: Id, control: &Control, value: &str) -> Option<Shown> {
    let mut shown = Shown {
        words: value.to_owned(),
        full_date: None,
        ticked: None,
    };
    let properties = tree.child(id, "sdtPr")?;
    match &control.kind {
        FieldKind::Choice(options) => {
            let trimmed = value.trim();
            match options
                .iter()
                .find(|o| o.value == trimmed || o.label == trimmed)
            {
                Some(option) => shown.words = option.label.clone(),
                None if control.open => {}
                None => return None,
            }
        }
        FieldKind::YesNo => {
            let yes = match value.trim().to_lowercase().as_str() {
                "yes" | "true" | "1" | "是" | "x" | "☒" | "☑" => true,
                "no" | "false" | "0" | "否" | "" | "☐" => false,
                _ => return None,
            };
            let check = tree.child(properties, "checkbox")?;
            let state = if yes {
                "checkedState"
            } else {
                "uncheckedState"
            };
            let sign = tree
                .value(check, state)
                .and_then(|hex| char::from_u32(u32::from_str_radix(&hex, 16).ok()?))
                .filter(|c| !c.is_control())
                .unwrap_or(if yes { '☒' } else { '☐' });
            shown.words = sign.to_string();
            shown.ticked = Some(yes);
        }
        FieldKind::Date => {
            if let Some(date) = Date::parse_iso(value.trim()) {
                let format = tree
                    .child(properties, "date")
                    .and_then(|date| tree.value(date, "dateFormat"));
                shown.words = formatted(date, value.trim(), format.as_deref());
                shown.full_date = Some(format!("{}T00:00:00Z", value.trim()));
            }
        }
        _ => {}
    }
    Some(shown)
}

/// A day in a format of Word's: `yyyy`, `M`, `MM`, `d`, `dd`, words in quotes, signs. With month or day names, the long form
/// of the language that the format is in; without format, the day as it was given.
fn formatted(date: Date, iso: &str, format: Option<&str>) -> String {
    let Some(format) = format else {
        return iso.to_owned();
    };
    if format.contains("MMM") || format.contains("ddd") {
        return if format.contains('年') {
            date.zh()
        } else {
            date.en()
        };
    }
    let mut parts = iso.split('-');
    let mut part = || parts.next().unwrap_or_default();
    let (year, month, day) = (part(), part(), part());
    let short = |number: &str| number.trim_start_matches('0').to_owned();
    let mut out = String::new();
    let mut rest = format;
    while let Some(c) = rest.chars().next() {
        let len = rest.find(|d| d != c).unwrap_or(rest.len());
        match (c, len) {
            ('y', 0..=2) => out.push_str(year.get(2..).unwrap_or(year)),
            ('y', _) => out.push_str(year),
            ('M', 1) => out.push_str(&short(month)),
            ('M', _) => out.push_str(month),
            ('d', 1) => out.push_str(&short(day)),
            ('d', _) => out.push_str(day),
            ('\'' | '"', _) => {
                let inner = &rest[1..];
                let end = inner.find(c).unwrap_or(inner.len());
                out.push_str(&inner[..end]);
                rest = inner.get(end + 1..).unwrap_or_default();
                continue;
            }
            _ => out.push_str(&rest[..len]),
        }
        rest = &rest[len..];
    }
    out
}

/// The properties of a control once it is filled: its placeholder is no longer shown, nothing of the file's own data
/// overwrites it, and date and tick say what it shows.
pub(super) fn properties(tree: &Tree<'_>, id: Id, shown: &Shown, fresh: bool) -> String {
    let element = tree.at(id);
    let mut out = tree.tag(id).to_owned();
    if element.children.is_empty() {
        return tree.text(&element.span).to_owned();
    }
    for &child in &element.children {
        let found = tree.at(child);
        let source = tree.text(&found.span);
        match found.name {
            "showingPlcHdr" | "dataBinding" => {}
            "id" if fresh => {}
            "date" if shown.full_date.is_some() => {
                let date = shown.full_date.as_deref().unwrap_or_default();
                let prefix = prefix(found.full);
                let tag = format!("<{} {prefix}fullDate=\"{date}\"", found.full);
                match found.inner.is_empty() && source.ends_with("/>") {
                    true => out.push_str(&format!("{tag}/>")),
                    false => out.push_str(&format!(
                        "{tag}>{}</{}>",
                        tree.text(&found.inner),
                        found.full
                    )),
                }
            }
            "checkbox" if shown.ticked.is_some() => {
                let wanted = format!(
                    "<{0}checked {0}val=\"{1}\"/>",
                    prefix(found.full),
                    u8::from(shown.ticked == Some(true))
                );
                let rest: String = found
                    .children
                    .iter()
                    .filter(|c| tree.at(**c).name != "checked")
                    .map(|c| tree.text(&tree.at(*c).span))
                    .collect();
                let open = tree.tag(child).trim_end_matches("/>").trim_end_matches('>');
                out.push_str(&format!("{open}>{wanted}{rest}</{}>", found.full));
            }
            _ => out.push_str(source),
        }
    }
    out.push_str(&format!("</{}>", element.full));
    out
}

/// Whether the file's own data feeds the control.
pub(super) fn is_bound(tree: &Tree<'_>, id: Id) -> bool {
    tree.child(id, "sdtPr")
        .is_some_and(|properties| tree.child(properties, "dataBinding").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_follow_the_format_of_the_control() {
        let day = |format: &str| {
            formatted(
                Date::parse_iso("2026-03-05").unwrap(),
                "2026-03-05",
                Some(format),
            )
        };
        assert_eq!(day("yyyy'年'M'月'd'日'"), "2026年3月5日");
        assert_eq!(day("yyyy年MM月dd日"), "2026年03月05日");
        assert_eq!(day("M/d/yy"), "3/5/26");
        assert_eq!(day("d MMMM yyyy"), "5 March 2026");
    }
}
