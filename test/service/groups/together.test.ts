import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMemoryForge } from '../../../src/adapters/memory/forge/memory-forge.ts';
import { waitUntil } from '../../../src/demo/program-process.ts';
import { NO_LIMITS } from '../../../src/domain/life/opening-policy.ts';
import { type GitWorld, NEVER, openGitWorld } from '../../adapters/git/git-world.ts';
import { externalSecret, STORE, version } from '../manifests.ts';
import { MAIN, refOf, START, told, type World } from '../memory-world.ts';
import { createTeamWorld, onceAt, proposed, violations } from '../team-world.ts';

const NAMES = ['a', 'b', 'c', 'd'];
const LAYOUT = { one: ['a'], two: ['b'], three: ['c'], four: ['d'] };
const WISHED = new Map(NAMES.map((name) => [name, version(2)]));
const EVERYTHING = {
  one: { a: version(2) },
  two: { b: version(2) },
  three: { c: version(2) },
  four: { d: version(2) },
};
const PUSH = 'POST git-receive-pack';

let host: GitWorld;
beforeAll(async () => {
  host = await openGitWorld();
});
afterAll(() => host.close());

/** Each secret has moved, and one batch tells of all. */
function rotate(world: World): World {
  for (const name of NAMES) {
    world.rotate(name, version(2));
    world.tell(name, version(2));
  }
  return world;
}

const branchOf = (name: string) => (branch: string) => branch.includes(`acme/${name}-`);

async function openedBranches(world: World): Promise<readonly string[]> {
  return (await world.open()).map(({ branch }) => /acme\/([a-d])-/.exec(branch)?.[1] ?? branch);
}

async function ownRefs(world: World) {
  return world.workspace.refs(['refs/heads/gitops-reloader/'], NEVER);
}

async function onGit() {
  const files = {
    'store.yaml': STORE,
    ...Object.fromEntries(Object.entries(LAYOUT).map(([file, keys]) => [`${file}.yaml`, externalSecret(file, keys)])),
  };
  const { url } = await host.repository(new Map(Object.entries(files)));
  const workspace = await host.workspace(url);
  const forge = createMemoryForge({
    now: () => START,
    head: async (branch) => {
      const [ref] = await workspace.refs([`refs/heads/${branch}`], NEVER);
      return ref === undefined ? null : workspace.commit(ref, NEVER);
    },
  });
  const world = rotate(createTeamWorld(LAYOUT, { hosts: { workspace, forge } }));
  const before = host.server.traffic.length;
  const pushes = () => host.server.traffic.slice(before).filter(({ operation }) => operation === PUSH).length;
  const opened = async () =>
    (await forge.pulls()).map(({ branch, state }) => `${branch.replace(/^.*acme\/(.).*$/, '$1')} ${state}`);
  return { world, workspace, pushes, opened };
}

test('the new branches of a round are one push, and are shown in their order', async () => {
  const { world, pushes, opened } = await onGit();
  const process = world.start();
  await process.work();
  expect(await opened()).toEqual(NAMES.map((name) => `${name} open`));
  expect(pushes()).toBe(1);
  expect(told(process, 'outcome')).toEqual(Array(4).fill('published'));
  expect(world.inbox.bodies()).toEqual([]);
});

test('a joint push whose answer is lost settles nothing: the branches are found, and shown once', async () => {
  const { world, workspace, pushes, opened } = await onGit();
  host.faults.plan(/^POST git-receive-pack$/, { kind: 'drop-after-effect' });
  const process = world.start();
  const working = process.work();
  const begunAgain = () => process.lines.filter(({ message }) => message === 'begin again').length;
  await waitUntil('all of them are to begin again', () => begunAgain() === NAMES.length);
  expect(world.inbox.bodies()).toHaveLength(NAMES.length);
  expect(await opened()).toEqual([]);
  await world.time.pass(2000);
  await working;
  expect(await opened()).toEqual(NAMES.map((name) => `${name} open`));
  expect(await workspace.refs(['refs/heads/gitops-reloader/'], NEVER)).toHaveLength(4);
  expect(pushes()).toBe(1);
  expect(world.inbox.bodies()).toEqual([]);
});

test('limits let the same ones through, in the same order, and no more go together than may be shown', async () => {
  const { world, workspace, pushes, opened } = await onGit();
  const process = world.start({ settings: { limits: { ...NO_LIMITS, open: 2 } } });
  await process.work();
  expect(await opened()).toEqual(['a open', 'b open']);
  expect(told(process, 'outcome')).toEqual(['published', 'published', 'waiting', 'waiting']);
  expect(await workspace.refs(['refs/heads/gitops-reloader/'], NEVER)).toHaveLength(4);
  expect(pushes()).toBe(3);
  expect(world.inbox.bodies()).toEqual([]);
});

test('limits hold although another replica sweeps while the first ones are shown', async () => {
  const settings = { limits: { ...NO_LIMITS, open: 2 } };
  for (let at = 1; at <= 6; at += 1) {
    const world = rotate(createTeamWorld(LAYOUT));
    const other = world.start({ settings });
    let opens = 0;
    const gate = async (call: string, moment: string) => {
      if (moment === 'after' && ['publish', 'open'].includes(call)) opens += 1;
      if (opens === at) {
        opens += 1;
        await other.sweepWork();
      }
    };
    await world.start({ settings, gate }).batch();
    await world.drain(other);
    expect(await openedBranches(world), `${at}`).toEqual(['a', 'b']);
    expect(await ownRefs(world), `${at}`).toHaveLength(4);
  }
});

test('one that a rule refuses leaves the others proposed', async () => {
  const first = rotate(createTeamWorld(LAYOUT));
  await first.start().batch();
  const ref = (await ownRefs(first)).find(({ name }) => branchOf('b')(name))?.name ?? '';
  const world = rotate(createTeamWorld(LAYOUT));
  world.workspace.refuse(ref, 'a hook says no');
  const process = world.start();
  await process.batch();
  expect(await openedBranches(world)).toEqual(['a', 'c', 'd']);
  expect(told(process, 'outcome').toSorted()).toEqual(['needs-operator', 'published', 'published', 'published']);
  expect(world.inbox.bodies()).toHaveLength(1);
  world.workspace.refuse(ref, null);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual(EVERYTHING);
});

test('a base that moves before any call ends the round for those that are left, and nothing is lost or doubled', async () => {
  const measured = onceAt(0, async () => undefined);
  await rotate(createTeamWorld(LAYOUT)).start({ gate: measured.gate }).batch();
  for (let number = 1; number <= measured.count(); number += 1) {
    const world = rotate(createTeamWorld(LAYOUT));
    const push = async () => void world.workspace.commitTo(MAIN, new Map([['README.md', '# Moved\n']]), 'Moved');
    await world.start({ gate: onceAt(number, push).gate }).batch();
    await world.drain();
    expect(await violations(world, LAYOUT, WISHED), `${number}`).toEqual([]);
    expect(await world.forge.pulls(), `${number}`).toHaveLength(4);
  }
});

test('a pull request that people closed while others were shown is not opened again', async () => {
  const world = rotate(createTeamWorld(LAYOUT));
  const other = world.start();
  let shown = 0;
  const process = world.start({
    gate: async (call, moment) => {
      if (call !== 'open' || moment !== 'after') return;
      shown += 1;
      if (shown > 1) return;
      // So long it leaves to us what we have pushed.
      await other.sweepWork();
      for (const milliseconds of [10_000, 5000]) {
        await world.time.pass(milliseconds);
        await other.sweepWork();
      }
      const third = (await world.open()).find(({ branch }) => branchOf('c')(branch));
      await world.forge.closeAs(third?.number ?? 0, 'person');
    },
  });
  await process.batch();
  await world.drain();
  expect((await openedBranches(world)).toSorted()).toEqual(['a', 'b', 'd']);
  expect((await world.forge.pulls()).filter((pull) => branchOf('c')(refOf(pull)))).toHaveLength(1);
  expect(told(process, 'outcome')).toContain('rejected-by-people');
});
