import { writeFile } from 'node:fs/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { FLUSH, packet } from '../../../src/adapters/git/protocol/pkt-line.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { GitServer } from '../../../src/demo/git/git-server.ts';
import type { Workspace } from '../../../src/ports.ts';
import { draftOn, expectFailure } from '../../contracts/workspace.ts';
import { MAIN, NEVER, openGitWorld, personCommits } from './git-world.ts';

const BOT = 'refs/heads/bot';
const world = await openGitWorld();
const first = await openGitWorld(0);
afterAll(() => Promise.all([world.close(), first.close()]));
afterEach(() => world.faults.clear());

const names = Array.from(
  { length: 3000 },
  (_, index) => `apps/team-${index % 20}/app-${index % 150}/kind-${index}.yaml`,
);
const manifest = (index: number) =>
  `kind: ExternalSecret\nmetadata:\n  name: app-${index}\n${'  # some line\n'.repeat(80)}`;
const many = await world.repository(new Map(names.map((name, index) => [name, manifest(index)])));

async function baseOf(workspace: Workspace) {
  const [main] = await workspace.refs([MAIN], NEVER);
  if (main === undefined) throw new Error('no base branch');
  return main;
}

function bytesSince(server: GitServer, mark: number, operation: string, side: 'received' | 'sent'): number {
  return server.traffic.slice(mark).reduce((sum, one) => sum + (one.operation === operation ? one[side] : 0), 0);
}

const edits = Object.fromEntries(names.slice(0, 3).map((name) => [name, `${manifest(0)}changed: true\n`]));

test('a change of 3 files among 3,000 is a small upload, also after the base has moved', async () => {
  const repository = await world.copy(many);
  const workspace = await world.workspace(repository.url);
  const base = await baseOf(workspace);
  const snapshot = await workspace.snapshot(base, NEVER);
  expect(snapshot.entries.length).toBe(3000);
  for (const entry of snapshot.entries.slice(0, 50)) {
    expect(Buffer.from(await snapshot.read(entry.oid)).toString()).toContain('kind: ExternalSecret');
  }
  const mark = world.server.traffic.length;
  const one = await workspace.publish({ ref: BOT, expected: null, to: draftOn(base.oid, edits) }, NEVER);
  expect(one.kind).toBe('done');
  expect(bytesSince(world.server, mark, 'POST git-receive-pack', 'received')).toBeLessThan(20_000);
  expect((await git(repository.dir, ['diff', '--name-only', MAIN, BOT])).trim().split('\n')).toEqual(
    Object.keys(edits).toSorted(),
  );
  expect(await git(repository.dir, ['log', '-1', '--format=%an <%ae> %at %cn %ct%n%B', BOT])).toBe(
    'gitops-reloader <bot@acme.example> 1729686406 gitops-reloader 1729686406\n' +
      'Bump prod/db\n\nSecret-Rotation: prod/db=1\n\n',
  );

  await personCommits(repository.dir, 'main', new Map([[names[9] ?? '', 'moved\n']]));
  const moved = await baseOf(workspace);
  const again = world.server.traffic.length;
  await workspace.snapshot(moved, NEVER);
  expect(bytesSince(world.server, again, 'POST git-upload-pack', 'sent')).toBeLessThan(20_000);
  const expected = one.kind === 'done' ? one.oid : null;
  const two = await workspace.publish({ ref: BOT, expected, to: draftOn(moved.oid, edits) }, NEVER);
  expect(two.kind).toBe('done');
  expect(bytesSince(world.server, again, 'POST git-receive-pack', 'received')).toBeLessThan(20_000);
  await git(repository.dir, ['fsck', '--strict', '--full']);
});

test('a fresh process asks for an open branch and a moved base without the history', async () => {
  const repository = await world.copy(many);
  const old = await world.workspace(repository.url);
  const base = await baseOf(old);
  const pushed = await old.publish({ ref: BOT, expected: null, to: draftOn(base.oid, edits) }, NEVER);
  if (pushed.kind !== 'done') throw new Error(pushed.kind);
  for (let count = 0; count < 3; count += 1) {
    await personCommits(repository.dir, 'main', new Map([[names[9] ?? '', `moved ${count}\n`]]));
  }
  const workspace = await world.workspace(repository.url);
  const mark = world.server.traffic.length;
  await workspace.snapshot(await baseOf(workspace), NEVER);
  const whole = bytesSince(world.server, mark, 'POST git-upload-pack', 'sent');
  const commit = await workspace.commit({ name: BOT, oid: pushed.oid }, NEVER);
  expect(commit.parents).toEqual([base.oid]);
  expect(bytesSince(world.server, mark, 'POST git-upload-pack', 'sent') - whole).toBeLessThan(20_000);
});

test('a change taken back is fetched as a small change, though its old content was never here', async () => {
  const repository = await world.copy(many);
  const name = names[9] ?? '';
  await personCommits(repository.dir, 'main', new Map([[name, 'changed\n']]));
  const workspace = await world.workspace(repository.url);
  await workspace.snapshot(await baseOf(workspace), NEVER);
  await personCommits(repository.dir, 'main', new Map([[name, manifest(9)]]));
  const base = await baseOf(workspace);
  const mark = world.server.traffic.length;
  const snapshot = await workspace.snapshot(base, NEVER);
  const entry = snapshot.entries.find((one) => one.path === name);
  expect(Buffer.from(await snapshot.read(entry?.oid ?? '')).toString()).toBe(manifest(9));
  expect(world.server.traffic.slice(mark).map((one) => one.operation)).toEqual(['POST git-upload-pack']);
  expect(bytesSince(world.server, mark, 'POST git-upload-pack', 'sent')).toBeLessThan(20_000);
});

test('a branch that has moved already costs no upload', async () => {
  const repository = await world.copy(many);
  const workspace = await world.workspace(repository.url);
  const base = await baseOf(workspace);
  const update = { ref: MAIN, expected: 'e'.repeat(40), to: draftOn(base.oid, edits) };
  expect(await workspace.publish(update, NEVER)).toEqual({ kind: 'moved' });
  expect(world.server.traffic.at(-1)?.operation).toBe('GET info/refs git-receive-pack');
});

test('to look whether anything moved is one small request, however many refs others have', async () => {
  const repository = await world.copy(many);
  const tip = (await git(repository.dir, ['rev-parse', MAIN])).trim();
  const others = Array.from(
    { length: 5000 },
    (_, at) => `${tip} refs/${at % 2 === 0 ? 'pull' : 'heads/other'}/${at}\n`,
  );
  const own = ['one', 'two', 'three'].map((name) => `${tip} refs/heads/bot/${name}\n`);
  const lines = [`${tip} ${MAIN}\n`, ...others, ...own].toSorted((a, b) => (a.slice(41) < b.slice(41) ? -1 : 1));
  await writeFile(`${repository.dir}/packed-refs`, `# pack-refs with: sorted \n${lines.join('')}`);
  const workspace = await world.workspace(repository.url);
  const look = () => workspace.refs([MAIN, 'refs/heads/bot/'], NEVER);
  expect((await look()).map(({ name }) => name)).toEqual([...own.map((line) => line.slice(41, -1)).toSorted(), MAIN]);
  await workspace.snapshot(await baseOf(workspace), NEVER);
  for (let count = 0; count < 3; count += 1) {
    const mark = world.server.traffic.length;
    await look();
    const asked = world.server.traffic.slice(mark);
    expect(asked.map(({ operation }) => operation)).toEqual(['POST git-upload-pack']);
    expect(asked.reduce((sum, { received, sent }) => sum + received + sent, 0)).toBeLessThan(1024);
  }
});

test('a fetch that is cut, or damaged, leaves nothing behind', async () => {
  const repository = await world.copy(many);
  const workspace = await world.workspace(repository.url);
  const base = await baseOf(workspace);
  const broken = [
    { kind: 'drop-after-effect' },
    { kind: 'answer', status: 200, body: '' },
    { kind: 'answer', status: 200, body: '000dpackfile\n0008\u0001PA' },
    { kind: 'answer', status: 200, body: '000dpackfile\n0011\u0001PACK12345678' },
    { kind: 'answer', status: 200, body: '00' },
  ] as const;
  for (const effect of broken) {
    world.faults.plan(/^POST git-upload-pack$/, effect);
    await expectFailure(workspace.snapshot(base, NEVER), { retry: 'later' });
  }
  expect((await workspace.snapshot(base, NEVER)).entries.length).toBe(3000);
  const moved = await personCommits(repository.dir, 'main', new Map([[names[0] ?? '', 'moved\n']]));
  for (const effect of broken.slice(1)) {
    // The answer that was built on what is here is damaged: the whole is asked for once more.
    world.faults.plan(/^POST git-upload-pack$/, effect);
    expect((await workspace.snapshot({ name: MAIN, oid: moved }, NEVER)).entries.length).toBe(3000);
  }
});

test('a host that cannot list its refs is not taken for one that has none', async () => {
  const workspace = await world.workspace((await world.repository(new Map([['a.yaml', 'a\n']]))).url);
  await baseOf(workspace);
  for (const line of ['ERR no such service\n', '# service=git-upload-pack\n', 'a'.repeat(40), '<html>']) {
    const body = Buffer.concat([packet(line), FLUSH]).toString('latin1');
    world.faults.plan(/^POST git-upload-pack$/, { kind: 'answer', status: 200, body });
    await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-unreadable', retry: 'later' });
  }
});

test('many commits come and go; what nobody asks for any more is forgotten', async () => {
  const repository = await world.repository(
    new Map([
      ['a.yaml', 'a\n'],
      ['b/c.yaml', 'c\n'],
    ]),
  );
  const workspace = await world.workspace(repository.url, { limits: { maxTips: 3 } });
  const tips: string[] = [];
  for (let count = 0; count < 6; count += 1) {
    const oid = await personCommits(repository.dir, 'main', new Map([['a.yaml', `${count}\n`]]));
    tips.push(oid);
    const snapshot = await workspace.snapshot({ name: MAIN, oid }, NEVER);
    const entry = snapshot.entries.find((one) => one.path === 'a.yaml');
    expect(Buffer.from(await snapshot.read(entry?.oid ?? '')).toString()).toBe(`${count}\n`);
  }
  const early = await workspace.snapshot({ name: MAIN, oid: tips[0] ?? '' }, NEVER);
  expect(Buffer.from(await early.read(early.entries[0]?.oid ?? '')).toString()).toBe('0\n');
});

test('a base that nobody moves is fetched once, however many commits are made on it', async () => {
  const repository = await world.copy(many);
  const workspace = await world.workspace(repository.url, { limits: { maxTips: 4 } });
  const base = await baseOf(workspace);
  await workspace.snapshot(base, NEVER);
  const mark = world.server.traffic.length;
  for (let count = 0; count < 10; count += 1) {
    const to = draftOn(base.oid, { [names[0] ?? '']: `${manifest(0)}changed: ${count}\n` });
    expect((await workspace.publish({ ref: `${BOT}/${count}`, expected: null, to }, NEVER)).kind).toBe('done');
  }
  expect(bytesSince(world.server, mark, 'POST git-upload-pack', 'sent')).toBe(0);
});

test('who works on one file after the other lets others have their turn', async () => {
  const repository = await world.copy(many);
  const workspace = await world.workspace(repository.url);
  const snapshot = await workspace.snapshot(await baseOf(workspace), NEVER);
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  for (const { oid } of snapshot.entries.slice(0, 8)) {
    await snapshot.read(oid);
    workFor(12);
  }
  isOver = true;
  expect(turns).toBeGreaterThanOrEqual(7);
});

function workFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test('a host that knows only the first protocol is read and written the same way', async () => {
  const repository = await first.repository(
    new Map([
      ['a.yaml', 'a\n'],
      ['b/c.yaml', 'c\n'],
    ]),
  );
  const workspace = await first.workspace(repository.url);
  const base = await baseOf(workspace);
  expect((await workspace.snapshot(base, NEVER)).entries.map((entry) => entry.path)).toEqual(['a.yaml', 'b/c.yaml']);
  const moved = await personCommits(repository.dir, 'main', new Map([['a.yaml', 'moved\n']]));
  await personCommits(repository.dir, 'other', new Map([['z.yaml', 'z\n']]));
  expect(await workspace.refs([MAIN], NEVER)).toEqual([{ name: MAIN, oid: moved }]);
  const snapshot = await workspace.snapshot({ name: MAIN, oid: moved }, NEVER);
  expect(Buffer.from(await snapshot.read(snapshot.entries[0]?.oid ?? '')).toString()).toBe('moved\n');
  const draft = draftOn(moved, { 'b/c.yaml': 'ours\n' });
  expect((await workspace.publish({ ref: BOT, expected: null, to: draft }, NEVER)).kind).toBe('done');
  expect(await git(repository.dir, ['show', '--format=', '--name-only', BOT])).toBe('b/c.yaml\n');
  await expectFailure(workspace.commit({ name: MAIN, oid: base.oid.replaceAll(/./g, 'e') }, NEVER), { retry: 'later' });
});

test('a SHA-256 repository is refused in words', async () => {
  const repository = await world.repository(new Map([['a.yaml', 'a\n']]));
  await git(repository.dir, [
    'init',
    '--quiet',
    '--bare',
    '--template=',
    '--object-format=sha256',
    `${repository.dir}/../other.git`,
  ]);
  const workspace = await world.workspace(repository.url.replace(/[^/]*$/, 'other.git'));
  const failure = await expectFailure(workspace.refs([MAIN], NEVER), { code: 'git-rejected', retry: 'never' });
  expect(failure.message).toContain('its object format is not SHA-1');
});
