// A tuning that is acted: it takes seconds, its losses fall, it can be paused, cancelled, fail and leak.
// In the address, `tune=` takes anew, fail, leak, tight, unsaved, waiting; `tempo=` the milliseconds of a step.
import type * as I from '../ipc';
import { adapterViews, houseClauseViews, planView, resultView, runDetail, runViews, wallViews } from './mock-tune-data';

type Listen = (event: unknown) => void;
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

const IDLE: I.TuningView = { phase: 'idle', run: null, name: '', model: '', done: 0, all: 0, step: 0, steps: 0, rate: 0, seconds: 0, left: null, work: 'tune', anew: false, waiting: false, saved: true, train: [], valid: [], plan: null, result: null, failure: null, gone: [] };
const STEPS: Record<I.Effort, number> = { quick: 60, usual: 200, thorough: 600 };

/** Losses that repeat: a fall towards a floor, with noise on it. */
const noise = (n: number) => Math.sin(n * 12.9898) * 0.5 + Math.sin(n * 78.233) * 0.5;
export const trainLoss = (step: number) => 1.45 + 1.75 * Math.exp(-step / 38) + noise(step) * 0.16;
export const validLoss = (step: number) => 1.62 + 1.5 * Math.exp(-step / 45) + Math.max(0, step - 160) * 0.0006 + noise(step) * 0.02;

export function mockTuning(lang: () => I.Lang, modelName: (id: string) => string): Record<string, (args: any) => unknown> {
  const address = new URLSearchParams(location.search);
  const flag = address.get('tune');
  const tempo = Number(address.get('tempo') ?? 60);
  let view = IDLE;
  let hear: Listen = () => undefined;
  let adapters = address.has('empty') ? [] : adapterViews();
  let runs = address.has('empty') ? [] : runViews();
  const houseClauses = new Map<string, I.HouseClauseView[]>();
  const clausesOf = (id: string) => houseClauses.get(id) ?? (adapters.find((one) => one.id === id)?.sources.length ? houseClauseViews(lang()) : []);
  const matters = new Map<string, I.MatterView>();
  const wishes = new Map<string, I.TuneWish>();
  let stop: 'pause' | 'cancel' | null = null;
  let planning = 0;
  let count = 0;

  const show = (change: Partial<I.TuningView>) => hear(structuredClone((view = { ...view, ...change })));
  const record = (id: string, change: Partial<I.RunView>) => (runs = runs.map((run) => (run.id === id ? { ...run, ...change } : run)));

  function ended(run: string, status: I.RunStatusName, error: string | null = null): void {
    record(run, { status, ended_at: Date.now(), steps: view.step, seconds: view.seconds, error, resumable: status === 'interrupted' });
  }

  async function counted(phase: I.TunePhase, all: number, ms: number): Promise<boolean> {
    for (let done = 0; done <= all; done++) {
      if (stop === 'cancel' || (stop === 'pause' && phase === 'searching')) return false;
      show({ phase, done, all });
      await wait(ms);
    }
    return true;
  }

  function paused(run: string): void {
    ended(run, 'interrupted');
    show({ phase: 'paused', left: null, waiting: false });
  }

  function cancelled(run: string): void {
    ended(run, 'cancelled');
    runs = runs.filter((one) => one.id !== run || one.status !== 'interrupted');
    show({ ...IDLE, phase: 'cancelled', name: view.name, model: view.model });
  }

  async function work(run: string, wish: I.TuneWish, from: number): Promise<void> {
    stop = null;
    const steps = wish.steps ?? STEPS[wish.effort];
    if (!from) {
      show({ ...IDLE, phase: 'queued', run, name: wish.name, model: modelName(wish.model) });
      await wait(tempo * 4);
      if (!(await counted('reading', 40, tempo / 2))) return cancelled(run);
      show({ plan: planView(lang(), false, steps) });
      if (!(await counted('before', 24, tempo / 2))) return cancelled(run);
      if (wish.search && !(await counted('searching', 4, tempo * 8))) return stop === 'pause' ? paused(run) : cancelled(run);
    }
    for (let step = from + 1; step <= steps; step++) {
      await wait(tempo);
      if (stop === 'cancel') return cancelled(run);
      if (stop === 'pause') {
        show({ phase: 'pausing' });
        await wait(tempo * 6);
        return paused(run);
      }
      const valid = step % Math.ceil(steps / 20) === 0 ? [...view.valid, { step, loss: validLoss(step) }] : view.valid;
      show({
        phase: 'learning', done: 0, all: 0, step, steps, rate: 318 + noise(step) * 22, seconds: view.seconds + 3.2, left: (steps - step) * 3.2, train: [...view.train, { step, loss: trainLoss(step) }], valid,
        anew: flag === 'anew', waiting: flag === 'waiting' || (step > 24 && step < 34), saved: flag !== 'unsaved',
      });
      if (flag === 'fail' && step === 40) {
        const message = lang() === 'zh' ? '磁盘已满，检查点写不进去。' : 'The disk is full: the checkpoint could not be written.';
        ended(run, 'interrupted', message);
        return show({ phase: 'failed', left: null, failure: { code: 'disk', message, hint: lang() === 'zh' ? '请腾出 2 GB 空间，然后继续学习。' : 'Free 2 GB, then go on.' } });
      }
    }
    show({ left: null, waiting: false });
    if (!(await counted('after', 24, tempo / 2))) return cancelled(run);
    if (!(await counted('leaks', 30, tempo / 2))) return cancelled(run);
    const adapter = `a-${++count}`;
    const result = resultView(lang(), adapter, flag === 'leak', steps, view.seconds);
    const base = adapterViews()[0]!;
    adapters = [{ ...base, id: adapter, name: wish.name, model: wish.model, model_name: modelName(wish.model), created_at: Date.now(), wall: wish.wall, state: result.state, used: false, before: result.before, after: result.after, leaks: result.leaks, run, parents: wish.from ? [wish.from] : [] }, ...adapters];
    ended(run, 'done');
    record(run, { adapter, before: result.before, after: result.after });
    show({ phase: 'done', result });
  }

  async function mix(parts: I.MixPart[], name: string): Promise<void> {
    stop = null;
    const first = adapters.find((one) => one.id === parts[0]!.adapter)!;
    show({ ...IDLE, phase: 'queued', name, work: 'mix' });
    for (const [phase, all] of [['reading', 40], ['leaks', 30]] as const) {
      if (!(await counted(phase, all, tempo / 2))) return show({ ...IDLE, phase: 'cancelled', name, work: 'mix' });
    }
    if (flag === 'leak') {
      const message = lang() === 'zh' ? `混合后的“${name}”会泄露所学的内容，没有保留。` : `The mix “${name}” gives away what it must not, so it was not kept.`;
      return show({ phase: 'failed', failure: { code: 'bad_input', message, hint: lang() === 'zh' ? '请减小其中一部分的比重，或单独使用其中之一。' : 'Give one of its parts less weight, or use one of them alone.' } });
    }
    adapters = [{ ...first, id: `a-mix-${++count}`, name, created_at: Date.now(), used: false, leaks: null, run: null, before: NONE, after: NONE, parents: parts.map((part) => part.adapter) }, ...adapters];
    show({ ...IDLE, name, work: 'mix' });
  }

  function begin(wish: I.TuneWish): void {
    const run = `r-new-${++count}`;
    wishes.set(run, wish);
    runs = [{ ...runViews()[0]!, id: run, name: wish.name, status: 'running', created_at: Date.now(), ended_at: null, model: modelName(wish.model), adapter: null, steps: 0, steps_wanted: wish.steps ?? STEPS[wish.effort], seconds: 0, error: null, resumable: false }, ...runs];
    void work(run, wish, 0);
  }

  const adapter = (id: string, change: Partial<I.AdapterView>) => (adapters = adapters.map((one) => (one.id === id ? { ...one, ...change } : one)));
  const plain: I.TuneWish = { paths: [], documents: [], model: 'qwen3-1.7b', name: '', wall: { kind: 'firm' }, from: null, effort: 'usual', steps: null, augment: false, search: false };

  return {
    tune_plan: async ({ wish, events }: { wish: I.TuneWish; events: Listen }) => {
      const turn = ++planning;
      for (let done = 0; done <= 40; done++) {
        events({ done, total: 40 });
        await wait(tempo / 2);
        if (turn !== planning) throw { code: 'cancelled', message: 'cancelled', hint: null } satisfies I.Failure;
      }
      return planView(lang(), flag === 'tight', wish.steps ?? STEPS[wish.effort]);
    },
    cancel_plan: () => void planning++,
    tune: ({ wish }) => begin(wish),
    watch_tuning: ({ events }) => {
      hear = events;
      show({});
    },
    pause_tuning: () => void (stop = 'pause'),
    resume_tuning: ({ run }) => {
      const one = runs.find((entry) => entry.id === run)!;
      record(run, { status: 'running', resumable: false, ended_at: null });
      const wish = wishes.get(run) ?? { ...plain, name: one.name, steps: one.steps_wanted };
      if (view.run !== run) {
        const steps = Array.from({ length: one.steps }, (_, i) => i + 1);
        show({ ...IDLE, phase: 'queued', run, name: one.name, model: one.model, step: one.steps, steps: one.steps_wanted, seconds: one.seconds, train: steps.map((step) => ({ step, loss: trainLoss(step) })), valid: steps.filter((step) => step % 10 === 0).map((step) => ({ step, loss: validLoss(step) })) });
      } else show({ phase: 'queued', failure: null });
      void work(run, wish, one.steps);
    },
    cancel_tuning: ({ run }) => {
      if (run === null) return void (stop = 'cancel');
      runs = runs.filter((one) => one.id !== run);
      if (view.run === run) show(IDLE);
    },
    dismiss_tuning: () => show(IDLE),
    export_tuning: ({ wish }) => `/home/lawyer/文稿/Moqi/${wish.name}`,
    decide: ({ adapter: id, decision }) => {
      adapters = decision === 'discard' ? adapters.filter((one) => one.id !== id) : adapter(id, { state: 'kept', used: decision === 'use' });
      return adapters;
    },
    adapters: () => adapters,
    use_adapter: ({ id, on }) => adapter(id, { used: on }),
    rename_adapter: ({ id, name }) => adapter(id, { name }),
    house_clauses: ({ id }) => clausesOf(id),
    exclude_house_clauses: ({ id, numbers, excluded }) => {
      houseClauses.set(id, clausesOf(id).map((one) => (numbers.includes(one.number) ? { ...one, excluded } : one)));
      return clausesOf(id);
    },
    set_wall: ({ id, wall }) => adapter(id, { wall }),
    export_adapter: ({ id }) => `/home/lawyer/文稿/Moqi/${adapters.find((one) => one.id === id)!.name}`,
    add_adapter: () => {
      const base = adapterViews()[0]!;
      adapters = [{ ...base, id: `a-in-${++count}`, name: lang() === 'zh' ? '集群学成的文风' : 'Style made on the cluster', created_at: Date.now(), used: false, sources: [], leaks: null, run: null, before: NONE, after: NONE, parents: [], wall: { kind: 'firm' } }, ...adapters];
      return adapters;
    },
    delete_adapter: ({ id }) => (adapters = adapters.filter((one) => one.id !== id)),
    mix_adapters: ({ parts, name }) => void mix(parts, name),
    forget_source: ({ hash }) => {
      const known = adapters.filter((one) => one.sources.some((source) => source.hash === hash));
      adapters = adapters.filter((one) => !known.includes(one));
      if (known[0]) begin({ ...plain, name: known[0].name, model: known[0].model, wall: known[0].wall });
    },
    walls: () => wallViews(),
    matter: ({ document }) => matters.get(document) ?? { client: null, matter: null, group: null },
    set_matter: ({ document, matter }) => (matters.set(document, matter), matter),
    runs: () => runs,
    run: ({ id }) => runDetail(runs.find((one) => one.id === id)!, lang()),
    export_run: ({ id, format }) => `/home/lawyer/文稿/Moqi/${id ?? 'runs'}${format === 'csv' ? '.csv' : ''}`,
  };
}

const NONE: I.FiguresView = { perplexity: null, agreement: null, preference: null, rouge_l: null, chrf: null };
