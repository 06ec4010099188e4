// Rough numbers, chips and findings for development; the program's own are the real ones.
import type { AnswerView, Change, ChipView, Derived, FieldView, FindingView, InlineNode, Lang, Node } from '../ipc';

const DIGITS = '零一二三四五六七八九';
function han(n: number): string {
  if (n < 10) return DIGITS[n]!;
  if (n < 20) return `十${n % 10 ? DIGITS[n % 10] : ''}`;
  if (n < 100) return `${DIGITS[Math.floor(n / 10)]}十${n % 10 ? DIGITS[n % 10] : ''}`;
  return `${DIGITS[Math.floor(n / 100)]}百${n % 100 ? (n % 100 < 10 ? '零' : '') + han(n % 100) : ''}`;
}

export function textOf(node: Node): string {
  if (!('content' in node) || node.type === 'table' || node.type === 'signature') return '';
  return (node.content as InlineNode[]).map((part) => (part.type === 'text' ? part.text : '\ufffc')).join('');
}

export interface MockDocument {
  id: string;
  title: string;
  kind: string | null;
  language: Lang;
  nodes: Node[];
  fields: FieldView[];
  answers: Record<string, AnswerView>;
  seq: number;
  updated: number;
  deleted: boolean;
  ignored: Map<string, string>;
}

function labels(doc: MockDocument): { labels: (string | null)[]; references: Record<string, string> } {
  const zh = doc.language === 'zh';
  const references: Record<string, string> = {};
  const heads = [0, 0, 0, 0, 0];
  let items = [0, 0, 0, 0, 0];
  let schedule = 0;
  let parties = false;
  let bare = true;
  const out = doc.nodes.map((node): string | null => {
    let label: string | null = null;
    let reads = '';
    if (node.type === 'heading') {
      items = [0, 0, 0, 0, 0];
      parties = node.attrs.style === 'parties';
      bare = node.attrs.style !== 'numbered';
      const level = node.attrs.level - 1;
      if (node.attrs.style === 'schedule') reads = label = zh ? `附件${han(++schedule)}` : `Schedule ${++schedule}`;
      else if (node.attrs.style === 'numbered') {
        heads[level]!++;
        heads.fill(0, level + 1);
        label = zh ? (level ? `（${han(heads[level]!)}）` : `第${han(heads[0]!)}条`) : level ? heads.slice(0, level + 1).join('.') : `${heads[0]}.`;
        reads = label.replace(/\.$/, '');
      }
    } else if (node.type === 'item' && node.attrs.ordered) {
      const depth = node.attrs.depth;
      items[depth]!++;
      items.fill(0, depth + 1);
      const n = items[depth]!;
      label = parties ? `(${n})`
        : zh ? [`${han(n)}、`, `（${han(n)}）`, `${n}.`, `（${n}）`][Math.min(depth, 3)]!
        : bare ? [`${n}.`, `(${String.fromCharCode(96 + n)})`][Math.min(depth, 1)]! : [`${heads[0]}.${n}`, `(${String.fromCharCode(96 + n)})`, `(${'i'.repeat(n)})`][Math.min(depth, 2)]!;
      reads = zh ? `第${han(heads[0]!)}条第${han(items[0]!)}款` : `${heads[0]}.${items[0]}`;
    }
    if ('attrs' in node && 'id' in node.attrs && node.attrs.id) references[node.attrs.id] = reads;
    return label;
  });
  return { labels: out, references };
}

function chip(doc: MockDocument, expr: string): ChipView {
  const [name, ...path] = expr.split('|')[0]!.trim().split('.');
  const field = doc.fields.find((entry) => entry.name === name);
  if (!field) return { text: expr, state: 'error', field: null };
  let value: unknown = doc.answers[field.name];
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
  if (field.type === 'party' && !path.length) value = (value as Record<string, unknown> | undefined)?.name;
  const part = path.length ? field.fields.find((entry) => entry.name === path.at(-1)) : field;
  if (value === undefined || value === '') return { text: doc.language === 'zh' ? `【${part?.label ?? expr}】` : `[${part?.label ?? expr}]`, state: 'empty', field: field.name };
  let text = String(value);
  if (field.type === 'money') text = Number(text).toLocaleString('en', { minimumFractionDigits: 2 });
  if (field.type === 'date') text = doc.language === 'zh' ? text.replace(/(\d+)-0?(\d+)-0?(\d+)/, '$1年$2月$3日') : new Date(text).toLocaleDateString('en-GB', { dateStyle: 'long' });
  if (field.type === 'choice') text = field.options.find((option) => option.value === text)?.label ?? text;
  if (field.type === 'period' && doc.language === 'zh') text = text.replace(/ days?/, '日').replace(/ months?/, '个月').replace(/ years?/, '年');
  return { text, state: 'filled', field: field.name };
}

interface Rule {
  rule: string;
  zh: [string, string, string | null];
  en: [string, string, string | null];
  severity: FindingView['severity'];
  basis: string | null;
  find: string;
  to: string | null;
}
const RULES: Rule[] = [
  { rule: 'amount-in-words', severity: 'error', find: '壹佰贰拾万零元整', to: '壹佰贰拾万元整', basis: null, zh: ['大写金额与小写不一致', '小写 1,200,000.00 元应为“壹佰贰拾万元整”。', '改为 壹佰贰拾万元整'], en: ['Amount in words differs', '1,200,000.00 should read 壹佰贰拾万元整.', 'Change to 壹佰贰拾万元整'] },
  { rule: 'deposit-limit', severity: 'warning', find: '300,000.00 元', to: '240,000.00 元', basis: '《民法典》第五百八十六条', zh: ['定金超过主合同标的额的 20%', '300,000 元为总价的 25%，超过部分（60,000 元）不产生定金的效力。', '改为 240,000.00 元'], en: ['Deposit above 20% of the price', 'RMB 300,000 is 25% of the price; the part above 20% has no effect as a deposit.', 'Change to 240,000.00 元'] },
  { rule: 'late-rate', severity: 'warning', find: '千分之五', to: null, basis: '《民法典》第五百八十五条', zh: ['违约金标准偏高', '每日千分之五折合年利率约 182.5%，对方可请求适当减少。', null], en: ['Rate of damages is high', 'Five per mille a day is about 182.5% a year; the other party may ask for a reduction.', null] },
  { rule: 'inspection-period', severity: 'note', find: '及时检验', to: null, basis: '《民法典》第六百二十一条', zh: ['未约定检验期限', '未约定的，买受人应当在合理期限内通知；最长二年。', null], en: ['No period for inspection', 'Without one the buyer must give notice within a reasonable time, at most two years.', null] },
  { rule: 'number-style', severity: 'note', find: '2 years', to: 'two years', basis: null, zh: ['数字写法', '正文中十以下的数字宜用文字。', '改为 two years'], en: ['Style of numbers', 'Numbers below ten are written in words elsewhere.', 'Change to two years'] },
];

export function findings(doc: MockDocument, lang: Lang): (FindingView & { change: Change | null })[] {
  const out: (FindingView & { change: Change | null })[] = [];
  const { references } = labels(doc);
  doc.nodes.forEach((node, block) => {
    const text = textOf(node);
    for (const rule of RULES) {
      const at = text.indexOf(rule.find);
      if (at < 0) continue;
      const key = `${rule.rule}-${block}`;
      const [name, message, fix] = rule[lang];
      const change = rule.to === null ? null : { from: block, remove: 1, insert: [JSON.parse(JSON.stringify(node).replace(rule.find, rule.to)) as Node] };
      out.push({ key, rule: rule.rule, rule_name: name, severity: rule.severity, message, basis: rule.basis, notes: [], quote: rule.find, place: { block, cell: null, from: at, to: at + rule.find.length }, fix, ignored: doc.ignored.get(key) ?? null, change });
    }
    if (!('content' in node)) return;
    let offset = 0;
    for (const part of node.content as InlineNode[]) {
      if (part.type === 'reference' && !(part.attrs.target in references)) {
        const key = `dangling-${part.attrs.target}`;
        out.push({ key, rule: 'dangling-reference', rule_name: lang === 'zh' ? '引用的条款不存在' : 'The clause referred to does not exist', severity: 'error', message: lang === 'zh' ? `没有名为“${part.attrs.target}”的条款。` : `There is no clause “${part.attrs.target}”.`, basis: null, notes: [], quote: '', place: { block, cell: null, from: offset, to: offset + 1 }, fix: null, ignored: doc.ignored.get(key) ?? null, change: null });
      }
      offset += part.type === 'text' ? part.text.length : 1;
    }
  });
  return out;
}

export function derive(doc: MockDocument, lang: Lang): Derived {
  const chips: Record<string, ChipView> = {};
  for (const [, expr] of JSON.stringify(doc.nodes).matchAll(/"expr":"([^"]+)"/g)) chips[expr!] = chip(doc, expr!);
  const words = doc.nodes.reduce((sum, node) => sum + (doc.language === 'zh' ? textOf(node).length : textOf(node).split(/\s+/).filter(Boolean).length), 0);
  return { seq: doc.seq, ...labels(doc), chips, findings: findings(doc, lang).map(({ change: _, ...finding }) => finding), words, saved_at: doc.updated };
}
