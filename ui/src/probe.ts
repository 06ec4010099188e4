// What a keystroke costs in the open document, and whether frames come in time while a model writes. Only `moqi bench` asks.
import { TextSelection } from 'prosemirror-state';
import type { EditorView } from 'prosemirror-view';
import { api } from './api';
import { derivedKey } from './editor/derived';
import type { Frames } from './ipc';
import { app } from './state/app.svelte';
import type { Session } from './state/session.svelte';

const STROKES = 60;
/** Milliseconds between two keys of a quick typist. */
const BETWEEN = 80;

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Puts the caret into the paragraph in the middle of the document. */
function toTheMiddle(session: Session, view: EditorView): void {
  const { doc, tr } = view.state;
  let pos = 0;
  doc.forEach((block, at, index) => {
    if (!pos && index >= doc.childCount / 2 && block.isTextblock && block.content.size > 4) pos = at + 3;
  });
  session.dispatch(tr.setSelection(TextSelection.create(doc, pos)).scrollIntoView());
}

/** Types into the paragraph in the middle of the document and reports; a window without a document reports nothing typed. */
export async function keystrokes(): Promise<void> {
  const session = app.active;
  const view = session?.view;
  const times: number[] = [];
  let derived = 0;
  let frame = 0;
  let typed = 0;
  if (session && view) {
    toTheMiddle(session, view);
    view.focus();
    const dispatch = session.dispatch;
    session.dispatch = (tr) => {
      const start = performance.now();
      dispatch(tr);
      if (!tr.getMeta(derivedKey)) return;
      view.dom.getBoundingClientRect();
      derived = Math.max(derived, performance.now() - start);
    };
    let running = true;
    let last = performance.now();
    const tick = (now: number): void => {
      frame = Math.max(frame, now - last);
      last = now;
      if (running) requestAnimationFrame(tick);
    };
    await wait(300);
    last = performance.now();
    requestAnimationFrame(tick);
    const before = view.state.doc.content.size;
    for (let i = 0; i < STROKES; i++) {
      const start = performance.now();
      // The way of a real key: the browser changes the page, the editor reads the change and draws.
      document.execCommand('insertText', false, '字');
      await Promise.resolve();
      view.coordsAtPos(view.state.selection.head);
      times.push(performance.now() - start);
      await wait(BETWEEN);
    }
    running = false;
    typed = view.state.doc.content.size - before;
    session.dispatch = dispatch;
    await app.flush();
  }
  times.sort((a, b) => a - b);
  await api.measured({ type: 'keystrokes', median: times[times.length >> 1] ?? 0, longest: times[times.length - 1] ?? 0, derived, frame, typed });
}

/** Milliseconds the window is watched while nothing happens. */
const STILL = 3000;
/** Milliseconds from one frame to the next at 60 a second, and half of the next: later than that, one was left out. */
const LATE = (1000 / 60) * 1.5;

function figures(gaps: number[]): Frames {
  const sorted = [...gaps].sort((a, b) => a - b);
  return {
    watched: gaps.reduce((sum, gap) => sum + gap, 0),
    frames: gaps.length,
    median: sorted[sorted.length >> 1] ?? 0,
    longest: sorted[sorted.length - 1] ?? 0,
    late: gaps.filter((gap) => gap > LATE).length,
  };
}

/** Has the assistant draft at the middle of the document, and counts the frames before, while it reads and while it writes. */
export async function writing(): Promise<void> {
  const gaps = { still: [] as number[], reading: [] as number[], writing: [] as number[] };
  const session = app.active;
  const view = session?.view;
  let characters = 0;
  if (session && view) {
    toTheMiddle(session, view);
    await wait(1000);
    let now: keyof typeof gaps | null = 'still';
    let last = performance.now();
    const tick = (time: number): void => {
      if (now) gaps[now].push(time - last);
      last = time;
      if (now) requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    await wait(STILL);
    void session.assist.ask();
    while (session.assist.busy) {
      now = session.assist.phase === 'writing' ? 'writing' : 'reading';
      await wait(5);
    }
    now = null;
    characters = session.assist.proposals.length ? (view.dom.querySelector('.suggestion')?.textContent?.length ?? 0) : 0;
    session.assist.refuse();
  }
  await api.measured({ type: 'writing', still: figures(gaps.still), reading: figures(gaps.reading), writing: figures(gaps.writing), characters });
}
