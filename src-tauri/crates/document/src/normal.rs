//! The one form among equal documents: what `parse` gives and `print` can write.

use crate::guard::{is_id_char, is_label_char};
use crate::model::{Block, BlockKind, Document, Inline, InlineKind, SignatureParty};
use crate::parse::DEEPEST;

/// Brings a document, for example one an editor made, into the form that survives printing:
/// `parse(&print(&d))` equals the normalized `d` up to spans and problems.
///
/// - neighbouring texts with the same marks are one text, empty texts go;
/// - an item or paragraph is at most one level deeper than the item it follows, and eight levels at most;
/// - heading levels are 1 to 5; tables are rectangular with at least one column and one row, and so are their merged
///   cells, the words of which stand in their first cell;
/// - ids and labels keep only letters, digits, `-` and `_`; only titles, headings and items have ids;
/// - what Markdown has no form for (marks in a signature, a tab in code, `}}` in an expression) is made plain.
pub fn normalize(document: &mut Document) {
    for block in &mut document.blocks {
        one(block);
    }
    document
        .blocks
        .retain(|b| !matches!(&b.kind, BlockKind::Table(t) if t.align.is_empty()));
    clamp_depths(&mut document.blocks);
}

/// An item can only be inside an item that is there.
pub(crate) fn clamp_depths(blocks: &mut [Block]) {
    // How many items are open, each inside the one before.
    let mut open: u8 = 0;
    for block in blocks {
        match &mut block.kind {
            BlockKind::Title(_) | BlockKind::Heading { .. } => open = 0,
            BlockKind::Item { depth, .. } => {
                *depth = (*depth).min(open).min(DEEPEST - 1);
                open = *depth + 1;
            }
            BlockKind::Paragraph { depth, .. } => {
                *depth = (*depth).min(open);
                open = *depth;
            }
            _ => {}
        }
    }
}

fn one(block: &mut Block) {
    let named = matches!(
        block.kind,
        BlockKind::Title(_) | BlockKind::Heading { .. } | BlockKind::Item { .. }
    );
    block.id = block
        .id
        .take()
        .filter(|_| named)
        .map(|id| id.chars().filter(|c| is_id_char(*c)).collect::<String>());
    block.id = block.id.take().filter(|id| !id.is_empty());
    match &mut block.kind {
        BlockKind::Title(content)
        | BlockKind::Item { content, .. }
        | BlockKind::Paragraph { content, .. } => {
            inlines(content);
        }
        BlockKind::Heading { level, content, .. } => {
            *level = (*level).clamp(1, 5);
            inlines(content);
        }
        BlockKind::Table(table) => {
            let columns = table
                .rows
                .iter()
                .map(Vec::len)
                .chain([table.align.len()])
                .max()
                .unwrap_or(0);
            table.align.resize(columns, Default::default());
            if table.rows.is_empty() {
                table.rows.push(Vec::new());
            }
            for row in &mut table.rows {
                row.resize_with(columns, Default::default);
            }
            table.normalize_merges();
            for cell in table.rows.iter_mut().flatten() {
                inlines(&mut cell.content);
            }
        }
        BlockKind::Signature(parties) => {
            for party in &mut *parties {
                party.lines = party.lines.drain(..).map(signature_line).collect();
            }
            parties.retain(|p: &SignatureParty| !p.lines.is_empty());
        }
        BlockKind::Footnote { label, content } => {
            label.retain(is_label_char);
            if label.is_empty() {
                label.push('n');
            }
            inlines(content);
        }
        BlockKind::Verbatim(text) => *text = text.replace("\r\n", "\n").replace(['\r', '\0'], ""),
        BlockKind::PageBreak => {}
    }
}

fn signature_line(mut line: Vec<Inline>) -> Vec<Inline> {
    for inline in &mut line {
        inline.marks = Default::default();
        match &mut inline.kind {
            InlineKind::Text(text) => *text = text.replace(['\n', '\r'], " "),
            InlineKind::Break => inline.kind = InlineKind::Text(" ".into()),
            _ => {}
        }
    }
    inlines(&mut line);
    let blank = line
        .iter()
        .all(|i| matches!(&i.kind, InlineKind::Text(t) if t.trim_matches([' ', '\t']).is_empty()));
    if blank { Vec::new() } else { line }
}

/// Neighbouring texts joined, impossible atoms made text.
pub(crate) fn inlines(content: &mut Vec<Inline>) {
    let mut out: Vec<Inline> = Vec::with_capacity(content.len());
    for mut inline in content.drain(..) {
        match &mut inline.kind {
            InlineKind::Text(text) => {
                if text.contains('\0') {
                    *text = text.replace('\0', "\u{FFFD}");
                }
            }
            InlineKind::Field(expr) => {
                let clean = expr
                    .replace(['\n', '\r'], " ")
                    .replace("{{", "{ {")
                    .replace("}}", "} }");
                let clean = clean
                    .trim()
                    .trim_start_matches('{')
                    .trim()
                    .trim_end_matches('}')
                    .trim();
                if clean.is_empty() {
                    inline.kind = InlineKind::Text("{{}}".into());
                } else if clean != expr {
                    *expr = clean.to_owned();
                }
            }
            InlineKind::Reference(id) => {
                id.retain(is_id_char);
                if id.is_empty() {
                    inline.kind = InlineKind::Text("[]".into());
                }
            }
            InlineKind::FootnoteRef(label) => {
                label.retain(is_label_char);
                if label.is_empty() {
                    inline.kind = InlineKind::Text("[^]".into());
                }
            }
            InlineKind::Break => {}
        }
        if let Some(href) = &mut inline.marks.link
            && href.contains(|c: char| c.is_control())
        {
            href.retain(|c| !c.is_control());
        }
        if let InlineKind::Text(text) = &inline.kind {
            if text.is_empty() {
                continue;
            }
            if let Some(last) = out.last_mut()
                && last.marks == inline.marks
                && let InlineKind::Text(before) = &mut last.kind
            {
                before.push_str(text);
                last.span.end = inline.span.end.max(last.span.end);
                continue;
            }
        }
        out.push(inline);
    }
    *content = out;
}
