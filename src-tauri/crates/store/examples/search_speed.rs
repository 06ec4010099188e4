//! How long a search takes: `cargo run --release -p moqi-store --example search_speed`.
//!
//! 10,000 clauses of eight to twenty sentences each, drawn with a seed from the sentences of the shipped templates and
//! clauses, so that words are as common as they are; then 200 long documents beside them.
#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "an example prints and stops at the first fault"
)]

use std::path::Path;
use std::time::Instant;

use moqi_store::{DocumentRow, Kind, Shipped, Store};

const QUERIES: [(&str, &[&str]); 8] = [
    ("zh 1", &["金", "方", "的", "鼎"]),
    ("zh 2", &["违约", "定金", "合同", "甲方"]),
    ("zh 3", &["违约金", "保密的", "第三方"]),
    (
        "zh 4+",
        &["不可抗力", "知识产权", "人民法院管辖", "没有这样的话"],
    ),
    (
        "zh several",
        &["违约 解除", "甲方 乙方 支付", "「书面通知」 三日"],
    ),
    ("en 1-2", &["a", "t", "la", "of"]),
    ("en 3", &["law", "the", "tax", "xyz"]),
    (
        "en 4+",
        &[
            "confid",
            "late payment",
            "\"governing law\"",
            "the of and to",
        ],
    ),
];

fn main() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("moqi.db")).unwrap();
    let mut seed = 0x5eed_5eed_5eed_5eed_u64;
    let mut pick = |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed >> 33).unwrap() % below
    };
    let templates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../templates");
    let sentences = ["zh", "en"].map(|language| sentences(&templates.join(language)));
    let texts: Vec<(String, String, String)> = (0..10_000)
        .map(|number| {
            let pool = &sentences[number % 2];
            let text: Vec<&str> = (0..8 + pick(13))
                .map(|_| pool[pick(pool.len())].as_str())
                .collect();
            let title: String = pool[pick(pool.len())].chars().take(12).collect();
            (format!("c{number}"), title, text.join(" "))
        })
        .collect();
    let rows: Vec<Shipped<'_>> = texts
        .iter()
        .enumerate()
        .map(|(number, (id, title, text))| Shipped {
            kind: Kind::Clause,
            id,
            title,
            language: ["zh", "en"][number % 2],
            text,
        })
        .collect();
    let characters: usize = texts.iter().map(|(_, _, text)| text.chars().count()).sum();
    let start = Instant::now();
    store.replace_shipped("bench", &rows).unwrap();
    println!(
        "indexed 10,000 clauses, {} characters on average, in {:.1} s",
        characters / 10_000,
        start.elapsed().as_secs_f64()
    );
    report(&store);

    println!("\nwith 200 documents of 60,000 characters beside them");
    let mut saves = Vec::new();
    let mut last = None;
    for number in 0..200 {
        let pool = &sentences[number % 2];
        let mut text = String::new();
        let mut length = 0;
        while length < 60_000 {
            let sentence = &pool[pick(pool.len())];
            length += sentence.chars().count();
            text.push_str(sentence);
            text.push('\n');
        }
        let row = document(&format!("d{number}"), ["zh", "en"][number % 2], text);
        store.documents().insert(&row).unwrap();
        let start = Instant::now();
        store.documents().save(&row).unwrap();
        saves.push(start.elapsed().as_secs_f64() * 1e3);
        last = Some(row);
    }
    saves.sort_by(f64::total_cmp);
    println!(
        "save: median {:.1} ms, max {:.1} ms",
        saves[100], saves[199]
    );
    let start = Instant::now();
    let _ = store.search("违约", 40).unwrap();
    println!(
        "first search, which indexes all 200: {:.1} s",
        start.elapsed().as_secs_f64()
    );
    let mut row = last.unwrap();
    row.revision = 2;
    row.revision = store.documents().save(&row).unwrap();
    let start = Instant::now();
    let _ = store.search("违约", 40).unwrap();
    println!(
        "search after one save: {:.1} ms",
        start.elapsed().as_secs_f64() * 1e3
    );
    report(&store);
    let start = Instant::now();
    store.check().unwrap();
    let size = std::fs::metadata(folder.path().join("moqi.db"))
        .unwrap()
        .len();
    println!(
        "\ncheck of {} MB: {:.2} s",
        size >> 20,
        start.elapsed().as_secs_f64()
    );
}

fn report(store: &Store) {
    let mut all: Vec<f64> = Vec::new();
    for (name, queries) in QUERIES {
        let mut times = Vec::new();
        let mut hits = Vec::new();
        for query in queries {
            hits.push(store.search(query, 40).unwrap().len());
            for _ in 0..15 {
                let start = Instant::now();
                let _ = store.search(query, 40).unwrap();
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
        }
        times.sort_by(f64::total_cmp);
        println!(
            "{name:<12} median {:>5.1} ms, max {:>5.1} ms, hits {hits:?}",
            times[times.len() / 2],
            times[times.len() - 1]
        );
        all.extend(times);
    }
    all.sort_by(f64::total_cmp);
    println!(
        "all          median {:>5.1} ms, max {:>5.1} ms",
        all[all.len() / 2],
        all[all.len() - 1]
    );
}

/// The sentences of all texts of a folder, in the order of their paths.
fn sentences(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            found.extend(sentences(&path));
        } else if let Ok(text) = std::fs::read_to_string(&path) {
            let text = text.splitn(3, "---").last().unwrap_or("").to_owned();
            found.extend(
                text.split_inclusive(['。', '；', '\n', '.', ';'])
                    .map(str::trim)
                    .filter(|sentence| sentence.chars().count() > 6)
                    .map(str::to_owned),
            );
        }
    }
    found
}

fn document(id: &str, language: &str, text: String) -> DocumentRow {
    DocumentRow {
        id: id.to_owned(),
        title: format!("{language} {id}"),
        title_set: true,
        kind: None,
        language: language.to_owned(),
        text,
        answers: "{}".to_owned(),
        template_id: None,
        template_text: None,
        template_answers: None,
        created_at: 0,
        updated_at: 0,
        deleted_at: None,
        revision: 1,
    }
}
