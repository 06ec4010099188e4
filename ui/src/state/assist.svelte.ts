// One conversation with the assistant at a time: it proposes in the page, the lawyer decides.
import type { Node as PMNode } from 'prosemirror-model';
import type { Transaction } from 'prosemirror-state';
import { Mapping } from 'prosemirror-transform';
import { api } from '../api';
import { nodeFromBlock } from '../editor/convert';
import { currentBlock } from '../editor/blocks';
import { accept, blocksBetween, rangeOfChange, suggest, suggestKey } from '../editor/suggest';
import { drawSuggestion, type SuggestDom } from '../editor/suggest-dom';
import { toFailure } from '../editor/sync';
import type { AssistEvent, AssistTask, Change, Failure, Proposal } from '../ipc';
import type { Session } from './session.svelte';

export type AssistPhase = 'idle' | 'reading' | 'writing' | 'proposed';

export class Assist {
  task = $state<AssistTask>('draft');
  instruction = $state('');
  phase = $state<AssistPhase>('idle');
  reading = $state.raw<{ done: number; total: number } | null>(null);
  proposals = $state.raw<Proposal[]>([]);
  /** Which proposal stands in the page. */
  shown = $state(-1);
  why = $state<string | null>(null);
  fetch = $state<string | null>(null);
  failure = $state.raw<Failure | null>(null);
  cancelled = $state(false);
  private job: number | null = null;
  /** Counts the questions: events of an earlier one are not heard. */
  private turn = 0;
  private dom: SuggestDom | null = null;
  /** The text that was asked about, which proposals speak of, and what was typed since. */
  private asked: PMNode | null = null;
  private since = new Mapping();

  constructor(private readonly session: Session) {}

  get busy(): boolean {
    return this.phase === 'reading' || this.phase === 'writing';
  }

  /** The proposal that stands in the page, in terms of the present text. */
  get open(): Change | null {
    const proposal = this.phase === 'proposed' ? this.proposals[this.shown] : undefined;
    if (!proposal || !this.asked) return null;
    const { doc } = this.session.editor;
    const { from, to } = rangeOfChange(this.asked, proposal.change, this.since);
    const blocks = blocksBetween(doc, { from, to });
    return { ...proposal.change, from: doc.resolve(from).index(0), remove: blocks.length };
  }

  /** Tells of a transaction, so that a proposal finds its place in what was typed meanwhile. */
  edited(tr: Transaction): void {
    if (tr.docChanged && this.asked) this.since.appendMapping(tr.mapping);
  }

  async ask(): Promise<void> {
    if (this.busy) return;
    this.drop();
    const turn = ++this.turn;
    this.phase = 'reading';
    this.failure = null;
    this.cancelled = false;
    this.why = this.fetch = null;
    this.proposals = [];
    const { session } = this;
    if (!(await session.sync.flush())) {
      this.phase = 'idle';
      return;
    }
    const at = currentBlock(session.editor);
    this.asked = session.editor.doc;
    this.since = new Mapping();
    this.dom = drawSuggestion({
      accept: () => this.accept(),
      again: () => void this.ask(),
      refuse: () => this.refuse(),
      stop: () => this.cancel(),
    });
    const pos = at ? at.pos + at.node.nodeSize : session.editor.doc.content.size;
    session.dispatch(suggest(session.editor, { dom: this.dom.element, from: pos, to: pos, change: null }));
    // At the foot of the view the words would come unseen.
    this.dom.element.scrollIntoView({ block: 'nearest' });
    try {
      const job = await api.assist(
        { document: session.id, task: this.task, block: at?.index ?? 0, instruction: this.instruction.trim() },
        (event) => turn === this.turn && this.hear(event),
      );
      if (turn === this.turn && this.busy) this.job = job;
    } catch (error) {
      if (turn !== this.turn) return;
      this.failure = toFailure(error);
      this.phase = 'idle';
      this.drop();
    }
  }

  private hear(event: AssistEvent): void {
    switch (event.type) {
      case 'reading':
        this.reading = { done: event.done, total: event.total };
        break;
      case 'words':
        this.phase = 'writing';
        this.dom?.append(event.text);
        break;
      case 'proposals':
        this.proposals = event.proposals;
        this.why = event.why;
        this.fetch = event.fetch;
        if (event.proposals.length) this.show(0);
        break;
      case 'ended':
        this.job = null;
        this.reading = null;
        this.failure = event.failure;
        this.cancelled = event.outcome === 'cancelled';
        this.phase = event.outcome === 'done' && this.proposals.length ? 'proposed' : 'idle';
        if (this.phase === 'idle') this.drop();
        break;
    }
  }

  /** Puts a proposal into the page; the text itself stays as it is. */
  show(index: number): void {
    const proposal = this.proposals[index];
    if (!proposal || !this.dom || !this.asked) return;
    const { session } = this;
    const range = rangeOfChange(this.asked, proposal.change, this.since);
    const before = blocksBetween(session.editor.doc, range).map(nodeFromBlock);
    this.dom.show(proposal, before);
    this.shown = index;
    session.dispatch(suggest(session.editor, { dom: this.dom.element, ...range, change: proposal.change }));
    this.dom.element.scrollIntoView({ block: 'nearest' });
  }

  accept(): void {
    const tr = accept(this.session.editor);
    if (!tr) return;
    const source = this.proposals[this.shown]?.source;
    this.finish();
    this.session.dispatch(tr.scrollIntoView());
    this.session.focus();
    // A clause of the library brings fields of its own into the form.
    if (source?.type === 'clause') void this.session.adoptFields(source.card.id);
  }

  refuse(): void {
    this.cancel();
    this.drop();
    this.finish();
    this.session.focus();
  }

  private finish(): void {
    this.phase = 'idle';
    this.proposals = [];
    this.shown = -1;
    this.dom = null;
    this.asked = null;
  }

  cancel(): void {
    if (!this.busy) return;
    const { job } = this;
    this.job = null;
    this.turn++;
    this.phase = 'idle';
    this.reading = null;
    this.cancelled = true;
    this.drop();
    if (job !== null) void api.cancel(job).catch((error: unknown) => (this.failure = toFailure(error)));
  }

  private drop(): void {
    this.shown = -1;
    const { session } = this;
    if (suggestKey.getState(session.editor)?.suggestion) session.dispatch(suggest(session.editor, null));
  }
}
