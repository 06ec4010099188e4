// HTML from Word or the web, reduced to the flat blocks the editor knows.
import { spanOf } from './schema';

const BLOCKS = new Set([
  'P', 'DIV', 'H1', 'H2', 'H3', 'H4', 'H5', 'H6', 'LI', 'UL', 'OL', 'TABLE', 'BLOCKQUOTE', 'PRE', 'HR', 'SECTION', 'ARTICLE',
  'HEADER', 'FOOTER', 'MAIN', 'ASIDE', 'NAV', 'DL', 'DT', 'DD', 'FIGURE', 'FIGCAPTION', 'ADDRESS', 'FORM', 'FIELDSET', 'CENTER',
]);
const DROPPED = new Set(['SCRIPT', 'STYLE', 'META', 'LINK', 'TITLE', 'HEAD', 'OBJECT', 'IFRAME', 'IMG', 'SVG', 'BUTTON', 'INPUT', 'SELECT', 'TEXTAREA', 'TEMPLATE', 'NOSCRIPT', 'XML']);

interface Place {
  ordered: boolean;
  depth: number;
}

/** Clean HTML in the editor's own markup. What was copied inside the program passes through unchanged. */
export function cleanHtml(html: string): string {
  if (html.includes('data-pm-slice')) return html;
  const source = new DOMParser().parseFromString(html, 'text/html');
  const target = document.implementation.createHTMLDocument('');
  const out = target.body;
  new Cleaner(target, out).blocks(source.body, null);
  return out.innerHTML;
}

class Cleaner {
  private open: HTMLElement | null = null;

  constructor(private readonly doc: Document, private readonly out: HTMLElement) {}

  blocks(parent: Node, list: Place | null): void {
    for (const node of [...parent.childNodes]) {
      if (!(node instanceof Element) && node.nodeType !== Node.TEXT_NODE) continue;
      if (node instanceof Element && DROPPED.has(node.tagName.toUpperCase())) continue;
      if (node instanceof Element && (BLOCKS.has(node.tagName) || holdsBlocks(node))) {
        this.close();
        this.block(node as HTMLElement, list);
        this.close();
      } else if (this.open || node.textContent?.trim() || (node instanceof Element && isAtom(node))) {
        this.open ??= this.start(list ? item(this.doc, list.ordered, list.depth) : this.doc.createElement('p'));
        this.inline(node, this.open);
      }
    }
  }

  private start(element: HTMLElement): HTMLElement {
    this.out.append(element);
    return element;
  }

  private close(): void {
    if (this.open) tidy(this.open);
    if (this.open && !this.open.childNodes.length) this.open.remove();
    this.open = null;
  }

  private block(node: HTMLElement, list: Place | null): void {
    const tag = node.tagName;
    if (tag === 'UL' || tag === 'OL') {
      this.blocks(node, { ordered: tag === 'OL', depth: list ? list.depth + 1 : 0 });
    } else if (tag === 'TABLE') {
      this.table(node);
    } else if (tag === 'HR') {
      this.out.append(this.doc.createElement('hr'));
    } else if (tag === 'PRE') {
      const pre = this.start(this.doc.createElement('pre'));
      pre.textContent = node.textContent;
    } else if (/^H[1-6]$/.test(tag)) {
      // The highest heading of a web page is a clause heading here; the title of the contract stays the lawyer's.
      const level = Math.max(2, Number(tag[1]));
      this.fill(this.doc.createElement(`h${level}`), node, list);
    } else {
      const word = wordList(node);
      if (word) {
        word.marker?.remove();
        this.fill(item(this.doc, word.ordered, word.depth), node, null);
      } else if (holdsBlocks(node) || tag === 'DIV' || tag === 'LI') {
        this.blocks(node, list);
      } else {
        const paragraph = list ? item(this.doc, list.ordered, list.depth) : this.doc.createElement('p');
        if (node.closest('blockquote')) paragraph.dataset.quote = 'true';
        this.fill(paragraph, node, list);
      }
    }
  }

  private fill(element: HTMLElement, node: HTMLElement, list: Place | null): void {
    if (holdsBlocks(node)) {
      this.blocks(node, list);
      return;
    }
    this.open = this.start(element);
    for (const child of [...node.childNodes]) this.inline(child, element);
    this.close();
  }

  private table(node: HTMLElement): void {
    const table = this.doc.createElement('table');
    const rows = [...node.querySelectorAll('tr')].filter((row) => row.closest('table') === node);
    // The columns each row takes, those included that cells of rows above reach into.
    const taken: number[] = rows.map(() => 0);
    rows.forEach((row, index) => {
      for (const cell of row.children) {
        for (let below = 0; below < Math.min(spanOf(cell, 'rowspan'), rows.length - index); below++) taken[index + below] = (taken[index + below] ?? 0) + spanOf(cell, 'colspan');
      }
    });
    const width = Math.min(100, Math.max(0, ...taken));
    rows.forEach((row, index) => {
      const line = this.doc.createElement('tr');
      const add = (source?: Element) => {
        const cell = this.doc.createElement(index === 0 ? 'th' : 'td');
        if (source) {
          for (const child of [...source.childNodes]) this.inline(child, cell);
          for (const name of ['colspan', 'rowspan'] as const) if (spanOf(source, name) > 1) cell.setAttribute(name, String(spanOf(source, name)));
        }
        tidy(cell);
        line.append(cell);
      };
      for (const cell of row.children) add(cell);
      for (let more = taken[index] ?? 0; more < width; more++) add();
      table.append(line);
    });
    if (width) this.out.append(table);
  }

  private inline(node: Node, into: HTMLElement): void {
    if (node.nodeType === Node.TEXT_NODE) {
      into.append(this.doc.createTextNode((node.textContent ?? '').replace(/[\t\r\n\f ]+/g, ' ').replace(/\u00a0/g, ' ')));
      return;
    }
    if (!(node instanceof Element) || DROPPED.has(node.tagName.toUpperCase())) return;
    const element = node as HTMLElement;
    if (element.tagName === 'BR') {
      if (element.getAttribute('style')?.includes('page-break')) return;
      into.append(this.doc.createElement('br'));
      return;
    }
    let inner = into;
    for (const mark of marksOf(element)) inner = inner.appendChild(this.doc.createElement(mark));
    if (element.tagName === 'A') {
      const href = element.getAttribute('href') ?? '';
      if (/^(https?:|mailto:)/i.test(href)) {
        const link = this.doc.createElement('a');
        link.setAttribute('href', href);
        inner = inner.appendChild(link);
      }
    }
    const apart = BLOCKS.has(element.tagName) && inner.textContent;
    if (apart) inner.append(this.doc.createTextNode(' '));
    for (const child of [...element.childNodes]) this.inline(child, inner);
  }
}

function isAtom(node: Element): boolean {
  return node.tagName === 'BR';
}

function holdsBlocks(node: Element): boolean {
  return [...node.children].some((child) => BLOCKS.has(child.tagName) || holdsBlocks(child));
}

function item(doc: Document, ordered: boolean, depth: number): HTMLElement {
  const element = doc.createElement('div');
  element.dataset.item = ordered ? 'number' : 'bullet';
  element.dataset.depth = String(Math.min(depth, 4));
  return element;
}

/** A numbered paragraph of Word: `mso-list:l0 level2 lfo1`, with the printed number in a span to ignore. */
function wordList(node: HTMLElement): { ordered: boolean; depth: number; marker: Element | null } | null {
  const level = /mso-list:[^;]*level(\d)/i.exec(node.getAttribute('style') ?? '');
  if (!level) return null;
  const marker = [...node.querySelectorAll('span')].find((span) => /mso-list:\s*ignore/i.test(span.getAttribute('style') ?? '')) ?? null;
  const printed = (marker?.textContent ?? '').trim();
  return { ordered: !/^[·•o§\uf0b7\uf0a7\uf0d8-]?$/.test(printed) || printed === '', depth: Number(level[1]) - 1, marker };
}

function marksOf(element: HTMLElement): string[] {
  const style = element.getAttribute('style') ?? '';
  const weight = /font-weight:\s*([^;]+)/i.exec(style)?.[1]?.trim();
  const out: string[] = [];
  const tag = element.tagName;
  const heavy = weight ? weight === 'bold' || weight === 'bolder' || Number(weight) >= 600 : tag === 'B' || tag === 'STRONG';
  if (heavy && !/^H\d$/.test(tag)) out.push('strong');
  if (/font-style:\s*italic/i.test(style) || ((tag === 'I' || tag === 'EM') && !/font-style:\s*normal/i.test(style))) out.push('em');
  if (/line-through/i.test(style) || tag === 'S' || tag === 'DEL' || tag === 'STRIKE') out.push('s');
  if (tag === 'CODE' || tag === 'TT') out.push('code');
  return out;
}

/** Drops white space at both ends and empty marks. */
function tidy(element: HTMLElement): void {
  const walker = (first: boolean): void => {
    for (;;) {
      let node: Node | null = element;
      while (node && node.childNodes.length) node = first ? node.firstChild : node.lastChild;
      if (!node || node === element) return;
      if (node.nodeType === Node.TEXT_NODE) {
        const text = first ? (node.textContent ?? '').trimStart() : (node.textContent ?? '').trimEnd();
        if (text) {
          node.textContent = text;
          return;
        }
      }
      let parent = node.parentNode;
      node.parentNode?.removeChild(node);
      while (parent && parent !== element && !parent.childNodes.length) {
        const up: ParentNode | null = parent.parentNode;
        up?.removeChild(parent);
        parent = up;
      }
    }
  };
  walker(true);
  walker(false);
}
