//! Small documents whose parts are kept in `tests/golden`; run with `MOQI_UPDATE_GOLDEN=1` to keep them anew.

use moqi_docx::{Look, write};
use std::io::{Cursor, Read};
use std::path::Path;

const CONTRACT: &str = "---\ntitle: 保密协议\nlanguage: zh\n---\n\n# 保密协议\n\n## 保密义务 {#duty}\n\n1. 乙方应当：\n\n   1. 保守秘密； {#keep}\n   2. 退还资料。\n\n\
## 违约责任\n\n违反[](#keep)的，承担**违约责任**[^1]。\n\n```signature\n甲方（盖章）：\n日期：\n\n乙方（盖章）：\n日期：\n```\n\n## 清单 {.schedule}\n\n| 名称 | 数量 |\n|---|--:|\n| 图纸 | 3 |\n| 备件 | < |\n| ^ | ^ |\n\n[^1]: 民法典第五百七十七条。\n";

const AGREEMENT: &str = "---\ntitle: Loan Agreement\nlanguage: en\n---\n\n# Loan Agreement\n\n## Parties {.parties}\n\n1. Alpha Limited\n2. Beta LLP\n\n## The loan {#loan}\n\n1. The Lender lends: {#lend}\n\n   1. the first part; and {#first}\n   2. the second part.\n\n\
2. See clause [](#first) and [the register](https://example.com/a?b=1&c=2).\n\n## Notices {.schedule}\n\n1. By post.\n";

const COMPLAINT: &str = "---\ntitle: 民事起诉状\nlanguage: zh\nnumbering: zh-pleading\n---\n\n# 民事起诉状\n\n## 诉讼请求\n\n1. 判令被告支付货款；\n2. 诉讼费由被告承担。\n\n## 事实与理由\n\n原告与被告“买卖”一案。\n\n```signature\n具状人：\n```\n";

/// The text of a part, one element a line.
fn part(bytes: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip file");
    let mut text = String::new();
    zip.by_name(name)
        .expect("a part of that name")
        .read_to_string(&mut text)
        .expect("UTF-8");
    // Text is escaped, so that a > before a < always ends one tag and starts another.
    text.replace("><", ">\n<") + "\n"
}

#[test]
fn parts_are_as_they_were() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let update = std::env::var_os("MOQI_UPDATE_GOLDEN").is_some();
    let mut changed = Vec::new();
    for (name, text, parts) in [
        (
            "contract",
            CONTRACT,
            &[
                "document",
                "numbering",
                "styles",
                "footnotes",
                "settings",
                "footer1",
            ][..],
        ),
        ("agreement", AGREEMENT, &["document", "numbering", "styles"]),
        ("complaint", COMPLAINT, &["document", "numbering", "styles"]),
    ] {
        let document = moqi_document::parse(text);
        assert!(document.problems.is_empty(), "{:?}", document.problems);
        let written = write(&document, &Look::for_document(&document)).unwrap();
        assert!(
            written.warnings.is_empty(),
            "{name}: {:?}",
            written.warnings
        );
        for kind in parts {
            let now = part(&written.value, &format!("word/{kind}.xml"));
            let file = folder.join(format!("{name}.{kind}.xml"));
            if update {
                std::fs::write(&file, &now).unwrap();
                continue;
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            if kept != now {
                let first = kept
                    .lines()
                    .zip(now.lines())
                    .find(|(kept, now)| kept != now);
                changed.push(format!("{}: {first:?}", file.display()));
            }
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}
