import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TreeEntry } from '../../../src/ports.ts';
import { compareEntries, NOWHERE } from '../../../src/service/reading/compare-entries.ts';

const ENTRY = fc.record({
  path: fc.constantFrom('a', 'a.b', 'a/b', 'b', 'b/c', '\u{1f600}', '\uff5e', 'z'),
  mode: fc.constantFrom('100644', '120000'),
  oid: fc.constantFrom('1', '2'),
});
const TREE = fc.uniqueArray(ENTRY, { selector: ({ path }) => path }).map(inGitsOrder);

test('what is the same is found, what is not is changed or gone', () => {
  fc.assert(
    fc.property(TREE, TREE, (earlier, now) => {
      const { same, changed, gone } = compareEntries(earlier, now);
      expect([...same].map((before, at) => (before === NOWHERE ? changed.has(at) : !changed.has(at)))).toEqual(
        now.map(() => true),
      );
      for (const [at, before] of same.entries()) if (before !== NOWHERE) expect(earlier[before]).toEqual(now[at]);
      for (const [at, before] of changed) if (before !== NOWHERE) expect(earlier[before]?.path).toBe(now[at]?.path);
      const kept = [...same].flatMap((before) => earlier[before] ?? []);
      expect(inGitsOrder([...kept, ...gone])).toEqual(earlier);
    }),
  );
});

test('where paths sort as in Git nothing that is the same counts as changed', () => {
  const plain = TREE.map((entries) => entries.filter(({ path }) => path < '\ud800'));
  fc.assert(
    fc.property(plain, plain, (earlier, now) => {
      const isThere = (one: TreeEntry) => earlier.some((other) => nameOf(other) === nameOf(one));
      const { changed } = compareEntries(earlier, now);
      expect([...changed.keys()]).toEqual(now.flatMap((one, at) => (isThere(one) ? [] : [at])));
    }),
  );
});

function inGitsOrder(entries: readonly TreeEntry[]): readonly TreeEntry[] {
  return entries.toSorted((left, right) => Buffer.compare(Buffer.from(left.path), Buffer.from(right.path)));
}

function nameOf({ path, mode, oid }: TreeEntry): string {
  return `${path} ${mode} ${oid}`;
}
