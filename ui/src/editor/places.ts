// From a place in blocks (as the program counts) to positions in the editor.
import type { Node as PMNode } from 'prosemirror-model';
import type { Mappable } from 'prosemirror-transform';
import type { FindingView, Place } from '../ipc';

export interface Range {
  from: number;
  to: number;
}

/** Start positions of every top-level block, for looking up many places at once. */
export function blockStarts(doc: PMNode): number[] {
  const starts: number[] = [];
  let pos = 0;
  for (const child of doc.children) {
    starts.push(pos);
    pos += child.nodeSize;
  }
  return starts;
}

/** Null when the place does not exist in this document. Offsets past the end are cut. */
export function rangeOf(doc: PMNode, starts: number[], place: Place): Range | null {
  const start = starts[place.block];
  if (start === undefined || place.block >= doc.childCount) return null;
  let node = doc.child(place.block);
  let inside = start + 1;
  if (place.cell) {
    for (const index of place.cell) {
      if (index < 0 || index >= node.childCount) return null;
      for (let i = 0; i < index; i++) inside += node.child(i).nodeSize;
      inside += 1;
      node = node.child(index);
    }
  }
  if (!node.isTextblock) return { from: start, to: start + doc.child(place.block).nodeSize };
  const size = node.content.size;
  const from = Math.min(Math.max(0, place.from), size);
  return { from: inside + from, to: inside + Math.min(Math.max(from, place.to), size) };
}

export interface Placed {
  finding: FindingView;
  range: Range | null;
}

/** Places of findings in `doc`, carried through `mapping` to where those words stand now. */
export function placeFindings(findings: FindingView[], doc: PMNode, mapping: Mappable | null): Placed[] {
  const starts = findings.some((finding) => finding.place) ? blockStarts(doc) : [];
  return findings.map((finding) => {
    const range = finding.place && rangeOf(doc, starts, finding.place);
    return { finding, range: range && mapping ? mapRange(range, mapping) : range };
  });
}

/** Null when the words were deleted meanwhile. */
export function mapRange(range: Range, mapping: Mappable): Range | null {
  const from = mapping.map(range.from, 1);
  const to = mapping.map(range.to, -1);
  if (range.from === range.to) return { from, to: from };
  return from < to ? { from, to } : null;
}
