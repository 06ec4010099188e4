// What comes in by the clipboard, brought to the shapes of a document.
import { Fragment, type Node as PMNode, Slice } from 'prosemirror-model';
import { Plugin, type EditorState } from 'prosemirror-state';
import { cleanHtml } from './clean';
import { idsIn } from './inline';
import { nodes, schema } from './schema';

/** Lines of plain text as blocks; a number typed at the start of a line stays as text. */
export function sliceFromText(text: string): Slice {
  const lines = text.replace(/\r\n?/g, '\n').split('\n').map((line) => line.replace(/\s+$/, '')).filter((line) => line.trim());
  const blocks = lines.map((line) => nodes.paragraph.create(null, schema.text(line.replace(/\t/g, ' '))));
  return blocks.length ? new Slice(Fragment.from(blocks), 1, 1) : Slice.empty;
}

/** All inline content of a slice, blocks parted by `parting`. */
function inlineOf(slice: Slice, parting: () => PMNode): Fragment {
  const out: PMNode[] = [];
  slice.content.descendants((node) => {
    if (node.isTextblock) {
      if (out.length) out.push(parting());
      out.push(...node.children);
      return false;
    }
    if (node.isInline) out.push(node);
    return !node.isInline;
  });
  return Fragment.fromArray(out);
}

/** Ids that the document already has are dropped from what is pasted. */
export function withoutTakenIds(slice: Slice, taken: Set<string>): Slice {
  const seen = new Set(taken);
  const content = slice.content.content.map((block) => {
    const id = block.attrs.id as string | null | undefined;
    if (!id) return block;
    if (seen.has(id)) return block.type.create({ ...block.attrs, id: null }, block.content, block.marks);
    seen.add(id);
    return block;
  });
  return new Slice(Fragment.from(content), slice.openStart, slice.openEnd);
}

/** In a cell, a signature line, a title or verbatim text only words fit: the rest is brought to that. */
function narrowed(state: EditorState, slice: Slice): Slice | null {
  const { parent } = state.selection.$from;
  if (parent.type === nodes.verbatim) {
    const text = slice.content.textBetween(0, slice.content.size, '\n');
    return text ? new Slice(Fragment.from(schema.text(text)), 0, 0) : Slice.empty;
  }
  if (![nodes.table_cell, nodes.table_header, nodes.signature_line, nodes.title].includes(parent.type)) return null;
  return new Slice(inlineOf(slice, () => schema.text(' ')), 0, 0);
}

export function pastePlugin(): Plugin {
  return new Plugin({
    props: {
      transformPastedHTML: (html) => cleanHtml(html),
      clipboardTextParser: (text) => sliceFromText(text),
      transformPasted: (slice, view) => {
        // What the paste overwrites no longer takes an id.
        return withoutTakenIds(slice, idsIn(view.state.tr.deleteSelection().doc));
      },
      handlePaste(view, _event, slice) {
        const { state } = view;
        const holdsTable = slice.content.content.some((node) => node.type === nodes.table || node.type === nodes.table_row);
        const words = holdsTable && state.selection.$from.parent.type.spec.tableRole ? null : narrowed(state, slice);
        if (!words) return false;
        view.dispatch(state.tr.replaceSelection(words).scrollIntoView().setMeta('paste', true).setMeta('uiEvent', 'paste'));
        return true;
      },
    },
  });
}
