import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { Failure } from '../../../src/domain/failure.ts';
import type { Workspace } from '../../../src/ports.ts';
import { beginRound, readRefs } from '../../../src/service/round.ts';
import { deployment, version } from '../manifests.ts';
import { holds, MAIN, type Process, refOf, type World } from '../memory-world.ts';
import { openRestarts } from '../restart-checks.ts';
import { createTeamWorld } from '../team-world.ts';
import { type Life, openedLife } from './life-world.ts';

const NEVER = new AbortController().signal;
/** Its call is answered at once, and the answer is long on its way. */
const LATE = new AbortController().signal;
const SETTLED = 360_000;

/** The files of a ref, as a person would write them into another history. */
async function filesAt({ workspace }: World, ref: string): Promise<ReadonlyMap<string, string>> {
  const snapshot = await workspace.snapshot({ name: ref, oid: workspace.tip(ref) ?? '' }, NEVER);
  const files = new Map<string, string>();
  for (const { path, oid } of snapshot.entries) files.set(path, Buffer.from(await snapshot.read(oid)).toString());
  return files;
}

/** The base is force-pushed to the same files with another history; `commits`: how long that one is. */
async function rewriteBase(world: World, commits = 1): Promise<void> {
  const files = await filesAt(world, MAIN);
  const other = 'refs/heads/other';
  for (let count = 1; count < commits; count += 1) world.workspace.commitTo(other, new Map(), `Other ${count}`);
  const oid = world.workspace.commitTo(other, files, 'Another history');
  world.workspace.moveRef(other, null);
  world.workspace.moveRef(MAIN, oid);
}

/** What would come to the base with the branch beside our own commit: nothing, unless it stands on something else. */
async function standsOnBase({ world, ref }: Pick<Life, 'world' | 'ref'>): Promise<boolean> {
  const oid = world.workspace.tip(ref) ?? '';
  const { parents } = await world.workspace.commit({ name: ref, oid }, NEVER);
  return parents.length === 1 && (await holds(world, MAIN, parents[0] ?? ''));
}

const STARTS = ['a process that goes on', 'a process that has just begun'] as const;

describe.each(STARTS)('an open refresh, and %s', (start) => {
  /** Looks at the base before it is rewritten, and after. */
  const around = async (life: Life, rewrite: () => Promise<void> | void): Promise<void> => {
    const process = life.world.start();
    await process.sweep();
    await rewrite();
    await (start === STARTS[0] ? process : life.world.start()).sweep('quick');
  };

  test('the base goes back to an earlier commit: what it dropped does not come back with the branch', async () => {
    const life = await openedLife();
    const earlier = life.world.workspace.tip(MAIN);
    const dropped = life.change({ 'mistake.yaml': 'a: mistake\n' });
    await life.rotate(3);
    expect(await holds(life.world, life.ref, dropped)).toBe(true);
    await around(life, () => life.world.workspace.moveRef(MAIN, earlier));
    expect([await holds(life.world, life.ref, dropped), await standsOnBase(life)]).toEqual([false, true]);
    expect([life.proposed(), await life.pulls()]).toEqual([3, ['#1 open 3']]);
  });

  test('the base gets another history with the same files', async () => {
    const life = await openedLife();
    await around(life, () => rewriteBase(life.world));
    expect([await standsOnBase(life), life.proposed(), await life.pulls()]).toEqual([true, 2, ['#1 open 2']]);
  });

  test('a base that only moves on leaves the branch as it is', async () => {
    const life = await openedLife();
    const before = life.world.workspace.tip(life.ref);
    await around(life, () => {
      for (const text of ['one', 'two', 'three']) life.change({ 'README.md': `# ${text}\n` });
    });
    expect(life.world.workspace.tip(life.ref)).toBe(before);
  });
});

test('a history that a process cannot see to its end is taken for another one', async () => {
  const life = await openedLife();
  const process = life.world.start();
  await process.sweep();
  await rewriteBase(life.world, 60);
  await process.sweep('quick');
  expect([await standsOnBase(life), await life.pulls()]).toEqual([true, ['#1 open 2']]);
});

test('the base is rewritten while our push is on its way: the branch is made anew', async () => {
  const life = await openedLife();
  const { workspace } = life.world;
  const earlier = workspace.tip(MAIN);
  const dropped = life.change({ 'mistake.yaml': 'a: mistake\n' });
  workspace.race(() => workspace.moveRef(MAIN, earlier));
  expect(await life.rotate(3)).toEqual(['published']);
  expect([await holds(life.world, life.ref, dropped), await standsOnBase(life)]).toEqual([false, true]);
  expect([life.proposed(), await life.pulls()]).toEqual([3, ['#1 open 3']]);
});

test('a host that shows nothing but the heads of its branches is believed', async () => {
  const life = await openedLife();
  const { workspace } = life.world;
  const untold = new Failure('not our ref', { code: 'git-rejected', retry: 'later', hint: 'Try later.' });
  const heads = async () => new Set((await workspace.refs(['refs/'], NEVER)).map(({ oid }) => oid));
  const commit: Workspace['commit'] = async (ref, signal) => {
    if (!(await heads()).has(ref.oid)) throw untold;
    return workspace.commit(ref, signal);
  };
  const process = life.world.start({ ports: (ports) => ({ ...ports, workspace: { ...ports.workspace, commit } }) });
  await process.sweep();
  const before = workspace.tip(life.ref);
  for (const text of ['one', 'two', 'three']) life.change({ 'README.md': `# ${text}\n` });
  await process.sweep('quick');
  expect([workspace.tip(life.ref), await life.pulls()]).toEqual([before, ['#1 open 2']]);
});

test('an answer of the host that comes late is no other history', async () => {
  const life = await openedLife();
  const { workspace } = life.world;
  const [answered, arrives] = [new AbortController(), new AbortController()];
  const isAnswered = once(answered.signal, 'abort');
  const refs: Workspace['refs'] = async (prefixes, signal) => {
    const found = await workspace.refs(prefixes, signal);
    if (signal !== LATE) return found;
    answered.abort();
    await once(arrives.signal, 'abort');
    return found;
  };
  const { served } = life.world.start({ ports: (ports) => ({ ...ports, workspace: { ...ports.workspace, refs } }) });
  const look = async (signal = NEVER) => {
    const found = await readRefs(served, signal);
    if (found !== null) await beginRound(served, found, signal);
  };
  await look();
  const late = look(LATE);
  await isAnswered;
  const head = life.change({ 'README.md': '# more\n' });
  await look();
  arrives.abort();
  await late;
  expect(served.memory.line).toMatchObject({ head, rewrittenAt: null });
  workspace.moveRef(MAIN, (await workspace.commit({ name: MAIN, oid: head }, NEVER)).parents[0] ?? '');
  await look();
  expect(served.memory.line?.rewrittenAt).not.toBeNull();
});

test("a person's commits on the branch are kept, whatever became of the base", async () => {
  const life = await openedLife();
  const process = life.world.start();
  await process.sweep();
  const theirs = life.push({ 'mine.md': 'mine\n' });
  await rewriteBase(life.world);
  await process.sweep();
  expect(await holds(life.world, life.ref, theirs)).toBe(true);
});

/** A world in which the refresh of version 2 was merged a moment ago, and its process. */
async function mergedRefresh(): Promise<{ readonly world: World; readonly process: Process; readonly before: string }> {
  const world = createTeamWorld({ db: ['a'] }, { files: { 'api.yaml': deployment('api', 'db') } });
  world.rotate('a', version(1));
  const before = world.workspace.tip(MAIN) ?? '';
  world.rotate('a', version(2));
  world.tell('a', version(2));
  const process = world.start();
  await world.drain(process);
  await world.merge(1, 'delete');
  await process.sweep();
  return { world, process, before };
}

test('a base that is rewritten while a refresh settles: the time starts again', async () => {
  const { world, process } = await mergedRefresh();
  await world.time.pass(SETTLED - 1000);
  await rewriteBase(world);
  await process.sweep('quick');
  await world.time.pass(2000);
  await process.sweep();
  expect(await openRestarts(world)).toEqual([]);
  await world.time.pass(SETTLED);
  await process.sweep();
  expect(await openRestarts(world)).toHaveLength(1);
});

test('a restart that is proposed already stays open, on the new base', async () => {
  const { world, process } = await mergedRefresh();
  await world.time.pass(SETTLED);
  await process.sweep();
  const [pull] = await openRestarts(world);
  await rewriteBase(world);
  await process.sweep('quick');
  const ref = refOf(pull ?? { branch: '' });
  expect((await openRestarts(world)).map(({ number }) => number)).toEqual([pull?.number]);
  expect(await standsOnBase({ world, ref })).toBe(true);
});

test('a base without the merged refresh: its restart is taken back, and comes again with the refresh', async () => {
  const { world, process, before } = await mergedRefresh();
  await world.time.pass(SETTLED);
  await process.sweep();
  const [pull] = await openRestarts(world);
  const after = world.workspace.tip(MAIN);
  world.workspace.moveRef(MAIN, before);
  await process.sweep();
  expect([await openRestarts(world), world.workspace.tip(refOf(pull ?? { branch: '' }))]).toEqual([[], null]);
  world.workspace.moveRef(MAIN, after);
  await process.sweep();
  expect(await openRestarts(world)).toEqual([]);
  await world.time.pass(SETTLED);
  await process.sweep();
  expect(await openRestarts(world)).toHaveLength(1);
});
