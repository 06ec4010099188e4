// How blocks, chips and references stand in the page. Each view does nothing unless its own node changed.
import type { Node as PMNode } from 'prosemirror-model';
import type { EditorView, NodeView, NodeViewConstructor, ViewMutationRecord } from 'prosemirror-view';
import { derivedKey, type Atoms, type DerivedState } from './derived';

const views = new WeakMap<Element, BlockView>();

/** The element of the block of words in which the caret stands; null in a table, in code and on a selected node. */
export function blockOfCaret(view: EditorView): HTMLElement | null {
  const { $head } = view.state.selection;
  if ($head.depth !== 1) return null;
  const dom = view.nodeDOM($head.before(1));
  return dom instanceof HTMLElement && dom.classList.contains('b') ? dom : null;
}

/** A title, heading, item, paragraph or footnote: its number outside the text, then the words. */
export class BlockView implements NodeView {
  readonly dom: HTMLElement;
  readonly contentDOM: HTMLElement;
  private readonly number: HTMLElement;
  private classes: string[] = [];

  constructor(private node: PMNode) {
    this.dom = document.createElement('div');
    this.number = document.createElement('span');
    this.number.className = 'num';
    this.number.contentEditable = 'false';
    this.contentDOM = document.createElement('div');
    this.contentDOM.className = 't';
    this.dom.append(this.number, this.contentDOM);
    this.dress();
    views.set(this.dom, this);
  }

  static at(element: Element): BlockView | undefined {
    return views.get(element);
  }

  private dress(): void {
    const { name } = this.node.type;
    const { level, style, depth, ordered, quote, id } = this.node.attrs;
    const classes = ['b', name];
    if (name === 'heading') classes.push(`l${level}`, style);
    if (name === 'item') classes.push(ordered ? 'ordered' : 'bullet');
    if (depth !== undefined) classes.push(`d${Math.min(depth, 6)}`);
    if (quote) classes.push('quote');
    // Classes that the editor itself put there (findings, selection) stay.
    this.dom.classList.remove(...this.classes);
    this.dom.classList.add(...classes);
    this.classes = classes;
    if (name === 'heading' || name === 'title') {
      this.dom.setAttribute('role', 'heading');
      this.dom.setAttribute('aria-level', String((level ?? 0) + 1));
    }
    if (id) this.dom.setAttribute('data-id', id);
    else this.dom.removeAttribute('data-id');
    if (name === 'footnote' || (name === 'item' && !ordered)) this.setLabel(null);
  }

  setLabel(label: string | null): void {
    const { name } = this.node.type;
    const text = name === 'footnote' ? `[${this.node.attrs.label}]` : name === 'item' && !this.node.attrs.ordered ? '•' : (label ?? '');
    if (this.number.textContent === text) return;
    this.number.textContent = text;
    this.dom.classList.toggle('numbered', text !== '');
  }

  update(node: PMNode): boolean {
    if (node.type !== this.node.type) return false;
    const dressed = node.sameMarkup(this.node);
    this.node = node;
    if (!dressed) this.dress();
    return true;
  }

  ignoreMutation(record: ViewMutationRecord): boolean {
    if (record.type === 'selection') return false;
    return this.number.contains(record.target) || (record.type === 'attributes' && record.target === this.dom);
  }
}

/** A chip (field) or a reference: shows what the program computed for it. */
export class AtomView implements NodeView {
  readonly dom: HTMLElement;
  readonly expr: string | null;

  constructor(private readonly node: PMNode, state: DerivedState | undefined, private readonly atoms: Atoms) {
    this.dom = document.createElement('span');
    this.expr = node.type.name === 'field' ? (node.attrs.expr as string) : null;
    this.dom.contentEditable = 'false';
    if (this.expr !== null) this.dom.dataset.expr = this.expr;
    else this.dom.dataset.target = node.attrs.target;
    atoms.add(this);
    if (state) this.refresh(state);
  }

  refresh(state: DerivedState): void {
    const hot = this.dom.classList.contains('hot');
    const selected = this.dom.classList.contains('ProseMirror-selectednode');
    const { text, kind } = shownText(this.node, state);
    const name = `${kind}${hot ? ' hot' : ''}${selected ? ' ProseMirror-selectednode' : ''}`;
    if (this.dom.className !== name) this.dom.className = name;
    if (this.dom.textContent !== text) this.dom.textContent = text;
  }

  update(node: PMNode): boolean {
    return node.type === this.node.type && node.sameMarkup(this.node);
  }

  ignoreMutation(): boolean {
    return true;
  }

  destroy(): void {
    this.atoms.delete(this);
  }
}

/** What a chip or reference reads as, and its class. */
export function shownText(node: PMNode, state: DerivedState | undefined): { text: string; kind: string } {
  if (node.type.name === 'field') {
    const chip = state?.chips[node.attrs.expr];
    return { text: chip?.text || (node.attrs.expr as string), kind: `chip ${chip?.state ?? 'empty'}` };
  }
  const reads = state?.references[node.attrs.target];
  return { text: reads || `#${node.attrs.target}`, kind: reads === undefined ? 'ref error' : 'ref' };
}

export function nodeViews(atoms: Atoms): Record<string, NodeViewConstructor> {
  const block: NodeViewConstructor = (node) => new BlockView(node);
  const atom: NodeViewConstructor = (node, view: EditorView) => new AtomView(node, derivedKey.getState(view.state), atoms);
  return { title: block, heading: block, item: block, paragraph: block, footnote: block, field: atom, reference: atom };
}
