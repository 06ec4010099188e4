//! Files of firms made in code: with numbered headings or without, with covers, old text, macros, and with hardly anything.

use super::gate::package::pack;

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const WORD: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml";
const PICTURE: &[u8] = b"\x89PNG no picture";

/// A firm's file.
pub struct Firm {
    body: String,
    section: String,
    main: String,
    /// Parts: name, content type, bytes.
    parts: Vec<(String, String, Vec<u8>)>,
    /// Relationships of the body: id, kind, target.
    relations: Vec<(String, String, String)>,
    thumbnail: bool,
    strict: bool,
}

fn paragraph(style: &str, words: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr><w:r><w:t>{words}</w:t></w:r></w:p>")
}

fn root(name: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\r\n<w:{name} xmlns:w=\"{MAIN}\" xmlns:r=\"{RELATIONS}\" xmlns:v=\"urn:schemas-microsoft-com:vml\">{inside}</w:{name}>"
    )
}

fn style(kind: &str, id: &str, name: &str, inside: &str) -> String {
    format!(
        "<w:style w:type=\"{kind}\" w:styleId=\"{id}\"><w:name w:val=\"{name}\"/>{inside}</w:style>"
    )
}

fn level(level: usize, format: &str, text: &str, style: &str) -> String {
    let style = match style {
        "" => String::new(),
        style => format!("<w:pStyle w:val=\"{style}\"/>"),
    };
    format!(
        "<w:lvl w:ilvl=\"{level}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>{style}<w:lvlText w:val=\"{text}\"/><w:lvlJc w:val=\"left\"/><w:pPr><w:ind w:left=\"{0}\" w:hanging=\"{0}\"/></w:pPr></w:lvl>",
        400 + 300 * level
    )
}

const WORDS: &str = "The firm writes its papers in words that go on for a while, so that it is seen what its body text is. ";

impl Firm {
    /// Styles of its own names, headings without numbers, a list, a logo, notes.
    pub fn plain() -> Self {
        let normal = "<w:docDefaults><w:rPrDefault><w:rPr><w:sz w:val=\"22\"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"a\"><w:name w:val=\"Normal\"/></w:style>";
        let based = "<w:basedOn w:val=\"a\"/><w:pPr><w:spacing w:after=\"160\"/></w:pPr>";
        let table = "<w:tblPr><w:tblBorders><w:top w:val=\"single\" w:sz=\"8\" w:space=\"0\" w:color=\"107087\"/></w:tblBorders></w:tblPr><w:tblStylePr w:type=\"firstRow\"><w:rPr><w:b/></w:rPr></w:tblStylePr>";
        let styles = [
            normal.to_owned(),
            style("paragraph", "FirmTitle", "Firm Title", based),
            style("paragraph", "FirmHeading", "Firm Heading", based),
            style("paragraph", "FirmBody", "Firm Body", based),
            style("paragraph", "TableText", "Something Else", based),
            style("table", "FirmTable", "Firm Table", table),
        ]
        .concat();
        // The sign of the list is that of a first list of ours.
        let lists = format!(
            "<w:abstractNum w:abstractNumId=\"4\"><w:nsid w:val=\"10003D57\"/><w:multiLevelType w:val=\"multilevel\"/>{}</w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"4\"/></w:num><w:numIdMacAtCleanup w:val=\"1\"/>",
            level(0, "decimal", "%1)", "")
        );
        let cell = "<w:tc><w:tcPr><w:tcW w:w=\"4000\" w:type=\"dxa\"/></w:tcPr><w:p/></w:tc>";
        let body = [
            paragraph("FirmTitle", "FIRM PAPER"),
            paragraph("FirmHeading", "Heading"),
            paragraph("FirmBody", &WORDS.repeat(4)),
            format!("<w:tbl><w:tblPr><w:tblStyle w:val=\"FirmTable\"/></w:tblPr><w:tblGrid><w:gridCol w:w=\"4000\"/></w:tblGrid><w:tr>{cell}</w:tr></w:tbl>"),
            paragraph("FirmBody", WORDS),
        ]
        .concat();
        let mut firm = Self {
            body,
            section: "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"rId7\"/><w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:top=\"1440\" w:right=\"1440\" w:bottom=\"1440\" w:left=\"1440\" w:header=\"700\" w:footer=\"700\" w:gutter=\"0\"/></w:sectPr>".into(),
            main: format!("{WORD}.document.main+xml"),
            parts: Vec::new(),
            relations: Vec::new(),
            thumbnail: false,
            strict: false,
        };
        firm.part("styles", "rId1", &styles);
        firm.part("numbering", "rId2", &lists);
        firm.part("settings", "rId3", "<w:zoom w:percent=\"100\"/><w:documentProtection w:edit=\"forms\" w:enforcement=\"1\"/><w:compat/>");
        firm.notes("");
        firm.header("rId7", "header1", "FIRM", true);
        firm
    }

    /// A Chinese firm whose headings count in a list of their own: 第1章, 1.1, (a).
    pub fn numbered() -> Self {
        let mut firm = Self::plain();
        let numbered = |level: usize| {
            format!(
                "<w:basedOn w:val=\"0\"/><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"3\"/></w:numPr><w:outlineLvl w:val=\"{level}\"/></w:pPr><w:rPr><w:b/></w:rPr>"
            )
        };
        let styles = [
            "<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"0\"><w:name w:val=\"Normal\"/></w:style>".to_owned(),
            style("paragraph", "1", "heading 1", &numbered(0)),
            style("paragraph", "2", "heading 2", &numbered(1)),
            style("paragraph", "T", "标题", "<w:basedOn w:val=\"0\"/><w:pPr><w:jc w:val=\"center\"/></w:pPr>"),
            style("paragraph", "BodyFirm", "正文文本", "<w:basedOn w:val=\"0\"/><w:pPr><w:ind w:firstLineChars=\"200\" w:firstLine=\"480\"/></w:pPr>"),
        ]
        .concat();
        let lists = format!(
            "<w:abstractNum w:abstractNumId=\"4\"><w:nsid w:val=\"10003D57\"/><w:multiLevelType w:val=\"multilevel\"/>{}{}{}{}</w:abstractNum><w:num w:numId=\"3\"><w:abstractNumId w:val=\"4\"/></w:num>",
            level(0, "decimal", "第%1章", "1"),
            level(1, "decimal", "%1.%2", "2"),
            level(2, "lowerLetter", "(%3)", ""),
            level(3, "lowerRoman", "(%4)", "")
        );
        firm.replace("styles", &styles);
        firm.replace("numbering", &lists);
        firm.body = [
            paragraph("T", "合同"),
            paragraph("1", "定义"),
            paragraph(
                "BodyFirm",
                &"本所文书的正文写在这里，用以说明正文的样式。".repeat(20),
            ),
            paragraph("2", "术语"),
        ]
        .concat();
        firm
    }

    /// Only a body, without even a page.
    pub fn bare() -> Self {
        let mut firm = Self::plain();
        firm.parts.clear();
        firm.relations.clear();
        firm.body = "<w:p><w:r><w:t>Words.</w:t></w:r></w:p>".into();
        firm.section = String::new();
        firm
    }

    /// As Word saves Strict Open XML.
    pub fn strict() -> Self {
        Self {
            strict: true,
            ..Self::plain()
        }
    }

    /// A first page with a letterhead, then the terms, then a page of signatures.
    pub fn with_cover(mut self) -> Self {
        let section = |header: &str, width: usize| {
            format!(
                "<w:sectPr><w:headerReference w:type=\"default\" r:id=\"{header}\"/><w:pgSz w:w=\"{width}\" w:h=\"16838\"/></w:sectPr>"
            )
        };
        let end = |section: String| format!("<w:p><w:pPr>{section}</w:pPr></w:p>");
        self.parts.retain(|(name, ..)| !name.contains("header1"));
        self.relations.retain(|(id, ..)| id != "rId7");
        self.header("rId7", "header1", "LETTERHEAD", true);
        self.header("rId8", "header2", "TERMS", false);
        self.header("rId9", "header3", "SIGNATURES", false);
        self.body = [
            paragraph("FirmTitle", "Cover"),
            end(section("rId7", 12_240)),
            self.body,
            end(section("rId8", 11_906)),
            paragraph("FirmBody", "Signed"),
        ]
        .concat();
        self.section = section("rId9", 12_240);
        self
    }

    /// Old text with a comment, a picture, a note, tracked changes and a control.
    pub fn with_old_text(mut self) -> Self {
        let who = "w:id=\"90\" w:author=\"A\" w:date=\"2026-01-01T00:00:00Z\"";
        self.body.push_str(&format!(
            "<w:p><w:commentRangeStart w:id=\"0\"/><w:r><w:t>OLD WORDS</w:t></w:r><w:commentRangeEnd w:id=\"0\"/><w:r><w:commentReference w:id=\"0\"/></w:r>\
             <w:ins {who}><w:r><w:t>OLD WORDS</w:t></w:r></w:ins><w:r><w:footnoteReference w:id=\"2\"/></w:r>\
             <w:r><w:pict><v:shape><v:imagedata r:id=\"rId20\"/></v:shape></w:pict></w:r></w:p>\
             <w:sdt><w:sdtPr><w:tag w:val=\"old\"/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>OLD WORDS</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ));
        let words = "<w:p><w:r><w:t>OLD WORDS</w:t></w:r></w:p>";
        self.part(
            "comments",
            "rId21",
            &format!("<w:comment w:id=\"0\" w:author=\"A\">{words}</w:comment>"),
        );
        self.notes(&format!("<w:footnote w:id=\"2\">{words}</w:footnote>"));
        self.relations
            .push(("rId20".into(), "image".into(), "media/old.png".into()));
        self.parts
            .push(("word/media/old.png".into(), String::new(), PICTURE.into()));
        self.thumbnail = true;
        self.parts.push((
            "docProps/thumbnail.jpeg".into(),
            String::new(),
            PICTURE.into(),
        ));
        self.parts.push((
            "docProps/core.xml".into(),
            "application/vnd.openxmlformats-package.core-properties+xml".into(),
            format!("<cp:coreProperties xmlns:cp=\"{PACKAGE}/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>OLD WORDS</dc:title><dc:creator>OLD WORDS</dc:creator><cp:category>Sales</cp:category></cp:coreProperties>").into(),
        ));
        self
    }

    /// With a header that prints the title of the file.
    pub fn with_title_in_header(mut self) -> Self {
        let title = "<w:p><w:fldSimple w:instr=\" TITLE \"><w:r><w:t>OLD WORDS</w:t></w:r></w:fldSimple></w:p>";
        let part = self
            .parts
            .iter_mut()
            .find(|(name, ..)| name == "word/header1.xml");
        part.unwrap().2 = root("hdr", title).into();
        self.parts
            .retain(|(name, ..)| !name.contains("_rels/header1"));
        self.parts
            .retain(|(name, ..)| name != "word/media/logo.png");
        self
    }

    /// True where a header prints the title of the file.
    pub fn prints_title(&self) -> bool {
        let mut headers = self
            .parts
            .iter()
            .filter(|(name, ..)| name == "word/header1.xml");
        headers.any(|(_, _, bytes)| String::from_utf8_lossy(bytes).contains(" TITLE "))
    }

    /// With a project of macros.
    pub fn with_macros(mut self) -> Self {
        self.relations
            .push(("rId30".into(), "vbaProject".into(), "vbaProject.bin".into()));
        self.parts.push((
            "word/vbaProject.bin".into(),
            "application/vnd.ms-office.vbaProject".into(),
            b"macros".to_vec(),
        ));
        self
    }

    /// With another content type of the body.
    pub fn of_type(mut self, kind: &str) -> Self {
        self.main = match kind.contains("macro") {
            true => format!("application/vnd.ms-word.{kind}"),
            false => format!("{WORD}.{kind}"),
        };
        self
    }

    fn part(&mut self, kind: &str, id: &str, inside: &str) {
        self.relations
            .push((id.into(), kind.into(), format!("{kind}.xml")));
        self.parts.push((
            format!("word/{kind}.xml"),
            format!("{WORD}.{kind}+xml"),
            root(kind, inside).into(),
        ));
    }

    fn replace(&mut self, kind: &str, inside: &str) {
        let name = format!("word/{kind}.xml");
        let part = self
            .parts
            .iter_mut()
            .find(|(other, ..)| *other == name)
            .unwrap();
        part.2 = root(kind, inside).into();
    }

    fn notes(&mut self, inside: &str) {
        self.parts.retain(|(name, ..)| name != "word/footnotes.xml");
        self.relations.retain(|(id, ..)| id != "rId4");
        self.part("footnotes", "rId4", &format!(
            "<w:footnote w:type=\"separator\" w:id=\"0\"><w:p><w:r><w:separator/></w:r></w:p></w:footnote><w:footnote w:type=\"continuationSeparator\" w:id=\"1\"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>{inside}"
        ));
    }

    fn header(&mut self, id: &str, name: &str, words: &str, logo: bool) {
        let picture = if logo {
            "<w:r><w:pict><v:shape><v:imagedata r:id=\"rId1\"/></v:shape></w:pict></w:r>"
        } else {
            ""
        };
        let inside = format!("<w:p>{picture}<w:r><w:t>{words}</w:t></w:r></w:p>");
        self.relations
            .push((id.into(), "header".into(), format!("{name}.xml")));
        self.parts.push((
            format!("word/{name}.xml"),
            format!("{WORD}.header+xml"),
            root("hdr", &inside).into(),
        ));
        if logo {
            self.parts
                .retain(|(part, ..)| part != "word/media/logo.png");
            let relations = format!(
                "<Relationships xmlns=\"{PACKAGE}/relationships\"><Relationship Id=\"rId1\" Type=\"{RELATIONS}/image\" Target=\"media/logo.png\"/></Relationships>"
            );
            self.parts.push((
                format!("word/_rels/{name}.xml.rels"),
                String::new(),
                relations.into(),
            ));
            self.parts
                .push(("word/media/logo.png".into(), String::new(), PICTURE.into()));
        }
    }

    /// The file.
    pub fn bytes(self) -> Vec<u8> {
        let mut types = format!(
            "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Default Extension=\"jpeg\" ContentType=\"image/jpeg\"/><Override PartName=\"/word/document.xml\" ContentType=\"{}\"/>",
            self.main
        );
        let mut relations = String::new();
        for (id, kind, target) in &self.relations {
            relations.push_str(&format!(
                "<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{target}\"/>"
            ));
        }
        let mut top = format!(
            "<Relationship Id=\"rId1\" Type=\"{RELATIONS}/officeDocument\" Target=\"word/document.xml\"/>"
        );
        if self.thumbnail {
            top.push_str(&format!("<Relationship Id=\"rId2\" Type=\"{PACKAGE}/relationships/metadata/thumbnail\" Target=\"docProps/thumbnail.jpeg\"/><Relationship Id=\"rId3\" Type=\"{PACKAGE}/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/>"));
        }
        for (name, kind, _) in self.parts.iter().filter(|(_, kind, _)| !kind.is_empty()) {
            types.push_str(&format!(
                "<Override PartName=\"/{name}\" ContentType=\"{kind}\"/>"
            ));
        }
        types.push_str("</Types>");
        let around = |inside: &str| {
            format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{inside}</Relationships>")
        };
        let mut document = root(
            "document",
            &format!("<w:body>{}{}</w:body>", self.body, self.section),
        );
        if self.strict {
            document = document.replace(MAIN, "http://purl.oclc.org/ooxml/wordprocessingml/main");
        }
        let mut all = vec![
            ("[Content_Types].xml".to_owned(), types.into_bytes()),
            ("_rels/.rels".to_owned(), around(&top).into_bytes()),
            ("word/document.xml".to_owned(), document.into_bytes()),
        ];
        if !relations.is_empty() {
            all.push((
                "word/_rels/document.xml.rels".to_owned(),
                around(&relations).into_bytes(),
            ));
        }
        all.extend(self.parts.into_iter().map(|(name, _, bytes)| (name, bytes)));
        pack(&all)
    }
}
