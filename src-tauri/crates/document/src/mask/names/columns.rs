//! Names in tables: what stands under or beside a cell that says it is a name.

use super::{chinese, english};
use crate::model::{Cell, Table};
use crate::prose::Prose;

/// Most cells of one table that are read.
const MOST: usize = 20_000;

/// The persons that the heads of a table say stand in its cells, as their words.
pub(super) fn persons(table: &Table) -> Vec<String> {
    let mut found = Vec::new();
    let words = |cell: &Cell| Prose::line(&cell.content, None).text;
    let Some(top) = table.rows.first() else {
        return found;
    };
    let named: Vec<bool> = top.iter().map(|cell| is_head(&words(cell))).collect();
    let sides = table.align.len() <= 4;
    let mut read = 0;
    for row in table.rows.iter().take(MOST) {
        let mut left = false;
        for (column, cell) in row.iter().enumerate() {
            read += 1;
            if read > MOST {
                return found;
            }
            let text = words(cell);
            if left || named.get(column).copied().unwrap_or(false) {
                found.extend(names(&text).map(str::to_owned));
            }
            left = sides && is_head(&text);
        }
    }
    found
}

/// The names that a cell is made of: one, or several with signs or line ends between them.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(['\n', '、', '，', '；', ';', '/', ',', '\u{3000}']);
    let parts = parts.map(|part| part.split(['（', '(']).next().unwrap_or(part).trim());
    parts
        .filter(|part| chinese::is_person(part) || (part.contains(' ') && english::is_person(part)))
}

/// Whether a cell says that names of persons stand under or beside it.
fn is_head(text: &str) -> bool {
    let text = text.trim().trim_end_matches([':', '：', '*']);
    if text.chars().count() > 24 {
        return false;
    }
    if !text.is_ascii() {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        return [
            "姓名",
            "名字",
            "签字",
            "签名",
            "联系人",
            "负责人",
            "经办人",
            "代表",
            "代表人",
            "代理人",
            "股东",
            "董事",
            "监事",
            "人员",
            "成员",
            "合伙人",
            "员工",
            "经理",
            "收件人",
            "法人",
            "监护人",
            "继承人",
            "受益人",
            "出资人",
            "专家",
            "学生",
            "家长",
            "律师",
        ]
        .iter()
        .any(|end| {
            text.ends_with(end)
                || text
                    .strip_suffix("名称")
                    .is_some_and(|head| head.ends_with(end))
                || text
                    .strip_suffix("姓名")
                    .is_some_and(|head| head.ends_with(end))
        });
    }
    let low = text.to_lowercase();
    let last = low
        .split([' ', '/', '('])
        .rfind(|word| !word.is_empty())
        .unwrap_or("");
    let bare = last.trim_end_matches([')', 's']);
    matches!(
        bare,
        "name"
            | "contact"
            | "signatory"
            | "signatorie"
            | "personnel"
            | "person"
            | "people"
            | "attendee"
            | "participant"
    ) && ![
        "company name",
        "product name",
        "file name",
        "domain name",
        "trade name",
        "business name",
    ]
    .contains(&low.as_str())
        || english::is_role(bare)
}
