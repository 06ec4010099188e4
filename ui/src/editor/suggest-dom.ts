// The look of a proposal in the page: green words, what they replace, and a small bar to decide.
import type { InlineNode, Node as DocNode, Proposal } from '../ipc';
import { t } from '../i18n/index.svelte';
import { fromWhere } from './source';
import { ids } from '../testids';

export interface SuggestDom {
  element: HTMLElement;
  append(text: string): void;
  show(proposal: Proposal, before: DocNode[]): void;
}

interface Actions {
  accept(): void;
  again(): void;
  refuse(): void;
  stop(): void;
}

function make(tag: string, className: string, text = ''): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.textContent = text;
  return element;
}

function button(text: string, className: string, testid: string, act: () => void): HTMLButtonElement {
  const element = make('button', className, text) as HTMLButtonElement;
  element.type = 'button';
  element.dataset.testid = testid;
  element.addEventListener('mousedown', (event) => event.preventDefault());
  element.addEventListener('click', act);
  return element;
}

/** Lines the box of words grows by: with a line at a time the whole page below would move and be laid out at every line. */
const LINES = 6;

/** Pixels the bar floats above the foot of the view, as in page.css. */
const FLOAT = 12;

/** How far the foot of an element lies below the foot of the view it is scrolled in. */
function below(element: HTMLElement, desk: Element): number {
  return element.getBoundingClientRect().bottom - desk.getBoundingClientRect().bottom;
}

export function drawSuggestion(actions: Actions): SuggestDom {
  const element = make('div', 'suggestion');
  element.contentEditable = 'false';
  element.dataset.testid = ids.suggestion;
  const words = make('div', 'suggestion-words');
  const paragraph = make('p', 'writing', '');
  const written = document.createTextNode('');
  paragraph.append(written);
  words.append(paragraph);
  let room = 0;
  const bar = make('div', 'suggestion-bar');
  bar.setAttribute('role', 'toolbar');
  const source = make('small', 'suggestion-source', t('assist.reading'));
  bar.append(button(t('assist.stop'), 'plain', ids.suggestionStop, actions.stop), source);
  element.append(words, bar);
  return {
    element,
    append(text) {
      written.appendData(text);
      if (source.textContent !== t('assist.writing')) source.textContent = t('assist.writing');
      // A box of fixed size is laid out alone; the page hears of it only when it grows.
      words.classList.add('growing');
      const style = getComputedStyle(words);
      const needed = paragraph.offsetHeight + parseFloat(style.paddingTop) + parseFloat(style.paddingBottom);
      if (needed <= room) return;
      room = needed + LINES * parseFloat(style.lineHeight);
      // Who watches the words goes on seeing them; who has scrolled elsewhere is left there.
      const desk = element.closest('.desk');
      const watched = desk && below(words, desk) <= 0;
      words.style.height = `${room}px`;
      // The bar floats above the room at the foot of the desk; it shall not lie on the words.
      if (watched) desk.scrollTop += Math.max(0, below(element, desk) + parseFloat(getComputedStyle(desk).paddingBottom) + FLOAT);
    },
    show(proposal, before) {
      words.classList.remove('growing');
      words.style.height = '';
      words.replaceChildren(...proposal.change.insert.map((node, i) => drawBlock(node, before.length === 1 && proposal.change.insert.length === 1 ? before[i] : undefined, proposal)));
      source.textContent = fromWhere(proposal.source);
      bar.replaceChildren(
        button(`${t('assist.accept')} ⏎`, 'accept', ids.suggestionAccept, actions.accept),
        button(t('assist.again'), 'plain', ids.suggestionAgain, actions.again),
        button(`${t('assist.refuse')} Esc`, 'plain', ids.suggestionRefuse, actions.refuse),
        source,
      );
    },
  };
}

/** A block of a proposal; against `before` only what differs is green. */
function drawBlock(node: DocNode, before: DocNode | undefined, proposal: Words): HTMLElement {
  const element = make('p', `new ${node.type}`);
  if (node.type === 'item') element.classList.add(`d${Math.min(node.attrs.depth, 6)}`);
  if (node.type === 'page_break') return element;
  if (node.type === 'table') {
    for (const row of node.content) element.append(make('ins', 'row', row.content.map((cell) => plain(cell.content, proposal)).join('　')));
    return element;
  }
  if (node.type === 'signature') {
    for (const party of node.content) for (const line of party.content) element.append(make('ins', 'row', plain(line.content, proposal)));
    return element;
  }
  const text = plain(node.content, proposal);
  const old = before && 'content' in before && before.type === node.type ? plain(before.content as InlineNode[], proposal) : '';
  let head = 0;
  while (old && head < Math.min(old.length, text.length) && old[head] === text[head]) head++;
  let tail = 0;
  while (old && tail < Math.min(old.length, text.length) - head && old[old.length - 1 - tail] === text[text.length - 1 - tail]) tail++;
  element.append(text.slice(0, head), make('ins', '', text.slice(head, text.length - tail)), text.slice(text.length - tail));
  return element;
}

type Words = Pick<Proposal, 'chips' | 'references'>;

/** Inline content as words: chips and references read as they would in the document. */
function plain(list: InlineNode[], { chips, references }: Words): string {
  const words = (node: InlineNode): string => {
    if (node.type === 'text') return node.text;
    if (node.type === 'hard_break') return '\n';
    if (node.type === 'reference') return references[node.attrs.target] ?? '';
    if (node.type !== 'field') return '';
    const chip = chips[node.attrs.expr];
    return chip?.state === 'filled' ? chip.text : `【${chip?.text ?? node.attrs.expr}】`;
  };
  return list.map(words).join('');
}
