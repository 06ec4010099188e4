// Keeps tables as the program knows them: a header row first, no merged cells.
import type { Node as PMNode } from 'prosemirror-model';
import { Plugin, type Command, TextSelection, type Transaction } from 'prosemirror-state';
import { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable } from 'prosemirror-tables';
import { blockStart, diffBlocks } from './diff';
import { nodes } from './schema';

export const tableCommands = { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable } satisfies Record<string, Command>;
export { isInTable };

/** Tab: the next cell; after the last one a new row. */
export const nextCell: Command = (state, dispatch, view) => {
  if (!isInTable(state)) return false;
  if (goToNextCell(1)(state, dispatch, view)) return true;
  if (dispatch && view) {
    addRowAfter(state, dispatch);
    goToNextCell(1)(view.state, view.dispatch);
  }
  return true;
};

export const previousCell: Command = (state, dispatch, view) => isInTable(state) && (goToNextCell(-1)(state, dispatch, view) || true);

/** Enter in a table: the cell below; below the last row a paragraph after the table. */
export const enterCell: Command = (state, dispatch) => {
  const { $head } = state.selection;
  if (!isInTable(state) || $head.depth < 3) return false;
  if (!dispatch) return true;
  const table = $head.node(1);
  const [row, column] = [$head.index(1), $head.index(2)];
  const tr = state.tr;
  if (row + 1 < table.childCount) {
    let pos = $head.start(1);
    for (let i = 0; i <= row; i++) pos += table.child(i).nodeSize;
    const below = table.child(row + 1);
    pos += 1;
    for (let i = 0; i < Math.min(column, below.childCount - 1); i++) pos += below.child(i).nodeSize;
    const cell = below.child(Math.min(column, below.childCount - 1));
    tr.setSelection(TextSelection.create(tr.doc, pos + 1 + cell.content.size));
  } else {
    const after = $head.after(1);
    const next = tr.doc.maybeChild($head.index(0) + 1);
    if (next?.type !== nodes.paragraph || next.content.size) tr.insert(after, nodes.paragraph.create());
    tr.setSelection(TextSelection.create(tr.doc, after + 1));
  }
  dispatch(tr.scrollIntoView());
  return true;
};

function repair(tr: Transaction, table: PMNode, start: number): void {
  let pos = start + 1;
  table.forEach((row, _, index) => {
    let cell = pos + 1;
    row.forEach((node) => {
      const type = index === 0 ? nodes.table_header : nodes.table_cell;
      const { align } = node.attrs;
      const attrs = { align, colspan: 1, rowspan: 1, colwidth: null };
      if (!node.hasMarkup(type, attrs)) tr.setNodeMarkup(cell, type, attrs);
      cell += node.nodeSize;
    });
    pos += row.nodeSize;
  });
}

export function tableRepair(): Plugin {
  return new Plugin({
    appendTransaction(transactions, before, state) {
      if (!transactions.some((tr) => tr.docChanged)) return null;
      const diff = diffBlocks(before.doc, state.doc);
      if (!diff) return null;
      const tr = state.tr;
      for (let i = diff.from; i < diff.from + diff.inserted; i++) {
        const block = state.doc.child(i);
        if (block.type === nodes.table) repair(tr, block, blockStart(state.doc, i));
      }
      return tr.docChanged ? tr : null;
    },
  });
}
