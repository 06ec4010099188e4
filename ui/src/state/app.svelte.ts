// What the window shows: the open documents, the room one is in, and what needs saying.
import { api } from '../api';
import { toFailure } from '../editor/sync';
import { i18n } from '../i18n/index.svelte';
import type { Boot, Exported, Failure, Lang, ModelView, ServerView } from '../ipc';
import { Session } from './session.svelte';

export type Room = 'editor' | 'documents' | 'templates' | 'clauses' | 'models' | 'tune' | 'settings' | 'new' | 'template-edit' | 'word-form' | 'offers';
export type LeftTab = 'outline' | 'answers' | 'clauses';
export type RightTab = 'assistant' | 'findings' | 'versions' | 'remarks';

/** What is kept of the tabs between two days. */
interface Tabs {
  open: string[];
  front: string | null;
}

function readTabs(text: string | undefined): Tabs | null {
  try {
    const tabs = JSON.parse(text ?? '') as Tabs;
    return Array.isArray(tabs.open) ? tabs : null;
  } catch {
    return null;
  }
}

class App {
  boot = $state.raw<Boot | null>(null);
  room = $state<Room>('documents');
  sessions = $state.raw<Session[]>([]);
  active = $state.raw<Session | null>(null);
  left = $state<LeftTab>('outline');
  right = $state<RightTab>('findings');
  /** Side panels can be folded away; on a narrow window they lie over the page when open. */
  leftOpen = $state(true);
  rightOpen = $state(true);
  palette = $state(false);
  finding = $state(false);
  /** A calm line under the header. */
  failure = $state.raw<Failure | null>(null);
  /** Something done that can be undone. */
  notice = $state.raw<{ text: string; undo: (() => void) | null } | null>(null);
  exported = $state.raw<{ session: Session | null; result: Exported } | null>(null);
  /** What a template is made of. */
  material = $state.raw<{ document: string | null; path: string | null } | null>(null);
  exporting = $state(false);
  exportOptions = $state(false);
  models = $state.raw<ModelView[]>([]);
  /** Servers of one's own; while one is in use, the window says where text is sent. */
  server = $state.raw<ServerView | null>(null);
  /** Template being filled in or edited. */
  /** The Word file whose places are being filled. */
  wordForm = $state<string | null>(null);
  template = $state<string | null>(null);
  /** Form field of the open document that should get the focus. */
  focusField = $state<string | null>(null);
  /** What the clause library is asked for. */
  clauseQuery = $state('');
  private restoring = false;
  private noticeTimer: ReturnType<typeof setTimeout> | undefined;

  get kinds() {
    return this.boot?.kinds ?? [];
  }

  kindName(kind: string | null): string {
    return this.kinds.find((entry) => entry.kind === kind)?.name ?? kind ?? '';
  }

  get model(): ModelView | null {
    return this.models.find((model) => model.chosen) ?? null;
  }

  async start(): Promise<void> {
    const boot = await this.attempt(() => api.boot());
    if (!boot) return;
    this.boot = boot;
    i18n.use(boot.language);
    void this.loadModels();
    void this.loadServer();
    if (innerWidth < 1100) this.rightOpen = false;
    if (innerWidth < 860) this.leftOpen = false;
    await this.restoreTabs(boot);
  }

  /** The documents that were open come back: first the one that was in front, then the others in their order. */
  private async restoreTabs(boot: Boot): Promise<void> {
    const saved = readTabs((await this.attempt(() => api.settings()))?.tabs) ?? { open: boot.last_document ? [boot.last_document] : [], front: boot.last_document };
    this.restoring = true;
    if (saved.front) await this.open(saved.front, true);
    for (const id of saved.open) {
      if (this.sessions.some((session) => session.id === id)) continue;
      const view = await api.openDocument(id).catch(() => null);
      if (view) this.sessions = [...this.sessions, new Session(view)];
    }
    this.sessions = this.sessions.toSorted((a, b) => saved.open.indexOf(a.id) - saved.open.indexOf(b.id));
    this.restoring = false;
    this.rememberTabs();
  }

  private rememberTabs(): void {
    if (this.restoring) return;
    const tabs: Tabs = { open: this.sessions.map((session) => session.id), front: this.active?.id ?? null };
    void api.setSetting('tabs', JSON.stringify(tabs)).catch(() => undefined);
  }

  async loadModels(): Promise<void> {
    this.models = (await this.attempt(() => api.models())) ?? this.models;
  }

  async loadServer(): Promise<void> {
    this.server = (await this.attempt(() => api.server())) ?? this.server;
  }

  async language(lang: Lang): Promise<void> {
    i18n.use(lang);
    const boot = await this.attempt(() => api.setLanguage(lang));
    if (boot) this.boot = boot;
    // Findings and labels of fields come in the window's language.
    await this.active?.refresh();
  }

  /** Runs a command; a failure becomes the calm line, never an exception. */
  async attempt<T>(work: () => Promise<T>): Promise<T | null> {
    try {
      return await work();
    } catch (error) {
      this.failure = toFailure(error);
      return null;
    }
  }

  /** Like `attempt`, for commands that answer with nothing: tells whether it was done. */
  async done(work: () => Promise<unknown>): Promise<boolean> {
    return (await this.attempt(async () => (await work(), true))) === true;
  }

  say(text: string, undo: (() => void) | null = null): void {
    this.notice = { text, undo };
    clearTimeout(this.noticeTimer);
    this.noticeTimer = setTimeout(() => (this.notice = null), undo ? 12000 : 5000);
  }

  async go(room: Room): Promise<void> {
    await this.active?.sync.flush();
    this.exported = null;
    this.room = room === 'editor' && !this.active ? 'documents' : room;
  }

  async open(id: string, quiet = false): Promise<Session | null> {
    const known = this.sessions.find((session) => session.id === id);
    if (known) {
      await this.activate(known);
      return known;
    }
    try {
      const view = await api.openDocument(id);
      const session = new Session(view);
      this.sessions = [...this.sessions, session];
      await this.activate(session);
      return session;
    } catch (error) {
      if (!quiet) this.failure = toFailure(error);
      return null;
    }
  }

  /** Takes a document that was just made. */
  async adopt(session: Session): Promise<void> {
    this.sessions = [...this.sessions, session];
    await this.activate(session);
  }

  async activate(session: Session): Promise<void> {
    if (this.active !== session) await this.active?.sync.flush();
    this.active = session;
    this.exported = null;
    this.room = 'editor';
    this.rememberTabs();
  }

  async close(session: Session): Promise<void> {
    if (!(await session.sync.flush())) return;
    const index = this.sessions.indexOf(session);
    this.sessions = this.sessions.filter((other) => other !== session);
    session.stop();
    if (this.active === session) {
      this.active = this.sessions[Math.max(0, index - 1)] ?? null;
      if (!this.active && this.room === 'editor') this.room = 'documents';
    }
    this.rememberTabs();
  }

  /** A document left for the trash or for good: its tab goes with it. */
  forget(id: string): void {
    const session = this.sessions.find((other) => other.id === id);
    if (!session) return;
    session.stop();
    this.sessions = this.sessions.filter((other) => other !== session);
    if (this.active === session) this.active = this.sessions[0] ?? null;
    this.rememberTabs();
  }

  async flush(): Promise<boolean> {
    const done = await Promise.all(this.sessions.map((session) => session.sync.flush()));
    return done.every(Boolean);
  }

  async export(path: string | null): Promise<void> {
    const session = this.active;
    if (!session || this.exporting) return;
    this.exporting = true;
    if (await session.sync.flush()) {
      const result = await this.attempt(() => api.export(session.id, path, session.wish, session.assist.open));
      if (result) {
        this.exportOptions = false;
        this.exported = { session, result };
        void session.loadVersions();
      }
    }
    this.exporting = false;
  }
}

export const app = new App();
