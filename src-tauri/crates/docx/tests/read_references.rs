//! Cross-references of Word become live references of ours, and only where no word changes by it.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says its figures"
)]

#[path = "../../document/tests/edits/mod.rs"]
#[allow(dead_code, reason = "another test edits them")]
mod edits;
mod file;

use file::{file as word, r};
use moqi_document::{BlockKind, Document, Prose, number, parse, references, scheme_of};
use moqi_docx::{
    Changes, Look, ReadOptions, ReadText, Warned, WarningKind, read, read_with, write,
};

const NUMBERING: &str = "<w:numbering><w:abstractNum w:abstractNumId=\"1\">\
    <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl>\
    <w:lvl w:ilvl=\"1\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.%2\"/></w:lvl>\
    <w:lvl w:ilvl=\"2\"><w:start w:val=\"1\"/><w:numFmt w:val=\"lowerLetter\"/><w:lvlText w:val=\"(%3)\"/></w:lvl></w:abstractNum>\
    <w:abstractNum w:abstractNumId=\"2\">\
    <w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"chineseCounting\"/><w:lvlText w:val=\"第%1条\"/></w:lvl></w:abstractNum>\
    <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num><w:num w:numId=\"2\"><w:abstractNumId w:val=\"2\"/></w:num></w:numbering>";

/// A paragraph of a list with a bookmark around its words; `outline` makes it a heading.
fn marked(list: u8, level: u8, outline: bool, bookmark: &str, words: &str) -> String {
    let outline = if outline {
        format!("<w:outlineLvl w:val=\"{level}\"/>")
    } else {
        String::new()
    };
    format!(
        "<w:p><w:pPr>{outline}<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>\
         <w:bookmarkStart w:id=\"1\" w:name=\"{bookmark}\"/>{}<w:bookmarkEnd w:id=\"1\"/></w:p>",
        r(words)
    )
}

fn character(kind: &str) -> String {
    format!("<w:r><w:fldChar w:fldCharType=\"{kind}\"/></w:r>")
}

fn instruction(words: &str) -> String {
    format!("<w:r><w:instrText xml:space=\"preserve\">{words}</w:instrText></w:r>")
}

/// A field as Word writes it, its code and its result cut into runs.
fn field(code: &str, result: &str) -> String {
    let (code, more) = code.split_at(code.len() / 2);
    let cut = result
        .char_indices()
        .nth(1)
        .map_or(result.len(), |(at, _)| at);
    [
        character("begin"),
        instruction(code),
        instruction(more),
        character("separate"),
        r(&result[..cut]),
        r(&result[cut..]),
        character("end"),
    ]
    .concat()
}

fn found(body: &str) -> Warned<ReadText> {
    read(&word(body, &[("word/numbering.xml", NUMBERING)])).unwrap()
}

fn left(read: &Warned<ReadText>, wanted: &str) -> usize {
    let counts = read.warnings.iter().filter_map(|w| match w.kind {
        WarningKind::LeftOut { what, count } if what == wanted => Some(count),
        _ => None,
    });
    counts.sum()
}

/// The clauses the references of these tests lead to.
fn clauses() -> String {
    [
        marked(1, 0, true, "_Ref100", "Definitions and Interpretation"),
        marked(1, 0, true, "PaymentTerms", "Payment"),
        marked(1, 1, false, "_Ref200", "The price is due."),
        marked(1, 2, false, "_Ref300", "in full; and"),
    ]
    .concat()
}

#[test]
fn fields_that_print_numbers_of_ours_are_live() {
    let simple = format!(
        "<w:fldSimple w:instr=\" REF _ref200 \\w \\h \">{}</w:fldSimple>",
        r("2.1")
    );
    let nested = [
        character("begin"),
        instruction(" IF 1 = 1 "),
        character("separate"),
        field(" REF _Ref300 \\w \\h ", "2.1(a)"),
        character("end"),
    ]
    .concat();
    let body = format!(
        "{}<w:p>{}{}{}{}{}{}{}{}</w:p><w:p>{}{}{}{}{}</w:p>",
        clauses(),
        r("See clause "),
        field(" REF _Ref100 \\r \\h ", "1"),
        r(", clause "),
        field(" REF \"PaymentTerms\" \\r ", "2"),
        r(", clause "),
        simple,
        r(" and "),
        nested,
        r("Also clause 2.1"),
        field(" REF _Ref300 \\n \\h ", "(a)"),
        r(", "),
        field(" REF PaymentTerms \\r \\h ", "Clause 2"),
        r(" and clause 3.1."),
    );
    let read = found(&body);
    let text = &read.value.text;
    assert!(
        text.contains("## Definitions and Interpretation {#definitions-and-interpretation}\n"),
        "{text}"
    );
    assert!(text.contains("## Payment {#PaymentTerms}\n"), "{text}");
    assert!(
        text.contains("1. The price is due. {#clause-2-1}\n"),
        "{text}"
    );
    assert!(text.contains("in full; and {#clause-2-1-a}\n"), "{text}");
    assert!(
        text.ends_with(
            "\n\nSee clause [](#definitions-and-interpretation), clause [](#PaymentTerms), clause [](#clause-2-1) \
             and [](#clause-2-1-a)\n\nAlso clause [](#clause-2-1-a), Clause [](#PaymentTerms) and clause 3.1.\n"
        ),
        "{text}"
    );
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

#[test]
fn what_would_print_otherwise_stays_words_and_is_counted() {
    let bold = |words: &str| format!("<w:r><w:rPr><w:b/></w:rPr><w:t>{words}</w:t></w:r>");
    let half_bold = [
        character("begin"),
        instruction(" REF _Ref300 \\w \\h "),
        character("separate"),
        bold("2"),
        r(".1(a)"),
        character("end"),
    ]
    .concat();
    let lines = [
        // The words of the clause, another number, a part of a longer one, a bookmark that is not there.
        (
            field(" REF _Ref200 \\h ", "The price is due."),
            "The price is due.",
        ),
        (field(" REF _Ref200 \\r \\h ", "7.1"), "7.1"),
        (
            format!("{}{}", r("12.1"), field(" REF _Ref300 \\n \\h ", "(a)")),
            "12.1(a)",
        ),
        (field(" REF _Ref300 \\r \\h ", "2.1(a)(i)"), "2.1(a)(i)"),
        (
            field(
                " REF _Ref999 \\r \\h ",
                "Error! Reference source not found.",
            ),
            "Error! Reference source not found.",
        ),
        (half_bold, "**2**.1(a)"),
    ];
    let body: String = lines
        .iter()
        .map(|(inner, _)| format!("<w:p>{inner}</w:p>"))
        .collect();
    let page = format!("<w:p>{}</w:p>", field(" PAGEREF _Ref100 \\h ", "1"));
    let read = found(&(clauses() + &body + &page));
    let text = &read.value.text;
    assert!(!text.contains("[](#") && !text.contains("{#"), "{text}");
    for (_, words) in &lines {
        assert!(
            text.contains(&format!("\n{words}\n")),
            "{words} is not in\n{text}"
        );
    }
    assert_eq!(left(&read, "cross-reference"), lines.len());
}

#[test]
fn words_around_a_field_belong_to_what_is_printed() {
    let clause = |bookmark: &str, words: &str| marked(2, 0, true, bookmark, words);
    let jump = |anchor: &str, words: &str| {
        format!(
            "<w:hyperlink w:anchor=\"{anchor}\">{}</w:hyperlink>",
            r(words)
        )
    };
    let body = format!(
        "{}{}<w:p>{}{}{}</w:p><w:p>{}{}{}</w:p><w:p>{}</w:p><w:p>{}{}</w:p>",
        clause("_Ref1", "保密义务"),
        clause("_Ref2", "违约责任"),
        r("按照本合同第"),
        field(" REF _Ref2 \\r \\t \\h ", "二"),
        r("条承担责任。"),
        r("见"),
        field(" REF _Ref1 \\r \\h ", "第一条"),
        r("；"),
        r("本合同第二条是文字。"),
        r("点击"),
        jump("_Ref2", "第二条"),
    );
    let read = found(&body);
    let text = &read.value.text;
    assert!(
        text.ends_with(
            "## 保密义务 {#保密义务}\n\n## 违约责任 {#违约责任}\n\n按照本合同[](#违约责任)承担责任。\n\n见[](#保密义务)；\n\n\
             本合同第二条是文字。\n\n点击[](#违约责任)\n"
        ),
        "{text}"
    );
    assert!(read.warnings.is_empty(), "{:?}", read.warnings);
}

#[test]
fn references_stand_in_tables_notes_and_typed_clauses_too() {
    let typed = |n: u8, bookmark: &str| {
        format!(
            "<w:p><w:bookmarkStart w:id=\"{n}\" w:name=\"{bookmark}\"/>{}<w:bookmarkEnd w:id=\"{n}\"/></w:p>",
            r(&format!("第{}条 内容", ["一", "二", "三"][usize::from(n)]))
        )
    };
    let note = "<w:r><w:footnoteReference w:id=\"2\"/></w:r>";
    let body = format!(
        "{}{}{}<w:tbl><w:tr><w:tc><w:p>{}{note}</w:p></w:tc></w:tr></w:tbl>",
        typed(0, "a"),
        typed(1, "b"),
        typed(2, "c"),
        field(" REF b \\h ", "第二条"),
    );
    let notes = format!(
        "<w:footnotes><w:footnote w:id=\"2\"><w:p>{}</w:p></w:footnote></w:footnotes>",
        field(" REF c \\h ", "第三条")
    );
    let text = read(&word(&body, &[("word/footnotes.xml", &notes)]))
        .unwrap()
        .value
        .text;
    assert_eq!(
        text,
        "## 内容\n\n## 内容 {#b}\n\n## 内容 {#c}\n\n| [](#b)[^1] |\n| --- |\n\n[^1]: [](#c)\n"
    );
}

#[test]
fn a_second_mark_of_a_note_is_that_note() {
    let text = "One[^a] and two[^b], again one[^a] and two[^b].\n\n[^a]: First.\n\n[^b]: Second.\n";
    let first = exported(&parse(text));
    assert_eq!(
        moqi_document::print(&first),
        "One[^1] and two[^2], again one[^1] and two[^2].\n\n[^1]: First.\n\n[^2]: Second.\n"
    );
    // A field that prints another number stays words.
    let body = format!(
        "<w:p><w:bookmarkStart w:id=\"1\" w:name=\"n\"/><w:r><w:footnoteReference w:id=\"2\"/></w:r>{}</w:p>",
        field(" NOTEREF n \\h ", "12")
    );
    let notes = "<w:footnotes><w:footnote w:id=\"2\"><w:p><w:r><w:t>n</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let read = read(&word(&body, &[("word/footnotes.xml", notes)])).unwrap();
    assert_eq!(read.value.text, "[^1]12\n\n[^1]: n\n");
    assert_eq!(left(&read, "cross-reference"), 1);
}

#[test]
fn a_bookmark_may_say_the_id() {
    for (bookmark, id) in [
        ("_Ref100000001_price", "price"),
        ("_Ref_the__fee_1", "the-fee_1"),
        ("_Ref100000001", "payment"),
        ("Fee", "Fee"),
    ] {
        let body = format!(
            "{}<w:p>{}</w:p>",
            marked(1, 0, true, bookmark, "Payment"),
            field(&format!(" REF {bookmark} \\r "), "1")
        );
        assert_eq!(
            found(&body).value.text,
            format!("## Payment {{#{id}}}\n\n[](#{id})\n")
        );
    }
}

#[test]
fn a_table_of_contents_has_no_references() {
    let entry = format!(
        "<w:p><w:hyperlink w:anchor=\"_Ref100\">{}</w:hyperlink></w:p>",
        r("1")
    );
    let body = format!(
        "<w:p>{}{}{}</w:p>{entry}<w:p>{}</w:p>{}",
        character("begin"),
        instruction(" TOC \\o &quot;1-3&quot; \\h "),
        character("separate"),
        character("end"),
        clauses()
    );
    let read = found(&body);
    assert!(!read.value.text.contains("[](#"), "{}", read.value.text);
    // The table itself is named; none of its entries counts as a reference that was lost.
    let kinds: Vec<&WarningKind> = read.warnings.iter().map(|warning| &warning.kind).collect();
    let table = WarningKind::LeftOut {
        what: "table of contents",
        count: 1,
    };
    assert_eq!(kinds, [&table]);
}

#[test]
fn a_deleted_field_is_no_reference_on_the_side_without_it() {
    let body = format!(
        "{}<w:p>{}<w:del w:author=\"Li\">{}</w:del><w:ins w:author=\"Li\">{}</w:ins></w:p>",
        clauses(),
        r("See "),
        field(" REF _Ref100 \\r \\h ", "1")
            .replace("w:t>", "w:delText>")
            .replace("w:t ", "w:delText ")
            .replace("instrText", "delInstrText"),
        field(" REF _Ref200 \\r \\h ", "2.1"),
    );
    let bytes = word(&body, &[("word/numbering.xml", NUMBERING)]);
    let side = |changes| {
        read_with(&bytes, &ReadOptions::with_changes(changes))
            .unwrap()
            .value
            .text
    };
    let accepted = side(Changes::Accepted);
    assert!(accepted.ends_with("See [](#clause-2-1)\n"), "{accepted}");
    let rejected = side(Changes::Rejected);
    assert!(
        rejected.ends_with("See [](#definitions-and-interpretation)\n"),
        "{rejected}"
    );
}

/// The words with references printed, and how many references there are.
fn printed(document: &Document) -> (Vec<String>, usize) {
    let words = references(document, &number(document));
    // A signature block is a table in Word.
    let proses = document
        .blocks
        .iter()
        .filter(|block| !matches!(block.kind, BlockKind::Signature(_) | BlockKind::Table(_)))
        .flat_map(|block| Prose::with_references(block, &words));
    let live = format!("{:?}", document.blocks)
        .matches("Reference(")
        .count();
    (proses.map(|prose| prose.text).collect(), live)
}

/// The ids that are referred to, in order, where they fit into the name of a bookmark.
fn aims(document: &Document) -> Vec<String> {
    let shown = format!("{:?}", document.blocks);
    shown
        .split("Reference(\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .inspect(|id| assert!(id.len() <= 26, "{id}"))
        .collect()
}

fn exported(document: &Document) -> Document {
    let bytes = write(document, &Look::for_document(document))
        .unwrap()
        .value;
    parse(&read(&bytes).unwrap().value.text)
}

#[test]
fn references_of_the_shipped_templates_stay_live_for_ever() {
    let (mut live, mut kept, mut documents) = (0, 0, 0);
    for (name, document) in edits::templates() {
        let first = exported(&document);
        let again = exported(&first);
        assert_eq!(
            moqi_document::print(&first),
            moqi_document::print(&again),
            "{name}"
        );
        // Word files do not name a scheme; the numbers tell it.
        assert_eq!(
            scheme_of(&first),
            scheme_of(&document),
            "{name} is numbered otherwise"
        );
        let (before, after) = (printed(&document), printed(&first));
        documents += 1;
        live += before.1;
        kept += after.1;
        assert_eq!(before.1, after.1, "{name}");
        // Every reference has the id it had.
        assert_eq!(aims(&document), aims(&first), "{name}");
        assert_eq!(before.0, after.0, "{name}");
    }
    println!("{kept} of {live} references of {documents} templates are live again");
    assert!(live > 100 && documents > 10);
}
