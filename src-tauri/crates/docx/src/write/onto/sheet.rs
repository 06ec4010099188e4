//! The styles of a firm, as far as our text has to find its own among them.

use std::collections::HashMap;

use crate::fill::tree::{Id, Tree};

/// A chain of styles longer than this goes in a circle.
const LONGEST_CHAIN: usize = 32;

/// Where the lines of a paragraph start; `None` where a style does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Start {
    /// Later lines, in twips.
    pub left: Option<i32>,
    /// The first line relative to them.
    pub first: Option<i32>,
    /// The first line in hundredths of a character, which rule over twips.
    pub first_chars: Option<i32>,
    /// Later lines in hundredths of a character.
    pub left_chars: Option<i32>,
}

/// A style.
#[derive(Debug, Clone, Default)]
pub(super) struct Style {
    pub id: String,
    /// `paragraph`, `character`, `table` or `numbering`.
    pub kind: String,
    /// Its name as styles are compared: see [`name_key`].
    pub name: String,
    pub parent: Option<String>,
    pub number: Option<u32>,
    pub level: Option<u8>,
    pub outline: Option<u8>,
    pub start: Start,
    /// Space after a paragraph in twips.
    pub after: Option<i32>,
    /// Half points.
    pub size: Option<i32>,
    /// It draws lines: borders of a table.
    pub bordered: bool,
    /// It has a look of its own for the first row of a table.
    pub first_row: bool,
    default: bool,
}

/// The styles of a file.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub styles: Vec<Style>,
    by_id: HashMap<String, usize>,
    /// Size of the defaults in half points, and their space after a paragraph.
    size: Option<i32>,
    after: Option<i32>,
}

impl Sheet {
    /// Reads a styles part.
    pub fn read(tree: &Tree<'_>) -> Self {
        let mut sheet = Self::default();
        for &child in &tree.at(0).children {
            match tree.at(child).name {
                "docDefaults" => {
                    sheet.size = inside(tree, child, "sz")
                        .and_then(|size| tree.attribute(size, "val")?.parse().ok());
                    sheet.after = inside(tree, child, "spacing").and_then(|id| after(tree, id));
                }
                "style" => {
                    let style = style(tree, child);
                    if !style.id.is_empty() {
                        sheet
                            .by_id
                            .entry(style.id.clone())
                            .or_insert(sheet.styles.len());
                        sheet.styles.push(style);
                    }
                }
                _ => {}
            }
        }
        sheet
    }

    /// The style of that id.
    pub fn get(&self, id: &str) -> Option<&Style> {
        self.by_id.get(id).and_then(|&at| self.styles.get(at))
    }

    /// The style of that kind and name.
    pub fn named(&self, kind: &str, name: &str) -> Option<&Style> {
        let name = name_key(name);
        self.styles
            .iter()
            .find(|style| style.kind == kind && style.name == name)
    }

    /// The id of the style a paragraph without one wears.
    pub fn normal(&self) -> Option<&str> {
        let paragraphs = || self.styles.iter().filter(|style| style.kind == "paragraph");
        paragraphs()
            .find(|style| style.default)
            .or_else(|| paragraphs().find(|style| style.name == "normal"))
            .map(|style| style.id.as_str())
    }

    /// A style and those it is based on.
    pub fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Style> {
        std::iter::successors(self.get(id), |style| self.get(style.parent.as_deref()?))
            .take(LONGEST_CHAIN)
    }

    /// The list a style puts its paragraphs into, the style that says so, and the level it says.
    pub fn listed(&self, id: &str) -> Option<(u32, &str, Option<u8>)> {
        let by = self.chain(id).find(|style| style.number.is_some())?;
        let level = self.chain(id).find_map(|style| style.level);
        let number = by.number.filter(|number| *number > 0)?;
        Some((number, &by.id, level))
    }

    /// Where lines of a style start.
    pub fn start(&self, id: &str) -> Start {
        let mut start = Start::default();
        for style in self.chain(id) {
            start = start.or(style.start);
        }
        start
    }

    /// Space after paragraphs of a style, in twips.
    pub fn after(&self, id: &str) -> i32 {
        let said = self.chain(id).find_map(|style| style.after);
        said.or(self.after).unwrap_or(0)
    }

    /// Size of a style in half points; what nothing says is 10 pt.
    pub fn size(&self, id: &str) -> i32 {
        let said = self.chain(id).find_map(|style| style.size);
        said.or(self.size).unwrap_or(20)
    }
}

impl Start {
    /// What this does not say, as another says it.
    pub fn or(self, other: Self) -> Self {
        Self {
            left: self.left.or(other.left),
            first: self.first.or(other.first),
            first_chars: self.first_chars.or(other.first_chars),
            left_chars: self.left_chars.or(other.left_chars),
        }
    }

    /// Reads a `w:ind`.
    pub fn read(tree: &Tree<'_>, element: Id) -> Self {
        let of = |names: [&str; 2]| {
            let mut values = names
                .iter()
                .filter_map(|name| tree.attribute(element, name));
            values
                .next()
                .and_then(|value| value.parse::<f64>().ok())
                .map(|value| value.clamp(-31_680.0, 31_680.0) as i32)
        };
        let hanging = of(["hanging", "hanging"]).map(|value| -value);
        let hanging_chars = of(["hangingChars", "hangingChars"]).map(|value| -value);
        Self {
            left: of(["left", "start"]),
            first: hanging.or(of(["firstLine", "firstLine"])),
            first_chars: hanging_chars.or(of(["firstLineChars", "firstLineChars"])),
            left_chars: of(["leftChars", "startChars"]),
        }
    }

    /// True where every line starts at the margin.
    pub fn is_flush(self) -> bool {
        [self.left, self.first, self.first_chars, self.left_chars]
            .iter()
            .all(|value| value.unwrap_or(0) == 0)
    }
}

/// A name as styles are compared: small letters without spaces, the names of Chinese programs as Word stores them.
pub(super) fn name_key(name: &str) -> String {
    let bare: String = name
        .chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect();
    if let Some(level) = bare
        .strip_prefix("标题")
        .filter(|level| level.len() == 1 && level.bytes().all(|byte| (b'1'..=b'9').contains(&byte)))
    {
        return format!("heading{level}");
    }
    let known = match bare.as_str() {
        "标题" => "title",
        "正文" => "normal",
        "正文文本" => "bodytext",
        "正文文本缩进" => "bodytextindent",
        "列表项目符号" => "listbullet",
        "脚注文本" => "footnotetext",
        "脚注引用" => "footnotereference",
        "超链接" => "hyperlink",
        "网格型" => "tablegrid",
        "引用" => "quote",
        "批注文字" => "annotationtext",
        _ => return bare,
    };
    known.to_owned()
}

/// The first element of that name inside another.
fn inside(tree: &Tree<'_>, id: Id, name: &str) -> Option<Id> {
    tree.inside(id)
        .map(|at| at as Id)
        .find(|&at| tree.at(at).name == name)
}

/// The space after a paragraph that a `w:spacing` says.
fn after(tree: &Tree<'_>, id: Id) -> Option<i32> {
    let value = |name: &str| tree.attribute(id, name);
    if matches!(
        value("afterAutospacing").as_deref(),
        Some("1" | "true" | "on")
    ) {
        return Some(280);
    }
    let lines = value("afterLines").and_then(|lines| lines.parse::<i32>().ok());
    let twips = value("after").and_then(|twips| twips.parse().ok());
    lines
        .filter(|lines| *lines > 0)
        .map(|lines| lines.clamp(0, 10_000) * 24 / 10)
        .or(twips)
}

fn style(tree: &Tree<'_>, id: Id) -> Style {
    let integer = |id: Id, child: &str| -> Option<i64> {
        tree.value(id, child).and_then(|value| value.parse().ok())
    };
    let mut style = Style {
        id: tree.attribute(id, "styleId").unwrap_or_default(),
        kind: tree.attribute(id, "type").unwrap_or_default(),
        name: name_key(&tree.value(id, "name").unwrap_or_default()),
        parent: tree.value(id, "basedOn"),
        default: matches!(
            tree.attribute(id, "default").as_deref(),
            Some("1" | "true" | "on")
        ),
        ..Style::default()
    };
    if let Some(properties) = tree.child(id, "pPr") {
        if let Some(number) = tree.child(properties, "numPr") {
            style.number = integer(number, "numId").and_then(|value| value.try_into().ok());
            style.level = integer(number, "ilvl").and_then(|value| value.try_into().ok());
        }
        style.outline = integer(properties, "outlineLvl").and_then(|value| value.try_into().ok());
        if let Some(spacing) = tree.child(properties, "spacing") {
            style.after = after(tree, spacing);
        }
        if let Some(indent) = tree.child(properties, "ind") {
            style.start = Start::read(tree, indent);
        }
    }
    if let Some(properties) = tree.child(id, "rPr") {
        style.size = integer(properties, "sz").and_then(|value| value.try_into().ok());
    }
    if style.kind == "table" {
        style.bordered =
            inside(tree, id, "tblBorders").is_some() || inside(tree, id, "tcBorders").is_some();
        style.first_row = tree.at(id).children.iter().any(|&child| {
            tree.at(child).name == "tblStylePr"
                && tree.attribute(child, "type").as_deref() == Some("firstRow")
        });
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(styles: &str) -> Sheet {
        let source = format!("<w:styles>{styles}</w:styles>");
        Sheet::read(&Tree::parse("styles.xml", source.as_bytes()).unwrap())
    }

    #[test]
    fn names_are_found_in_both_languages() {
        for (name, key) in [
            ("heading 1", "heading1"),
            ("Heading 1", "heading1"),
            ("标题 1", "heading1"),
            ("标题", "title"),
            ("标题 10", "标题10"),
            ("Body Text", "bodytext"),
            ("正文文本", "bodytext"),
        ] {
            assert_eq!(name_key(name), key);
        }
    }

    #[test]
    fn what_a_style_leaves_unsaid_its_base_says() {
        let sheet = sheet(
            r#"<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val="21"/></w:rPr></w:rPrDefault></w:docDefaults>
            <w:style w:type="paragraph" w:default="1" w:styleId="a"><w:name w:val="Normal"/><w:pPr><w:ind w:firstLineChars="200" w:firstLine="420"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="b"><w:name w:val="heading 1"/><w:basedOn w:val="a"/><w:pPr><w:numPr><w:numId w:val="3"/></w:numPr><w:ind w:left="10" w:hanging="10"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="c"><w:name w:val="x"/><w:basedOn w:val="b"/><w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr><w:rPr><w:sz w:val="30"/></w:rPr></w:style>
            <w:style w:type="paragraph" w:styleId="d"><w:name w:val="y"/><w:basedOn w:val="d"/></w:style>"#,
        );
        assert_eq!(sheet.normal(), Some("a"));
        assert_eq!((sheet.size("b"), sheet.size("c")), (21, 30));
        assert_eq!(sheet.listed("b"), Some((3, "b", None)));
        assert_eq!(sheet.listed("c"), None);
        let start = sheet.start("c");
        assert_eq!(
            (start.left, start.first, start.first_chars),
            (Some(10), Some(-10), Some(200))
        );
        assert!(sheet.start("d").is_flush());
        assert_eq!(
            sheet.named("paragraph", "Heading 1").map(|s| s.id.as_str()),
            Some("b")
        );
    }
}
