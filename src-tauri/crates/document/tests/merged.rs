//! Merged cells of tables in the text: read, written, and put back where they are no rectangle.

use std::time::Instant;

use moqi_document::compare::Inside;

use moqi_document::{
    Answer, Answers, BlockKind, Cell, Change, Document, Extent, Inline, InlineKind, Marks, Merge,
    Prose, Span, Table, compare, fill, normalize, parse, plain, print,
};

fn table(document: &Document) -> &Table {
    let found = document.blocks.iter().find_map(|b| match &b.kind {
        BlockKind::Table(table) => Some(table),
        _ => None,
    });
    found.expect("a table")
}

/// A text of rows: the cells with their signs, and how far those reach that reach over others.
fn shape(text: &str) -> String {
    let document = parse(text);
    let table = table(&document);
    let rows = table.rows.iter().enumerate().map(|(row, cells)| {
        let cells = cells.iter().enumerate().map(|(column, cell)| {
            match (cell.merge, table.extent(row, column)) {
                (Merge::Left, None) => "left".to_owned(),
                (Merge::Up, None) => "up".to_owned(),
                (
                    _,
                    Some(Extent {
                        columns: 1,
                        rows: 1,
                    }),
                ) => plain(&cell.content),
                (_, Some(e)) => format!("{}:{}x{}", plain(&cell.content), e.columns, e.rows),
                (merge, None) => panic!("{merge:?} without anchor"),
            }
        });
        cells.collect::<Vec<_>>().join(" ")
    });
    rows.collect::<Vec<_>>().join(" / ")
}

fn rows(lines: &[&str]) -> String {
    let columns = lines[0].matches('|').count() - 1;
    let mut all: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    all.insert(1, format!("|{}\n", " --- |".repeat(columns)));
    all.concat()
}

#[track_caller]
fn check(lines: &[&str], expected: &str, printed: &[&str]) {
    let text = rows(lines);
    assert_eq!(shape(&text), expected, "{text}");
    let out = print(&parse(&text));
    assert_eq!(out, rows(printed));
    assert_eq!(print(&parse(&out)), out);
    assert_eq!(shape(&out), expected);
}

#[test]
fn rectangles_are_merged() {
    let same = ["| a | < | b |", "| ^ | ^ | c |", "| d | e | ^ |"];
    check(&same, "a:2x2 left b / up up c:1x2 / d e up", &same);
    // The other spelling of a block is read, the canonical one written.
    check(
        &["| a | < | b |", "|^|<| c |", "| ^ |  < | d |"],
        "a:2x3 left b / up up c / up up d",
        &["| a | < | b |", "| ^ | ^ | c |", "| ^ | ^ | d |"],
    );
    let whole = ["| a | < | < |", "| ^ | ^ | ^ |"];
    check(&whole, "a:3x2 left left / up up up", &whole);
    let empty = ["|  | < | b |", "| c | d | ^ |"];
    check(&empty, ":2x1 left b:1x2 / c d up", &empty);
}

#[test]
fn what_is_no_rectangle_stays_words() {
    check(
        &["| < | ^ |", "| a | b |"],
        "< ^ / a b",
        &["| \\< | \\^ |", "| a | b |"],
    );
    // An L: the row is merged, what hangs below it is not.
    check(
        &["| a | < |", "| ^ | b |"],
        "a:2x1 left / ^ b",
        &["| a | < |", "| \\^ | b |"],
    );
    check(
        &["| a | b |", "| ^ | < |"],
        "a:1x2 b / up <",
        &["| a | b |", "| ^ | \\< |"],
    );
    // A sign that is words can have cells of its own.
    check(
        &["| < | < |", "| ^ | ^ |"],
        "<:2x2 left / up up",
        &["| \\< | < |", "| ^ | ^ |"],
    );
    check(
        &["| a | < | b |", "| ^ | ^ | < |"],
        "a:2x2 left b / up up <",
        &["| a | < | b |", "| ^ | ^ | \\< |"],
    );
}

#[test]
fn literal_signs_are_escaped() {
    let same = ["| a | \\< | b |", "| \\^ | c | \\^ |"];
    check(&same, "a < b / ^ c ^", &same);
    let more = ["| a | <br> | < b |", "| ^ b | x < y | 3 < 4 |"];
    let text = rows(&more);
    let document = parse(&text);
    assert!(
        table(&document)
            .rows
            .iter()
            .flatten()
            .all(|c| c.merge == Merge::None)
    );
    assert_eq!(print(&document), text);
    // Nothing but words of a value: the answer to a field is never a sign.
    for sign in ["<", "^", " ^ "] {
        let answers = Answers::from([("a".to_owned(), Answer::Text(sign.into()))]);
        let text = "---\nfields:\n  a: {type: text}\n---\n| x | y |\n| - | - |\n| z | {{a}} |\n| {{a}} | 1 |\n";
        let filled = parse(&fill(text, &answers).text);
        let table = table(&filled);
        assert!(table.rows.iter().flatten().all(|c| c.merge == Merge::None));
        assert_eq!(plain(&table.rows[2][0].content), sign.trim());
    }
}

#[test]
fn an_editors_merges_are_made_whole() {
    let words = |words: &str| {
        vec![Inline {
            kind: InlineKind::Text(words.into()),
            marks: Marks::default(),
            span: Span::default(),
        }]
    };
    let cell = |merge, content: &str| Cell {
        content: words(content),
        merge,
        span: Span::default(),
    };
    let mut document = parse("| a | b |\n| - | - |\n| c | d |\n");
    if let BlockKind::Table(table) = &mut document.blocks[0].kind {
        table.rows = vec![
            vec![cell(Merge::Up, "a"), cell(Merge::Left, "b")],
            vec![cell(Merge::Up, "c"), cell(Merge::Left, "d")],
            vec![cell(Merge::None, "e"), cell(Merge::None, "f")],
            vec![cell(Merge::Up, "g"), cell(Merge::None, "h")],
        ];
    }
    normalize(&mut document);
    // No word is lost: those of merged cells stand in the cell that they belong to.
    assert_eq!(
        print(&document),
        rows(&[
            "| a<br>b<br>c<br>d | < |",
            "| ^ | ^ |",
            "| e<br>g | f |",
            "| ^ | h |"
        ])
    );
}

#[test]
fn covered_cells_say_nothing() {
    let document = parse("| 甲方 | < |\n| - | - |\n| ^ | ^ |\n| 乙方 | 丙 |\n");
    let proses: Vec<String> = Prose::of(&document.blocks[0])
        .into_iter()
        .map(|p| p.text)
        .collect();
    assert_eq!(proses, ["甲方", "", "", "", "乙方", "丙"]);
}

#[test]
fn rows_under_the_head_that_its_cells_reach_are_head_too() {
    let head = |lines: &[&str]| table(&parse(&rows(lines))).head_rows();
    assert_eq!(head(&["| a | b |", "| c | d |"]), 1);
    assert_eq!(
        head(&["| a | b | < |", "| ^ | c | d |", "| 1 | 2 | 3 |"]),
        2
    );
    assert_eq!(
        head(&["| a | b |", "| ^ | c |", "| d | ^ |", "| e | f |"]),
        3
    );
}

#[test]
fn a_change_of_merged_cells_alone_is_a_change() {
    let old = parse("| a | b |\n| - | - |\n| c |  |\n| d | e |\n");
    let new = parse("| a | b |\n| - | - |\n| c | < |\n| d | e |\n");
    let found = compare(&old, &new);
    let Change::Edited {
        inside: Inside::Rows(rows),
        ..
    } = &found.parts[0]
    else {
        panic!("{found:?}")
    };
    assert_eq!(rows.len(), 3);
    let counts = found.counts(&old, &new);
    assert_eq!(
        (counts.formats, counts.insertions, counts.deletions),
        (1, 0, 0)
    );
    assert_eq!(found.list(&old, &new).len(), 1);
    assert!(compare(&new, &new).is_same());
    // A sign that is words is not the same as one that merges.
    let literal = parse("| a | b |\n| - | - |\n| c | \\< |\n| d | e |\n");
    assert!(!compare(&new, &literal).is_same());
}

#[test]
fn large_tables_take_linear_time() {
    let time = |text: &str| {
        let start = Instant::now();
        let document = parse(text);
        let placed = table(&document).placed().count();
        assert!(!print(&document).is_empty() && placed > 0);
        start.elapsed()
    };
    let wide = rows(&[
        &format!("| a {}|", "| < ".repeat(20_000)),
        &format!("|{}", " ^ |".repeat(20_001)),
    ]);
    let high = format!("{}{}", rows(&["| a | b |"]), "| ^ | < |\n".repeat(20_000));
    // Each cell asks for a rectangle that fails at the last column of the next row.
    let failing = format!(
        "{}{}",
        rows(&["| a | < | < | b |"]),
        "| ^ | ^ | c | < |\n".repeat(20_000)
    );
    for text in [wide, high, failing] {
        let took = time(&text);
        assert!(took.as_secs() < 5, "{took:?}");
    }
}
