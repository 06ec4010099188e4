// How a tuning, its figures and its walls read.
import { count, duration, t } from '../../i18n/index.svelte';
import type { FiguresView, Lang, LossPoint, TunePhase, TuningView, WallView } from '../../ipc';

export type Stage = 'reading' | 'before' | 'searching' | 'learning' | 'after' | 'leaks';
export type StageState = 'past' | 'now' | 'next';

const STAGE: Partial<Record<TunePhase, Stage>> = {
  queued: 'reading', reading: 'reading', before: 'before', searching: 'searching', learning: 'learning', pausing: 'learning', paused: 'learning', after: 'after', leaks: 'leaks',
};

/** The way from the documents to the result, and where on it the tuning is. Settings are tried only where that was wished; what is
 * mixed is only tested. */
export function stages({ phase, work }: TuningView, search: boolean): { stage: Stage; state: StageState }[] {
  const way: Stage[] = work === 'mix' ? ['reading', 'leaks'] : ['reading', 'before', ...(search || phase === 'searching' ? (['searching'] as const) : []), 'learning', 'after', 'leaks'];
  const now = STAGE[phase] ? way.indexOf(STAGE[phase]) : phase === 'done' ? way.length : -1;
  return way.map((stage, i) => ({ stage, state: i < now ? 'past' : i === now ? 'now' : 'next' }));
}

/** Whether it can be broken off now and gone on with later; before this nothing is left that could be. */
export const pausable = (phase: TunePhase): boolean => ['searching', 'learning', 'after', 'leaks'].includes(phase);

export interface FigureRow {
  key: keyof FiguresView;
  before: string | null;
  after: string | null;
  /** Better than before: true, worse: false, neither or not known: null. */
  better: boolean | null;
}

const FIGURES = ['perplexity', 'agreement', 'preference', 'rouge_l', 'chrf'] as const;

/** The figures that are known, as they are shown. */
export function figureRows(before: FiguresView, after: FiguresView): FigureRow[] {
  return FIGURES.filter((key) => before[key] !== null || after[key] !== null).map((key) => {
    const [a, b] = [before[key], after[key]];
    const [from, to] = [a === null ? null : figure(key, a), b === null ? null : figure(key, b)];
    const gain = a === null || b === null || from === to ? null : key === 'perplexity' ? b < a : b > a;
    return { key, before: from, after: to, better: gain };
  });
}

export function figure(key: keyof FiguresView, value: number): string {
  if (key === 'perplexity') return value >= 1000 ? count(Math.round(value)) : value.toFixed(value < 10 ? 2 : 1);
  return `${(value * 100).toFixed(1)} %`;
}

export const languageName = (language: Lang): string => (language === 'zh' ? '中文' : 'English');

/** Whose it is, in a few words. */
export function wallName(wall: WallView): string {
  switch (wall.kind) {
    case 'firm': return t('wall.firm');
    case 'group': return t('wall.named_group', { name: wall.name });
    case 'client': return t('wall.named_client', { name: wall.name });
    case 'matter': return wall.client ? t('wall.named_matter_of', { name: wall.name, client: wall.client }) : t('wall.named_matter', { name: wall.name });
  }
}

/** A wall that lacks the name it needs. */
export const wallOpen = (wall: WallView): boolean => wall.kind !== 'firm' && !wall.name.trim();

/** The chart in a sentence or two, for those who cannot see it. */
export function chartWords(train: readonly LossPoint[], valid: readonly LossPoint[]): string {
  const [first, last] = [train[0], train.at(-1)];
  if (!first || !last) return t('chart.nothing');
  const learnt = t('chart.train', { from: first.loss.toFixed(2), first: count(Math.round(first.step)), to: last.loss.toFixed(2), last: count(Math.round(last.step)) });
  const lowest = valid.reduce<LossPoint | null>((best, point) => (!best || point.loss < best.loss ? point : best), null);
  return lowest ? `${learnt} ${t('chart.valid', { n: count(valid.length), now: valid.at(-1)!.loss.toFixed(2), low: lowest.loss.toFixed(2), at: count(lowest.step) })}` : learnt;
}

/** How the tuning stands, in a few words for other rooms; null while there is nothing to say. */
export function sign(view: TuningView): string | null {
  switch (view.phase) {
    case 'idle':
    case 'cancelled':
      return null;
    case 'paused':
    case 'done':
      return t(`tune.sign_${view.phase}`);
    case 'failed':
      return t(view.work === 'tune' ? 'tune.sign_failed' : 'tune.phase_failed');
    case 'learning': {
      if (!view.steps) return t('tune.phase_learning');
      const share = `${count(view.step)} / ${count(view.steps)}`;
      return view.left === null ? t('tune.sign', { share }) : t('tune.sign_left', { share, left: duration(view.left) });
    }
    default:
      return t(`tune.phase_${view.phase}`);
  }
}

/** How much of the present phase is done, from 0 to 1; null where it cannot be told. */
export function share(view: TuningView): number | null {
  const [done, all] = view.phase === 'learning' || view.phase === 'pausing' || view.phase === 'paused' ? [view.step, view.steps] : [view.done, view.all];
  return all > 0 ? Math.min(1, done / all) : null;
}
