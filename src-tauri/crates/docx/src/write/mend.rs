//! The mending pass: what docx-rs 0.4.22 writes, put into the order the schema demands.
//!
//! docx-rs writes children of properties in the order of its own fields, leaves empty properties
//! behind and gives every field character a `dirty` flag. Word is lenient; validators, other
//! suites and document management systems are not. Orders are those of the CT_* sequences of
//! ECMA-376 part 1, `wml.xsd` (transitional), restricted to what this crate writes.

use super::tree::{Element, Node};

/// CT_PPr.
const PARAGRAPH: &[&str] = &[
    "w:pStyle",
    "w:keepNext",
    "w:keepLines",
    "w:pageBreakBefore",
    "w:framePr",
    "w:widowControl",
    "w:numPr",
    "w:suppressLineNumbers",
    "w:pBdr",
    "w:shd",
    "w:tabs",
    "w:suppressAutoHyphens",
    "w:kinsoku",
    "w:wordWrap",
    "w:overflowPunct",
    "w:topLinePunct",
    "w:autoSpaceDE",
    "w:autoSpaceDN",
    "w:bidi",
    "w:adjustRightInd",
    "w:snapToGrid",
    "w:spacing",
    "w:ind",
    "w:contextualSpacing",
    "w:mirrorIndents",
    "w:suppressOverlap",
    "w:jc",
    "w:textDirection",
    "w:textAlignment",
    "w:textboxTightWrap",
    "w:outlineLvl",
    "w:divId",
    "w:cnfStyle",
    "w:rPr",
    "w:sectPr",
    "w:pPrChange",
];

/// CT_RPr.
const RUN: &[&str] = &[
    "w:rStyle",
    "w:rFonts",
    "w:b",
    "w:bCs",
    "w:i",
    "w:iCs",
    "w:caps",
    "w:smallCaps",
    "w:strike",
    "w:dstrike",
    "w:outline",
    "w:shadow",
    "w:emboss",
    "w:imprint",
    "w:noProof",
    "w:snapToGrid",
    "w:vanish",
    "w:webHidden",
    "w:color",
    "w:spacing",
    "w:w",
    "w:kern",
    "w:position",
    "w:sz",
    "w:szCs",
    "w:highlight",
    "w:u",
    "w:effect",
    "w:bdr",
    "w:shd",
    "w:fitText",
    "w:vertAlign",
    "w:rtl",
    "w:cs",
    "w:em",
    "w:lang",
    "w:eastAsianLayout",
    "w:specVanish",
    "w:oMath",
];

/// CT_Lvl.
const LEVEL: &[&str] = &[
    "w:start",
    "w:numFmt",
    "w:lvlRestart",
    "w:pStyle",
    "w:isLgl",
    "w:suff",
    "w:lvlText",
    "w:lvlPicBulletId",
    "w:legacy",
    "w:lvlJc",
    "w:pPr",
    "w:rPr",
];

/// CT_TblPr.
const TABLE: &[&str] = &[
    "w:tblStyle",
    "w:tblpPr",
    "w:tblOverlap",
    "w:bidiVisual",
    "w:tblStyleRowBandSize",
    "w:tblStyleColBandSize",
    "w:tblW",
    "w:jc",
    "w:tblCellSpacing",
    "w:tblInd",
    "w:tblBorders",
    "w:shd",
    "w:tblLayout",
    "w:tblCellMar",
    "w:tblLook",
];

/// CT_TblBorders and CT_TcBorders.
const BORDERS: &[&str] = &[
    "w:top",
    "w:left",
    "w:start",
    "w:bottom",
    "w:right",
    "w:end",
    "w:insideH",
    "w:insideV",
    "w:tl2br",
    "w:tr2bl",
];

/// CT_TcPr.
const CELL: &[&str] = &[
    "w:cnfStyle",
    "w:tcW",
    "w:gridSpan",
    "w:hMerge",
    "w:vMerge",
    "w:tcBorders",
    "w:shd",
    "w:noWrap",
    "w:tcMar",
    "w:textDirection",
    "w:tcFitText",
    "w:vAlign",
    "w:hideMark",
];

/// CT_Numbering.
const NUMBERING: &[&str] = &["w:numPicBullet", "w:abstractNum", "w:num"];

/// CT_AbstractNum.
const ABSTRACT: &[&str] = &[
    "w:nsid",
    "w:multiLevelType",
    "w:tmpl",
    "w:name",
    "w:styleLink",
    "w:numStyleLink",
    "w:lvl",
];

/// CT_NumPr, CT_NumLvl.
const NUMBER: &[&str] = &["w:ilvl", "w:numId", "w:startOverride", "w:lvl"];

/// The order of an element's children, where the schema sets one.
pub(super) fn order(parent: &str) -> Option<&'static [&'static str]> {
    Some(match parent {
        "w:pPr" => PARAGRAPH,
        "w:rPr" => RUN,
        "w:lvl" => LEVEL,
        "w:tblPr" => TABLE,
        "w:tblBorders" | "w:tcBorders" | "w:tblCellMar" | "w:tcMar" | "w:pBdr" => BORDERS,
        "w:tcPr" => CELL,
        "w:numbering" => NUMBERING,
        "w:abstractNum" => ABSTRACT,
        "w:numPr" | "w:lvlOverride" => NUMBER,
        _ => return None,
    })
}

/// Elements that say nothing when they are empty.
const HOLLOW: &[&str] = &[
    "w:rPr",
    "w:pPr",
    "w:trPr",
    "w:tcPr",
    "w:tblPr",
    "w:tabs",
    "w:tblBorders",
    "w:tcBorders",
    "w:tblCellMar",
    "w:numPr",
];

/// Style of a run whose text is the number of a footnote; the mending pass turns it into the mark.
pub(super) const NOTE_MARK: &str = "MoqiNoteMark";

/// Style of a run or paragraph whose text is the number of a piece of our own markup, which takes its place: what docx-rs
/// cannot say.
pub(super) const OWN_MARKUP: &str = "MoqiOwnMarkup";

/// Style of a run whose text is the number of the section that ends with its paragraph.
pub(super) const SECTION_END: &str = "MoqiSectionEnd";

/// Counts of what must be unique through all parts of a file.
#[derive(Debug, Default)]
pub(super) struct Mender<'m> {
    paragraphs: u32,
    lists: u32,
    own: Own<'m>,
}

/// Markup of our own, by number.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Own<'m> {
    /// What takes the place of runs and paragraphs.
    pub pieces: &'m [String],
    /// Properties of sections that end before the last.
    pub sections: &'m [String],
}

impl<'m> Mender<'m> {
    /// One whose paragraphs count on from an id.
    pub fn from(paragraphs: u32, own: Own<'m>) -> Self {
        Mender {
            paragraphs,
            lists: 0,
            own,
        }
    }

    /// The id of the last paragraph.
    pub fn paragraphs(&self) -> u32 {
        self.paragraphs
    }

    /// Mends a tree from the leaves up: order, hollow properties, attributes, paragraph ids.
    pub fn mend(&mut self, element: &mut Element<'_>) {
        for node in &mut element.children {
            if let Node::Element(child) = node {
                let stands = match self.own.pieces {
                    [] => None,
                    _ => stands_for(child, OWN_MARKUP),
                };
                match stands {
                    Some(number) => {
                        let piece = self.own.pieces.get(number).cloned();
                        *node = Node::Raw(piece.unwrap_or_default());
                    }
                    None => self.mend(child),
                }
            }
        }
        element
            .children
            .retain(|node| !matches!(node, Node::Element(child) if is_hollow(child)));
        if let Some(order) = order(element.name) {
            let place = |node: &Node<'_>| match node {
                Node::Element(child) => order
                    .iter()
                    .position(|name| *name == child.name)
                    .unwrap_or(order.len()),
                Node::Text(_) | Node::Raw(_) => order.len(),
            };
            element.children.sort_by_key(place);
            // A property stands once; the first is what docx-rs was told, a second is its default.
            if element.name != "w:numbering" && element.name != "w:abstractNum" {
                element.children.dedup_by(|later, first| {
                    matches!((later, first),
                    (Node::Element(b), Node::Element(a)) if a.name == b.name)
                });
            }
        }
        match element.name {
            // docx-rs counts paragraphs of every document it builds on a thread: the ids would depend on history.
            "w:p" => {
                self.paragraphs += 1;
                element.attributes = "";
                element.added = format!("w14:paraId=\"{:08X}\"", self.paragraphs);
                self.end_section(element);
            }
            // Word takes lists with the same nsid for one list when text is pasted between files.
            "w:abstractNum" => {
                self.lists += 1;
                let nsid = self.lists.wrapping_mul(0x1000_3D57) & 0x7FFF_FFFF;
                element
                    .children
                    .insert(0, Node::Raw(format!("<w:nsid w:val=\"{nsid:08X}\"/>")));
            }
            "w:r" => {
                if let Some(number) = stands_for(element, NOTE_MARK) {
                    let mark = format!(
                        "<w:rPr><w:rStyle w:val=\"FootnoteReference\"/></w:rPr><w:footnoteReference w:id=\"{number}\"/>"
                    );
                    element.children = vec![Node::Raw(mark)];
                }
            }
            // docx-rs cannot say that the header row of a table comes again on every page.
            "w:tbl" if is_data(element) => repeat_header(element),
            "w:gridCol" => keep_only(element, "w:w"),
            "w:fldChar" => keep_only(element, "w:fldCharType"),
            // Spaces around an instruction separate it from its neighbours and must survive.
            "w:instrText" => {
                element.attributes = "";
                element.added = "xml:space=\"preserve\"".to_owned();
            }
            _ => {}
        }
    }
}

impl Mender<'_> {
    /// Puts the properties of the section that ends here into those of the paragraph.
    fn end_section(&self, paragraph: &mut Element<'_>) {
        if self.own.sections.is_empty() {
            return;
        }
        let found = paragraph
            .children
            .iter()
            .enumerate()
            .find_map(|(at, node)| match node {
                Node::Element(run) => Some((at, stands_for(run, SECTION_END)?)),
                _ => None,
            });
        let Some((at, number)) = found else { return };
        paragraph.children.remove(at);
        let section = Node::Raw(self.own.sections.get(number).cloned().unwrap_or_default());
        for node in &mut paragraph.children {
            if let Node::Element(properties) = node
                && properties.name == "w:pPr"
            {
                properties.children.push(section);
                return;
            }
        }
        let properties = Element {
            name: "w:pPr",
            children: vec![section],
            ..Element::default()
        };
        paragraph.children.insert(0, Node::Element(properties));
    }
}

/// Drops every attribute but one.
fn keep_only(element: &mut Element<'_>, name: &str) {
    if let Some(value) = element.attribute(name) {
        element.added = format!("{name}=\"{value}\"");
        element.attributes = "";
    }
}

/// The number a run or paragraph of that style stands for.
fn stands_for(element: &Element<'_>, style: &str) -> Option<usize> {
    let run = match element.name {
        "w:r" => element,
        "w:p" => element.child("w:r")?,
        _ => return None,
    };
    let given = match element.name {
        "w:r" => run.child("w:rPr")?.child("w:rStyle"),
        _ => element.child("w:pPr")?.child("w:pStyle"),
    };
    if given?.attribute("w:val")? != style {
        return None;
    }
    match run.child("w:t")?.children.first()? {
        Node::Text(number) => number.parse().ok(),
        _ => None,
    }
}

/// True for a table of data, as against a signature block.
fn is_data(table: &Element<'_>) -> bool {
    table
        .child("w:tblPr")
        .and_then(|properties| properties.child("w:tblStyle"))
        .is_some()
}

/// Marks the first row as header, and those below it that its cells reach; only the first where that would be all.
fn repeat_header(table: &mut Element<'_>) {
    let reached = |row: &Element<'_>| {
        row.children.iter().any(|node| match node {
            Node::Element(cell) => {
                let merge = cell.child("w:tcPr").and_then(|own| own.child("w:vMerge"));
                merge.is_some_and(|merge| merge.attribute("w:val") != Some("restart"))
            }
            _ => false,
        })
    };
    let mut rows: Vec<&mut Element<'_>> = table
        .children
        .iter_mut()
        .filter_map(|node| match node {
            Node::Element(row) if row.name == "w:tr" => Some(row),
            _ => None,
        })
        .collect();
    let head = 1 + rows.iter().skip(1).take_while(|row| reached(row)).count();
    let head = if head < rows.len() { head } else { 1 };
    for row in rows.iter_mut().take(head) {
        let mark = Node::Raw("<w:tblHeader/>".to_owned());
        let properties = row.children.iter_mut().find_map(|node| match node {
            Node::Element(own) if own.name == "w:trPr" => Some(own),
            _ => None,
        });
        match properties {
            Some(own) => own.children.push(mark),
            None => {
                let own = Node::Raw("<w:trPr><w:tblHeader/></w:trPr>".to_owned());
                row.children.insert(0, own);
            }
        }
    }
}

/// True for a property without content, or a border docx-rs wrote for a side that has none.
fn is_hollow(element: &Element<'_>) -> bool {
    HOLLOW.contains(&element.name) && element.children.is_empty()
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;

    fn mended(source: &str) -> String {
        let mut tree = parse(source).unwrap();
        Mender::default().mend(&mut tree);
        let mut out = String::new();
        tree.print(&mut out);
        out
    }

    #[test]
    fn children_take_the_order_of_the_schema() {
        assert_eq!(
            mended(
                r#"<w:pPr><w:rPr/><w:jc w:val="both"/><w:numPr><w:numId w:val="1"/><w:ilvl w:val="0"/></w:numPr><w:pStyle w:val="A"/></w:pPr>"#
            ),
            r#"<w:pPr><w:pStyle w:val="A"/><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr><w:jc w:val="both"/></w:pPr>"#
        );
        assert_eq!(
            mended(
                r#"<w:lvl w:ilvl="0"><w:lvlText w:val="%1."/><w:rPr><w:sz w:val="2"/><w:b/></w:rPr><w:pStyle w:val="A"/></w:lvl>"#
            ),
            r#"<w:lvl w:ilvl="0"><w:pStyle w:val="A"/><w:lvlText w:val="%1."/><w:rPr><w:b/><w:sz w:val="2"/></w:rPr></w:lvl>"#
        );
    }

    #[test]
    fn doubled_and_hollow_properties_go() {
        assert_eq!(
            mended("<w:r><w:rPr><w:b/><w:b/></w:rPr><w:t>x</w:t></w:r>"),
            "<w:r><w:rPr><w:b/></w:rPr><w:t>x</w:t></w:r>"
        );
        assert_eq!(
            mended("<w:r><w:rPr></w:rPr><w:t>x</w:t></w:r>"),
            "<w:r><w:t>x</w:t></w:r>"
        );
    }

    #[test]
    fn paragraph_ids_are_counted_anew_and_field_flags_go() {
        assert_eq!(
            mended(
                r#"<w:body><w:p w14:paraId="000000ff"/><w:p><w:r><w:fldChar w:fldCharType="begin" w:dirty="false"/></w:r></w:p></w:body>"#
            ),
            r#"<w:body><w:p w14:paraId="00000001"/><w:p w14:paraId="00000002"><w:r><w:fldChar w:fldCharType="begin"/></w:r></w:p></w:body>"#
        );
    }
}
