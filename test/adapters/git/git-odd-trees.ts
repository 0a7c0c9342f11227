import { afterAll, describe, expect, test } from 'vitest';
import { createGitWorkspace } from '../../../src/adapters/git/git-workspace.ts';
import { git, gitBytes } from '../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../src/demo/git/git-server.ts';
import type { Snapshot } from '../../../src/ports.ts';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import {
  type Create,
  commitTree,
  listing,
  MAIN,
  NEVER,
  openGitWorld,
  tipOf,
  writeBlob,
  writeTree,
} from './git-world.ts';

const BOT = 'refs/heads/bot';
const world = await openGitWorld();
const template = await world.repository(new Map([['x', 'x']]));
afterAll(() => world.close());

type Entry = readonly [mode: string, name: string | Uint8Array, content: string];

/** A repository whose base branch has a top folder of these raw entries; `tree:` names a tree object. */
async function repositoryOf(entries: readonly Entry[]): Promise<HostedRepository> {
  const repository = await world.copy(template);
  const raw: [string, string | Uint8Array, string][] = [];
  for (const [mode, name, content] of entries) {
    raw.push([mode, name, mode === '40000' || mode === '160000' ? content : await writeBlob(repository.dir, content)]);
  }
  await commitTree(repository.dir, MAIN, await writeTree(repository.dir, raw));
  return repository;
}

async function snapshotOf(repository: HostedRepository, limits = {}, create = createGitWorkspace): Promise<Snapshot> {
  const workspace = await world.workspace(repository.url, { limits }, create);
  const [main] = await workspace.refs([MAIN], NEVER);
  return workspace.snapshot(main ?? { name: MAIN, oid: '' }, NEVER);
}

const LATIN1 = Buffer.from([0x63, 0x61, 0x66, 0xe9]);
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

const withoutIds = (text: string) => text.replaceAll(/\0[^]{20}/g, '\0');

/** Trees that no tool of today writes, and that are kept as they are. */
export function describeOddTrees(name: string, create: Create): void {
  describe(name, () => {
    test('names that are not UTF-8, odd modes and empty folders stay byte for byte', async () => {
      const repository = await world.copy(template);
      const { dir } = repository;
      const blob = await writeBlob(dir, 'a: 1\n');
      const inner = await writeTree(dir, [
        ['100664', 'a.yaml', blob],
        ['100644', Buffer.from([0xff, 0xfe]), blob],
        ['40000', LATIN1, await writeTree(dir, [['100644', 'hidden.yaml', blob]])],
        ['40000', 'empty', EMPTY_TREE],
        ['100755', 'run.sh', blob],
      ]);
      const root = await writeTree(dir, [
        ['100644', LATIN1, blob],
        ['40000', 'back\\slash', inner],
        ['40000', 'git~1', inner],
        ['120000', 'link', await writeBlob(dir, 'git~1/a.yaml')],
        ['160000', 'module', '1'.repeat(40)],
        ['100644', '\ufeffbom.yaml', blob],
      ]);
      const base = await commitTree(dir, MAIN, root);
      const workspace = await world.workspace(repository.url, {}, create);
      const snapshot = await workspace.snapshot({ name: MAIN, oid: base }, NEVER);
      expect(snapshot.entries.map(({ path, mode }) => `${mode} ${path}`)).toEqual([
        '100664 back\\slash/a.yaml',
        '100755 back\\slash/run.sh',
        '100664 git~1/a.yaml',
        '100755 git~1/run.sh',
        '120000 link',
        '160000 module',
        '100644 \ufeffbom.yaml',
      ]);
      const draft = draftOn(base, { 'git~1/a.yaml': 'a: 2\n', 'git~1/run.sh': 'a: 3\n' });
      const result = await workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER);
      expect(result.kind).toBe('done');
      const before = await listing(dir, base);
      const after = await listing(dir, BOT);
      const changed = after
        .filter((line) => !before.includes(line))
        .map((line) => line.replace(/ [0-9a-f]{40}\t/, ' '));
      expect(changed).toEqual(['040000 tree git~1', '100644 blob git~1/a.yaml', '100755 blob git~1/run.sh']);
      expect(after.length).toBe(before.length);
      expect(after.map((line) => line.split('\t')[1])).toEqual(before.map((line) => line.split('\t')[1]));
      expect(await git(dir, ['cat-file', 'blob', `${BOT}:git~1/a.yaml`])).toBe('a: 2\n');
      // `ls-tree` shows 100664 as 100644: the raw bytes tell, with the ids taken out.
      const raw = async (commit: string) =>
        (await gitBytes(dir, ['cat-file', 'tree', `${commit}:git~1`])).toString('latin1');
      expect(withoutIds(await raw(BOT))).toBe(withoutIds(await raw(base)));
      expect(withoutIds(await raw(BOT))).toContain('100664 a.yaml\0');
    });

    test('an empty repository tree has no entries', async () => {
      const repository = await repositoryOf([]);
      expect((await snapshotOf(repository, {}, create)).entries).toEqual([]);
    });

    test('a name that comes twice is not edited', async () => {
      const repository = await repositoryOf([
        ['100644', 'a.yaml', 'one\n'],
        ['100644', 'a.yaml', 'two\n'],
      ]);
      const snapshot = await snapshotOf(repository, {}, create);
      expect(snapshot.entries.map((entry) => entry.path)).toEqual(['a.yaml', 'a.yaml']);
      const workspace = await world.workspace(repository.url, {}, create);
      const draft = draftOn(snapshot.commit, { 'a.yaml': 'three\n' });
      const twice = { code: 'git-rejected', retry: 'never' };
      await expectFailure(workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER), twice);
    });

    test('a repository beyond the limits is refused, not read for ever', async () => {
      const repository = await world.copy(template);
      const { dir } = repository;
      let tree = await writeTree(dir, [['100644', 'a.yaml', await writeBlob(dir, 'a\n')]]);
      // Ten folders of ten equal folders each: small on the wire, ten billion paths.
      for (let level = 0; level < 10; level += 1) {
        const same = tree;
        tree = await writeTree(
          dir,
          Array.from({ length: 10 }, (_, index) => ['40000', `f${index}`, same] as const),
        );
      }
      await commitTree(dir, MAIN, tree);
      const limit = { code: 'git-rejected', retry: 'never' };
      await expectFailure(snapshotOf(repository, { maxEntries: 20_000 }, create), limit);
      await expectFailure(snapshotOf(repository, { maxDepth: 5 }, create), limit);
      await expectFailure(snapshotOf(repository, { maxObjects: 5 }, create), { code: 'git-unreadable' });
      await expectFailure(snapshotOf(repository, { maxObjectBytes: 100 }, create), { code: 'git-unreadable' });
      await expectFailure(snapshotOf(repository, { maxTotalBytes: 1000 }, create), { code: 'git-unreadable' });
    });
  });
}

test('a large file is left out of the fetch, and read when it is wanted', async () => {
  const large = 'large: yaml\n'.repeat(2000);
  const repository = await repositoryOf([
    ['100644', 'large.yaml', large],
    ['100644', 'small.yaml', 'small\n'],
  ]);
  const before = world.server.traffic.length;
  const snapshot = await snapshotOf(repository, { blobLimit: 1000 });
  const fetched = () =>
    world.server.traffic.slice(before).filter((one) => one.operation === 'POST git-upload-pack').length;
  expect(fetched()).toBe(2);
  const [first, second] = snapshot.entries;
  expect(Buffer.from(await snapshot.read(second?.oid ?? '')).toString()).toBe('small\n');
  expect(fetched()).toBe(2);
  expect(Buffer.from(await snapshot.read(first?.oid ?? '')).toString()).toBe(large);
  expect(fetched()).toBe(3);
  expect(await tipOf(repository.dir, MAIN)).toBe(snapshot.commit);
});
