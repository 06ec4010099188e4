// What is to be learnt from, on which model and for whom: kept while one looks into other rooms.
import { api } from '../api';
import { toFailure } from '../editor/sync';
import { t } from '../i18n/index.svelte';
import type { DocumentCard, Effort, TunePlan, TuneWish, WallView } from '../ipc';
import { wallOpen } from '../parts/tune/words';
import { app } from './app.svelte';
import { houseStyles } from './house-styles.svelte';

export interface ChosenPath {
  path: string;
  folder: boolean;
}

export const baseName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
const stem = (name: string): string => name.replace(/\.[^.]+$/, '');
/** Whether a path that was dropped names a file: documents and labelled examples have these endings. */
export const isFile = (path: string): boolean => /\.(docx?|rtf|md|markdown|txt|jsonl?|csv|pdf)$/i.test(path);

/** What the result may be called: after the folder, else after what is chosen first. */
export function defaultName(paths: readonly ChosenPath[], titles: readonly string[]): string {
  const folder = paths.find((one) => one.folder);
  if (folder) return baseName(folder.path);
  const parents = new Set(paths.map(({ path }) => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')))));
  const [parent] = parents;
  if (paths.length > 1 && parents.size === 1 && parent) return baseName(parent);
  if (paths[0]) return stem(baseName(paths[0].path));
  return titles[0] ?? '';
}

class TuneDraft {
  paths = $state.raw<ChosenPath[]>([]);
  documents = $state.raw<DocumentCard[]>([]);
  /** The model that was chosen here; else the one that drafts. */
  private picked = $state<string | null>(null);
  /** The name that was typed; else one made of what is chosen. */
  private typed = $state<string | null>(null);
  wall = $state.raw<WallView>({ kind: 'firm' });
  private onto = $state<string | null>(null);
  effort = $state<Effort>('usual');
  steps = $state<number | null>(null);
  augment = $state(false);
  search = $state(false);
  plan = $state.raw<TunePlan | null>(null);
  /** Documents read for the plan, while it is made. */
  reading = $state.raw<{ done: number; total: number } | null>(null);
  busy = $state(false);
  private asked = 0;

  get models() {
    return app.models.filter((model) => model.installed);
  }

  get model(): string | null {
    const { models } = this;
    return (models.find((model) => model.id === this.picked) ?? models.find((model) => model.chosen) ?? models[0])?.id ?? null;
  }

  set model(id: string | null) {
    this.picked = id;
  }

  get name(): string {
    return this.typed ?? defaultName(this.paths, this.documents.map((card) => card.title));
  }

  set name(name: string) {
    this.typed = name;
  }

  /** Earlier house styles of this model that can be gone on from. */
  get bases() {
    return (houseStyles.list ?? []).filter((style) => style.model === this.model && style.state === 'kept');
  }

  get from(): string | null {
    return this.bases.some((style) => style.id === this.onto) ? this.onto : null;
  }

  set from(id: string | null) {
    this.onto = id;
  }

  get chosen(): number {
    return this.paths.length + this.documents.length;
  }

  /** Why it cannot begin yet. */
  get lacking(): 'sources' | 'model' | 'name' | 'wall' | null {
    if (!this.chosen) return 'sources';
    if (!this.model) return 'model';
    if (!this.name.trim()) return 'name';
    return wallOpen(this.wall) ? 'wall' : null;
  }

  add(paths: readonly string[], folder: boolean | null): void {
    const known = new Set(this.paths.map((one) => one.path));
    this.paths = [...this.paths, ...[...new Set(paths)].filter((path) => !known.has(path)).map((path) => ({ path, folder: folder ?? !isFile(path) }))];
    this.plan = null;
  }

  async choose(folder: boolean): Promise<void> {
    const paths = await app.attempt(() => api.chooseFiles(folder));
    if (paths?.length) this.add(paths, folder);
  }

  remove(path: string): void {
    this.paths = this.paths.filter((one) => one.path !== path);
  }

  /** Takes a document of the program, or leaves it again. */
  toggle(card: DocumentCard): void {
    this.documents = this.documents.some((one) => one.id === card.id) ? this.documents.filter((one) => one.id !== card.id) : [...this.documents, card];
  }

  wish(): TuneWish | null {
    const { model } = this;
    if (this.lacking || !model) return null;
    return {
      paths: this.paths.map((one) => one.path),
      documents: this.documents.map((card) => card.id),
      model,
      name: this.name.trim(),
      wall: this.wall,
      from: this.from,
      effort: this.effort,
      steps: this.steps,
      augment: this.augment,
      search: this.search,
    };
  }

  async look(): Promise<void> {
    const wish = this.wish();
    if (!wish || this.reading) return;
    const turn = ++this.asked;
    this.reading = { done: 0, total: 0 };
    try {
      const plan = await api.tunePlan(wish, (progress) => turn === this.asked && (this.reading = progress));
      if (turn === this.asked) this.plan = plan;
    } catch (error) {
      // That it was stopped needs no saying.
      if (turn === this.asked) app.failure = toFailure(error);
    }
    if (turn === this.asked) this.reading = null;
  }

  async stopLooking(): Promise<void> {
    this.asked++;
    this.reading = null;
    await app.attempt(() => api.cancelPlan());
  }

  async begin(): Promise<void> {
    const wish = this.wish();
    if (!wish || this.busy) return;
    this.busy = true;
    if (await app.done(() => api.tune(wish))) this.plan = null;
    this.busy = false;
  }

  async exportForCluster(): Promise<void> {
    const wish = this.wish();
    if (!wish || this.busy) return;
    this.busy = true;
    const path = await app.attempt(() => api.exportTuning(wish));
    this.busy = false;
    if (path) app.say(t('tune.written', { path }));
  }

  /** What was learnt need not be chosen again. */
  clear(): void {
    [this.paths, this.documents, this.typed, this.onto, this.plan] = [[], [], null, null, null];
  }
}

export const draft = new TuneDraft();
