//! Numbers typed as words become numbering where they count on, and stay words where they do not.
#![allow(clippy::unwrap_used, reason = "a test stops at the first fault")]

mod file;

use file::{file as word, p};
use moqi_docx::{ReadText, read};

fn found(paragraphs: &[&str]) -> ReadText {
    let body: String = paragraphs.iter().map(|words| p(words)).collect();
    read(&word(&body, &[])).unwrap().value
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.is_empty()).collect()
}

fn labels(read: &ReadText) -> Vec<&str> {
    let lines: Vec<&str> = read.text.lines().collect();
    for label in &read.labels {
        assert!(label.typed && !lines[label.line - 1].is_empty());
    }
    read.labels
        .iter()
        .map(|label| label.label.as_str())
        .collect()
}

#[test]
fn a_chinese_contract_with_typed_numbers_has_clauses() {
    let read = found(&[
        "买卖合同",
        "第一条　标的",
        "出卖人交付设备。",
        "第二条 价款",
        "一、总价一百元。",
        "二、分期支付：",
        "（一）首期；",
        "（二）中期；",
        "（三）尾款。",
        "三、逾期付款的，支付违约金。",
        "第三条：争议解决",
        "协商解决。",
    ]);
    assert_eq!(
        lines(&read.text),
        [
            "买卖合同",
            "## 标的",
            "出卖人交付设备。",
            "## 价款",
            "1. 总价一百元。",
            "2. 分期支付：",
            "   1. 首期；",
            "   2. 中期；",
            "   3. 尾款。",
            "3. 逾期付款的，支付违约金。",
            "## 争议解决",
            "协商解决。",
        ]
    );
    assert_eq!(
        labels(&read),
        [
            "第一条",
            "第二条",
            "一、",
            "二、",
            "（一）",
            "（二）",
            "（三）",
            "三、",
            "第三条"
        ]
    );
}

#[test]
fn an_english_contract_with_typed_numbers_has_clauses() {
    let read = found(&[
        "1. Definitions",
        "1.1 In this Agreement words have meanings.",
        "1.2 Those are:",
        "(a) one;",
        "(b) two; and",
        "(c) three.",
        "2.  Fees",
        "2.1 The Client pays.",
        "(a) monthly; and",
        "(b) in advance.",
        "3. Term",
        "3.1 One year.",
    ]);
    assert_eq!(
        lines(&read.text),
        [
            "## Definitions",
            "1. In this Agreement words have meanings.",
            "2. Those are:",
            "   1. one;",
            "   2. two; and",
            "   3. three.",
            "## Fees",
            "1. The Client pays.",
            "   1. monthly; and",
            "   2. in advance.",
            "## Term",
            "1. One year.",
        ]
    );
    assert_eq!(labels(&read)[..4], ["1.", "1.1", "1.2", "(a)"]);
}

#[test]
fn letters_and_roman_numerals_are_told_apart_by_counting_on() {
    let letters: Vec<String> = ('a'..='j').map(|c| format!("({c}) words")).collect();
    let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
    assert_eq!(labels(&found(&letters)).len(), 10);
    let roman = found(&[
        "(i) words",
        "(ii) words",
        "(iii) words",
        "(iv) words",
        "(v) words",
    ]);
    assert_eq!(labels(&roman).len(), 5);
}

#[test]
fn a_year_an_amount_or_a_quoted_article_is_left_alone() {
    for paragraphs in [
        &["2024. was a good year", "2025. was better", "2026. is best"][..],
        &[
            "2024年，双方签约。",
            "1.5 万元为定金。",
            "3.2 million euro is the price.",
        ],
        &["100.50 元", "101.50 元", "102.50 元"],
        &[
            "第五百八十五条 当事人可以约定违约金。",
            "第五百八十六条 当事人可以约定定金。",
            "第五百八十七条 债务人履行债务的。",
        ],
        &["第一条规定的义务", "第二条约定的权利", "第三条所称的货物"],
        // Two are no list, nor are three that do not count on.
        &["1. One", "2. Two", "Then nothing"],
        &["1. One", "3. Three", "4. Four"],
        &[
            "Section 1 applies.",
            "Section 2 applies.",
            "Section 3 applies.",
        ],
        &["(a) one", "(c) three", "(d) four"],
    ] {
        let read = found(paragraphs);
        assert!(read.labels.is_empty(), "{:?}", read.labels);
        let plain: Vec<String> = lines(&read.text)
            .iter()
            .map(|line| line.replace('\\', ""))
            .collect();
        assert_eq!(plain, paragraphs);
    }
}

#[test]
fn a_file_with_numbers_of_word_keeps_typed_ones_as_words() {
    let numbering = "<w:numbering><w:abstractNum w:abstractNumId=\"1\"><w:lvl w:ilvl=\"0\"><w:start w:val=\"1\"/><w:numFmt w:val=\"decimal\"/><w:lvlText w:val=\"%1.\"/></w:lvl></w:abstractNum>\
                     <w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>";
    let listed = "<w:p><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr><w:r><w:t>listed</w:t></w:r></w:p>";
    let body = [listed, &p("(a) one"), &p("(b) two"), &p("(c) three")].concat();
    let read = read(&word(&body, &[("word/numbering.xml", numbering)]))
        .unwrap()
        .value;
    assert_eq!(
        lines(&read.text),
        ["1. listed", "(a) one", "(b) two", "(c) three"]
    );
}

#[test]
fn a_text_names_the_scheme_whose_numbers_its_file_has() {
    let decimal = found(&[
        "第一条　标的",
        "1.1 出卖人交付设备。",
        "1.2 买受人验收。",
        "1.3 验收合格后付款。",
        "第二条　价款",
        "2.1 总价一百元。",
        "第三条　其他",
    ]);
    assert_eq!(
        decimal.text.lines().take(5).collect::<Vec<_>>(),
        ["---", "numbering: zh-decimal", "---", "", "## 标的"]
    );
    let document = moqi_document::parse(&decimal.text);
    let ours = moqi_document::number(&document).labels;
    let ours: Vec<String> = ours.into_iter().flatten().map(|label| label.text).collect();
    assert_eq!(ours, labels(&decimal));
    // The usual numbers need no name, and too few or too mixed numbers give none.
    for paragraphs in [
        &[
            "第一条 标的",
            "一、交付。",
            "二、验收。",
            "三、付款。",
            "第二条 价款",
            "第三条 其他",
        ][..],
        &["1. 甲方付款。", "2. 乙方交货。"],
        &["A. One.", "B. Two.", "C. Three."],
    ] {
        assert!(!found(paragraphs).text.starts_with("---"), "{paragraphs:?}");
    }
}
