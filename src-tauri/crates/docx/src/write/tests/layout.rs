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

/// The cells of each row of the first table: columns taken, `v` where it begins one over several rows, `^` where it goes
/// on, and its width; `H` before a header row.
fn cells(body: &str) -> Vec<String> {
    let table = &body[body.find("<w:tbl>").unwrap()..body.find("</w:tbl>").unwrap()];
    let value = |cell: &str, tag: &str| {
        let rest = cell.split(&format!("<{tag} w:val=\"")).nth(1)?;
        rest.split('"').next().map(str::to_owned)
    };
    let cell = |cell: &str| {
        let merge = match value(cell, "w:vMerge").as_deref() {
            Some("restart") => "v",
            Some("continue") => "^",
            None => "",
            other => panic!("{other:?}"),
        };
        let span = value(cell, "w:gridSpan").unwrap_or_else(|| "1".into());
        let width = cell.split("<w:tcW w:w=\"").nth(1).unwrap();
        format!("{merge}{span}:{}", width.split('"').next().unwrap())
    };
    let row = |row: &str| {
        let cells: Vec<String> = row.split("<w:tc>").skip(1).map(cell).collect();
        let head = if row.contains("<w:tblHeader/>") {
            "H "
        } else {
            ""
        };
        format!("{head}{}", cells.join(" "))
    };
    table.split("<w:tr>").skip(1).map(row).collect()
}

#[test]
fn merged_cells_take_their_columns_and_rows() {
    let body = body(
        "---\nlanguage: en\n---\n\n| Item | Price | < |\n|---|--:|---|\n| ^ | net | gross |\n| Lathe | 1.00 | 2.00 |\n| Both | < | 3.00 |\n| ^ | ^ | 4.00 |\n",
    );
    let grid: Vec<usize> = body
        .split("<w:gridCol w:w=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    let [a, b, c] = grid[..] else {
        panic!("{grid:?}")
    };
    assert_eq!(
        cells(&body),
        [
            format!("H v1:{a} 2:{}", b + c),
            format!("H ^1:{a} 1:{b} 1:{c}"),
            format!("1:{a} 1:{b} 1:{c}"),
            format!("v2:{} 1:{c}", a + b),
            format!("^2:{} 1:{c}", a + b),
        ]
    );
    assert_eq!(
        body.matches(r#"<w:pStyle w:val="TableHeading"/>"#).count(),
        5
    );
    // The head of two columns stands over their middle, that of one as its column does.
    for (words, align) in [("Price", "center"), ("net", "right"), ("1.00", "right")] {
        let expected = format!("<w:jc w:val=\"{align}\"/>");
        assert!(paragraph(&body, words).contains(&expected), "{words}");
    }
    let whole = super::layout::body("| a | b |\n|---|---|\n| ^ | c |\n| ^ | d |\n");
    let heads: Vec<bool> = cells(&whole)
        .iter()
        .map(|row| row.starts_with('H'))
        .collect();
    assert_eq!(heads, [true, false, false]);
}
