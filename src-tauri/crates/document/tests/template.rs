//! Templates: checks, conditions and loops, answers.

use std::collections::BTreeMap;

use moqi_document::{
    Answer, AnswerProblemKind, Answers, BlockKind, ProblemKind, Shown, Template, asked,
    check_answers, field_at, fill, instantiate, parse, sample_answers, value_of,
};

const SALE: &str = include_str!("data/sale.md");

fn text(t: &str) -> Answer {
    Answer::Text(t.to_owned())
}

fn group(pairs: &[(&str, &str)]) -> Answers {
    pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), text(v)))
        .collect()
}

/// Front matter for the short templates below.
fn with_fields(body: &str) -> String {
    let head = "---\nlanguage: zh\nfields:\n  a: {type: text, label: 甲}\n  n: {type: number, label: 数}\n  m: {type: money, label: 款}\n  yes: {type: yesno, label: 是否}\n  d: {type: date, label: 日}\n  c: {type: choice, label: 选, options: [{value: x, label: 一}, {value: y, label: 二}]}\n  p: {type: party, label: 人}\n  t: {type: period, label: 期}\n  l: {type: longtext, label: 长}\n  w: {type: text, label: 当, when: yes}\n  g: {type: repeat, label: 组, fields: {k: {type: text, label: 键}, v: {type: money, label: 值}, s: {type: repeat, label: 子, fields: {z: {type: text, label: 末}}}}}\n---\n";
    format!("{head}{body}")
}

fn body(text: &str) -> &str {
    let at = text
        .match_indices("---\n")
        .nth(1)
        .map_or(0, |(i, m)| i + m.len());
    &text[at..]
}

fn answers() -> Answers {
    let mut a = group(&[
        ("a", "甲*乙|丙"),
        ("n", "12"),
        ("m", "1200000.00"),
        ("d", "2026-11-23"),
        ("c", "y"),
        ("t", "12 months"),
        ("l", "一\n二"),
        ("w", "旧"),
    ]);
    a.insert("yes".into(), Answer::Bool(false));
    a.insert("p".into(), Answer::Group(group(&[("name", "某公司")])));
    let mut row = group(&[("k", "K0"), ("v", "0.10")]);
    row.insert(
        "s".into(),
        Answer::List(vec![group(&[("z", "Z0")]), group(&[("z", "Z1")])]),
    );
    a.insert(
        "g".into(),
        Answer::List(vec![row, group(&[("k", "K1"), ("v", "0.20")])]),
    );
    a
}

fn show(expression: &str) -> String {
    match value_of(expression, &parse(&with_fields("")).meta, &answers()) {
        Ok(Shown::Value(words)) => words,
        Ok(Shown::Missing(_)) => "?".into(),
        Err(kind) => format!("{kind:?}"),
    }
}

#[test]
fn a_whole_contract() {
    let template = Template::parse(SALE);
    assert_eq!(template.problems, []);
    let samples = sample_answers(&template.document.meta);
    assert_eq!(check_answers(&template.document.meta, &samples), []);
    let instance = instantiate(SALE, &samples);
    assert_eq!(instance.problems, []);
    assert!(!instance.text.contains("{%"));
    assert!(
        instance
            .text
            .contains("   | 2 | {{goods.1.name}} | {{goods.1.qty}} |"),
        "{}",
        instance.text
    );
    assert!(
        instance
            .text
            .contains("定金人民币{{deposit | rmb_upper}}。")
            && !instance.text.contains("大额")
    );
    let filled = fill(&instance.text, &samples);
    assert_eq!(filled.problems, []);
    for words in [
        "出卖人（甲方）：华东精密机械有限公司",
        "买受人（乙方）：江南制造有限公司",
        "人民币壹佰贰拾万元整（¥1,200,000.00）",
        "| 1 | 数控机床 | 12 |",
        "定金人民币贰拾万元整",
        "2026年12月31日前交付，质保期12个月",
        "由甲方所在地人民法院管辖。备注：第一行<br>第二行",
    ] {
        assert!(filled.text.contains(words), "{words}\n{}", filled.text);
    }
    let mut at = 0;
    for piece in &filled.pieces {
        assert_eq!(piece.filled.start, at);
        at = piece.filled.end;
        let (f, s) = (
            &filled.text[piece.filled.start..piece.filled.end],
            &instance.text[piece.source.start..piece.source.end],
        );
        assert!(if piece.value {
            s.starts_with("{{")
        } else {
            f == s
        });
    }
    assert_eq!(at, filled.text.len());
    let mut none = samples.clone();
    none.insert("has_deposit".into(), Answer::Bool(false));
    assert!(instantiate(SALE, &none).text.contains("大额合同。"));
    none.insert("price".into(), text("100"));
    assert!(instantiate(SALE, &none).text.contains("不约定定金。"));
    assert!(!asked(&template.document.meta, &none).contains("deposit"));
    assert_eq!(instantiate(SALE, &Answers::new()).problems, []);
}

#[test]
fn expressions() {
    for (expression, expected) in [
        ("a", "甲*乙|丙"),
        ("n", "12"),
        ("m", "1,200,000.00"),
        ("m | rmb_upper", "壹佰贰拾万元整"),
        ("m * 0.3 | money", "ignored"),
        ("(m * 0.3) | rmb_upper", "叁拾陆万元整"),
        ("m * 0.3", "360,000.00"),
        ("m - 0.01", "1,199,999.99"),
        ("m / m", "1"),
        ("d", "2026年11月23日"),
        ("d | en_date", "23 November 2026"),
        ("d | us_date", "November 23, 2026"),
        ("d | iso_date", "2026-11-23"),
        ("d | zh_date_words", "二〇二六年十一月二十三日"),
        ("c", "二"),
        ("c.value", "y"),
        ("p", "某公司"),
        ("p.name", "某公司"),
        ("p.address", "?"),
        ("t", "12个月"),
        ("yes", "否"),
        ("n | zh_number", "十二"),
        ("n | en_words", "twelve"),
        ("n | ordinal", "12th"),
        ("g | sum('v')", "0.30"),
        ("g | sum(attribute='v') | rmb_upper", "叁角"),
        ("g | length", "2"),
        ("g | join('、', attribute='k')", "K0、K1"),
        ("g.1.k", "K1"),
        ("g[1].k", "K1"),
        ("g.0.s.1.z", "Z1"),
        ("g.7.k", "?"),
        ("w", "?"),
        ("w | default('无')", "无"),
        ("'x' if yes else 'y'", "y"),
        (
            "'x' if n > 3 and not yes and c == 'y' and d >= '2026-01-01' else 'y'",
            "x",
        ),
        ("'x' if c in ['x', 'y'] and c not in ['z'] else 'y'", "x"),
        ("'x' if w is defined else 'y'", "y"),
        ("a ~ '！'", "甲*乙|丙！"),
        ("n // 5 + n % 5 - -1", "5"),
    ] {
        if expected != "ignored" {
            assert_eq!(show(expression), expected, "{expression}");
        }
    }
    assert!(show("unknown").contains("UnknownField(\"unknown\")"));
    assert!(show("p.nmae").contains("UnknownField(\"p.nmae\")"));
    for bad in [
        "a +",
        "a |",
        "a | nope",
        "(a",
        "'x",
        "m + a",
        "g",
        "1 / 0",
        "a..b",
        "",
        "a b",
        "n | rmb_upper(",
        "10 ** 9",
        "not",
    ] {
        assert!(show(bad).starts_with("Template"), "{bad}: {}", show(bad));
    }
    assert!(show(&"(".repeat(10_000)).starts_with("Template"));
    assert!(
        show(&format!("{}a", "not ".repeat(400))).starts_with('否')
            || !show(&format!("{}a", "not ".repeat(400))).is_empty()
    );
}

#[test]
fn conditions_and_loops() {
    let run = |t: &str| {
        let i = instantiate(&with_fields(t), &answers());
        assert_eq!(i.problems, [], "{t}");
        body(&i.text).to_owned()
    };
    assert_eq!(
        run("{% if yes %}\nA\n{% elif n == 12 %}\nB\n{% else %}\nC\n{% endif %}\nD\n"),
        "B\nD\n"
    );
    assert_eq!(
        run(
            "{% for x in g %}\n{{loop.index}}. {{ x.k }} {{ x.v | money }} {{ loop.index | zh_number }} {{a}}\n{% endfor %}\n"
        ),
        "1. {{goods}}\n".replace("{{goods}}", "{{g.0.k}} {{g.0.v | money}} 一 {{a}}")
            + "2. {{g.1.k}} {{g.1.v | money}} 二 {{a}}\n"
    );
    assert_eq!(
        run(
            "{% for x in g %}\n{% for y in x.s %}\n{{y.z}}{{x.k}}{{ y.z if loop.last else a }}\n{% else %}\n空\n{% endfor %}\n{% endfor %}\n"
        ),
        "{{g.0.s.0.z}}{{g.0.k}}{{g.0.s.0.z if false else a}}\n{{g.0.s.1.z}}{{g.0.k}}{{g.0.s.1.z if true else a}}\n空\n"
    );
    assert_eq!(
        run("{% for x in g %}\n{% if x.v > 0.15 %}\n{{x.k}}\n{% endif %}\n{% endfor %}\n"),
        "{{g.1.k}}\n"
    );
    assert_eq!(run("{% if w %}\n当\n{% endif %}\n"), "");
    for bad in [
        "{% if a %}\nx\n",
        "{% endif %}\n",
        "{% for a %}\n{% endfor %}\n",
        "{% else %}\n",
        "{% set a = 1 %}\n",
        "x {% if a %}y{% endif %}\n",
        "{% if a + %}\n{% endif %}\n",
        "{% for x in a %}\n{% endfor %}\n",
    ] {
        assert!(
            !Template::parse(&with_fields(bad)).problems.is_empty(),
            "{bad}"
        );
        assert!(
            !instantiate(&with_fields(bad), &answers())
                .problems
                .is_empty(),
            "{bad}"
        );
    }
}

#[test]
fn values_cannot_break_the_structure() {
    let nasty = [
        "# x",
        "1. x",
        "- x",
        "a|b",
        "**",
        "```",
        "> x",
        "x\n\n# y",
        "{{a}}",
        "[x](http://y)",
        "[^1]",
        "<b>",
        "&amp;",
        "\\",
        "---",
        "~~x~~",
        "_x_",
        "!",
        "a\\",
        "|---|",
        "{#id}",
        "<!-- -->",
        "{% if x %}",
        "1.",
        "[](#x)",
        "    x",
        "===",
        "[x]: y",
        "~",
    ];
    let source = with_fields(
        "# {{a}}\n\n## 甲{{a}}\n\n{{a}}\n\n{{a}}. 乙\n\n1. {{a}}\n2. x**{{a}}**y\n\n| {{a}} | {{a}} |\n| --- | --- |\n| 1 | {{a}} |\n\n```signature\n{{a}}\n签{{a}}\n```\n\n> {{a}}\n\n{{a}}![](#x)\n",
    );
    let kinds = |t: &str| {
        parse(t)
            .blocks
            .iter()
            .map(|b| std::mem::discriminant(&b.kind))
            .collect::<Vec<_>>()
    };
    let expected = kinds(&source);
    for value in nasty {
        let filled = fill(&source, &group(&[("a", value)]));
        assert_eq!(kinds(&filled.text), expected, "{value}\n{}", filled.text);
        let document = parse(&filled.text);
        let BlockKind::Paragraph { content, .. } = &document.blocks[2].kind else {
            panic!("{value}")
        };
        assert_eq!(
            moqi_document::plain(content),
            value.trim(),
            "{}",
            filled.text
        );
        let BlockKind::Table(table) = &document.blocks[6].kind else {
            panic!("{value}")
        };
        assert_eq!(
            moqi_document::plain(&table.rows[1][1].content),
            value.trim()
        );
        let BlockKind::Signature(parties) = &document.blocks[7].kind else {
            panic!("{value}")
        };
        assert_eq!(parties[0].lines.len(), 2);
    }
}

#[test]
fn unanswered_fields_show_their_labels() {
    let source =
        with_fields("{{a}} {{p.address}} {{ m | rmb_upper }} {{zzz}} {{g.0.k}} \\{{a}} {{l}}\n");
    let filled = fill(&source, &Answers::new());
    assert_eq!(
        body(&filled.text),
        "【甲】 【人住所】 【款】 【zzz】 【键】 \\{{a}} 【长】\n"
    );
    assert_eq!(filled.problems.len(), 6);
    assert_eq!(filled.problems[1].field.as_deref(), Some("p.address"));
    assert_eq!(
        filled.problems[3].kind,
        ProblemKind::UnknownField("zzz".into())
    );
    let english = fill(
        "---\nlanguage: en\nfields:\n  a: {type: text, label: Buyer}\n---\n{{a}}(x)\n",
        &Answers::new(),
    );
    let document = parse(&english.text);
    let BlockKind::Paragraph { content, .. } = &document.blocks[0].kind else {
        panic!()
    };
    assert_eq!(moqi_document::plain(content), "[Buyer](x)");
}

#[test]
fn answers_are_checked() {
    let meta = parse(&with_fields("")).meta;
    let mut a = answers();
    let kinds = |a: &Answers| {
        check_answers(&meta, a)
            .into_iter()
            .map(|p| (p.path, p.kind))
            .collect::<BTreeMap<_, _>>()
    };
    assert_eq!(kinds(&a).keys().collect::<Vec<_>>(), ["g.1.s"]);
    a.extend(group(&[
        ("d", "2026-02-30"),
        ("m", "1.234"),
        ("c", "z"),
        ("t", "12"),
        ("n", "x"),
        ("yes", "maybe"),
        ("zz", "1"),
        ("a", " "),
    ]));
    a.insert("p".into(), Answer::Group(group(&[("adress", "x")])));
    a.insert("l".into(), Answer::Bool(true));
    a.insert("g".into(), Answer::List(vec![group(&[("v", "x")])]));
    use AnswerProblemKind as K;
    let expected = [
        ("a", K::Missing),
        ("c", K::BadChoice),
        ("d", K::BadDate),
        ("g.0.k", K::Missing),
        ("g.0.s", K::Missing),
        ("g.0.v", K::BadMoney),
        ("l", K::WrongShape),
        ("m", K::BadMoney),
        ("n", K::BadNumber),
        ("p.adress", K::UnknownField),
        ("p.name", K::Missing),
        ("t", K::BadPeriod),
        ("yes", K::BadYesNo),
        ("zz", K::UnknownField),
    ];
    assert_eq!(
        kinds(&a),
        expected
            .into_iter()
            .map(|(p, k)| (p.to_owned(), k))
            .collect()
    );
    assert_eq!(
        field_at(&meta, "g.0.s.3.z").map(|f| f.label.as_str()),
        Some("末")
    );
    assert_eq!(
        field_at(&meta, "p.name").map(|f| f.label.as_str()),
        Some("人")
    );
    for none in ["", "x", "p.x", "a.b", "g.k", "g.0.zz", "p.name.x"] {
        assert_eq!(field_at(&meta, none), None, "{none}");
    }
}

#[test]
fn front_matter_trouble_has_lines_and_names() {
    let find = |t: &str| {
        Template::parse(t)
            .problems
            .into_iter()
            .map(|p| (p.line, p.field, p.kind))
            .collect::<Vec<_>>()
    };
    let one = |t: &str, line: usize, field: Option<&str>, part: &str| {
        let found = find(t);
        assert!(
            found.iter().any(|(l, f, k)| *l == line
                && f.as_deref() == field
                && format!("{k:?}").contains(part)),
            "{t}\n{found:?}"
        );
    };
    one("---\ntitle: x\nlanguage: fr\n---\n", 3, None, "zh or en");
    one("---\ntitle: [x\n---\n", 3, None, "FrontMatter");
    one(
        "---\nfields:\n  a: {type: txt, label: x}\n---\n",
        3,
        Some("a"),
        "type",
    );
    one(
        "---\nfields:\n  a: {type: text}\n  a: {type: text}\n---\n",
        4,
        Some("a"),
        "DuplicateField",
    );
    one(
        "---\nfields:\n  a: {type: choice, label: x}\n---\n",
        3,
        Some("a"),
        "options",
    );
    one(
        "---\nfields:\n  a: {type: text, label: x, when: b}\n---\n",
        3,
        Some("a"),
        "UnknownField(\"b\")",
    );
    one(
        "---\nfields:\n  甲: {type: text}\n---\n",
        3,
        Some("甲"),
        "ASCII",
    );
    one(
        "---\ntitle: x\n---\n\n甲{{b}}\n",
        5,
        Some("b"),
        "UnknownField(\"b\")",
    );
    one("## a {#x}\n\n## b {#x}\n", 3, None, "DuplicateId");
    assert_eq!(
        find(
            "---\nfields:\n  a: {type: yesno}\n---\n{% if a %}\n## a {#x}\n{% else %}\n## b {#x}\n{% endif %}\n"
        ),
        []
    );
    let broken = parse("---\ntitle: [x\n---\n\n# 正文\n");
    assert_eq!(broken.meta.raw.as_deref(), Some("title: [x"));
    assert_eq!(broken.blocks.len(), 1);
}
