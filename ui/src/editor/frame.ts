// The block that is being typed in stands in a frame of its own size, so that a key lays out this block and not
// the whole page: WebKit lays out alone what has a fixed size and layout containment. When the words take another
// line, or the page another width, the frame follows before the next picture is drawn.
import { Plugin } from 'prosemirror-state';
import type { EditorView } from 'prosemirror-view';
import { blockOfCaret } from './nodeviews';

class Frame {
  private block: HTMLElement | null = null;
  private words: HTMLElement | null = null;
  private asked = 0;
  private readonly sizes = new ResizeObserver(() => this.fit());

  update(view: EditorView, changed: boolean): void {
    const block = blockOfCaret(view);
    if (block !== this.block) this.leave();
    // Only where keys are typed: a caret on its way through the page frames nothing.
    if (!block || !changed) return;
    if (block === this.block) {
      // Its class may have changed with its level or depth, and the room around the words with it.
      if (block.dataset.framed !== block.className) this.askToFit();
      return;
    }
    this.block = block;
    this.words = block.querySelector<HTMLElement>(':scope > .t');
    if (this.words) this.sizes.observe(this.words);
  }

  private askToFit(): void {
    this.asked ||= requestAnimationFrame(() => {
      this.asked = 0;
      this.fit();
    });
  }

  /** Gives the block the height that its words and the room around them need. Also the first answer of the observer. */
  private fit(): void {
    const { block, words } = this;
    if (!block?.isConnected || !words) return;
    const style = getComputedStyle(block);
    const around = ['padding-top', 'padding-bottom', 'border-top-width', 'border-bottom-width'];
    const room = around.reduce((sum, side) => sum + parseFloat(style.getPropertyValue(side)), 0);
    const height = `${words.getBoundingClientRect().height + room}px`;
    if (block.style.height !== height) block.style.height = height;
    block.style.contain = 'layout size';
    block.dataset.framed = block.className;
  }

  leave(): void {
    this.sizes.disconnect();
    cancelAnimationFrame(this.asked);
    this.asked = 0;
    if (this.block) {
      this.block.style.height = this.block.style.contain = '';
      delete this.block.dataset.framed;
    }
    this.block = this.words = null;
  }
}

export function framePlugin(): Plugin {
  return new Plugin({
    view: () => {
      const frame = new Frame();
      return {
        update: (view, before) => frame.update(view, before.doc !== view.state.doc),
        destroy: () => frame.leave(),
      };
    },
  });
}
