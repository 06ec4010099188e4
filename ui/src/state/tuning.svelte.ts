// The tuning that is under way or has just ended, seen from every room.
import { api } from '../api';
import { t } from '../i18n/index.svelte';
import type { AdapterSource, MixPart, RunView, TunePhase, TuningView } from '../ipc';
import { app } from './app.svelte';
import { houseStyles } from './house-styles.svelte';

export type TuneTab = 'new' | 'styles' | 'record';
/** What a state says that the one before it did not. `over`: work that comes to no result of its own, such as mixing, is done. */
export type Turn = 'started' | 'paused' | 'done' | 'failed' | 'cancelled' | 'over';

export const IDLE: TuningView = {
  phase: 'idle', run: null, name: '', model: '', done: 0, all: 0, step: 0, steps: 0, rate: 0, seconds: 0, left: null, work: 'tune', anew: false, waiting: false, saved: true, train: [], valid: [], plan: null, result: null, failure: null, gone: [],
};

const ACTIVE: ReadonlySet<TunePhase> = new Set(['queued', 'reading', 'before', 'searching', 'learning', 'pausing', 'after', 'leaks']);

/** Something is being done. */
export const active = (phase: TunePhase): boolean => ACTIVE.has(phase);

/** What has turned; the first state that is heard turns nothing. */
export function turned(before: TuningView | null, after: TuningView): Turn | null {
  if (!before || before.phase === after.phase) return null;
  switch (after.phase) {
    case 'paused':
    case 'done':
    case 'failed':
    case 'cancelled':
      return after.phase;
    case 'idle':
      return active(before.phase) ? 'over' : null;
    default:
      return active(after.phase) && !active(before.phase) ? 'started' : null;
  }
}

class Tuning {
  view = $state.raw<TuningView>(IDLE);
  tab = $state<TuneTab>('new');
  runs = $state.raw<RunView[]>([]);
  /** Run whose record is open. */
  shownRun = $state<string | null>(null);
  /** A command is on its way. */
  busy = $state(false);
  /** It was told to end, and does so after what it is at. */
  ending = $state(false);
  /** Settings were tried for the run that is shown. */
  searched = $state(false);
  private heard = false;
  /** House styles from before a mix. */
  private known: ReadonlySet<string> | null = null;

  get active(): boolean {
    return active(this.view.phase);
  }

  /** The room shows what is to be learnt from. */
  get choosing(): boolean {
    return this.tab === 'new' && (this.view.phase === 'idle' || this.view.phase === 'cancelled');
  }

  /** Runs that were broken off and can be gone on with, apart from the one that is shown. */
  get interrupted(): RunView[] {
    return this.runs.filter((run) => run.resumable && run.id !== this.view.run);
  }

  /** Once, at the start of the program. */
  async watch(): Promise<void> {
    await app.attempt(() => api.watchTuning((view) => this.take(view)));
    await this.loadRuns();
  }

  take(view: TuningView): void {
    const turn = turned(this.heard ? this.view : null, view);
    this.heard = true;
    this.view = view;
    if (!active(view.phase)) this.ending = false;
    if (view.phase === 'searching') this.searched = true;
    else if (turn === 'started') this.searched = false;
    if (!turn) return;
    const here = app.room === 'tune' && this.tab === 'new';
    if (turn === 'done' && !here) app.say(t('tune.say_done', { name: view.name }));
    const which = view.work === 'tune' ? '' : (`_${view.work}` as const);
    if (turn === 'failed' && !here) app.say(t(`tune.say_failed${which}`, { name: view.name }));
    if (turn === 'cancelled') {
      app.say(t(`tune.say_cancelled${which}`));
      void this.dismiss();
    }
    if (turn === 'over' && view.work !== 'tune' && !here) app.say([t(`tune.say_over_${view.work}`, { name: view.name }), ...view.gone].join(' '));
    if (turn !== 'started') {
      void this.loadRuns();
      void this.showStyles(turn);
    }
  }

  /** The list as it is now; what was mixed is opened in it. */
  private async showStyles(turn: Turn): Promise<void> {
    await houseStyles.load();
    const { known } = this;
    this.known = null;
    if (turn !== 'over' || this.tab !== 'new') return;
    this.tab = 'styles';
    const made = known && houseStyles.list?.find((style) => !known.has(style.id));
    if (made) houseStyles.open = made.id;
  }

  async loadRuns(): Promise<void> {
    this.runs = (await app.attempt(() => api.runs())) ?? this.runs;
  }

  async pause(): Promise<void> {
    await this.send(() => api.pauseTuning());
  }

  async resume(run: string): Promise<void> {
    if (await this.send(() => api.resumeTuning(run))) this.tab = 'new';
    await this.loadRuns();
  }

  /** Ends the tuning under way, or an interrupted run. */
  async cancel(run: string | null): Promise<void> {
    this.ending = (await this.send(() => api.cancelTuning(run))) && run === null && this.active;
    await this.loadRuns();
  }

  async dismiss(): Promise<void> {
    // What did not come about is seen where it was asked for.
    if (this.view.work !== 'tune' && this.tab === 'new') this.tab = 'styles';
    await this.send(() => api.dismissTuning());
  }

  /** Learns again without a source: what comes is seen where tunings are. */
  async forget(source: AdapterSource): Promise<void> {
    if (await this.send(() => api.forgetSource(source.hash, source.title))) {
      this.tab = 'new';
      await houseStyles.load();
    }
  }

  /** Mixes house styles; what comes is seen where tunings are. */
  async mix(parts: MixPart[], name: string): Promise<boolean> {
    this.known = new Set(houseStyles.list?.map((style) => style.id));
    const begun = await this.send(() => api.mixAdapters(parts, name));
    if (begun) this.tab = 'new';
    else this.known = null;
    return begun;
  }

  /** Leads to the room, from wherever one is. */
  async show(tab: TuneTab): Promise<void> {
    this.tab = tab;
    this.shownRun = null;
    await app.go('tune');
  }

  async exportRun(id: string | null, format: 'csv' | 'tensorboard'): Promise<void> {
    const path = await app.attempt(() => api.exportRun(id, format));
    if (path) app.say(t('tune.written', { path }));
  }

  private async send(work: () => Promise<void>): Promise<boolean> {
    this.busy = true;
    const done = await app.done(work);
    this.busy = false;
    return done;
  }
}

export const tuning = new Tuning();
