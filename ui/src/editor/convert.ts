// Between the program's JSON and the editor's nodes; both ways exact.
import { Fragment, type Mark as PMMark, type Node as PMNode } from 'prosemirror-model';
import type { InlineNode, Mark, Node } from '../ipc';
import { marks, nodes, schema, type MarkName, type NodeName } from './schema';

/** The editor's document; an empty list becomes one empty paragraph, because a page always has a line. */
export function docFromNodes(list: Node[]): PMNode {
  const blocks = list.map(blockFromNode);
  return nodes.doc.create(null, blocks.length ? blocks : [nodes.paragraph.create()]);
}

export function blockFromNode(node: Node): PMNode {
  switch (node.type) {
    case 'page_break':
      return nodes.page_break.create();
    case 'table':
      return nodes.table.create(
        null,
        node.content.map((row) =>
          nodes.table_row.create(
            null,
            row.content.map((cell) => nodes[cell.type].create(cell.attrs, inlineFragment(cell.content))),
          ),
        ),
      );
    case 'signature':
      return nodes.signature.create(
        null,
        node.content.map((party) =>
          nodes.signature_party.create(
            null,
            party.content.map((line) => nodes.signature_line.create(null, inlineFragment(line.content))),
          ),
        ),
      );
    default:
      return nodes[node.type].create('attrs' in node ? node.attrs : null, inlineFragment(node.content));
  }
}

function inlineFragment(list: InlineNode[]): Fragment {
  const out: PMNode[] = [];
  for (const node of list) {
    if (node.type === 'text') {
      if (node.text) out.push(schema.text(node.text, readMarks(node.marks)));
    } else if (node.type === 'hard_break') {
      out.push(nodes.hard_break.create());
    } else {
      out.push(nodes[node.type].create(node.attrs, null, 'marks' in node ? readMarks(node.marks) : undefined));
    }
  }
  return Fragment.fromArray(out);
}

function readMarks(list: Mark[] | undefined): PMMark[] | undefined {
  return list?.map((mark) => marks[mark.type].create('attrs' in mark ? mark.attrs : null));
}

export function nodesFromDoc(doc: PMNode): Node[] {
  return doc.children.map(nodeFromBlock);
}

export function nodeFromBlock(block: PMNode): Node {
  const name = block.type.name as NodeName;
  switch (name) {
    case 'page_break':
      return { type: 'page_break' };
    case 'table':
      return {
        type: 'table',
        content: block.children.map((row) => ({
          type: 'table_row',
          content: row.children.map((cell) => ({
            type: cell.type.name as 'table_cell' | 'table_header',
            attrs: { align: cell.attrs.align, colspan: cell.attrs.colspan, rowspan: cell.attrs.rowspan },
            content: inlineNodes(cell),
          })),
        })),
      };
    case 'signature':
      return {
        type: 'signature',
        content: block.children.map((party) => ({
          type: 'signature_party',
          content: party.children.map((line) => ({ type: 'signature_line', content: inlineNodes(line) })),
        })),
      };
    case 'title':
    case 'verbatim':
      return { type: name, content: inlineNodes(block) };
    default:
      return { type: name, attrs: { ...block.attrs }, content: inlineNodes(block) } as Node;
  }
}

function inlineNodes(block: PMNode): InlineNode[] {
  return block.children.map((node): InlineNode => {
    const list = node.marks.map(writeMark);
    const marked = list.length ? { marks: list } : {};
    switch (node.type.name as NodeName) {
      case 'text':
        return { type: 'text', text: node.text ?? '', ...marked };
      case 'field':
        return { type: 'field', attrs: { expr: node.attrs.expr }, ...marked };
      case 'reference':
        return { type: 'reference', attrs: { target: node.attrs.target }, ...marked };
      case 'footnote_ref':
        return { type: 'footnote_ref', attrs: { label: node.attrs.label } };
      default:
        return { type: 'hard_break' };
    }
  });
}

function writeMark(mark: PMMark): Mark {
  return mark.type.name === 'link'
    ? { type: 'link', attrs: { href: mark.attrs.href } }
    : { type: mark.type.name as Exclude<MarkName, 'link'> };
}
