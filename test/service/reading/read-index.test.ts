import { expect, test } from 'vitest';
import { createMemoryWorkspace } from '../../../src/adapters/memory/memory-workspace.ts';
import { createReaderHere } from '../../../src/adapters/reading/read-here.ts';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import { readBlob } from '../../../src/manifests/read-blob.ts';
import type { Ref, Snapshot } from '../../../src/ports.ts';
import { readFiles } from '../../../src/service/reading/read-files.ts';
import { readIndex } from '../../../src/service/reading/read-index.ts';
import { newMemory, type ServedBranch } from '../../../src/service/served-branch.ts';
import { externalSecret, STORE, version } from '../manifests.ts';
import { createWorld, MAIN } from '../memory-world.ts';
import { treesAlone } from './trees-alone.ts';

const NEVER = new AbortController().signal;
const FILES = { 'a.yaml': secret('a'), 'b.yaml': secret('b'), 'c.txt': 'c', 'd.yaml': secret('d') };

test('a file that is as it was is the same object, and one that says the same too', async () => {
  const { workspace, read } = reading();
  const first = await read();
  workspace.commitTo(
    MAIN,
    new Map([
      ['b.yaml', secret('other')],
      ['d.yaml', `${FILES['d.yaml']}# d\n`],
    ]),
    'Change',
  );
  const second = await read();
  expect(second.read.files.map((file, at) => file === first.read.files[at])).toEqual([true, false, true, true]);
  expect(second.index).not.toBe(first.index);
  workspace.commitTo(
    MAIN,
    new Map([
      ['0.yaml', null],
      ['b.yaml', `${secret('other')}# b\n`],
    ]),
    'Say the same',
  );
  const third = await read();
  expect(third.read.files).toEqual(second.read.files);
  expect(third.index).toBe(second.index);
});

test('what is known is what the snapshot holds, whatever came and went', async () => {
  const { workspace, read, served } = reading();
  await read();
  const same = FILES['a.yaml'];
  for (const files of [
    [['e.yaml', same]],
    [['a.yaml', null]],
    [
      ['e.yaml', null],
      ['c.yaml', secret('c')],
    ],
    [
      ['c.yaml', same],
      ['d.yaml', null],
    ],
    [
      ['b.yaml', null],
      ['c.yaml', null],
    ],
  ] as const) {
    workspace.commitTo(MAIN, new Map(files), 'Change');
    served.memory.factsByBlob.set('0'.repeat(40), readBlob(new Uint8Array()));
    served.memory.learned.add('0'.repeat(40));
    const { snapshot } = await read();
    expect([...served.memory.factsByBlob.keys()].toSorted()).toEqual(manifestsOf(snapshot));
  }
});

test('what two passes read at once is known of the one that ended last', async () => {
  const { workspace, read, served, head } = reading();
  await read();
  const older = await head();
  workspace.commitTo(MAIN, new Map([['a.yaml', secret('new')]]), 'Change');
  const newer = await head();
  await Promise.all([read(older), read(newer)]);
  expect([...served.memory.factsByBlob.keys()].toSorted()).toEqual(
    manifestsOf(served.memory.last?.read ?? { entries: [] }),
  );
  expect((await read()).index.externalSecrets.map(({ object }) => object.name)).toContain('new');
});

test('passes that begin at once read each blob once', async () => {
  const { read, host, head } = reading();
  const base = await head();
  const [first, second] = await Promise.all([read(base), read(base)]);
  expect(second.index).toBe(first.index);
  expect(host.read).toHaveLength(new Set(host.read).size);
});

test('a pass that fails, or is stopped while it waits, leaves the next one its turn', async () => {
  const { read, served, head } = reading();
  const base = await head();
  const stop = new AbortController();
  const results = [
    read({ name: MAIN, oid: '0'.repeat(40) }).catch(() => 'failed'),
    readIndex(served, base, stop.signal).catch(() => 'stopped'),
    read(base).then(({ index }) => index.externalSecrets.length),
  ];
  stop.abort();
  expect(await Promise.all(results)).toEqual(['failed', 'stopped', 3]);
});

test('after a restart only trees are fetched, and the blobs that nobody knows in one request', async () => {
  const before = reading();
  await before.read();
  const after = reading(before.served.memory.factsByBlob);
  after.workspace.commitTo(
    MAIN,
    new Map([
      ['x.yaml', secret('x')],
      ['y.yaml', secret('y')],
      ['.gitops-reloader/baseline.yaml', 'version: 1\n'],
    ]),
    'Add',
  );
  const { index } = await after.read();
  expect(index.externalSecrets.map(({ object }) => object.name)).toEqual(['a', 'b', 'd', 'x', 'y']);
  expect(after.host.requests).toEqual(['trees', '3 blobs']);
  expect(before.host.requests).toEqual(['files']);
});

test('the files of a plan are fetched in one request', async () => {
  const files = {
    'store.yaml': STORE,
    'one.yaml': externalSecret('one', ['a']),
    'two.yaml': externalSecret('two', ['a']),
  };
  const world = createWorld({ files });
  for (const number of [1, 2]) world.rotate('a', version(number));
  world.tell('a', version(2));
  const host = treesAlone(world.workspace);
  const process = world.start({ ports: (ports) => ({ ...ports, workspace: host }) });
  await world.drain(process);
  expect((await world.open()).map(({ title }) => title)).toEqual(['Refresh a']);
  expect(host.requests.slice(0, 2)).toEqual(['trees', '2 blobs']);
  expect(host.requests.filter((one) => /^[0-9a-f]{40}$/.test(one))).toEqual([]);
});

test('an aborted reading keeps what was read', async () => {
  const abort = new AbortController();
  const { workspace } = createWorld({ files: FILES });
  const snapshot = await workspace.snapshot({ name: MAIN, oid: workspace.tip(MAIN) ?? '' }, NEVER);
  const known = new Map();
  const stopping: Snapshot = {
    ...snapshot,
    read: (oid) => {
      if (known.size === 1) abort.abort();
      return snapshot.read(oid);
    },
  };
  const parser = { known, kinds: [], reader: createReaderHere() };
  await expect(readFiles(stopping, parser, abort.signal)).rejects.toThrow(/abort/i);
  expect(known.size).toBe(2);
  const progress: (readonly number[])[] = [];
  await readFiles(snapshot, parser, NEVER, { progress: (done, all) => void progress.push([done, all]) });
  expect(progress).toEqual([
    [3, 4],
    [4, 4],
  ]);
});

/** The branch of a process that knows these facts, on a repository of its own. */
function reading(known: ReadonlyMap<string, BlobFacts> = new Map()) {
  const workspace = createMemoryWorkspace(new Map(Object.entries(FILES)));
  const host = treesAlone(workspace);
  const served: ServedBranch = {
    ...createWorld({ files: FILES }).start().served,
    workspace: host,
    memory: newMemory(known),
  };
  const head = async () => ({ name: MAIN, oid: workspace.tip(MAIN) ?? '' });
  const read = async (at?: Ref) => {
    const { snapshot, index } = await readIndex(served, at ?? (await head()), NEVER);
    if (served.memory.last === null) throw new Error('nothing is remembered');
    return { snapshot, index, read: served.memory.last.read };
  };
  return { workspace, host, served, read, head };
}

function secret(name: string): string {
  return externalSecret(name, [`prod/${name}`]);
}

function manifestsOf({ entries }: Pick<Snapshot, 'entries'>): readonly string[] {
  const oids = entries.filter(({ path }) => path.endsWith('.yaml')).map(({ oid }) => oid);
  return [...new Set(oids)].toSorted();
}
