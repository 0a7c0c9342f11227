import type { Index } from '../../manifests/graph.ts';
import { namersIn } from '../../manifests/query-index.ts';

const MOST = 5;
/** Of a hostile repository's names, no more than this much of each is compared. */
const MAX_LENGTH = 200;
/** Names below this likeness have little to do with each other. */
const LEAST = 0.5;

/** Names of secrets in this repository that resemble one of these, the likest first. */
export function nearNames(index: Index, names: readonly string[]): readonly string[] {
  const known = new Set(
    namersIn(index).flatMap(({ references }) =>
      references.flatMap(({ resolution }) =>
        resolution.kind === 'secret' && resolution.ref.service !== 'find' ? resolution.names.slice(0, 1) : [],
      ),
    ),
  );
  const wanted = names.map((name) => pairsOf(name));
  const ranked = [...known].flatMap((name) => {
    const pairs = pairsOf(name);
    const best = Math.max(0, ...wanted.map((one) => likeness(one, pairs)));
    return best < LEAST ? [] : [{ name, best }];
  });
  const sorted = ranked.toSorted((left, right) => right.best - left.best || (left.name < right.name ? -1 : 1));
  return sorted.slice(0, MOST).map(({ name }) => name);
}

/** Each two neighbours in a text; case does not count. */
function pairsOf(text: string): ReadonlySet<string> {
  const plain = ` ${text.slice(0, MAX_LENGTH).toLowerCase()} `;
  return new Set(Array.from({ length: plain.length - 1 }, (_, at) => plain.slice(at, at + 2)));
}

/** 1 for the same pairs, 0 for none in common. */
function likeness(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  let common = 0;
  for (const pair of left) if (right.has(pair)) common += 1;
  return (2 * common) / (left.size + right.size);
}
