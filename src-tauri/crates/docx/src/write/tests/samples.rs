//! Documents built by hand, with every kind of block.

use moqi_document::*;

pub(super) fn text(words: &str) -> Inline {
    Inline {
        kind: InlineKind::Text(words.into()),
        marks: Marks::default(),
        span: Span::default(),
    }
}

pub(super) fn atom(kind: InlineKind) -> Inline {
    Inline {
        kind,
        marks: Marks::default(),
        span: Span::default(),
    }
}

pub(super) fn marked(words: &str, set: impl FnOnce(&mut Marks)) -> Inline {
    let mut inline = text(words);
    set(&mut inline.marks);
    inline
}

pub(super) fn block(kind: BlockKind) -> Block {
    Block {
        kind,
        id: None,
        span: Span::default(),
    }
}

pub(super) fn named(id: &str, kind: BlockKind) -> Block {
    Block {
        id: Some(id.into()),
        ..block(kind)
    }
}

pub(super) fn heading(level: u8, style: HeadingStyle, words: &str) -> BlockKind {
    BlockKind::Heading {
        level,
        style,
        content: vec![text(words)],
    }
}

pub(super) fn item(depth: u8, words: &str) -> BlockKind {
    BlockKind::Item {
        depth,
        ordered: true,
        content: vec![text(words)],
    }
}

pub(super) fn bullet(depth: u8, words: &str) -> BlockKind {
    BlockKind::Item {
        depth,
        ordered: false,
        content: vec![text(words)],
    }
}

pub(super) fn paragraph(depth: u8, quote: bool, content: Vec<Inline>) -> BlockKind {
    BlockKind::Paragraph {
        depth,
        quote,
        content,
    }
}

fn row(cells: &[&str]) -> Vec<Cell> {
    cells
        .iter()
        .map(|cell| Cell {
            content: vec![text(cell)],
            ..Cell::default()
        })
        .collect()
}

/// Every kind of block and inline in one document.
pub(super) fn everything(language: Language, numbering: Scheme) -> Document {
    let zh = language == Language::Zh;
    let say = |chinese: &'static str, english: &'static str| if zh { chinese } else { english };
    let title = say("设备买卖合同", "Equipment Sale Agreement");
    let blocks = vec![
        block(BlockKind::Title(vec![text(title)])),
        block(paragraph(
            0,
            true,
            vec![text(say(
                "起草说明：本合同适用于成套设备。",
                "Drafting note: for complete plant.",
            ))],
        )),
        block(heading(1, HeadingStyle::Parties, say("当事人", "Parties"))),
        block(item(
            0,
            say(
                "华东精密机械有限公司（“甲方”）",
                "Eastern Precision Machinery Limited (the \"Seller\")",
            ),
        )),
        block(item(
            0,
            say(
                "江南制造有限公司（“乙方”）",
                "Southern Works Limited (the \"Buyer\")",
            ),
        )),
        block(heading(
            1,
            HeadingStyle::Recitals,
            say("鉴于", "Background"),
        )),
        block(item(
            0,
            say("甲方制造设备。", "The Seller makes equipment."),
        )),
        block(item(
            0,
            say("乙方愿意购买。", "The Buyer wishes to buy it."),
        )),
        named(
            "def",
            heading(1, HeadingStyle::Numbered, say("定义", "Definitions")),
        ),
        block(paragraph(
            0,
            false,
            vec![
                marked(say("设备", "Equipment"), |m| m.strong = true),
                text(say("指本合同", " means what is listed in ")),
                atom(InlineKind::Reference("list".into())),
                text(say("所列之物", "")),
                atom(InlineKind::FootnoteRef("n".into())),
                text(say("；另见脚注", "; see also note")),
                atom(InlineKind::FootnoteRef("n".into())),
                text("。"),
            ],
        )),
        named(
            "pay",
            heading(1, HeadingStyle::Numbered, say("价款", "Price and payment")),
        ),
        named(
            "pay1",
            block(item(
                0,
                say(
                    "总价为人民币壹佰贰拾万元整。",
                    "The price is GBP 1,200,000.00.",
                ),
            ))
            .kind,
        ),
        block(paragraph(
            1,
            false,
            vec![text(say("前款金额含税。", "The price includes VAT."))],
        )),
        named(
            "pay2",
            item(0, say("分期支付：", "The Buyer shall pay in instalments:")),
        ),
        named(
            "pay2a",
            item(
                1,
                say(
                    "签订后十日内支付百分之三十；",
                    "thirty per cent. within ten days of signing;",
                ),
            ),
        ),
        block(item(
            1,
            say(
                "验收后支付百分之七十。",
                "seventy per cent. on acceptance, that is:",
            ),
        )),
        block(item(2, say("通过试车；", "after the test run;"))),
        block(item(2, say("收到发票。", "against an invoice."))),
        block(item(3, say("电子发票；", "electronic;"))),
        block(item(3, say("纸质发票。", "on paper."))),
        block(item(
            0,
            say(
                "逾期付款的，按日万分之五支付违约金。",
                "Late payment bears interest.",
            ),
        )),
        block(bullet(0, say("利息按日计算", "daily interest"))),
        block(bullet(1, say("不计复利", "no compound interest"))),
        block(heading(
            1,
            HeadingStyle::Numbered,
            say("争议解决", "Disputes"),
        )),
        block(heading(
            2,
            HeadingStyle::Numbered,
            say("协商", "Negotiation"),
        )),
        block(item(
            0,
            say("双方先行协商。", "The parties shall negotiate first."),
        )),
        block(heading(2, HeadingStyle::Numbered, say("诉讼", "Courts"))),
        block(paragraph(
            0,
            false,
            vec![
                text(say("违反", "A breach of clause ")),
                atom(InlineKind::Reference("pay2a".into())),
                text(say("或者", " or ")),
                atom(InlineKind::Reference("pay1".into())),
                text(say("或者", " or ")),
                atom(InlineKind::Reference("pay".into())),
                text(say("的，见", ": see ")),
                marked(say("法院网站", "the court"), |m| {
                    m.link = Some("https://www.court.gov.cn/?a=1&b=2".into())
                }),
                atom(InlineKind::Break),
                marked(say("斜体", "emphasis"), |m| m.emphasis = true),
                marked(say("删除", "struck"), |m| m.strike = true),
                marked("code <x> & y", |m| m.code = true),
                marked(say("坏链接", "bad link"), |m| {
                    m.link = Some("javascript:alert(1)".into())
                }),
                atom(InlineKind::Field("buyer.name".into())),
                atom(InlineKind::Reference("nowhere".into())),
            ],
        )),
        block(heading(1, HeadingStyle::Plain, say("其他", "General"))),
        block(item(
            0,
            say("本合同一式两份。", "This agreement is in two originals."),
        )),
        block(item(1, say("各执一份。", "one each."))),
        block(BlockKind::Verbatim("let x = 1;\n\tif (a < b) {}\n".into())),
        block(BlockKind::Signature(vec![
            SignatureParty {
                lines: vec![
                    vec![text(say("甲方（盖章）：", "Signed for the Seller:"))],
                    vec![text(say("日期：", "Date:"))],
                ],
            },
            SignatureParty {
                lines: vec![
                    vec![text(say(
                        "乙方（盖章）：江南制造有限公司",
                        "Signed for the Buyer: Southern Works Limited",
                    ))],
                    vec![text(say("日期：", "Date:"))],
                ],
            },
        ])),
        block(BlockKind::PageBreak),
        named(
            "list",
            heading(1, HeadingStyle::Schedule, say("设备清单", "Equipment")),
        ),
        block(item(0, say("设备如下表。", "The equipment is:"))),
        block(item(1, say("全新；", "new;"))),
        block(item(0, say("随附说明书。", "with manuals."))),
        block(BlockKind::Table(Table {
            align: vec![Align::None, Align::Center, Align::Right],
            rows: vec![
                row(&[
                    say("名称", "Item"),
                    say("数量", "Quantity"),
                    say("单价（元）", "Price (GBP)"),
                ]),
                row(&[
                    say(
                        "五轴联动数控加工中心，含刀库、冷却系统与自动排屑装置",
                        "Five-axis machining centre with tool changer and coolant system",
                    ),
                    "2",
                    "480,000.00",
                ]),
                row(&[say("备件", "Spares"), "1", "240,000.00"]),
            ],
        })),
        block(heading(
            1,
            HeadingStyle::Schedule,
            say("验收标准", "Acceptance"),
        )),
        block(item(0, say("按国家标准。", "as the standard says."))),
        block(BlockKind::Footnote {
            label: "n".into(),
            content: vec![
                text(say("见附件，另见", "See the schedule and ")),
                marked("example.com", |m| {
                    m.link = Some("https://example.com/".into())
                }),
            ],
        }),
        block(BlockKind::Footnote {
            label: "unused".into(),
            content: vec![text("x")],
        }),
    ];
    Document {
        meta: Meta {
            title: Some(title.into()),
            language: Some(language),
            numbering: Some(numbering),
            ..Meta::default()
        },
        blocks,
        problems: vec![],
    }
}

/// Characters that XML, HTML or a careless writer stumbles over.
pub(super) const WILD: &str = "a\u{0}b\u{1F}c\u{FFFE}<&>\"'\u{2028}\t\n中\n文 ]]> \u{1F600}";

/// Blocks at the edge of what the types allow.
pub(super) fn hard() -> Document {
    let long = "长".repeat(5_000);
    let wild = WILD;
    let mut hard = Document::default();
    let kinds = vec![
        paragraph(0, false, vec![text(&long)]),
        paragraph(
            9,
            true,
            vec![
                text(wild),
                marked(wild, |m| m.link = Some("https://a.b/\u{1}<>\" c".into())),
            ],
        ),
        paragraph(200, false, vec![]),
        item(9, wild),
        bullet(9, wild),
        heading(4, HeadingStyle::Numbered, wild),
        heading(5, HeadingStyle::Numbered, wild),
        heading(3, HeadingStyle::Plain, ""),
        BlockKind::Title(vec![text(wild)]),
        BlockKind::PageBreak,
        BlockKind::PageBreak,
        BlockKind::Table(Table {
            align: vec![],
            rows: vec![],
        }),
        BlockKind::Table(Table {
            align: vec![Align::None; 80],
            rows: vec![vec![]; 3],
        }),
        BlockKind::Signature(vec![]),
        BlockKind::PageBreak,
        BlockKind::Signature(vec![
            SignatureParty { lines: vec![] },
            SignatureParty {
                lines: vec![vec![text(wild)], vec![]],
            },
            SignatureParty {
                lines: vec![vec![]],
            },
        ]),
        BlockKind::Verbatim(String::new()),
        BlockKind::Verbatim(wild.into()),
        BlockKind::Footnote {
            label: "a".into(),
            content: vec![
                text(wild),
                atom(InlineKind::FootnoteRef("a".into())),
                atom(InlineKind::Reference("me".into())),
            ],
        },
        paragraph(
            0,
            false,
            vec![
                atom(InlineKind::FootnoteRef("a".into())),
                atom(InlineKind::FootnoteRef("none".into())),
                atom(InlineKind::Reference("me".into())),
                atom(InlineKind::Field(wild.into())),
                atom(InlineKind::Break),
            ],
        ),
        BlockKind::PageBreak,
    ];
    hard.blocks = kinds.into_iter().map(block).collect();
    hard.blocks
        .push(named("me", heading(1, HeadingStyle::Numbered, "x")));
    hard.blocks
        .push(named("me", heading(1, HeadingStyle::Schedule, "y")));
    hard.meta.title = Some(wild.into());
    hard
}
