//! How long a search takes among 10,000 clauses: `cargo run --release -p moqi-store --example search_speed`.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example prints and stops at the first fault"
)]

use std::time::Instant;

use moqi_store::{Kind, Shipped, Store};

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("moqi.db")).unwrap();
    let subjects = [
        "逾期付款",
        "违约金",
        "定金",
        "保密",
        "风险转移",
        "质量保证",
        "争议解决",
        "知识产权",
        "不可抗力",
        "通知送达",
    ];
    let verbs = [
        "应当向对方支付",
        "有权要求对方承担",
        "不得向第三人披露",
        "自交付之日起转移至",
        "可以书面通知对方解除",
    ];
    let english = [
        "late payment",
        "confidentiality",
        "limitation of liability",
        "governing law",
        "termination",
    ];
    let texts: Vec<(String, String, String)> = (0..10_000)
        .map(|n| {
            let subject = subjects[n % 10];
            let text = format!(
                "## {subject}第{n}种\n\n{}{}合同总价的百分之{}，并赔偿由此造成的损失。The {} clause number {n} applies to the supplier and the customer.",
                subject.repeat(1 + n % 3),
                verbs[n % 5],
                n % 30,
                english[n % 5]
            )
            .repeat(3);
            (format!("c{n}"), format!("{subject}（{n}）"), text)
        })
        .collect();
    let rows: Vec<Shipped<'_>> = texts
        .iter()
        .map(|(id, title, text)| Shipped {
            kind: Kind::Clause,
            id,
            title,
            language: "zh",
            text,
        })
        .collect();
    let start = Instant::now();
    store.replace_shipped("bench", &rows).unwrap();
    println!(
        "index 10,000 clauses: {:.1} s",
        start.elapsed().as_secs_f64()
    );
    for query in [
        "金",
        "违约",
        "违约金",
        "逾期付款",
        "违约金 百分之三",
        "知识产权 披露",
        "liab",
        "late payment",
        "supplier 1234",
        "没有的词",
    ] {
        let mut times: Vec<f64> = (0..15)
            .map(|_| {
                let start = Instant::now();
                let _ = store.search(query, 50).unwrap();
                start.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        times.sort_by(f64::total_cmp);
        println!(
            "{query}: median {:.1} ms, max {:.1} ms, {} hits",
            times[7],
            times[14],
            store.search(query, 50).unwrap().len()
        );
    }
}
