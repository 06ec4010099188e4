// Models on their way, kept beside the rooms so that leaving the room does not lose sight of them.
export interface Fetch {
  job: number | null;
  done: number;
  total: number;
  /** Bytes a second, smoothed. */
  rate: number;
  at: number;
}

class Fetches {
  private list = $state<Record<string, Fetch>>({});

  of(id: string): Fetch | null {
    return this.list[id] ?? null;
  }

  begin(id: string): Fetch {
    this.list[id] = { job: null, done: 0, total: 0, rate: 0, at: performance.now() };
    return this.list[id]!;
  }

  progress(id: string, done: number, total: number): void {
    const entry = this.list[id];
    if (!entry) return;
    const now = performance.now();
    const seconds = (now - entry.at) / 1000;
    if (seconds > 0.2 && entry.done > 0) {
      const rate = Math.max(0, done - entry.done) / seconds;
      entry.rate = entry.rate ? entry.rate * 0.7 + rate * 0.3 : rate;
    }
    if (seconds > 0.2 || entry.done === 0) entry.at = now;
    if (seconds > 0.2 || entry.done === 0) entry.done = done;
    entry.total = total;
  }

  end(id: string): void {
    delete this.list[id];
  }
}

export const fetches = new Fetches();
