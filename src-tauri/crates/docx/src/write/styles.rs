//! The styles part. Written here and not by docx-rs, which silently loses indents in characters,
//! languages and the switches of the style gallery.

use super::design::{Design, Indent, Shape};
use super::lists::{self, Links};
use super::plan::Plan;
use super::text::escape;
use moqi_document::Language;
use std::collections::BTreeSet;
use std::fmt::Write;

mod apparatus;

pub(super) use apparatus::contents_indent;

/// Styles the body uses beyond those every document has.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Used {
    /// Depths of bullets.
    pub bullets: BTreeSet<usize>,
    /// Left edges of paragraphs that continue an item, in twips.
    pub continued: BTreeSet<i32>,
    /// Levels of the table of contents; 0 for none.
    pub contents: u8,
    /// Width of the text, in twips, at whose right edge the contents' page numbers stand.
    pub width: i32,
    /// There are comments.
    pub comments: bool,
    /// There are content controls that ask for something.
    pub prompts: bool,
}

impl Used {
    /// Takes in the styles of lists that another document uses.
    pub fn join(&mut self, other: &Self) {
        self.bullets.extend(&other.bullets);
        self.continued.extend(&other.continued);
    }
}

/// A paragraph style.
struct Style<'a> {
    id: &'a str,
    name: &'a str,
    based_on: &'a str,
    next: &'a str,
    /// Priority in the style gallery; `None` hides the style from it.
    shown: Option<u8>,
    paragraph: String,
    run: String,
}

/// Writes the part.
pub(super) fn part(design: &Design, plan: &Plan, links: &Links, used: &Used) -> String {
    let mut out = String::with_capacity(16 * 1024);
    out.push_str(
        "<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">",
    );
    defaults(&mut out, design);
    base(&mut out, design);
    headings(&mut out, design, plan, links);
    items(&mut out, design, plan, links, used);
    furniture(&mut out, design);
    apparatus::contents(&mut out, design, used);
    apparatus::notes(&mut out, used);
    tables(&mut out);
    out.push_str("</w:styles>");
    out
}

/// Defaults of runs and paragraphs.
fn defaults(out: &mut String, design: &Design) {
    let language = match design.language {
        Language::Zh => "<w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/>",
        Language::En => "<w:lang w:val=\"en-GB\" w:eastAsia=\"zh-CN\" w:bidi=\"ar-SA\"/>",
    };
    let _ = write!(
        out,
        "<w:docDefaults><w:rPrDefault><w:rPr>{}<w:kern w:val=\"0\"/><w:sz w:val=\"{1}\"/><w:szCs w:val=\"{1}\"/>{language}</w:rPr>\
         </w:rPrDefault><w:pPrDefault><w:pPr>{2}</w:pPr></w:pPrDefault></w:docDefaults>",
        design.body.markup(),
        design.size,
        design.spacing(0, 0),
    );
}

/// Normal, body text, title, quotation, verbatim text, and the character styles.
fn base(out: &mut String, design: &Design) {
    out.push_str("<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>");
    out.push_str(
        "<w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/>\
         <w:uiPriority w:val=\"1\"/><w:semiHidden/><w:unhideWhenUsed/></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/>\
         <w:semiHidden/><w:unhideWhenUsed/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/><w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/>\
         <w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>\
         <w:style w:type=\"numbering\" w:default=\"1\" w:styleId=\"NoList\"><w:name w:val=\"No List\"/><w:uiPriority w:val=\"99\"/>\
         <w:semiHidden/><w:unhideWhenUsed/></w:style>",
    );
    let first = design.first_line();
    Style::new("BodyText", "Body Text")
        .shown(0)
        .paragraph(&[
            &design.spacing(0, design.after),
            &first.markup(),
            design.justification(),
        ])
        .write(out);
    Style::new("Addressee", "Addressee")
        .shown(1)
        .paragraph(&[
            "<w:keepNext/>",
            &design.spacing(0, design.after),
            "<w:jc w:val=\"left\"/>",
        ])
        .write(out);
    let under = Indent {
        left: design.step,
        ..Indent::default()
    };
    Style::new("BodyTextIndent", "Body Text Indent")
        .shown(1)
        .paragraph(&[
            &design.spacing(0, design.after),
            &under.markup(),
            design.justification(),
        ])
        .write(out);
    let title = format!(
        "{}{2}<w:sz w:val=\"{1}\"/><w:szCs w:val=\"{1}\"/>",
        design.title.markup(),
        design.title_size,
        if design.title_bold {
            "<w:b/><w:bCs/>"
        } else {
            ""
        }
    );
    Style::new("Title", "Title")
        .next("BodyText")
        .shown(2)
        .paragraph(&[
            "<w:keepNext/><w:keepLines/>",
            "<w:spacing w:before=\"120\" w:after=\"360\" w:line=\"240\" w:lineRule=\"auto\"/>",
            "<w:jc w:val=\"center\"/>",
        ])
        .run(&title)
        .write(out);
    let quote = Indent {
        left: design.step,
        ..Indent::default()
    };
    Style::new("Quote", "Quote")
        .shown(29)
        .paragraph(&[
            "<w:pBdr><w:left w:val=\"single\" w:sz=\"12\" w:space=\"8\" w:color=\"A6A6A6\"/></w:pBdr>",
            &design.spacing(60, design.after.max(60)),
            &quote.markup(),
            design.justification(),
        ])
        .run("<w:color w:val=\"595959\"/>")
        .write(out);
    Style::new("Verbatim", "Verbatim")
        .shown(30)
        .paragraph(&["<w:spacing w:before=\"60\" w:after=\"120\" w:line=\"240\" w:lineRule=\"auto\"/>", "<w:ind w:left=\"360\"/>", "<w:jc w:val=\"left\"/>"])
        .run("<w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/><w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>")
        .write(out);
    out.push_str(
        "<w:style w:type=\"character\" w:customStyle=\"1\" w:styleId=\"VerbatimCharacter\"><w:name w:val=\"Verbatim Character\"/>\
         <w:basedOn w:val=\"DefaultParagraphFont\"/><w:uiPriority w:val=\"30\"/><w:rPr><w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\" w:cs=\"Consolas\"/></w:rPr></w:style>\
         <w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:basedOn w:val=\"DefaultParagraphFont\"/>\
         <w:uiPriority w:val=\"99\"/><w:unhideWhenUsed/><w:rPr><w:color w:val=\"0563C1\"/><w:u w:val=\"single\"/></w:rPr></w:style>\
         <w:style w:type=\"character\" w:styleId=\"FootnoteReference\"><w:name w:val=\"footnote reference\"/><w:basedOn w:val=\"DefaultParagraphFont\"/>\
         <w:uiPriority w:val=\"99\"/><w:unhideWhenUsed/><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style>",
    );
}

/// Headings 1 to 5, their twins without number where they are numbered, and headings of schedules.
fn headings(out: &mut String, design: &Design, plan: &Plan, links: &Links) {
    for depth in 1..=5usize {
        let id = format!("Heading{depth}");
        let size = design.heading_sizes[depth - 1];
        let weight = if design.heading_bold {
            "<w:b/><w:bCs/>"
        } else {
            "<w:b w:val=\"0\"/><w:bCs w:val=\"0\"/>"
        };
        let run = format!(
            "{}{weight}<w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>",
            design.headings[depth - 1].markup()
        );
        let (before, after) = design.around_heading;
        let linked = links.level_of(&id);
        let indent = match linked {
            Some((list, level)) => lists::indent(design, &plan.lists[list], level),
            None => plain_heading_indent(design, depth),
        };
        let number = linked
            .map(|(list, level)| number_markup(plan, list, level))
            .unwrap_or_default();
        Style::new(&id, &format!("heading {depth}"))
            .next("BodyText")
            .shown(9)
            .paragraph(&[
                "<w:keepNext/><w:keepLines/>",
                &number,
                &design.spacing(before, after),
                &indent.markup(),
                "<w:jc w:val=\"left\"/>",
                &format!("<w:outlineLvl w:val=\"{}\"/>", depth - 1),
            ])
            .run(&run)
            .write(out);
        if linked.is_some() {
            Style::new(
                &format!("Heading{depth}Plain"),
                &format!("Heading {depth} Plain"),
            )
            .based_on(&id)
            .next("BodyText")
            .shown(10)
            .paragraph(&[
                "<w:numPr><w:numId w:val=\"0\"/></w:numPr>",
                &plain_heading_indent(design, depth).markup(),
            ])
            .write(out);
        }
    }
    let schedule = links.level_of("ScheduleHeading");
    let number = schedule
        .map(|(list, level)| number_markup(plan, list, level))
        .unwrap_or_default();
    let (side, size) = match design.language {
        Language::Zh => ("left", design.size),
        Language::En => ("center", design.size + 2),
    };
    Style::new("ScheduleHeading", "Schedule Heading")
        .next("BodyText")
        .shown(10)
        .paragraph(&[
            "<w:keepNext/><w:keepLines/><w:pageBreakBefore/>",
            &number,
            &design.spacing(0, 240),
            "<w:ind w:left=\"0\" w:firstLine=\"0\"/>",
            &format!("<w:jc w:val=\"{side}\"/>"),
            "<w:outlineLvl w:val=\"0\"/>",
        ])
        .run(&format!(
            "{}<w:b/><w:bCs/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/>",
            design.headings[0].markup()
        ))
        .write(out);
}

/// Where a heading without number stands: pleadings start them two characters in, as they do all text.
fn plain_heading_indent(design: &Design, depth: usize) -> Indent {
    let flows = design.first_line && design.shape == Shape::Flow;
    if flows && (!design.heading_bold || depth > 1) {
        design.first_line()
    } else {
        Indent::default()
    }
}

/// The `w:numPr` of a style linked to a level.
fn number_markup(plan: &Plan, list: usize, level: usize) -> String {
    let count = plan
        .counts
        .iter()
        .position(|count| count.list == list)
        .unwrap_or(0)
        + 1;
    format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{count}\"/></w:numPr>")
}

/// Items of every list level in use, bullets, and paragraphs that continue an item.
fn items(out: &mut String, design: &Design, plan: &Plan, links: &Links, used: &Used) {
    for (index, list) in plan.lists.iter().enumerate() {
        for level in (0..list.items.len()).filter(|&level| list.items[level]) {
            let id = lists::item_style(index, list.part, level);
            let number = links
                .level_of(&id)
                .map(|(list, level)| number_markup(plan, list, level))
                .unwrap_or_default();
            Style::new(&id, &lists::item_name(plan, index, level))
                .shown(3)
                .paragraph(&[
                    &number,
                    &design.spacing(0, design.after),
                    &lists::indent(design, list, level).markup(),
                    design.justification(),
                ])
                .write(out);
        }
    }
    for &depth in &used.bullets {
        let id = lists::bullet_style(depth);
        let name = if depth == 0 {
            "List Bullet".to_owned()
        } else {
            format!("List Bullet {}", depth + 1)
        };
        let number = format!(
            "<w:numPr><w:ilvl w:val=\"{depth}\"/><w:numId w:val=\"{}\"/></w:numPr>",
            lists::bullet_count(plan)
        );
        Style::new(&id, &name)
            .shown(4)
            .paragraph(&[
                &number,
                &design.spacing(0, design.after / 2),
                &lists::bullet_indent(design, depth).markup(),
                bullet_justification(design),
            ])
            .write(out);
    }
    for (index, &left) in used.continued.iter().enumerate() {
        let name = if index == 0 {
            "List Continue".to_owned()
        } else {
            format!("List Continue {}", index + 1)
        };
        let indent = Indent {
            left,
            ..Indent::default()
        };
        Style::new(&name.replace(' ', ""), &name)
            .shown(5)
            .paragraph(&[
                &design.spacing(0, design.after),
                &indent.markup(),
                design.justification(),
            ])
            .write(out);
    }
}

/// The id of the style of paragraphs that continue an item with that left edge.
pub(super) fn continued_style(used: &Used, left: i32) -> String {
    match used.continued.iter().position(|&edge| edge == left) {
        None | Some(0) => "ListContinue".to_owned(),
        Some(index) => format!("ListContinue{}", index + 1),
    }
}

/// Header, footer, footnotes, table text, signatures.
fn furniture(out: &mut String, design: &Design) {
    let single = "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/>";
    let small = "<w:sz w:val=\"18\"/><w:szCs w:val=\"18\"/>";
    Style::new("Header", "header")
        .paragraph(&[
            "<w:pBdr><w:bottom w:val=\"single\" w:sz=\"4\" w:space=\"4\" w:color=\"808080\"/></w:pBdr>",
            single,
            "<w:jc w:val=\"center\"/>",
        ])
        .run(&format!("<w:color w:val=\"595959\"/>{small}"))
        .write(out);
    Style::new("Footer", "footer")
        .paragraph(&[single, "<w:jc w:val=\"center\"/>"])
        .run(small)
        .write(out);
    Style::new("FootnoteText", "footnote text")
        .paragraph(&[
            "<w:snapToGrid w:val=\"0\"/>",
            "<w:spacing w:before=\"0\" w:after=\"40\" w:line=\"240\" w:lineRule=\"auto\"/>",
            "<w:jc w:val=\"left\"/>",
        ])
        .run(small)
        .write(out);
    let cell_size = design.table_size();
    Style::new("TableText", "Table Text")
        .shown(6)
        .paragraph(&[
            "<w:spacing w:before=\"40\" w:after=\"40\" w:line=\"264\" w:lineRule=\"auto\"/>",
            "<w:jc w:val=\"left\"/>",
        ])
        .run(&format!(
            "<w:sz w:val=\"{cell_size}\"/><w:szCs w:val=\"{cell_size}\"/>"
        ))
        .write(out);
    Style::new("TableHeading", "Table Heading")
        .based_on("TableText")
        .shown(6)
        .paragraph(&["<w:keepNext/>", "<w:jc w:val=\"center\"/>"])
        .run("<w:b/><w:bCs/>")
        .write(out);
    Style::new("SignatureLine", "Signature Line")
        .shown(7)
        .paragraph(&[
            "<w:keepNext/><w:keepLines/>",
            "<w:snapToGrid w:val=\"0\"/>",
            "<w:spacing w:before=\"100\" w:after=\"100\" w:line=\"300\" w:lineRule=\"auto\"/>",
            "<w:jc w:val=\"left\"/>",
        ])
        .write(out);
    Style::new("AfterTable", "After Table")
        .paragraph(&[
            "<w:spacing w:before=\"0\" w:after=\"0\" w:line=\"200\" w:lineRule=\"exact\"/>",
        ])
        .write(out);
}

/// Table styles.
fn tables(out: &mut String) {
    out.push_str(
        "<w:style w:type=\"table\" w:styleId=\"TableGrid\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/>\
         <w:uiPriority w:val=\"39\"/><w:tblPr><w:tblBorders>",
    );
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(
            out,
            "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"auto\"/>"
        );
    }
    out.push_str("</w:tblBorders></w:tblPr></w:style>");
}

/// The `w:jc` of bullets: English ones are short or hold addresses, which would be torn apart.
fn bullet_justification(design: &Design) -> &'static str {
    match design.language {
        Language::Zh => design.justification(),
        Language::En => "<w:jc w:val=\"left\"/>",
    }
}

impl Design<'_> {
    /// The `w:jc` of body text.
    fn justification(&self) -> &'static str {
        if self.justified {
            "<w:jc w:val=\"both\"/>"
        } else {
            "<w:jc w:val=\"left\"/>"
        }
    }
}

impl<'a> Style<'a> {
    fn new(id: &'a str, name: &'a str) -> Self {
        Self {
            id,
            name,
            based_on: "Normal",
            next: "",
            shown: None,
            paragraph: String::new(),
            run: String::new(),
        }
    }

    fn based_on(mut self, style: &'a str) -> Self {
        self.based_on = style;
        self
    }

    fn next(mut self, style: &'a str) -> Self {
        self.next = style;
        self
    }

    fn shown(mut self, priority: u8) -> Self {
        self.shown = Some(priority);
        self
    }

    /// Paragraph properties, given in the order of CT_PPr.
    fn paragraph(mut self, properties: &[&str]) -> Self {
        self.paragraph = properties.concat();
        self
    }

    fn run(mut self, properties: &str) -> Self {
        self.run = properties.to_owned();
        self
    }

    fn write(self, out: &mut String) {
        let custom = if is_built_in(self.name) {
            ""
        } else {
            " w:customStyle=\"1\""
        };
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\"{custom} w:styleId=\"{}\"><w:name w:val=\"{}\"/><w:basedOn w:val=\"{}\"/>",
            self.id,
            escape(self.name),
            self.based_on
        );
        if !self.next.is_empty() {
            let _ = write!(out, "<w:next w:val=\"{}\"/>", self.next);
        }
        match self.shown {
            Some(priority) => {
                let _ = write!(out, "<w:uiPriority w:val=\"{priority}\"/><w:qFormat/>");
            }
            None => out.push_str("<w:uiPriority w:val=\"99\"/><w:unhideWhenUsed/>"),
        }
        if !self.paragraph.is_empty() {
            let _ = write!(out, "<w:pPr>{}</w:pPr>", self.paragraph);
        }
        if !self.run.is_empty() {
            let _ = write!(out, "<w:rPr>{}</w:rPr>", self.run);
        }
        out.push_str("</w:style>");
    }
}

/// True for names Word knows by itself.
fn is_built_in(name: &str) -> bool {
    let numbered = |prefix: &str, last: u32| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            rest.is_empty()
                || rest
                    .trim()
                    .parse()
                    .is_ok_and(|n: u32| (2..=last).contains(&n))
        })
    };
    matches!(
        name,
        "Body Text"
            | "Body Text Indent"
            | "Title"
            | "Quote"
            | "header"
            | "footer"
            | "footnote text"
            | "annotation text"
            | "TOC Heading"
    ) || name.starts_with("toc ")
        || name.starts_with("heading ")
        || numbered("List Bullet", 5)
        || numbered("List Continue", 5)
}
