import { expect, test } from 'vitest';
import { createMemoryIndexCache } from '../../../src/adapters/memory/memory-index-cache.ts';
import type { TemplateKind } from '../../../src/domain/policy.ts';
import type { Index } from '../../../src/manifests/graph.ts';
import type { Workspace } from '../../../src/ports.ts';
import { keepIndex, keptBranch } from '../../../src/service/reading/keep-index.ts';
import { readIndex } from '../../../src/service/reading/read-index.ts';
import { newMemory, type ServedBranch } from '../../../src/service/served-branch.ts';
import { deployment, externalSecret, STORE } from '../manifests.ts';
import { createWorld, type LogLine, MAIN, type World } from '../memory-world.ts';

const NEVER = new AbortController().signal;
const FILES = {
  'store.yaml': STORE,
  'db.yaml': externalSecret('db', ['a']),
  'app.yaml': deployment('app', 'db'),
  'service.yaml': 'kind: Service\n',
  'broken.yaml': 'kind: ExternalSecret\nkey: "prod/a\n',
  'notes.txt': 'kind: ExternalSecret\n',
};
const KINDS: readonly TemplateKind[] = [{ group: 'apps.kruise.io', kind: 'CloneSet', template: ['spec', 'template'] }];
const FIVE_MINUTES = 5 * 60_000;

interface Life {
  readonly served: ServedBranch;
  readonly lines: readonly LogLine[];
  /** Reads the index at the head of the base; what blobs were read for it from the host. */
  readonly read: () => Promise<{ readonly index: Index; readonly blobs: readonly string[] }>;
  /** Lives on until the end of its loop. */
  readonly stop: () => Promise<void>;
}

/** A process with a memory of its own, that keeps its index in `cache`. */
function live(world: World, cache = createMemoryIndexCache(), kinds: readonly TemplateKind[] = []): Life {
  const process = world.start();
  const blobs: string[] = [];
  const { settings } = process.served;
  const scope = { ...settings.scope, restart: { ...settings.scope.restart, kinds } };
  const served = {
    ...process.served,
    settings: { ...settings, scope },
    workspace: watched(process.served.workspace, blobs),
    memory: newMemory(),
    kept: keptBranch(cache, { ...settings, scope }),
  };
  const stopping = new AbortController();
  const loop = keepIndex(served, { stopping: stopping.signal, abort: NEVER });
  return {
    served,
    lines: process.lines,
    read: async () => {
      blobs.splice(0);
      const { index } = await readIndex(served, { name: MAIN, oid: world.workspace.tip(MAIN) ?? '' }, NEVER);
      return { index, blobs: blobs.toSorted() };
    },
    stop: async () => {
      stopping.abort();
      await loop;
    },
  };
}

/** The same repository; each blob that is read is noted by its text. */
function watched(workspace: Workspace, blobs: string[]): Workspace {
  return {
    ...workspace,
    snapshot: async (ref, signal, content) => {
      const snapshot = await workspace.snapshot(ref, signal, content);
      const read = async (oid: string) => {
        const bytes = await snapshot.read(oid);
        blobs.push(Buffer.from(bytes).toString());
        return bytes;
      };
      return { ...snapshot, read };
    },
  };
}

function said({ lines }: Life, message: string): readonly unknown[] {
  return lines.filter((line) => line.message === message).map(({ level, fields }) => ({ level, ...fields }));
}

test('the next process reads what has changed, and nothing else, and comes to the same index', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const first = live(world, cache);
  const cold = await first.read();
  expect(cold.blobs).toHaveLength(5);
  expect(said(first, 'index read')).toMatchObject([{ level: 'info', files: 5, fromCache: 0, read: 5 }]);
  await first.stop();

  const second = live(world, cache);
  const warm = await second.read();
  expect(warm.blobs).toEqual([]);
  expect(warm.index).toEqual(cold.index);
  expect(said(second, 'index read')).toMatchObject([{ level: 'info', files: 5, fromCache: 5, read: 0 }]);
  await second.stop();

  const changed = externalSecret('db', ['b']);
  world.workspace.commitTo(MAIN, new Map([['db.yaml', changed]]), 'change');
  const third = live(world, cache);
  const after = await third.read();
  expect(after.blobs).toEqual([changed]);
  expect(after.index).toEqual((await live(world).read()).index);
});

test('it is kept when it was first read, then every five minutes where something changed', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const life = live(world, cache);
  const kept = () => said(life, 'index kept').length;
  await world.time.pass(10_000);
  expect(kept()).toBe(0);
  await life.read();
  await world.time.pass(1000);
  expect(kept()).toBe(1);
  world.workspace.commitTo(MAIN, new Map([['notes.txt', 'another']]), 'no manifest');
  await life.read();
  await world.time.pass(2 * FIVE_MINUTES);
  expect(kept()).toBe(1);
  for (const name of ['x', 'y', 'z']) {
    world.workspace.commitTo(MAIN, new Map([[`${name}.yaml`, `# ${name}\n`]]), 'a manifest');
    await life.read();
    await world.time.pass(1000);
  }
  expect(kept()).toBe(1);
  await world.time.pass(FIVE_MINUTES);
  expect(kept()).toBe(2);
  await life.stop();
  expect(kept()).toBe(2);
  expect((await live(world, cache).read()).blobs).toEqual([]);
});

test('what was made under other kinds, or is damaged, is told once and not used', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const first = live(world, cache);
  const cold = await first.read();
  await first.stop();
  const other = live(world, cache, KINDS);
  expect((await other.read()).blobs).toEqual(cold.blobs);
  await other.read();
  expect(said(other, 'the kept index is not used')).toMatchObject([{ level: 'info', directory: 'memory' }]);
  cache.damage();
  const second = live(world, cache);
  expect(await second.read()).toEqual(cold);
  await second.read();
  expect(said(second, 'the kept index is not used')).toMatchObject([{ level: 'warn', reason: 'it was damaged' }]);
  await second.stop();
  expect((await live(world, cache).read()).blobs).toEqual([]);
});

test('lines that say nothing are told once and not used', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const { kept } = live(world, cache).served;
  if (kept === undefined) throw new Error('nothing is kept');
  await cache.save(kept.key, { head: 'a'.repeat(40), lines: ['["x"]'] }, NEVER);
  const life = live(world, cache);
  expect((await life.read()).blobs).toHaveLength(5);
  expect(said(life, 'the kept index is not used')).toMatchObject([{ level: 'warn', reason: 'it cannot be read' }]);
});

test('a place that cannot be written is told once, and all else goes on', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const life = live(world, cache);
  await life.read();
  await cache.whileBroken(async () => {
    await world.time.pass(3 * FIVE_MINUTES);
    const told = said(life, 'the index is not kept');
    expect(told).toMatchObject([{ level: 'warn', code: 'file-unwritable' }, { level: 'debug' }, { level: 'debug' }]);
  });
  await world.time.pass(FIVE_MINUTES);
  expect(said(life, 'index kept')).toHaveLength(1);
});

test('two reads at once recall it once, and neither reads a file', async () => {
  const world = createWorld({ files: FILES });
  const cache = createMemoryIndexCache();
  const first = live(world, cache);
  await first.read();
  await first.stop();
  const second = live(world, cache);
  const [one, two] = await Promise.all([second.read(), second.read()]);
  expect([one.blobs, two.blobs]).toEqual([[], []]);
  expect(said(second, 'index read')).toHaveLength(1);
});
