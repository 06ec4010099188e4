// What the program derives from the text (numbers, references, chip values, findings), shown without touching the text.
//
// Numbers, references and chips live in node views that are called only when a new answer of the program arrives;
// a keystroke costs them nothing. Findings are decorations, carried along by the editor's own mapping.
import type { Node as PMNode } from 'prosemirror-model';
import { Plugin, PluginKey, type EditorState, type Transaction } from 'prosemirror-state';
import type { Mappable } from 'prosemirror-transform';
import { Decoration, DecorationSet, type EditorView } from 'prosemirror-view';
import type { ChipView, Derived, FindingView } from '../ipc';
import { diffBlocks, realign } from './diff';
import { placeFindings, type Range } from './places';
import { BlockView, blockOfCaret, type AtomView } from './nodeviews';

export interface DerivedState {
  labels: readonly (string | null)[];
  references: Record<string, string>;
  chips: Record<string, ChipView>;
  marks: DecorationSet;
  findings: FindingView[];
  /** Key of the finding that was jumped to. */
  shown: string | null;
}

interface Arrival {
  derived: Derived;
  doc: PMNode;
  since: Mappable | null;
}

export const derivedKey = new PluginKey<DerivedState>('derived');

/** Node views of chips and references of one editor, by what they show. */
export class Atoms {
  private readonly all = new Set<AtomView>();
  add(view: AtomView) {
    this.all.add(view);
  }
  delete(view: AtomView) {
    this.all.delete(view);
  }
  refresh(state: DerivedState) {
    for (const view of this.all) view.refresh(state);
  }
  /** Marks the chips of a form field; returns the first in the page. */
  highlight(field: string | null, chips: Record<string, ChipView>): HTMLElement | null {
    let first: HTMLElement | null = null;
    for (const view of this.all) {
      const hot = field !== null && view.expr !== null && chips[view.expr]?.field === field;
      view.dom.classList.toggle('hot', hot);
      if (hot && (!first || view.dom.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING)) first = view.dom;
    }
    return first;
  }
}

export function derivedPlugin(initial: Derived, atoms: Atoms): Plugin<DerivedState> {
  return new Plugin<DerivedState>({
    key: derivedKey,
    state: {
      init: (_, state) => arrive({ derived: initial, doc: state.doc, since: null }, state.doc, null),
      apply(tr, old, before) {
        const arrival = tr.getMeta(derivedKey) as Arrival | { shown: string | null } | undefined;
        let value = old;
        if (tr.docChanged) value = follow(value, tr, before);
        if (arrival && 'derived' in arrival) value = arrive(arrival, tr.doc, value.shown);
        else if (arrival) value = withMarks({ ...value, shown: arrival.shown }, tr.doc, rangesOf(value, null));
        return value;
      },
    },
    props: { decorations: (state) => derivedKey.getState(state)?.marks },
    view(view) {
      showLabels(view, null);
      return {
        update(view, before) {
          const [state, old] = [derivedKey.getState(view.state), derivedKey.getState(before)];
          if (!state || state === old) return;
          if (state.labels !== old?.labels) showLabels(view, view.composing ? blockOfCaret(view) : null);
          if (state.chips !== old?.chips || state.references !== old?.references) atoms.refresh(state);
        },
      };
    },
  });
}

function follow(value: DerivedState, tr: Transaction, before: EditorState): DerivedState {
  const labels = realign(value.labels, diffBlocks(before.doc, tr.doc), null);
  return { ...value, labels, marks: value.marks.map(tr.mapping, tr.doc) };
}

function arrive({ derived, doc, since }: Arrival, now: PMNode, shown: string | null): DerivedState {
  const placed = placeFindings(derived.findings, doc, since);
  const ranges = new Map<string, Range>();
  for (const { finding, range } of placed) if (range) ranges.set(finding.key, range);
  const value: DerivedState = {
    labels: realign(derived.labels, diffBlocks(doc, now), null),
    references: derived.references,
    chips: derived.chips,
    findings: derived.findings,
    marks: DecorationSet.empty,
    shown,
  };
  return withMarks(value, now, ranges);
}

function withMarks(value: DerivedState, doc: PMNode, ranges: Map<string, Range>): DerivedState {
  const size = doc.content.size;
  const list: Decoration[] = [];
  for (const finding of value.findings) {
    const range = ranges.get(finding.key);
    if (!range || finding.ignored !== null || range.to > size) continue;
    const spec = { finding: finding.key };
    const attrs = { class: `finding ${finding.severity}${value.shown === finding.key ? ' shown' : ''}` };
    const whole = doc.resolve(range.from).depth === 0 && doc.nodeAt(range.from)?.nodeSize === range.to - range.from;
    if (whole) list.push(Decoration.node(range.from, range.to, attrs, spec));
    else if (range.from < range.to) list.push(Decoration.inline(range.from, range.to, attrs, spec));
  }
  return { ...value, marks: DecorationSet.create(doc, list) };
}

function rangesOf(value: DerivedState, key: string | null): Map<string, Range> {
  const found = value.marks.find(undefined, undefined, (spec) => key === null || spec.finding === key);
  return new Map(found.map((mark) => [(mark.spec as { finding: string }).finding, { from: mark.from, to: mark.to }]));
}

/** Where a finding's words stand now; null when it has no place or the words are gone. */
export function findingRange(state: EditorState, key: string): Range | null {
  const value = derivedKey.getState(state);
  return value ? (rangesOf(value, key).get(key) ?? null) : null;
}

/** A transaction that brings what the program derived from `doc` into the editor. */
export function receive(state: EditorState, derived: Derived, doc: PMNode, since: Mappable | null): Transaction {
  return state.tr.setMeta(derivedKey, { derived, doc, since } satisfies Arrival).setMeta('addToHistory', false);
}

export function showFinding(state: EditorState, key: string | null): Transaction {
  return state.tr.setMeta(derivedKey, { shown: key }).setMeta('addToHistory', false);
}

/** Writes the numbers that differ; widgets among the blocks (they have no class `b`) are passed over. */
function showLabels(view: EditorView, except: Element | null): void {
  const labels = derivedKey.getState(view.state)?.labels ?? [];
  let index = 0;
  for (let el = view.dom.firstElementChild; el; el = el.nextElementSibling) {
    if (!el.classList.contains('b')) continue;
    const label = labels[index++] ?? null;
    if (el !== except) BlockView.at(el)?.setLabel(label);
  }
}
