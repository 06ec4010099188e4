// Finding words in the page, in the text as it is read (with the values of chips and references).
import type { Node as PMNode } from 'prosemirror-model';
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state';
import { Decoration, DecorationSet } from 'prosemirror-view';
import { derivedKey, type DerivedState } from './derived';
import { shownText } from './nodeviews';
import type { Range } from './places';

interface FindState {
  query: string;
  found: Range[];
  current: number;
  marks: DecorationSet;
}

export const findKey = new PluginKey<FindState>('find');
const NONE: FindState = { query: '', found: [], current: -1, marks: DecorationSet.empty };
const LIMIT = 2000;

/** Every place where `query` stands, letter case aside. */
export function findAll(doc: PMNode, query: string, state: DerivedState | undefined): Range[] {
  const needle = query.toLowerCase();
  const found: Range[] = [];
  if (!needle) return found;
  doc.descendants((node, pos) => {
    if (!node.isTextblock) return true;
    if (found.length >= LIMIT) return false;
    let text = '';
    // For each letter of `text`: where it stands, and where the next one does.
    const starts: number[] = [];
    const ends: number[] = [];
    node.forEach((child, offset) => {
      const at = pos + 1 + offset;
      const words = child.isText ? (child.text ?? '') : child.type.name === 'hard_break' ? '\n' : shownText(child, state).text;
      for (let i = 0; i < words.length; i++) {
        starts.push(child.isText ? at + i : at);
        ends.push(child.isText ? at + i + 1 : at + child.nodeSize);
      }
      text += words;
    });
    const low = text.toLowerCase();
    if (low.length !== text.length) return false;
    for (let i = low.indexOf(needle); i >= 0 && found.length < LIMIT; i = low.indexOf(needle, i + needle.length)) {
      found.push({ from: starts[i]!, to: ends[i + needle.length - 1]! });
    }
    return false;
  });
  return found;
}

function decorate(state: FindState, doc: PMNode): FindState {
  const list = state.found.map(({ from, to }, i) => Decoration.inline(from, to, { class: i === state.current ? 'found current' : 'found' }));
  return { ...state, marks: DecorationSet.create(doc, list) };
}

export function findPlugin(): Plugin<FindState> {
  return new Plugin<FindState>({
    key: findKey,
    state: {
      init: () => NONE,
      apply(tr, old, _before, after) {
        const meta = tr.getMeta(findKey) as { query?: string; step?: number } | undefined;
        if (meta?.query !== undefined) {
          const found = findAll(tr.doc, meta.query, derivedKey.getState(after));
          const head = tr.selection.from;
          const next = found.findIndex((range) => range.from >= head);
          return decorate({ query: meta.query, found, current: found.length ? Math.max(0, next) : -1, marks: DecorationSet.empty }, tr.doc);
        }
        if (meta?.step && old.found.length) {
          const current = (old.current + meta.step + old.found.length) % old.found.length;
          return decorate({ ...old, current }, tr.doc);
        }
        if (!tr.docChanged || !old.query) return old;
        const found = old.found
          .map(({ from, to }) => ({ from: tr.mapping.map(from, 1), to: tr.mapping.map(to, -1) }))
          .filter(({ from, to }) => from < to);
        return { ...old, found, current: Math.min(old.current, found.length - 1), marks: old.marks.map(tr.mapping, tr.doc) };
      },
    },
    props: { decorations: (state) => findKey.getState(state)?.marks },
  });
}

export function search(state: EditorState, query: string): Transaction {
  return state.tr.setMeta(findKey, { query }).setMeta('addToHistory', false);
}

export function step(state: EditorState, by: 1 | -1): Transaction {
  return state.tr.setMeta(findKey, { step: by }).setMeta('addToHistory', false);
}
