// One open document: the editor's state, what the program derived from it, and the way between them.
import type { Node as PMNode } from 'prosemirror-model';
import { type EditorState, Plugin, TextSelection, type Transaction } from 'prosemirror-state';
import type { Mapping } from 'prosemirror-transform';
import { EditorView } from 'prosemirror-view';
import { api } from '../api';
import { docFromNodes } from '../editor/convert';
import { Atoms, derivedKey, findingRange, receive, showFinding } from '../editor/derived';
import { applyChange, applyTogether, blockStart, diffBlocks } from '../editor/diff';
import { currentBlock, styleAt, type StyleName } from '../editor/blocks';
import { findId } from '../editor/inline';
import { nodeViews } from '../editor/nodeviews';
import { outline, type OutlineEntry } from '../editor/outline';
import { createState } from '../editor/setup';
import { Sync, toFailure, type SaveState } from '../editor/sync';
import { isInTable, tableCommands } from '../editor/tables';
import type { AnswerView, Answered, Change, ChipView, Derived, DocumentCard, DocumentView, ExportWish, Failure, ThreadView, FieldView, FindingView, VersionCard } from '../ipc';
import { Assist } from './assist.svelte';

export class Session {
  readonly id: string;
  card = $state.raw<DocumentCard>({} as DocumentCard);
  fields = $state.raw<FieldView[]>([]);
  answers = $state.raw<Record<string, AnswerView>>({});
  findings = $state.raw<FindingView[]>([]);
  chips = $state.raw<Record<string, ChipView>>({});
  words = $state(0);
  savedAt = $state(0);
  save = $state<SaveState>('saved');
  failure = $state.raw<Failure | null>(null);
  outline = $state.raw<OutlineEntry[]>([]);
  /** Block the caret is in. */
  block = $state(0);
  style = $state<StyleName | null>(null);
  inTable = $state(false);
  canMerge = $state(false);
  canSplit = $state(false);
  shown = $state<string | null>(null);
  conflicts = $state(0);
  versions = $state.raw<VersionCard[]>([]);
  preview = $state.raw<{ card: VersionCard; view: DocumentView } | null>(null);
  /** How it is exported, as long as it is open. */
  wish = $state.raw<ExportWish>({ look: null, contents: null, page_numbers: null, two_sided: null, protection: null, controls: false, findings: false, comments: false, suggestions: false });
  /** Comments of the file it was imported from. */
  remarks = $state.raw<ThreadView[]>([]);
  scroll = 0;
  view: EditorView | null = null;
  editor: EditorState;
  readonly sync: Sync;
  readonly assist: Assist;
  /** Called when a chip is clicked. */
  onChip: ((field: string) => void) | null = null;
  private readonly atoms = new Atoms();
  private outlineTimer: ReturnType<typeof setTimeout> | undefined;
  private caretFrame = 0;

  constructor(document: DocumentView) {
    this.id = document.card.id;
    const doc = docFromNodes(document.nodes);
    this.editor = createState(doc, document.derived, this.atoms, [this.mouse()]);
    this.sync = new Sync(doc, document.derived.seq, {
      send: (seq, change) => api.sync(this.id, seq, change),
      replace: (nodes) => api.replace(this.id, nodes),
      derived: (derived, at, since) => this.receive(derived, at, since),
      state: (state, failure) => {
        this.save = state;
        this.failure = failure;
      },
      composing: () => this.view?.composing ?? false,
    });
    this.assist = new Assist(this);
    this.take(document);
    void this.loadRemarks();
  }

  private async loadRemarks(): Promise<void> {
    try {
      this.remarks = await api.remarks(this.id);
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  private take(document: DocumentView): void {
    this.card = document.card;
    this.fields = document.fields;
    this.answers = document.answers;
    this.show(document.derived);
  }

  private show(derived: Derived): void {
    this.findings = derived.findings;
    this.chips = derived.chips;
    this.words = derived.words;
    this.savedAt = derived.saved_at;
    this.readOutline();
  }

  mount(place: HTMLElement, attributes: Record<string, string>): void {
    this.view = new EditorView(
      { mount: place },
      {
        state: this.editor,
        nodeViews: nodeViews(this.atoms),
        attributes,
        dispatchTransaction: (tr) => this.dispatch(tr),
        handleDOMEvents: {
          compositionend: () => {
            setTimeout(() => this.sync.composed(), 0);
            return false;
          },
        },
      },
    );
    this.readCaret();
  }

  unmount(): void {
    this.view?.destroy();
    this.view = null;
  }

  stop(): void {
    this.assist.cancel();
    this.sync.stop();
    clearTimeout(this.outlineTimer);
  }

  dispatch = (tr: Transaction): void => {
    const next = this.editor.applyTransaction(tr);
    this.editor = next.state;
    this.view?.updateState(next.state);
    for (const one of next.transactions) {
      this.sync.edited(one);
      this.assist.edited(one);
    }
    if (tr.docChanged) this.readOutlineSoon();
    if ((tr.docChanged || tr.selectionSet) && !this.caretFrame) {
      this.caretFrame = requestAnimationFrame(() => this.readCaret());
    }
  };

  private receive(derived: Derived, doc: PMNode, since: Mapping | null): void {
    this.dispatch(receive(this.editor, derived, doc, since));
    this.show(derived);
  }

  private readCaret(): void {
    this.caretFrame = 0;
    this.block = currentBlock(this.editor)?.index ?? 0;
    this.style = styleAt(this.editor);
    this.inTable = isInTable(this.editor);
    this.canMerge = this.inTable && tableCommands.mergeCells(this.editor);
    this.canSplit = this.inTable && tableCommands.splitCell(this.editor);
  }

  private readOutline(): void {
    clearTimeout(this.outlineTimer);
    this.outline = outline(this.editor.doc, derivedKey.getState(this.editor));
  }

  private readOutlineSoon(): void {
    clearTimeout(this.outlineTimer);
    this.outlineTimer = setTimeout(() => this.readOutline(), 400);
  }

  /** Clicks on chips lead to the form, Ctrl-clicks on references to their clause. */
  private mouse(): Plugin {
    return new Plugin({
      props: {
        handleClickOn: (_view, _pos, node, _nodePos, event) => {
          if (node.type.name === 'field') {
            const field = this.chips[node.attrs.expr]?.field;
            if (field) this.onChip?.(field);
          } else if (node.type.name === 'reference' && (event.ctrlKey || event.metaKey)) {
            this.jumpToId(node.attrs.target);
            return true;
          }
          return false;
        },
        handleClick: (view, pos, event) => {
          const mark = (event.target as Element).closest?.('.finding');
          const key = mark && this.findings.find((finding) => {
            const range = findingRange(view.state, finding.key);
            return range && range.from <= pos && pos <= range.to;
          })?.key;
          if (key) this.shown = key;
          return false;
        },
        handleDOMEvents: {
          click: (_view, event) => {
            if ((event.target as Element).closest?.('a')) event.preventDefault();
            return false;
          },
        },
      },
    });
  }

  focus(): void {
    this.view?.focus();
  }

  /** Brings a position into the middle of the page and lets it flash. */
  jumpTo(from: number, to = from, focus = true): void {
    const { view } = this;
    if (!view) return;
    const doc = this.editor.doc;
    const at = Math.min(from, doc.content.size);
    const selection = TextSelection.between(doc.resolve(Math.min(at + (doc.resolve(at).depth === 0 ? 1 : 0), doc.content.size)), doc.resolve(Math.min(Math.max(to, at), doc.content.size)));
    this.dispatch(this.editor.tr.setSelection(selection.empty ? selection : TextSelection.near(selection.$from)));
    const { node } = view.domAtPos(selection.from);
    const element = (node instanceof Element ? node : node.parentElement)?.closest<HTMLElement>('.b, .line, td, th');
    const block = element?.closest<HTMLElement>('.b') ?? element;
    block?.scrollIntoView({ block: 'center' });
    if (focus) view.focus();
    flash(block);
  }

  jumpToBlock(index: number): void {
    this.jumpTo(blockStart(this.editor.doc, index));
  }

  jumpToId(id: string): void {
    const pos = findId(this.editor.doc, id);
    if (pos !== null) this.jumpTo(pos);
  }

  jumpToFinding(key: string, focus = true): void {
    this.shown = key;
    const range = findingRange(this.editor, key);
    this.dispatch(showFinding(this.editor, key));
    if (range) this.jumpTo(range.from, range.to, focus);
  }

  /** Block index of a finding where it stands now. */
  blockOf(key: string): number | null {
    const range = findingRange(this.editor, key);
    return range ? this.editor.doc.resolve(range.from).index(0) : null;
  }

  stepFinding(by: 1 | -1): void {
    const open = this.findings.filter((finding) => finding.ignored === null);
    const head = this.editor.selection.head;
    const placed = open
      .map((finding) => ({ finding, range: findingRange(this.editor, finding.key) }))
      .filter((entry) => entry.range !== null)
      .sort((a, b) => a.range!.from - b.range!.from);
    if (!placed.length) return;
    const at = placed.findIndex((entry) => entry.finding.key === this.shown);
    const index = at >= 0 ? at + by : by > 0 ? placed.findIndex((entry) => entry.range!.from > head) : placed.findLastIndex((entry) => entry.range!.from < head);
    const next = placed[(Math.max(index, by > 0 && at < 0 ? 0 : index) + placed.length) % placed.length];
    if (next) this.jumpToFinding(next.finding.key);
  }

  highlightField(field: string | null): void {
    this.atoms.highlight(field, this.chips)?.scrollIntoView({ block: 'center', behavior: 'smooth' });
  }

  /** Applies changes that all speak of the present text, as one undo step, and sends them. */
  applyTogether(changes: Change[]): void {
    const tr = this.editor.tr;
    applyTogether(tr, changes);
    if (tr.docChanged) this.dispatch(tr.scrollIntoView());
  }

  /** Mends one finding, or with `rule` every finding of that rule. */
  async mend(key: string | null, rule: string | null): Promise<void> {
    for (let round = 0; round < 3; round++) {
      const { answer, doc } = await this.sync.command(() => (key ? api.fixChange(this.id, key) : api.fixAll(this.id, rule)), () => null);
      // Typed into meanwhile: ask again, so that no word is lost.
      if (diffBlocks(doc, this.editor.doc)) continue;
      this.applyTogether(answer);
      return;
    }
  }

  async ignore(key: string, reason: string | null): Promise<void> {
    await this.sync.command(
      () => (reason === null ? api.unignoreFinding(this.id, key) : api.ignoreFinding(this.id, key, reason)),
      (derived) => derived,
    );
  }

  async setAnswers(answers: Record<string, AnswerView>): Promise<void> {
    for (let round = 0; round < 4; round++) {
      const { answer, doc } = await this.sync.command<Answered>(() => api.setAnswers(this.id, answers), (answered) => answered.derived);
      this.answers = answers;
      this.fields = answer.fields;
      if (answer.changes.length && diffBlocks(doc, this.editor.doc)) continue;
      this.conflicts = answer.conflicts;
      const tr = this.editor.tr;
      for (const change of answer.changes) applyChange(tr, change);
      if (tr.docChanged) this.dispatch(tr);
      return;
    }
  }

  /** The form with the fields of a clause that stands in the text now. */
  async adoptFields(clause: string): Promise<void> {
    try {
      this.fields = (await api.insertClause(this.id, clause, 0)).fields;
    } catch {
      // The clause stands in the text all the same; its chips say that they are empty.
    }
  }

  async insertClause(clause: string): Promise<void> {
    for (let round = 0; round < 3; round++) {
      const at = this.afterClause();
      const { answer, doc } = await this.sync.command(() => api.insertClause(this.id, clause, at), () => null);
      if (diffBlocks(doc, this.editor.doc)) continue;
      const tr = this.editor.tr;
      applyChange(tr, answer.change);
      this.fields = answer.fields;
      this.dispatch(tr);
      this.jumpToBlock(answer.change.from);
      return;
    }
  }

  /** Index behind the clause at the caret: before the next heading of the same or a higher level, or a signature. */
  afterClause(): number {
    const { doc } = this.editor;
    const at = currentBlock(this.editor)?.index ?? doc.childCount - 1;
    let level = 1;
    for (let i = at; i >= 0; i--) {
      const block = doc.child(i);
      if (block.type.name === 'heading') {
        level = Math.min(block.attrs.level, 1);
        break;
      }
    }
    let index = at + 1;
    while (index < doc.childCount) {
      const block = doc.child(index);
      const { name } = block.type;
      if (name === 'signature' || name === 'page_break' || name === 'footnote') break;
      if (name === 'heading' && block.attrs.level <= level) break;
      index++;
    }
    return index;
  }

  async loadVersions(): Promise<void> {
    try {
      this.versions = await api.versions(this.id);
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  /** Puts a document from the program in place of this text (a restored version). */
  adopt(document: DocumentView): void {
    const doc = docFromNodes(document.nodes);
    this.editor = createState(doc, document.derived, this.atoms, [this.mouse()]);
    this.view?.updateState(this.editor);
    this.sync.reset(doc, document.derived.seq);
    this.take(document);
    this.readCaret();
  }

  /** Asks the program again for all it derives, in the window's present language. */
  async refresh(): Promise<void> {
    if (!(await this.sync.flush())) return;
    try {
      const { answer } = await this.sync.command(() => api.openDocument(this.id), (document) => document.derived);
      this.card = answer.card;
      this.fields = answer.fields;
    } catch (error) {
      this.failure = toFailure(error);
    }
  }
}

function flash(element: HTMLElement | null | undefined): void {
  if (!element) return;
  element.classList.remove('flash');
  requestAnimationFrame(() => {
    element.classList.add('flash');
    setTimeout(() => element.classList.remove('flash'), 1200);
  });
}
