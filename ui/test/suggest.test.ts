// Proposals: where they stand after what was typed meanwhile, and what accepting them does.
import { EditorState } from 'prosemirror-state';
import { Mapping } from 'prosemirror-transform';
import { expect, test } from 'vitest';
import { docFromNodes } from '../src/editor/convert';
import { accept, blocksBetween, rangeOfChange, suggest, suggestPlugin } from '../src/editor/suggest';
import type { Node } from '../src/ipc';

const words = (text: string): Node => ({ type: 'paragraph', attrs: { depth: 0, quote: false }, content: [{ type: 'text', text }] });

function scene(...texts: string[]) {
  const doc = docFromNodes(texts.map(words));
  return { doc, state: EditorState.create({ doc, plugins: [suggestPlugin()] }) };
}

test('a proposal replaces the block that was asked about, not the one that stands at its number now', () => {
  const { doc, state } = scene('one', 'two', 'three');
  const since = new Mapping();
  const typed = state.tr.insert(0, docFromNodes([words('typed meanwhile')]).firstChild!);
  since.appendMapping(typed.mapping);
  const now = state.apply(typed);
  const change = { from: 1, remove: 1, insert: [words('TWO')] };
  const range = rangeOfChange(doc, change, since);
  expect(blocksBetween(now.doc, range).map((block) => block.textContent)).toEqual(['two']);
  const shown = now.apply(suggest(now, { dom: document.createElement('div'), ...range, change }));
  expect(shown.doc.eq(now.doc)).toBe(true);
  const done = shown.apply(accept(shown)!);
  expect(done.doc.children.map((block) => block.textContent)).toEqual(['typed meanwhile', 'one', 'TWO', 'three']);
});

test('a proposal that only adds stands behind its block, however that block has grown', () => {
  const { doc, state } = scene('one', 'two');
  const since = new Mapping();
  const typed = state.tr.insertText(' and more', 4);
  since.appendMapping(typed.mapping);
  const now = state.apply(typed);
  const change = { from: 1, remove: 0, insert: [words('between')] };
  const shown = now.apply(suggest(now, { dom: document.createElement('div'), ...rangeOfChange(doc, change, since), change }));
  const later = shown.apply(shown.tr.insertText('0: ', 1));
  const done = later.apply(accept(later)!);
  expect(done.doc.children.map((block) => block.textContent)).toEqual(['0: one and more', 'between', 'two']);
});
