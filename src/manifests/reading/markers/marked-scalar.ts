import type { Leaf, MarkerKey } from './leaves.ts';
import type { MeantMarker } from './marked-comments.ts';

/** The value that a marker stands behind, or why there is none; `message` completes "this inline marker …". */
export type MarkedScalar =
  | { readonly kind: 'scalar'; readonly keys: readonly MarkerKey[]; readonly value: string }
  | { readonly kind: 'wrong'; readonly message: string };

/** Finds what a marker marks: the one value that ends its line before the comment. `leaves` in the order of the text. */
export function markedScalar(text: string, leaves: readonly Leaf[], { offset, json }: MeantMarker): MarkedScalar {
  if (json === null) return wrong('stands inside a value, where it is text and no comment');
  const leaf = leaves[countUpTo(leaves, offset) - 1];
  const between = leaf === undefined ? '\n' : text.slice(leaf.end, offset);
  // The text of a block scalar ends with its line.
  if (leaf === undefined || leaf.isBlock || between.includes('\n')) {
    return wrong(WITHOUT_VALUE);
  }
  if (leaf.kind === 'key') return wrong(whyNoValue(between));
  if (leaf.kind === 'alias') return wrong('stands behind an alias: write the value out here');
  if (!/^[ \t]*,?[ \t]*$/.test(between)) return wrong(ON_COLLECTION);
  const { keys, value } = leaf;
  return keys?.length ? { kind: 'scalar', keys, value } : wrong('stands behind a value that no plain keys lead to');
}

/** What is wrong with a marker that has its line for itself. */
export const WITHOUT_VALUE = 'stands on a line without a value: it belongs behind the value on the same line';

const ON_COLLECTION = 'stands behind a map or a list: it needs one value, as the last thing on its line';

function whyNoValue(between: string): string {
  return /[|>]/.test(between)
    ? 'stands on the first line of a block scalar: write the value in quotes on one line'
    : 'stands behind a key whose value is a map, a list or on another line: it needs one value on its line';
}

/** How many leaves end at an offset or before it. */
function countUpTo(leaves: readonly Leaf[], offset: number): number {
  let [low, high] = [0, leaves.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((leaves[middle]?.end ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function wrong(message: string): MarkedScalar {
  return { kind: 'wrong', message };
}
