// Short hands for writing documents by hand.
import type { InlineNode, Node } from '../ipc';

export type Inline = InlineNode;
type Part = string | InlineNode;

const inline = (parts: Part[]): InlineNode[] => parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part));

export const title = (text: string): Node => ({ type: 'title', content: [{ type: 'text', text }] });
export const p = (...parts: Part[]): Node => ({ type: 'paragraph', attrs: { depth: 0, quote: false }, content: inline(parts) });
export const q = (...parts: Part[]): Node => ({ type: 'paragraph', attrs: { depth: 0, quote: true }, content: inline(parts) });
export const h = (level: number, text: string, id: string | null = null): Node => ({ type: 'heading', attrs: { level, style: 'numbered', id }, content: [{ type: 'text', text }] });
export const it = (depth: number, ...parts: Part[]): Node => ({ type: 'item', attrs: { depth, ordered: true, id: null }, content: inline(parts) });
export const f = (expr: string): InlineNode => ({ type: 'field', attrs: { expr } });
export const r = (target: string): InlineNode => ({ type: 'reference', attrs: { target } });
export const s = (text: string): InlineNode => ({ type: 'text', text, marks: [{ type: 'strong' }] });
