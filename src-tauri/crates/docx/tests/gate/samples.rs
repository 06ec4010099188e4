//! Documents with every feature, in every look.

use std::collections::BTreeSet;

use moqi_document::{
    Align, BlockKind, Cell, Document, Extent, HeadingStyle, Inline, InlineKind, Language, Merge,
    Scheme, Span, parse,
};
use moqi_docx::{
    Attached, Comment, Control, ControlKind, Family, House, HouseText, Look, PageNumbers, Paper,
    Protection, Remark, write, write_with,
};

/// One written document.
pub struct Sample {
    /// File name without ending.
    pub name: String,
    /// What was written.
    pub document: Document,
    /// The file.
    pub docx: Vec<u8>,
}

const ZH: &str = include_str!("zh.md");
const EN: &str = include_str!("en.md");

/// The document of every feature in a language and scheme.
pub fn everything(language: Language, scheme: Scheme) -> Document {
    parse(&source(language, scheme))
}

fn source(language: Language, scheme: Scheme) -> String {
    let (name, text) = match language {
        Language::Zh => ("zh", ZH),
        Language::En => ("en", EN),
    };
    let scheme = match scheme {
        Scheme::ZhArticle => "zh-article",
        Scheme::ZhDecimal => "zh-decimal",
        Scheme::ZhPleading => "zh-pleading",
        Scheme::ZhOfficial => "zh-official",
        Scheme::EnDecimal => "en-decimal",
        Scheme::None => "none",
    };
    format!("---\nlanguage: {name}\nnumbering: {scheme}\n---\n\n{text}")
}

/// Every family in both languages, every scheme, and four of them in a firm's paper and type.
pub fn all() -> Vec<Sample> {
    use Family::{EnContract, Plain, ZhContract, ZhOfficial, ZhPleading};
    use Language::{En, Zh};
    let mut all = Vec::new();
    for (family, language, scheme, house) in [
        (ZhContract, Zh, Scheme::ZhArticle, false),
        (ZhContract, En, Scheme::EnDecimal, false),
        (ZhPleading, Zh, Scheme::ZhPleading, false),
        (ZhPleading, En, Scheme::None, false),
        (ZhOfficial, Zh, Scheme::ZhOfficial, false),
        (EnContract, Zh, Scheme::ZhDecimal, false),
        (EnContract, En, Scheme::EnDecimal, false),
        (Plain, Zh, Scheme::None, false),
        (Plain, En, Scheme::EnDecimal, false),
        (ZhContract, Zh, Scheme::ZhDecimal, true),
        (ZhPleading, Zh, Scheme::ZhPleading, true),
        (EnContract, En, Scheme::EnDecimal, true),
        (Plain, En, Scheme::EnDecimal, true),
    ] {
        let document = everything(language, scheme);
        let mut look = Look::for_document(&document);
        look.wear(family);
        look.language = language;
        look.author = Some("Wang & Partners <law>".into());
        look.created = Some("2026-11-23T09:00:00Z".into());
        look.house = house.then(firm);
        if !house && language == En {
            look.paper = Paper::Letter;
        }
        if family == Plain {
            look.header = None;
            look.page_numbers = match house {
                true => PageNumbers::OfPages,
                false => PageNumbers::Off,
            };
        }
        let end = if house { "-house" } else { "" };
        let name = format!("{family:?}-{language:?}-{scheme:?}{end}").to_lowercase();
        let docx = write(&document, &look).unwrap().value;
        all.push(Sample {
            name,
            document,
            docx,
        });
    }
    all.extend(furnished());
    all
}

/// A schedule whose table does not fit the paper as it stands.
fn wide() -> String {
    let cells = |words: &str| format!("|{}\n", format!(" {words} |").repeat(14));
    format!(
        "\n\n## Figures {{.schedule}}\n\n{}{}{}",
        cells("1,234,567.00"),
        cells("--:"),
        cells("9,876,543.21")
    )
}

/// Samples with contents, sections, comments, controls and protection.
fn furnished() -> Vec<Sample> {
    use Family::{EnContract, ZhContract, ZhOfficial};
    use Language::{En, Zh};
    use PageNumbers::{Dashed, Number, OfPages};
    let mut all = Vec::new();
    for (family, language, scheme, numbers, two_sided, protection) in [
        (ZhContract, Zh, Scheme::ZhArticle, OfPages, false, None),
        (
            ZhOfficial,
            Zh,
            Scheme::ZhOfficial,
            Dashed,
            true,
            Some(Protection::ReadOnly),
        ),
        (
            EnContract,
            En,
            Scheme::EnDecimal,
            Number,
            true,
            Some(Protection::Forms),
        ),
        (
            EnContract,
            En,
            Scheme::EnDecimal,
            OfPages,
            true,
            Some(Protection::Comments),
        ),
        (
            ZhContract,
            Zh,
            Scheme::ZhDecimal,
            Dashed,
            false,
            Some(Protection::Changes),
        ),
    ] {
        let text = source(language, scheme) + &wide();
        let document = parse(&text);
        let mut look = Look::for_document(&document);
        look.wear(family);
        look.language = language;
        look.page_numbers = numbers;
        look.two_sided = two_sided;
        look.contents = Some(3);
        look.protection = protection;
        look.controls = true;
        let name =
            format!("furnished-{family:?}-{language:?}-{scheme:?}-{numbers:?}").to_lowercase();
        let docx = write_with(&document, &look, &attached(&text, language))
            .unwrap()
            .value;
        all.push(Sample {
            name,
            document,
            docx,
        });
    }
    all
}

/// Comments over words, paragraphs and cells, and controls of every kind.
fn attached(text: &str, language: Language) -> Attached {
    let (from, to, party, day) = match language {
        Language::Zh => ("总价", "分期支付", "华东精密机械有限公司", "签收之日"),
        Language::En => (
            "price",
            "instalments",
            "Eastern Precision Machinery Limited",
            "acceptance",
        ),
    };
    let find = |words: &str| {
        let start = text.find(words).unwrap_or_else(|| panic!("no {words}"));
        Span {
            start,
            end: start + words.len(),
        }
    };
    let remark = |author: &str, text: &str| Remark {
        author: author.into(),
        initials: "W&L".into(),
        date: Some("2026-11-23T09:00:00Z".into()),
        text: text.into(),
    };
    let comment = |span, replies, done| Comment {
        span,
        remark: remark("Wang <law>", "Please check.\nTwo lines."),
        replies,
        done,
    };
    let long = Span {
        start: find(from).start,
        end: find(to).end,
    };
    let control = |words: &str, kind| Control {
        span: find(words),
        tag: format!("tag {words}"),
        title: format!("Title & {words}"),
        prompt: kind == ControlKind::Date,
        kind,
    };
    Attached {
        controls: vec![
            control(party, ControlKind::Text),
            control(day, ControlKind::Date),
            control(
                "360,000.00",
                ControlKind::DropDown(vec!["1".into(), "2".into()]),
            ),
        ],
        comments: vec![
            comment(
                long,
                vec![remark("Li", "Agreed."), remark("Wang", "Done.")],
                true,
            ),
            comment(find(party), vec![], false),
            comment(find("840,000.00"), vec![remark("Li", "")], false),
            comment(find("1,234,567.00"), vec![], false),
        ],
    }
}

fn firm() -> House {
    let text = |latin: &str, chinese: &str, size| HouseText {
        latin: Some(latin.into()),
        chinese: Some(chinese.into()),
        size: Some(size),
    };
    House {
        paper: Some((11_906, 16_838)),
        margins: Some([1_300, 1_100, 1_200, 1_500]),
        body: text("Georgia", "楷体", 21),
        headings: std::array::from_fn(|_| text("Arial", "黑体", 26)),
        title: text("Arial Black", "华文中宋", 40),
    }
}

/// Every run of words, in reading order.
pub fn each_inline<'a>(document: &'a Document, visit: &mut dyn FnMut(&'a Inline)) {
    for block in &document.blocks {
        let content: Vec<&[Inline]> = match &block.kind {
            BlockKind::Title(content)
            | BlockKind::Heading { content, .. }
            | BlockKind::Item { content, .. }
            | BlockKind::Paragraph { content, .. }
            | BlockKind::Footnote { content, .. } => vec![content],
            BlockKind::Table(table) => {
                let cells = table.rows.iter().flatten();
                cells.map(|cell| cell.content.as_slice()).collect()
            }
            BlockKind::Signature(parties) => {
                let lines = parties.iter().flat_map(|party| &party.lines);
                lines.map(Vec::as_slice).collect()
            }
            BlockKind::PageBreak | BlockKind::Verbatim(_) => vec![],
        };
        content.into_iter().flatten().for_each(&mut *visit);
    }
}

/// What a document has, each feature by a name. A new kind of block or run does not compile here until it has one.
pub fn features(document: &Document) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let mut add = |name: &str| {
        all.insert(name.to_owned());
    };
    for block in &document.blocks {
        match &block.kind {
            BlockKind::Title(_) => add("title"),
            BlockKind::Heading { level, style, .. } => {
                add(&format!("heading {level}"));
                add(match style {
                    HeadingStyle::Numbered => "numbered heading",
                    HeadingStyle::Plain => "plain heading",
                    HeadingStyle::Schedule => "schedule",
                    HeadingStyle::Parties => "parties",
                    HeadingStyle::Recitals => "recitals",
                });
            }
            BlockKind::Item { depth, ordered, .. } => {
                add(&format!(
                    "{} {depth}",
                    if *ordered { "item" } else { "bullet" }
                ));
            }
            BlockKind::Paragraph { depth, quote, .. } => {
                add(if *quote { "quote" } else { "paragraph" });
                add(if *depth > 0 {
                    "continuation"
                } else {
                    "paragraph"
                });
            }
            BlockKind::Table(table) => {
                for align in &table.align {
                    add(match align {
                        Align::None => "column",
                        Align::Left => "left column",
                        Align::Center => "centred column",
                        Align::Right => "right column",
                    });
                }
                add(if table.rows.len() == 1 {
                    "table of a header"
                } else {
                    "table"
                });
                if table
                    .rows
                    .iter()
                    .flatten()
                    .any(|cell| cell.content.is_empty() && cell.merge == Merge::None)
                {
                    add("empty cell");
                }
                for placed in table.placed() {
                    let Extent { columns, rows } = placed.extent;
                    if columns > 1 {
                        add("cell over columns");
                    }
                    if rows > 1 {
                        add("cell over rows");
                    }
                    if columns > 1 && rows > 1 {
                        add("cell over both");
                    }
                }
                if table.head_rows() > 1 {
                    add("header of several rows");
                }
            }
            BlockKind::Signature(parties) => add(&format!("signature of {}", parties.len())),
            BlockKind::PageBreak => add("page break"),
            BlockKind::Footnote { .. } => add("footnote"),
            BlockKind::Verbatim(_) => add("verbatim"),
        }
    }
    each_inline(document, &mut |inline| {
        match &inline.kind {
            InlineKind::Text(_) => add("text"),
            InlineKind::Field(_) => add("field"),
            InlineKind::Reference(_) => add("reference"),
            InlineKind::Break => add("break"),
            InlineKind::FootnoteRef(_) => add("footnote reference"),
        }
        for (name, on) in [
            ("strong", inline.marks.strong),
            ("emphasis", inline.marks.emphasis),
            ("strike", inline.marks.strike),
            ("code", inline.marks.code),
            ("link", inline.marks.link.is_some()),
        ] {
            if on {
                add(name);
            }
        }
    });
    all
}

/// How the cells of each table are merged, of those with merged cells.
pub fn merges(document: &Document) -> Vec<Vec<Vec<Merge>>> {
    let tables = document
        .blocks
        .iter()
        .filter_map(|block| match &block.kind {
            BlockKind::Table(table) => Some(table),
            _ => None,
        });
    tables
        .map(|table| {
            let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.merge).collect();
            table.rows.iter().map(row).collect::<Vec<Vec<Merge>>>()
        })
        .filter(|rows| rows.concat().iter().any(|merge| *merge != Merge::None))
        .collect()
}

/// What every sample must have.
pub const FEATURES: &[&str] = &[
    "title",
    "heading 1",
    "heading 2",
    "heading 3",
    "numbered heading",
    "plain heading",
    "schedule",
    "parties",
    "recitals",
    "item 0",
    "item 1",
    "item 2",
    "item 3",
    "bullet 0",
    "bullet 1",
    "paragraph",
    "continuation",
    "quote",
    "table",
    "table of a header",
    "empty cell",
    "cell over columns",
    "cell over rows",
    "cell over both",
    "header of several rows",
    "column",
    "left column",
    "centred column",
    "right column",
    "signature of 1",
    "signature of 2",
    "signature of 3",
    "page break",
    "footnote",
    "verbatim",
    "text",
    "field",
    "reference",
    "break",
    "footnote reference",
    "strong",
    "emphasis",
    "strike",
    "code",
    "link",
];
