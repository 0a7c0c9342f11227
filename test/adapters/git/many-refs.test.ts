import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { HostedRepository } from '../../../src/demo/git/git-server.ts';
import type { RefUpdate, UpdateResult, Workspace } from '../../../src/ports.ts';
import { draftOn } from '../../contracts/workspace.ts';
import { MAIN, NEVER, nameOf, openGitWorld, personCommits, tipOf } from './git-world.ts';

const world = await openGitWorld();
const template = await world.repository(new Map([['a.yaml', 'a\n']]));
afterAll(() => world.close());
afterEach(() => world.faults.clear());

const ref = (name: number | string) => `refs/heads/bot/${name}`;
const LOOK = 'GET info/refs git-receive-pack';
const PUSH = 'POST git-receive-pack';

/** A repository, a workspace on it that has pushed once (so that it knows its host), and the head of its base. */
async function open(config: Readonly<Record<string, string>> = {}, options: object = {}) {
  const repository = await world.copy(template);
  for (const [key, value] of Object.entries(config)) await git(repository.dir, ['config', key, value]);
  const workspace = await world.workspace(repository.url, options);
  const base = (await tipOf(repository.dir, MAIN)) ?? '';
  const update = (name: number | string): RefUpdate => ({
    ref: ref(name),
    expected: null,
    to: draftOn(base, { 'a.yaml': `${name}\n` }),
  });
  const first = await workspace.publish(update('first'), NEVER);
  expect(first.kind).toBe('done');
  return { repository, workspace, base, update };
}

/** What was asked of the host meanwhile. */
async function asked<T>(act: () => Promise<T>): Promise<{ readonly result: T; readonly requests: readonly string[] }> {
  const mark = world.server.traffic.length;
  const result = await act();
  return { result, requests: world.server.traffic.slice(mark).map(({ operation }) => operation) };
}

const kinds = (results: readonly UpdateResult[]) => results.map(({ kind }) => kind);
const all = (workspace: Workspace, updates: readonly RefUpdate[]) =>
  asked(async () => kinds(await workspace.publishAll(updates, NEVER)));

async function hook({ dir }: HostedRepository, name: string, lines: readonly string[]): Promise<void> {
  await mkdir(join(dir, 'hooks'), { recursive: true });
  const path = join(dir, 'hooks', name);
  await writeFile(path, `#!/bin/sh\n${lines.join('\n')}\n`);
  await chmod(path, 0o755);
}

test('what branches are made on is not fetched again, however many are made on it', async () => {
  const { workspace, update } = await open({}, { limits: { maxTips: 4 } });
  const { requests } = await asked(async () => {
    for (let name = 0; name < 9; name += 1) await workspace.publish(update(name), NEVER);
  });
  expect(new Set(requests)).toEqual(new Set([PUSH]));
});

test('a new branch is one request, and so are fifty that come at once, each object sent once', async () => {
  const { repository, workspace, update } = await open();
  const single = await asked(() => workspace.publish(update('one'), NEVER));
  expect(single).toMatchObject({ result: { kind: 'done' }, requests: [PUSH] });
  const before = Number(await git(repository.dir, ['rev-list', '--all', '--objects', '--count']));
  const updates = Array.from({ length: 50 }, (_, index) => update(`same-${index % 5}/${index}`)).map((one, index) => ({
    ...one,
    to: draftOn(one.to?.parent ?? '', { 'a.yaml': `${index % 5}\n` }),
  }));
  const many = await asked(() => Promise.all(updates.map((one) => workspace.publish(one, NEVER))));
  expect(kinds(many.result)).toEqual(Array(50).fill('done'));
  expect(many.requests).toEqual([PUSH]);
  // Five contents: a commit, a tree and a file each, however many branches are at it.
  expect(Number(await git(repository.dir, ['rev-list', '--all', '--objects', '--count'])) - before).toBe(15);
  const sent = world.server.traffic.at(-1)?.received ?? 0;
  expect(sent).toBeLessThan(10_000);
  await git(repository.dir, ['fsck', '--strict', '--full']);
});

test('a round costs a list of refs, a push and another list; what was pushed is not fetched again', async () => {
  const { repository, workspace, base, update } = await open();
  const list = () => workspace.refs([MAIN, 'refs/heads/bot/'], NEVER);
  const round = await asked(async () => {
    await list();
    await workspace.snapshot({ name: MAIN, oid: base }, NEVER);
    const made = await workspace.publish(update('one'), NEVER);
    await list();
    return made.kind === 'done' ? made.oid : '';
  });
  expect(round.requests).toEqual(['POST git-upload-pack', PUSH, 'POST git-upload-pack']);
  const own = { name: ref('one'), oid: round.result };
  const next = await asked(async () => {
    const { parents } = await workspace.commit(own, NEVER);
    const snapshot = await workspace.snapshot(own, NEVER);
    const text = Buffer.from(await snapshot.read(snapshot.entries[0]?.oid ?? '')).toString();
    const to = { ...draftOn(own.oid, { 'a.yaml': 'two\n' }), message: 'Two\n' };
    const { kind } = await workspace.publish({ ref: own.name, expected: own.oid, to }, NEVER);
    return { parents, text, kind };
  });
  expect(next).toEqual({ result: { parents: [base], text: 'one\n', kind: 'done' }, requests: [PUSH] });
  await personCommits(repository.dir, 'main', new Map([['a.yaml', 'person\n']]));
  const [main] = await workspace.refs([MAIN], NEVER);
  const moved = await asked(() => workspace.snapshot(main ?? own, NEVER));
  expect(moved.requests).toEqual(['POST git-upload-pack']);
  expect(Buffer.from(await moved.result.read(moved.result.entries[0]?.oid ?? '')).toString()).toBe('person\n');
});

test('what comes while a push is under way waits, and goes together', async () => {
  const { workspace, update } = await open();
  const later: Promise<UpdateResult>[] = [];
  world.faults.plan(/^POST/, {
    kind: 'before',
    act: async () => void later.push(...[1, 2, 3].map((name) => workspace.publish(update(name), NEVER))),
  });
  const { result, requests } = await asked(async () => {
    const first = await workspace.publish(update(0), NEVER);
    return [first, ...(await Promise.all(later))];
  });
  expect(kinds(result)).toEqual(['done', 'done', 'done', 'done']);
  expect(requests).toEqual([PUSH, PUSH]);
});

test('one that has moved stands against all: they go once more without it', async () => {
  const { repository, workspace, update } = await open();
  const theirs = await personCommits(repository.dir, 'bot/2', new Map([['a.yaml', 'theirs\n']]));
  const { result, requests } = await all(workspace, [1, 2, 3].map(update));
  expect(result).toEqual(['done', 'moved', 'done']);
  expect(requests).toEqual([PUSH, LOOK, PUSH]);
  expect(await tipOf(repository.dir, ref(2))).toBe(theirs);
});

test('a host that cannot do all or none reports each by itself', async () => {
  const { repository, workspace, update } = await open({ 'receive.advertiseAtomic': 'false' });
  await personCommits(repository.dir, 'bot/2', new Map([['a.yaml', 'theirs\n']]));
  const { result, requests } = await all(workspace, [1, 2, 3].map(update));
  expect(result).toEqual(['done', 'moved', 'done']);
  expect(requests).toEqual([PUSH, LOOK]);
});

test('a host that no longer does all or none, between two pushes: each ends by itself', async () => {
  const { repository, workspace, update } = await open();
  await git(repository.dir, ['config', 'receive.advertiseAtomic', 'false']);
  const theirs = await personCommits(repository.dir, 'bot/2', new Map([['a.yaml', 'theirs\n']]));
  const { result, requests } = await all(workspace, [1, 2, 3].map(update));
  expect({ result, requests }).toEqual({ result: ['done', 'moved', 'done'], requests: [PUSH, LOOK] });
  expect(await tipOf(repository.dir, ref(2))).toBe(theirs);
});

test('a race in every go: in the end each goes by itself, and nothing of a foreign hand is lost', async () => {
  const { repository, workspace, update } = await open();
  const theirs: string[] = [];
  for (const name of [1, 2, 3, 4])
    world.faults.plan(/^POST/, {
      kind: 'before',
      act: async () =>
        void theirs.push(await personCommits(repository.dir, `bot/${name}`, new Map([['b', `${name}`]]))),
    });
  const { result, requests } = await all(workspace, [1, 2, 3, 4, 5].map(update));
  expect(result).toEqual(['moved', 'moved', 'moved', 'moved', 'done']);
  expect(requests).toEqual([PUSH, LOOK, PUSH, LOOK, PUSH, PUSH, LOOK, PUSH, LOOK, PUSH]);
  expect(await Promise.all([1, 2, 3, 4].map((name) => tipOf(repository.dir, ref(name))))).toEqual(theirs);
});

test('a rule against one takes it alone; one that declines a whole push is asked about each', async () => {
  const { repository, workspace, update } = await open();
  await world.server.protectBranch(nameOf(repository), 'bot/2', 'no');
  const byRef = await all(workspace, [1, 2, 3].map(update));
  expect(byRef.result).toEqual(['done', 'refused', 'done']);
  expect(byRef.requests).toEqual([PUSH, LOOK, PUSH]);
  await hook(repository, 'pre-receive', ['grep -q bot/5 && { echo "five is not allowed"; exit 1; }', 'exit 0']);
  const whole = await asked(() => workspace.publishAll([4, 5, 6].map(update), NEVER));
  expect(kinds(whole.result)).toEqual(['done', 'refused', 'done']);
  expect(whole.result[1]).toMatchObject({ reason: expect.stringContaining('five is not allowed') as string });
  expect(whole.requests).toEqual([PUSH, PUSH, PUSH, PUSH]);
});

test('a lost answer is known of none; pushed again, all are there', async () => {
  const { workspace, update } = await open();
  world.faults.plan(/^POST/, { kind: 'drop-after-effect' });
  expect((await all(workspace, [1, 2, 3].map(update))).result).toEqual(['unknown', 'unknown', 'unknown']);
  expect(await all(workspace, [1, 2, 3].map(update))).toEqual({ result: ['done', 'done', 'done'], requests: [LOOK] });
  world.faults.plan(/^POST/, { kind: 'answer', status: 502 });
  expect((await all(workspace, [4, 5].map(update))).result).toEqual(['unknown', 'unknown']);
});

test('what is there already, or gone already, is done although the host refuses it', async () => {
  const { repository, workspace, update } = await open();
  const other = await world.workspace(repository.url);
  expect((await other.publish(update(1), NEVER)).kind).toBe('done');
  expect((await all(workspace, [1, 2].map(update))).result).toEqual(['done', 'done']);
  const expected = (await tipOf(repository.dir, ref(1))) ?? '';
  await other.publish({ ref: ref(1), expected, to: null }, NEVER);
  expect((await all(workspace, [{ ref: ref(1), expected, to: null }])).result).toEqual(['done']);
});

test.each([301, 400, 404, 413])(
  'a push that is answered %i where the host was known: it is asked anew',
  async (status) => {
    const { workspace, update } = await open();
    const headers = status === 301 ? { location: '/acme/elsewhere.git/git-receive-pack' } : {};
    world.faults.plan(/^POST/, { kind: 'answer', status, headers });
    expect(await all(workspace, [update(1)])).toEqual({ result: ['done'], requests: [PUSH, LOOK, PUSH] });
    // Where it takes no large requests, each goes by itself.
    world.faults.plan(/^POST/, { kind: 'answer', status, headers }, 2);
    expect(await all(workspace, [2, 3].map(update))).toEqual({
      result: ['done', 'done'],
      requests: [PUSH, LOOK, PUSH, LOOK, PUSH, PUSH],
    });
    world.faults.plan(/^POST/, { kind: 'answer', status, headers }, 9);
    expect((await all(workspace, [4, 5].map(update))).result).toEqual(['failed', 'failed']);
  },
);

test('rights and haste are no matter of what the host can do', async () => {
  const { workspace, update } = await open();
  for (const status of [401, 403, 429]) {
    world.faults.plan(/^POST/, { kind: 'answer', status });
    const { result, requests } = await all(workspace, [1, 2].map(update));
    expect({ result, requests }).toEqual({ result: ['failed', 'failed'], requests: [PUSH] });
  }
});

test('push options go along where the host takes them, and are told of where it does not', async () => {
  let told = 0;
  const pushOptions = { values: ['ci.skip', 'note=grüße'], notTaken: () => void (told += 1) };
  const { repository, workspace, update } = await open({ 'receive.advertisePushOptions': 'true' }, { pushOptions });
  const lines = ['echo "$GIT_PUSH_OPTION_COUNT $GIT_PUSH_OPTION_0 $GIT_PUSH_OPTION_1" > options.txt'];
  await hook(repository, 'post-receive', lines);
  expect((await all(workspace, [1, 2].map(update))).result).toEqual(['done', 'done']);
  expect(await readFile(join(repository.dir, 'options.txt'), 'utf8')).toBe('2 ci.skip note=grüße\n');
  const expected = (await tipOf(repository.dir, ref(1))) ?? '';
  expect((await all(workspace, [{ ref: ref(1), expected, to: null }])).result).toEqual(['done']);
  expect(told).toBe(0);
  const without = await open({}, { pushOptions });
  expect((await all(without.workspace, [1, 2].map(without.update))).result).toEqual(['done', 'done']);
  expect(told).toBe(1);
});
