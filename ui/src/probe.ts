// What a keystroke costs in the open document. Only `moqi bench open` asks.
import { TextSelection } from 'prosemirror-state';
import { api } from './api';
import { derivedKey } from './editor/derived';
import { app } from './state/app.svelte';

const STROKES = 60;
/** Milliseconds between two keys of a quick typist. */
const BETWEEN = 80;

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** Types into the paragraph in the middle of the document and reports; a window without a document reports nothing typed. */
export async function keystrokes(): Promise<void> {
  const session = app.active;
  const view = session?.view;
  const times: number[] = [];
  let derived = 0;
  let frame = 0;
  let typed = 0;
  if (session && view) {
    let pos = 0;
    view.state.doc.forEach((block, at, index) => {
      if (!pos && index >= view.state.doc.childCount / 2 && block.isTextblock && block.content.size > 4) pos = at + 3;
    });
    session.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, pos)).scrollIntoView());
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
  await api.measured({ median: times[times.length >> 1] ?? 0, longest: times[times.length - 1] ?? 0, derived, frame, typed });
}
