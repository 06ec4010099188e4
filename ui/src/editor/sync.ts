// Keeps the program's copy of a document equal to the editor's, a few blocks at a time.
import type { Node as PMNode } from 'prosemirror-model';
import type { Transaction } from 'prosemirror-state';
import { Mapping } from 'prosemirror-transform';
import type { Change, Derived, Failure, Node } from '../ipc';
import { nodesFromDoc } from './convert';
import { changeBetween, diffBlocks } from './diff';

export type SaveState = 'saved' | 'unsaved' | 'saving' | 'failed';

export interface SyncPort {
  send(seq: number, change: Change): Promise<Derived>;
  replace(nodes: Node[]): Promise<Derived>;
  /** What the program derived from `doc`; `since` leads from `doc` to the editor's present state. */
  derived(derived: Derived, doc: PMNode, since: Mapping): void;
  state(state: SaveState, failure: Failure | null): void;
  /** True while an input method is composing: nothing is sent then. */
  composing(): boolean;
}

/** Milliseconds. */
export const IDLE = 150;
export const LONGEST = 1000;
const RETRY = [1000, 2000, 5000, 10000];

export class Sync {
  private base: PMNode;
  private now: PMNode;
  private seq: number;
  private since = new Mapping();
  private busy: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dirtySince = 0;
  private tries = 0;
  private stopped = false;
  private waiting: { derived: Derived; doc: PMNode } | null = null;

  constructor(doc: PMNode, seq: number, private readonly port: SyncPort) {
    this.base = this.now = doc;
    this.seq = seq;
  }

  /** True when the program has everything. */
  get clean(): boolean {
    return this.base === this.now && !this.busy;
  }

  /** Tells of a transaction that was applied to the editor. */
  edited(tr: Transaction): void {
    if (!tr.docChanged) return;
    const diff = diffBlocks(this.now, tr.doc);
    this.now = tr.doc;
    this.since.appendMapping(tr.mapping);
    if (!this.dirtySince) this.dirtySince = Date.now();
    this.port.state('unsaved', null);
    const structural = !diff || diff.removed !== 1 || diff.inserted !== 1 || tr.getMeta('paste') === true;
    this.schedule(structural ? 0 : Math.min(IDLE, Math.max(0, this.dirtySince + LONGEST - Date.now())));
  }

  /** Call when an input method has finished. */
  composed(): void {
    const held = this.waiting;
    this.waiting = null;
    if (held) this.port.derived(held.derived, held.doc, this.since);
    if (this.base !== this.now) this.schedule(IDLE);
  }

  private schedule(delay: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = setTimeout(() => void this.push(false), delay);
  }

  private async push(force: boolean): Promise<void> {
    clearTimeout(this.timer);
    if (this.stopped || this.busy) return;
    if (!force && this.port.composing()) return;
    if (this.base === this.now) return;
    await this.exclusive(async () => {
      const doc = this.now;
      const change = changeBetween(this.base, doc);
      if (!change) {
        this.base = doc;
        this.settle();
        return;
      }
      this.port.state('saving', null);
      this.since = new Mapping();
      this.dirtySince = 0;
      let derived: Derived;
      try {
        derived = await this.port.send(this.seq, change);
      } catch (error) {
        if ((error as Failure | null)?.code !== 'conflict') throw error;
        derived = await this.port.replace(nodesFromDoc(doc));
      }
      this.base = doc;
      this.accept(derived, doc);
    });
  }

  /** Runs one thing at a time; a failure is told, and tried again later. */
  private async exclusive(work: () => Promise<void>): Promise<void> {
    const run = (async () => {
      try {
        await work();
        this.tries = 0;
      } catch (error) {
        this.port.state('failed', toFailure(error));
        const delay = RETRY[Math.min(this.tries++, RETRY.length - 1)] ?? 10000;
        this.busy = null;
        if (this.base !== this.now) this.schedule(delay);
      }
    })();
    this.busy = run;
    await run;
    if (this.busy === run) this.busy = null;
    if (this.base !== this.now && !this.tries) this.schedule(IDLE);
  }

  private accept(derived: Derived, doc: PMNode): void {
    this.seq = derived.seq;
    if (this.port.composing()) this.waiting = { derived, doc };
    else this.port.derived(derived, doc, this.since);
    this.settle();
  }

  private settle(): void {
    this.port.state(this.base === this.now ? 'saved' : 'unsaved', null);
  }

  /** Sends everything now, also in the middle of a composition; resolves with whether all is saved. */
  async flush(): Promise<boolean> {
    for (let round = 0; round < 8; round++) {
      if (this.busy) await this.busy;
      else if (this.base === this.now) return true;
      else {
        const failed = this.tries;
        await this.push(true);
        if (this.tries > failed) return false;
      }
    }
    return this.base === this.now;
  }

  /**
   * Runs a command that answers with derived values of the document as it stands, with everything sent
   * before and nothing sent beside it. `since` then leads from the document the command saw to the present.
   */
  async command<T>(ask: () => Promise<T>, derivedOf: (answer: T) => Derived | null): Promise<{ answer: T; doc: PMNode; since: Mapping }> {
    if (!(await this.flush())) throw { code: 'internal', message: 'unsaved', hint: null } satisfies Failure;
    while (this.busy) await this.busy;
    const doc = this.now;
    this.since = new Mapping();
    let failure: unknown = null;
    let answer: T | undefined;
    const run = (async () => {
      try {
        answer = await ask();
      } catch (error) {
        failure = error ?? new Error('failed');
      }
    })();
    this.busy = run;
    await run;
    if (this.busy === run) this.busy = null;
    const since = this.since;
    if (this.base !== this.now) this.schedule(IDLE);
    if (failure) throw failure;
    const derived = derivedOf(answer as T);
    if (derived) {
      this.seq = derived.seq;
      if (this.port.composing()) this.waiting = { derived, doc };
      else this.port.derived(derived, doc, since);
    }
    return { answer: answer as T, doc, since };
  }

  /** The whole document was replaced from the program's side. */
  reset(doc: PMNode, seq: number): void {
    clearTimeout(this.timer);
    this.base = this.now = doc;
    this.seq = seq;
    this.since = new Mapping();
    this.waiting = null;
    this.dirtySince = 0;
    this.port.state('saved', null);
  }

  /** Tries again at once after a failure. */
  retry(): void {
    this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}

export function toFailure(error: unknown): Failure {
  if (error && typeof error === 'object' && 'code' in error && 'message' in error) return error as Failure;
  return { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: null };
}
