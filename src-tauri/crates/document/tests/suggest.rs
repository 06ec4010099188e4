//! A document becomes a template, and the template with what stood there says what it said.

use std::path::Path;

use moqi_document::{
    Answer, Answers, Prose, Suggestion, Template, Why, fill, instantiate, parse, sample_answers,
    suggest, templated,
};

/// The words of a text, line by line.
fn words(text: &str) -> String {
    let blocks = parse(text).blocks;
    let lines: Vec<String> = blocks.iter().flat_map(Prose::of).map(|p| p.text).collect();
    lines.join("\n")
}

/// The body of a text, as a document drafted from a template holds it: no fields are left in its front matter.
fn body(text: &str) -> String {
    match text
        .strip_prefix("---\n")
        .and_then(|t| t.split_once("\n---\n"))
    {
        Some((_, body)) => body.trim_start().to_owned(),
        None => text.to_owned(),
    }
}

/// Every shipped template, drafted with its examples: its name, itself, its document.
fn drafts() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
    let mut all = Vec::new();
    for language in ["zh", "en"] {
        let folder = std::fs::read_dir(root.join(language)).expect("the shipped templates");
        for entry in folder {
            let path = entry.expect("an entry").path();
            if path.extension().is_none_or(|e| e != "md") {
                continue;
            }
            let template = std::fs::read_to_string(&path).expect("a template");
            let answers = sample_answers(&parse(&template).meta);
            let draft = fill(&instantiate(&template, &answers).text, &answers).text;
            let name = path
                .file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned();
            all.push((name, template, body(&draft)));
        }
    }
    all.sort();
    assert!(all.len() >= 15, "{}", all.len());
    all
}

/// The words a template has when every field is answered with what stood there.
fn refilled(template: &str, accepted: &[Suggestion]) -> String {
    let answers: Answers = accepted
        .iter()
        .filter_map(|s| Some((s.name.clone(), s.sample.clone()?)))
        .collect();
    let mut text = words(&fill(template, &answers).text);
    // A blank has no answer: its label stands there in brackets.
    for s in accepted.iter().filter(|s| s.sample.is_none()) {
        for shown in [format!("【{}】", s.label), format!("[{}]", s.label)] {
            text = text.replacen(&shown, &s.found, s.places.len());
        }
    }
    text
}

#[test]
fn a_draft_becomes_a_template_that_says_the_same() {
    for (name, _, draft) in drafts() {
        let all = suggest(&draft);
        let template = templated(&draft, &all);
        assert_eq!(Template::parse(&template).problems, [], "{name}");
        assert_eq!(refilled(&template, &all), words(&draft), "{name}");
        // Its samples are written into the template itself.
        let answers = sample_answers(&parse(&template).meta);
        let filled = words(&fill(&template, &answers).text);
        if all.iter().all(|s| s.sample.is_some()) {
            assert_eq!(filled, words(&draft), "{name}");
        }
        for s in &all {
            assert_eq!(s.places.len(), s.filters.len());
            assert!(s.places.is_sorted(), "{name} {s:?}");
        }
    }
}

/// The figures of a template that its draft shows: how many parties, days and amounts it fills in, and how many are offered.
#[test]
fn what_a_template_filled_in_is_offered_again() {
    let (mut wanted, mut met, mut missed) = (0, 0, Vec::new());
    for (name, template, draft) in drafts() {
        let all = suggest(&draft);
        let offered = |text: &str| all.iter().any(|s| s.found == text);
        let meta = parse(&template).meta;
        let said = words(&draft);
        for field in &meta.fields {
            let values: Vec<String> = match (&field.kind, &field.sample) {
                (moqi_document::FieldKind::Party, Some(Answer::Group(parts))) => parts
                    .values()
                    .filter_map(|part| match part {
                        Answer::Text(text) => Some(text.clone()),
                        _ => None,
                    })
                    .collect(),
                (moqi_document::FieldKind::Date, Some(Answer::Text(text))) => {
                    let date = moqi_document::Date::parse(text).expect("a day");
                    vec![if name.starts_with("en") {
                        date.en()
                    } else {
                        date.zh()
                    }]
                }
                (moqi_document::FieldKind::Money { .. }, Some(Answer::Text(text))) => {
                    vec![moqi_document::money(
                        moqi_document::parse_money(text).expect("an amount"),
                    )]
                }
                _ => Vec::new(),
            };
            // 360,000.00 does not stand in 1,360,000.00.
            let stands = |value: &String| {
                said.match_indices(value.as_str())
                    .any(|(at, _)| !said[..at].ends_with(|c: char| c.is_ascii_digit() || c == ','))
            };
            for value in values.into_iter().filter(stands) {
                wanted += 1;
                if offered(&value) {
                    met += 1;
                } else {
                    missed.push(format!("{name}: {} {value}", field.name));
                }
            }
        }
    }
    println!("{met} of {wanted} offered; not: {missed:#?}");
    assert!(met * 100 >= wanted * 98, "{met} of {wanted}: {missed:#?}");
}

#[test]
fn parties_are_one_field_each() {
    for (_, template, draft) in drafts() {
        let all = suggest(&draft);
        for s in all.iter().filter(|s| s.why == Why::Party) {
            let same = all
                .iter()
                .filter(|other| other.found == s.found && other.why == Why::Party);
            assert_eq!(same.count(), 1, "{}", s.found);
            assert!(template.contains("type: party"));
        }
    }
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

const PARTS: [&str; 66] = [
    "甲方：",
    "乙方（盖章）：",
    "南京远见置业有限公司",
    "张三",
    "（以下简称“远见”）",
    "地址：",
    "江苏省南京市建邺区100号",
    "，",
    "。",
    "；",
    "联系人",
    "电话13800000007",
    "2026年11月29日",
    "2026年01月05日",
    "二〇二六年十一月二十九日",
    "2026-11-29",
    "签订日期：",
    "于",
    "人民币",
    "1,200,000.00",
    "1200000",
    "元",
    "（大写：",
    "壹佰贰拾万元整",
    "壹佰贰拾万圆整",
    "）",
    "年利率为4.35%",
    "租赁期限为3年",
    "10天",
    "Seller: ",
    "Acme, Inc.",
    "Acme Ltd",
    ", a company incorporated in England (the “Seller”)",
    " between ",
    " and ",
    "29 November 2026",
    "November 29, 2026",
    "Term: 12 months",
    "$3,000.5",
    "£20",
    "legal@acme.example",
    "____",
    "[●]",
    "\\[Name]",
    "【】",
    "{{a}}",
    "**",
    "*",
    "`",
    "\\*",
    "&amp;",
    "<br>",
    "[见](https://a.b)",
    "[](#c)",
    "| ",
    "\n\n",
    "\n\n",
    "\n\n",
    "\n",
    "\n\n1. ",
    "\n\n- ",
    "\n\n## ",
    "\n\n| a | b |\n| --- | --- |\n| ",
    "\n\n> ",
    "\n\n```signature\n",
    "\n```\n\n",
];

#[test]
fn any_text_says_the_same_once_its_fields_are_filled() {
    let mut dice = Dice(0x5EED_0004);
    let (mut offered, mut places) = (0, 0);
    for round in 0..4000 {
        let mut text = String::from("---\nfields:\n  a: {type: text, default: A}\n---\n\n");
        for _ in 0..2 + round % 40 {
            text.push_str(dice.pick(&PARTS));
        }
        let all: Vec<Suggestion> = suggest(&text)
            .into_iter()
            .filter(|s| s.sample.is_some())
            .collect();
        offered += all.len();
        places += all.iter().map(|s| s.places.len()).sum::<usize>();
        for s in &all {
            assert_eq!(s.places.len(), s.filters.len(), "{text}");
        }
        let template = templated(&text, &all);
        let answers = sample_answers(&parse(&template).meta);
        assert_eq!(
            words(&fill(&template, &answers).text),
            words(&fill(&text, &Answers::new()).text),
            "{text}\n----\n{template}"
        );
    }
    assert!(
        offered > 9_000 && places > offered,
        "{offered} fields in {places} places"
    );
}

#[test]
fn hostile_texts_do_not_hang() {
    // Large enough to tell linear from quadratic work only where `cargo xtask test` asks for it.
    let bytes = match std::env::var_os("MOQI_GATES") {
        Some(_) => 500_000,
        None => 50_000,
    };
    let mut hostile: Vec<String> = PARTS
        .into_iter()
        .chain([
            "甲方：公司\n\n",
            "简称",
            "（以下简称“",
            "(the “",
            "[",
            "【】年",
            "¥1",
            "1,",
            "壹",
            "@",
            "：",
            ":",
            "registered office is at ",
            "《",
            "“A” means ",
            "\\{\\{ a }}",
            "\\{\\{",
            "\\{",
            "{",
            "{{",
            "\\{a} ",
            "\\{% if a %}",
            "\\{% if a %}x\\{% endif %}",
            "\\{#a}",
            "\\{#a}\\{b}\\{/a}",
            "\\{/a}",
            "\\{#a}\n\n\\{b}\n\n\\{/}\n\n",
            "\\{% for x in a %}\\{\\{ x.b }}\\{% endfor %}",
            "{% if a %}\n",
            "| \\{a} | [●] |\n|---|---|\n",
            "\\",
            "\u{a0}",
        ])
        .map(|unit| unit.repeat(bytes / unit.len()))
        .collect();
    let many = |line: &dyn Fn(usize) -> String| -> String {
        let mut text = String::new();
        let mut i = 0;
        while text.len() < bytes {
            text.push_str(&line(i));
            i += 1;
        }
        text
    };
    hostile.extend([
        many(&|i| format!("甲方：第{i}号公司\n\n")),
        many(&|i| format!("Party {i} Ltd (the “Seller {i}”), ")),
        many(&|i| format!("地址{i}：江苏省南京市{i}号，")),
        many(&|i| format!("标签{i}日：2026年11月29日，")),
        many(&|i| format!("\\{{\\{{ a{i}.b }}}} ")),
        many(&|i| format!("\\{{变量{i}}} ")),
        many(&|i| format!("\\{{% for x{i} in y{i} %}}\n\n")),
        many(&|i| format!("{{% if a == 'b{i}' %}}\n{{% endif %}}\n")),
    ]);
    let count = hostile.len();
    // Linear work takes a second or two for each, quadratic work minutes: the limit is no measure, it ends a hang.
    let (done, each) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for text in &hostile {
            let _ = done.send(text.chars().take(24).collect::<String>());
            let _ = templated(text, &suggest(text));
            let _ = moqi_document::from_tags(text);
        }
    });
    let (mut last, mut ran) = (String::new(), 0);
    loop {
        match each.recv_timeout(std::time::Duration::from_secs(60)) {
            Ok(head) => (last, ran) = (head, ran + 1),
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => panic!("hangs on {last:?}…"),
        }
    }
    assert_eq!(ran, count, "stopped at {last:?}…");
    assert!(last.starts_with("{% if a == 'b0'"), "stopped at {last:?}…");
}
