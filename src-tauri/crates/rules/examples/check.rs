//! Checks Markdown files and prints every finding, then counts by rule; with `--time` measures a check of each.
//!
//! `cargo run --release -p moqi-rules --example check -- FILE.md…`
#![allow(clippy::print_stdout, reason = "printing is what this program is for")]

use std::collections::BTreeMap;
use std::time::Instant;

fn main() -> std::io::Result<()> {
    let (flags, files): (Vec<String>, Vec<String>) = std::env::args()
        .skip(1)
        .partition(|arg| arg.starts_with("--"));
    let timed = flags.iter().any(|flag| flag == "--time");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &files {
        let text = std::fs::read_to_string(file)?;
        let document = moqi_document::parse(&text);
        let start = Instant::now();
        let findings = moqi_rules::check(&document, &moqi_rules::Profile::default());
        let first = start.elapsed();
        if timed {
            let rounds = 20;
            let start = Instant::now();
            for _ in 0..rounds {
                std::hint::black_box(moqi_rules::check(
                    std::hint::black_box(&document),
                    &moqi_rules::Profile::default(),
                ));
            }
            println!(
                "{file}: {} bytes, {} findings, first {first:?}, mean {:?}",
                text.len(),
                findings.len(),
                start.elapsed() / rounds
            );
        } else {
            for finding in &findings {
                let quote: String = text[finding.span.start..finding.span.end]
                    .chars()
                    .take(80)
                    .collect();
                let fix = finding.fix.as_ref().map_or("", |fix| fix.title.as_str());
                println!(
                    "{file}\t{}\t{:?}\t{quote:?}\t{}\t{fix}",
                    finding.rule, finding.severity, finding.message
                );
            }
        }
        findings
            .iter()
            .for_each(|finding| *counts.entry(finding.rule).or_default() += 1);
    }
    println!("{counts:?}");
    Ok(())
}
