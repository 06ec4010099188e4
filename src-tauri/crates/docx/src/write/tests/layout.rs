//! What stands together on a page, and where parties sign.

use super::invariants::check;
use crate::write::{Look, write};

/// The body of a text as written.
fn body(text: &str) -> String {
    let document = moqi_document::parse(text);
    let written = write(&document, &Look::for_document(&document)).unwrap();
    check(&written.value)["word/document.xml"].clone()
}

/// The paragraph that holds these words.
fn paragraph<'a>(body: &'a str, words: &str) -> &'a str {
    let at = body
        .find(&format!(">{words}<"))
        .unwrap_or_else(|| panic!("no {words}"));
    let start = body[..at].rfind("<w:p ").unwrap();
    &body[start..at + body[at..].find("</w:p>").unwrap()]
}

fn keeps(body: &str, words: &str) -> bool {
    paragraph(body, words).contains("<w:keepNext/>")
}

#[test]
fn what_leads_to_something_stands_on_its_page() {
    let body = body(
        "---\nlanguage: zh\n---\n\n## 解除\n\n1. 可以解除的情形：\n   1. 逾期；\n   2. 拒付。\n\n价款见下表。\n\n| 期 | 款 |\n|---|---|\n| 一 | 10 |\n| 二 | 20 |\n\n本合同一式两份。\n\n```signature\n甲方：\n```\n",
    );
    for words in ["可以解除的情形：", "价款见下表。", "10", "本合同一式两份。"]
    {
        assert!(keeps(&body, words), "{words}");
    }
    for words in ["逾期；", "拒付。", "20"] {
        assert!(!keeps(&body, words), "{words}");
    }
}

#[test]
fn a_long_table_breaks_but_not_before_its_last_row() {
    let rows: String = (100..120).map(|n| format!("| {n} |\n")).collect();
    let body = body(&format!("| n |\n|---|\n{rows}"));
    assert!(!keeps(&body, "105") && keeps(&body, "118") && !keeps(&body, "119"));
}

/// The words of each row of the first table, cells parted by a bar.
fn rows(body: &str) -> Vec<String> {
    let table = &body[body.find("<w:tbl>").unwrap()..body.find("</w:tbl>").unwrap()];
    let words = |cell: &str| {
        cell.split("<w:t xml:space=\"preserve\">")
            .skip(1)
            .map(|text| text.split('<').next().unwrap())
            .collect::<String>()
    };
    table
        .split("<w:tr")
        .skip(1)
        .filter(|row| row.contains("<w:tc>"))
        .map(|row| {
            let cells: Vec<String> = row.split("<w:tc>").skip(1).map(words).collect();
            cells.join("|")
        })
        .collect()
}

#[test]
fn parties_sign_level_even_when_each_has_a_block_of_its_own() {
    let body = body(
        "---\nlanguage: zh\n---\n\n一式两份。\n\n```signature\n甲方（盖章）：华东公司\n法定代表人或者授权代表（签字）：\n日期：\n```\n\n```signature\n乙方（签名）：李明\n日期：2026年12月1日\n```\n",
    );
    assert_eq!(body.matches("<w:tbl>").count(), 1);
    assert_eq!(
        rows(&body),
        [
            "甲方（盖章）：华东公司|乙方（签名）：李明",
            "法定代表人或者授权代表（签字）：|日期：2026年12月1日",
            "日期：|"
        ]
    );
    // The long label leaves no room for ink, the short one does.
    assert!(paragraph(&body, "法定代表人或者授权代表（签字）：").contains("<w:br "));
    assert!(!paragraph(&body, "日期：").contains("<w:br "));
}

#[test]
fn parties_of_a_pleading_sign_at_the_right_one_below_the_other() {
    let body = body(
        "---\nlanguage: zh\nnumbering: zh-pleading\n---\n\n此致\n\n某某人民法院\n\n```signature\n具状人：\n\n具状人：苏州启明装备有限公司\n```\n",
    );
    assert_eq!(rows(&body), ["|具状人：", "|具状人：苏州启明装备有限公司"]);
}
