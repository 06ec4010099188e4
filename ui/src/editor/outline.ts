// The headings of a document, for the outline and for choosing what a reference points to.
import type { Node as PMNode } from 'prosemirror-model';
import { shownText } from './nodeviews';
import { nodes } from './schema';
import type { DerivedState } from './derived';

export interface OutlineEntry {
  /** Index of the block. */
  block: number;
  /** One past the last block under this heading, before the next heading of any level. */
  end: number;
  level: number;
  label: string | null;
  text: string;
  id: string | null;
  item: boolean;
}

export function wordsOf(block: PMNode, state: DerivedState | undefined): string {
  let out = '';
  block.descendants((node) => {
    if (node.isText) out += node.text;
    else if (node.type === nodes.hard_break) out += ' ';
    else if (node.isInline) out += shownText(node, state).text;
    return true;
  });
  return out;
}

/** Headings, and with `items` the numbered items too. */
export function outline(doc: PMNode, state: DerivedState | undefined, items = false): OutlineEntry[] {
  const out: OutlineEntry[] = [];
  let heading: OutlineEntry | null = null;
  doc.forEach((block, _, index) => {
    const isHeading = block.type === nodes.heading;
    if (!isHeading && !(items && block.type === nodes.item && block.attrs.ordered)) return;
    if (isHeading && heading) heading.end = index;
    const level: number = isHeading ? block.attrs.level : (heading?.level ?? 0) + 1 + block.attrs.depth;
    const entry: OutlineEntry = {
      block: index,
      end: doc.childCount,
      level,
      label: state?.labels[index] ?? null,
      text: wordsOf(block, state).slice(0, 80),
      id: block.attrs.id ?? null,
      item: !isHeading,
    };
    out.push(entry);
    if (isHeading) heading = entry;
  });
  return out;
}
