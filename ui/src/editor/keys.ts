// The keyboard of the page.
import { baseKeymap, chainCommands, toggleMark } from 'prosemirror-commands';
import { redo, undo } from 'prosemirror-history';
import { keymap } from 'prosemirror-keymap';
import type { Command, Plugin } from 'prosemirror-state';
import { backspace, demote, enter, hardBreak, insertBlock, promote, setStyle } from './blocks';
import { marks, nodes } from './schema';
import { enterCell, nextCell, previousCell } from './tables';

/** Tab belongs to the page (Escape leaves it), so it never falls through to the browser. */
const always: Command = () => true;

export function keys(): Plugin[] {
  return [
    keymap({
      Enter: chainCommands(enterCell, enter),
      'Shift-Enter': hardBreak,
      'Mod-Enter': insertBlock(nodes.page_break.create()),
      Backspace: backspace,
      Tab: chainCommands(nextCell, demote, always),
      'Shift-Tab': chainCommands(previousCell, promote, always),
      'Mod-b': toggleMark(marks.strong),
      'Mod-i': toggleMark(marks.emphasis),
      'Mod-z': undo,
      'Mod-y': redo,
      'Shift-Mod-z': redo,
      'Ctrl-Alt-0': setStyle('paragraph'),
      'Ctrl-Alt-1': setStyle('heading1'),
      'Ctrl-Alt-2': setStyle('heading2'),
      'Ctrl-Alt-3': setStyle('heading3'),
      'Ctrl-Alt-7': setStyle('item'),
      'Ctrl-Alt-8': setStyle('bullet'),
    }),
    keymap(baseKeymap),
  ];
}
