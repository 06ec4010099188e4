// What changed between two states of a document, told in whole blocks.
import type { Node as PMNode } from 'prosemirror-model';
import type { Transaction } from 'prosemirror-state';
import type { Change } from '../ipc';
import { blockFromNode, nodeFromBlock } from './convert';

export interface BlockDiff {
  from: number;
  removed: number;
  inserted: number;
}

/** Compares by identity: the editor keeps untouched blocks, so this costs two short walks. Null when equal. */
export function diffBlocks(before: PMNode, after: PMNode): BlockDiff | null {
  if (before === after) return null;
  const [a, b] = [before.content.content, after.content.content];
  const shorter = Math.min(a.length, b.length);
  let from = 0;
  while (from < shorter && a[from] === b[from]) from++;
  let tail = 0;
  while (tail < shorter - from && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const diff = { from, removed: a.length - from - tail, inserted: b.length - from - tail };
  return diff.removed || diff.inserted ? diff : null;
}

/** The change that turns `before` into `after` on the program's side. */
export function changeBetween(before: PMNode, after: PMNode): Change | null {
  const diff = diffBlocks(before, after);
  if (!diff) return null;
  const insert = [];
  for (let i = diff.from; i < diff.from + diff.inserted; i++) insert.push(nodeFromBlock(after.child(i)));
  return { from: diff.from, remove: diff.removed, insert };
}

/** Carries a list with one entry a block over to the next state; new blocks have no entry yet. */
export function realign<T>(list: readonly T[], diff: BlockDiff | null, blank: T): readonly T[] {
  if (!diff || diff.removed === diff.inserted) return list;
  const kept = Math.min(diff.removed, diff.inserted);
  return [
    ...list.slice(0, diff.from + kept),
    ...Array.from({ length: diff.inserted - kept }, () => blank),
    ...list.slice(diff.from + diff.removed),
  ];
}

/** Position before block `index`; the end of the document for an index past the last block. */
export function blockStart(doc: PMNode, index: number): number {
  let pos = 0;
  for (let i = 0; i < index && i < doc.childCount; i++) pos += doc.child(i).nodeSize;
  return pos;
}

/**
 * Applies one change, touching as little as possible so that the caret, the history and the other blocks
 * keep their places.
 */
export function applyChange(tr: Transaction, change: Change): void {
  const from = Math.min(change.from, tr.doc.childCount);
  const remove = Math.min(change.remove, tr.doc.childCount - from);
  let old = Array.from({ length: remove }, (_, i) => tr.doc.child(from + i));
  let fresh = change.insert.map(blockFromNode);
  let first = from;
  while (old.length && fresh.length && old[0]!.eq(fresh[0]!)) {
    old = old.slice(1);
    fresh = fresh.slice(1);
    first++;
  }
  while (old.length && fresh.length && old[old.length - 1]!.eq(fresh[fresh.length - 1]!)) {
    old = old.slice(0, -1);
    fresh = fresh.slice(0, -1);
  }
  if (!old.length && !fresh.length) return;
  const start = blockStart(tr.doc, first);
  const [one, other] = [old[0], fresh[0]];
  if (old.length === 1 && fresh.length === 1 && one && other && one.isTextblock && one.sameMarkup(other)) {
    replaceWords(tr, start + 1, one, other);
    return;
  }
  const end = start + old.reduce((sum, block) => sum + block.nodeSize, 0);
  if (!fresh.length && old.length === tr.doc.childCount) fresh = [blockFromNode(EMPTY)];
  if (fresh.length) tr.replaceWith(start, end, fresh);
  else tr.delete(start, end);
}

const EMPTY = { type: 'paragraph', attrs: { depth: 0, quote: false }, content: [] } as const satisfies Change['insert'][0];

function replaceWords(tr: Transaction, inside: number, before: PMNode, after: PMNode): void {
  const start = before.content.findDiffStart(after.content);
  if (start === null) return;
  const end = before.content.findDiffEnd(after.content);
  if (!end) return;
  let { a, b } = end;
  // Where the same words stand on both sides of the difference, the two ends can cross.
  const overlap = start - Math.min(a, b);
  if (overlap > 0) {
    a += overlap;
    b += overlap;
  }
  tr.replace(inside + start, inside + a, after.slice(start, b));
}

/** Changes that all speak of the same state: the last is applied first, so that earlier places stay right. */
export function applyTogether(tr: Transaction, changes: Change[]): void {
  for (const change of [...changes].sort((x, y) => y.from - x.from)) applyChange(tr, change);
}
