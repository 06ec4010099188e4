// A proposal shown in the page: what would go is struck, what would come stands below in green. Nothing changes until it is accepted.
import type { Node as PMNode } from 'prosemirror-model';
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state';
import type { Mapping } from 'prosemirror-transform';
import { Decoration, DecorationSet } from 'prosemirror-view';
import type { Change } from '../ipc';
import { blockFromNode } from './convert';
import { blockStart } from './diff';
import { nodes } from './schema';

export interface Suggestion {
  /** Filled by the window's own code; stands in the page as long as the proposal does. */
  dom: HTMLElement;
  /** Range of the blocks that would go; empty when nothing goes. */
  from: number;
  to: number;
  /** The proposal, once it is complete. */
  change: Change | null;
}

interface SuggestState {
  suggestion: Suggestion | null;
  marks: DecorationSet;
}

export const suggestKey = new PluginKey<SuggestState>('suggest');

function decorate(suggestion: Suggestion | null, doc: PMNode): SuggestState {
  if (!suggestion) return { suggestion, marks: DecorationSet.empty };
  const list = [
    Decoration.widget(Math.min(suggestion.to, doc.content.size), suggestion.dom, {
      side: 1,
      key: 'suggestion',
      stopEvent: () => true,
      ignoreSelection: true,
    }),
  ];
  doc.forEach((block, pos) => {
    if (pos >= suggestion.from && pos < suggestion.to && suggestion.change?.remove) {
      list.push(Decoration.node(pos, pos + block.nodeSize, { class: 'struck' }));
    }
  });
  return { suggestion, marks: DecorationSet.create(doc, list) };
}

export function suggestPlugin(): Plugin<SuggestState> {
  return new Plugin<SuggestState>({
    key: suggestKey,
    state: {
      init: () => ({ suggestion: null, marks: DecorationSet.empty }),
      apply(tr, old) {
        const meta = tr.getMeta(suggestKey) as { suggestion: Suggestion | null } | undefined;
        if (meta) return decorate(meta.suggestion, tr.doc);
        if (!tr.docChanged || !old.suggestion) return old;
        const { from, to } = old.suggestion;
        const moved = { ...old.suggestion, from: tr.mapping.map(from, 1), to: tr.mapping.map(to, from === to ? 1 : -1) };
        if (moved.to < moved.from) moved.to = moved.from;
        return { suggestion: moved, marks: old.marks.map(tr.mapping, tr.doc) };
      },
    },
    props: { decorations: (state) => suggestKey.getState(state)?.marks },
  });
}

export function suggest(state: EditorState, suggestion: Suggestion | null): Transaction {
  return state.tr.setMeta(suggestKey, { suggestion }).setMeta('addToHistory', false);
}

/** Where a change of `doc` stands after what was typed `since`, as positions. */
export function rangeOfChange(doc: PMNode, change: { from: number; remove: number }, since: Mapping): { from: number; to: number } {
  const from = since.map(blockStart(doc, change.from), 1);
  const to = since.map(blockStart(doc, change.from + change.remove), change.remove ? -1 : 1);
  return { from, to: Math.max(from, to) };
}

/** The blocks of the page that begin inside a range. */
export function blocksBetween(doc: PMNode, { from, to }: { from: number; to: number }): PMNode[] {
  const blocks: PMNode[] = [];
  doc.forEach((block, pos) => {
    if (pos >= from && pos < to) blocks.push(block);
  });
  return blocks;
}

/** The accepted proposal as one step; an empty paragraph that only waited for words gives way. */
export function accept(state: EditorState): Transaction | null {
  const suggestion = suggestKey.getState(state)?.suggestion;
  if (!suggestion?.change) return null;
  const tr = state.tr;
  const { from, to, change } = suggestion;
  const fresh = change.insert.map(blockFromNode);
  if (!fresh.length && from === to) return suggest(state, null);
  const only = to - from === state.doc.content.size;
  if (fresh.length) tr.replaceWith(from, to, fresh);
  else if (only) tr.replaceWith(from, to, nodes.paragraph.create());
  else tr.delete(from, to);
  return tr.setMeta(suggestKey, { suggestion: null });
}
