//! Tables of data and signature blocks.

use super::body::Body;
use super::inline::Site;
use super::text::width;
use docx_rs as word;
use moqi_document::{Align, Inline, InlineKind, Language, SignatureParty, Table};

/// Room of a cell beside its text, in half characters.
const PADDING: usize = 3;
/// Space between the edge of a cell and its text, in twips, as the styles say.
const CELL_MARGIN: i32 = 108;
/// A cell wider than this is expected to break its text into lines.
const WIDEST: usize = 56;

impl Body<'_> {
    /// Width of the text area, in twips.
    fn text_width(&self) -> usize {
        let (paper, _) = self.look.paper.size();
        usize::try_from(paper - self.design.margins[1] - self.design.margins[3]).unwrap_or(8000)
    }

    /// A table of data: borders, a header row that comes again on every page, widths after the content.
    pub(super) fn data_table(&mut self, table: &Table) -> word::Table {
        let columns = table
            .align
            .len()
            .max(table.rows.iter().map(Vec::len).max().unwrap_or(0))
            .max(1);
        let widths = column_widths(table, columns, self.text_width());
        let mut rows = Vec::with_capacity(table.rows.len());
        for (number, row) in table.rows.iter().enumerate() {
            let mut cells = Vec::with_capacity(columns);
            for (column, &cell_width) in widths.iter().enumerate() {
                let content = row
                    .get(column)
                    .map_or(&[][..], |cell| cell.content.as_slice());
                let style = if number == 0 {
                    "TableHeading"
                } else {
                    "TableText"
                };
                let mut paragraph = word::Paragraph::new().style(style);
                paragraph.children = self.words(content, Site::Body);
                let align = match table.align.get(column) {
                    Some(Align::Center) => Some(word::AlignmentType::Center),
                    Some(Align::Right) => Some(word::AlignmentType::Right),
                    Some(Align::Left) if number == 0 => Some(word::AlignmentType::Left),
                    _ => None,
                };
                if let Some(align) = align {
                    paragraph = paragraph.align(align);
                }
                let mut cell = word::TableCell::new()
                    .add_paragraph(paragraph)
                    .width(cell_width, word::WidthType::Dxa)
                    .vertical_align(word::VAlignType::Center);
                if number == 0 {
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

    /// A signature block: two parties side by side, no borders, no row broken over pages.
    pub(super) fn signature_table(&mut self, parties: &[SignatureParty]) -> word::Table {
        let total = self.text_width();
        let half = total / 2;
        let mut rows = Vec::new();
        for pair in parties.chunks(2) {
            let mut cells = Vec::new();
            // A single Chinese signatory signs at the right, as under a pleading.
            if parties.len() == 1 && self.look.language == Language::Zh {
                cells.push(self.signature_cell(&[], half));
            }
            for party in pair {
                cells.push(self.signature_cell(&party.lines, half));
            }
            if cells.len() == 1 {
                cells.push(self.signature_cell(&[], half));
            }
            rows.push(word::TableRow::new(cells).cant_split());
        }
        word::Table::without_borders(rows)
            .indent(-CELL_MARGIN)
            .width(half * 2, word::WidthType::Dxa)
            .layout(word::TableLayoutType::Fixed)
            .set_grid(vec![half, half])
    }

    fn signature_cell(&mut self, lines: &[Vec<Inline>], cell_width: usize) -> word::TableCell {
        let mut cell = word::TableCell::new().width(cell_width, word::WidthType::Dxa);
        for line in lines {
            let mut paragraph = word::Paragraph::new().style("SignatureLine");
            paragraph.children = self.words(line, Site::Body);
            if is_blank(line) {
                // A ruled line to write on, up to the inner edge of the cell.
                let tab = word::Tab::new()
                    .val(word::TabValueType::Right)
                    .leader(word::TabLeaderType::Underscore)
                    .pos(cell_width.saturating_sub(400));
                paragraph = paragraph.add_tab(tab);
                let mut run = word::Run::new();
                run.children.push(word::RunChild::Tab(word::Tab::new()));
                paragraph
                    .children
                    .push(word::ParagraphChild::Run(Box::new(run)));
            }
            cell = cell.add_paragraph(paragraph);
        }
        if lines.is_empty() {
            cell = cell.add_paragraph(word::Paragraph::new().style("SignatureLine"));
        }
        cell
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

/// Widths of columns in twips, by what stands in them; they add up to `total`.
fn column_widths(table: &Table, columns: usize, total: usize) -> Vec<usize> {
    let mut natural = vec![4usize; columns];
    for row in &table.rows {
        for (column, cell) in row.iter().enumerate().take(columns) {
            let longest = cell
                .content
                .split(|inline| inline.kind == InlineKind::Break)
                .map(line_width)
                .max()
                .unwrap_or(0);
            natural[column] = natural[column].max((longest + PADDING).min(WIDEST));
        }
    }
    let sum: usize = natural.iter().sum();
    let mut widths: Vec<usize> = natural
        .iter()
        .map(|part| (total * part / sum).max(1))
        .collect();
    // Rounding goes to the last column.
    let used: usize = widths.iter().sum();
    if let Some(last) = widths.last_mut() {
        *last = (*last + total).saturating_sub(used).max(1);
    }
    widths
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
