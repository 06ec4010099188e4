//! Texts made to hurt do not keep the program from its work.

use std::sync::mpsc;
use std::time::Duration;

use moqi_document::{Answers, Template, fill, instantiate, number, parse, print};

#[test]
fn hostile_texts_do_not_hang() {
    // Large enough to tell linear from quadratic work only where `cargo xtask test` asks for it.
    let n = match std::env::var_os("MOQI_GATES") {
        Some(_) => 200_000,
        None => 20_000,
    };
    let hostile = [
        "> ".repeat(n),
        ">".repeat(n),
        "- ".repeat(n) + "x",
        "1. ".repeat(n) + "x",
        "> - ".repeat(n) + "x",
        (0..500)
            .map(|i| format!("{}- x\n", "  ".repeat(i)))
            .collect(),
        format!("{}\n", "> ".repeat(15)).repeat(n / 30),
        "[".repeat(n),
        "[]".repeat(n),
        "](".repeat(n),
        "](#".repeat(n),
        "](<".repeat(n),
        "[](#a".repeat(n),
        "[^a".repeat(n),
        "1".repeat(n) + &"[^a]".repeat(n),
        "1".repeat(n) + &".**a".repeat(n),
        " ".repeat(n) + &".**a".repeat(n),
        " ".repeat(n) + &"~~~ ".repeat(n),
        "- ".repeat(n) + &"_".repeat(n),
        "{.a} ".repeat(n) + &"\t".repeat(n),
        "---\n".repeat(n),
        "```\n".repeat(n),
        "#".repeat(n),
        "a".to_owned() + &"&#32;".repeat(n),
        "[a](".repeat(n),
        "![".repeat(n),
        "*a **b ".repeat(n),
        "**".repeat(n),
        "~~a ".repeat(n),
        "`".repeat(n) + "a",
        (0..600).map(|i| format!("{} a ", "`".repeat(i))).collect(),
        "{{".repeat(n),
        "{{a".repeat(n),
        "{% if a %}\n".repeat(n),
        "{% for x in g %}\n".repeat(n),
        "{#a".repeat(n),
        "[^a]: x\n\n".repeat(n / 4),
        "[](#a)".repeat(n),
        "| a ".repeat(2000) + "|\n" + &"| - ".repeat(2000) + "|\n" + &"| b |\n".repeat(2000),
        "<a ".repeat(n),
        "<!-- ".repeat(n),
        "_".repeat(4 * n),
        "a_".repeat(n),
        "\\".repeat(n),
        "&".repeat(n),
        "中".repeat(n) + &"**".repeat(n),
        format!("---\na: {}\n---\n", "[".repeat(n)),
        format!("---\na: &x [{}]\n---\n", "*x,".repeat(n)),
        format!("---\n{}---\n", "a: 1\n".repeat(n / 4)),
        format!(
            "---\nfields:\n{}---\n",
            (0..2000)
                .map(|i| format!("  f{i}: {{type: text, when: f{}}}\n", i + 1))
                .collect::<String>()
        ),
        format!("{{{{{}}}}}", "(".repeat(n)),
        "# a {#x}\n".repeat(n),
    ];
    let answers = Answers::new();
    // Linear work takes a second or two for each, quadratic work minutes: the limit is no measure, it ends a hang.
    let (done, each) = mpsc::channel();
    std::thread::spawn(move || {
        for text in &hostile {
            let head: String = text.chars().take(24).collect();
            let _ = done.send(head);
            let document = parse(text);
            let _ = print(&document);
            let _ = number(&document);
            let _ = fill(text, &answers);
            let _ = instantiate(text, &answers);
            let _ = Template::parse(text);
        }
    });
    let mut last = String::new();
    loop {
        match each.recv_timeout(Duration::from_secs(60)) {
            Ok(head) => last = head,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("hangs on {last:?}…"),
        }
    }
    assert!(last.starts_with("# a {#x}"), "stopped at {last:?}…");
}

#[test]
fn a_long_contract_keeps_its_numbers() {
    let mut text = String::from("---\nlanguage: zh\n---\n\n# 合同\n\n");
    for i in 0..300 {
        text.push_str(&format!("## 标题{i} {{#c{i}}}\n\n"));
        for _ in 0..4 {
            text.push_str("1. 甲方应当按照本合同的约定向乙方交付货物，**乙方**应当在收到货物后十日内支付价款；逾期付款的，按照[](#c0)承担违约责任，违约金不超过{{price}}元。\n");
        }
        text.push('\n');
    }
    let document = parse(&text);
    let numbering = number(&document);
    assert_eq!(document.blocks.len(), 1501);
    assert_eq!(
        numbering.labels[1500].as_ref().map(|l| l.text.as_str()),
        Some("四、")
    );
}
