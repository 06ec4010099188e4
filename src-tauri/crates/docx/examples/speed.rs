//! How long writing and reading a contract of about 100 pages takes: `speed prepare zh|en FOLDER` puts the contract
//! there (`contract.md`, `contract.docx`, and its blocks as lines of words for other programs, `contract.txt`), `speed
//! measure FOLDER` prints medians as JSON. `cargo xtask bench word` runs it beside others.

#![allow(
    clippy::print_stdout,
    reason = "an example speaks to the person who runs it"
)]

use std::error::Error;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::time::Instant;

use moqi_document::{BlockKind, Document, Inline, InlineKind, parse};
use moqi_docx::{Look, read, write};

/// Runs of each measurement; the median counts.
const RUNS: usize = 11;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["prepare", language @ ("zh" | "en"), folder] => prepare(language, Path::new(folder)),
        ["measure", folder] => measure(Path::new(folder)),
        _ => Err("usage: speed prepare zh|en FOLDER, speed measure FOLDER".into()),
    }
}

fn prepare(language: &str, folder: &Path) -> Result<(), Box<dyn Error>> {
    let text = contract(language);
    let document = parse(&text);
    let written = write(&document, &Look::for_document(&document))?;
    fs::write(folder.join("contract.docx"), written.value)?;
    fs::write(folder.join("contract.txt"), blocks(&document))?;
    fs::write(folder.join("contract.md"), text)?;
    Ok(())
}

fn measure(folder: &Path) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(folder.join("contract.md"))?;
    let docx = fs::read(folder.join("contract.docx"))?;
    let document = parse(&text);
    let look = Look::for_document(&document);
    let mut bytes = 0;
    let writing = median(|| {
        bytes = write(&document, &look)?.value.len();
        Ok(())
    })?;
    let from_text = median(|| {
        let document = parse(&text);
        write(&document, &Look::for_document(&document))?;
        Ok(())
    })?;
    let mut characters = 0;
    let reading = median(|| {
        characters = read(&docx)?.value.text.chars().count();
        Ok(())
    })?;
    println!(
        "{{\"write_ms\": {writing:.3}, \"md_to_docx_ms\": {from_text:.3}, \"read_ms\": {reading:.3}, \"bytes\": {bytes}, \"characters\": {characters}}}"
    );
    Ok(())
}

/// Median of the milliseconds that something takes.
fn median(mut work: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<f64, Box<dyn Error>> {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let start = Instant::now();
        work()?;
        times.push(start.elapsed().as_secs_f64() * 1e3);
    }
    times.sort_by(f64::total_cmp);
    Ok(times[RUNS / 2])
}

/// One block or table row a line: its kind, its level and its runs, parted by tabs; a bold run begins with `*`, others
/// with `.`. A reference is the words it prints.
fn blocks(document: &Document) -> String {
    let labels = moqi_document::number(document);
    let references = moqi_document::references(document, &labels);
    let runs = |content: &[Inline]| {
        let mut out = String::new();
        for inline in content {
            let words = match &inline.kind {
                InlineKind::Text(text) => text.as_str(),
                InlineKind::Reference(id) => references.get(id).map_or("", String::as_str),
                _ => continue,
            };
            let mark = if inline.marks.strong { '*' } else { '.' };
            let _ = write!(out, "\t{mark}{words}");
        }
        out
    };
    let mut out = String::new();
    for block in &document.blocks {
        let _ = match &block.kind {
            BlockKind::Heading { level, content, .. } => {
                writeln!(out, "heading\t{}{}", level - 1, runs(content))
            }
            BlockKind::Item { depth, content, .. } => {
                writeln!(out, "item\t{}{}", depth + 1, runs(content))
            }
            BlockKind::Paragraph { content, .. } => writeln!(out, "paragraph\t0{}", runs(content)),
            BlockKind::Table(table) => {
                for (index, row) in table.rows.iter().enumerate() {
                    let kind = if index == 0 { "header" } else { "row" };
                    let cells: String = row.iter().map(|cell| runs(&cell.content)).collect();
                    let _ = writeln!(out, "{kind}\t0{cells}");
                }
                Ok(())
            }
            _ => Ok(()),
        };
    }
    out
}

/// A contract of about 100 pages with clauses, items, references and tables.
fn contract(language: &str) -> String {
    let zh = language == "zh";
    let mut out = format!(
        "---\ntitle: {}\nlanguage: {language}\n---\n\n",
        if zh {
            "框架采购合同"
        } else {
            "Framework Supply Agreement"
        }
    );
    for article in 1..=155 {
        let id = format!("a{article}");
        let before = article - 1;
        if zh {
            let _ = write!(out, "## 交付与验收之{article} {{#{id}}}\n\n");
            for item in 1..=5 {
                let _ = writeln!(
                    out,
                    "{item}. 乙方应当在**约定期限**内将本批货物运抵甲方指定地点，并随附装箱单、合格证及检验报告；逾期的，按日万分之五支付违约金。 {{#{id}i{item}}}"
                );
            }
            let _ = write!(
                out,
                "   1. 运输与保险费用由乙方承担，毁损、灭失的风险自签收时转移；\n   2. 甲方应当在十五日内提出异议。\n\n"
            );
            let _ = write!(
                out,
                "前款所称期限，自收到书面通知之日起计算；另见[](#a{})及[](#{id}i1)。\n\n",
                before.max(1)
            );
            let _ = write!(
                out,
                "双方对本条有争议的，应当先行协商；协商不成的，依照本合同约定的方式处理。\n\n"
            );
        } else {
            let _ = write!(out, "## Delivery and acceptance {article} {{#{id}}}\n\n");
            for item in 1..=5 {
                let _ = writeln!(
                    out,
                    "{item}. The Supplier shall deliver each consignment to the place named in the order within the **agreed period**, together with the packing list and test certificates. {{#{id}i{item}}}"
                );
            }
            let _ = write!(
                out,
                "   1. carriage and insurance are for the Supplier's account; and\n   2. risk passes on delivery.\n\n"
            );
            let _ = write!(
                out,
                "Time runs from receipt of written notice under clause [](#a{}); see also clause [](#{id}i1).\n\n",
                before.max(1)
            );
            let _ = write!(
                out,
                "Any dispute arising under this clause is first to be referred to the parties' representatives.\n\n"
            );
        }
        if article % 10 == 0 {
            out.push_str("| A | B | C |\n|---|:-:|--:|\n| 1 | 2 | 3.00 |\n| 4 | 5 | 6.00 |\n\n");
        }
    }
    out
}
