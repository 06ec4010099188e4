//! Content controls and form fields: what the text holds where they stand, where that is, and how they become fields.
#![allow(clippy::unwrap_used, reason = "a test stops at the first fault")]

mod file;

use file::{file as word, p, r};
use moqi_document::{Answer, Answers, FieldKind, Template, fill, parse, print};
use moqi_docx::{ControlKind, ReadText, controls_as_fields, read};

fn found(body: &str) -> ReadText {
    read(&word(body, &[])).unwrap().value
}

fn control(properties: &str, content: &str) -> String {
    format!("<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>")
}

/// What each control is written as.
fn written(read: &ReadText) -> Vec<&str> {
    read.controls
        .iter()
        .map(|control| {
            control
                .span
                .map_or("", |span| &read.text[span.start..span.end])
        })
        .collect()
}

const PROMPT: &str = "<w:showingPlcHdr/><w:text/>";

#[test]
fn a_prompt_stands_in_brackets_and_nothing_is_a_line_to_write_on() {
    let body = format!(
        "<w:p>{}{}{}{}</w:p><w:p>{}{}{}{}</w:p>{}",
        r("甲方："),
        control(PROMPT, &r("单击此处输入文字")),
        r("，住所："),
        control(PROMPT, &r("      ")),
        r("Name: "),
        control(PROMPT, &(r("Click or tap ") + &r("to enter text."))),
        r(", title: "),
        control(PROMPT, &r("[Title]")),
        control(PROMPT, &(p("A whole") + &p("paragraph"))),
    );
    let read = found(&body);
    assert_eq!(
        read.text,
        "甲方：【单击此处输入文字】，住所：____\n\nName: [Click or tap to enter text.], title: [Title]\n\n[A whole]\n\n[paragraph]\n"
    );
    assert_eq!(
        written(&read),
        [
            "【单击此处输入文字】",
            "____",
            "[Click or tap to enter text.]",
            "[Title]",
            "[A whole]\n\n[paragraph]"
        ]
    );
    assert!(read.controls.iter().all(|control| control.placeholder));
    assert_eq!(read.controls[2].text, "Click or tap to enter text.");
}

#[test]
fn places_are_exact_whatever_is_marked_escaped_or_nested() {
    let bold = |words: &str| {
        format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{words}</w:t></w:r>")
    };
    let body = format!(
        "<w:p>{}{}{}</w:p><w:p>{}{}</w:p><w:tbl><w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}{}</w:p></w:tc></w:tr></w:tbl>\
         <w:p>{}</w:p>{}",
        bold("Price "),
        control("<w:tag w:val=\"a\"/>", &bold(" EUR *5* ")),
        bold(" net"),
        control("<w:tag w:val=\"b\"/>", &(r("one ") + &bold("two"))),
        bold("three"),
        r("cell"),
        r("1. "),
        control("<w:tag w:val=\"c\"/>", &r("a|b")),
        control(
            "<w:tag w:val=\"d\"/>",
            &(r("in ") + &control("<w:tag w:val=\"e\"/>", &r("&lt;it&gt;")) + &r("side"))
        ),
        control("<w:tag w:val=\"f\"/>", &(p("first") + &p("second"))),
    );
    let read = found(&body);
    let document = parse(&read.text);
    for control in &read.controls {
        let span = control.span.unwrap();
        let inner = parse(&read.text[span.start..span.end]);
        // What is written there are the words of the control.
        let squeezed = |words: &str| words.split_whitespace().collect::<String>();
        let words: String = inner
            .blocks
            .iter()
            .flat_map(moqi_document::Prose::of)
            .map(|prose| prose.text)
            .collect();
        let tag = control.tag.as_deref().unwrap();
        // Half of a bold pair is a sign of its own when it stands alone.
        let words = words.replace("**", "");
        assert_eq!(
            squeezed(&words),
            squeezed(&control.text),
            "{tag}: {}",
            read.text
        );
    }
    assert_eq!(document.blocks.len(), 6, "{}", read.text);
    assert_eq!(
        read.controls.iter().map(|c| c.line).collect::<Vec<_>>(),
        [1, 3, 5, 8, 8, 10]
    );
}

/// A field of a form as Word wrote them before content controls.
fn form(name: &str, data: &str, kind: &str, result: &str) -> String {
    let result = match result {
        "" => String::new(),
        result => format!("<w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>{result}"),
    };
    format!(
        "<w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:name w:val=\"{name}\"/><w:enabled/><w:calcOnExit w:val=\"0\"/>{data}</w:ffData></w:fldChar></w:r>\
         <w:r><w:instrText> {kind} </w:instrText></w:r>{result}<w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"
    )
}

#[test]
fn fields_of_old_forms_are_controls_that_show_what_word_shows() {
    let list = |result: &str| {
        format!(
            "<w:ddList>{result}<w:listEntry w:val=\"Rent\"/><w:listEntry w:val=\"Sale\"/></w:ddList>"
        )
    };
    let tick = |state: &str| {
        format!("<w:checkBox><w:sizeAuto/><w:default w:val=\"0\"/>{state}</w:checkBox>")
    };
    let body = format!(
        "<w:p>{}{}{}{}{}{}{}{}{}</w:p>",
        r("Name "),
        form(
            "Text1",
            "<w:textInput><w:default w:val=\"x\"/></w:textInput>",
            "FORMTEXT",
            &(r("Li ") + &r("Lei"))
        ),
        r(" born "),
        form(
            "Day",
            "<w:textInput><w:type w:val=\"date\"/></w:textInput>",
            "FORMTEXT",
            &r("\u{2002}\u{2002}\u{2002}")
        ),
        r(" buys "),
        form("What", &list("<w:result w:val=\"1\"/>"), "FORMDROPDOWN", ""),
        form("Default", &list(""), "FORMDROPDOWN", ""),
        form("Yes", &tick("<w:checked/>"), "FORMCHECKBOX", ""),
        form("No", &tick(""), "FORMCHECKBOX", ""),
    );
    let read = found(&body);
    assert_eq!(read.text, "Name Li Lei born ____ buys SaleRent☒☐\n");
    let items = || ControlKind::DropDown(vec!["Rent".into(), "Sale".into()]);
    let controls: Vec<_> = read
        .controls
        .iter()
        .map(|c| {
            (
                c.tag.as_deref().unwrap(),
                c.kind.clone(),
                c.text.as_str(),
                c.placeholder,
                c.checked,
            )
        })
        .collect();
    assert_eq!(
        controls,
        [
            ("Text1", ControlKind::Text, "Li Lei", false, None),
            ("Day", ControlKind::Date, "", true, None),
            ("What", items(), "Sale", false, None),
            ("Default", items(), "Rent", false, None),
            ("Yes", ControlKind::CheckBox, "☒", false, Some(true)),
            ("No", ControlKind::CheckBox, "☐", false, Some(false)),
        ]
    );
    assert_eq!(written(&read), ["Li Lei", "____", "Sale", "Rent", "☒", "☐"]);
}

#[test]
fn boxes_are_ticked_or_not() {
    let tick = |state: u8, content: &str| {
        control(
            &format!(
                "<w14:checkbox><w14:checked w14:val=\"{state}\"/><w14:checkedState w14:val=\"2612\"/></w14:checkbox>"
            ),
            content,
        )
    };
    let sign = "<w:r><w:sym w:font=\"Wingdings\" w:char=\"F0FE\"/></w:r>";
    let read = found(&format!(
        "<w:p>{}{}{}</w:p>",
        tick(1, sign),
        tick(0, &r("☐")),
        tick(1, "")
    ));
    assert_eq!(read.text, "☑☐☒\n");
    let checked: Vec<Option<bool>> = read.controls.iter().map(|c| c.checked).collect();
    assert_eq!(checked, [Some(true), Some(false), Some(true)]);
}

/// The template of a file, with its fields declared.
fn template(read: &ReadText) -> (String, Vec<moqi_document::Field>) {
    let fields = controls_as_fields(&read.text, &read.controls);
    let mut document = parse(&fields.text);
    document.meta.fields = fields.fields.clone();
    let text = print(&document);
    let problems = Template::parse(&text).problems;
    assert!(problems.is_empty(), "{problems:?}\n{text}");
    (fields.text, fields.fields)
}

#[test]
fn controls_become_fields_of_a_template() {
    let bold = |words: &str| {
        format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{words}</w:t></w:r>")
    };
    let list = "<w:tag w:val=\"if\"/><w:dropDownList><w:listItem w:displayText=\"Choose one\" w:value=\"\"/><w:listItem w:value=\"Rent\"/><w:listItem w:value=\"Rent\"/><w:listItem w:value=\"Sale\"/></w:dropDownList>";
    let note = "<w:r><w:footnoteReference w:id=\"2\"/></w:r>";
    let body = format!(
        "<w:p>{}{}{}{}{}</w:p><w:p>{}{}</w:p><w:p>{}{}{}</w:p><w:p>{}{}</w:p><w:p>{}</w:p>{}<w:p>{}</w:p>",
        r("By "),
        control(
            "<w:alias w:val=\"Party A\"/><w:tag w:val=\"party-a\"/>",
            &bold("Moqi *Ltd*")
        ),
        bold(" and "),
        control("<w:tag w:val=\"party-a\"/>", &r("Moqi Ltd")),
        r(" on 1 May"),
        r("签订日期："),
        control("<w:date/><w:showingPlcHdr/>", &r("单击此处选择日期")),
        control(list, &r("Sale")),
        r(" or "),
        control(
            "<w14:checkbox><w14:checked w14:val=\"1\"/></w14:checkbox><w:tag w:val=\"2 agrees\"/>",
            &r("☒")
        ),
        r("名称："),
        control(
            "",
            &(r("out ") + &control("<w:tag w:val=\"inner\"/>", &r("in")))
        ),
        control("<w:tag w:val=\"note\"/>", &(r("with") + note)),
        control("<w:tag w:val=\"two\"/>", &(p("one") + &p("two"))),
        control("<w:tag w:val=\"picture\"/><w:picture/>", &r("picture")),
    );
    let file = word(
        &body,
        &[(
            "word/footnotes.xml",
            &format!(
                "<w:footnotes><w:footnote w:id=\"2\">{}</w:footnote></w:footnotes>",
                p("n")
            ),
        )],
    );
    let read = read(&file).unwrap().value;
    let (text, fields) = template(&read);
    assert_eq!(
        text,
        "By **{{party_a}} and** {{party_a}} on 1 May\n\n签订日期：{{field}}\n\n{{if_field}} or {{'☒' if field_2_agrees else '☐'}}\n\n\
         名称：out {{inner}}\n\nwith[^1]\n\none\n\ntwo\n\npicture\n\n[^1]: n\n"
    );
    let kinds: Vec<(&str, &str)> = fields
        .iter()
        .map(|f| (f.name.as_str(), f.label.as_str()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("party_a", "Party A"),
            ("field", "签订日期"),
            ("if_field", "if"),
            ("field_2_agrees", "2 agrees"),
            ("inner", "inner")
        ]
    );
    assert_eq!(fields[1].kind, FieldKind::Date);
    let FieldKind::Choice(options) = &fields[2].kind else {
        panic!("{:?}", fields[2]);
    };
    assert_eq!(options.len(), 2);
    assert_eq!(fields[2].sample, Some(Answer::Text("Sale".into())));
    assert_eq!(fields[3].sample, Some(Answer::Bool(true)));
    // Filled with its samples the template says what the file said.
    let mut document = parse(&text);
    document.meta.fields = fields.clone();
    let answers: Answers = fields
        .iter()
        .filter_map(|f| Some((f.name.clone(), f.sample.clone()?)))
        .collect();
    let filled = fill(&print(&document), &answers).text;
    assert!(
        filled.contains("Sale or ☒\n") && filled.contains("名称：out in\n"),
        "{filled}"
    );
}

#[test]
fn a_text_without_controls_stays_as_it_is() {
    let read = found(&p("words"));
    let fields = controls_as_fields(&read.text, &read.controls);
    assert_eq!((fields.text.as_str(), fields.fields.len()), ("words\n", 0));
    // A place that is no longer in the text is passed over.
    let read = found(&format!(
        "<w:p>{}</w:p>",
        control("<w:tag w:val=\"t\"/>", &r("words"))
    ));
    assert!(controls_as_fields("wo", &read.controls).fields.is_empty());
}

#[test]
fn ten_thousand_controls_take_no_square_of_time() {
    let one = control("<w:tag w:val=\"t\"/><w:text/>", &r("a*"));
    let start = std::time::Instant::now();
    for body in [
        format!("<w:p>{}</w:p>", one.repeat(10_000)),
        format!("<w:p>{one}</w:p>").repeat(10_000),
        format!("<w:p>{}</w:p>", control(PROMPT, &r("b c")).repeat(10_000)),
    ] {
        let read = found(&body);
        assert_eq!(read.controls.len(), 10_000);
        assert!(read.controls.iter().all(|control| control.span.is_some()));
        let fields = controls_as_fields(&read.text, &read.controls);
        assert!(fields.text.len() > 10_000);
    }
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
