//! Conditions and loops of template languages, alone and beside docxtpl.

use moqi_document::{Answer, Answers, FieldKind};
use moqi_docx::{SlotKind, Values, WarningKind};

use super::{filled, found, named, p, values, words};

/// What the templates here are filled with.
pub(super) fn data() -> Answers {
    let row = |name: &str, qty: &str| named(&[("name", name), ("qty", qty)]);
    Answers::from([
        ("client".to_owned(), Answer::Text("Ada & Co".into())),
        (
            "seller".to_owned(),
            Answer::Group(named(&[("name", "acme ltd")])),
        ),
        ("taxed".to_owned(), Answer::Bool(true)),
        ("secret".to_owned(), Answer::Bool(false)),
        (
            "goods".to_owned(),
            Answer::List(vec![row("Lathe", "2"), row("Mill", "1"), row("Drill", "7")]),
        ),
        ("none".to_owned(), Answer::List(Vec::new())),
    ])
}

fn with_data(body: &str) -> (String, Vec<WarningKind>) {
    let (out, warnings) = filled(
        body,
        &Values {
            named: data(),
            ..Values::default()
        },
    );
    (out, warnings.into_iter().map(|w| w.kind).collect())
}

fn row(cells: &[&str]) -> String {
    let cells: String = cells
        .iter()
        .map(|c| format!("<w:tc><w:tcPr/>{}</w:tc>", p(c)))
        .collect();
    format!("<w:tr w14:paraId=\"0B\">{cells}</w:tr>")
}

#[test]
fn rows_paragraphs_and_words_are_repeated() {
    let table = format!(
        "<w:tbl><w:tblPr/>{}{}{}{}</w:tbl>",
        row(&["Name", "Qty"]),
        row(&["{%tr for g in goods %}", ""]),
        row(&["{{ loop.index }}. {{ g.name }}", "{{ g.qty }}"]),
        row(&["{%tr endfor %}", ""])
    );
    let (out, warnings) = with_data(&table);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        words(&out),
        "Name\nQty\n1. Lathe\n2\n2. Mill\n1\n3. Drill\n7\n"
    );
    // Ids of Word stand once only.
    assert_eq!(out.matches("w14:paraId").count(), 2, "{out}");

    let text = [
        p("{%p if taxed and goods %}"),
        p("Tax of {{ client }}"),
        p("{%p else %}"),
        p("No tax"),
        p("{%p endif %}"),
        p("{%p for g in goods %}"),
        p("{{ g.name | upper }}{% if g.qty > 1 %} × {{ g.qty }}{% else %} alone{% endif %}"),
        p("{%p endfor %}"),
        p("All: {% for g in goods %}{{ g.name }}{% if not loop.last %}, {% endif %}{% endfor %}{# note #}."),
    ]
    .concat();
    let (out, warnings) = with_data(&text);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        words(&out),
        "Tax of Ada & Co\nLATHE × 2\nMILL alone\nDRILL × 7\nAll: Lathe, Mill, Drill.\n"
    );
}

#[test]
fn sections_of_docxtemplater_work_at_every_level() {
    let body = [
        p("{client}: {#goods}{name} {/goods}{^none}nothing{/none}{#secret}hidden{/secret}"),
        p("{#goods}"),
        p("- {name} for {client}"),
        p("{/goods}{#taxed}"),
        p("taxed"),
        p("{/taxed}"),
        format!("<w:tbl>{}</w:tbl>", row(&["{#goods}{name}", "{qty}{/}"])),
        format!(
            "<w:tbl>{}</w:tbl>",
            row(&["{IF secret}Secret", "{client}{END-IF}"])
        ),
        p("{FOR g IN goods}{$g.name};{END-FOR g}"),
    ]
    .concat();
    let (out, warnings) = with_data(&body);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        words(&out),
        "Ada & Co: Lathe Mill Drill nothing\n- Lathe for Ada & Co\n- Mill for Ada & Co\n- Drill for Ada & Co\ntaxed\nLathe\n2\nMill\n1\nDrill\n7\nLathe;Mill;Drill;\n"
    );
}

#[test]
fn a_cell_and_the_looks_survive_what_goes() {
    let cell = format!(
        "<w:tbl><w:tr><w:tc>{}{}{}</w:tc></w:tr></w:tbl>",
        p("{%p if secret %}"),
        p("x"),
        p("{%p endif %}")
    );
    let (out, _) = with_data(&cell);
    assert_eq!(out, "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>");
    let link = "<w:p><w:hyperlink r:id=\"a\"><w:r><w:t>{% for g in goods %}</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>{{ g.name }}</w:t></w:r><w:r><w:t>{% endfor %}</w:t></w:r></w:hyperlink></w:p>";
    let (out, _) = with_data(link);
    assert_eq!(out.matches("<w:hyperlink").count(), 1);
    let bold = "<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">LatheMillDrill</w:t></w:r>";
    assert!(out.contains(bold), "{out}");
}

#[test]
fn what_cannot_be_carried_out_stays_and_is_named() {
    let body = [
        p("{% if x %}"),
        p("{{ f(x) }} {{ y }}"),
        p("{% endif %}"),
        p("{% endfor %} {% set a = 1 %}"),
    ]
    .concat();
    let (out, warnings) = with_data(&body);
    assert_eq!(out, body);
    let lost: Vec<_> = warnings.iter().map(|w| format!("{w:?}")).collect();
    for words in ["f(x)", "endfor", "set a", "\"y\"", "\"x\""] {
        assert!(
            lost.iter().any(|w| w.contains(words)),
            "{words} is missing in {lost:?}"
        );
    }
    // A condition that is not known does not keep the rest from being filled.
    let (out, _) = filled(&body, &values(&[("y", "known")]));
    assert_eq!(
        words(&out),
        "{% if x %}\n{{ f(x) }} known\n{% endif %}\n{% endfor %} {% set a = 1 %}\n"
    );
    // A loop that cuts an element of the paragraph is left alone.
    let cut = "<w:p><w:r><w:t>{% for g in goods %}a</w:t></w:r><w:hyperlink r:id=\"a\"><w:r><w:t>b{% endfor %}</w:t></w:r></w:hyperlink></w:p>";
    assert_eq!(with_data(cut).0, cut);
}

#[test]
fn slots_say_what_a_template_asks() {
    let body = [
        p("{% if taxed %}{{ tax_date }}{% endif %}"),
        p("{% for g in goods %}{{ g.name }} {{ g.qty }}{% endfor %}"),
    ]
    .concat();
    let slots = found(&body);
    let got: Vec<_> = slots.iter().map(|s| (s.kind, s.name.as_str())).collect();
    assert_eq!(
        got,
        [
            (SlotKind::Condition, "taxed"),
            (SlotKind::Tag, "tax_date"),
            (SlotKind::Loop, "goods"),
            (SlotKind::Tag, "g.name"),
            (SlotKind::Tag, "g.qty"),
        ]
    );
    assert_eq!(slots[1].value, FieldKind::Date);
    let FieldKind::Repeat(rows) = &slots[2].value else {
        panic!("no rows")
    };
    assert_eq!(
        rows.iter().map(|f| f.name.as_str()).collect::<Vec<_>>(),
        ["name", "qty"]
    );
}

#[test]
fn loops_that_would_fill_the_disk_are_refused() {
    let rows = Answer::List(vec![named(&[("a", "x")]); 2000]);
    let open = "{% for r in rows %}".repeat(3);
    let body = p(&format!(
        "{open}{}{}",
        "words ".repeat(40),
        "{% endfor %}".repeat(3)
    ));
    let values = Values {
        named: Answers::from([("rows".to_owned(), rows)]),
        ..Values::default()
    };
    assert!(matches!(
        moqi_docx::fill(&super::file(&body), &values),
        Err(moqi_docx::ReadError::TooLarge(_))
    ));
}

/// docxtpl's own words for the same template and data, made by `tests/reference/word/docxtpl/make.py`.
#[test]
fn a_template_comes_out_as_docxtpl_fills_it() {
    let body = include_str!("../../../../../tests/reference/word/docxtpl/template.xml");
    let expected = include_str!("../../../../../tests/reference/word/docxtpl/filled.json");
    // A list of strings, one a line, as the script writes it.
    let expected: Vec<String> = expected
        .lines()
        .filter_map(|line| {
            line.trim()
                .trim_end_matches(',')
                .strip_prefix('"')?
                .strip_suffix('"')
        })
        .map(|line| line.replace("\\\"", "\""))
        .collect();
    let group = |pairs: &[(&str, &str)]| Answer::Group(named(pairs));
    let part = |title: &str, note: &str, steps: &[&str]| {
        let mut row = named(&[("title", title), ("note", note)]);
        let steps = steps.iter().map(|text| named(&[("text", text)])).collect();
        row.insert("steps".to_owned(), Answer::List(steps));
        row
    };
    let good = |name: &str, qty: &str| named(&[("name", name), ("qty", qty)]);
    let mut named = named(&[
        ("client", "华东公司"),
        ("day", "2026-11-23"),
        ("place", "london"),
        ("rate", "20"),
    ]);
    named.extend([
        ("seller".to_owned(), group(&[("name", "Acme & Sons <Ltd>")])),
        ("taxed".to_owned(), Answer::Bool(true)),
        ("secret".to_owned(), Answer::Bool(false)),
        (
            "parts".to_owned(),
            Answer::List(vec![
                part("Delivery", "by sea", &["load the ship", "sail"]),
                part("Payment", "", &["pay"]),
            ]),
        ),
        (
            "goods".to_owned(),
            Answer::List(vec![good("Gears", "2"), good("Shafts", "12")]),
        ),
    ]);
    let (out, warnings) = filled(
        body,
        &Values {
            named,
            ..Values::default()
        },
    );
    assert!(warnings.is_empty(), "{warnings:?}");
    let out = words(&out);
    let lines: Vec<&str> = out.strip_suffix('\n').unwrap().split('\n').collect();
    assert_eq!(lines, expected);
}
