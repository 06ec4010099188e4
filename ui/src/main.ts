import { mount } from 'svelte';
import 'prosemirror-view/style/prosemirror.css';
import 'prosemirror-gapcursor/style/gapcursor.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/panels.css';
import './styles/page.css';
import './styles/tune.css';
import { api, useBackend } from './api';
import App from './App.svelte';
import { keystrokes, writing } from './probe';
import { app } from './state/app.svelte';
import { imports } from './state/imports.svelte';
import { tuning } from './state/tuning.svelte';

declare global {
  interface Window {
    /** For the program: before it closes the window it wants what is not saved yet; files dropped on it are imported; its benchmark wants keystrokes typed, and frames counted. */
    __moqi: { flush: () => Promise<boolean>; close: () => void; import: (paths: string[]) => void; keystrokes: () => void; writing: () => void };
  }
}

async function start(): Promise<void> {
  // Outside the window there is no program: development runs against one that is acted. Not in the shipped bundle.
  if ((import.meta.env.DEV || import.meta.env.MODE === 'mock') && !('__TAURI_INTERNALS__' in window)) {
    const { mock } = await import('./dev/mock');
    useBackend(mock());
  }
  window.__moqi = { flush: () => app.flush(), close: () => void app.flush().finally(() => void api.flushed()), import: (paths) => void imports.dropped(paths), keystrokes: () => void keystrokes(), writing: () => void writing() };
  const report = (message: string) => void api.logError(message).catch(() => undefined);
  addEventListener('error', (event) => report(`${event.message} ${event.filename}:${event.lineno}`));
  addEventListener('unhandledrejection', (event) => report(event.reason instanceof Error ? (event.reason.stack ?? event.reason.message) : 'rejected'));
  addEventListener('beforeunload', () => void app.flush());
  document.addEventListener('visibilitychange', () => document.hidden && void app.flush());
  mount(App, { target: document.getElementById('app')! });
  await app.start();
  void tuning.watch();
  // Two frames later the first view is painted.
  requestAnimationFrame(() => requestAnimationFrame(() => void api.usable().catch(() => undefined)));
}

void start();
