// The order of runs in their table, and the settings of one.
import { t, type Key } from '../../i18n/index.svelte';
import zh from '../../i18n/zh.json';
import type { RunStatusName, RunView } from '../../ipc';

export type RunKey = 'name' | 'status' | 'model' | 'created_at' | 'steps' | 'seconds' | 'perplexity';

const ORDER: RunStatusName[] = ['running', 'queued', 'interrupted', 'done', 'failed', 'cancelled'];

function value(run: RunView, key: RunKey): string | number | null {
  if (key === 'status') return ORDER.indexOf(run.status);
  return key === 'perplexity' ? run.after.perplexity : run[key];
}

/** What has no value stands at the end in either direction; among equals the latest comes first. */
export function sorted(runs: readonly RunView[], key: RunKey, down: boolean): RunView[] {
  return [...runs].sort((a, b) => {
    const [x, y] = [value(a, key), value(b, key)];
    if (x === null || y === null) return Number(x === null) - Number(y === null) || b.created_at - a.created_at;
    const order = typeof x === 'string' && typeof y === 'string' ? x.localeCompare(y) : Number(x) - Number(y);
    return (down ? -order : order) || b.created_at - a.created_at;
  });
}

interface Tried {
  rank: number;
  learning_rate: number;
  loss: number | null;
}

/** Settings in the words of the window, without those that were not used. `style` names a house style. */
export function settingRows(settings: readonly [string, string][], style: (id: string) => string | undefined): { name: string; value: string }[] {
  return settings.filter(([, value]) => value !== 'null' && value !== '').map(([key, value]) => {
    const word = `setting.${key}`;
    return { name: word in zh ? t(word as Key) : key, value: key === 'begun_from' ? (style(value) ?? t('styles.gone')) : key === 'search' ? tried(value) : value };
  });
}

/** Settings that were tried, the best first. */
function tried(value: string): string {
  try {
    const all = JSON.parse(value) as Tried[];
    return all.map((one) => t('setting.tried', { rank: one.rank, rate: one.learning_rate, loss: one.loss === null ? '—' : one.loss.toFixed(2) })).join(t('common.list'));
  } catch {
    return value;
  }
}
