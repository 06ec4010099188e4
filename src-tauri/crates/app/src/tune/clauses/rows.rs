//! Clauses in tables: term sheets, cover pages and many forms set a clause as a row, its heading on the left and its text
//! on the right.

use std::collections::BTreeMap;

use moqi_document::{Block, BlockKind, Cell, Inline, InlineKind, Merge, Table, plain};

use super::typed::{ZH, typed};
use super::{Part, body, is_han, is_named, is_short, keep, line, name_of};

/// Characters of a line that says something, at least; below it, it is a value.
const SHORTEST_SENTENCE: usize = 40;
const SHORTEST_SENTENCE_ZH: usize = 15;
/// Rows that read as clauses, at least; one could be a remark.
const FEWEST_ROWS: usize = 2;

/// The clauses that the rows of a table are; none where it lists values, or merges cells downwards.
pub(super) fn clauses_of(
    table: &Table,
    at: &Block,
    references: &BTreeMap<String, String>,
) -> Vec<Part> {
    let cells = || table.rows.iter().flatten();
    if cells().any(|cell| cell.merge == Merge::Up) {
        return Vec::new();
    }
    let rows: Vec<Vec<&Cell>> = table.rows.iter().map(|row| filled(row)).collect();
    let clauses: Vec<(&[Inline], &Cell)> = rows.iter().filter_map(|row| clause(row)).collect();
    let full = rows.iter().filter(|row| row.len() > 1).count();
    if clauses.len() < FEWEST_ROWS || 2 * clauses.len() < full {
        return Vec::new();
    }
    let mut parts = Vec::new();
    for (name, cell) in clauses {
        let mut numbers = Vec::new();
        let blocks = lines(&cell.content).map(|content| {
            let words = line(content, references);
            let text = plain(&words);
            let block = Block {
                kind: BlockKind::Paragraph {
                    depth: 0,
                    quote: false,
                    content: Vec::new(),
                },
                id: None,
                span: at.span,
            };
            body(&block, words, &text, 0, &mut numbers)
        });
        let part = Part {
            heading: name_of(&plain(name)).to_owned(),
            body: blocks.collect(),
            of_row: true,
        };
        keep(&mut parts, part);
    }
    parts
}

/// The cells of a row that hold words.
fn filled(row: &[Cell]) -> Vec<&Cell> {
    let own = row.iter().filter(|cell| cell.merge == Merge::None);
    own.filter(|cell| !plain(&cell.content).trim().is_empty())
        .collect()
}

/// The heading and the text of a row: the text stands last, the heading before it, and before that at most a number.
fn clause<'a>(row: &[&'a Cell]) -> Option<(&'a [Inline], &'a Cell)> {
    let (name, text) = match row {
        [name, text] => (name, text),
        [number, name, text] if is_number(&plain(&number.content)) => (name, text),
        _ => return None,
    };
    // Two languages side by side are a clause and its translation.
    let zh = |cell: &Cell| plain(&cell.content).chars().any(is_han);
    if zh(name) != zh(text) || says(&name.content) || !says(&text.content) {
        return None;
    }
    // A second line explains the heading.
    let first = lines(&name.content).next()?;
    heads(&plain(first)).then_some((first, *text))
}

/// Whether words are the heading of a row. A defined term is none, and no number.
fn heads(words: &str) -> bool {
    let words = words.trim();
    let name = words.trim_end_matches([':', '：', '.']);
    let stops = words.ends_with('.') && !is_named(name);
    is_short(name) && !stops && !is_number(name) && !name.starts_with(['“', '"', '\'', '‘'])
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    let known = |c: char| c.is_ascii_digit() || ".()（）、．第条章".contains(c) || ZH.contains(c);
    // What is left of a typed number with words behind it.
    let alone = |text: &str| typed(&format!("{text} X")).is_some_and(|typed| typed.rest == "X");
    !text.is_empty() && (text.chars().all(known) || alone(text))
}

/// Whether a line of these words is a whole sentence; a remark in brackets is none.
fn says(content: &[Inline]) -> bool {
    lines(content).any(|line| {
        let text = plain(line);
        let text = text.trim();
        let least = match text.chars().any(is_han) {
            true => SHORTEST_SENTENCE_ZH,
            false => SHORTEST_SENTENCE,
        };
        text.chars().count() >= least && text.ends_with(['.', '。', ';', '；', ':', '：'])
    })
}

/// The lines of a cell that hold words.
fn lines(content: &[Inline]) -> impl Iterator<Item = &[Inline]> {
    let all = content.split(|inline| matches!(inline.kind, InlineKind::Break));
    all.filter(|line| !plain(line).trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::tests::check;

    #[test]
    fn a_row_with_a_name_and_a_text_is_a_clause() {
        check(
            "# Statement of Work\n\n| Key terms | < |\n| --- | --- |\n| **Payment**<br>How it is paid | Customer pays each invoice within thirty days of its date.<br>Interest runs from the day after. |\n| **SOW Date** | {{date}} |\n| **Term:** | The SOW begins on the SOW Date and ends a year after it. |\n\nEach party signs below.\n",
            &[
                ("", "Each party signs below."),
                (
                    "Payment",
                    "Customer pays each invoice within thirty days of its date.\n\nInterest runs from the day after.",
                ),
                (
                    "Term",
                    "The SOW begins on the SOW Date and ends a year after it.",
                ),
            ],
        );
        check(
            "# 投资条款清单\n\n| 序号 | 事项 | 内容 |\n| --- | --- | --- |\n| 1 | 估值 | 投资前估值为____元，由各方协商确定。 |\n| 二、 | 保密 | 各方应当对本条款清单的内容保密，法律另有规定的除外。 |\n| 3 | 签署日 | 2026年3月1日 |\n",
            &[
                ("估值", "投资前估值为____元，由各方协商确定。"),
                (
                    "保密",
                    "各方应当对本条款清单的内容保密，法律另有规定的除外。",
                ),
            ],
        );
    }

    #[test]
    fn the_clause_that_a_table_stands_in_goes_on_behind_it() {
        for heading in ["## 服务标准", "第三条 服务标准"] {
            check(
                &format!(
                    "# 合同\n\n{heading}\n\n服务标准如下表：\n\n| 级别 | 标准 |\n| --- | --- |\n| 一级 | 系统全部不能使用的，乙方应当在一小时内到场。 |\n| 二级 | 部分功能不能使用的，乙方应当在四小时内答复。 |\n\n乙方按月报告执行情况。\n"
                ),
                &[
                    ("服务标准", "服务标准如下表：\n\n乙方按月报告执行情况。"),
                    ("一级", "系统全部不能使用的，乙方应当在一小时内到场。"),
                    ("二级", "部分功能不能使用的，乙方应当在四小时内答复。"),
                ],
            );
        }
    }

    #[test]
    fn names_at_the_start_of_items_are_headings_below_such_a_table_too() {
        check(
            "| Purpose | The parties wish to evaluate a transaction together. |\n| --- | --- |\n| Law | Delaware<br>The laws of the place named above govern this agreement. |\n| Courts | The courts of the place named above have jurisdiction. |\n\n1. **Use**. Recipient uses it only so.\n2. **Return**. Recipient returns it at once.\n3. **Term**. It ends after a year.\n",
            &[
                ("Use", "Recipient uses it only so."),
                ("Return", "Recipient returns it at once."),
                ("Term", "It ends after a year."),
                (
                    "Purpose",
                    "The parties wish to evaluate a transaction together.",
                ),
                (
                    "Law",
                    "Delaware\n\nThe laws of the place named above govern this agreement.",
                ),
                (
                    "Courts",
                    "The courts of the place named above have jurisdiction.",
                ),
            ],
        );
    }

    #[test]
    fn what_is_signed_is_no_clause() {
        check(
            "## Law\n\nThe law of England applies.\n\n```signature\nSeller:\n```\n\n| Fees | The Fees are due within thirty days of the invoice. |\n| --- | --- |\n| Term | The agreement ends a year after the day it is signed. |\n",
            &[("Law", "The law of England applies.")],
        );
    }

    #[test]
    fn terms_numbers_translations_and_groups_are_no_headings() {
        for text in [
            "| “Fees” | means the amounts that are payable under an Order Form. |\n| --- | --- |\n| “Term” | means the time from the Effective Date to termination. |\n",
            "| 一 | 乙方应当按照约定的时间和地点交付货物。 |\n| --- | --- |\n| 第二条 | 甲方应当在收到货物后三十日内付清价款。 |\n",
            "| (a) | Seller delivers the goods to the place that is named below. |\n| --- | --- |\n| IV. | Buyer pays within thirty days of the day of the delivery. |\n",
            "| Delivery | 卖方应当按照本合同约定的时间交付货物。 |\n| --- | --- |\n| Payment | 买方应当在收到货物后三十日内付清价款。 |\n",
            "| 付款 | 首付款 | 甲方应当在签订本合同后十日内支付首付款。 |\n| --- | --- | --- |\n| ^ | 尾款 | 甲方应当在验收合格后十日内支付全部尾款。 |\n| ^ | 利息 | 甲方逾期付款的，应当按日支付逾期付款的利息。 |\n",
        ] {
            let text = format!("## Goods\n\nThe goods are these:\n\n{text}");
            check(&text, &[("Goods", "The goods are these:")]);
        }
    }

    #[test]
    fn lists_of_values_are_no_clauses() {
        for text in [
            "## Goods\n\nThe goods are these:\n\n| Item | Remark |\n| --- | --- |\n| Bolt | Steel, zinc plated, to the drawing of the buyer. |\n| Nut | M8 |\n| Ring | M10 |\n",
            "## Goods\n\nThe goods are these:\n\n| Item | Price | Remark |\n| --- | --- | --- |\n| Bolt | 3 euros | Steel, zinc plated, to the drawing of the buyer. |\n| Nut | 4 euros | Brass, polished, to the drawing of the seller. |\n",
            "## Goods\n\nThe goods are these:\n\n| Name |\n| --- |\n| {{party}} |\n| Date: |\n",
        ] {
            check(text, &[("Goods", "The goods are these:")]);
        }
    }
}
