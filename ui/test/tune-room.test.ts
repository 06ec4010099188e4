// The room itself, mounted on the acted program: from documents to a house style in use, and the ways that end elsewhere.
import { flushSync, mount, unmount } from 'svelte';
import { afterEach, expect, test, vi } from 'vitest';
import { useBackend } from '../src/api';
import { mock } from '../src/dev/mock';
import { app } from '../src/state/app.svelte';
import { houseStyles } from '../src/state/house-styles.svelte';
import { imports } from '../src/state/imports.svelte';
import { draft } from '../src/state/tune-draft.svelte';
import { IDLE, tuning } from '../src/state/tuning.svelte';
import Tune from '../src/views/Tune.svelte';

vi.setConfig({ testTimeout: 60_000 });
let room: ReturnType<typeof mount> | null = null;
let turn = 0;

/** Two of the four house styles are ticked. */
async function pickTwo(): Promise<void> {
  click('tune-tab-styles');
  await until(() => all('adapter').length === 4);
  click('adapter-pick', 0);
  click('adapter-pick', 1);
}

/** Opens the room on a program with these flags. */
async function open(flags: string): Promise<void> {
  history.replaceState(null, '', `?lang=en&${flags}`);
  // A program of an earlier test that still works is not heard any more.
  const program = mock();
  const mine = ++turn;
  useBackend({ ...program, channel: (listen) => program.channel((event) => mine === turn && listen(event as never)) });
  document.body.innerHTML = '';
  app.room = 'tune';
  app.failure = app.notice = null;
  tuning.view = IDLE;
  tuning.tab = 'new';
  tuning.shownRun = null;
  tuning.runs = [];
  houseStyles.list = null;
  houseStyles.open = null;
  draft.clear();
  draft.steps = null;
  draft.wall = { kind: 'firm' };
  await app.loadModels();
  await tuning.watch();
  room = mount(Tune, { target: document.body });
  await until(() => houseStyles.list !== null);
}

afterEach(async () => {
  if (room) await unmount(room);
  room = null;
});

const all = (id: string) => [...document.querySelectorAll<HTMLElement>(`[data-testid="${id}"]`)];
const one = (id: string): HTMLElement => {
  const found = all(id)[0];
  if (!found) throw new Error(`${id} is not there`);
  return found;
};
const click = (id: string, nth = 0): void => {
  const button = all(id)[nth] as HTMLButtonElement | undefined;
  if (!button || button.disabled) throw new Error(`${id} cannot be clicked`);
  button.click();
  flushSync();
};

async function until(ready: () => boolean, patience = 20_000): Promise<void> {
  const end = Date.now() + patience;
  while (!ready()) {
    if (Date.now() > end) throw new Error(`not reached: ${ready}`);
    await new Promise((done) => setTimeout(done, 12));
    flushSync();
  }
}
const phase = async (name: string) => {
  await until(() => one('tune').dataset.phase === name).catch((error: unknown) => {
    throw new Error(`${name} not reached, but ${one('tune').dataset.phase}`, { cause: error });
  });
};

test('documents are dropped, looked at, learnt, paused and gone on with; the style that comes of it is used', async () => {
  await open('tempo=1');
  expect((one('tune-start') as HTMLButtonElement).disabled).toBe(true);
  await imports.dropped(['/firm/Sales', '/firm/a.docx']);
  flushSync();
  expect(all('tune-chosen').map((row) => row.dataset.path)).toEqual(['/firm/Sales', '/firm/a.docx']);
  click('tune-remove', 1);
  expect((one('tune-name') as HTMLInputElement).value).toBe('Sales');

  const steps = one('tune-steps') as HTMLInputElement;
  steps.value = '36';
  steps.dispatchEvent(new Event('input', { bubbles: true }));
  click('tune-look');
  await until(() => all('tune-plan').length > 0);
  expect(all('tune-source').length).toBe(38);
  expect(one('tune-memory').dataset.enough).toBe('true');
  expect(one('tune-masked').dataset.count).toBe('1035');
  click('tune-start');

  await phase('learning');
  await until(() => Number(one('tune-chart').dataset.points) >= 8);
  expect(one('tune-step').dataset.steps).toBe('36');
  const before = Number(one('tune-step').dataset.step);
  await until(() => Number(one('tune-step').dataset.step) > before);
  click('tune-pause');
  await phase('paused');
  const stopped = Number(one('tune-step').dataset.step);
  click('tune-resume');
  await until(() => one('tune').dataset.phase === 'learning' && Number(one('tune-step').dataset.step) > stopped);

  await phase('done');
  expect(document.activeElement?.id).toBe('tune-result');
  expect(all('tune-figure').map((row) => row.dataset.figure)).toEqual(['perplexity', 'agreement', 'preference', 'rouge_l', 'chrf']);
  expect(one('tune-leaks').dataset.sound).toBe('true');
  expect(all('tune-sample').length).toBe(3);
  expect(document.querySelectorAll('.sample .before .other').length).toBeGreaterThan(0);
  click('decide-use');
  await until(() => tuning.tab === 'styles' && one('tune').dataset.phase === 'idle');
  const made = all('adapter').find((card) => card.querySelector('.style-name')?.textContent?.includes('Sales') && card.dataset.used === 'true');
  expect(made?.dataset.state).toBe('kept');
  expect(draft.chosen).toBe(0);
});

test('one click is enough, and cancelling keeps what was chosen and nothing else', async () => {
  await open('tempo=2');
  await imports.dropped(['/firm/Sales']);
  flushSync();
  click('tune-start');
  await phase('learning');
  click('tune-cancel');
  await until(() => all('tune-cancel-sure').length > 0);
  expect(tuning.active).toBe(true);
  click('tune-cancel-sure');
  await phase('idle');
  expect(all('tune-chosen').length).toBe(1);
  expect(houseStyles.list?.some((style) => style.name === 'Sales')).toBe(false);
});

test('a search over settings can be paused, left for another tuning, and gone on with', async () => {
  await open('tempo=2');
  await imports.dropped(['/firm/Sales']);
  draft.search = true;
  draft.steps = 8;
  flushSync();
  click('tune-start');
  await phase('reading');
  expect((one('tune-pause') as HTMLButtonElement).disabled).toBe(true);
  await phase('searching');
  click('tune-pause');
  await phase('paused');
  click('tune-back');
  await phase('idle');
  await until(() => all('tune-interrupted').some((row) => row.textContent?.includes('Sales')));
  expect(all('tune-look').length).toBe(1);
  draft.search = false;
  const row = all('tune-interrupted').findIndex((one) => one.textContent?.includes('Sales'));
  click('tune-resume', row);
  await phase('done');
});

test('an arrow key takes the neighbour of a choice', async () => {
  await open('tempo=1');
  const kinds = () => all('wall-kind').map((button) => button.getAttribute('aria-checked') === 'true');
  const press = (key: string) => {
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    flushSync();
  };
  all('wall-kind')[0]!.focus();
  press('ArrowRight');
  expect([kinds(), draft.wall.kind]).toEqual([[false, true, false, false], 'group']);
  expect(document.activeElement).toBe(all('wall-kind')[1]);
  press('ArrowLeft');
  press('ArrowLeft');
  expect(draft.wall.kind).toBe('matter');
  expect(all('wall-kind').map((button) => button.tabIndex)).toEqual([-1, -1, -1, 0]);
  one('tune-tab-new').focus();
  press('ArrowRight');
  expect([tuning.tab, document.activeElement?.id]).toEqual(['styles', 'tune-tab-styles']);
});

test('a style that leaks can only be discarded', async () => {
  await open('tempo=1&tune=leak');
  await imports.dropped(['/firm/Sales']);
  draft.steps = 5;
  flushSync();
  click('tune-start');
  await phase('done');
  expect(one('tune-leaks').dataset.sound).toBe('false');
  expect([all('decide-use').length, all('decide-keep').length]).toEqual([0, 0]);
  click('decide-discard');
  await phase('idle');
  expect(houseStyles.list?.some((style) => style.name === 'Sales')).toBe(false);
});

test('what begins with its first step again says so', async () => {
  await open('tempo=1&tune=anew');
  await imports.dropped(['/firm/Sales']);
  flushSync();
  click('tune-start');
  await until(() => all('tune-anew').length === 1);
  expect(one('tune-anew').textContent).toContain('第一步');
});

test('what could not go on says why, and can be gone on with', async () => {
  await open('tempo=1&tune=fail');
  await imports.dropped(['/firm/Sales']);
  flushSync();
  click('tune-start');
  await phase('failed');
  expect(one('tune-failure').textContent).toMatch(/disk is full/);
  await until(() => all('tune-resume').length > 0);
  click('tune-back');
  await phase('idle');
  await until(() => all('tune-interrupted').length === 2);
});

test('too little memory is told before anything begins; without a model one is led to the models', async () => {
  await open('tempo=0&tune=tight');
  await imports.dropped(['/firm/Sales']);
  flushSync();
  click('tune-look');
  await until(() => all('tune-memory').length > 0);
  expect(one('tune-memory').dataset.enough).toBe('false');
  await unmount(room!);
  await open('nomodel');
  await imports.dropped(['/firm/Sales']);
  flushSync();
  expect((one('tune-look') as HTMLButtonElement).disabled).toBe(true);
  click('tune-to-models');
  await until(() => app.room === 'models');
});

test('two styles are compared and mixed; a source is forgotten only after it was asked', async () => {
  await open('tempo=1');
  await pickTwo();
  click('adapter-compare');
  expect(one('adapter-compared').querySelectorAll('[data-figure]').length).toBe(5);
  click('adapter-mix');
  (one('adapter-mixing') as HTMLFormElement).requestSubmit();
  // It is tested where tunings are seen, and then shown in the list.
  await until(() => all('tune-progress').length === 1);
  expect(all('tune-pause').length).toBe(0);
  await until(() => all('adapter').length === 5);
  expect(all('adapter-detail').length).toBe(1);

  click('adapter-forget', 0);
  await until(() => all('adapter-forget-sure').length === 1);
  expect(tuning.tab).toBe('styles');
  click('adapter-forget-sure');
  await until(() => tuning.tab === 'new' && tuning.active);
});

test('a mix that leaks is not kept, and leads back to the styles', async () => {
  await open('tempo=1&tune=leak');
  await pickTwo();
  click('adapter-mix');
  (one('adapter-mixing') as HTMLFormElement).requestSubmit();
  await until(() => all('tune-failure').length === 1);
  expect(one('tune-failure').textContent).toContain('was not kept');
  click('tune-back');
  await until(() => tuning.tab === 'styles' && all('adapter').length === 4);
});

test('styles of two models cannot be mixed', async () => {
  await open('');
  click('tune-tab-styles');
  await until(() => all('adapter').length === 4);
  click('adapter-pick', 0);
  click('adapter-pick', 2);
  expect((one('adapter-mix') as HTMLButtonElement).disabled).toBe(true);
  expect((one('adapter-compare') as HTMLButtonElement).disabled).toBe(false);
});

test('the record is sorted, opened, and an interrupted run gone on with from there', async () => {
  await open('tempo=1');
  click('tune-tab-record');
  await until(() => all('run').length === 6);
  click('run-sort', 4);
  expect(all('run')[0]?.dataset.run).toBe('r3');
  all('run').find((row) => row.dataset.run === 'r5')!.querySelector<HTMLElement>('button')!.click();
  await until(() => all('run-detail').length > 0);
  expect(one('run-detail').dataset.run).toBe('r5');
  expect(one('tune-chart').dataset.points).toBe('80');
  expect(all('run-source').at(-1)?.dataset.side).toBe('left_out');
  click('tune-resume');
  await until(() => one('tune').dataset.tab === 'new' && one('tune').dataset.phase === 'learning');
  expect(Number(one('tune-step').dataset.step)).toBeGreaterThan(80);
});

test('clauses are read through and left out, one by one or a whole document', async () => {
  await open('');
  click('tune-tab-styles');
  await until(() => all('adapter').length > 0);
  click('adapter-open');
  click('house-clauses');
  await until(() => all('house-clause').length > 0);
  const used = () => all('house-clause').filter((clause) => clause.dataset.excluded === 'false').length;
  const count = used();
  // A name is looked for; of what is found one clause is left out.
  const find = one('house-clauses-find') as HTMLInputElement;
  find.value = 'jane smith';
  find.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  expect(all('house-document').length).toBe(4);
  expect(all('house-clause').length).toBe(4);
  all('house-clause')[0]!.querySelector('input')!.click();
  await until(() => all('house-clause')[0]!.dataset.excluded === 'true');
  find.value = '';
  find.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  expect(used()).toBe(count - 1);
  // While words are looked for, the tick of a document still is for all of it.
  find.value = 'jane smith';
  find.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  const last = () => all('house-document')[3]!;
  const shown = (n: number) => new RegExp(`\\b${n}\\b.*\\b3\\b`).test(last().querySelector('.faint')!.textContent!);
  expect(shown(3)).toBe(true);
  last().querySelector('input')!.click();
  await until(() => shown(0));
  last().querySelector('input')!.click();
  await until(() => shown(3));
  find.value = '';
  find.dispatchEvent(new Event('input', { bubbles: true }));
  flushSync();
  // The tick of a document is for all its clauses: off where any is used, then on.
  const tick = () => all('house-document')[0]!.querySelector('input')!;
  expect(tick().indeterminate).toBe(true);
  tick().click();
  await until(() => used() === count - 3);
  tick().click();
  await until(() => used() === count);
});
