//! How long an export takes: a contract of about 100 pages, the median of 15 runs.

#![allow(
    clippy::print_stdout,
    reason = "an example speaks to the person who runs it"
)]

use moqi_docx::{Look, write};
use std::error::Error;
use std::fmt::Write;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    for language in ["zh", "en"] {
        let text = contract(language);
        let document = moqi_document::parse(&text);
        let look = Look::for_document(&document);
        let mut times = Vec::new();
        let mut size = 0;
        for _ in 0..15 {
            let start = Instant::now();
            size = write(&document, &look)?.value.len();
            times.push(start.elapsed());
        }
        times.sort();
        println!(
            "{language}: {} blocks, {} KB of text, {} KB of file: median {:.1} ms, best {:.1} ms",
            document.blocks.len(),
            text.len() / 1024,
            size / 1024,
            times[7].as_secs_f64() * 1e3,
            times[0].as_secs_f64() * 1e3
        );
    }
    Ok(())
}

/// A long contract with clauses, items, references, tables and notes.
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
