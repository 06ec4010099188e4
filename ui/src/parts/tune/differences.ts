// Which words of a draft the firm's own clause does not have at that place.
import type { Lang } from '../../ipc';

export interface Run {
  text: string;
  /** The firm's clause has it too, in this order. */
  same: boolean;
}

/** Words of either text that are compared in full; past it only the beginning and the end are. */
const MOST = 1500;

/** Words, signs and blanks, one by one. The segmenter copies its whole input for every word, so it gets short pieces only. */
function words(text: string, language: Lang): string[] {
  const pieces = text.match(/[^\s\p{P}]{1,80}|[\s\p{P}]/gu) ?? [];
  const segmenter = new Intl.Segmenter(language, { granularity: 'word' });
  return pieces.flatMap((piece) => (/\p{Script=Han}/u.test(piece) ? [...segmenter.segment(piece)].map((part) => part.segment) : [piece]));
}

/** The draft in runs: what it shares with `wanted`, and what it does not. */
export function differences(wanted: string, draft: string, language: Lang): Run[] {
  const [a, b] = [words(wanted, language), words(draft, language)];
  const same = new Array<boolean>(b.length).fill(false);
  let head = 0;
  while (head < Math.min(a.length, b.length) && a[head] === b[head]) same[head++] = true;
  let tail = 0;
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) same[b.length - 1 - tail++] = true;
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  if (x.length <= MOST && y.length <= MOST) for (const i of common(x, y)) same[head + i] = true;
  return runs(b, same);
}

/** Places in `b` of the longest row of words that both have. */
function common(a: string[], b: string[]): number[] {
  const wide = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * wide);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      longest[i * wide + j] = a[i] === b[j] ? longest[(i + 1) * wide + j + 1]! + 1 : Math.max(longest[(i + 1) * wide + j]!, longest[i * wide + j + 1]!);
    }
  }
  const out: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    if (a[i] === b[j]) {
      out.push(j);
      i++;
      j++;
    } else if (longest[(i + 1) * wide + j]! >= longest[i * wide + j + 1]!) i++;
    else j++;
  }
  return out;
}

function runs(list: string[], same: boolean[]): Run[] {
  const out: Run[] = [];
  list.forEach((text, i) => {
    // A blank or a sign between two foreign words does not break the mark.
    const bridge = same[i]! && !/[\p{L}\p{N}]/u.test(text) && i > 0 && !same[i - 1] && i + 1 < list.length && !same[i + 1];
    const like = same[i]! && !bridge;
    const last = out.at(-1);
    if (last && last.same === like) last.text += text;
    else out.push({ text, same: like });
  });
  return out;
}
