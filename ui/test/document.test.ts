// The document goes into the editor and back unchanged, and a change tells the program exactly what was edited.
import { EditorState } from 'prosemirror-state';
import { expect, test } from 'vitest';
import type { Node as PMNode } from 'prosemirror-model';
import { CellSelection, TableMap } from 'prosemirror-tables';
import { docFromNodes, nodeFromBlock, nodesFromDoc } from '../src/editor/convert';
import { blockStart, changeBetween } from '../src/editor/diff';
import { tableCommands } from '../src/editor/tables';
import { blockText } from '../src/parts/clause-source';
import type { Node } from '../src/ipc';

const cell = (type: 'table_cell' | 'table_header', text: string, colspan: number, rowspan: number) =>
  ({ type, attrs: { align: null, colspan, rowspan }, content: [{ type: 'text' as const, text }] });

const every: Node[] = [
  { type: 'title', content: [{ type: 'text', text: '设备买卖合同' }] },
  { type: 'paragraph', attrs: { depth: 0, quote: false }, content: [{ type: 'text', text: '甲方：' }, { type: 'field', attrs: { expr: 'seller' } }] },
  { type: 'heading', attrs: { level: 1, style: 'numbered', id: 'price' }, content: [{ type: 'text', text: '价款', marks: [{ type: 'strong' }] }] },
  {
    type: 'item',
    attrs: { depth: 0, ordered: true, id: null },
    content: [{ type: 'text', text: '见' }, { type: 'reference', attrs: { target: 'price' } }, { type: 'hard_break' }, { type: 'footnote_ref', attrs: { label: '1' } }],
  },
  { type: 'paragraph', attrs: { depth: 0, quote: true }, content: [] },
  {
    type: 'table',
    content: [
      { type: 'table_row', content: [{ type: 'table_header', attrs: { align: null, colspan: 1, rowspan: 1 }, content: [{ type: 'text', text: '名称' }] }] },
      { type: 'table_row', content: [{ type: 'table_cell', attrs: { align: null, colspan: 1, rowspan: 1 }, content: [] }] },
    ],
  },
  {
    type: 'table',
    content: [
      { type: 'table_row', content: [cell('table_header', '货物', 2, 1), cell('table_header', '价格', 1, 2)] },
      { type: 'table_row', content: [cell('table_cell', '名称', 1, 1), cell('table_cell', '<', 1, 1)] },
    ],
  },
  { type: 'page_break' },
  { type: 'signature', content: [{ type: 'signature_party', content: [{ type: 'signature_line', content: [{ type: 'text', text: '甲方（盖章）：' }] }] }] },
  { type: 'footnote', attrs: { label: '1' }, content: [{ type: 'text', text: '注' }] },
  { type: 'verbatim', content: [{ type: 'text', text: 'x' }] },
];

test('every kind of block goes in and comes back', () => {
  expect(nodesFromDoc(docFromNodes(every))).toEqual(every);
});

test('cells are merged into one with their words line by line, split again, and written with their marks', () => {
  const table = docFromNodes(every).children.filter((block) => block.type.name === 'table')[1] as PMNode;
  let state = EditorState.create({ doc: docFromNodes(nodesFromDoc(docFromNodes([])).concat(nodeFromBlock(table))) });
  const corner = (row: number, column: number) => {
    const at = blockStart(state.doc, 1) + 1;
    return at + (TableMap.get(state.doc.child(1)).map[row * 3 + column] ?? 0);
  };
  expect(blockText(state.doc.child(1))).toBe('| 货物 | < | 价格 |\n| --- | --- | --- |\n| 名称 | \\< | ^ |');
  state = state.apply(state.tr.setSelection(CellSelection.create(state.doc, corner(0, 0), corner(1, 1))));
  expect(tableCommands.mergeCells(state, (tr) => (state = state.apply(tr)))).toBe(true);
  const merged = state.doc.child(1).firstChild?.firstChild as PMNode;
  expect([merged.attrs.colspan, merged.attrs.rowspan, merged.textBetween(0, merged.content.size, null, '/')]).toEqual([2, 2, '货物/名称/<']);
  expect(blockText(state.doc.child(1)).split('\n')[2]).toBe('| ^ | ^ | ^ |');
  expect(tableCommands.splitCell(state, (tr) => (state = state.apply(tr)))).toBe(true);
  expect(state.doc.child(1).child(1).childCount).toBe(2);
});

/** A seeded generator, so that a failure repeats. */
function random(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * below);
  };
}

test('a change applied to the old blocks gives the new ones', () => {
  const next = random(7);
  let state = EditorState.create({ doc: docFromNodes(every) });
  for (let round = 0; round < 300; round++) {
    const before = state.doc;
    const at = next(before.childCount);
    let pos = 0;
    for (let i = 0; i < at; i++) pos += before.child(i).nodeSize;
    const block = before.child(at);
    const tr = state.tr;
    if (next(4) === 0 && before.childCount > 3) tr.delete(pos, pos + block.nodeSize);
    else if (next(3) === 0) tr.insert(pos, docFromNodes(every).child(next(5)));
    else if (block.isTextblock) tr.insertText(`字${round}`, pos + 1);
    state = state.apply(tr);
    const change = changeBetween(before, state.doc);
    const blocks = nodesFromDoc(before);
    if (change) blocks.splice(change.from, change.remove, ...change.insert);
    expect(blocks).toEqual(nodesFromDoc(state.doc));
  }
});
