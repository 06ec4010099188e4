// Commands inside a block: references, fields, ids.
import type { Node as PMNode } from 'prosemirror-model';
import type { Command, EditorState } from 'prosemirror-state';
import { blockStart } from './diff';
import { nodes } from './schema';

/** Every id in the document. */
export function idsIn(doc: PMNode): Set<string> {
  const ids = new Set<string>();
  for (const block of doc.children) if (block.attrs.id) ids.add(block.attrs.id);
  return ids;
}

export function freshId(doc: PMNode): string {
  const taken = idsIn(doc);
  let n = 1;
  while (taken.has(`clause-${n}`)) n++;
  return `clause-${n}`;
}

/** Position of the block with this id. */
export function findId(doc: PMNode, id: string): number | null {
  let found: number | null = null;
  doc.forEach((block, pos) => {
    if (found === null && block.attrs.id === id) found = pos;
  });
  return found;
}

/** Inserts a reference to block `index` at the caret; the block gets an id when it has none. One undo step. */
export function insertReference(index: number): Command {
  return (state, dispatch) => {
    const target = state.doc.maybeChild(index);
    if (!target || !(target.type === nodes.heading || target.type === nodes.item)) return false;
    if (!takesInline(state)) return false;
    if (dispatch) {
      const id: string = target.attrs.id ?? freshId(state.doc);
      const tr = state.tr;
      if (!target.attrs.id) tr.setNodeAttribute(blockStart(tr.doc, index), 'id', id);
      dispatch(tr.replaceSelectionWith(nodes.reference.create({ target: id }), true).scrollIntoView());
    }
    return true;
  };
}

export function insertField(expr: string): Command {
  return (state, dispatch) => {
    if (!takesInline(state)) return false;
    dispatch?.(state.tr.replaceSelectionWith(nodes.field.create({ expr }), true).scrollIntoView());
    return true;
  };
}

function takesInline(state: EditorState): boolean {
  const { $from, $to } = state.selection;
  return $from.sameParent($to) && $from.parent.inlineContent && $from.parent.type !== nodes.verbatim;
}
