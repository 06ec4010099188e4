//! Tables of data and signature blocks.

use super::body::Body;
use super::design::Design;
use super::inline::Site;
use super::look::Family;
use super::text::{is_wide, width};
use docx_rs as word;
use moqi_document::{Align, Inline, InlineKind, Language, SignatureParty, Table};

/// Room of a cell beside its text, in half characters.
const PADDING: usize = 3;
/// A cell of so few half characters is not broken into lines.
const SHORTEST: usize = 8;
/// A table of so many rows stays on one page.
const SMALL: usize = 8;
/// Room a hand needs to sign, in twips.
const INK: usize = 2200;
/// Space between the edge of a cell and its text, in twips, as the styles say.
const CELL_MARGIN: i32 = 108;
/// A cell wider than this is expected to break its text into lines.
const WIDEST: usize = 56;

impl Body<'_> {
    /// Width of the text area, in twips.
    fn text_width(&self) -> usize {
        let (paper, length) = self.look.page();
        let [top, right, bottom, left] = self.design.margins;
        let width = match self.landscape {
            false => paper - right - left,
            true => length - top - bottom,
        };
        usize::try_from(width).unwrap_or(8000)
    }

    /// A table of data: borders, header rows that come again on every page, widths after the content; a small
    /// one stays on one page, and no page holds only the last row of a larger one.
    pub(super) fn data_table(&mut self, table: &Table) -> word::Table {
        let columns = columns(table);
        let mut table = table.clone();
        for row in &mut table.rows {
            row.resize_with(columns, Default::default);
        }
        table.normalize_merges();
        let half = half_width(self.design);
        let widths = column_widths(&table, columns, self.text_width(), half);
        let last = table.rows.len().saturating_sub(1);
        let head = table.head_rows();
        // For each column how many columns the cell takes that the rows below may go on with.
        let mut above = vec![1; columns];
        let mut rows = Vec::with_capacity(table.rows.len());
        for (number, (row, anchors)) in table.rows.iter().zip(table.anchors()).enumerate() {
            let mut cells = Vec::with_capacity(columns);
            for column in 0..columns {
                // A merged cell stands in each of its rows, at its first column.
                if anchors[column].1 != column {
                    continue;
                }
                let extent = table.extent(number, column);
                if let Some(extent) = extent {
                    above[column] = extent.columns;
                }
                let content = row[column].content.as_slice();
                let style = if number < head {
                    "TableHeading"
                } else {
                    "TableText"
                };
                let mut paragraph = word::Paragraph::new().style(style);
                paragraph.children = self.words(content, Site::Body);
                let span = above[column];
                let align = match table.align.get(column) {
                    // The head of several columns stands over their middle, however they are aligned.
                    _ if number < head && span > 1 => Some(word::AlignmentType::Center),
                    Some(Align::Center) => Some(word::AlignmentType::Center),
                    Some(Align::Right) => Some(word::AlignmentType::Right),
                    Some(Align::Left) if number < head => Some(word::AlignmentType::Left),
                    _ => None,
                };
                if let Some(align) = align {
                    paragraph = paragraph.align(align);
                }
                if number < last && (last < SMALL || number + 1 == last) {
                    paragraph = paragraph.keep_next(true);
                }
                let mut cell = word::TableCell::new()
                    .add_paragraph(paragraph)
                    .width(
                        widths[column..column + span].iter().sum(),
                        word::WidthType::Dxa,
                    )
                    .vertical_align(word::VAlignType::Center);
                if span > 1 {
                    cell = cell.grid_span(span);
                }
                cell = match extent {
                    Some(extent) if extent.rows > 1 => {
                        cell.vertical_merge(word::VMergeType::Restart)
                    }
                    Some(_) => cell,
                    None => cell.vertical_merge(word::VMergeType::Continue),
                };
                if number < head {
                    cell = cell.shading(
                        word::Shading::new()
                            .shd_type(word::ShdType::Clear)
                            .color("auto")
                            .fill("EDEDED"),
                    );
                }
                cells.push(cell);
            }
            rows.push(word::TableRow::new(cells).cant_split());
        }
        if rows.is_empty() {
            let cell =
                word::TableCell::new().add_paragraph(word::Paragraph::new().style("TableText"));
            rows.push(word::TableRow::new(vec![cell]));
        }
        word::Table::new(rows)
            .style("TableGrid")
            .width(widths.iter().sum(), word::WidthType::Dxa)
            .layout(word::TableLayoutType::Fixed)
            .set_grid(widths)
    }

    /// A signature block: two parties side by side, no borders, no row broken over pages. Under a Chinese paper that
    /// one party signs, and under any pleading, parties sign at the right, one below the other.
    pub(super) fn signature_table(&mut self, parties: &[&SignatureParty]) -> word::Table {
        let total = self.text_width();
        let at_right = self.look.family == Family::ZhPleading
            || (parties.len() == 1 && self.look.language == Language::Zh);
        let right = if at_right {
            self.signature_width(parties)
                .clamp(total / 2, total * 4 / 5)
        } else {
            total / 2
        };
        let left = if at_right { total - right } else { right };
        let mut rows = Vec::new();
        for (number, pair) in parties.chunks(if at_right { 1 } else { 2 }).enumerate() {
            let lines = pair.iter().map(|party| party.lines.len()).max();
            // A row for each line: where the name of one party is long, the lines to sign on still stand level.
            for at in 0..lines.unwrap_or(0).max(1) {
                let apart = number > 0 && at == 0;
                let mut cells = Vec::new();
                if at_right {
                    cells.push(self.signature_cell(None, left, apart));
                }
                for party in pair {
                    cells.push(self.signature_cell(party.lines.get(at), right, apart));
                }
                if cells.len() == 1 {
                    cells.push(self.signature_cell(None, right, apart));
                }
                rows.push(word::TableRow::new(cells).cant_split());
            }
        }
        word::Table::without_borders(rows)
            .indent(-CELL_MARGIN)
            .width(left + right, word::WidthType::Dxa)
            .layout(word::TableLayoutType::Fixed)
            .set_grid(vec![left, right])
    }

    /// Room the longest line of a signature takes, the ink and the margins of the cell included.
    fn signature_width(&self, parties: &[&SignatureParty]) -> usize {
        parties
            .iter()
            .flat_map(|party| &party.lines)
            .map(|line| self.label_width(line) + if is_blank(line) { INK + 400 } else { 300 })
            .max()
            .unwrap_or(0)
    }

    /// Room of a line of body text, in twips.
    fn label_width(&self, line: &[Inline]) -> usize {
        line_width(line) * usize::try_from(self.design.size * 5).unwrap_or(120)
    }

    /// A line of a signature; the first of a party below others stands apart from them.
    fn signature_cell(
        &mut self,
        line: Option<&Vec<Inline>>,
        cell_width: usize,
        apart: bool,
    ) -> word::TableCell {
        let mut paragraph = word::Paragraph::new().style("SignatureLine");
        if apart {
            paragraph = paragraph.line_spacing(word::LineSpacing::new().before(400));
        }
        if let Some(line) = line {
            paragraph.children = self.words(line, Site::Body);
        }
        if let Some(line) = line.filter(|line| is_blank(line)) {
            // A ruled line to write on, up to the inner edge of the cell; below a label that leaves no room.
            let edge = cell_width.saturating_sub(400);
            let tab = word::Tab::new()
                .val(word::TabValueType::Right)
                .leader(word::TabLeaderType::Underscore)
                .pos(edge);
            paragraph = paragraph.add_tab(tab);
            let mut run = word::Run::new();
            if self.label_width(line) + INK > edge + 100 {
                run.children.push(word::RunChild::Break(word::Break::new(
                    word::BreakType::TextWrapping,
                )));
            }
            run.children.push(word::RunChild::Tab(word::Tab::new()));
            paragraph
                .children
                .push(word::ParagraphChild::Run(Box::new(run)));
        }
        word::TableCell::new()
            .width(cell_width, word::WidthType::Dxa)
            .add_paragraph(paragraph)
    }
}

/// True for a line that waits for ink: it ends in a colon, or says nothing.
fn is_blank(line: &[Inline]) -> bool {
    let mut text = String::new();
    for inline in line {
        match &inline.kind {
            InlineKind::Text(part) => text.push_str(part),
            _ => text.push('x'),
        }
    }
    let text = text.trim_end();
    text.is_empty() || text.ends_with([':', '：'])
}

/// Widths of columns in twips, by what stands in them; they add up to `total`. `half` is the width of half a character.
///
/// Where the content is too wide, a column gives way only down to its longest word, so that a number stays whole and
/// 序号 on one line; the columns that hold prose take what is left.
fn column_widths(table: &Table, columns: usize, total: usize, half: usize) -> Vec<usize> {
    let (natural, least) = needs(table, columns);
    let (sum, low) = (natural.iter().sum::<usize>(), least.iter().sum::<usize>());
    let room = total / half.max(1);
    let mut widths: Vec<usize> = (0..columns)
        .map(|column| {
            let width = if sum <= room || low == sum {
                total * natural[column] / sum
            } else if low <= room {
                let spare = total.saturating_sub(low * half);
                least[column] * half + spare * (natural[column] - least[column]) / (sum - low)
            } else {
                total * least[column] / low
            };
            width.max(1)
        })
        .collect();
    // Rounding goes to the last column.
    let used: usize = widths.iter().sum();
    if let Some(last) = widths.last_mut() {
        *last = (*last + total).saturating_sub(used).max(1);
    }
    widths
}

/// The least width of a table in twips, with no word or number broken in two.
pub(super) fn least_width(table: &Table, design: &Design) -> i32 {
    let (_, least) = needs(table, columns(table));
    i32::try_from(least.iter().sum::<usize>() * half_width(design)).unwrap_or(i32::MAX)
}

/// Columns of a table, one at least.
fn columns(table: &Table) -> usize {
    let longest = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    table.align.len().max(longest).max(1)
}

/// Width of half a character in a table, in twips.
fn half_width(design: &Design) -> usize {
    usize::try_from(design.table_size() * 5).unwrap_or(100)
}

/// What each column would like and what it needs, in half characters. What a cell over several columns needs beyond the
/// cells in them is shared among them.
fn needs(table: &Table, columns: usize) -> (Vec<usize>, Vec<usize>) {
    let mut natural = vec![4usize; columns];
    let mut least = vec![4usize; columns];
    let mut over = Vec::new();
    for placed in table.placed() {
        let (whole, word) = needs_of(&placed.cell.content);
        let (from, span) = (placed.column, placed.extent.columns);
        if span > 1 {
            over.push((from..from + span, whole, word));
            continue;
        }
        natural[from] = natural[from].max(whole);
        least[from] = least[from].max(word);
    }
    for (range, whole, word) in over {
        for (all, wanted) in [(&mut natural, whole), (&mut least, word)] {
            let missing = wanted.saturating_sub(all[range.clone()].iter().sum());
            for width in &mut all[range.clone()] {
                *width += missing.div_ceil(range.len());
            }
        }
    }
    for (natural, least) in natural.iter_mut().zip(&least) {
        *natural = (*natural).max(*least);
    }
    (natural, least)
}

/// What a cell would like and what it needs.
fn needs_of(content: &[Inline]) -> (usize, usize) {
    let (mut natural, mut least) = (0, 0);
    for line in content.split(|inline| inline.kind == InlineKind::Break) {
        let whole = (line_width(line) + PADDING).min(WIDEST);
        let word = if whole <= SHORTEST + PADDING {
            whole
        } else {
            (longest_word(line) + PADDING).min(whole)
        };
        natural = natural.max(whole);
        least = least.max(word);
    }
    (natural, least)
}

/// Room of the longest piece of a line that is not broken: a Western word or number, a Chinese character.
fn longest_word(line: &[Inline]) -> usize {
    let (mut longest, mut at) = (0, 0);
    for inline in line {
        match &inline.kind {
            InlineKind::Text(text) => {
                for c in text.chars() {
                    if c.is_whitespace() || is_wide(c) {
                        at = 0;
                    }
                    at += width(c.encode_utf8(&mut [0; 4]));
                    longest = longest.max(at);
                    if is_wide(c) {
                        at = 0;
                    }
                }
            }
            _ => at = 0,
        }
    }
    longest
}

/// Room of the inlines of one line, in half characters.
fn line_width(line: &[Inline]) -> usize {
    line.iter()
        .map(|inline| match &inline.kind {
            InlineKind::Text(text) => width(text),
            InlineKind::Field(expression) => width(expression) + 4,
            InlineKind::Reference(_) => 8,
            InlineKind::Break | InlineKind::FootnoteRef(_) => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_document::{BlockKind, parse};

    fn widths(rows: &str, total: usize) -> Vec<usize> {
        let document = parse(rows);
        let BlockKind::Table(table) = &document.blocks[0].kind else {
            panic!("no table")
        };
        column_widths(table, table.rows[0].len(), total, 105)
    }

    #[test]
    fn short_cells_and_numbers_stay_whole_where_prose_gives_way() {
        let prose = "按照本合同约定的时间和方式向买受人交付全部设备及随附的技术资料";
        let widths = widths(
            &format!(
                "| 序号 | 说明 | 金额 | 备注 |\n|---|---|---|---|\n| 1 | {prose} | 1,200,000.00 | {prose} |\n"
            ),
            8730,
        );
        assert_eq!(widths.iter().sum::<usize>(), 8730);
        assert!(
            widths[0] >= 4 * 105 + 2 * CELL_MARGIN as usize,
            "{widths:?}"
        );
        assert!(
            widths[2] >= 12 * 105 + 2 * CELL_MARGIN as usize,
            "{widths:?}"
        );
        assert!(widths[1].abs_diff(widths[3]) < 4, "{widths:?}");
    }

    #[test]
    fn a_cell_over_columns_does_not_make_one_of_them_wide() {
        let long = "Quarterly instalments payable under this schedule";
        let merged = widths(
            &format!("| {long} | < | Place |\n|---|---|---|\n| 10.00 | 20.00 | Leeds |\n"),
            8730,
        );
        let apart = widths(
            &format!("| {long} |  | Place |\n|---|---|---|\n| 10.00 | 20.00 | Leeds |\n"),
            8730,
        );
        assert!(merged[0].abs_diff(merged[1]) < 4, "{merged:?}");
        assert!(apart[0] > 3 * apart[1], "{apart:?}");
        // What it needs it has.
        let wide = "1".repeat(30);
        let needed = widths(
            &format!(
                "| {wide} | < | {} |\n|---|---|---|\n| 1 | 2 | 3 |\n",
                "a b ".repeat(40)
            ),
            8730,
        );
        assert!(needed[0] + needed[1] >= 30 * 105, "{needed:?}");
    }

    #[test]
    fn widths_add_up_whatever_stands_in_the_cells() {
        let long = "x".repeat(500);
        for rows in [
            "| a |\n|---|\n".to_owned(),
            format!("| {long} | {long} | {long} |\n|---|---|---|\n| | | |\n"),
            format!("|{}\n|{}\n", " a |".repeat(60), "---|".repeat(60)),
        ] {
            let widths = widths(&rows, 8730);
            assert_eq!(widths.iter().sum::<usize>(), 8730, "{widths:?}");
            assert!(widths.iter().all(|width| *width > 0));
        }
    }
}
