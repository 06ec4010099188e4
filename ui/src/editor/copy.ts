// What goes out by the clipboard: the numbers and values a reader sees, in HTML and in plain text.
import { DOMSerializer, type Fragment, type Node as PMNode } from 'prosemirror-model';
import { Plugin } from 'prosemirror-state';
import type { EditorView } from 'prosemirror-view';
import { derivedKey } from './derived';
import { shownText } from './nodeviews';
import { nodes, schema } from './schema';

/** Numbers of the blocks of a copied fragment; the first one only when it is copied from its start. */
function labelsOf(view: EditorView, fragment: Fragment): (string | null)[] {
  const { selection, doc } = view.state;
  const { $from, $to } = selection;
  const labels = derivedKey.getState(view.state)?.labels ?? [];
  const first = $from.index(0);
  const last = Math.min($to.depth ? $to.index(0) : $to.index(0) - 1, doc.childCount - 1);
  const none = Array.from({ length: fragment.childCount }, () => null);
  if (last - first + 1 !== fragment.childCount) return none;
  return none.map((_, i) => (i === 0 && $from.depth > 0 && $from.parentOffset > 0 ? null : (labels[first + i] ?? null)));
}

export function plainText(view: EditorView, fragment: Fragment): string {
  const state = derivedKey.getState(view.state);
  const labels = labelsOf(view, fragment);
  const words = (node: PMNode): string => {
    if (node.isText) return node.text ?? '';
    if (node.type === nodes.hard_break) return '\n';
    if (node.type === nodes.footnote_ref) return `[${node.attrs.label}]`;
    if (node.isInline) return shownText(node, state).text;
    if (node.type === nodes.table_row) return node.children.map(words).join('\t');
    if (node.isTextblock) return node.children.map(words).join('');
    return node.children.map(words).join('\n');
  };
  const parts = fragment.content.map((node, i) => {
    const label = labels[i];
    return `${label ? `${label} ` : ''}${words(node)}`;
  });
  return fragment.firstChild?.isInline ? parts.join('') : parts.join('\n');
}

class ReadableSerializer extends DOMSerializer {
  constructor(private readonly view: () => EditorView | null) {
    super(DOMSerializer.nodesFromSchema(schema), DOMSerializer.marksFromSchema(schema));
  }

  override serializeFragment(fragment: Fragment, options?: { document?: Document }, target?: HTMLElement | DocumentFragment) {
    const out = super.serializeFragment(fragment, options, target);
    const view = this.view();
    if (!view || target) return out;
    const state = derivedKey.getState(view.state);
    const labels = labelsOf(view, fragment);
    [...out.childNodes].forEach((child, i) => {
      const label = labels[i];
      if (!label || !(child instanceof HTMLElement)) return;
      const number = child.ownerDocument.createElement('span');
      number.setAttribute('data-number', '');
      number.textContent = `${label} `;
      child.prepend(number);
    });
    for (const el of (out as DocumentFragment).querySelectorAll<HTMLElement>('[data-field],[data-reference]')) {
      const field = el.getAttribute('data-field');
      const node = field !== null ? nodes.field.create({ expr: field }) : nodes.reference.create({ target: el.getAttribute('data-reference') });
      el.textContent = shownText(node, state).text;
    }
    return out;
  }
}

export function copyPlugin(): Plugin {
  let current: EditorView | null = null;
  return new Plugin({
    view(view) {
      current = view;
      return { destroy: () => (current = null) };
    },
    props: {
      clipboardTextSerializer: (slice, view) => plainText(view, slice.content),
      clipboardSerializer: new ReadableSerializer(() => current),
    },
  });
}
