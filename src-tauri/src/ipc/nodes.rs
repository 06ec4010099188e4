//! Blocks of the document as nodes of the editor, and back.

use moqi_app::document::{
    Align, Block, BlockKind, Cell, HeadingStyle, Inline, InlineKind, Marks, Merge, SignatureParty,
    Span, Table,
};

use super::*;

/// Blocks as nodes.
pub fn nodes(blocks: &[Block]) -> Vec<Node> {
    blocks.iter().map(Node::from).collect()
}

/// Nodes as blocks; spans are empty until the text is printed and parsed.
pub fn blocks(nodes: Vec<Node>) -> Vec<Block> {
    nodes.into_iter().map(Block::from).collect()
}

impl From<&Block> for Node {
    fn from(block: &Block) -> Node {
        let id = block.id.clone();
        match &block.kind {
            BlockKind::Title(content) => Node::Title {
                content: inline_nodes(content),
            },
            BlockKind::Heading {
                level,
                style,
                content,
            } => Node::Heading {
                attrs: HeadingAttrs {
                    level: *level,
                    style: (*style).into(),
                    id,
                },
                content: inline_nodes(content),
            },
            BlockKind::Item {
                depth,
                ordered,
                content,
            } => Node::Item {
                attrs: ItemAttrs {
                    depth: *depth,
                    ordered: *ordered,
                    id,
                },
                content: inline_nodes(content),
            },
            BlockKind::Paragraph {
                depth,
                quote,
                content,
            } => Node::Paragraph {
                attrs: ParagraphAttrs {
                    depth: *depth,
                    quote: *quote,
                },
                content: inline_nodes(content),
            },
            BlockKind::Table(table) => Node::Table {
                content: rows(table),
            },
            BlockKind::Signature(parties) => Node::Signature {
                content: parties
                    .iter()
                    .map(|party| PartyNode {
                        content: party
                            .lines
                            .iter()
                            .map(|line| LineNode {
                                content: inline_nodes(line),
                            })
                            .collect(),
                    })
                    .collect(),
            },
            BlockKind::PageBreak => Node::PageBreak,
            BlockKind::Footnote { label, content } => Node::Footnote {
                attrs: FootnoteAttrs {
                    label: label.clone(),
                },
                content: inline_nodes(content),
            },
            BlockKind::Verbatim(text) => Node::Verbatim {
                content: if text.is_empty() {
                    Vec::new()
                } else {
                    vec![InlineNode::Text {
                        text: text.clone(),
                        marks: Vec::new(),
                    }]
                },
            },
        }
    }
}

fn rows(table: &Table) -> Vec<RowNode> {
    let mut rows: Vec<RowNode> = table
        .rows
        .iter()
        .map(|_| RowNode {
            content: Vec::new(),
        })
        .collect();
    for placed in table.placed() {
        let align = match table.align.get(placed.column).copied().unwrap_or_default() {
            Align::None => None,
            Align::Left => Some(AlignName::Left),
            Align::Center => Some(AlignName::Center),
            Align::Right => Some(AlignName::Right),
        };
        let short = |count: usize| u16::try_from(count).unwrap_or(u16::MAX);
        let attrs = CellAttrs {
            align,
            colspan: short(placed.extent.columns),
            rowspan: short(placed.extent.rows),
        };
        let content = inline_nodes(&placed.cell.content);
        rows[placed.row].content.push(match placed.row {
            0 => CellNode::TableHeader { attrs, content },
            _ => CellNode::TableCell { attrs, content },
        });
    }
    rows
}

fn inline_nodes(content: &[Inline]) -> Vec<InlineNode> {
    content
        .iter()
        .filter(|inline| !matches!(&inline.kind, InlineKind::Text(text) if text.is_empty()))
        .map(|inline| {
            let marks = marks(&inline.marks);
            match &inline.kind {
                InlineKind::Text(text) => InlineNode::Text {
                    text: text.clone(),
                    marks,
                },
                InlineKind::Field(expr) => InlineNode::Field {
                    attrs: FieldAttrs { expr: expr.clone() },
                    marks,
                },
                InlineKind::Reference(target) => InlineNode::Reference {
                    attrs: ReferenceAttrs {
                        target: target.clone(),
                    },
                    marks,
                },
                InlineKind::Break => InlineNode::HardBreak,
                InlineKind::FootnoteRef(label) => InlineNode::FootnoteRef {
                    attrs: FootnoteAttrs {
                        label: label.clone(),
                    },
                },
            }
        })
        .collect()
}

fn marks(marks: &Marks) -> Vec<Mark> {
    let Marks {
        strong,
        emphasis,
        strike,
        code,
        link,
    } = marks;
    let mut list = Vec::new();
    if *strong {
        list.push(Mark::Strong);
    }
    if *emphasis {
        list.push(Mark::Emphasis);
    }
    if *strike {
        list.push(Mark::Strike);
    }
    if *code {
        list.push(Mark::Code);
    }
    if let Some(href) = link {
        list.push(Mark::Link {
            attrs: LinkAttrs { href: href.clone() },
        });
    }
    list
}

impl From<Node> for Block {
    fn from(node: Node) -> Block {
        let (kind, id) = match node {
            Node::Title { content } => (BlockKind::Title(inlines(content)), None),
            Node::Heading {
                attrs: HeadingAttrs { level, style, id },
                content,
            } => (
                BlockKind::Heading {
                    level: level.clamp(1, 5),
                    style: style.into(),
                    content: inlines(content),
                },
                id,
            ),
            Node::Item {
                attrs: ItemAttrs { depth, ordered, id },
                content,
            } => (
                BlockKind::Item {
                    depth: depth.min(7),
                    ordered,
                    content: inlines(content),
                },
                id,
            ),
            Node::Paragraph {
                attrs: ParagraphAttrs { depth, quote },
                content,
            } => (
                BlockKind::Paragraph {
                    depth: depth.min(8),
                    quote,
                    content: inlines(content),
                },
                None,
            ),
            Node::Table { content } => (BlockKind::Table(table(content)), None),
            Node::Signature { content } => {
                let parties = content
                    .into_iter()
                    .map(|PartyNode { content }| SignatureParty {
                        lines: content
                            .into_iter()
                            .map(|LineNode { content }| inlines(content))
                            .collect(),
                    })
                    .collect();
                (BlockKind::Signature(parties), None)
            }
            Node::PageBreak => (BlockKind::PageBreak, None),
            Node::Footnote {
                attrs: FootnoteAttrs { label },
                content,
            } => (
                BlockKind::Footnote {
                    label,
                    content: inlines(content),
                },
                None,
            ),
            Node::Verbatim { content } => {
                let words = content.into_iter().map(|inline| match inline {
                    InlineNode::Text { text, .. } => text,
                    InlineNode::HardBreak => "\n".into(),
                    InlineNode::Field { .. }
                    | InlineNode::Reference { .. }
                    | InlineNode::FootnoteRef { .. } => String::new(),
                });
                (BlockKind::Verbatim(words.collect()), None)
            }
        };
        Block {
            kind,
            id: id.filter(|id| !id.is_empty()),
            span: Span::default(),
        }
    }
}

/// The most columns a table of the editor can have: more would be a mistake, and each costs a cell in every row.
const MOST_COLUMNS: usize = 1000;

/// The table of the editor's rows. Every row has as many cells as the first reaches over, whatever the editor sent: missing
/// ones are empty, those beyond are dropped, and what reaches beyond the table ends with it.
fn table(rows: Vec<RowNode>) -> Table {
    let mut align = Vec::new();
    let mut grid: Vec<Vec<Option<Cell>>> = rows.iter().map(|_| Vec::new()).collect();
    for (row, RowNode { content }) in rows.into_iter().enumerate() {
        let mut column = 0;
        for cell in content {
            let (CellNode::TableHeader { attrs, content } | CellNode::TableCell { attrs, content }) =
                cell;
            let CellAttrs {
                align: side,
                colspan,
                rowspan,
            } = attrs;
            // What reaches down from above has its place already.
            while grid[row].get(column).is_some_and(Option::is_some) {
                column += 1;
            }
            let end = (column + usize::from(colspan.max(1))).min(match row {
                0 => MOST_COLUMNS,
                _ => align.len(),
            });
            if row == 0 {
                let side = match side {
                    None => Align::None,
                    Some(AlignName::Left) => Align::Left,
                    Some(AlignName::Center) => Align::Center,
                    Some(AlignName::Right) => Align::Right,
                };
                align.resize(end, side);
            }
            let mut content = Some(inlines(content));
            for (below, cells) in grid[row..]
                .iter_mut()
                .take(rowspan.max(1).into())
                .enumerate()
            {
                if cells.len() < end {
                    cells.resize(end, None);
                }
                for (right, place) in cells.iter_mut().take(end).skip(column).enumerate() {
                    if place.is_none() {
                        *place = Some(Cell {
                            content: match (below, right) {
                                (0, 0) => content.take().unwrap_or_default(),
                                _ => Vec::new(),
                            },
                            merge: match (below, right) {
                                (0, 0) => Merge::None,
                                (0, _) => Merge::Left,
                                _ => Merge::Up,
                            },
                            span: Span::default(),
                        });
                    }
                }
            }
            column = end;
        }
    }
    let columns = align.len();
    let whole = |mut cells: Vec<Option<Cell>>| {
        cells.resize(columns, None);
        cells.into_iter().map(Option::unwrap_or_default).collect()
    };
    let mut table = Table {
        align,
        rows: grid.into_iter().map(whole).collect(),
    };
    table.normalize_merges();
    table
}

fn inlines(content: Vec<InlineNode>) -> Vec<Inline> {
    content
        .into_iter()
        .map(|inline| {
            let (kind, marks) = match inline {
                InlineNode::Text { text, marks } => (InlineKind::Text(text), marks),
                InlineNode::Field {
                    attrs: FieldAttrs { expr },
                    marks,
                } => (InlineKind::Field(expr), marks),
                InlineNode::Reference {
                    attrs: ReferenceAttrs { target },
                    marks,
                } => (InlineKind::Reference(target), marks),
                InlineNode::HardBreak => (InlineKind::Break, Vec::new()),
                InlineNode::FootnoteRef {
                    attrs: FootnoteAttrs { label },
                } => (InlineKind::FootnoteRef(label), Vec::new()),
            };
            Inline {
                kind,
                marks: set(marks),
                span: Span::default(),
            }
        })
        .collect()
}

fn set(list: Vec<Mark>) -> Marks {
    let mut marks = Marks::default();
    for mark in list {
        match mark {
            Mark::Strong => marks.strong = true,
            Mark::Emphasis => marks.emphasis = true,
            Mark::Strike => marks.strike = true,
            Mark::Code => marks.code = true,
            Mark::Link {
                attrs: LinkAttrs { href },
            } => marks.link = Some(href),
        }
    }
    marks
}

impl From<HeadingStyle> for HeadingStyleName {
    fn from(style: HeadingStyle) -> Self {
        match style {
            HeadingStyle::Numbered => HeadingStyleName::Numbered,
            HeadingStyle::Plain => HeadingStyleName::Plain,
            HeadingStyle::Schedule => HeadingStyleName::Schedule,
            HeadingStyle::Parties => HeadingStyleName::Parties,
            HeadingStyle::Recitals => HeadingStyleName::Recitals,
        }
    }
}

impl From<HeadingStyleName> for HeadingStyle {
    fn from(name: HeadingStyleName) -> Self {
        match name {
            HeadingStyleName::Numbered => HeadingStyle::Numbered,
            HeadingStyleName::Plain => HeadingStyle::Plain,
            HeadingStyleName::Schedule => HeadingStyle::Schedule,
            HeadingStyleName::Parties => HeadingStyle::Parties,
            HeadingStyleName::Recitals => HeadingStyle::Recitals,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moqi_app::document::{Document, parse, print};

    /// Every kind of block and inline goes to the editor and comes back as the same text.
    #[test]
    fn the_editor_gives_back_what_it_got() {
        let text = "# 标题\n\n甲方：{{seller}}，**粗**、*斜*、~~删~~、`码`、[链接](mailto:a@b.c)\\\n换行[^1]\n\n## 条 {#a}\n\n1. 款，见[](#a) {#b}\n   - 点\n\n     续\n\n> 说明\n\n## 附件 {#s .schedule}\n\n| 名 | 量 |\n| :-- | --: |\n| 机床 | {{qty}} |\n\n| 货物 | < | 价格 |\n| --- | --- | --- |\n| ^ | ^ | 含税 |\n| \\< | 型号 | ^ |\n\n---\n\n```signature\n甲方：{{seller}}\n日期：\n\n乙方：\n```\n\n[^1]: 注\n";
        let document = parse(text);
        let canonical = print(&document);
        let crossed: Vec<Node> =
            serde_json::from_str(&serde_json::to_string(&nodes(&document.blocks)).unwrap())
                .unwrap();
        assert_eq!(
            print(&Document {
                blocks: blocks(crossed),
                ..Document::default()
            }),
            canonical
        );
    }

    /// Cells that lie over each other, reach beyond the table or are missing still make a table whose words are all there.
    #[test]
    fn a_table_the_editor_should_not_send_is_a_table_all_the_same() {
        let cell = |words: &str, colspan: u16, rowspan: u16| CellNode::TableCell {
            attrs: CellAttrs {
                align: None,
                colspan,
                rowspan,
            },
            content: vec![InlineNode::Text {
                text: words.to_owned(),
                marks: Vec::new(),
            }],
        };
        let row = |content: Vec<CellNode>| RowNode { content };
        let made = table(vec![
            row(vec![cell("a", 2, 9), cell("b", 1, 1)]),
            row(vec![cell("c", 60_000, 0)]),
            row(Vec::new()),
        ]);
        let text = print(&Document {
            blocks: vec![Block {
                kind: BlockKind::Table(made),
                id: None,
                span: Span::default(),
            }],
            ..Document::default()
        });
        assert_eq!(
            text,
            "| a | < | b |\n| --- | --- | --- |\n| ^ | ^ | c |\n| ^ | ^ |  |\n"
        );
        let wide = table(vec![row(vec![
            cell("a", u16::MAX, u16::MAX),
            cell("b", 7, 7),
        ])]);
        assert_eq!(wide.align.len(), MOST_COLUMNS);
    }
}
