//! Texts made to hurt do not keep a check from its end.

use std::sync::mpsc;
use std::time::Duration;

use moqi_document::parse;
use moqi_rules::{Profile, check};

#[test]
fn hostile_texts_do_not_hang() {
    // Large enough to tell linear from quadratic work only where `cargo xtask test` asks for it.
    let n = match std::env::var_os("MOQI_GATES") {
        Some(_) => 300_000,
        None => 20_000,
    };
    let texts = [
        "](".repeat(n),
        "](#".repeat(n),
        "{{".repeat(n),
        format!("{}}}}}", "{{a".repeat(n)),
        "\"".repeat(n),
        "“".repeat(n),
        "（".repeat(n),
        "（】".repeat(n),
        "____ ".repeat(n / 8),
        "【】".repeat(n / 8),
        "第一条 ".repeat(n / 8),
        "clause 1 ".repeat(n / 64),
        "甲方应当向甲方".repeat(n / 16),
        "2026年1月1日".repeat(n / 16),
        "人民币1元（大写：壹元整）".repeat(n / 32),
    ];
    // Linear work takes a second or two for each, quadratic work minutes: the limit is no measure, it ends a hang.
    let (done, each) = mpsc::channel();
    std::thread::spawn(move || {
        for text in &texts {
            let head: String = text.chars().take(12).collect();
            let _ = done.send(head);
            let _ = check(&parse(text), &Profile::default());
        }
        let _ = done.send("end".to_owned());
    });
    let mut last = String::new();
    while last != "end" {
        match each.recv_timeout(Duration::from_secs(60)) {
            Ok(head) => last = head,
            Err(_) => panic!("hangs or stops on {last:?}…"),
        }
    }
}
