// Keeps tables as the program knows them: a header row first.
import { Fragment, type Node as PMNode } from 'prosemirror-model';
import { Plugin, type Command, TextSelection, type Transaction } from 'prosemirror-state';
import {
  addColumnAfter, addRowAfter, CellSelection, deleteColumn, deleteRow, deleteTable, goToNextCell, isInTable,
  mergeCells as mergeSelected, selectedRect, splitCell, TableMap,
} from 'prosemirror-tables';
import { blockStart, diffBlocks } from './diff';
import { nodes } from './schema';

/** Makes one cell of those selected; their words stand in it line by line. */
const mergeCells: Command = (state, dispatch) => {
  const { selection } = state;
  if (!(selection instanceof CellSelection)) return false;
  let words = Fragment.empty;
  selection.forEachCell((cell) => {
    if (!cell.childCount) return;
    if (words.childCount) words = words.addToEnd(nodes.hard_break.create());
    words = words.append(cell.content);
  });
  return mergeSelected(state, dispatch && ((tr) => {
    // The cells that are merged are selected afterwards: the one there is now.
    const at = (tr.selection as CellSelection).$anchorCell.pos;
    const cell = tr.doc.nodeAt(at);
    if (cell) tr.replaceWith(at + 1, at + cell.nodeSize - 1, words);
    tr.setSelection(TextSelection.create(tr.doc, at + 1 + words.size));
    dispatch(tr);
  }));
};

export const tableCommands = { addColumnAfter, addRowAfter, deleteColumn, deleteRow, deleteTable, mergeCells, splitCell } satisfies Record<string, Command>;
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
  const { map, table, tableStart, bottom, left } = selectedRect(state);
  const tr = state.tr;
  if (bottom < map.height) {
    const at = tableStart + (map.map[bottom * map.width + left] ?? 0);
    const cell = tr.doc.nodeAt(at);
    tr.setSelection(TextSelection.create(tr.doc, at + 1 + (cell?.content.size ?? 0)));
  } else {
    const after = tableStart + table.nodeSize - 1;
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
      const attrs = { ...node.attrs, colwidth: null };
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

/** The rows of a table as the text writes them: the cells of their own, `<` for one merged to the left, `^` for one merged upwards. */
export function gridOf(table: PMNode): (PMNode | '<' | '^')[][] {
  const map = TableMap.get(table);
  return Array.from({ length: map.height }, (_, row) =>
    Array.from({ length: map.width }, (_, column) => {
      const at = map.map[row * map.width + column] ?? 0;
      const { left, top } = map.findCell(at);
      if (row > top) return '^';
      return column > left ? '<' : (table.nodeAt(at) as PMNode);
    }),
  );
}
