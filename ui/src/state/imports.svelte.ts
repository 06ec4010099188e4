// The import that is running or has just ended, kept beside the rooms so that leaving the room does not lose sight of it.
import { api } from '../api';
import type { ImportView } from '../ipc';
import { app } from './app.svelte';
import { draft } from './tune-draft.svelte';
import { tuning } from './tuning.svelte';

class Imports {
  running = $state(false);
  done = $state(0);
  total = $state(0);
  /** Seconds left, once there is something to guess them from. */
  left = $state<number | null>(null);
  result = $state.raw<ImportView | null>(null);
  /** Counts the imports that ended, for lists that show documents. */
  ended = $state(0);

  /** Asks for files or a folder, and imports them. */
  async choose(folder: boolean): Promise<void> {
    const paths = await app.attempt(() => api.chooseFiles(folder));
    if (paths?.length) await this.begin(paths);
  }

  /**
   * Files dropped on the window: among the templates one Word file is a form to fill, while documents to tune on are
   * chosen they are chosen, elsewhere they are imported.
   */
  async dropped(paths: string[]): Promise<void> {
    if (app.room === 'templates' && paths.length === 1 && paths[0]!.toLowerCase().endsWith('.docx')) {
      app.wordForm = paths[0]!;
      await app.go('word-form');
    } else if (app.room === 'tune' && tuning.choosing) {
      draft.add(paths, null);
    } else {
      await this.begin(paths);
    }
  }

  async begin(paths: string[]): Promise<void> {
    if (this.running) return;
    const started = performance.now();
    [this.running, this.done, this.total, this.left, this.result] = [true, 0, 0, null, null];
    const result = await app.attempt(() =>
      api.import(paths, ({ done, total }) => {
        [this.done, this.total] = [done, total];
        const seconds = (performance.now() - started) / 1000;
        this.left = done > 0 && seconds > 1 ? Math.ceil((seconds / done) * (total - done)) : null;
      }),
    );
    this.running = false;
    this.ended += 1;
    if (!result) return;
    const [only] = result.imported;
    const quiet = result.imported.length === 1 && !result.refused.length && !result.others && !only!.warnings.length;
    // One file without anything to say is opened, as a file that is opened anywhere else.
    if (quiet) await app.open(only!.card.id);
    else this.result = result;
  }

  async cancel(): Promise<void> {
    await app.attempt(() => api.cancelImport());
  }
}

export const imports = new Imports();
