// Puts the parts of the editor together.
import { dropCursor } from 'prosemirror-dropcursor';
import { gapCursor } from 'prosemirror-gapcursor';
import { history } from 'prosemirror-history';
import type { Node as PMNode } from 'prosemirror-model';
import { EditorState, type Plugin } from 'prosemirror-state';
import { tableEditing } from 'prosemirror-tables';
import type { Derived } from '../ipc';
import { copyPlugin } from './copy';
import { derivedPlugin, type Atoms } from './derived';
import { findPlugin } from './find';
import { framePlugin } from './frame';
import { keys } from './keys';
import { pastePlugin } from './paste';
import { suggestPlugin } from './suggest';
import { tableRepair } from './tables';

export function createState(doc: PMNode, derived: Derived, atoms: Atoms, first: Plugin[] = []): EditorState {
  return EditorState.create({
    doc,
    plugins: [
      ...first,
      ...keys(),
      history({ depth: 500 }),
      derivedPlugin(derived, atoms),
      suggestPlugin(),
      findPlugin(),
      pastePlugin(),
      copyPlugin(),
      tableRepair(),
      dropCursor({ color: false, class: 'drop-cursor' }),
      gapCursor(),
      framePlugin(),
      tableEditing(),
    ],
  });
}
