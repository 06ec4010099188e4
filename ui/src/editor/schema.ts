// The editor's document: a flat list of blocks, the same shapes as `Node` and `InlineNode` of ipc.ts.
import { Schema, type AttributeSpec, type DOMOutputSpec, type Node as PMNode } from 'prosemirror-model';

const cellAttrs: Record<string, AttributeSpec> = {
  align: { default: null },
  // prosemirror-tables reads these three; widths of columns are Word's affair, so the last never changes.
  colspan: { default: 1 },
  rowspan: { default: 1 },
  colwidth: { default: null },
};

const text = (element: Element, name: string) => element.getAttribute(`data-${name}`);
const depthOf = (element: Element) => Math.max(0, Math.min(8, Number(text(element, 'depth') ?? 0) || 0));

function cellDom(tag: string) {
  return (node: PMNode): DOMOutputSpec => {
    const { align, colspan, rowspan } = node.attrs;
    return [tag, { ...(align ? { class: `align-${align}` } : {}), ...(colspan > 1 ? { colspan } : {}), ...(rowspan > 1 ? { rowspan } : {}) }, 0];
  };
}

/** How far a cell of HTML reaches; more than a table of a contract would is a mistake. */
export const spanOf = (element: Element, name: 'colspan' | 'rowspan') => Math.max(1, Math.min(100, Number(element.getAttribute(name)) || 1));

const readCell = (element: HTMLElement) => ({
  align: ['left', 'center', 'right'].find((side) => element.classList.contains(`align-${side}`)) ?? null,
  colspan: spanOf(element, 'colspan'),
  rowspan: spanOf(element, 'rowspan'),
});

export const schema = new Schema({
  nodes: {
    doc: { content: 'block+' },
    paragraph: {
      group: 'block',
      content: 'inline*',
      attrs: { depth: { default: 0 }, quote: { default: false } },
      parseDOM: [
        // Numbers in copied HTML are for other programs; ours computes them.
        { tag: 'span[data-number]', ignore: true },
        { tag: 'p', getAttrs: (e) => ({ depth: depthOf(e), quote: text(e, 'quote') === 'true' }) },
      ],
      toDOM: (n) => ['p', { 'data-depth': n.attrs.depth, ...(n.attrs.quote ? { 'data-quote': 'true' } : {}) }, 0],
    },
    title: {
      group: 'block',
      content: 'inline*',
      defining: true,
      parseDOM: [{ tag: 'h1' }],
      toDOM: () => ['h1', 0],
    },
    heading: {
      group: 'block',
      content: 'inline*',
      defining: true,
      attrs: { level: { default: 1 }, style: { default: 'numbered' }, id: { default: null } },
      parseDOM: [2, 3, 4, 5, 6].map((n) => ({
        tag: `h${n}`,
        getAttrs: (e: HTMLElement) => ({
          level: Math.min(n - 1, 5),
          style: text(e, 'style') ?? 'numbered',
          id: text(e, 'id'),
        }),
      })),
      toDOM: (n) => [
        `h${n.attrs.level + 1}`,
        { 'data-style': n.attrs.style, ...(n.attrs.id ? { 'data-id': n.attrs.id } : {}) },
        0,
      ],
    },
    item: {
      group: 'block',
      content: 'inline*',
      defining: true,
      attrs: { depth: { default: 0 }, ordered: { default: true }, id: { default: null } },
      parseDOM: [
        {
          tag: 'div[data-item]',
          getAttrs: (e) => ({ depth: depthOf(e), ordered: text(e, 'item') !== 'bullet', id: text(e, 'id') }),
        },
      ],
      toDOM: (n) => [
        'div',
        {
          'data-item': n.attrs.ordered ? 'number' : 'bullet',
          'data-depth': n.attrs.depth,
          ...(n.attrs.id ? { 'data-id': n.attrs.id } : {}),
        },
        0,
      ],
    },
    table: {
      group: 'block',
      content: 'table_row+',
      tableRole: 'table',
      isolating: true,
      parseDOM: [{ tag: 'table' }],
      toDOM: () => ['table', { class: 'b table' }, ['tbody', 0]],
    },
    table_row: {
      content: '(table_header | table_cell)*',
      tableRole: 'row',
      parseDOM: [{ tag: 'tr' }],
      toDOM: () => ['tr', 0],
    },
    table_cell: {
      content: 'inline*',
      attrs: cellAttrs,
      tableRole: 'cell',
      isolating: true,
      parseDOM: [{ tag: 'td', getAttrs: readCell }],
      toDOM: cellDom('td'),
    },
    table_header: {
      content: 'inline*',
      attrs: cellAttrs,
      tableRole: 'header_cell',
      isolating: true,
      parseDOM: [{ tag: 'th', getAttrs: readCell }],
      toDOM: cellDom('th'),
    },
    signature: {
      group: 'block',
      content: 'signature_party+',
      isolating: true,
      defining: true,
      parseDOM: [{ tag: 'div[data-signature]' }],
      toDOM: () => ['div', { class: 'b signature', 'data-signature': '' }, 0],
    },
    signature_party: {
      content: 'signature_line+',
      parseDOM: [{ tag: 'div[data-party]' }],
      toDOM: () => ['div', { class: 'party', 'data-party': '' }, 0],
    },
    signature_line: {
      content: 'inline*',
      parseDOM: [{ tag: 'div[data-line]' }],
      toDOM: () => ['div', { class: 'line', 'data-line': '' }, 0],
    },
    page_break: {
      group: 'block',
      parseDOM: [{ tag: 'hr' }],
      toDOM: () => ['hr', { class: 'b page-break' }],
    },
    footnote: {
      group: 'block',
      content: 'inline*',
      defining: true,
      attrs: { label: { default: '1' } },
      parseDOM: [{ tag: 'aside[data-footnote]', getAttrs: (e) => ({ label: text(e, 'footnote') ?? '1' }) }],
      toDOM: (n) => ['aside', { 'data-footnote': n.attrs.label }, 0],
    },
    verbatim: {
      group: 'block',
      content: 'text*',
      marks: '',
      code: true,
      defining: true,
      parseDOM: [{ tag: 'pre', preserveWhitespace: 'full' }],
      toDOM: () => ['pre', { class: 'b verbatim' }, 0],
    },
    text: { group: 'inline' },
    field: {
      group: 'inline',
      inline: true,
      atom: true,
      attrs: { expr: {} },
      parseDOM: [{ tag: 'span[data-field]', getAttrs: (e) => ({ expr: text(e, 'field') ?? '' }) }],
      toDOM: (n) => ['span', { 'data-field': n.attrs.expr }, `{{${n.attrs.expr}}}`],
    },
    reference: {
      group: 'inline',
      inline: true,
      atom: true,
      attrs: { target: {} },
      parseDOM: [{ tag: 'span[data-reference]', getAttrs: (e) => ({ target: text(e, 'reference') ?? '' }) }],
      toDOM: (n) => ['span', { 'data-reference': n.attrs.target }, `#${n.attrs.target}`],
    },
    hard_break: {
      group: 'inline',
      inline: true,
      selectable: false,
      parseDOM: [{ tag: 'br' }],
      toDOM: () => ['br'],
    },
    footnote_ref: {
      group: 'inline',
      inline: true,
      atom: true,
      attrs: { label: {} },
      parseDOM: [{ tag: 'sup[data-footnote-ref]', getAttrs: (e) => ({ label: text(e, 'footnote-ref') ?? '1' }) }],
      toDOM: (n) => ['sup', { class: 'fnref', 'data-footnote-ref': n.attrs.label }, n.attrs.label],
    },
  },
  marks: {
    link: {
      attrs: { href: {} },
      inclusive: false,
      parseDOM: [{ tag: 'a[href]', getAttrs: (e) => ({ href: e.getAttribute('href') }) }],
      // The editor swallows clicks on it: nothing in the page leads out of the program.
      toDOM: (m) => ['a', { class: 'link', href: m.attrs.href, rel: 'noreferrer' }, 0],
    },
    strong: { parseDOM: [{ tag: 'strong' }, { tag: 'b' }], toDOM: () => ['strong', 0] },
    emphasis: { parseDOM: [{ tag: 'em' }, { tag: 'i' }], toDOM: () => ['em', 0] },
    strike: { parseDOM: [{ tag: 's' }, { tag: 'del' }, { tag: 'strike' }], toDOM: () => ['s', 0] },
    code: { parseDOM: [{ tag: 'code' }], toDOM: () => ['code', 0] },
  },
});

export const nodes = schema.nodes as Record<NodeName, (typeof schema.nodes)[string]>;
export type NodeName =
  | 'doc' | 'paragraph' | 'title' | 'heading' | 'item' | 'table' | 'table_row' | 'table_cell' | 'table_header'
  | 'signature' | 'signature_party' | 'signature_line' | 'page_break' | 'footnote' | 'verbatim' | 'text' | 'field'
  | 'reference' | 'hard_break' | 'footnote_ref';
export const marks = schema.marks as Record<MarkName, (typeof schema.marks)[string]>;
export type MarkName = 'link' | 'strong' | 'emphasis' | 'strike' | 'code';
