import { afterAll, afterEach, expect, test } from 'vitest';
import { git } from '../../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../../src/demo/git/git-server.ts';
import type { Snapshot, TreeEntry, Workspace } from '../../../../src/ports.ts';
import { expectFailure } from '../../../contracts/workspace.ts';
import { type GitWorld, MAIN, NEVER, openGitWorld, personCommits } from '../git-world.ts';

const world = await openGitWorld();
const first = await openGitWorld(0);
afterAll(() => Promise.all([world.close(), first.close()]));
afterEach(() => {
  world.faults.clear();
  first.faults.clear();
});

const paths = Array.from({ length: 40 }, (_, at) => `apps/app-${at % 8}/kind-${at}.yaml`);
const textOf = (path: string) => `path: ${path}\n${'# some line\n'.repeat(60)}`;
const FILES = new Map<string, string>([
  ...paths.map((path) => [path, textOf(path)] as const),
  ['big.bin', 'x'.repeat(9000)],
]);
const template = await world.repository(FILES);
const ofFirst = await first.repository(FILES);

async function head(workspace: Workspace) {
  const [main] = await workspace.refs([MAIN], NEVER);
  if (main === undefined) throw new Error('no base branch');
  return main;
}

/** How many requests to fetch there were in `act`. */
async function fetches(on: GitWorld, act: () => Promise<unknown>): Promise<number> {
  const mark = on.server.traffic.length;
  await act();
  return on.server.traffic.slice(mark).filter((one) => one.operation === 'POST git-upload-pack').length;
}

async function treesOf(on: GitWorld, repository: HostedRepository) {
  const workspace = await on.workspace(repository.url, { limits: { blobLimit: 5000 } });
  const base = await head(workspace);
  return { workspace, snapshot: await workspace.snapshot(base, NEVER, 'trees') };
}

const idsOf = (entries: readonly TreeEntry[]) => entries.map(({ oid }) => oid);
const textAt = async (snapshot: Snapshot, path: string) => {
  const entry = snapshot.entries.find((one) => one.path === path);
  return Buffer.from(await snapshot.read(entry?.oid ?? '')).toString();
};

async function readAll(snapshot: Snapshot): Promise<void> {
  for (const [path, text] of FILES) expect(await textAt(snapshot, path)).toBe(text);
}

async function asksForBlobs(repository: HostedRepository): Promise<void> {
  await git(repository.dir, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
}

test('all blobs come in one request, and are asked for once', async () => {
  const { snapshot } = await treesOf(world, await world.copy(template));
  expect(await fetches(world, () => snapshot.prefetch(idsOf(snapshot.entries), NEVER))).toBe(1);
  expect(await fetches(world, () => readAll(snapshot))).toBe(0);
  expect(await fetches(world, () => snapshot.prefetch(idsOf(snapshot.entries), NEVER))).toBe(0);
});

test('whoever reads file by file gets them all with the seventeenth', async () => {
  const { snapshot } = await treesOf(world, await world.copy(template));
  // The large one stays out, and comes when it is read.
  expect(await fetches(world, () => readAll(snapshot))).toBe(16 + 1 + 1);
});

test('a commit behind trees: its own blobs where files are asked for, else none', async () => {
  const repository = await world.copy(template);
  const { workspace } = await treesOf(world, repository);
  const [one = '', two = '', three = ''] = paths;
  for (const [content, expected] of [
    ['trees', 1],
    ['files', 2],
  ] as const) {
    const change = new Map([
      [one, `${content} 1\n`],
      [two, `${textOf(two)}${content}\n`],
    ]);
    const oid = await personCommits(repository.dir, 'main', change);
    const snapshots: Snapshot[] = [];
    const count = await fetches(world, async () =>
      snapshots.push(await workspace.snapshot({ name: MAIN, oid }, NEVER, content)),
    );
    expect(count).toBe(expected);
    const [snapshot] = snapshots;
    if (snapshot === undefined) throw new Error('no snapshot');
    expect(
      await fetches(world, async () => {
        for (const [path, text] of change) expect(await textAt(snapshot, path)).toBe(text);
      }),
    ).toBe(content === 'files' ? 0 : 2);
    expect(await textAt(snapshot, three)).toBe(textOf(three));
  }
});

test('a host that gives out no blob by its id sends the commit with its files', async () => {
  const { snapshot } = await treesOf(world, await world.copy(template));
  const refusal = '0025ERR upload-pack: not our ref 1234\n0000';
  world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body: refusal });
  expect(await fetches(world, () => snapshot.prefetch(idsOf(snapshot.entries), NEVER))).toBe(2);
  expect(await fetches(world, () => readAll(snapshot))).toBe(1);
});

test('what came with the whole commit is read, whatever older commits went for it', async () => {
  const repository = await world.copy(template);
  const workspace = await world.workspace(repository.url, { limits: { maxTips: 1 } });
  const base = await head(workspace);
  const snapshot = await workspace.snapshot(base, NEVER, 'trees');
  const oid = await personCommits(repository.dir, 'main', new Map([['new.yaml', 'new\n']]));
  await workspace.snapshot({ name: MAIN, oid }, NEVER, 'trees');
  const refusal = '0025ERR upload-pack: not our ref 1234\n0000';
  world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body: refusal });
  const [path = ''] = paths;
  expect(await textAt(snapshot, path)).toBe(textOf(path));
});

test('a host that is down fails, and is asked again', async () => {
  const { snapshot } = await treesOf(world, await world.copy(template));
  for (const effect of [{ kind: 'answer', status: 503 }, { kind: 'drop-after-effect' }] as const) {
    world.faults.plan(/^POST git-upload-pack$/, effect);
    await expectFailure(snapshot.prefetch(idsOf(snapshot.entries), NEVER), { code: 'git-unreachable', retry: 'later' });
  }
  await expectFailure(snapshot.prefetch(idsOf(snapshot.entries), AbortSignal.abort()), { code: 'git-unreachable' });
  await snapshot.prefetch(idsOf(snapshot.entries), NEVER);
  expect(await fetches(world, () => readAll(snapshot))).toBe(0);
});

test('a host without filters sends everything, whatever was asked for; large files come when they are read', async () => {
  const repository = await world.copy(template);
  await git(repository.dir, ['config', 'uploadpack.allowFilter', 'false']);
  const { workspace, snapshot } = await treesOf(world, repository);
  expect(await fetches(world, () => readAll(snapshot))).toBe(1);
  const oid = await personCommits(repository.dir, 'main', new Map([['new.yaml', 'new\n']]));
  const next = await workspace.snapshot({ name: MAIN, oid }, NEVER);
  expect(await textAt(next, 'new.yaml')).toBe('new\n');
  expect(await textAt(next, 'big.bin')).toBe(FILES.get('big.bin'));
});

test('the first protocol: trees first where filters and blobs are on offer, else everything', async () => {
  const plain = await treesOf(first, await first.copy(ofFirst));
  expect(await fetches(first, () => plain.snapshot.prefetch(idsOf(plain.snapshot.entries.slice(0, 9)), NEVER))).toBe(0);
  const refusal = '0025ERR upload-pack: not our ref 1234\n0000';
  first.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body: refusal });
  // The large one is refused by its id, and taken out of the whole.
  expect(await fetches(first, () => readAll(plain.snapshot))).toBe(2);
  const repository = await first.copy(ofFirst);
  await asksForBlobs(repository);
  const { workspace, snapshot } = await treesOf(first, repository);
  expect(await fetches(first, () => snapshot.prefetch(idsOf(snapshot.entries), NEVER))).toBe(1);
  expect(await fetches(first, () => readAll(snapshot))).toBe(0);
  const oid = await personCommits(repository.dir, 'main', new Map([['new.yaml', 'new\n']]));
  expect(await textAt(await workspace.snapshot({ name: MAIN, oid }, NEVER), 'new.yaml')).toBe('new\n');
});

test.each(['files', 'trees'] as const)(
  'a host that no longer leaves anything out is asked anew (%s)',
  async (content) => {
    const repository = await world.copy(template);
    await asksForBlobs(repository);
    const workspace = await world.workspace(repository.url, { limits: { blobLimit: 5000 } });
    await workspace.snapshot(await head(workspace), NEVER, content);
    await git(repository.dir, ['config', 'uploadpack.allowFilter', 'false']);
    const [path = ''] = paths;
    await personCommits(repository.dir, 'main', new Map([[path, 'changed\n']]));
    await expectFailure(workspace.snapshot(await head(workspace), NEVER, content), { retry: 'later' });
    const snapshot = await workspace.snapshot(await head(workspace), NEVER, content);
    expect(await textAt(snapshot, path)).toBe('changed\n');
    for (const other of paths.slice(1)) expect(await textAt(snapshot, other)).toBe(textOf(other));
  },
);

test('whoever reads file by file gets them all from a host that no longer leaves anything out', async () => {
  const repository = await world.copy(template);
  await asksForBlobs(repository);
  const { snapshot } = await treesOf(world, repository);
  await git(repository.dir, ['config', 'uploadpack.allowFilter', 'false']);
  for (const path of paths.slice(0, 16)) expect(await textAt(snapshot, path)).toBe(textOf(path));
  await expectFailure(textAt(snapshot, paths[16] ?? ''), { retry: 'later' });
  for (const path of paths) expect(await textAt(snapshot, path)).toBe(textOf(path));
});
