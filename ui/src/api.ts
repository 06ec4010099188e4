// The program's commands, typed. The only file that knows how they travel.
import { Channel, invoke as tauriInvoke } from '@tauri-apps/api/core';
import type * as I from './ipc';

export interface Backend {
  invoke<T>(command: string, args: Record<string, unknown>): Promise<T>;
  channel<T>(listen: (event: T) => void): unknown;
}

const tauri: Backend = {
  invoke: (command, args) => tauriInvoke(command, args),
  channel: (listen) => {
    const channel = new Channel<never>();
    channel.onmessage = listen as (event: never) => void;
    return channel;
  },
};

let backend: Backend = tauri;

/** For development outside the window. */
export function useBackend(other: Backend): void {
  backend = other;
}

const call = <T>(command: string, args: Record<string, unknown> = {}): Promise<T> => backend.invoke<T>(command, args);
type Answers = Record<string, I.AnswerView>;

export const api = {
  boot: () => call<I.Boot>('boot'),
  setLanguage: (language: I.Lang) => call<I.Boot>('set_language', { language }),
  settings: () => call<Record<string, string>>('settings'),
  setSetting: (key: string, value: string) => call<void>('set_setting', { key, value }),

  templates: (query: string, language: I.Lang | null) => call<I.TemplateCard[]>('templates', { query, language }),
  template: (id: string) => call<I.TemplateView>('template', { id }),
  copyTemplate: (id: string) => call<I.TemplateView>('copy_template', { id }),
  addFileVersion: (id: string, path: string) => call<I.VersionCard>('add_file_version', { id, path }),
  remarks: (id: string) => call<I.ThreadView[]>('remarks', { id }),
  templateOffers: (document: string | null, path: string | null) => call<I.OffersView>('template_offers', { document, path }),
  templateFrom: (document: string | null, path: string | null, title: string, accepted: I.AcceptedView[]) =>
    call<I.TemplateView>('template_from', { document, path, title, accepted }),
  saveTemplate: (id: string, text: string) => call<I.TemplateView>('save_template', { id, text }),
  deleteTemplate: (id: string) => call<void>('delete_template', { id }),

  clauses: (query: string, kind: string | null, language: I.Lang | null, topic: string | null) =>
    call<I.ClauseCard[]>('clauses', { query, kind, language, topic }),
  clauseText: (id: string) => call<string>('clause_text', { id }),
  saveClause: (id: string | null, text: string) => call<I.ClauseCard>('save_clause', { id, text }),
  deleteClause: (id: string) => call<void>('delete_clause', { id }),

  documents: (query: string, trash: boolean) => call<I.DocumentCard[]>('documents', { query, trash }),
  chooseFiles: (folder: boolean) => call<string[]>('choose_files', { folder }),
  import: (paths: string[], listen: (event: I.ImportProgress) => void) => call<I.ImportView>('import', { paths, events: backend.channel(listen) }),
  cancelImport: () => call<void>('cancel_import'),
  originals: () => call<Record<string, string>>('originals'),
  saveOriginal: (id: string, name: string) => call<string | null>('save_original', { id, name }),
  createDocument: (template: string | null, title: string | null, language: I.Lang, answers: Answers) =>
    call<I.DocumentView>('create_document', { template, title, language, answers }),
  openDocument: (id: string) => call<I.DocumentView>('open_document', { id }),
  renameDocument: (id: string, title: string) => call<I.DocumentCard>('rename_document', { id, title }),
  trashDocument: (id: string) => call<void>('trash_document', { id }),
  restoreDocument: (id: string) => call<void>('restore_document', { id }),
  deleteDocument: (id: string) => call<void>('delete_document', { id }),
  duplicateDocument: (id: string) => call<I.DocumentCard>('duplicate_document', { id }),

  sync: (id: string, seq: number, change: I.Change) => call<I.Derived>('sync', { id, seq, change }),
  replace: (id: string, nodes: I.Node[]) => call<I.Derived>('replace', { id, nodes }),
  previewAnswers: (template: string, answers: Answers) => call<I.FieldView[]>('preview_answers', { template, answers }),
  setAnswers: (id: string, answers: Answers) => call<I.Answered>('set_answers', { id, answers }),
  insertClause: (id: string, clause: string, at: number) => call<I.ClauseInsert>('insert_clause', { id, clause, at }),
  fixChange: (id: string, key: string) => call<I.Change[]>('fix_change', { id, key }),
  fixAll: (id: string, rule: string | null) => call<I.Change[]>('fix_all', { id, rule }),
  ignoreFinding: (id: string, key: string, reason: string) => call<I.Derived>('ignore_finding', { id, key, reason }),
  unignoreFinding: (id: string, key: string) => call<I.Derived>('unignore_finding', { id, key }),

  versions: (id: string) => call<I.VersionCard[]>('versions', { id }),
  saveVersion: (id: string, label: string) => call<I.VersionCard>('save_version', { id, label }),
  version: (version: string) => call<I.DocumentView>('version', { version }),
  restoreVersion: (id: string, version: string) => call<I.DocumentView>('restore_version', { id, version }),

  export: (id: string, path: string | null, wish: I.ExportWish | null, proposal: I.Change | null) => call<I.Exported>('export', { id, path, wish, proposal }),
  wordPlaces: (path: string) => call<I.WordPlace[]>('word_places', { path }),
  fillWord: (path: string, values: Record<string, string>, rows: Record<string, Record<string, string>[]>) =>
    call<I.Exported>('fill_word', { path, values, rows }),
  versionChanges: (id: string, version: string) => call<I.ChangedView[]>('version_changes', { id, version }),
  exportRedline: (id: string, version: string) => call<I.Exported>('export_redline', { id, version }),
  chooseExportPath: (id: string) => call<string | null>('choose_export_path', { id }),
  openPath: (path: string) => call<void>('open_path', { path }),
  showInFolder: (path: string) => call<void>('show_in_folder', { path }),

  assist: (request: I.AssistRequest, listen: (event: I.AssistEvent) => void) =>
    call<number>('assist', { request, events: backend.channel(listen) }),
  cancel: (job: number) => call<void>('cancel', { job }),

  models: () => call<I.ModelView[]>('models'),
  chooseModel: (id: string) => call<I.ModelView[]>('choose_model', { id }),
  fetchModel: (id: string, accepted: boolean, listen: (event: I.FetchEvent) => void) => call<number>('fetch_model', { id, accepted, events: backend.channel(listen) }),
  addModel: (path: string) => call<I.ModelView[]>('add_model', { path }),
  pickModelFile: (folder: boolean) => call<string | null>('pick_model_file', { folder }),
  removeModel: (id: string) => call<I.ModelView[]>('remove_model', { id }),

  device: () => call<I.DeviceView>('device'),
  setDevice: (name: string) => call<I.DeviceView>('set_device', { name }),
  server: () => call<I.ServerView>('server'),
  allowServer: (address: string, key: string | null, plain: boolean) => call<I.ServerView>('allow_server', { address, key, plain }),
  forgetServer: (address: string) => call<I.ServerView>('forget_server', { address }),
  serverModels: (address: string) => call<string[]>('server_models', { address }),
  useServer: (address: string, model: string) => call<I.ServerView>('use_server', { address, model }),
  serverOff: () => call<I.ServerView>('server_off'),

  /** What would be learnt, and what it takes. Progress counts documents. */
  tunePlan: (wish: I.TuneWish, listen: (event: I.ImportProgress) => void) => call<I.TunePlan>('tune_plan', { wish, events: backend.channel(listen) }),
  cancelPlan: () => call<void>('cancel_plan'),
  tune: (wish: I.TuneWish) => call<void>('tune', { wish }),
  /** The state comes at once, and again whenever it changes, for as long as the window lives. */
  watchTuning: (listen: (event: I.TuningView) => void) => call<void>('watch_tuning', { events: backend.channel(listen) }),
  pauseTuning: () => call<void>('pause_tuning'),
  resumeTuning: (run: string) => call<void>('resume_tuning', { run }),
  /** Ends the tuning under way, or what is left of an interrupted one, for good. */
  cancelTuning: (run: string | null) => call<void>('cancel_tuning', { run }),
  /** The end was seen: idle again. */
  dismissTuning: () => call<void>('dismiss_tuning'),
  /** Writes examples and settings for a cluster into a folder that is chosen; its path, unless none is. */
  exportTuning: (wish: I.TuneWish) => call<string | null>('export_tuning', { wish }),
  decide: (adapter: string, decision: I.Decision) => call<I.AdapterView[]>('decide', { adapter, decision }),
  adapters: () => call<I.AdapterView[]>('adapters'),
  useAdapter: (id: string, on: boolean) => call<I.AdapterView[]>('use_adapter', { id, on }),
  renameAdapter: (id: string, name: string) => call<I.AdapterView[]>('rename_adapter', { id, name }),
  /** The firm's clauses that a style drafts from. */
  houseClauses: (id: string) => call<I.HouseClauseView[]>('house_clauses', { id }),
  excludeHouseClauses: (id: string, numbers: number[], excluded: boolean) => call<I.HouseClauseView[]>('exclude_house_clauses', { id, numbers, excluded }),
  setWall: (id: string, wall: I.WallView) => call<I.AdapterView[]>('set_wall', { id, wall }),
  /** Into a folder that is chosen, in PEFT's format; its path, unless none is chosen. */
  exportAdapter: (id: string) => call<string | null>('export_adapter', { id }),
  /** From a folder that is chosen; nothing where none is. */
  addAdapter: () => call<I.AdapterView[] | null>('add_adapter'),
  deleteAdapter: (id: string) => call<I.AdapterView[]>('delete_adapter', { id }),
  mixAdapters: (parts: I.MixPart[], name: string) => call<void>('mix_adapters', { parts, name }),
  /** Learns every adapter that knows this source again without it, and deletes the old ones. */
  forgetSource: (hash: string, title: string) => call<void>('forget_source', { hash, title }),
  /** Clients, matters and groups that are known, to choose from. */
  walls: () => call<I.WallView[]>('walls'),
  matter: (document: string) => call<I.MatterView>('matter', { document }),
  setMatter: (document: string, matter: I.MatterView) => call<I.MatterView>('set_matter', { document, matter }),
  runs: () => call<I.RunView[]>('runs'),
  run: (id: string) => call<I.RunDetail>('run', { id }),
  /** As `csv` (all runs, or the losses of one) or `tensorboard` (one), where the person chooses. */
  exportRun: (id: string | null, format: 'csv' | 'tensorboard') => call<string | null>('export_run', { id, format }),

  search: (query: string) => call<I.Hit[]>('search', { query }),
  usable: () => call<void>('usable'),
  measured: (figures: I.Measured) => call<void>('measured', { figures }),
  flushed: () => call<void>('flushed'),
  logError: (message: string) => call<void>('log_error', { message }),
};
