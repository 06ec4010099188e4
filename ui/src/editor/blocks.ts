// Commands on whole blocks: Enter, Tab, Backspace, styles, tables, signatures.
import { chainCommands, exitCode, newlineInCode } from 'prosemirror-commands';
import { type Attrs, type Node as PMNode, type NodeType } from 'prosemirror-model';
import { type Command, type EditorState, Selection, TextSelection, type Transaction } from 'prosemirror-state';
import { nodes } from './schema';

const MAX_DEPTH = 4;
const MAX_LEVEL = 5;

/** Top-level block around the caret, with the position before it. */
export function currentBlock(state: EditorState): { node: PMNode; pos: number; index: number } | null {
  const { $head } = state.selection;
  const index = $head.index(0);
  if (index >= state.doc.childCount) return null;
  return { node: state.doc.child(index), pos: $head.posAtIndex(index, 0), index };
}

/** Puts a block after the block at `pos` and the caret into it. */
function insertAfter(state: EditorState, pos: number, node: PMNode, block: PMNode): Transaction {
  const at = pos + node.nodeSize;
  const tr = state.tr.insert(at, block);
  return tr.setSelection(Selection.near(tr.doc.resolve(at + 1))).scrollIntoView();
}

/** What follows a heading when Enter is pressed at its end: as the neighbouring clauses have it. */
function blockBelowHeading(doc: PMNode, index: number): PMNode {
  const next = doc.maybeChild(index + 1);
  if (next?.type === nodes.item) return nodes.item.create({ depth: next.attrs.depth, ordered: next.attrs.ordered });
  if (next?.type === nodes.paragraph && next.content.size) return nodes.paragraph.create();
  const { level } = doc.child(index).attrs;
  for (let step = 1; step < doc.childCount; step++) {
    for (const at of [index - step, index + step]) {
      const other = at >= 0 ? doc.maybeChild(at) : null;
      if (other?.type !== nodes.heading || other.attrs.level !== level || other.attrs.style !== 'numbered') continue;
      const below = doc.maybeChild(at + 1);
      if (below?.type === nodes.item) return nodes.item.create({ depth: 0, ordered: below.attrs.ordered });
      return nodes.paragraph.create();
    }
  }
  return nodes.paragraph.create();
}

const enterInBlock: Command = (state, dispatch) => {
  const { $from, $to, empty } = state.selection;
  if ($from.depth !== 1 || !$from.parent.isTextblock) return false;
  const node = $from.parent;
  const { type, attrs } = node;
  if (![nodes.title, nodes.heading, nodes.item, nodes.paragraph, nodes.footnote].includes(type)) return false;
  const pos = $from.before();
  const index = $from.index(0);
  if (empty && node.content.size === 0) {
    const next = emptied(type, attrs);
    if (next) {
      dispatch?.(state.tr.setNodeMarkup(pos, next.type, next.attrs).scrollIntoView());
      return true;
    }
  }
  if (empty && $from.parentOffset === 0 && node.content.size > 0 && type !== nodes.title) {
    // At the very start: a new line above; the clause keeps its id.
    const above = type === nodes.item ? nodes.item.create({ ...attrs, id: null }) : nodes.paragraph.create();
    dispatch?.(state.tr.insert(pos, above).scrollIntoView());
    return true;
  }
  if (!dispatch) return true;
  const tr = state.tr;
  if (!empty) tr.deleteSelection();
  const $at = tr.doc.resolve(Math.min(tr.mapping.map($from.pos), tr.mapping.map($to.pos)));
  if ($at.depth !== 1) return false;
  const below =
    type === nodes.item ? nodes.item.create({ ...attrs, id: null })
    : type === nodes.paragraph ? nodes.paragraph.create(attrs)
    : type === nodes.heading ? blockBelowHeading(tr.doc, $at.index(0))
    : nodes.paragraph.create();
  if ($at.parentOffset === $at.parent.content.size) {
    const next = tr.doc.maybeChild(index + 1);
    const after = $at.after();
    // A heading above an empty line: the caret moves there instead of making a second one.
    if (type === nodes.heading && next?.isTextblock && next.type !== nodes.heading && next.content.size === 0) {
      tr.setSelection(TextSelection.create(tr.doc, after + 1));
    } else {
      tr.insert(after, below).setSelection(TextSelection.create(tr.doc, after + 1));
    }
  } else {
    tr.split($at.pos, 1, [{ type: below.type, attrs: below.attrs }]);
  }
  dispatch(tr.scrollIntoView());
  return true;
};

/** What an empty block becomes on Enter or Backspace: one step out. */
function emptied(type: NodeType, attrs: Attrs): { type: NodeType; attrs: Attrs } | null {
  if (type === nodes.item && attrs.depth > 0) return { type, attrs: { ...attrs, depth: attrs.depth - 1 } };
  if (type === nodes.item) return { type: nodes.paragraph, attrs: { depth: 0, quote: false } };
  if (type === nodes.paragraph && attrs.quote) return { type, attrs: { ...attrs, quote: false } };
  if (type === nodes.paragraph && attrs.depth > 0) return { type, attrs: { ...attrs, depth: attrs.depth - 1 } };
  return null;
}

/** Enter in a signature: a new line; on an empty line a new party; on an empty party out of the block. */
const enterInSignature: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if ($from.parent.type !== nodes.signature_line) return false;
  if (!dispatch) return true;
  const party = $from.node(2);
  const last = $from.index(2) === party.childCount - 1;
  if (!empty || $from.parent.content.size > 0 || !last) {
    const tr = state.tr.deleteSelection();
    dispatch(tr.split(tr.mapping.map($from.pos)).scrollIntoView());
    return true;
  }
  const tr = state.tr;
  if (party.childCount > 1) {
    const fresh = nodes.signature_party.create(null, nodes.signature_line.create());
    tr.insert($from.after(2), fresh);
    tr.setSelection(TextSelection.create(tr.doc, $from.after(2) + 2));
    tr.delete($from.before(), $from.after());
  } else {
    const end = $from.after(1);
    tr.insert(end, nodes.paragraph.create()).setSelection(TextSelection.create(tr.doc, end + 1));
    if ($from.node(1).childCount > 1) tr.delete($from.before(2), $from.after(2));
  }
  dispatch(tr.scrollIntoView());
  return true;
};

export const enter: Command = chainCommands(newlineInCode, enterInSignature, enterInBlock);

export const hardBreak: Command = chainCommands(exitCode, (state, dispatch) => {
  if (!state.selection.$from.parent.inlineContent || state.selection.$from.parent.type === nodes.signature_line) return false;
  dispatch?.(state.tr.replaceSelectionWith(nodes.hard_break.create()).scrollIntoView());
  return true;
});

/** Backspace at the start of a block: first its number goes, then its indent, then it joins the one above. */
export const backspace: Command = (state, dispatch) => {
  const { $from, empty } = state.selection;
  if (!empty || $from.depth !== 1 || $from.parentOffset !== 0) return false;
  const { type, attrs } = $from.parent;
  let next: { type: NodeType; attrs: Attrs } | null = null;
  if (type === nodes.item) next = { type: nodes.paragraph, attrs: { depth: attrs.depth, quote: false } };
  else if (type === nodes.heading) next = { type: nodes.paragraph, attrs: { depth: 0, quote: false } };
  else if (type === nodes.paragraph) next = emptied(type, attrs);
  if (!next) return false;
  dispatch?.(state.tr.setNodeMarkup($from.before(), next.type, next.attrs).scrollIntoView());
  return true;
};

/** Calls `change` for every top-level text block in the selection; a null answer leaves it. */
function eachBlock(change: (node: PMNode, before: PMNode | null) => { type: NodeType; attrs: Attrs } | null): Command {
  return (state, dispatch) => {
    const { from, to } = state.selection;
    const tr = state.tr;
    let changed = false;
    const first = state.doc.resolve(from).index(0);
    const last = Math.min(state.doc.resolve(to).index(0), state.doc.childCount - 1);
    let pos = state.doc.resolve(from).posAtIndex(first, 0);
    for (let index = first; index <= last; index++) {
      const node = tr.doc.child(index);
      const next = node.isTextblock ? change(node, index > 0 ? tr.doc.child(index - 1) : null) : null;
      if (next && !node.hasMarkup(next.type, next.attrs)) {
        tr.setNodeMarkup(pos, next.type, next.attrs);
        changed = true;
      }
      pos += node.nodeSize;
    }
    if (changed) dispatch?.(tr.scrollIntoView());
    return changed;
  };
}

function shift(by: 1 | -1): Command {
  return eachBlock(({ type, attrs }, before) => {
    if (type === nodes.heading) {
      const level = Math.max(1, Math.min(MAX_LEVEL, attrs.level + by));
      return { type, attrs: { ...attrs, level } };
    }
    if (type === nodes.item) {
      const most = before?.type === nodes.item ? before.attrs.depth + 1 : before?.type === nodes.paragraph ? before.attrs.depth : 0;
      const depth = Math.max(0, Math.min(MAX_DEPTH, attrs.depth + by, by > 0 ? Math.max(most, attrs.depth) : MAX_DEPTH));
      return { type, attrs: { ...attrs, depth } };
    }
    if (type === nodes.paragraph) {
      const most = before?.type === nodes.item ? before.attrs.depth + 1 : before?.type === nodes.paragraph ? before.attrs.depth : 0;
      const depth = Math.max(0, by > 0 ? Math.min(attrs.depth + 1, most) : attrs.depth - 1);
      return { type, attrs: { ...attrs, depth } };
    }
    return null;
  });
}

export const demote = shift(1);
export const promote = shift(-1);

/** Names of the styles in the toolbar. */
export type StyleName =
  | 'paragraph' | 'title' | 'heading1' | 'heading2' | 'heading3' | 'plain' | 'schedule' | 'parties' | 'recitals' | 'item' | 'bullet' | 'quote';

export function setStyle(name: StyleName): Command {
  return eachBlock((node) => {
    if ([nodes.footnote, nodes.verbatim].includes(node.type)) return null;
    const id = node.attrs.id ?? null;
    const heading = (level: number, style: string) => ({ type: nodes.heading, attrs: { level, style, id } });
    switch (name) {
      case 'title': return { type: nodes.title, attrs: {} };
      case 'heading1': return heading(1, 'numbered');
      case 'heading2': return heading(2, 'numbered');
      case 'heading3': return heading(3, 'numbered');
      case 'plain': case 'schedule': case 'parties': case 'recitals':
        return heading(node.type === nodes.heading ? node.attrs.level : 1, name);
      case 'item': case 'bullet':
        return { type: nodes.item, attrs: { depth: node.attrs.depth ?? 0, ordered: name === 'item', id } };
      case 'quote': return { type: nodes.paragraph, attrs: { depth: 0, quote: true } };
      default: return { type: nodes.paragraph, attrs: { depth: 0, quote: false } };
    }
  });
}

/** Style of the block at the caret; null in tables, signatures and the like. */
export function styleAt(state: EditorState): StyleName | null {
  const block = currentBlock(state)?.node;
  switch (block?.type) {
    case nodes.title: return 'title';
    case nodes.heading:
      return block.attrs.style === 'numbered' ? (`heading${Math.min(block.attrs.level, 3)}` as StyleName) : block.attrs.style;
    case nodes.item: return block.attrs.ordered ? 'item' : 'bullet';
    case nodes.paragraph: return block.attrs.quote ? 'quote' : 'paragraph';
    default: return null;
  }
}

/** Switches between a numbered item and a paragraph. */
export const toggleItem: Command = (state, dispatch, view) =>
  setStyle(styleAt(state) === 'item' ? 'paragraph' : 'item')(state, dispatch, view);

/** Puts a block below the one at the caret. */
export function insertBlock(block: PMNode): Command {
  return (state, dispatch) => {
    const at = currentBlock(state);
    if (!at) return false;
    if (dispatch) {
      if (at.node.isTextblock && at.node.type === nodes.paragraph && at.node.content.size === 0) {
        const tr = state.tr.replaceWith(at.pos, at.pos + at.node.nodeSize, block);
        const end = at.pos + block.nodeSize;
        if (end === tr.doc.content.size) tr.insert(end, nodes.paragraph.create());
        dispatch(tr.setSelection(Selection.near(tr.doc.resolve(at.pos + 1))).scrollIntoView());
      } else {
        const tr = insertAfter(state, at.pos, at.node, block);
        const end = at.pos + at.node.nodeSize + block.nodeSize;
        // There is always a line to go on with below.
        if (end === tr.doc.content.size && !block.isTextblock) tr.insert(end, nodes.paragraph.create());
        dispatch(tr);
      }
    }
    return true;
  };
}

export function newTable(rows: number, columns: number): PMNode {
  const row = (type: NodeType) => nodes.table_row.create(null, Array.from({ length: columns }, () => type.create()));
  return nodes.table.create(null, [row(nodes.table_header), ...Array.from({ length: rows - 1 }, () => row(nodes.table_cell))]);
}

export function newSignature(lines: string[][]): PMNode {
  const schema = nodes.signature.schema;
  return nodes.signature.create(
    null,
    lines.map((party) => nodes.signature_party.create(null, party.map((line) => nodes.signature_line.create(null, line ? schema.text(line) : null)))),
  );
}
