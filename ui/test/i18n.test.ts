// The two catalogues hold the same keys with the same placeholders, and every key the window asks for.
import { expect, test } from 'vitest';
import en from '../src/i18n/en.json';
import zh from '../src/i18n/zh.json';

const catalogues: Record<string, Record<string, string>> = { zh, en };

const files = import.meta.glob('../src/**/*.{ts,svelte}', { query: '?raw', import: 'default', eager: true }) as Record<string, string>;

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort();

test('both languages have every key', () => {
  expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
});

test('placeholders are the same in both languages', () => {
  for (const key of Object.keys(zh)) {
    const [a, b] = Object.values(catalogues).map((catalogue) => placeholders(catalogue[key] ?? ''));
    expect([...new Set(a)], key).toEqual([...new Set(b)]);
  }
});

test('no text is empty and no Chinese is left in English', () => {
  for (const [key, text] of Object.entries(en)) {
    expect(text.trim(), key).not.toBe('');
    if (!/^(language|rail|seal|app)/.test(key)) expect(/[\u4e00-\u9fff]{4,}/.test(text), `${key}: ${text}`).toBe(false);
  }
});

test('every key the window names is there', () => {
  const asked = Object.values(files).flatMap((text) => [...text.matchAll(/\bt\('([\w.]+)'/g)].map((found) => found[1]!));
  expect(asked.length).toBeGreaterThan(100);
  expect([...new Set(asked)].filter((key) => !(key in zh))).toEqual([]);
});
