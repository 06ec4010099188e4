//! What the reader makes of each element that holds words, and what it says of what is anchored in them.
#![allow(clippy::unwrap_used, reason = "a test stops at the first fault")]

mod file;

use file::{archive, document, file as word, p, r};
use moqi_docx::{
    ChangeKind, Changes, ControlKind, MarginPages, MarginPlace, ReadOptions, ReadText, Warned,
    WarningKind, read, read_with,
};

fn found(body: &str, parts: &[(&str, &str)]) -> Warned<ReadText> {
    read(&word(body, parts)).unwrap()
}

fn text(body: &str) -> String {
    found(body, &[]).value.text
}

/// The paragraphs of a text.
fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

#[test]
fn words_are_found_wherever_they_stand() {
    let boxed = |words: &str| {
        format!(
            "<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx><w:txbxContent>{0}</w:txbxContent>\
             </wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{0}</w:txbxContent>\
             </v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
            p(words)
        )
    };
    let body = format!(
        "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>\
         <w:p>{}<w:smartTag>{}</w:smartTag><w:customXml>{}</w:customXml>{}{}</w:p>\
         <w:customXml>{}</w:customXml>\
         <w:p><w:r><mc:AlternateContent><mc:Fallback><w:t>fallback</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p>\
         <w:p><w:r><w:t>a</w:t><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/><w:softHyphen/><w:t>b &amp; &#x4e2d;</w:t></w:r></w:p>",
        p("in a control"),
        r("one "),
        r("two "),
        r("three "),
        boxed("in a box"),
        r("four"),
        p("in custom XML"),
    );
    let read = found(&body, &[]);
    assert_eq!(
        lines(&read.value.text),
        [
            "in a control",
            "one two three four",
            "in a box",
            "in custom XML",
            "fallback",
            "a☑b & 中"
        ]
    );
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

#[test]
fn tables_keep_rows_spans_and_what_is_nested_in_them() {
    let cell = |inner: &str| format!("<w:tc>{inner}</w:tc>");
    let inner = format!(
        "<w:tbl><w:tr>{}{}</w:tr></w:tbl>",
        cell(&p("x")),
        cell(&p("y"))
    );
    let body = format!(
        "<w:tbl><w:tblPr/><w:sdt><w:sdtContent><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr>{}</w:tc></w:tr></w:sdtContent></w:sdt>\
         <w:tr><w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>{}</w:tr></w:tbl>",
        p("Head"),
        cell(&(p("a") + &p("b"))),
        cell(&(inner + &p("c")))
    );
    let read = found(&body, &[]);
    assert_eq!(
        lines(&read.value.text),
        ["| Head | < |", "| --- | --- |", "| a<br>b | x<br>y<br>c |"]
    );
    let nested = WarningKind::LeftOut {
        what: "nested table",
        count: 1,
    };
    assert!(read.warnings.iter().any(|warning| warning.kind == nested));
}

#[test]
fn the_result_of_a_field_is_text_and_its_instruction_is_not() {
    let character = |kind: &str| format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>");
    let instruction = |words: &str| format!("<w:r><w:instrText>{words}</w:instrText></w:r>");
    let field = |code: &str, inside: &str, result: &str| {
        [
            &character("begin"),
            &instruction(code),
            inside,
            &character("separate"),
            &r(result),
            &character("end"),
        ]
        .concat()
    };
    let body = format!(
        "<w:p>{}{}{}<w:fldSimple w:instr=\" PAGE \">{}</w:fldSimple></w:p><w:p>{}{}</w:p>\
         <w:p>{}{}{}</w:p><w:p>{}</w:p>",
        r("See "),
        field(" REF a ", "", "clause 3"),
        field(
            " IF ",
            &(field(" MERGEFIELD x ", "", "hidden") + &r("= 1")),
            " shown "
        ),
        r("7"),
        field(" HYPERLINK &quot;https://example.com/a&quot; ", "", "link"),
        field(" HYPERLINK &quot;file:///etc&quot; ", "", " file"),
        r("an open "),
        character("begin"),
        r("field"),
        r("goes on"),
    );
    let read = found(&body, &[]);
    assert_eq!(
        lines(&read.value.text),
        [
            "See clause 3 shown 7",
            "[link](https://example.com/a) file",
            "an open field",
            "goes on"
        ]
    );
    let kinds: Vec<WarningKind> = read.warnings.into_iter().map(|w| w.kind).collect();
    let dead = WarningKind::LeftOut {
        what: "cross-reference",
        count: 1,
    };
    assert_eq!(kinds, [dead, WarningKind::UnsafeLink("file:///etc".into())]);
}

const RELATIONS: &str = "<Relationships>\
    <Relationship Id=\"l1\" Type=\"x/hyperlink\" Target=\"mailto:a@example.com\" TargetMode=\"External\"/>\
    <Relationship Id=\"l2\" Type=\"x/hyperlink\" Target=\"javascript:x\" TargetMode=\"External\"/>\
    <Relationship Id=\"h1\" Type=\"x/header\" Target=\"header7.xml\"/>\
    <Relationship Id=\"f1\" Type=\"x/footer\" Target=\"/word/feet/f.xml\"/></Relationships>";

#[test]
fn links_lead_out_only_by_safe_addresses() {
    let link = |attribute: &str, words: &str| {
        format!("<w:hyperlink {attribute}>{}</w:hyperlink>", r(words))
    };
    let body = format!(
        "<w:p>{} {} {}{}</w:p>",
        link("r:id=\"l1\"", "mail"),
        link("r:id=\"l2\"", "run"),
        link("w:anchor=\"clause\"", "inside"),
        link("r:id=\"nowhere\"", "lost")
    );
    let read = found(&body, &[("word/_rels/document.xml.rels", RELATIONS)]);
    assert_eq!(
        read.value.text.trim(),
        "[mail](<mailto:a@example.com>)runinsidelost"
    );
    let kinds: Vec<WarningKind> = read.warnings.into_iter().map(|w| w.kind).collect();
    let inside = WarningKind::LeftOut {
        what: "link in the document",
        count: 1,
    };
    assert_eq!(
        kinds,
        [inside, WarningKind::UnsafeLink("javascript:x".into())]
    );
}

#[test]
fn notes_of_both_kinds_are_numbered_as_they_are_met() {
    let note = |kind: &str, id: u8| format!("<w:r><w:{kind}Reference w:id=\"{id}\"/></w:r>");
    let notes = |kind: &str, id: u8, words: &str| {
        format!(
            "<w:{kind}s><w:{kind} w:id=\"0\" w:type=\"separator\">{}</w:{kind}><w:{kind} w:id=\"{id}\">{}{}</w:{kind}></w:{kind}s>",
            p("-"),
            p(words),
            p("more")
        )
    };
    let body = format!(
        "<w:p>{}{}{}{}</w:p>",
        r("a"),
        note("endnote", 2),
        r("b"),
        note("footnote", 2)
    );
    let read = found(
        &body,
        &[
            ("word/footnotes.xml", &notes("footnote", 2, "foot")),
            ("word/endnotes.xml", &notes("endnote", 2, "end")),
        ],
    );
    assert_eq!(
        lines(&read.value.text),
        ["a[^1]b[^2]", "[^1]: end<br>more", "[^2]: foot<br>more"]
    );
    let lost = found(&body, &[]);
    assert!(
        lost.warnings
            .iter()
            .any(|w| w.kind == WarningKind::MissingFootnote("2".into()))
    );
}

const TRACKED: &str = "<w:p><w:pPr><w:rPr><w:del w:author=\"Wu\" w:date=\"2026-01-02T03:04:05Z\"/></w:rPr></w:pPr>\
    <w:r><w:t xml:space=\"preserve\">Pay </w:t></w:r><w:del w:author=\"Wu\"><w:r><w:delText xml:space=\"preserve\">ten </w:delText></w:r></w:del>\
    <w:ins w:author=\"Li\"><w:r><w:t xml:space=\"preserve\">nine </w:t></w:r></w:ins></w:p>\
    <w:p><w:pPr><w:rPr><w:ins w:author=\"Li\"/></w:rPr></w:pPr><w:r><w:rPr><w:rPrChange w:author=\"Li\"><w:rPr><w:b/></w:rPr></w:rPrChange></w:rPr><w:t>euro</w:t></w:r></w:p>\
    <w:p><w:moveFrom w:author=\"Li\"><w:r><w:t xml:space=\"preserve\">now </w:t></w:r></w:moveFrom><w:moveTo w:author=\"Li\"><w:r><w:t>later </w:t></w:r></w:moveTo><w:r><w:t>only</w:t></w:r></w:p>\
    <w:tbl><w:tr><w:trPr><w:del w:author=\"Wu\"/></w:trPr><w:tc><w:p><w:r><w:t>old</w:t></w:r></w:p></w:tc></w:tr>\
    <w:tr><w:trPr><w:ins w:author=\"Wu\"/></w:trPr><w:tc><w:p><w:r><w:t>new</w:t></w:r></w:p></w:tc></w:tr></w:tbl>";

#[test]
fn either_side_of_the_changes_is_read_and_each_change_is_listed() {
    let accepted = found(TRACKED, &[]).value;
    assert_eq!(
        lines(&accepted.text),
        ["Pay nine euro", "later only", "| new |", "| --- |"]
    );
    let options = ReadOptions::with_changes(Changes::Rejected);
    let rejected = read_with(&word(TRACKED, &[]), &options).unwrap();
    assert_eq!(
        lines(&rejected.value.text),
        ["Pay ten", "**euro**now only", "| old |", "| --- |"]
    );
    use ChangeKind::{Deleted, Formatted, Inserted, MovedFrom, MovedTo};
    for side in [&accepted, &rejected.value] {
        let changes: Vec<(ChangeKind, &str)> = side
            .changes
            .iter()
            .map(|change| (change.kind, change.text.as_str()))
            .collect();
        assert_eq!(
            changes,
            [
                (Deleted, "\n"),
                (Deleted, "ten "),
                (Inserted, "nine "),
                (Inserted, "\n"),
                (Formatted, ""),
                (MovedFrom, "now "),
                (MovedTo, "later "),
                (Deleted, ""),
                (Inserted, ""),
            ]
        );
    }
    let first = &accepted.changes[0];
    assert_eq!(
        (first.author.as_str(), first.date.as_deref()),
        ("Wu", Some("2026-01-02T03:04:05Z"))
    );
    let lines: Vec<usize> = accepted.changes.iter().map(|change| change.line).collect();
    assert_eq!(lines[..7], [1, 1, 1, 1, 1, 3, 3]);
    assert!(rejected.warnings.iter().any(|w| matches!(
        w.kind,
        WarningKind::LeftOut {
            what: "insertion",
            ..
        }
    )));
}

#[test]
fn comments_have_place_words_and_answers() {
    let body = format!(
        "{}<w:p>{}<w:commentRangeStart w:id=\"3\"/><w:commentRangeStart w:id=\"4\"/>{}<w:commentRangeEnd w:id=\"3\"/><w:commentRangeEnd w:id=\"4\"/>\
         <w:r><w:commentReference w:id=\"3\"/></w:r><w:r><w:commentReference w:id=\"4\"/></w:r></w:p>",
        p("First."),
        r("The "),
        r("price &amp; term"),
    );
    let comments = format!(
        "<w:comments><w:comment w:id=\"3\" w:author=\"Li Lei\" w:initials=\"LL\" w:date=\"2026-11-23T10:00:00Z\">{}<w:p w14:paraId=\"0A\">{}</w:p></w:comment>\
         <w:comment w:id=\"4\" w:author=\"Han\"><w:p w14:paraId=\"0B\">{}</w:p></w:comment></w:comments>",
        p("Too low?"),
        r("Ask."),
        r("Asked.")
    );
    let extended = "<w15:commentsEx><w15:commentEx w15:paraId=\"0A\" w15:done=\"1\"/><w15:commentEx w15:paraId=\"0B\" w15:paraIdParent=\"0A\"/></w15:commentsEx>";
    let read = found(
        &body,
        &[
            ("word/comments.xml", &comments),
            ("word/commentsExtended.xml", extended),
        ],
    )
    .value;
    let [one, two] = &read.comments[..] else {
        panic!("{:?}", read.comments);
    };
    assert_eq!(
        (
            one.author.as_str(),
            one.initials.as_str(),
            one.text.as_str()
        ),
        ("Li Lei", "LL", "Too low?\nAsk.")
    );
    assert_eq!(
        (one.quoted.as_str(), one.line, one.parent, one.done),
        ("price & term", 3, None, true)
    );
    assert_eq!(
        (two.text.as_str(), two.parent, two.done),
        ("Asked.", Some(0), false)
    );
}

#[test]
fn controls_have_name_kind_words_and_place() {
    let control = |properties: &str, content: &str| {
        format!(
            "<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"
        )
    };
    let body = format!(
        "{}<w:p>{}{}{}{}{}</w:p>{}",
        p("Title"),
        control(
            "<w:rPr><w:b/></w:rPr><w:alias w:val=\"Party A\"/><w:tag w:val=\"party_a\"/><w:text/>",
            &r("Moqi ")
        ),
        control("<w:tag w:val=\"day\"/><w:date/>", &r("1 May ")),
        control(
            "<w:dropDownList><w:listItem w:displayText=\"Rent\" w:value=\"r\"/><w:listItem w:value=\"Sale\"/></w:dropDownList><w:showingPlcHdr/>",
            &r("Choose ")
        ),
        control("<w14:checkbox/>", &r("☐")),
        control("<w:picture/>", ""),
        control("", &(p("a block") + &p("and another"))),
    );
    let read = found(&body, &[]).value;
    let kinds: Vec<&ControlKind> = read.controls.iter().map(|control| &control.kind).collect();
    let options = ControlKind::DropDown(vec!["Rent".into(), "Sale".into()]);
    assert_eq!(
        kinds,
        [
            &ControlKind::Text,
            &ControlKind::Date,
            &options,
            &ControlKind::CheckBox,
            &ControlKind::Other,
            &ControlKind::Text
        ]
    );
    let first = &read.controls[0];
    assert_eq!(
        (
            first.tag.as_deref(),
            first.alias.as_deref(),
            first.text.as_str()
        ),
        (Some("party_a"), Some("Party A"), "Moqi")
    );
    assert!(read.controls[2].placeholder && !first.placeholder);
    assert_eq!(read.controls[5].text, "a block\nand another");
    let lines: Vec<usize> = read.controls.iter().map(|control| control.line).collect();
    assert_eq!(lines, [3, 3, 3, 3, 3, 5]);
    assert!(
        read.text.contains("\nMoqi 1 May"),
        "bold of the control's own mark is not its words'"
    );
}

#[test]
fn headers_and_footers_belong_to_sections() {
    let body = format!(
        "<w:p><w:pPr><w:sectPr><w:headerReference w:type=\"first\" r:id=\"h1\"/></w:sectPr></w:pPr></w:p>{}\
         <w:sectPr><w:footerReference w:type=\"even\" r:id=\"f1\"/></w:sectPr>",
        p("Words")
    );
    let header = format!(
        "<w:hdr><w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>{}</w:hdr>",
        p("Firm"),
        p("Draft"),
        p("Secret")
    );
    let read = found(
        &body,
        &[
            ("word/_rels/document.xml.rels", RELATIONS),
            ("word/header7.xml", &header),
            (
                "word/feet/f.xml",
                "<w:ftr><w:p><w:r><w:t>Page 1</w:t></w:r></w:p></w:ftr>",
            ),
        ],
    )
    .value;
    let margins: Vec<_> = read
        .margins
        .iter()
        .map(|m| (m.place, m.which, m.section, m.text.as_str()))
        .collect();
    assert_eq!(
        margins,
        [
            (
                MarginPlace::Header,
                MarginPages::First,
                1,
                "Firm\tDraft\nSecret"
            ),
            (MarginPlace::Footer, MarginPages::Even, 2, "Page 1"),
        ]
    );
}

/// A paragraph in a list.
fn listed(number: u32, level: u8, words: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{number}\"/></w:numPr></w:pPr>{}</w:p>",
        r(words)
    )
}

fn level(at: u8, format: &str, text: &str, more: &str) -> String {
    format!(
        "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>{more}<w:lvlText w:val=\"{text}\"/></w:lvl>"
    )
}

fn labels(body: &str, numbering: &str, styles: &str) -> Vec<String> {
    let numbering = format!("<w:numbering>{numbering}</w:numbering>");
    let styles = format!("<w:styles>{styles}</w:styles>");
    let read = found(
        body,
        &[
            ("word/numbering.xml", &numbering),
            ("word/styles.xml", &styles),
        ],
    )
    .value;
    let lines: Vec<&str> = read.text.lines().collect();
    for label in &read.labels {
        assert!(
            lines[label.line - 1].contains("words"),
            "{} is not on line {}",
            label.label,
            label.line
        );
    }
    read.labels.into_iter().map(|label| label.label).collect()
}

#[test]
fn labels_are_counted_as_word_counts() {
    let numbering = format!(
        "<w:abstractNum w:abstractNumId=\"1\">{}{}{}{}</w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num>\
         <w:num w:numId=\"2\"><w:abstractNumId w:val=\"1\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride w:val=\"5\"/></w:lvlOverride></w:num>",
        level(0, "chineseCounting", "第%1条", ""),
        level(1, "decimal", "%1.%2", "<w:isLgl/>"),
        level(2, "lowerRoman", "(%3)", "<w:lvlRestart w:val=\"0\"/>"),
        level(3, "bullet", "\u{f0b7}", ""),
    );
    let steps = [
        (1, 0),
        (1, 1),
        (1, 2),
        (1, 1),
        (1, 2),
        (1, 3),
        (1, 0),
        (1, 1),
        (2, 0),
        (2, 0),
        (2, 1),
        (1, 0),
    ];
    let body: String = steps
        .iter()
        .map(|(number, level)| listed(*number, *level, "words"))
        .collect();
    assert_eq!(
        labels(&body, &numbering, ""),
        [
            "第一条",
            "1.1",
            "(i)",
            "1.2",
            "(ii)",
            "•",
            "第二条",
            "2.1",
            "第五条",
            "第六条",
            "6.1",
            "第七条"
        ]
    );
}

#[test]
fn three_rules_of_lists() {
    // An empty paragraph with a section break takes no number, an empty one without takes one; a list may use the list
    // of a style; and the list names the style of a level where the style does not.
    let numbering = format!(
        "<w:abstractNum w:abstractNumId=\"1\"><w:styleLink w:val=\"House\"/>{}{}</w:abstractNum>\
         <w:abstractNum w:abstractNumId=\"2\"><w:numStyleLink w:val=\"House\"/></w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num><w:num w:numId=\"2\"><w:abstractNumId w:val=\"2\"/></w:num>",
        level(0, "upperLetter", "%1.", ""),
        level(1, "decimalZero", "%1.%2", "<w:pStyle w:val=\"Sub\"/>"),
    );
    let styles = "<w:style w:type=\"numbering\" w:styleId=\"House\"><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>\
                  <w:style w:type=\"paragraph\" w:styleId=\"Sub\"><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>";
    let section = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"2\"/></w:numPr><w:sectPr/></w:pPr></w:p>";
    let empty =
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"2\"/></w:numPr></w:pPr></w:p>";
    let sub = format!(
        "<w:p><w:pPr><w:pStyle w:val=\"Sub\"/></w:pPr>{}</w:p>",
        r("words")
    );
    let body = [
        listed(2, 0, "words"),
        section.into(),
        sub,
        empty.into(),
        listed(2, 0, "words"),
    ]
    .concat();
    assert_eq!(labels(&body, &numbering, styles), ["A.", "A.01", "C."]);
}

#[test]
fn circles_in_styles_and_lists_end() {
    let numbering = "<w:abstractNum w:abstractNumId=\"1\"><w:numStyleLink w:val=\"A\"/></w:abstractNum>\
                     <w:abstractNum w:abstractNumId=\"2\"><w:numStyleLink w:val=\"B\"/></w:abstractNum>\
                     <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num><w:num w:numId=\"2\"><w:abstractNumId w:val=\"2\"/></w:num>";
    let styles = "<w:style w:styleId=\"A\"><w:basedOn w:val=\"B\"/><w:numPr><w:numId w:val=\"2\"/></w:numPr></w:style>\
                  <w:style w:styleId=\"B\"><w:basedOn w:val=\"A\"/><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:style>";
    let body = format!(
        "<w:p><w:pPr><w:pStyle w:val=\"A\"/></w:pPr>{}</w:p>{}",
        r("words"),
        listed(1, 0, "words")
    );
    assert!(labels(&body, numbering, styles).is_empty());
}

#[test]
fn other_packages_of_words_are_read_too() {
    // Strict, a body under another name, parts in UTF-16, and the language of the defaults.
    let strict = "<w:document xmlns:w=\"http://purl.oclc.org/ooxml/wordprocessingml/main\"><w:body><w:p><w:r><w:t>合同</w:t></w:r></w:p></w:body></w:document>";
    let root = "<Relationships><Relationship Id=\"a\" Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument\" Target=\"text/body.xml\"/></Relationships>";
    let styles = "<w:styles><w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val=\"en-US\" w:eastAsia=\"zh-CN\"/></w:rPr></w:rPrDefault></w:docDefaults></w:styles>";
    let read = read(&archive(&[
        ("_rels/.rels", root),
        ("text/body.xml", strict),
        ("word/styles.xml", styles),
    ]))
    .unwrap()
    .value;
    assert_eq!(
        (read.text.trim(), read.language.as_deref()),
        ("合同", Some("zh-CN"))
    );
    let plain = moqi_docx::read(&archive(&[("Word\\Document.xml", &document(&p("words")))]))
        .unwrap()
        .value;
    assert_eq!(plain.text.trim(), "words");
    assert_eq!(text(&p("words")).trim(), "words");
}

#[test]
fn a_damaged_part_beside_the_body_costs_only_what_it_says() {
    let read = found(
        &p("words"),
        &[
            ("word/styles.xml", "<w:styles><w:style"),
            ("word/numbering.xml", ""),
        ],
    );
    assert_eq!(read.value.text.trim(), "words");
    assert_eq!(
        read.warnings[0].kind,
        WarningKind::DamagedPart("word/styles.xml".into())
    );
}
