// Answers of a form: their shapes, how they are typed, and what is wrong with them.
import type { Key } from '../i18n/index.svelte';
import type { AnswerView, FieldView } from '../ipc';

export type Answers = Record<string, AnswerView>;
export type Rows = Array<Record<string, AnswerView>>;
export const UNITS = ['day', 'workday', 'week', 'month', 'year'] as const;
export type Unit = (typeof UNITS)[number];

/** Full-width figures and signs as a Chinese keyboard types them, made plain. */
export function plain(text: string): string {
  return text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, ' ').trim();
}

/** `1,200,000` → `1200000`; what cannot be an amount stays as typed. */
export function amountFrom(typed: string): string {
  const text = plain(typed).replace(/[,，\s]|^[¥￥$£€]/g, '');
  return /^-?\d+(\.\d+)?$/.test(text) ? text : plain(typed);
}

/** Thousands separators for reading; figures are never rounded. */
export function grouped(amount: string): string {
  const match = /^(-?)(\d+)(\.\d+)?$/.exec(amount);
  return match ? `${match[1]}${match[2]!.replace(/\B(?=(\d{3})+$)/g, ',')}${match[3] ?? ''}` : amount;
}

/** `2026年1月5日`, `2026/1/5`, `20260105` → `2026-01-05`; what is no day stays as typed. */
export function dateFrom(typed: string): string {
  const text = plain(typed);
  const match = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?$/.exec(text) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  return match ? `${match[1]}-${match[2]!.padStart(2, '0')}-${match[3]!.padStart(2, '0')}` : text;
}

export function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return false;
  const date = new Date(Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])));
  return date.getUTCFullYear() === Number(match[1]) && date.getUTCMonth() === Number(match[2]) - 1 && date.getUTCDate() === Number(match[3]);
}

export function periodFrom(value: AnswerView | undefined): { n: string; unit: Unit } {
  const match = typeof value === 'string' ? /^\s*(\S*?)\s*(day|workday|week|month|year)s?\s*$/.exec(value) : null;
  return { n: match?.[1] ?? (typeof value === 'string' ? value.trim() : ''), unit: (match?.[2] as Unit | undefined) ?? 'day' };
}

export function periodText(n: string, unit: Unit): string {
  const number = plain(n);
  return number ? `${number} ${unit}${number === '1' ? '' : 's'}` : '';
}

export function isEmpty(value: AnswerView | undefined): boolean {
  if (value === undefined || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  if (typeof value === 'object') return Object.values(value).every(isEmpty);
  return false;
}

/** What is wrong with an answer that was given; an empty one is never wrong, only missing. */
export function problem(field: FieldView, value: AnswerView | undefined): Key | null {
  if (value === undefined || value === '' || typeof value === 'boolean') return null;
  if (typeof value !== 'string') return null;
  switch (field.type) {
    case 'money':
      return /^\d{1,15}(\.\d{1,2})?$/.test(value) ? null : 'form.bad_money';
    case 'number':
      return /^-?\d{1,15}(\.\d{1,6})?$/.test(value) ? null : 'form.bad_number';
    case 'date':
      return isDate(value) ? null : 'form.bad_date';
    case 'period':
      return /^\d{1,5} (day|workday|week|month|year)s?$/.test(value) ? null : 'form.bad_period';
    case 'choice':
      return field.options.some((option) => option.value === value) ? null : 'form.bad_choice';
    default:
      return null;
  }
}

/** Names of required fields without an answer, and of those with a wrong one, in form order; parts as `a.b`. */
export function review(fields: FieldView[], answers: Answers, path = ''): { missing: string[]; wrong: string[] } {
  const out = { missing: [] as string[], wrong: [] as string[] };
  for (const field of fields) {
    if (!field.asked) continue;
    const name = path + field.name;
    const value = answers[field.name];
    if (field.required && isEmpty(value)) out.missing.push(name);
    if (problem(field, value)) out.wrong.push(name);
    const parts = Array.isArray(value) ? value.map((row, i) => [row, `${name}.${i}.`] as const) : value && typeof value === 'object' ? [[value, `${name}.`] as const] : [];
    for (const [row, prefix] of parts) {
      const inner = review(field.fields.map((part) => (field.type === 'party' ? { ...part, required: false } : part)), row, prefix);
      out.missing.push(...inner.missing);
      out.wrong.push(...inner.wrong);
    }
  }
  return out;
}

export function defaults(fields: FieldView[]): Answers {
  return Object.fromEntries(fields.filter((field) => field.default !== null).map((field) => [field.name, field.default as AnswerView]));
}

export function samples(fields: FieldView[]): Answers {
  return Object.fromEntries(fields.filter((field) => field.sample !== null).map((field) => [field.name, field.sample as AnswerView]));
}

export function groups(fields: FieldView[]): { name: string | null; fields: FieldView[] }[] {
  const out: { name: string | null; fields: FieldView[] }[] = [];
  for (const field of fields) {
    if (!field.asked) continue;
    const known = out.find((group) => group.name === field.group);
    if (known) known.fields.push(field);
    else out.push({ name: field.group, fields: [field] });
  }
  return out;
}

/** A list with one entry moved; out-of-range moves leave it. */
export function moved<T>(list: T[], from: number, by: number): T[] {
  const to = from + by;
  if (to < 0 || to >= list.length) return list;
  const out = [...list];
  out.splice(to, 0, ...out.splice(from, 1));
  return out;
}
