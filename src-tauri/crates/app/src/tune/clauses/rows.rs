//! Clauses in tables: term sheets, cover pages and many forms set a clause as a row, its heading on the left and its text
//! on the right, and frame whole texts by a table of one column.

use std::borrow::Cow;

use moqi_document::{
    Block, BlockKind, Cell, Document, HeadingStyle, Inline, InlineKind, Merge, Table, plain,
};

use super::typed::ZH;
use super::{is_han, is_short};

/// Characters of a line that says something, at least; below it, it is a value.
const SHORTEST_SENTENCE: usize = 40;
const SHORTEST_SENTENCE_ZH: usize = 15;
/// Rows that read as clauses, at least; one could be a remark.
const FEWEST_ROWS: usize = 2;

/// The document with such rows as headings and text, and how many headings that made. What stands behind a table belongs to
/// the heading before it.
pub(super) fn rows_as_clauses(document: &Document) -> (Cow<'_, Document>, usize) {
    let reads = |block: &Block| matches!(&block.kind, BlockKind::Table(table) if !blocks_of(table, block).is_empty());
    if !document.blocks.iter().any(reads) {
        return (Cow::Borrowed(document), 0);
    }
    let mut blocks = Vec::new();
    let mut above = heading(Vec::new());
    let mut made = 0;
    for block in &document.blocks {
        match &block.kind {
            BlockKind::Table(table) => {
                let rows = blocks_of(table, block);
                let headings = rows.iter().filter(|row| is_heading(row)).count();
                blocks.extend(rows);
                if headings > 0 {
                    made += headings + 1;
                    blocks.push(Block {
                        kind: above.clone(),
                        id: None,
                        span: block.span,
                    });
                }
            }
            kind => {
                if is_heading(block) {
                    above = kind.clone();
                }
                blocks.push(block.clone());
            }
        }
    }
    let document = Document {
        blocks,
        ..document.clone()
    };
    (Cow::Owned(document), made)
}

fn is_heading(block: &Block) -> bool {
    matches!(block.kind, BlockKind::Heading { .. })
}

/// What a table says, as blocks; none where it lists values.
fn blocks_of(table: &Table, at: &Block) -> Vec<Block> {
    let block = |kind| Block {
        kind,
        id: None,
        span: at.span,
    };
    let paragraphs = |cell: &Cell| -> Vec<Block> {
        let all = lines(&cell.content).map(|line| block(paragraph(line.to_vec())));
        all.collect()
    };
    if table.align.len() == 1 {
        let cells = table.rows.iter().flatten();
        let says = cells.clone().any(|cell| says(&cell.content));
        return match says {
            true => cells.flat_map(paragraphs).collect(),
            false => Vec::new(),
        };
    }
    let rows: Vec<Vec<&Cell>> = table.rows.iter().map(|row| filled(row)).collect();
    let clauses: Vec<(&[Inline], &Cell)> = rows.iter().filter_map(|row| clause(row)).collect();
    let full = rows.iter().filter(|row| row.len() > 1).count();
    if clauses.len() < FEWEST_ROWS || 2 * clauses.len() < full {
        return Vec::new();
    }
    clauses
        .into_iter()
        .flat_map(|(name, text)| {
            std::iter::once(block(heading(name.to_vec()))).chain(paragraphs(text))
        })
        .collect()
}

fn heading(content: Vec<Inline>) -> BlockKind {
    BlockKind::Heading {
        level: 1,
        style: HeadingStyle::Plain,
        content,
    }
}

fn paragraph(content: Vec<Inline>) -> BlockKind {
    BlockKind::Paragraph {
        depth: 0,
        quote: false,
        content,
    }
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
    // A second line explains the heading.
    let name = lines(&name.content).next()?;
    let heads = is_short(plain(name).trim_end_matches([':', '：', '.']));
    (heads && says(&text.content)).then_some((name, *text))
}

fn is_number(text: &str) -> bool {
    let text = text.trim();
    let known = |c: char| c.is_ascii_digit() || ".()（）、．第条".contains(c) || ZH.contains(c);
    !text.is_empty() && text.chars().all(known)
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
                (
                    "Payment",
                    "Customer pays each invoice within thirty days of its date.\n\nInterest runs from the day after.",
                ),
                (
                    "Term",
                    "The SOW begins on the SOW Date and ends a year after it.",
                ),
                ("", "Each party signs below."),
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
    fn what_follows_a_table_belongs_to_the_heading_before_it() {
        check(
            "## 服务标准\n\n服务标准如下表：\n\n| 级别 | 标准 |\n| --- | --- |\n| 一级 | 系统全部不能使用的，乙方应当在一小时内到场。 |\n| 二级 | 部分功能不能使用的，乙方应当在四小时内答复。 |\n\n乙方按月报告执行情况。\n",
            &[
                ("服务标准", "服务标准如下表："),
                ("一级", "系统全部不能使用的，乙方应当在一小时内到场。"),
                ("二级", "部分功能不能使用的，乙方应当在四小时内答复。"),
                ("服务标准", "乙方按月报告执行情况。"),
            ],
        );
    }

    #[test]
    fn names_at_the_start_of_items_are_headings_below_such_a_table_too() {
        check(
            "| Purpose | The parties wish to evaluate a transaction together. |\n| --- | --- |\n| Law | The laws of the place named above govern this agreement. |\n| Courts | The courts of the place named above have jurisdiction. |\n\n1. **Use**. Recipient uses it only so.\n2. **Return**. Recipient returns it at once.\n3. **Term**. It ends after a year.\n4. **General Terms**. None may assign it.\n",
            &[
                (
                    "Purpose",
                    "The parties wish to evaluate a transaction together.",
                ),
                (
                    "Law",
                    "The laws of the place named above govern this agreement.",
                ),
                (
                    "Courts",
                    "The courts of the place named above have jurisdiction.",
                ),
                ("Use", "Recipient uses it only so."),
                ("Return", "Recipient returns it at once."),
                ("Term", "It ends after a year."),
                ("General Terms", "None may assign it."),
            ],
        );
    }

    #[test]
    fn a_table_of_one_column_frames_a_text() {
        check(
            "| 律师函 |\n| --- |\n| 第一条 付款<br>贵公司应当在收到本函之日起十日内付清货款。<br>第二条 送达<br>本函以邮寄方式送达贵公司住所地。 |\n",
            &[
                ("付款", "贵公司应当在收到本函之日起十日内付清货款。"),
                ("送达", "本函以邮寄方式送达贵公司住所地。"),
            ],
        );
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
