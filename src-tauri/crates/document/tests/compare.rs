//! Comparisons: nothing lost on either side, changes as a lawyer marks them, no quadratic time.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test stops at the first fault"
)]

mod edits;

use std::time::Instant;

use edits::{Dice, canonical, edited, templates};
use moqi_document::compare::{Inside, ListedKind, Piece, RowChange};
use moqi_document::*;

/// The old and the new side of pieces.
fn sides(pieces: &[Piece]) -> [Vec<Inline>; 2] {
    let mut sides = [Vec::new(), Vec::new()];
    for piece in pieces {
        match piece {
            Piece::Same(both) => sides.iter_mut().for_each(|side| side.extend(both.clone())),
            Piece::Formatted { old, new } => {
                sides[0].extend(old.clone());
                sides[1].extend(new.clone());
            }
            Piece::Inserted(new) => sides[1].extend(new.clone()),
            Piece::Deleted(old) => sides[0].extend(old.clone()),
        }
    }
    sides
}

/// Content in one form: cuts and places in the source do not matter.
fn same(content: &[Inline]) -> Vec<Inline> {
    let mut document = Document {
        blocks: vec![Block {
            kind: BlockKind::Paragraph {
                depth: 0,
                quote: false,
                content: content.to_vec(),
            },
            id: None,
            span: Span::default(),
        }],
        ..Document::default()
    };
    normalize(&mut document);
    let BlockKind::Paragraph { content, .. } = &mut document.blocks[0].kind else {
        unreachable!()
    };
    content.iter_mut().for_each(|i| i.span = Span::default());
    content.clone()
}

/// The words of a block by row and cell; one row of one cell where it is no table.
fn grid(block: &Block) -> Vec<Vec<Vec<Inline>>> {
    match &block.kind {
        BlockKind::Title(c)
        | BlockKind::Heading { content: c, .. }
        | BlockKind::Item { content: c, .. }
        | BlockKind::Paragraph { content: c, .. }
        | BlockKind::Footnote { content: c, .. } => vec![vec![c.clone()]],
        BlockKind::Verbatim(text) => vec![vec![vec![edits::text(text)]]],
        BlockKind::Table(table) => table
            .rows
            .iter()
            .map(|row| row.iter().map(|cell| cell.content.clone()).collect())
            .collect(),
        BlockKind::Signature(parties) => parties
            .iter()
            .flat_map(|party| party.lines.iter().map(|line| vec![line.clone()]))
            .collect(),
        BlockKind::PageBreak => vec![vec![Vec::new()]],
    }
}

fn check_inside(inside: &Inside, old: &Block, new: &Block) {
    let (a, b) = (grid(old), grid(new));
    let cells = |pieces: &[Piece], old: Option<&Vec<Inline>>, new: Option<&Vec<Inline>>| {
        let empty = Vec::new();
        let [left, right] = sides(pieces);
        assert_eq!(same(&left), same(old.unwrap_or(&empty)));
        assert_eq!(same(&right), same(new.unwrap_or(&empty)));
    };
    match inside {
        Inside::Words(pieces) => cells(pieces, Some(&a[0][0]), Some(&b[0][0])),
        Inside::Rows(rows) => {
            let (mut x, mut y) = (0, 0);
            for row in rows {
                match row {
                    RowChange::Kept { old, new, cells: c } => {
                        assert_eq!((*old, *new), (x, y));
                        for (at, pieces) in c.iter().enumerate() {
                            cells(pieces, a[x].get(at), b[y].get(at));
                        }
                        (x, y) = (x + 1, y + 1);
                    }
                    RowChange::Inserted { new } => {
                        assert_eq!(*new, y);
                        y += 1;
                    }
                    RowChange::Deleted { old } => {
                        assert_eq!(*old, x);
                        x += 1;
                    }
                }
            }
            assert_eq!((x, y), (a.len(), b.len()));
        }
    }
}

/// Every block of either side once, in order but for moves; both sides of every pair whole.
fn check(old: &Document, new: &Document) -> Comparison {
    let comparison = compare(old, new);
    let mut seen = vec![0; old.blocks.len()];
    let (mut next_old, mut next_new) = (0, 0);
    let mut in_order = |seen: &mut Vec<i32>, at: usize, moved: bool| {
        seen[at] += 1;
        if !moved {
            assert!(at >= next_old, "old blocks are in order");
            next_old = at + 1;
        }
    };
    let mut right = |at: usize| {
        assert_eq!(at, next_new, "new blocks are in order");
        next_new += 1;
    };
    for part in &comparison.parts {
        match part {
            Change::Same { old: x, new: y } => {
                in_order(&mut seen, *x, false);
                right(*y);
                let (a, b) = (&old.blocks[*x], &new.blocks[*y]);
                for (a, b) in grid(a).iter().flatten().zip(grid(b).iter().flatten()) {
                    assert_eq!(same(a), same(b));
                }
                assert_eq!(
                    std::mem::discriminant(&a.kind),
                    std::mem::discriminant(&b.kind)
                );
            }
            Change::Edited {
                old: x,
                new: y,
                inside,
            }
            | Change::Moved {
                old: x,
                new: y,
                inside,
                ..
            } => {
                in_order(&mut seen, *x, matches!(part, Change::Moved { .. }));
                right(*y);
                check_inside(inside, &old.blocks[*x], &new.blocks[*y]);
            }
            Change::Inserted { new: y } => right(*y),
            Change::Deleted { old: x } => in_order(&mut seen, *x, false),
        }
    }
    assert_eq!(next_new, new.blocks.len());
    assert!(seen.iter().all(|&times| times == 1), "{seen:?}");
    // The list points into both texts.
    for entry in comparison.list(old, new) {
        assert!(entry.old.is_some() || entry.new.is_some());
        assert!(entry.quote.chars().count() <= 80);
    }
    comparison
}

#[test]
fn both_sides_are_whole_after_any_edits() {
    let templates = templates();
    assert!(templates.len() >= 18, "{}", templates.len());
    let mut dice = Dice(0x5DEE_CE66_D1CE_4E5B);
    let mut moves = 0;
    for round in 0..600 {
        let (name, old) = &templates[round % templates.len()];
        let new = edited(&mut dice, old);
        let comparison = check(old, &new);
        let counts = comparison.counts(old, &new);
        moves += counts.moves;
        assert_eq!(
            comparison.is_same(),
            comparison.list(old, &new).is_empty(),
            "{name}"
        );
        check(&new, old);
        // Edits are few, so most of the text must be seen as unchanged.
        let same = comparison
            .parts
            .iter()
            .filter(|part| {
                matches!(
                    part,
                    Change::Same { .. } | Change::Moved { .. } | Change::Edited { .. }
                )
            })
            .count();
        assert!(
            same * 2 > old.blocks.len(),
            "{name}: {same} of {}",
            old.blocks.len()
        );
    }
    assert!(moves > 100, "{moves}");
}

#[test]
fn documents_of_any_two_kinds_can_be_compared() {
    let templates = templates();
    let empty = Document::default();
    for (_, document) in &templates {
        assert!(check(document, document).is_same());
        check(document, &empty);
        check(&empty, document);
    }
    for pair in templates.windows(2) {
        check(&pair[0].1, &pair[1].1);
    }
    assert!(check(&empty, &empty).is_same());
    let table = parse("| a | b |\n|---|---|\n| 1 | 2 |\n");
    check(&table, &empty);
    check(&table, &templates[0].1);
}

/// Changes as `[-old-][+new+]`, formatting as `[~words~]`, moves as `{id}`.
fn marked(old: &str, new: &str) -> String {
    let (old, new) = (parse(old), parse(new));
    let mut out = String::new();
    let words = |content: &[Inline]| moqi_document::plain(content);
    let show = |inside: &Inside, out: &mut String| {
        let Inside::Words(pieces) = inside else {
            panic!("rows")
        };
        for piece in pieces {
            out.push_str(&match piece {
                Piece::Same(c) => words(c),
                Piece::Formatted { new, .. } => format!("[~{}~]", words(new)),
                Piece::Inserted(c) => format!("[+{}+]", words(c)),
                Piece::Deleted(c) => format!("[-{}-]", words(c)),
            });
        }
    };
    let block = |block: &Block| {
        grid(block)
            .iter()
            .flatten()
            .map(|c| words(c))
            .collect::<String>()
    };
    for part in check(&old, &new).parts {
        match part {
            Change::Same { new: y, .. } => out.push_str(&block(&new.blocks[y])),
            Change::Inserted { new: y } => out.push_str(&format!("[+{}+]", block(&new.blocks[y]))),
            Change::Deleted { old: x } => out.push_str(&format!("[-{}-]", block(&old.blocks[x]))),
            Change::Edited { inside, .. } => show(&inside, &mut out),
            Change::Moved { id, inside, .. } => {
                out.push_str(&format!("{{{id}}}"));
                show(&inside, &mut out);
            }
        }
        out.push('/');
    }
    out
}

#[test]
fn a_redline_reads_as_a_lawyer_marks_it() {
    assert_eq!(
        marked(
            "The Buyer will pay the price in cash.",
            "The Buyer shall pay a deposit in cash."
        ),
        "The Buyer [-will pay the price-][+shall pay a deposit+] in cash./"
    );
    assert_eq!(
        marked(
            "甲方应当在收到货物后三十日内支付价款。",
            "甲方应当在收到发票后15日内支付价款。"
        ),
        "甲方应当在收到[-货物后三十-][+发票后15+]日内支付价款。/"
    );
    assert_eq!(
        marked(
            "本合同**一式两份**，各执一份。",
            "本合同一式两份，各执一份。"
        ),
        "本合同[~一式两份~]，各执一份。/"
    );
    assert_eq!(
        marked(
            "Notice is given under {{a}}.",
            "Notice is given under {{b}}."
        ),
        "Notice is given under [-{{a}}-][+{{b}}+]./"
    );
}

#[test]
fn clauses_that_changed_their_place_are_moves() {
    let clause = |heading: &str, words: &str| format!("## {heading}\n\n1. {words}\n\n");
    let a = clause(
        "Term",
        "This Agreement runs for two years from the date of signature.",
    );
    let b = clause(
        "Fees",
        "The Client pays the fees within thirty days after each invoice.",
    );
    let c = clause(
        "Law",
        "This Agreement is governed by the laws of England and Wales.",
    );
    let old = format!("{a}{b}{c}");
    let new = format!("{b}{c}{}", a.replace("two years", "five years"));
    assert_eq!(
        marked(&old, &new),
        "Fees/The Client pays the fees within thirty days after each invoice./Law/This Agreement is governed by the laws of England and Wales./\
         {0}Term/{0}This Agreement runs for [-two-][+five+] years from the date of signature./"
    );
    let (old, new) = (parse(&old), parse(&new));
    let comparison = compare(&old, &new);
    let counts = comparison.counts(&old, &new);
    assert_eq!((counts.moves, counts.moved_words), (1, 12));
    assert_eq!((counts.inserted_words, counts.deleted_words), (1, 1));
    let list = comparison.list(&old, &new);
    let kinds: Vec<_> = list.iter().map(|entry| entry.kind).collect();
    assert_eq!(kinds, [ListedKind::Moved, ListedKind::Replaced]);
    assert_eq!(list[1].quote, "five");
}

#[test]
fn a_change_has_its_place_in_both_texts() {
    let (a, b) = ("One **two** three.\n", "Zero.\n\nOne **four** three.\n");
    let (old, new) = (parse(a), parse(b));
    let list = compare(&old, &new).list(&old, &new);
    let change = list
        .iter()
        .find(|entry| entry.kind == ListedKind::Replaced)
        .unwrap();
    let place = |text: &str, span: Option<Span>| span.map(|s| text[s.start..s.end].to_owned());
    assert_eq!(place(a, change.old).as_deref(), Some("two"));
    assert_eq!(place(b, change.new).as_deref(), Some("four"));
}

#[test]
fn tables_are_compared_by_row_and_cell() {
    let old = parse("| 名称 | 数量 |\n|---|---|\n| 图纸 | 3 |\n| 模型 | 1 |\n");
    let new = parse("| 名称 | 数量 |\n|---|---|\n| 图纸 | 5 |\n| 样品 | 9 |\n| 模型 | 1 |\n");
    let comparison = check(&old, &new);
    let Change::Edited {
        inside: Inside::Rows(rows),
        ..
    } = &comparison.parts[0]
    else {
        panic!("{comparison:?}")
    };
    let kinds: Vec<&str> = rows
        .iter()
        .map(|row| match row {
            RowChange::Kept { .. } => "kept",
            RowChange::Inserted { .. } => "inserted",
            RowChange::Deleted { .. } => "deleted",
        })
        .collect();
    assert_eq!(kinds, ["kept", "kept", "inserted", "kept"]);
    let counts = comparison.counts(&old, &new);
    assert_eq!((counts.insertions, counts.inserted_words), (2, 4));
    assert_eq!((counts.deletions, counts.deleted_words), (1, 1));
}

/// Text that makes careless algorithms quadratic.
#[test]
fn hostile_text_takes_no_longer() {
    let lines = |make: &dyn Fn(usize) -> String| -> Document {
        Document {
            blocks: (0..50_000)
                .map(|at| Block {
                    kind: BlockKind::Paragraph {
                        depth: 0,
                        quote: false,
                        content: vec![edits::text(&make(at))],
                    },
                    id: None,
                    span: Span::default(),
                })
                .collect(),
            ..Document::default()
        }
    };
    let one = |text: String| Document {
        blocks: vec![Block {
            kind: BlockKind::Paragraph {
                depth: 0,
                quote: false,
                content: vec![edits::text(&text)],
            },
            id: None,
            span: Span::default(),
        }],
        ..Document::default()
    };
    let mut noise = Dice(7);
    let random: Vec<usize> = (0..100_000).map(|_| noise.roll(2)).collect();
    let pairs = [
        (lines(&|_| "equal".into()), lines(&|_| "equal".into())),
        (lines(&|_| "equal".into()), lines(&|_| "other".into())),
        (
            lines(&|n| format!("{}", n % 2)),
            lines(&|n| format!("{}", (n + 1) % 2)),
        ),
        (
            lines(&|n| format!("line {n}")),
            lines(&|n| format!("line {}", 50_000 - n)),
        ),
        (lines(&|n| format!("x{n}")), lines(&|n| format!("y{n}"))),
        (
            lines(&|n| random[n].to_string()),
            lines(&|n| random[50_000 + n].to_string()),
        ),
        (
            lines(&|n| format!("the same seven words in all {n}")),
            lines(&|n| format!("the same seven words in all {}", n * 7 + 1)),
        ),
        (one("甲乙".repeat(50_000)), one("乙甲".repeat(50_000))),
        (
            one(random
                .iter()
                .take(50_000)
                .map(|n| ["a ", "b "][*n])
                .collect()),
            one(random
                .iter()
                .skip(50_000)
                .map(|n| ["a ", "b "][*n])
                .collect()),
        ),
    ];
    for (at, (old, new)) in pairs.iter().enumerate() {
        let start = Instant::now();
        let comparison = compare(old, new);
        let took = start.elapsed();
        assert!(took.as_secs() < 10, "pair {at}: {took:?}");
        assert!(!comparison.parts.is_empty());
        eprintln!("pair {at}: {took:?}");
    }
}

#[test]
fn a_hundred_pages_take_well_under_a_second() {
    let (_, template) = templates()
        .into_iter()
        .max_by_key(|(_, document)| document.blocks.len())
        .unwrap();
    let mut long = template.clone();
    let mut dice = Dice(99);
    while long.blocks.len() < 2_500 {
        let mut copy = template.clone();
        for block in &mut copy.blocks {
            if let Some(content) = edits::content(block) {
                content.push(edits::text(&format!(" {}", dice.roll(100_000))));
            }
        }
        long.blocks.extend(copy.blocks);
    }
    let old = canonical(&long);
    let mut new = old.clone();
    for _ in 0..20 {
        new = edited(&mut dice, &new);
    }
    let start = Instant::now();
    let comparison = compare(&old, &new);
    let took = start.elapsed();
    eprintln!(
        "{} blocks: {took:?}, {:?}",
        old.blocks.len(),
        comparison.counts(&old, &new)
    );
    assert!(took.as_millis() < 2_000, "{took:?}");
    check(&old, &new);
}
