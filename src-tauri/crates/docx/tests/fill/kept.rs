//! Content controls and fields of Word.

use moqi_document::FieldKind;
use moqi_docx::{SlotKind, Values, WarningKind};

use super::{filled, found, p, values, words};

const CONTROLS: &str = concat!(
    "<w:p><w:r><w:t xml:space=\"preserve\">Seller: </w:t></w:r><w:sdt><w:sdtPr><w:rPr><w:b/></w:rPr><w:alias w:val=\"The seller\"/><w:tag w:val=\"seller\"/><w:id w:val=\"7\"/><w:showingPlcHdr/><w:dataBinding w:xpath=\"/a\"/><w:text/></w:sdtPr>",
    "<w:sdtContent><w:r><w:rPr><w:rStyle w:val=\"PlaceholderText\"/></w:rPr><w:t>Click </w:t></w:r><w:r><w:t>here</w:t></w:r></w:sdtContent></w:sdt></w:p>",
    "<w:sdt><w:sdtPr><w:tag w:val=\"day\"/><w:date w:fullDate=\"2020-01-01T00:00:00Z\"><w:dateFormat w:val=\"yyyy年M月d日\"/></w:date></w:sdtPr><w:sdtContent><w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr><w:r><w:t>old</w:t></w:r></w:p></w:sdtContent></w:sdt>",
    "<w:p><w:sdt><w:sdtPr><w:tag w:val=\"court\"/><w:dropDownList><w:listItem w:displayText=\"Choose\" w:value=\"\"/><w:listItem w:displayText=\"High Court\" w:value=\"hc\"/></w:dropDownList></w:sdtPr><w:sdtContent><w:r><w:rPr><w:i/><w:rStyle w:val=\"PlaceholderText\"/></w:rPr><w:t>Choose</w:t></w:r></w:sdtContent></w:sdt></w:p>",
    "<w:p><w:sdt><w:sdtPr><w:alias w:val=\"是否含税\"/><w14:checkbox><w14:checked w14:val=\"0\"/><w14:checkedState w14:val=\"2612\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>☐</w:t></w:r></w:sdtContent></w:sdt></w:p>",
);

#[test]
fn controls_keep_their_tags_and_lose_their_placeholders() {
    let slots = found(CONTROLS);
    let names: Vec<_> = slots.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["seller", "day", "court", "是否含税"]);
    assert!(slots.iter().all(|s| s.kind == SlotKind::Control));
    assert_eq!(
        (&slots[0].value, &slots[1].value, &slots[3].value),
        (&FieldKind::Party, &FieldKind::Date, &FieldKind::YesNo)
    );
    assert!(
        matches!(&slots[2].value, FieldKind::Choice(options) if options.len() == 1 && options[0].label == "High Court")
    );
    assert_eq!(slots[0].text, "Click here");

    let (out, warnings) = filled(
        CONTROLS,
        &values(&[
            ("seller", "Acme"),
            ("day", "2026-03-05"),
            ("court", "hc"),
            ("是否含税", "是"),
        ]),
    );
    for piece in [
        "<w:sdtPr><w:rPr><w:b/></w:rPr><w:alias w:val=\"The seller\"/><w:tag w:val=\"seller\"/><w:id w:val=\"7\"/><w:text/></w:sdtPr><w:sdtContent><w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">Acme</w:t></w:r></w:sdtContent>",
        "<w:date w:fullDate=\"2026-03-05T00:00:00Z\"><w:dateFormat w:val=\"yyyy年M月d日\"/></w:date></w:sdtPr><w:sdtContent><w:p><w:pPr><w:jc w:val=\"left\"/></w:pPr><w:r><w:t xml:space=\"preserve\">2026年3月5日</w:t></w:r></w:p>",
        "<w:r><w:rPr><w:i/></w:rPr><w:t xml:space=\"preserve\">High Court</w:t></w:r>",
        "<w14:checked w14:val=\"1\"/><w14:checkedState w14:val=\"2612\"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t xml:space=\"preserve\">☒</w:t></w:r>",
    ] {
        assert!(out.contains(piece), "{piece}\nis missing in\n{out}");
    }
    let kinds: Vec<_> = warnings.iter().map(|w| &w.kind).collect();
    assert_eq!(kinds, [&WarningKind::Unbound("document:0".into())]);
}

#[test]
fn a_value_that_is_no_choice_is_refused() {
    let (out, warnings) = filled(CONTROLS, &values(&[("court", "Supreme")]));
    assert_eq!(out, CONTROLS);
    assert!(
        warnings.iter().any(
            |w| matches!(&w.kind, WarningKind::NotAChoice { value, .. } if value == "Supreme")
        )
    );
}

const FIELDS: &str = concat!(
    "<w:p><w:r><w:t>Dear </w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText> MERGEFIELD </w:instrText></w:r><w:r><w:instrText>Client \\* Upper </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>«Client»</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r><w:r><w:t>,</w:t></w:r></w:p>",
    "<w:p><w:fldSimple w:instr=\" MERGEFIELD &quot;Due Date&quot; \"><w:r><w:rPr><w:i/></w:rPr><w:t>«Due Date»</w:t></w:r></w:fldSimple></w:p>",
    "<w:p><w:r><w:t>Name: </w:t></w:r><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:name w:val=\"Text1\"/></w:ffData></w:fldChar></w:r><w:r><w:instrText> FORMTEXT </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>\u{2002}\u{2002}</w:t></w:r><w:r><w:t>\u{2002}</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
    "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:name w:val=\"Tick\"/><w:checkBox><w:sizeAuto/><w:default w:val=\"0\"/></w:checkBox></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
    "<w:p><w:r><w:fldChar w:fldCharType=\"begin\"><w:ffData><w:name w:val=\"List\"/><w:ddList><w:listEntry w:val=\"A\"/><w:listEntry w:val=\"B\"/></w:ddList></w:ffData></w:fldChar></w:r><w:r><w:instrText>FORMDROPDOWN</w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p>",
);

#[test]
fn fields_of_mail_merge_and_forms_are_filled() {
    let names: Vec<_> = found(FIELDS).into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["Client", "Due Date", "Text1", "Tick", "List"]);
    let (out, warnings) = filled(
        FIELDS,
        &values(&[
            ("Client", "Ada"),
            ("Due Date", "May"),
            ("Text1", "Bob"),
            ("Tick", "yes"),
            ("List", "B"),
        ]),
    );
    assert!(warnings.is_empty(), "{warnings:?}");
    for piece in [
        "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">ADA</w:t></w:r><w:r><w:t>,</w:t></w:r>",
        "<w:p><w:r><w:rPr><w:i/></w:rPr><w:t xml:space=\"preserve\">May</w:t></w:r></w:p>",
        "<w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t xml:space=\"preserve\">Bob</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/>",
        "<w:default w:val=\"0\"/><w:checked w:val=\"1\"/></w:checkBox>",
        "<w:ddList><w:result w:val=\"1\"/><w:listEntry w:val=\"A\"/>",
    ] {
        assert!(out.contains(piece), "{piece}\nis missing in\n{out}");
    }
    assert!(!out.contains("MERGEFIELD"));
    let (same, _) = filled(FIELDS, &Values::default());
    assert_eq!(same, FIELDS);
}

#[test]
fn a_text_box_and_its_older_form_are_one_slot() {
    let inner = format!("<w:txbxContent>{}</w:txbxContent>", p("Date: ____"));
    let body = format!(
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:drawing>{inner}</w:drawing></mc:Choice><mc:Fallback><w:pict>{inner}</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>{}",
        p("To: ____")
    );
    let slots = found(&body);
    assert_eq!(
        slots.iter().map(|s| s.id.as_str()).collect::<Vec<_>>(),
        ["document:0", "document:1"]
    );
    let mut values = Values::default();
    values.slots.insert(slots[0].id.clone(), "May".into());
    let (out, _) = filled(&body, &values);
    assert_eq!(words(&out).matches("Date: May").count(), 2, "{out}");
}
