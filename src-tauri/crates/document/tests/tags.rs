//! Templates of other programs become ours.

use moqi_document::{
    Answer, Answers, FieldKind, KeptWhy, TagStyle, Template, fill, from_tags, instantiate, parse,
    tag_style,
};

/// The body of the template that a text becomes, its fields as `name: kind`, and why tags stay.
fn made(text: &str) -> (String, Vec<String>, Vec<KeptWhy>) {
    let tagged = from_tags(text);
    let read = Template::parse(&tagged.text);
    assert_eq!(read.problems, [], "{}", tagged.text);
    for kept in &tagged.kept {
        let source = &text[kept.span.start..kept.span.end];
        assert_eq!(source.replace('\\', ""), kept.tag);
    }
    let body = match tagged
        .text
        .strip_prefix("---\n")
        .and_then(|t| t.split_once("\n---\n"))
    {
        Some((_, body)) => body.trim_start().to_owned(),
        None => tagged.text.clone(),
    };
    let fields = read.document.meta.fields.iter();
    let fields = fields
        .map(|f| format!("{}: {}", f.name, kind(&f.kind)))
        .collect();
    (body, fields, tagged.kept.iter().map(|k| k.why).collect())
}

fn kind(kind: &FieldKind) -> String {
    match kind {
        FieldKind::Money { currency } => currency.clone(),
        FieldKind::Choice(options) => {
            let all: Vec<_> = options.iter().map(|o| o.value.as_str()).collect();
            all.join("/")
        }
        FieldKind::Repeat(fields) => {
            let all: Vec<_> = fields
                .iter()
                .map(|f| format!("{} {}", f.name, self::kind(&f.kind)))
                .collect();
            format!("[{}]", all.join(", "))
        }
        other => format!("{other:?}").to_lowercase(),
    }
}

fn check(text: &str, body: &str, fields: &[&str], kept: &[KeptWhy]) {
    let (b, f, k) = made(text);
    assert_eq!((b.as_str(), k.as_slice()), (body, kept), "{text}");
    assert_eq!(f, fields, "{text}");
}

#[test]
fn values_and_their_kinds() {
    check(
        "By \\{\\{ client.name }}, \\{\\{ price\\|currency }}, $\\{\\{ fee }}, \\{\\{r signing_date }}, \\{\\{ due|date('%d') }} and \\{\\{ client['phone'] | upper }}.\n",
        "By {{client_name}}, {{price | money}}, ${{fee}}, {{signing_date}}, {{due}} and {{client_phone | upper}}.\n",
        &[
            "client_name: party",
            "price: USD",
            "fee: USD",
            "signing_date: date",
            "due: date",
            "client_phone: text",
        ],
        &[],
    );
    check(
        "甲方：\\{甲方名称}，签订日期：\\{签订日期}，\\{合同编号}，\\{=x.y}\n",
        "甲方：{{party_a}}，签订日期：{{signing_date}}，{{contract_number}}，{{x_y}}\n",
        &[
            "party_a: party",
            "signing_date: date",
            "contract_number: text",
            "x_y: text",
        ],
        &[],
    );
}

#[test]
fn conditions_around_paragraphs() {
    check(
        "A\n\n\\{%p if has_guarantor %}\n\nB \\{\\{ guarantor }}\n\n\\{%p elif kind == 'x' or kind == “y” %}\n\nC\n\n\\{%p else %}\n\nD\n\n\\{%p endif %}\n\nE\n",
        "A\n\n{% if has_guarantor %}\n\nB {{guarantor}}\n\n{% elif kind == 'x' or kind == 'y' %}\n\nC\n\n{% else %}\n\nD\n\n{% endif %}\n\nE\n",
        &["has_guarantor: yesno", "kind: x/y", "guarantor: party"],
        &[],
    );
    // At the edges of paragraphs, around one, in list items and under marks.
    check(
        "\\{% if a %}One\n\nTwo\\{% endif %}\n\n1. \\{% if b %}**Three**\\{% endif %}\n2. **\\{%- if c -%}**\n3. Four\n4. \\{% endif %}\n",
        "{% if a %}\nOne\n\nTwo\n{% endif %}\n\n{% if b %}\n1. **Three**\n{% endif %}\n{% if c %}\n3. Four\n{% endif %}\n",
        &["a: yesno", "b: yesno", "c: yesno"],
        &[],
    );
    check(
        "\\{#has_pet}\n\nPets: \\{pet_name}\n\n\\{/has_pet}\n\n\\{^has_pet}\n\nNone\n\n\\{/}\n",
        "{% if has_pet %}\n\nPets: {{pet_name}}\n\n{% endif %}\n\n{% if not has_pet %}\n\nNone\n\n{% endif %}\n",
        &["has_pet: yesno", "pet_name: text"],
        &[],
    );
}

#[test]
fn conditions_and_loops_in_a_sentence() {
    check(
        "Pay \\{% if urgent %}now, by \\{\\{ method }}\\{% else %}later\\{% endif %} in \\{% if x %}full\\{% endif %}.\n",
        "Pay {{'now, by ' ~ method if urgent else 'later'}} in {{'full' if x else ''}}.\n",
        &["urgent: yesno", "method: text", "x: yesno"],
        &[],
    );
    check(
        "For \\{% for p in parties %}\\{\\{ p.name }}\\{% if not loop.last %}, \\{% endif %}\\{% endfor %} and \\{#tags}\\{.}; \\{/tags}\n",
        "For {{parties | join(', ', attribute='name')}} and \\{#tags}\\{.}; \\{/tags}\n",
        &["parties: [name text]"],
        &[],
    );
    check(
        "Tags \\{#tags}\\{.}; \\{/tags}.\n",
        "Tags {{(tags | join('; ', attribute='value') ~ '; ') if tags else ''}}.\n",
        &["tags: [value text]"],
        &[],
    );
}

#[test]
fn loops_over_rows_and_paragraphs() {
    check(
        "| Item | Price |\n| --- | --- |\n| \\{%tr for item in order.items %} |  |\n| \\{\\{ loop.index }} \\{\\{ item.name }} | $\\{\\{ item.unit.price }} |\n| \\{%tr endfor %} |  |\n",
        "| Item | Price |\n| --- | --- |\n{% for item in order_items %}\n| {{loop.index}} {{item.name}} | ${{item.unit_price}} |\n{% endfor %}\n",
        &["order_items: [name text, unit_price USD]"],
        &[],
    );
    check(
        "| \\{#goods}\\{name} | \\{qty}\\{/goods} |\n| --- | --- |\n\nTotal \\{total}\n",
        "|  |  |\n| --- | --- |\n{% for row in goods %}\n| {{row.name}} | {{row.qty}} |\n{% endfor %}\n\nTotal {{total}}\n",
        &["goods: [name text, qty text]", "total: text"],
        &[],
    );
    // The row of a tag is often merged into one cell.
    check(
        "| Item | Price |\n| --- | --- |\n| \\{%tr for i in xs %} | < |\n| \\{\\{ i.name }} | < |\n| \\{%tr endfor %} | < |\n",
        "| Item | Price |\n| --- | --- |\n{% for i in xs %}\n| {{i.name}} | < |\n{% endfor %}\n",
        &["xs: [name text]"],
        &[],
    );
    check(
        "\\{% for a in authors %}\n\n- \\{\\{ a.name }} of \\{\\{ firm }}\n\n\\{%p for b in a.books %}\n\n\\{\\{ b }}\n\n\\{%p endfor %}\n\n\\{% endfor %}\n",
        "{% for a in authors %}\n\n- {{a.name}} of {{firm}}\n\n{% for b in a.books %}\n\n{{b.value}}\n\n{% endfor %}\n\n{% endfor %}\n",
        &["authors: [name text, books [value text]]", "firm: text"],
        &[],
    );
}

#[test]
fn what_ours_cannot_say_stays_and_is_named() {
    check(
        "\\{% set x = 1 %}\n\n\\{\\{ f(x) }} and \\{\\{ y|frobnicate }}, \\{\\{ z }}\n\n\\{% if g(z) %}\n\nA \\{\\{ a }}\n\n\\{% else %}\n\nB\n\n\\{% endif %}\n\n\\{% endfor %}\n",
        "\\{% set x = 1 %}\n\n\\{\\{ f(x) }} and \\{\\{ y|frobnicate }}, {{z}}\n\n\\{% if g(z) %}\n\nA {{a}}\n\n\\{% else %}\n\nB\n\n\\{% endif %}\n\n\\{% endfor %}\n",
        &["z: text", "a: text"],
        &[
            KeptWhy::Statement,
            KeptWhy::Expression,
            KeptWhy::Expression,
            KeptWhy::Expression,
            KeptWhy::Expression,
            KeptWhy::Expression,
            KeptWhy::Unmatched,
        ],
    );
    // Bare tags get backslashes, so that the words are no tag of ours.
    check(
        "{{ f(x) }} {{ y }}\n\n{% set z = 1 %}\n",
        "\\{\\{ f(x) }} {{y}}\n\n\\{\\% set z = 1 %}\n",
        &["y: text"],
        &[KeptWhy::Expression, KeptWhy::Statement],
    );
    check(
        "See \\{% if a %}one\n\nand two\\{% endif %} three\n",
        "See \\{% if a %}one\n\nand two\\{% endif %} three\n",
        &[],
        &[KeptWhy::Place, KeptWhy::Place],
    );
}

#[test]
fn a_template_of_ours_is_not_touched() {
    let ours =
        "---\nfields:\n  a: text\n---\n\n# T {#id}\n\n{% if a %}\n{{a}} and {b}\n{% endif %}\n";
    assert_eq!(from_tags(ours).text, ours);
    for (text, style) in [
        (ours, None),
        ("# Heading {#conf}\n\nNo tag {see here}.\n", None),
        ("\\{\\{ a }}", Some(TagStyle::Jinja)),
        ("{% if a %}\nx\n{% endif %}\n", Some(TagStyle::Jinja)),
        ("Dear \\{name},", Some(TagStyle::Braces)),
        (
            "---\nfields:\n  a: text\n---\n\n{{a}} \\{\\{ b }}",
            Some(TagStyle::Jinja),
        ),
    ] {
        assert_eq!(tag_style(text), style, "{text}");
    }
    // Fields that are there stay, and a tag of the same name is the same field.
    check(
        "---\nlanguage: en\nfields:\n  a: {type: date}\n---\n\n{{a}} \\{\\{ b }} \\{\\{ a }}\n",
        "{{a}} {{b}} {{a}}\n",
        &["a: date", "b: text"],
        &[],
    );
}

#[test]
fn the_shipped_templates_come_back_unchanged() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
    let mut count = 0;
    for language in ["zh", "en"] {
        for entry in std::fs::read_dir(root.join(language)).expect("templates") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|e| e == "md") {
                let text = std::fs::read_to_string(&path).expect("a template");
                let tagged = from_tags(&text);
                assert_eq!(
                    (tagged.text == text, tagged.style),
                    (true, None),
                    "{path:?}"
                );
                count += 1;
            }
        }
    }
    assert!(count >= 15);
}

#[test]
fn the_template_says_what_theirs_would() {
    let tagged = from_tags(
        "\\{%p if client.vip %}\n\nDear \\{\\{ client.name }},\n\n\\{%p endif %}\n\n| \\{%tr for i in items %} |  |\n| --- | --- |\n| \\{\\{ i.name }} | \\{\\{ i.price }} |\n| \\{%tr endfor %} |  |\n\nYou pay\\{% if vip_rate %} only\\{% endif %} $\\{\\{ total_price }}.\n",
    );
    let row = |name: &str, price: &str| {
        Answers::from([
            ("name".to_owned(), Answer::Text(name.into())),
            ("price".to_owned(), Answer::Text(price.into())),
        ])
    };
    let answers = Answers::from([
        ("client_vip".to_owned(), Answer::Bool(true)),
        ("vip_rate".to_owned(), Answer::Bool(false)),
        ("client_name".to_owned(), Answer::Text("Ann".into())),
        ("total_price".to_owned(), Answer::Text("3".into())),
        (
            "items".to_owned(),
            Answer::List(vec![row("tea", "1"), row("ink", "2")]),
        ),
    ]);
    let filled = fill(&instantiate(&tagged.text, &answers).text, &answers);
    assert_eq!(filled.problems, []);
    let blocks = parse(&filled.text).blocks;
    let words: Vec<String> = blocks
        .iter()
        .flat_map(moqi_document::Prose::of)
        .map(|p| p.text)
        .collect();
    assert_eq!(
        words.join("/"),
        "Dear Ann,///tea/1.00/ink/2.00/You pay $3.00."
    );
}

/// xorshift: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn pick<'a>(&mut self, all: &[&'a str]) -> &'a str {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        all[(self.0 % all.len() as u64) as usize]
    }
}

const JINJA: [&str; 32] = [
    "\\{\\{ a }}",
    "\\{\\{ a.b|currency }}",
    "\\{\\{ f(a) }}",
    "\\{% if a %}",
    "\\{% if f(a) %}",
    "\\{% elif b == 'x' %}",
    "\\{% else %}",
    "\\{% endif %}",
    "\\{% endif %}",
    "\\{%p if c %}",
    "\\{%p endif %}",
    "\\{% for x in xs %}",
    "\\{\\{ x.y }}",
    "\\{\\{ x }}",
    "\\{\\{ loop.index }}",
    "\\{% if not loop.last %}, \\{% endif %}",
    "\\{% endfor %}",
    "\\{%tr for r in x.rows %}",
    "\\{%tr endfor %}",
    "\\{# c #}",
    "\\{% set z = 1 %}",
    "{{ q }}",
    "{% if q %}\n",
    "{% endif %}\n",
    "words ",
    "**",
    "\n\n",
    "\n\n",
    "\n\n| a | b |\n| --- | --- |\n| ",
    " | ",
    " |\n",
    "\n\n1. ",
];
const BRACES: [&str; 22] = [
    "\\{a}",
    "\\{a.b}",
    "\\{价款}",
    "\\{#xs}",
    "\\{#has_x}",
    "\\{name}",
    "\\{.}",
    "\\{^xs}",
    "\\{/}",
    "\\{/xs}",
    "\\{/has_x}",
    "\\{IF a == 'x'}",
    "\\{END-IF}",
    "\\{FOR i IN xs}",
    "\\{$i.name}",
    "\\{END-FOR i}",
    "words ",
    "\n\n",
    "\n\n",
    "\n\n| a | b |\n| --- | --- |\n| ",
    " | ",
    " |\n",
];

#[test]
fn whatever_tags_there_are_the_template_is_sound_and_comes_back_unchanged() {
    let mut dice = Dice(0x5EED_0007);
    let (mut fields, mut kept, mut lines, mut whole) = (0, 0, 0, 0);
    for round in 0..6000 {
        let parts: &[&str] = if round % 2 == 0 { &JINJA } else { &BRACES };
        let mut text = String::from("Start ");
        for _ in 0..1 + round % 24 {
            text.push_str(dice.pick(parts));
        }
        let tagged = from_tags(&text);
        let read = Template::parse(&tagged.text);
        assert_eq!(read.problems, [], "{text}\n----\n{}", tagged.text);
        fields += read.document.meta.fields.len();
        kept += tagged.kept.len();
        lines += tagged
            .text
            .lines()
            .filter(|line| line.starts_with("{%"))
            .count();
        if tagged.kept.is_empty() && !read.document.meta.fields.is_empty() {
            assert_eq!(from_tags(&tagged.text).text, tagged.text, "{text}");
            whole += 1;
        }
    }
    assert!(
        fields > 8_000 && kept > 8_000 && lines > 1_000 && whole > 100,
        "{fields} {kept} {lines} {whole}"
    );
}
