// The order of runs in their table.
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
