//! The parts of the package that docx-rs writes incompletely or not at all.

use super::design::Design;
use super::look::{Look, PageNumbers, Protection};
use super::text::escape;
use moqi_document::Language;
use std::borrow::Cow;
use std::fmt::Write;

pub(super) const MAIN: &str =
    "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const THREADS: &str = "http://schemas.microsoft.com/office/2011/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";

/// Parts a document may or may not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Present {
    pub numbering: bool,
    pub footnotes: bool,
    pub comments: bool,
    /// How many header parts.
    pub headers: usize,
    /// How many footer parts: one, or one each for odd and even pages.
    pub footers: usize,
    /// Odd and even pages differ.
    pub two_sided: bool,
    /// Word brings fields up to date when it opens the file.
    pub update_fields: bool,
    pub protection: Option<Protection>,
}

impl Present {
    /// Parts beside the document: file, relation id, type of relation, content type.
    fn list(
        self,
    ) -> Vec<(
        Cow<'static, str>,
        Cow<'static, str>,
        &'static str,
        &'static str,
    )> {
        let mut list = Vec::new();
        let mut add = |file: &'static str, id: &'static str, kind: &'static str| {
            let name = kind;
            list.push((file.into(), id.into(), name, name));
        };
        add("styles.xml", "rIdStyles", "styles");
        add("settings.xml", "rIdSettings", "settings");
        add("fontTable.xml", "rIdFonts", "fontTable");
        add("theme/theme1.xml", "rIdTheme", "theme");
        if self.numbering {
            add("numbering.xml", "rIdNumbering", "numbering");
        }
        if self.footnotes {
            add("footnotes.xml", "rIdFootnotes", "footnotes");
        }
        if self.comments {
            add("comments.xml", "rIdComments", "comments");
            add("commentsExtended.xml", "rIdThreads", "commentsExtended");
        }
        for (count, name, kind) in [
            (self.headers, "Header", "header"),
            (self.footers, "Footer", "footer"),
        ] {
            for number in 1..=count {
                let file = format!("{kind}{number}.xml").into();
                list.push((file, format!("rId{name}{number}").into(), kind, kind));
            }
        }
        list
    }
}

/// `[Content_Types].xml`.
pub(super) fn content_types(present: Present) -> String {
    const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut out = format!(
        "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"{WORD}.document.main+xml\"/>"
    );
    for (file, _, _, kind) in present.list() {
        let kind = if kind == "theme" {
            "application/vnd.openxmlformats-officedocument.theme+xml".to_owned()
        } else {
            format!("{WORD}.{kind}+xml")
        };
        let _ = write!(
            out,
            "<Override PartName=\"/word/{file}\" ContentType=\"{kind}\"/>"
        );
    }
    out.push_str(
        "<Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>\
         <Override PartName=\"/docProps/app.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.extended-properties+xml\"/></Types>",
    );
    out
}

/// `_rels/.rels`.
pub(super) fn package_relations() -> String {
    format!(
        "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>\
         <Relationship Id=\"rId3\" Type=\"{RELATIONS}/extended-properties\" Target=\"docProps/app.xml\"/></Relationships>"
    )
}

/// `word/_rels/document.xml.rels`.
pub(super) fn document_relations(present: Present, links: &[String]) -> String {
    let mut out = format!("<Relationships xmlns=\"{PACKAGE}/relationships\">");
    for (file, id, kind, _) in present.list() {
        let _ = write!(
            out,
            "<Relationship Id=\"{id}\" Type=\"{}/{kind}\" Target=\"{file}\"/>",
            if kind == "commentsExtended" {
                THREADS
            } else {
                RELATIONS
            }
        );
    }
    link_relations(&mut out, links);
    out.push_str("</Relationships>");
    out
}

/// Relations of a part that has links only.
pub(super) fn links_only(links: &[String]) -> String {
    let mut out = format!("<Relationships xmlns=\"{PACKAGE}/relationships\">");
    link_relations(&mut out, links);
    out.push_str("</Relationships>");
    out
}

fn link_relations(out: &mut String, links: &[String]) {
    for (number, href) in links.iter().enumerate() {
        let _ = write!(
            out,
            "<Relationship Id=\"rIdLink{}\" Type=\"{RELATIONS}/hyperlink\" Target=\"{}\" TargetMode=\"External\"/>",
            number + 1,
            escape(href)
        );
    }
}

/// `docProps/core.xml`.
pub(super) fn core_properties(look: &Look) -> String {
    let mut out = format!(
        "<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">"
    );
    if let Some(title) = &look.title {
        let _ = write!(out, "<dc:title>{}</dc:title>", escape(title));
    }
    if let Some(author) = &look.author {
        let _ = write!(out, "<dc:creator>{}</dc:creator>", escape(author));
    }
    let language = match look.language {
        Language::Zh => "zh-CN",
        Language::En => "en-GB",
    };
    let _ = write!(out, "<dc:language>{language}</dc:language>");
    if let Some(created) = look.created.as_deref().filter(|time| is_w3cdtf(time)) {
        let _ = write!(
            out,
            "<dcterms:created xsi:type=\"dcterms:W3CDTF\">{created}</dcterms:created>"
        );
    }
    out.push_str("</cp:coreProperties>");
    out
}

/// Who made a change or a remark and when, as attributes. A time that is not W3CDTF is left out; Word wants a time of day.
pub(super) fn signed(author: &str, date: &str) -> String {
    let mut signed = format!("w:author=\"{}\"", escape(author));
    if is_w3cdtf(date) {
        let time = if date.len() == 10 { "T00:00:00Z" } else { "" };
        let _ = write!(signed, " w:date=\"{date}{time}\"");
    }
    signed
}

/// True for `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ssZ`.
pub(super) fn is_w3cdtf(time: &str) -> bool {
    let shape = |pattern: &str| {
        time.len() == pattern.len()
            && time.bytes().zip(pattern.bytes()).all(|(c, p)| {
                if p == b'0' {
                    c.is_ascii_digit()
                } else {
                    c == p
                }
            })
    };
    shape("0000-00-00") || shape("0000-00-00T00:00:00Z")
}

/// `docProps/app.xml`.
pub(super) fn app_properties() -> String {
    "<Properties xmlns=\"http://schemas.openxmlformats.org/officeDocument/2006/extended-properties\"><Application>Moqi</Application></Properties>"
        .to_owned()
}

/// `word/settings.xml`.
pub(super) fn settings(present: Present) -> String {
    let mut out = format!("<w:settings {MAIN}><w:zoom w:percent=\"100\"/>");
    if let Some(protection) = present.protection {
        let edit = match protection {
            Protection::ReadOnly => "readOnly",
            Protection::Comments => "comments",
            Protection::Changes => "trackedChanges",
            Protection::Forms => "forms",
        };
        let _ = write!(
            out,
            "<w:documentProtection w:edit=\"{edit}\" w:enforcement=\"1\"/>"
        );
    }
    out.push_str("<w:defaultTabStop w:val=\"420\"/>");
    if present.two_sided {
        out.push_str("<w:evenAndOddHeaders/>");
    }
    let _ = write!(
        out,
        "<w:characterSpacingControl w:val=\"compressPunctuation\"/><w:updateFields w:val=\"{}\"/>",
        present.update_fields
    );
    if present.footnotes {
        out.push_str(
            "<w:footnotePr><w:footnote w:id=\"-1\"/><w:footnote w:id=\"0\"/></w:footnotePr>",
        );
    }
    out.push_str("<w:compat><w:doNotExpandShiftReturn/><w:useFELayout/>");
    for (name, value) in [
        ("compatibilityMode", "15"),
        ("overrideTableStyleFontSizeAndJustification", "1"),
        ("enableOpenTypeFeatures", "1"),
        ("doNotFlipMirrorIndents", "1"),
        ("differentiateMultirowTableHeaders", "1"),
    ] {
        let _ = write!(
            out,
            "<w:compatSetting w:name=\"{name}\" w:uri=\"http://schemas.microsoft.com/office/word\" w:val=\"{value}\"/>"
        );
    }
    out.push_str("</w:compat><w:themeFontLang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/><w:clrSchemeMapping w:bg1=\"light1\" w:t1=\"dark1\" w:bg2=\"light2\" w:t2=\"dark2\"");
    for number in 1..=6 {
        let _ = write!(out, " w:accent{number}=\"accent{number}\"");
    }
    out.push_str(" w:hyperlink=\"hyperlink\" w:followedHyperlink=\"followedHyperlink\"/><w:decimalSymbol w:val=\".\"/><w:listSeparator w:val=\",\"/></w:settings>");
    out
}

/// `word/fontTable.xml`: names other systems know the Chinese fonts by.
pub(super) fn fonts(design: &Design) -> String {
    const FONTS: [(&str, &str, &str, &str, &str); 8] = [
        ("Times New Roman", "", "00", "roman", "variable"),
        ("Calibri", "Carlito", "00", "swiss", "variable"),
        ("Consolas", "", "00", "modern", "fixed"),
        ("宋体", "SimSun", "86", "auto", "variable"),
        ("黑体", "SimHei", "86", "modern", "fixed"),
        ("仿宋_GB2312", "FangSong", "86", "modern", "fixed"),
        ("楷体_GB2312", "KaiTi", "86", "modern", "fixed"),
        (
            "方正小标宋简体",
            "FZXiaoBiaoSong-B05S",
            "86",
            "auto",
            "variable",
        ),
    ];
    let mut out = format!("<w:fonts {MAIN}>");
    let used = |name: &str| {
        name == "Times New Roman"
            || name == "Consolas"
            || design
                .headings
                .iter()
                .chain([&design.body, &design.title])
                .any(|fonts| fonts.latin == name || fonts.chinese == name)
    };
    for (name, other, charset, family, pitch) in FONTS.into_iter().filter(|(name, ..)| used(name)) {
        let _ = write!(out, "<w:font w:name=\"{name}\">");
        if !other.is_empty() {
            let _ = write!(out, "<w:altName w:val=\"{other}\"/>");
        }
        let _ = write!(
            out,
            "<w:charset w:val=\"{charset}\"/><w:family w:val=\"{family}\"/><w:pitch w:val=\"{pitch}\"/></w:font>"
        );
    }
    out.push_str("</w:fonts>");
    out
}

/// A header with that text; the one of the first page is empty.
pub(super) fn header(text: &str) -> String {
    if text.is_empty() {
        return format!("<w:hdr {MAIN}><w:p/></w:hdr>");
    }
    format!(
        "<w:hdr {MAIN}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr><w:r><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p></w:hdr>",
        escape(text)
    )
}

/// Where the words of a footer stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edge {
    /// In the middle.
    Middle,
    /// At the outer edge of a right-hand page.
    Right,
    /// At the outer edge of a left-hand page.
    Left,
}

/// A footer with page numbers.
pub(super) fn footer(look: &Look, edge: Edge) -> String {
    let (before, between, after) = match (look.page_numbers, look.language) {
        (PageNumbers::OfPages, Language::Zh) => ("第 ", Some(" 页 共 "), " 页"),
        (PageNumbers::OfPages, Language::En) => ("Page ", Some(" of "), ""),
        (PageNumbers::Dashed, _) => ("— ", None, " —"),
        (PageNumbers::Number | PageNumbers::Off, _) => ("", None, ""),
    };
    // GB/T 9704-2012, 7.5: 宋体 四号, one character from the edge.
    let (type_, far) = match look.page_numbers {
        PageNumbers::Dashed => (
            "<w:rPr><w:rFonts w:ascii=\"宋体\" w:hAnsi=\"宋体\" w:eastAsia=\"宋体\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/></w:rPr>",
            true,
        ),
        _ => ("", false),
    };
    let side = |side: &str| match far {
        true => format!("<w:ind w:{side}Chars=\"100\" w:{side}=\"280\"/><w:jc w:val=\"{side}\"/>"),
        false => format!("<w:jc w:val=\"{side}\"/>"),
    };
    let place = match edge {
        Edge::Middle => String::new(),
        Edge::Right => side("right"),
        Edge::Left => side("left"),
    };
    let field = |name: &str| {
        format!(
            "<w:r>{type_}<w:fldChar w:fldCharType=\"begin\"/></w:r><w:r>{type_}<w:instrText xml:space=\"preserve\"> {name} </w:instrText></w:r>\
             <w:r>{type_}<w:fldChar w:fldCharType=\"separate\"/></w:r><w:r>{type_}<w:t>1</w:t></w:r><w:r>{type_}<w:fldChar w:fldCharType=\"end\"/></w:r>"
        )
    };
    let text = |text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("<w:r>{type_}<w:t xml:space=\"preserve\">{text}</w:t></w:r>")
        }
    };
    let pages = between.map_or_else(String::new, |between| text(between) + &field("NUMPAGES"));
    format!(
        "<w:ftr {MAIN}><w:p><w:pPr><w:pStyle w:val=\"Footer\"/>{place}</w:pPr>{}{}{pages}{}</w:p></w:ftr>",
        text(before),
        field("PAGE"),
        text(after)
    )
}

/// The opening of `word/footnotes.xml` up to the two separators every such part needs.
pub(super) fn footnotes_opening() -> String {
    let separator = |id: &str, kind: &str, mark: &str| {
        format!(
            "<w:footnote w:type=\"{kind}\" w:id=\"{id}\"><w:p><w:pPr><w:spacing w:after=\"0\" w:line=\"240\" w:lineRule=\"auto\"/></w:pPr>\
             <w:r><w:{mark}/></w:r></w:p></w:footnote>"
        )
    };
    format!(
        "<w:footnotes {MAIN} xmlns:r=\"{RELATIONS}\" xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
         xmlns:w14=\"http://schemas.microsoft.com/office/word/2010/wordml\" mc:Ignorable=\"w14\">{}{}",
        separator("-1", "separator", "separator"),
        separator("0", "continuationSeparator", "continuationSeparator")
    )
}

/// `word/theme/theme1.xml`: colours and fonts; without it Word takes those of the reader's machine.
pub(super) fn theme(design: &Design) -> String {
    let mut out = String::from(
        "<a:theme xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" name=\"Moqi\"><a:themeElements><a:clrScheme name=\"Moqi\">",
    );
    for (name, colour) in [
        ("dk1", "000000"),
        ("lt1", "FFFFFF"),
        ("dk2", "44546A"),
        ("lt2", "E7E6E6"),
        ("accent1", "4472C4"),
        ("accent2", "ED7D31"),
        ("accent3", "A5A5A5"),
        ("accent4", "FFC000"),
        ("accent5", "5B9BD5"),
        ("accent6", "70AD47"),
        ("hlink", "0563C1"),
        ("folHlink", "954F72"),
    ] {
        let _ = write!(out, "<a:{name}><a:srgbClr val=\"{colour}\"/></a:{name}>");
    }
    out.push_str("</a:clrScheme><a:fontScheme name=\"Moqi\">");
    for (name, fonts) in [
        ("majorFont", design.headings[0]),
        ("minorFont", design.body),
    ] {
        let _ = write!(
            out,
            "<a:{name}><a:latin typeface=\"{0}\"/><a:ea typeface=\"{1}\"/><a:cs typeface=\"\"/><a:font script=\"Hans\" typeface=\"{1}\"/></a:{name}>",
            fonts.latin, fonts.chinese
        );
    }
    let fill = "<a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill>".repeat(3);
    let lines: String = ["6350", "12700", "19050"]
        .iter()
        .map(|width| {
            format!(
                "<a:ln w=\"{width}\" cap=\"flat\" cmpd=\"sng\" algn=\"ctr\"><a:solidFill><a:schemeClr val=\"phClr\"/></a:solidFill><a:prstDash val=\"solid\"/></a:ln>"
            )
        })
        .collect();
    let effects = "<a:effectStyle><a:effectLst/></a:effectStyle>".repeat(3);
    let _ = write!(
        out,
        "</a:fontScheme><a:fmtScheme name=\"Moqi\"><a:fillStyleLst>{fill}</a:fillStyleLst><a:lnStyleLst>{lines}</a:lnStyleLst>\
         <a:effectStyleLst>{effects}</a:effectStyleLst><a:bgFillStyleLst>{fill}</a:bgFillStyleLst></a:fmtScheme></a:themeElements></a:theme>"
    );
    out
}

#[cfg(test)]
mod tests {
    use super::is_w3cdtf;

    #[test]
    fn only_real_times_become_properties() {
        assert!(is_w3cdtf("2026-11-23") && is_w3cdtf("2026-11-23T09:00:00Z"));
        for bad in ["", "today", "2026-11-23 09:00", "2026-1-2", "<x>2026-11"] {
            assert!(!is_w3cdtf(bad), "{bad}");
        }
    }
}
