//! What must hold for every text and every document: seeded, so a failure comes back.

use std::time::Instant;

use moqi_document::{
    Align, Answer, Answers, Block, BlockKind, Cell, Document, Edit, HeadingStyle, Inline,
    InlineKind, Marks, Merge, Meta, Prose, Scheme, SignatureParty, Span, Table, Template, apply,
    check_answers, clauses, fill, instantiate, normalize, number, parse, print, references,
    sample_answers,
};

const SALE: &str = include_str!("data/sale.md");

/// The seed of a test; `MOQI_SEED` changes it, for a longer hunt.
fn seed(usual: u64) -> u64 {
    let other = std::env::var("MOQI_SEED")
        .ok()
        .and_then(|s| s.parse::<u64>().ok())
        .unwrap_or(0);
    usual ^ other.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// xorshift: the same numbers everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides as u64) as usize
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.roll(all.len())]
    }
}

const WORDS: [&str; 88] = [
    "甲方",
    "乙方",
    "，",
    "。",
    "：",
    "（",
    "）",
    "《民法典》",
    "“",
    "”",
    " ",
    "  ",
    "\t",
    "\u{3000}",
    "\u{a0}",
    "a",
    "B",
    "1",
    "10",
    ".",
    ")",
    "(",
    "1.",
    "1. ",
    "a) ",
    "- ",
    "-",
    "--",
    "---",
    "+ ",
    "+",
    "* ",
    "*",
    "**",
    "***",
    "_",
    "__",
    "___",
    "~",
    "~~",
    "~~~",
    "`",
    "``",
    "```",
    "#",
    "# ",
    "## x",
    ">",
    "> ",
    "<",
    "<b>",
    "^",
    "\\<",
    "| < ",
    "| ^ ",
    "<br>",
    "<!-- -->",
    "</strong>",
    "[",
    "]",
    "[^1]",
    "[^1]:",
    "[x]: y",
    "](",
    "](#a)",
    "](http://x)",
    "![",
    "!",
    "|",
    "|---|",
    "\\",
    "\\\\",
    "&",
    "&amp;",
    "&#35;",
    "{",
    "}",
    "{{",
    "}}",
    "{{a}}",
    "{%",
    "{% if a %}",
    "{#id}",
    "{.plain}",
    "=",
    "===",
    ":",
    "\u{20000}é·",
];

fn words(dice: &mut Dice) -> String {
    (0..=dice.roll(5)).map(|_| *dice.pick(&WORDS)).collect()
}

fn marks(dice: &mut Dice) -> Marks {
    if dice.roll(3) > 0 {
        return Marks::default();
    }
    let link = match dice.roll(8) {
        0 => Some("https://x.cn/a?b=1&copy=2".to_owned()),
        1 => Some(words(dice)),
        _ => None,
    };
    Marks {
        strong: dice.roll(2) == 0,
        emphasis: dice.roll(4) == 0,
        strike: dice.roll(4) == 0,
        code: dice.roll(6) == 0,
        link,
    }
}

fn inlines(dice: &mut Dice) -> Vec<Inline> {
    let count = dice.roll(6);
    (0..count)
        .map(|_| {
            let kind = match dice.roll(12) {
                0 => InlineKind::Field(
                    (*dice.pick(&["a", "price | money", "x.y_z", "a | default('}')", "'|' ~ b"]))
                        .to_owned(),
                ),
                1 => InlineKind::Reference((*dice.pick(&["conf", "a_b_c", "付款"])).to_owned()),
                2 => InlineKind::Break,
                3 => InlineKind::FootnoteRef((*dice.pick(&["1", "注"])).to_owned()),
                _ => InlineKind::Text(words(dice)),
            };
            Inline {
                kind,
                marks: marks(dice),
                span: Span::default(),
            }
        })
        .collect()
}

fn inline(kind: InlineKind) -> Inline {
    Inline {
        kind,
        marks: Marks::default(),
        span: Span::default(),
    }
}

fn block(dice: &mut Dice) -> Block {
    let kind = match dice.roll(16) {
        0 => BlockKind::Title(inlines(dice)),
        1 | 2 => {
            let style = *dice.pick(&[
                HeadingStyle::Numbered,
                HeadingStyle::Plain,
                HeadingStyle::Schedule,
                HeadingStyle::Parties,
                HeadingStyle::Recitals,
            ]);
            BlockKind::Heading {
                level: dice.roll(7) as u8,
                style,
                content: inlines(dice),
            }
        }
        3..=7 => BlockKind::Item {
            depth: dice.roll(5) as u8,
            ordered: dice.roll(3) > 0,
            content: inlines(dice),
        },
        8..=10 => BlockKind::Paragraph {
            depth: dice.roll(4) as u8,
            quote: dice.roll(4) == 0,
            content: inlines(dice),
        },
        11 => {
            let columns = dice.roll(4) + 1;
            let merged = dice.roll(2) == 0;
            let cell = |dice: &mut Dice| {
                let merge = match dice.roll(5) {
                    0 | 1 if merged => Merge::Left,
                    2 | 3 if merged => Merge::Up,
                    _ => Merge::None,
                };
                // Sometimes with words, as no text has it and an editor may.
                let content = match dice.roll(6) {
                    0 => vec![inline(InlineKind::Text("<".into()))],
                    1 => vec![inline(InlineKind::Text("^".into()))],
                    _ if merge == Merge::None || dice.roll(4) == 0 => inlines(dice),
                    _ => Vec::new(),
                };
                Cell {
                    content,
                    merge,
                    span: Span::default(),
                }
            };
            let rows = (0..=dice.roll(4))
                .map(|_| (0..columns).map(|_| cell(dice)).collect())
                .collect();
            let align = (0..columns)
                .map(|_| *dice.pick(&[Align::None, Align::Left, Align::Center, Align::Right]))
                .collect();
            BlockKind::Table(Table { align, rows })
        }
        12 => BlockKind::Signature(
            (0..dice.roll(3))
                .map(|_| SignatureParty {
                    lines: (0..dice.roll(3)).map(|_| inlines(dice)).collect(),
                })
                .collect(),
        ),
        13 => BlockKind::PageBreak,
        14 => BlockKind::Footnote {
            label: (*dice.pick(&["1", "注"])).to_owned(),
            content: inlines(dice),
        },
        _ => BlockKind::Verbatim(
            (*dice.pick(&[
                "x\n\n  y",
                "{% if a %}",
                "<!-- 注 -->",
                "<div>\n*",
                "```",
                "",
                "\n",
                " {% if %}",
                "    x\n",
                "```signature\na\n```",
            ]))
            .to_owned(),
        ),
    };
    let id = (dice.roll(3) == 0).then(|| (*dice.pick(&["a", "b_c", "条款"])).to_owned());
    Block {
        kind,
        id,
        span: Span::default(),
    }
}

/// Equal up to spans and up to how texts are cut.
fn bare(document: &Document) -> Vec<Block> {
    fn strip(content: &mut [Inline]) {
        content.iter_mut().for_each(|i| i.span = Span::default());
    }
    let mut document = document.clone();
    normalize(&mut document);
    for block in &mut document.blocks {
        block.span = Span::default();
        match &mut block.kind {
            BlockKind::Title(c)
            | BlockKind::Heading { content: c, .. }
            | BlockKind::Item { content: c, .. }
            | BlockKind::Paragraph { content: c, .. }
            | BlockKind::Footnote { content: c, .. } => strip(c),
            BlockKind::Table(t) => t.rows.iter_mut().flatten().for_each(|c| {
                c.span = Span::default();
                strip(&mut c.content);
            }),
            BlockKind::Signature(p) => p
                .iter_mut()
                .flat_map(|p| &mut p.lines)
                .for_each(|l| strip(l)),
            BlockKind::PageBreak | BlockKind::Verbatim(_) => {}
        }
    }
    document.blocks
}

#[test]
fn any_document_survives_printing() {
    let mut dice = Dice(seed(0x1234_5678_9ABC_DEF1));
    let rounds = if cfg!(debug_assertions) {
        6_000
    } else {
        60_000
    };
    for round in 0..rounds {
        let blocks = (0..=dice.roll(5)).map(|_| block(&mut dice)).collect();
        let document = Document {
            blocks,
            ..Document::default()
        };
        let text = print(&document);
        let back = parse(&text);
        rectangles(&back);
        assert_eq!(bare(&back), bare(&document), "round {round}\n{text}");
        assert_eq!(print(&back), text, "round {round}");
    }
}

#[test]
fn front_matter_survives_printing() {
    let parsed = parse(SALE);
    assert_eq!(parsed.problems, []);
    let mut made = parsed.clone();
    made.meta.raw = None;
    made.meta.extra.push((
        "note".into(),
        vec![
            "a: \"b\" #c\n行".into(),
            "- x".into(),
            "no".into(),
            String::new(),
        ],
    ));
    let back = parse(&print(&made));
    assert_eq!(back.problems, []);
    let clean = |meta: &Meta| {
        let mut meta = meta.clone();
        meta.raw = None;
        for field in &mut meta.fields {
            field.span = Span::default();
            if let moqi_document::FieldKind::Repeat(inner) = &mut field.kind {
                inner.iter_mut().for_each(|f| f.span = Span::default());
            }
        }
        meta
    };
    assert_eq!(clean(&back.meta), clean(&made.meta));
    let bare_start = Document {
        meta: Meta {
            numbering: Some(Scheme::ZhDecimal),
            title: Some("合同: x".into()),
            ..Meta::default()
        },
        ..Document::default()
    };
    assert_eq!(
        parse(&print(&bare_start)).meta.title.as_deref(),
        Some("合同: x")
    );
}

fn sound(text: &str, document: &Document) {
    let good = |s: Span| text.get(s.start..s.end).is_some();
    let mut last = 0;
    for block in &document.blocks {
        assert!(
            good(block.span) && block.span.start >= last,
            "{:?} after {last} in {text:?}",
            block
        );
        last = block.span.start;
        for prose in Prose::of(block) {
            let mut at = 0;
            for (i, c) in prose.text.char_indices() {
                let span = prose.source(i..i + c.len_utf8());
                assert!(good(span) && span.start >= at, "{prose:?} in {text:?}");
                at = span.start;
            }
            assert!(
                good(prose.source(0..prose.text.len())),
                "{prose:?} in {text:?}"
            );
        }
    }
    for problem in &document.problems {
        assert!(good(problem.span), "{problem:?} in {text:?}");
    }
}

/// Merged cells are rectangles without words, and the places of all cells cover the table once.
fn rectangles(document: &Document) {
    for block in &document.blocks {
        let BlockKind::Table(table) = &block.kind else {
            continue;
        };
        let anchors = table.anchors();
        let mut covered = vec![vec![0; table.align.len()]; table.rows.len()];
        for placed in table.placed() {
            for row in placed.row..placed.row + placed.extent.rows {
                for column in placed.column..placed.column + placed.extent.columns {
                    covered[row][column] += 1;
                    assert_eq!(anchors[row][column], (placed.row, placed.column));
                    let cell = &table.rows[row][column];
                    let merge = match (row == placed.row, column == placed.column) {
                        (true, true) => Merge::None,
                        (true, false) => Merge::Left,
                        _ => Merge::Up,
                    };
                    assert_eq!(cell.merge, merge, "{table:?}");
                    assert!(merge == Merge::None || cell.content.is_empty(), "{table:?}");
                }
            }
        }
        assert!(covered.iter().flatten().all(|n| *n == 1), "{table:?}");
        assert!((1..=table.rows.len()).contains(&table.head_rows()));
    }
}

/// Everything that takes a text, on one text.
fn exercise(text: &str, answers: &Answers) {
    let document = parse(text);
    sound(text, &document);
    rectangles(&document);
    let printed = print(&document);
    let again = parse(&printed);
    assert_eq!(
        bare(&again),
        bare(&document),
        "{text:?}\nprinted {printed:?}"
    );
    assert_eq!(print(&again), printed, "{text:?}");
    let numbering = number(&document);
    assert_eq!(numbering.labels.len(), document.blocks.len());
    let _ = references(&document, &numbering);
    let _ = clauses(&document);
    let filled = fill(text, answers);
    let mut at = 0;
    for piece in &filled.pieces {
        assert!(piece.filled.start == at && filled.text.get(at..piece.filled.end).is_some());
        assert!(text.get(piece.source.start..piece.source.end).is_some());
        at = piece.filled.end;
    }
    assert_eq!(at, filled.text.len());
    let template = Template::parse(text);
    let _ = check_answers(&template.document.meta, answers);
    for problem in template
        .problems
        .iter()
        .chain(&instantiate(text, answers).problems)
        .chain(&filled.problems)
    {
        assert!(
            text.get(problem.span.start..problem.span.end).is_some() && problem.line > 0,
            "{problem:?} in {text:?}"
        );
    }
}

#[test]
fn random_and_mutated_texts() {
    let mut dice = Dice(seed(0xBADC_0FFE_E0DD_F00D));
    let mut answers = sample_answers(&parse(SALE).meta);
    answers.insert("a".into(), Answer::Text("# *x*\n|".into()));
    let pieces: Vec<&str> = WORDS
        .iter()
        .copied()
        .chain([
            "\n",
            "\n\n",
            "\n   ",
            "\n    ",
            "\r\n",
            "\0",
            "\n> ",
            "\n1. ",
            "\n- ",
            "\n| a | b |\n| - | - |\n",
            "\n| a | < | b |\n| - | - | - |\n| ^ | ^ | < |\n| c |^ |<|\n",
            "\n```\n",
            "\n```signature\n",
            "---\n",
            "title: x\n",
            "{% endif %}\n",
            "{% for g in goods %}\n",
            "{% endfor %}\n",
            "<div>\n",
            "\n\n[^1]: ",
        ])
        .collect();
    let chars: Vec<(usize, char)> = SALE.char_indices().collect();
    let start = Instant::now();
    let rounds = if cfg!(debug_assertions) {
        20_000
    } else {
        100_000
    };
    for round in 0..rounds {
        let text = if round % 2 == 0 {
            (0..dice.roll(24))
                .map(|_| *dice.pick(&pieces))
                .collect::<String>()
        } else {
            // A window of a real template with a few changes.
            let from = if dice.roll(4) == 0 {
                0
            } else {
                dice.roll(chars.len() - 200)
            };
            let to =
                (from + 40 + dice.roll(if from == 0 { 2000 } else { 160 })).min(chars.len() - 1);
            let mut part = SALE[chars[from].0..chars[to].0].to_owned();
            for _ in 0..dice.roll(4) {
                let mut place = dice.roll(part.len() + 1);
                while !part.is_char_boundary(place) {
                    place -= 1;
                }
                let edit = Edit {
                    span: Span {
                        start: place,
                        end: place + dice.roll(3),
                    },
                    text: (*dice.pick(&pieces)).to_owned(),
                };
                part = apply(&part, &[edit]);
            }
            part
        };
        exercise(&text, &answers);
    }
    println!("{rounds} texts in {:?}", start.elapsed());
}
