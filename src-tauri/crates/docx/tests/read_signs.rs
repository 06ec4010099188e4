//! Readings, signs, merged cells, indents: what Word draws is in the text as words, or is counted.
#![allow(clippy::unwrap_used, reason = "a test stops at the first fault")]

mod file;

use file::{file as word, p, r};
use moqi_document::{BlockKind, parse};
use moqi_docx::{ReadText, Warned, WarningKind, read};

fn found(body: &str) -> Warned<ReadText> {
    read(&word(body, &[])).unwrap()
}

fn left_out(read: &Warned<ReadText>) -> Vec<(&'static str, usize)> {
    let of = |kind: &WarningKind| match kind {
        WarningKind::LeftOut { what, count } => Some((*what, *count)),
        _ => None,
    };
    read.warnings.iter().filter_map(|w| of(&w.kind)).collect()
}

#[test]
fn a_reading_follows_its_characters() {
    let ruby = |reading: &str, base: &str| {
        format!(
            "<w:r><w:rPr><w:b/></w:rPr><w:t>（</w:t><w:ruby><w:rubyPr><w:lid w:val=\"zh-CN\"/></w:rubyPr><w:rt><w:r><w:rPr><w:i/></w:rPr><w:t>{reading}</w:t></w:r></w:rt>\
             <w:rubyBase><w:r><w:rPr><w:b/></w:rPr><w:t>{base}</w:t></w:r></w:rubyBase></w:ruby><w:t>）</w:t></w:r>"
        )
    };
    let body = format!(
        "<w:p>{}{}</w:p><w:p>{}</w:p><w:p><w:del w:author=\"Li\">{}</w:del>{}</w:p>",
        r("法定代表人："),
        ruby("zhé", "喆"),
        ruby("", "無"),
        ruby("x", "去").replace("w:t>", "w:delText>"),
        r("留")
    );
    let read = found(&body);
    assert_eq!(
        read.value.text,
        "法定代表人：**（喆（zhé））**\n\n**（無）**\n\n留\n"
    );
    assert_eq!(left_out(&read), [("deletion", 1)]);
}

#[test]
fn signs_and_breaks_inside_a_run_are_words() {
    let font = |font: &str, words: &str| {
        format!(
            "<w:r><w:rPr><w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\"/></w:rPr><w:t>{words}</w:t></w:r>"
        )
    };
    let body = format!(
        "<w:p><w:r><w:t>co</w:t><w:noBreakHyphen/><w:t>op</w:t><w:softHyphen/><w:t>tion</w:t><w:cr/><w:t>next</w:t><w:ptab w:alignment=\"right\"/><w:t>right</w:t>\
         <w:tab/><w:t>tab</w:t><w:br w:type=\"textWrapping\"/><w:sym w:font=\"Symbol\" w:char=\"F0A3\"/><w:sym w:font=\"Wingdings 2\" w:char=\"0052\"/></w:r>{}{}{}</w:p>",
        font("Wingdings", "o \u{f0fe}"),
        font("Webdings", "a"),
        font("Arial", "o"),
    );
    let read = found(&body);
    assert_eq!(read.value.text, "co-option\\\nnext right tab\\\n≤☑□ ☑ao\n");
    assert_eq!(left_out(&read), [("symbol", 1)]);
}

#[test]
fn merged_cells_say_their_words_once_and_others_are_counted() {
    let cell = |properties: &str, words: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{}</w:tc>", p(words))
    };
    let (starts, goes_on) = ("<w:vMerge w:val=\"restart\"/>", "<w:vMerge/>");
    let body = format!(
        "<w:tbl><w:tr>{}{}{}</w:tr><w:tr>{}{}</w:tr><w:tr><w:trPr><w:gridBefore w:val=\"1\"/></w:trPr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell("", "Item"),
        cell("", "Count"),
        cell("", "Price"),
        cell(starts, "Lathe"),
        cell("<w:gridSpan w:val=\"2\"/>", "on request"),
        cell(starts, "two"),
        cell("", "9"),
        cell(goes_on, ""),
        cell("<w:vMerge w:val=\"continue\"/>", "still said"),
    );
    let read = found(&body);
    assert_eq!(
        read.value.text,
        "| Item | Count | Price |\n| --- | --- | --- |\n| Lathe | on request | < |\n|  | two<br>still said | 9 |\n|  | ^ |  |\n"
    );
    // One goes on with a cell that is not there.
    assert_eq!(left_out(&read), [("merged cell", 1)]);
}

#[test]
fn an_indented_paragraph_is_body_text() {
    let indented = |indent: &str, words: &str| {
        format!("<w:p><w:pPr><w:ind {indent}/></w:pPr>{}</w:p>", r(words))
    };
    let indents = [
        "w:firstLineChars=\"200\" w:firstLine=\"480\"",
        "w:firstLineChars=\"200\"",
        "w:firstLine=\"420\"",
        "w:left=\"840\" w:leftChars=\"400\"",
        "w:left=\"720\" w:hanging=\"360\"",
    ];
    let mut body: String = indents
        .iter()
        .enumerate()
        .map(|(n, indent)| indented(indent, &format!("甲方应当付款{n}。")))
        .collect();
    // Typed blanks, as people without styles make them.
    body += &p("　　乙方应当交货。");
    body += &indented("w:firstLineChars=\"200\"", "    四个空格。");
    body += "<w:p><w:r><w:tab/><w:t>tab</w:t></w:r></w:p>";
    let read = found(&body);
    let blocks = parse(&read.value.text).blocks;
    assert_eq!(blocks.len(), 8, "{}", read.value.text);
    for block in &blocks {
        let BlockKind::Paragraph {
            depth: 0,
            quote: false,
            content,
        } = &block.kind
        else {
            panic!("{block:?}");
        };
        let words = moqi_document::plain(content);
        assert!(!words.starts_with(char::is_whitespace) && !words.is_empty());
    }
    assert!(read.warnings.is_empty());
}

#[test]
fn an_indented_clause_is_still_a_clause() {
    let clause = |number: &str| {
        format!(
            "<w:p><w:pPr><w:ind w:firstLineChars=\"200\"/></w:pPr>{}</w:p>{}",
            r(&format!("　　第{number}条　权利")),
            p("　　正文。")
        )
    };
    let body: String = ["一", "二", "三"].into_iter().map(clause).collect();
    let one = "## 权利\n\n正文。\n";
    assert_eq!(found(&body).value.text, [one, one, one].join("\n"));
}
