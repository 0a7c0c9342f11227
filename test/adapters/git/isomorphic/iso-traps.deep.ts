import { mkdtemp, readdir, readFile, rm, stat, truncate } from 'node:fs/promises';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { listServerRefs } from 'isomorphic-git';
import isomorphicHttp from 'isomorphic-git/http/node';
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest';
import type { GitWorkspace } from '../../../../src/adapters/git/git-workspace.ts';
import {
  createIsomorphicWorkspace,
  type IsomorphicOptions,
} from '../../../../src/adapters/git/isomorphic/isomorphic-workspace.ts';
import { type GitObject, type ObjectType, oidOf } from '../../../../src/adapters/git/objects/git-object.ts';
import { writePack } from '../../../../src/adapters/git/objects/pack-write.ts';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import type { FaultEffect } from '../../../../src/demo/faults.ts';
import { git, gitBytes } from '../../../../src/demo/git/git-cli.ts';
import { listenOnLoopback } from '../../../../src/demo/loopback.ts';
import type { Snapshot } from '../../../../src/ports.ts';
import { draftOn, expectFailure } from '../../../contracts/workspace.ts';
import { listing, MAIN, NEVER, openGitWorld, personCommits, tipOf } from '../git-world.ts';

const BOT = 'refs/heads/bot';
const UPLOAD_PACK = { 'content-type': 'application/x-git-upload-pack-advertisement' };
const world = await openGitWorld();
const [oldest, older] = [await openGitWorld(0), await openGitWorld(1)];
const names = Array.from({ length: 30 }, (_, index) => `apps/team-${index % 7}/kind-${index}.yaml`);
const many = await world.repository(new Map(names.map((name, index) => [name, `# ${index}\n`.repeat(20)])));
afterAll(() => Promise.all([world, older, oldest].map((one) => one.close())));

let cacheDir = '';
let opened: GitWorkspace[] = [];
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), 'iso-traps-'));
});
afterEach(async () => {
  world.faults.clear();
  for (const workspace of opened) await workspace.close();
  opened = [];
  expect(await readdir(cacheDir)).toEqual([]);
  await rm(cacheDir, { recursive: true });
});

async function open(url: string, more: Partial<IsomorphicOptions> = {}): Promise<GitWorkspace> {
  const workspace = await createIsomorphicWorkspace({ url, credentials: async () => null, cacheDir, ...more });
  opened.push(workspace);
  return workspace;
}

async function baseOf(workspace: GitWorkspace) {
  const [main] = await workspace.refs([MAIN], NEVER);
  if (main === undefined) throw new Error('no base branch');
  return main;
}

async function textOf(snapshot: Snapshot, path: string): Promise<string> {
  const entry = snapshot.entries.find((one) => one.path === path);
  return Buffer.from(await snapshot.read(entry?.oid ?? '')).toString();
}

/** Every file on the disk that lies under this name. */
async function filesOnDisk(ending: string): Promise<string[]> {
  const found = await readdir(cacheDir, { recursive: true, withFileTypes: true });
  return found.flatMap((one) => (one.isFile() && one.name.endsWith(ending) ? [join(one.parentPath, one.name)] : []));
}

const BROKEN: readonly FaultEffect[] = [
  { kind: 'drop-after-effect' },
  { kind: 'answer', status: 200, body: '' },
  { kind: 'answer', status: 200, body: '000dpackfile\n0008\u0001PA' },
  { kind: 'answer', status: 200, body: '0008NAK\n0011\u0001PACK12345678' },
  { kind: 'answer', status: 200, body: '00' },
  { kind: 'answer', status: 200, body: '0019ERR upload-pack: no\n' },
  { kind: 'answer', status: 200, body: '0008NAK\n000c\u0003broken' },
];

test('an interrupted fetch leaves nothing on the disk, and the next one is whole', async () => {
  const repository = await world.copy(many);
  const workspace = await open(repository.url);
  const base = await baseOf(workspace);
  for (const effect of BROKEN) {
    world.faults.plan(/^POST git-upload-pack$/, effect);
    await expectFailure(workspace.snapshot(base, NEVER), { retry: 'later' });
    expect(await filesOnDisk('')).toEqual([]);
  }
  expect((await workspace.snapshot(base, NEVER)).entries.length).toBe(30);
  for (const [index, effect] of BROKEN.slice(2, 5).entries()) {
    const oid = await personCommits(repository.dir, 'main', new Map([[names[0] ?? '', `${index}\n`]]));
    world.faults.plan(/^POST git-upload-pack$/, effect);
    // The answer with only what is new is of no use: the commit is asked for alone.
    const snapshot = await workspace.snapshot({ name: MAIN, oid }, NEVER);
    expect(await textOf(snapshot, names[0] ?? '')).toBe(`${index}\n`);
  }
  expect(await textOf(await workspace.snapshot(base, NEVER), names[0] ?? '')).toContain('# 0\n');
});

/** A host of the first protocol that answers each fetch with a pack of the next of these objects, the last ones again. */
async function hostWith(tip: string, ...packs: readonly (readonly GitObject[])[]) {
  const capabilities = 'multi_ack_detailed side-band-64k shallow ofs-delta symref=HEAD:refs/heads/main';
  const refs = [packet(`${tip} HEAD\0${capabilities}\n`), packet(`${tip} ${MAIN}\n`), FLUSH];
  const advertisement = Buffer.concat([packet('# service=git-upload-pack\n'), FLUSH, ...refs]);
  let asked = 0;
  const answer = () => {
    const pack = writePack(packs[Math.min(asked, packs.length - 1)] ?? []);
    asked += 1;
    return Buffer.concat([packet('NAK\n'), packet(Buffer.concat([Buffer.from([1]), pack])), FLUSH]);
  };
  return listenOnLoopback(async (request, response) => {
    if (request.method === 'GET') response.writeHead(200, UPLOAD_PACK).end(advertisement);
    else response.end(answer());
  });
}

test('a commit of which something is missing is not believed', async () => {
  const repository = await world.repository(new Map([['a/b.yaml', 'b\n']]));
  const first = (await tipOf(repository.dir, MAIN)) ?? '';
  const tip = await personCommits(repository.dir, 'main', new Map([['a/b.yaml', 'c\n']]));
  const object = async (type: ObjectType, name: string): Promise<GitObject> => ({
    type,
    data: await gitBytes(repository.dir, ['cat-file', type, name]),
  });
  const commit = await object('commit', tip);
  const top = await object('tree', `${tip}:`);
  const folder = await object('tree', `${tip}:a`);
  const blob = await object('blob', `${tip}:a/b.yaml`);
  const all = [commit, top, folder, blob];
  for (const missing of all) {
    const host = await hostWith(
      tip,
      all.filter((one) => one !== missing),
    );
    const workspace = await open(`${host.url}/x.git`);
    const failure = await expectFailure(workspace.snapshot(await baseOf(workspace), NEVER), { code: 'git-unreadable' });
    expect(failure.message).toContain(`the ${missing.type} ${oidOf(missing)} is missing`);
    expect(await filesOnDisk('')).toEqual([]);
    await host.close();
  }
  const old = await object('commit', first);
  const before = [
    old,
    await object('tree', `${first}:`),
    await object('tree', `${first}:a`),
    await object('blob', `${first}:a/b.yaml`),
  ];
  // What is new comes without its blob, then the commit alone is whole: what was damaged in between is thrown away.
  const host = await hostWith(tip, before, all.slice(0, 3), all);
  const workspace = await open(`${host.url}/x.git`);
  await workspace.snapshot({ name: MAIN, oid: first }, NEVER);
  expect(await textOf(await workspace.snapshot({ name: MAIN, oid: tip }, NEVER), 'a/b.yaml')).toBe('c\n');
  expect(await filesOnDisk('.pack')).toHaveLength(1);
  await host.close();
});

test('a host that is down for a moment costs nothing of what is here', async () => {
  const repository = await world.copy(many);
  const workspace = await open(repository.url);
  await workspace.snapshot(await baseOf(workspace), NEVER);
  const oid = await personCommits(repository.dir, 'main', new Map([[names[0] ?? '', 'moved\n']]));
  const before = await filesOnDisk('.pack');
  for (const operation of [/^GET info\/refs/, /^POST git-upload-pack$/]) {
    world.faults.plan(operation, { kind: 'answer', status: 503 });
    await expectFailure(workspace.snapshot({ name: MAIN, oid }, NEVER), { code: 'git-unreachable' });
  }
  expect(await filesOnDisk('.pack')).toEqual(before);
  const mark = world.server.traffic.length;
  await workspace.snapshot({ name: MAIN, oid }, NEVER);
  const sent = world.server.traffic.slice(mark).filter((one) => one.operation === 'POST git-upload-pack');
  expect(sent).toHaveLength(1);
  expect(sent[0]?.sent).toBeLessThan(4000);
});

test('what others do to the folder on the disk is repaired', async () => {
  const repository = await world.copy(many);
  const damages: ((pack: string) => Promise<unknown>)[] = [
    (pack) => truncate(pack, 40),
    (pack) => rm(join(pack, '..'), { recursive: true }),
    (pack) => rm(join(pack, '..', '..', '..'), { recursive: true }),
    (pack) => rm(join(pack, '..', '..', '..', '..'), { recursive: true }),
  ];
  for (const damage of damages) {
    const workspace = await open(repository.url);
    const base = await baseOf(workspace);
    const snapshot = await workspace.snapshot(base, NEVER);
    for (const pack of await filesOnDisk('.pack')) await damage(pack);
    expect(await textOf(snapshot, names[7] ?? '')).toContain('# 7\n');
    for (const pack of await filesOnDisk('.pack')) await damage(pack);
    const draft = draftOn(base.oid, { [names[0] ?? '']: 'ours\n' });
    const expected = await tipOf(repository.dir, BOT);
    expect((await workspace.publish({ ref: BOT, expected, to: draft }, NEVER)).kind).toBe('done');
    for (const name of await readdir(cacheDir)) {
      expect(((await stat(join(cacheDir, name))).mode & 0o777).toString(8)).toBe('700');
    }
    await workspace.close();
  }
});

test('a commit of our own is not fetched', async () => {
  const repository = await world.copy(many);
  const workspace = await open(repository.url);
  const base = await baseOf(workspace);
  const draft = draftOn(base.oid, { [names[0] ?? '']: 'ours\n' });
  const result = await workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER);
  if (result.kind !== 'done') throw new Error(result.kind);
  const mark = world.server.traffic.length;
  const snapshot = await workspace.snapshot({ name: BOT, oid: result.oid }, NEVER);
  expect(await textOf(snapshot, names[0] ?? '')).toBe('ours\n');
  expect(world.server.traffic.length).toBe(mark);
});

test('a snapshot outlives the folder it was taken from', async () => {
  const repository = await world.copy(many);
  const workspace = await open(repository.url, { limits: { maxFolders: 1 } });
  const snapshot = await workspace.snapshot(await baseOf(workspace), NEVER);
  const other = await personCommits(repository.dir, 'other', new Map([['o.yaml', 'o\n']]));
  await workspace.snapshot({ name: 'refs/heads/other', oid: other }, NEVER);
  expect(await filesOnDisk('.pack')).toHaveLength(1);
  expect(await textOf(snapshot, names[1] ?? '')).toContain('# 1\n');
});

/** About 10 kB that cannot be packed well. */
function noise(seed: number): string {
  return Array.from({ length: 1500 }, (_, at) => Math.imul(seed * 7919 + at, 2_654_435_761).toString(36)).join('\n');
}

test('a rewritten branch is fetched without its history', async () => {
  const repository = await world.copy(many);
  for (let count = 0; count < 6; count += 1) {
    await personCommits(repository.dir, 'main', new Map([['noise.yaml', noise(count)]]));
  }
  const workspace = await open(repository.url, { limits: { maxNewBytes: 40_000 } });
  const base = await baseOf(workspace);
  const draft = draftOn(base.oid, { [names[0] ?? '']: 'ours\n' });
  const replica = await open(repository.url);
  const one = await replica.publish({ ref: BOT, expected: null, to: draft }, NEVER);
  if (one.kind !== 'done') throw new Error(one.kind);
  await workspace.snapshot({ name: BOT, oid: one.oid }, NEVER);
  const moved = await personCommits(repository.dir, 'main', new Map([['noise.yaml', noise(99)]]));
  const two = await replica.publish({ ref: BOT, expected: one.oid, to: { ...draft, parent: moved } }, NEVER);
  if (two.kind !== 'done') throw new Error(two.kind);
  await replica.close();
  const snapshot = await workspace.snapshot({ name: BOT, oid: two.oid }, NEVER);
  expect(await textOf(snapshot, 'noise.yaml')).toBe(noise(99));
  expect(await textOf(snapshot, names[0] ?? '')).toBe('ours\n');
  const sizes = await Promise.all((await filesOnDisk('.pack')).map(async (pack) => (await readFile(pack)).length));
  expect(sizes).toHaveLength(2);
  expect(Math.max(...sizes)).toBeLessThan(40_000);
});

test('a list of refs that is cut between two lines is not taken for a short list', async () => {
  const repository = await world.copy(many);
  const oid = (await tipOf(repository.dir, MAIN)) ?? '';
  await git(repository.dir, ['update-ref', 'refs/heads/z', oid]);
  const line = `${oid} ${MAIN}\n`;
  const body = (line.length + 4).toString(16).padStart(4, '0') + line;
  const workspace = await open(repository.url);
  world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body });
  // Protocol 2 cannot be read: the first protocol is tried, and kept to.
  expect((await workspace.refs(['refs/heads/'], NEVER)).map((ref) => ref.name)).toEqual([MAIN, 'refs/heads/z']);
  const mark = world.server.traffic.length;
  expect(await workspace.refs(['refs/heads/z'], NEVER)).toEqual([{ name: 'refs/heads/z', oid }]);
  expect(world.server.traffic.slice(mark).map((one) => one.operation)).toEqual(['GET info/refs git-upload-pack']);
  const advertisement = `001e# service=git-upload-pack\n0000${body}`;
  world.faults.plan(/^GET info\/refs/, { kind: 'answer', status: 200, body: advertisement, headers: UPLOAD_PACK });
  await expectFailure(workspace.refs(['refs/heads/'], NEVER), { code: 'git-unreadable', retry: 'later' });
});

test('a line that names no ref is not taken for one', async () => {
  const repository = await world.copy(many);
  const oid = (await tipOf(repository.dir, MAIN)) ?? '';
  for (const line of ['ERR no such service\n', '# service=git-upload-pack\n', oid, `${oid} `, '<html>']) {
    const body = Buffer.concat([packet(line), FLUSH]).toString('latin1');
    world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body });
    const workspace = await open(repository.url);
    expect(await workspace.refs([MAIN], NEVER)).toEqual([{ name: MAIN, oid }]);
    world.faults.plan(/^GET info/, { kind: 'answer', status: 200, body, headers: UPLOAD_PACK });
    await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-unreadable', retry: 'later' });
  }
});

test.each([
  ['only the first protocol', oldest],
  ['protocol 1, and speaks it without being asked to,', older],
])('a host that knows %s is read and written the same way', async (_name, elder) => {
  const repository = await elder.repository(
    new Map([
      ['a.yaml', 'a\n'],
      ['b/c.yaml', 'c\n'],
    ]),
  );
  const workspace = await open(repository.url);
  const base = await baseOf(workspace);
  expect((await workspace.snapshot(base, NEVER)).entries.map((entry) => entry.path)).toEqual(['a.yaml', 'b/c.yaml']);
  const moved = await personCommits(repository.dir, 'main', new Map([['a.yaml', 'moved\n']]));
  await git(repository.dir, ['tag', '-m', 'A tag', 'v1', moved], TAGGER);
  expect(await workspace.refs([MAIN, 'refs/tags/'], NEVER)).toEqual([
    { name: MAIN, oid: moved },
    { name: 'refs/tags/v1', oid: await tipOf(repository.dir, 'refs/tags/v1') },
  ]);
  expect(await textOf(await workspace.snapshot({ name: MAIN, oid: moved }, NEVER), 'a.yaml')).toBe('moved\n');
  const draft = draftOn(moved, { 'b/c.yaml': 'ours\n' });
  expect((await workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER)).kind).toBe('done');
  expect(await git(repository.dir, ['show', '--format=', '--name-only', BOT])).toBe('b/c.yaml\n');
  const before = await listing(repository.dir, moved);
  expect((await listing(repository.dir, BOT)).length).toBe(before.length);
});

const TAGGER = { GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x@example.com' };

test('a SHA-256 repository, and one whose HEAD is nowhere, are refused in words', async () => {
  const repository = await world.copy(many);
  const other = `${repository.dir}/../other.git`;
  await git(repository.dir, ['init', '--quiet', '--bare', '--template=', '--object-format=sha256', other]);
  const workspace = await open(repository.url.replace(/[^/]*$/, 'other.git'));
  const failure = await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-rejected', retry: 'never' });
  expect(failure.message).toContain('its object format is not SHA-1');
  await rm(other, { recursive: true });
  await git(repository.dir, ['symbolic-ref', 'HEAD', 'refs/heads/none']);
  const headless = await open(repository.url);
  const nowhere = await expectFailure(headless.snapshot(await baseOf(headless), NEVER), { retry: 'never' });
  expect(nowhere.message).toContain('the repository has no HEAD');
});

function overGlobalAgent(url: string): Promise<string> {
  return listServerRefs({ http: isomorphicHttp, url }).then(
    () => 'answered',
    (error: unknown) => String(error),
  );
}

test("the hidden 5 s timeout of Node's global agent does not count", async () => {
  const { options } = http.globalAgent as http.Agent & { readonly options: { timeout?: number } };
  const before = options.timeout;
  options.timeout = 50;
  const never = await listenOnLoopback(() => new Promise(() => undefined));
  // Answers only when a request over the global agent, begun later than the one at hand, has been given up.
  const slow = await listenOnLoopback(async (_, response) => {
    await overGlobalAgent(`${never.url}/x.git`);
    response.writeHead(503).end();
  });
  try {
    expect(await overGlobalAgent(`${slow.url}/x.git`)).toContain('timed out');
    const workspace = await open(`${slow.url}/x.git`, { limits: { http: { idleMilliseconds: 6000 } } });
    const failure = await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-unreachable' });
    expect(failure.message).toContain('the host answered 503');
  } finally {
    if (before === undefined) delete options.timeout;
    else options.timeout = before;
    await Promise.all([slow.close(), never.close()]);
  }
});

test('a host that stays silent is given up after the configured time, and a stop ends the wait', async () => {
  const silent = await listenOnLoopback(() => new Promise(() => undefined));
  const workspace = await open(`${silent.url}/x.git`, { limits: { http: { totalMilliseconds: 80 } } });
  await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-unreachable', retry: 'later' });
  const stopped = await open(`${silent.url}/x.git`);
  const snapshot = stopped.snapshot({ name: MAIN, oid: '1'.repeat(40) }, NEVER);
  await Promise.all([expectFailure(snapshot, { code: 'git-unreachable' }), stopped.close()]);
  await silent.close();
});

const nextTurn = () => new Promise((resolve) => void setImmediate(resolve));

test('a workspace that is closed in the middle of a fetch leaves nothing behind', async () => {
  const repository = await world.copy(many);
  const workspace = await open(repository.url);
  const base = await baseOf(workspace);
  const closed: Promise<void>[] = [];
  world.faults.plan(/^POST git-upload-pack$/, { kind: 'before', act: async () => void closed.push(workspace.close()) });
  await expectFailure(workspace.snapshot(base, NEVER), { code: 'git-unreachable' });
  await Promise.all(closed);
  expect(await filesOnDisk('')).toEqual([]);
  await expectFailure(workspace.snapshot(base, NEVER), { code: 'git-unreachable' });
  const other = await open(repository.url);
  const mark = world.server.traffic.length;
  const work = other.snapshot(base, NEVER).catch(() => null);
  // The answer has come: from here on it is isomorphic-git that writes.
  while (!world.server.traffic.slice(mark).some((one) => one.operation === 'POST git-upload-pack')) await nextTurn();
  while ((await filesOnDisk('.pack')).length === 0) await nextTurn();
  await other.close();
  await work;
  await workspace.close();
  expect(await readdir(cacheDir)).toEqual([]);
});

const CANARY = 'canary+token/with=odd characters';
const ENCODED = Buffer.from(`x-access-token:${CANARY}`).toString('base64');

test('neither credentials nor addresses are written to the disk or into failures', async () => {
  const repository = await world.copy(many);
  world.server.accept(CANARY, 'write');
  const credentials = async () => ({ username: 'x-access-token', password: CANARY });
  const workspace = await open(repository.url, { credentials });
  const base = await baseOf(workspace);
  await workspace.snapshot(base, NEVER);
  const to = draftOn(base.oid, { [names[0] ?? '']: 'ours\n' });
  expect((await workspace.publish({ ref: BOT, expected: null, to }, NEVER)).kind).toBe('done');
  const files = await filesOnDisk('');
  expect(files.filter((file) => file.endsWith('.pack') || file.endsWith('/config'))).toHaveLength(2);
  for (const file of files) {
    const text = (await readFile(file)).toString('latin1');
    for (const secret of ['canary', ENCODED, '127.0.0.1', 'http']) expect(`${file}: ${text}`).not.toContain(secret);
  }
  const page = await listenOnLoopback(async (request, response) => {
    // A host that sends back what it was sent, headers and all.
    response.writeHead(200, { 'content-type': 'text/html' }).end(JSON.stringify(request.headers));
  });
  const echoing = await open(`${page.url}/x.git`, { credentials });
  const failures = [
    await expectFailure(echoing.refs([MAIN], NEVER), { code: 'git-rejected', retry: 'never' }),
    await expectFailure(echoing.snapshot(base, NEVER), { code: 'git-rejected', retry: 'never' }),
    await expectFailure(echoing.publish({ ref: BOT, expected: null, to }, NEVER), { code: 'git-rejected' }),
  ];
  world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body: `0008NAK\n${CANARY}${ENCODED}` });
  const moved = await personCommits(repository.dir, 'other', new Map([['o.yaml', 'o\n']]));
  failures.push(await expectFailure(workspace.snapshot({ name: 'x', oid: moved }, NEVER), { code: 'git-unreadable' }));
  for (const failure of failures) {
    const shown = inspect(failure, { depth: 20, showHidden: true }) + String(failure.stack);
    for (const secret of ['canary', ENCODED, encodeURIComponent(CANARY)]) expect(shown).not.toContain(secret);
  }
  await page.close();
});
