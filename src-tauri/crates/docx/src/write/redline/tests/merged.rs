//! Tables with merged cells: written, read, and compared.

use super::edits::{Dice, canonical, edit_table, merge_cells, text, words};
use super::resolve;
use crate::read::read;
use crate::write::{Look, write};
use moqi_document::{Align, Block, BlockKind, Cell, Document, Merge, Table, parse, plain};

/// A document of two paragraphs around a table, some of whose cells are merged.
fn with_table(dice: &mut Dice) -> Document {
    let columns = 1 + dice.roll(5);
    let cell = |dice: &mut Dice| Cell {
        content: vec![text(&words(dice))],
        ..Cell::default()
    };
    let mut table = Table {
        align: vec![Align::None; columns],
        rows: (0..2 + dice.roll(6))
            .map(|_| (0..columns).map(|_| cell(dice)).collect())
            .collect(),
    };
    for _ in 0..dice.roll(4) {
        let row = dice.roll(table.rows.len());
        merge_cells(dice, &mut table, row);
    }
    let paragraph = |words: &str| BlockKind::Paragraph {
        depth: 0,
        quote: false,
        content: vec![text(words)],
    };
    let kinds = [
        paragraph("Before it."),
        BlockKind::Table(table),
        paragraph("After it."),
    ];
    let blocks = kinds.into_iter().map(|kind| Block {
        kind,
        id: None,
        span: Default::default(),
    });
    canonical(&Document {
        blocks: blocks.collect(),
        ..Document::default()
    })
}

fn table(document: &Document) -> &Table {
    let found = document.blocks.iter().find_map(|block| match &block.kind {
        BlockKind::Table(table) => Some(table),
        _ => None,
    });
    found.expect("a table")
}

/// The cells in order: row, rows it reaches, words.
fn cells(table: &Table) -> Vec<(usize, usize, String)> {
    let said = |words: &str| words.split_whitespace().collect::<Vec<_>>().join(" ");
    table
        .placed()
        .map(|placed| {
            let words = said(&plain(&placed.cell.content));
            (placed.row, placed.extent.rows, words)
        })
        .collect()
}

/// How the cells of each row are merged.
fn merges(table: &Table) -> Vec<Vec<Merge>> {
    let row = |row: &Vec<Cell>| row.iter().map(|cell| cell.merge).collect();
    table.rows.iter().map(row).collect()
}

/// A column in which no cell begins is none in a file.
fn every_column_begins(table: &Table) -> bool {
    let anchors = table.anchors();
    (1..table.align.len()).all(|at| anchors.iter().any(|row| row[at] != row[at - 1]))
}

#[test]
fn merged_cells_come_back_from_a_file() {
    let mut dice = Dice(0x5EED_CE11_5EED_CE11);
    let (mut merged, mut whole) = (0, 0);
    for round in 0..300 {
        let document = with_table(&mut dice);
        let file = write(&document, &Look::for_document(&document)).unwrap();
        let found = read(&file.value).unwrap();
        assert!(found.warnings.is_empty(), "{round}: {:?}", found.warnings);
        let back = parse(&found.value.text);
        assert_eq!(cells(table(&back)), cells(table(&document)), "{round}");
        merged += usize::from(merges(table(&document)).concat().contains(&Merge::Up));
        if every_column_begins(table(&document)) {
            assert_eq!(merges(table(&back)), merges(table(&document)), "{round}");
            whole += 1;
        }
        let again = write(&back, &Look::for_document(&back)).unwrap();
        assert_eq!(read(&again.value).unwrap().value.text, found.value.text);
    }
    assert!(merged > 100 && whole > 100, "{merged} {whole}");
}

#[test]
fn both_tables_come_back_after_any_edits_of_merged_cells() {
    let mut dice = Dice(0x0B0E_57AB_1E0F_5EED);
    let (mut changed, mut kept) = (0, 0);
    for round in 0..300 {
        let old = with_table(&mut dice);
        let mut new = old.clone();
        for block in &mut new.blocks {
            if let BlockKind::Table(table) = &mut block.kind {
                for _ in 0..1 + dice.roll(3) {
                    edit_table(&mut dice, table);
                }
            }
        }
        let new = canonical(&new);
        resolve(&old, &new, &format!("merged cells {round}"));
        let (before, now) = (merges(table(&old)), merges(table(&new)));
        changed += usize::from(before != now);
        kept += usize::from(before == now && now.concat().iter().any(|m| *m != Merge::None));
    }
    assert!(changed > 60 && kept > 40, "{changed} {kept}");
}

/// Rows that no merge touches keep their marks: only the rows of the merged cell that changed come and go.
#[test]
fn rows_beside_a_changed_merge_stay() {
    let old = parse(
        "| a | b |\n|---|---|\n| one | two |\n| three | four |\n| ^ | five |\n| six | seven |\n",
    );
    let new = parse(
        "| a | b |\n|---|---|\n| one | two |\n| three | four |\n| eight | five |\n| six | seven |\n",
    );
    let file = resolve(&old, &new, "a merge taken back");
    let document = &crate::write::tests::parts(&file)["word/document.xml"];
    let rows: Vec<&str> = document.split("<w:tr>").skip(1).collect();
    let flags: Vec<&str> = rows
        .iter()
        .map(|row| {
            let own = row.split("</w:trPr>").next().unwrap();
            match (own.contains("<w:del "), own.contains("<w:ins ")) {
                (true, false) => "-",
                (false, true) => "+",
                _ => "=",
            }
        })
        .collect();
    assert_eq!(flags.concat(), "==--++=");
    assert_eq!(document.matches("<w:vMerge ").count(), 2);
}
