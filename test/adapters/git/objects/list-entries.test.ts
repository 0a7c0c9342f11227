import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type GitObject, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { type Listing, listEntries } from '../../../../src/adapters/git/objects/list-entries.ts';
import { treeOf } from '../hostile/hostile-packs.ts';

const LIMITS = { maxTips: 1, maxEntries: 1000, maxDepth: 6 };

interface Folder {
  readonly entries: readonly (readonly [name: string, content: string | Folder])[];
}

/** Writes a folder, and all below it, to `trees`. */
function write({ entries }: Folder, trees: Map<string, Buffer>): GitObject {
  const tree = treeOf(
    ...entries.map(([name, content]) =>
      typeof content === 'string'
        ? ([content.endsWith('0') ? '100755' : '100644', name, content.padStart(40, 'a')] as const)
        : (['40000', name, oidOf(write(content, trees))] as const),
    ),
  );
  trees.set(oidOf(tree), tree.data);
  return tree;
}

// Few names and contents, so that folders are often the same, come twice, or change places with files.
const { folder } = fc.letrec<{ folder: Folder; content: string | Folder }>((tie) => ({
  folder: fc.record({
    entries: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'é', '..'), tie('content')), { maxLength: 4 }),
  }),
  content: fc.oneof({ maxDepth: 3 }, fc.constantFrom('0', '1', '2'), tie('folder')),
}));

test('a list made from the one before is the list made anew, and what it has in common is the same object', () => {
  fc.assert(
    fc.property(fc.array(folder, { minLength: 2, maxLength: 5 }), (folders) => {
      const trees = new Map<string, Buffer>();
      const read = (oid: string) => trees.get(oid) ?? Buffer.alloc(0);
      let before: Listing | null = null;
      for (const one of folders) {
        const root = oidOf(write(one, trees));
        const next: Listing = listEntries(root, read, LIMITS, before);
        expect(next).toEqual(listEntries(root, read, LIMITS));
        expect(listEntries(root, read, LIMITS, next).entries.every((entry, at) => entry === next.entries[at])).toBe(
          true,
        );
        before = next;
      }
    }),
    { numRuns: 200 },
  );
});

const team = (at: number, changed: string): Folder => ({
  entries: Array.from({ length: 9 }, (_, app) => [`app-${app}`, { entries: [['a', app === at ? changed : '1']] }]),
});

test('of a commit that changes one file no other folder is read, and no other entry is new', () => {
  const trees = new Map<string, Buffer>();
  const rootOf = (changed: string) =>
    write({ entries: [0, 1, 2].map((at) => [`team-${at}`, team(at === 1 ? 4 : -1, changed)]) }, trees);
  const [first, second] = [rootOf('1'), rootOf('2')];
  const reads: string[] = [];
  const read = (oid: string) => {
    reads.push(oid);
    return trees.get(oid) ?? Buffer.alloc(0);
  };
  const before = listEntries(oidOf(first), read, LIMITS);
  reads.length = 0;
  const after = listEntries(oidOf(second), read, LIMITS, before);
  expect(reads).toHaveLength(3);
  const known = new Set(before.entries);
  expect(after.entries.filter((entry) => !known.has(entry)).map(({ path }) => path)).toEqual(['team-1/app-4/a']);
});

const many = (count: number): Folder => ({
  entries: Array.from({ length: count }, (_, at) => [`f${at}`, { entries: [['a', '1']] }]),
});

test('the limits count what is taken from the list before', () => {
  const trees = new Map<string, Buffer>();
  const read = (oid: string) => trees.get(oid) ?? Buffer.alloc(0);
  const before = listEntries(oidOf(write(many(400), trees)), read, LIMITS);
  expect(() => listEntries(oidOf(write(many(501), trees)), read, LIMITS, before)).toThrow('more than 1000 files');
});
