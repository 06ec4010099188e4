// The room of tuning: what a state turns, how the chart is drawn, what differs in a draft, and how long things take.
import { beforeEach, expect, test } from 'vitest';
import { useBackend } from '../src/api';
import { duration, i18n } from '../src/i18n/index.svelte';
import type { AdapterView, FiguresView, LossPoint, ModelView, RunView, TunePhase, TuningView, TuneWish } from '../src/ipc';
import { MOST, line, nearest, nice, shape, smooth, thin } from '../src/parts/tune/chart';
import { differences } from '../src/parts/tune/differences';
import { settingRows, sorted, type RunKey } from '../src/parts/tune/record';
import { chartWords, figureRows, share, sign, stages, wallName } from '../src/parts/tune/words';
import { app } from '../src/state/app.svelte';
import { houseStyles } from '../src/state/house-styles.svelte';
import { imports } from '../src/state/imports.svelte';
import { defaultName, draft, isFile } from '../src/state/tune-draft.svelte';
import { IDLE, tuning, turned } from '../src/state/tuning.svelte';

const at = (phase: TunePhase, more: Partial<TuningView> = {}): TuningView => ({ ...IDLE, phase, run: 'r1', name: '买卖合同', ...more });
const points = (...losses: number[]): LossPoint[] => losses.map((loss, i) => ({ step: i + 1, loss }));

/** Commands that were sent, in order; answers are given by name. */
function backend(answers: Record<string, unknown> = {}): [string, Record<string, unknown>][] {
  const sent: [string, Record<string, unknown>][] = [];
  useBackend({
    invoke: async <T>(command: string, args: Record<string, unknown>) => {
      sent.push([command, args]);
      const answer = answers[command];
      if (answer instanceof Error) throw { code: 'bad_input', message: answer.message, hint: null };
      return (typeof answer === 'function' ? answer(args) : (answer ?? [])) as T;
    },
    channel: (listen) => listen,
  });
  return sent;
}

beforeEach(() => {
  i18n.use('en');
  app.notice = app.failure = null;
  app.room = 'documents';
  tuning.view = IDLE;
  tuning.tab = 'new';
  draft.clear();
});

test('a state turns something only where it differs from the one before', () => {
  expect(turned(null, at('done'))).toBe(null);
  expect(turned(at('idle'), at('queued'))).toBe('started');
  expect(turned(at('queued'), at('reading'))).toBe(null);
  expect(turned(at('learning'), at('learning', { step: 2 }))).toBe(null);
  expect(turned(at('pausing'), at('paused'))).toBe('paused');
  expect(turned(at('paused'), at('learning'))).toBe('started');
  expect(turned(at('leaks', { work: 'mix' }), at('idle'))).toBe('over');
  expect(turned(at('leaks'), at('done'))).toBe('done');
  expect(turned(at('learning'), at('failed'))).toBe('failed');
  expect(turned(at('done'), at('idle'))).toBe(null);
  expect(turned(at('done'), at('done'))).toBe(null);
});

test('the end is told in other rooms, not in the room that shows it', async () => {
  backend();
  tuning.take(at('leaks'));
  tuning.take(at('done'));
  expect(app.notice?.text).toContain('买卖合同');
  app.notice = null;
  tuning.take(at('learning'));
  app.room = 'tune';
  tuning.take(at('done'));
  expect(app.notice).toBe(null);
});

test('the end of a mix and of a forgetting is told in their own words', () => {
  backend();
  for (const [work, over, cancelled] of [['mix', 'is mixed', 'mixing was cancelled'], ['forget', 'is forgotten', 'out of use']] as const) {
    tuning.take(at('leaks', { work }));
    tuning.take(at('idle', { work }));
    expect(app.notice?.text).toContain(over);
    tuning.take(at('leaks', { work }));
    tuning.take(at('cancelled', { work }));
    expect(app.notice?.text).toContain(cancelled);
    app.notice = null;
  }
  // What could not be learnt again is told with its reason.
  tuning.take(at('leaks', { work: 'forget' }));
  tuning.take(at('idle', { work: 'forget', gone: ['“Blend” is deleted. It leaks.'] }));
  expect(app.notice?.text).toMatch(/is forgotten.*“Blend” is deleted\. It leaks\./s);
  app.notice = null;
  // What was dismissed says nothing.
  tuning.take(at('done'));
  app.notice = null;
  tuning.take(at('idle'));
  expect(app.notice).toBe(null);
});

test('what was cancelled is dismissed, and that is said', async () => {
  const sent = backend();
  tuning.take(at('learning'));
  tuning.take(at('cancelled'));
  await Promise.resolve();
  expect(sent.map(([command]) => command)).toContain('dismiss_tuning');
  expect(app.notice?.text).toMatch(/cancelled/);
});

test('what was told to end is ending until it has ended', async () => {
  backend();
  tuning.take(at('learning'));
  await tuning.cancel(null);
  expect(tuning.ending).toBe(true);
  tuning.take(at('learning', { step: 2 }));
  expect(tuning.ending).toBe(true);
  tuning.take(at('cancelled'));
  expect(tuning.ending).toBe(false);
  tuning.take(at('paused'));
  await tuning.cancel('r1');
  expect(tuning.ending).toBe(false);
});

test('stages: the one under way is marked, settings are a stage only where they are tried', () => {
  expect(stages(at('learning'), false).map(({ state }) => state)).toEqual(['past', 'past', 'now', 'next', 'next']);
  expect(stages(at('paused'), true).map(({ stage, state }) => `${stage} ${state}`)[3]).toBe('learning now');
  expect(stages(at('done'), false).every(({ state }) => state === 'past')).toBe(true);
  expect(stages(at('leaks', { work: 'mix' }), false)).toEqual([{ stage: 'reading', state: 'past' }, { stage: 'leaks', state: 'now' }]);
  expect(share(at('learning', { step: 5, steps: 20, done: 9, all: 10 }))).toBe(0.25);
  expect(share(at('reading', { done: 3, all: 12 }))).toBe(0.25);
  expect(share(at('queued'))).toBe(null);
});

test('other rooms are told in a few words, and nothing while there is nothing', () => {
  expect([sign(at('idle')), sign(at('cancelled'))]).toEqual([null, null]);
  expect(sign(at('learning', { step: 1045, steps: 2000, left: 7800 }))).toBe('Tuning 1,045 / 2,000 · 2 h 10 min left at most');
  expect(sign(at('learning', { step: 4, steps: 200 }))).toBe('Tuning 4 / 200');
  for (const phase of ['queued', 'reading', 'pausing', 'paused', 'done', 'failed'] as const) expect(sign(at(phase))).toBeTruthy();
});

test('time is said in the unit that fits', () => {
  expect([0, 45, 99.4, 119, 130, 59 * 60, 88 * 60, 120 * 60, 130 * 60].map(duration)).toEqual(['0 s', '45 s', '99 s', '2 min', '2 min', '59 min', '88 min', '2 h', '2 h 10 min']);
  i18n.use('zh');
  expect(duration(7800)).toBe('2 小时 10 分');
});

test('round steps of an axis', () => {
  expect([0.013, 0.2, 0.21, 1, 1.01, 3, 7, 20, 260].map(nice)).toEqual([0.02, 0.2, 0.5, 1, 2, 5, 10, 20, 500]);
  expect([0, -1, NaN, Infinity].map(nice)).toEqual([1, 1, 1, 1]);
});

test('a chart keeps every point inside its frame, whatever it is given', () => {
  const frames = [{ width: 640, height: 240 }, { width: 0, height: 0 }, { width: 200, height: 90 }];
  const losses = [points(), points(2), points(2, 2, 2), points(3.2, NaN, 2.1, Infinity, 1.9), points(...Array.from({ length: 5000 }, (_, i) => 1 + 2 / (1 + i))), points(1e6, 1e-6)];
  for (const frame of frames) for (const train of losses) {
    const drawn = shape(frame, train, train.slice(0, 3), 40);
    for (const dot of [...drawn.train, ...drawn.trend, ...drawn.valid]) {
      expect(dot.x).toBeGreaterThanOrEqual(drawn.left);
      expect(dot.x).toBeLessThanOrEqual(drawn.right + 1e-6);
      expect(dot.y).toBeGreaterThanOrEqual(drawn.top - 1e-6);
      expect(dot.y).toBeLessThanOrEqual(drawn.bottom + 1e-6);
    }
    expect(line([...drawn.trend, ...drawn.valid])).not.toMatch(/NaN|Infinity/);
    for (const ticks of [drawn.x, drawn.y]) expect(new Set(ticks.map((tick) => tick.label)).size).toBe(ticks.length);
  }
});

test('the axis reaches as far as the tuning may go, and lower losses stand lower', () => {
  const drawn = shape({ width: 640, height: 240 }, points(3, 2, 1), [{ step: 2, loss: 1.5 }], 200);
  expect(drawn.x.at(-1)?.label).toBe('200');
  expect(drawn.train.map((dot) => dot.y)).toEqual(drawn.train.map((dot) => dot.y).toSorted((a, b) => a - b));
  expect(drawn.train.at(-1)!.x).toBeLessThan(drawn.left + 0.05 * (drawn.right - drawn.left));
  expect(nearest(drawn.valid, 600)?.step).toBe(2);
  expect(nearest([], 5)).toBe(null);
});

test('many points are thinned to means of their neighbours, in order', () => {
  const many = points(...Array.from({ length: 10_000 }, (_, i) => i));
  const few = thin(many);
  expect(few.length).toBe(MOST);
  const mean = (list: LossPoint[]) => list.reduce((sum, point) => sum + point.loss, 0) / list.length;
  expect(mean(few)).toBeCloseTo(mean(many), -1);
  expect(few.every((point, i) => !i || point.step > few[i - 1]!.step)).toBe(true);
  expect(thin(points(1, 2))).toEqual(points(1, 2));
});

test('smoothing keeps a straight line as it is and calms noise', () => {
  const straight = points(...Array.from({ length: 60 }, (_, i) => 5 - i * 0.05));
  smooth(straight).forEach((point, i) => expect(point.loss).toBeCloseTo(straight[i]!.loss, 9));
  const noisy = points(...Array.from({ length: 200 }, (_, i) => 2 + (i % 2 ? 0.5 : -0.5)));
  const middle = smooth(noisy).slice(20, 180).map((point) => point.loss);
  expect(Math.max(...middle) - Math.min(...middle)).toBeLessThan(0.1);
});

test('the chart in words names first, last and lowest', () => {
  const words = chartWords(points(3.2, 2.5, 2.1), [{ step: 1, loss: 2.6 }, { step: 2, loss: 2.3 }, { step: 3, loss: 2.4 }]);
  for (const part of ['3.20', '2.10', '2.30', '2.40', 'step 2']) expect(words).toContain(part);
  expect(chartWords([], [])).not.toBe('');
});

const none: FiguresView = { perplexity: null, agreement: null, preference: null, rouge_l: null, chrf: null };

test('figures that are not known are left out, and a lower perplexity is the better one', () => {
  const rows = figureRows({ ...none, perplexity: 31.42, agreement: 0.5, chrf: 0.4 }, { ...none, perplexity: 9.861, agreement: 0.5, chrf: 0.3 });
  expect(rows.map((row) => [row.key, row.before, row.after, row.better])).toEqual([
    ['perplexity', '31.4', '9.86', true],
    ['agreement', '50.0 %', '50.0 %', null],
    ['chrf', '40.0 %', '30.0 %', false],
  ]);
  expect(figureRows(none, none)).toEqual([]);
});

test('what a draft has in other words than the firm is told apart, and nothing is lost', () => {
  const wanted = '甲方逾期交付的，每逾期一日，应当按万分之五支付违约金。';
  const draftText = '甲方逾期交付的，每逾期一日，应当按千分之一支付违约金。';
  const runs = differences(wanted, draftText, 'zh');
  expect(runs.map((run) => run.text).join('')).toBe(draftText);
  expect(runs.filter((run) => !run.same).map((run) => run.text).join('')).toMatch(/千分之一|千.*一/);
  expect(runs[0]).toEqual({ text: expect.stringContaining('甲方逾期交付的'), same: true });
  expect(differences('The Recipient shall keep it secret.', 'The Recipient must keep it secret.', 'en').filter((run) => !run.same)).toEqual([{ text: 'must', same: false }]);
  expect(differences('a b c', 'a b c', 'en').every((run) => run.same)).toBe(true);
  const others = (one: string, other: string) => differences(one, other, 'en').filter((run) => !run.same).map((run) => run.text.trim());
  expect(others('one two three four five six seven', 'one three four x six y seven')).toEqual(['x', 'y']);
  expect(others('one two three four five', 'zero two four five six')).toEqual(['zero', 'six']);
  expect(differences('', '', 'en')).toEqual([]);
  expect(differences('something', '', 'en')).toEqual([]);
});

test('long texts are told apart in reasonable time', () => {
  const long = Array.from({ length: 20_000 }, (_, i) => `word${i % 97}`).join(' ');
  const begun = performance.now();
  expect(differences(long, `x ${long} y`, 'en').map((run) => run.text).join('')).toBe(`x ${long} y`);
  expect(performance.now() - begun).toBeLessThan(3000);
});

test('a name is offered after the folder, the common folder, or the first document', () => {
  const path = (text: string, folder = false) => ({ path: text, folder });
  expect(defaultName([path('/a/b.docx'), path('/x/本所范本/', true)], [])).toBe('本所范本');
  expect(defaultName([path('C:\\Firm\\Sales\\a.docx'), path('C:\\Firm\\Sales\\b.docx')], [])).toBe('Sales');
  expect(defaultName([path('/a/NDA v2.docx')], ['other'])).toBe('NDA v2');
  expect(defaultName([path('/a/x.docx'), path('/b/y.docx')], [])).toBe('x');
  expect(defaultName([], ['房屋租赁合同'])).toBe('房屋租赁合同');
  expect(defaultName([], [])).toBe('');
  expect(['/a/b.docx', '/a/b.MD', 'x.jsonl', '/a/v1.2', '/a/folder'].map(isFile)).toEqual([true, true, true, false, false]);
});

const model = (id: string, more: Partial<ModelView> = {}): ModelView => ({ id, name: id, languages: ['zh'], licence: '', size: 1, memory: 1, installed: true, chosen: false, fetchable: false, about: false, partial: 0, recommended: [], terms: null, note: null, ...more });

test('the wish holds what was chosen, and there is none before everything is said', async () => {
  const sent = backend({ tune: null });
  app.models = [];
  expect(draft.lacking).toBe('sources');
  draft.add(['/firm/sales', '/firm/a.docx', '/firm/a.docx'], null);
  draft.add(['/firm/a.docx'], false);
  expect(draft.paths).toEqual([{ path: '/firm/sales', folder: true }, { path: '/firm/a.docx', folder: false }]);
  expect(draft.lacking).toBe('model');
  app.models = [model('m1'), model('m2', { chosen: true }), model('m3', { installed: false })];
  expect(draft.model).toBe('m2');
  draft.wall = { kind: 'client', name: '  ' };
  expect(draft.lacking).toBe('wall');
  expect(draft.wish()).toBe(null);
  await draft.begin();
  expect(sent.some(([command]) => command === 'tune')).toBe(false);
  draft.wall = { kind: 'client', name: 'Harwood' };
  await draft.begin();
  expect(sent.find(([command]) => command === 'tune')?.[1].wish).toEqual({
    paths: ['/firm/sales', '/firm/a.docx'], documents: [], model: 'm2', name: 'sales', wall: { kind: 'client', name: 'Harwood' }, from: null, effort: 'usual', steps: null, augment: false, search: false,
  } satisfies TuneWish);
  draft.wall = { kind: 'firm' };
});

test('a name that was typed stays, and an earlier style is gone on from only on its own model', () => {
  const style = (id: string, of: string): AdapterView => ({ id, name: id, model: of, model_name: of, installed: true, language: null, created_at: 0, bytes: 0, wall: { kind: 'firm' }, state: 'kept', used: false, sources: [], before: none, after: none, leaks: null, run: null, parents: [] });
  app.models = [model('m1', { chosen: true }), model('m2')];
  houseStyles.list = [style('s1', 'm1'), style('s2', 'm2')];
  draft.add(['/firm/sales'], true);
  draft.name = 'Ours';
  draft.add(['/firm/leases'], true);
  expect(draft.name).toBe('Ours');
  draft.from = 's1';
  expect(draft.wish()?.from).toBe('s1');
  draft.model = 'm2';
  expect(draft.wish()?.from).toBe(null);
  draft.model = null;
});

test('a plan that was stopped does not come back', async () => {
  let answer: (plan: unknown) => void = () => undefined;
  backend({ tune_plan: () => new Promise((done) => (answer = done)) });
  app.models = [model('m1', { chosen: true })];
  draft.add(['/firm/sales'], true);
  const looking = draft.look();
  await Promise.resolve();
  await draft.stopLooking();
  answer({ sources: [] });
  await looking;
  expect(draft.plan).toBe(null);
  expect(draft.reading).toBe(null);
});

test('whose it is, in words, and names known from walls', () => {
  expect(wallName({ kind: 'matter', client: 'Harwood', name: 'Project Oak' })).toContain('Harwood');
  expect(wallName({ kind: 'matter', client: null, name: 'Project Oak' })).not.toContain('null');
  houseStyles.walls = [{ kind: 'client', name: 'B' }, { kind: 'matter', client: 'A', name: 'M' }, { kind: 'client', name: 'B' }, { kind: 'group', name: 'G' }, { kind: 'firm' }];
  expect([houseStyles.names('client'), houseStyles.names('matter'), houseStyles.names('group')]).toEqual([['A', 'B'], ['M'], ['G']]);
});

test('runs are put in order by any column; what is not known stands at the end either way', () => {
  const run = (id: string, more: Partial<RunView>): RunView => ({ id, name: id, status: 'done', created_at: 0, ended_at: null, model: 'm', adapter: null, steps: 0, steps_wanted: 0, seconds: 0, peak: 0, machine: '', before: none, after: none, error: null, resumable: false, ...more });
  const runs = [run('b', { created_at: 1, steps: 10, after: { ...none, perplexity: 9 } }), run('a', { created_at: 3, steps: 10, status: 'failed' }), run('c', { created_at: 2, steps: 5, after: { ...none, perplexity: 12 }, status: 'interrupted' })];
  const order = (key: RunKey, down: boolean) => sorted(runs, key, down).map((one) => one.id).join('');
  expect(order('created_at', true)).toBe('acb');
  expect(order('name', false)).toBe('abc');
  expect(order('steps', false)).toBe('cab');
  expect(order('steps', true)).toBe('abc');
  expect(order('perplexity', false)).toBe('bca');
  expect(order('perplexity', true)).toBe('cba');
  expect(order('status', false)).toBe('cba');
  expect(runs.map((one) => one.id).join('')).toBe('bac');
});

test('files that are dropped are chosen while one chooses, and imported everywhere else', async () => {
  const sent = backend({ import: { imported: [], refused: [], others: 1, cancelled: false } });
  app.room = 'tune';
  await imports.dropped(['/firm/leases', '/firm/a.docx']);
  expect(draft.paths).toEqual([{ path: '/firm/leases', folder: true }, { path: '/firm/a.docx', folder: false }]);
  expect(sent).toEqual([]);
  tuning.view = at('learning');
  await imports.dropped(['/firm/b.docx']);
  expect(draft.paths.length).toBe(2);
  expect(sent.map(([command]) => command)).toEqual(['import']);
});

test('to forget a source leads to where it is learnt again', async () => {
  const sent = backend();
  tuning.tab = 'styles';
  await tuning.forget({ title: 'a.docx', hash: 'ff', side: 'learn', examples: 3 });
  expect(sent[0]).toEqual(['forget_source', { hash: 'ff', title: 'a.docx' }]);
  expect(tuning.tab).toBe('new');
  backend({ forget_source: new Error('no') });
  tuning.tab = 'styles';
  await tuning.forget({ title: 'a.docx', hash: 'ff', side: 'learn', examples: 3 });
  expect(tuning.tab).toBe('styles');
  expect(app.failure?.message).toBe('no');
});

test('settings of a run are told in the words of the window, and those not used are not', () => {
  i18n.use('en');
  const tried = JSON.stringify([{ rank: 8, learning_rate: 0.001, steps: 4, loss: 2.104 }, { rank: 4, learning_rate: 0.001, steps: 2, loss: null }]);
  const rows = settingRows([['rank', '8'], ['replay', 'null'], ['begun_from', 'a1'], ['search', tried], ['future', '1']], (id) => (id === 'a1' ? 'Sales' : undefined));
  expect(rows).toEqual([
    { name: 'Rank', value: '8' },
    { name: 'Went on from', value: 'Sales' },
    { name: 'Settings tried', value: 'rank 8 at 0.001: loss 2.10, rank 4 at 0.001: loss —' },
    { name: 'future', value: '1' },
  ]);
  expect(settingRows([['begun_from', 'gone']], () => undefined)[0]!.value).toBe('one that is deleted');
});
