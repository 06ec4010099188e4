// A passage of a document as the text of a library clause.
import type { Node as PMNode } from 'prosemirror-model';
import { nodes } from '../editor/schema';
import { gridOf } from '../editor/tables';
import type { DocumentCard } from '../ipc';

/** Blocks `from` to `to` (both included), with the front matter that a clause needs. */
export function clauseSource(doc: PMNode, from: number, to: number, card: DocumentCard, untitled: string): string {
  const blocks: PMNode[] = [];
  for (let i = from; i <= to; i++) blocks.push(doc.child(i));
  const heading = blocks.find((block) => block.type === nodes.heading);
  const title = (heading ?? blocks[0])?.textContent.trim().slice(0, 40) || untitled;
  const id = `own-${Date.now().toString(36)}`;
  const kinds = card.kind ? `[${card.kind}]` : '[any]';
  const front = [`id: ${id}`, `title: ${quoted(title)}`, `topic: ${id}`, `language: ${card.language}`, `kinds: ${kinds}`, 'side: neutral', 'length: standard'];
  const body = blocks.map(blockText);
  if (!heading) body.unshift(`## ${escaped(title)} {#${id}}`);
  return `---\n${front.join('\n')}\n---\n\n${body.filter(Boolean).join('\n\n')}\n`;
}

const quoted = (text: string) => `"${text.replace(/[\\"]/g, '\\$&')}"`;
/** Signs that would be read as markup are escaped; the program's parser takes the backslash away again. */
const escaped = (text: string) => text.replace(/[\\`*_[\]{}<>#|~]/g, '\\$&');

export function blockText(block: PMNode): string {
  const words = inlineText(block);
  const id = block.attrs.id ? `#${block.attrs.id}` : '';
  switch (block.type) {
    case nodes.heading: {
      const style = block.attrs.style === 'numbered' ? '' : `.${block.attrs.style}`;
      const attrs = [id, style].filter(Boolean).join(' ');
      return `${'#'.repeat(block.attrs.level + 1)} ${words}${attrs ? ` {${attrs}}` : ''}`;
    }
    case nodes.item:
      return `${'   '.repeat(block.attrs.depth)}${block.attrs.ordered ? '1.' : '- '} ${words.replaceAll('\\\n', `\\\n${'   '.repeat(block.attrs.depth + 1)}`)}${id ? ` {${id}}` : ''}`;
    case nodes.paragraph:
      return block.attrs.quote ? `> ${words}` : `${'   '.repeat(block.attrs.depth)}${guarded(words)}`;
    case nodes.table:
      return tableText(block);
    case nodes.signature:
      return `\`\`\`signature\n${block.children.map((party) => party.children.map(signatureText).join('\n')).join('\n\n')}\n\`\`\``;
    case nodes.page_break:
      return '---';
    case nodes.verbatim:
      return `\`\`\`\n${block.textContent}\n\`\`\``;
    default:
      return words;
  }
}

/** A paragraph that begins like a list or heading stays a paragraph. */
const guarded = (text: string) => text.replace(/^(\d+)([.)])/, '$1\\$2').replace(/^([-+=])/, '\\$1');

function inlineText(block: PMNode): string {
  return block.children
    .map((node) => {
      if (node.type === nodes.field) return `{{${node.attrs.expr}}}`;
      if (node.type === nodes.reference) return `[](#${node.attrs.target})`;
      if (node.type === nodes.hard_break) return '\\\n';
      if (node.type === nodes.footnote_ref) return '';
      const text = escaped(node.text ?? '');
      const has = (name: string) => node.marks.some((mark) => mark.type.name === name);
      if (!text.trim()) return text;
      return has('strong') ? `**${text}**` : has('emphasis') ? `*${text}*` : has('strike') ? `~~${text}~~` : text;
    })
    .join('');
}

const signatureText = (line: PMNode) => line.children.map((node) => (node.type === nodes.field ? `{{${node.attrs.expr}}}` : (node.text ?? ''))).join('');

function tableText(table: PMNode): string {
  const words = (cell: PMNode) => inlineText(cell).replaceAll('\\\n', ' ').replace(/^\^$/, '\\^');
  const grid = gridOf(table);
  const rows = grid.map((row) => `| ${row.map((cell) => (typeof cell === 'string' ? cell : words(cell))).join(' | ')} |`);
  return [rows[0], `|${' --- |'.repeat(grid[0]?.length ?? 0)}`, ...rows.slice(1)].join('\n');
}
