// House styles: what models have learnt from the firm's documents, and for whom they may write.
import { api } from '../api';
import { t } from '../i18n/index.svelte';
import type { AdapterView, Decision, WallView } from '../ipc';
import { app } from './app.svelte';

class HouseStyles {
  list = $state.raw<AdapterView[] | null>(null);
  /** Clients, matters and groups that are known. */
  walls = $state.raw<WallView[]>([]);
  /** The one whose details are open. */
  open = $state<string | null>(null);

  of(id: string): AdapterView | null {
    return this.list?.find((style) => style.id === id) ?? null;
  }

  async load(): Promise<void> {
    await this.set(() => api.adapters());
  }

  async loadWalls(): Promise<void> {
    this.walls = (await app.attempt(() => api.walls())) ?? this.walls;
  }

  /** Runs a command and shows what there is afterwards. */
  async set(work: () => Promise<AdapterView[] | null>): Promise<boolean> {
    const list = await app.attempt(work);
    if (list) this.list = list;
    return list !== null;
  }

  async decide(style: string, decision: Decision): Promise<boolean> {
    return this.set(() => api.decide(style, decision));
  }

  async setWall(style: string, wall: WallView): Promise<void> {
    if (await this.set(() => api.setWall(style, wall))) await this.loadWalls();
  }

  async export(style: string): Promise<void> {
    const path = await app.attempt(() => api.exportAdapter(style));
    if (path) app.say(t('tune.written', { path }));
  }

  /** Names of a kind that were used before, for a field to offer. */
  names(kind: 'client' | 'matter' | 'group'): string[] {
    const found = this.walls.flatMap((wall) => {
      if (wall.kind === 'firm') return [];
      if (kind === 'client' && wall.kind === 'matter') return wall.client ? [wall.client] : [];
      return wall.kind === kind ? [wall.name] : [];
    });
    return [...new Set(found)].filter(Boolean).sort((a, b) => a.localeCompare(b));
  }
}

export const houseStyles = new HouseStyles();
