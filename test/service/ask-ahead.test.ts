import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { externalSecret, STORE, version } from './manifests.ts';
import { createWorld, MAIN, refOf, told, type World } from './memory-world.ts';
import type { Gate, Moment } from './ports-of-process.ts';
import { createTeamWorld, versionsAt } from './team-world.ts';

const LAYOUT = { db: ['a'], other: ['c'] };
const HOSTS = new Set(['refs', 'describe', 'list', 'publish']);

/** A world in which a process has carried a rotation of `c` through, and writes down which hosts it calls from then on. */
async function warmWorld(onCall: (call: string, moment: Moment) => Promise<void> = async () => undefined) {
  const world = createTeamWorld(LAYOUT);
  const calls: string[] = [];
  let isWarm = false;
  const gate: Gate = async (call, moment) => {
    if (!isWarm) return;
    if (HOSTS.has(call)) calls.push(`${call} ${moment}`);
    await onCall(call, moment);
  };
  const process = world.start({ gate });
  rotate(world, 'c', 1);
  await world.drain(process);
  isWarm = true;
  return { world, process, calls };
}

function rotate(world: World, name: string, number: number): void {
  world.rotate(name, version(number));
  world.tell(name, version(number));
}

/** What is on the branch that bumps `db`. */
async function proposedOfDb(world: World): Promise<readonly (string | undefined)[]> {
  const pulls = await world.open();
  return pulls.flatMap((pull) => versionOfDb(world, refOf(pull)) ?? []);
}

function versionOfDb(world: World, ref: string): string | undefined {
  const { a } = versionsAt(world, ref, 'db');
  return a;
}

function countOf(calls: readonly string[], call: string): number {
  return calls.filter((one) => one === `${call} before`).length;
}

test('refs, AWS and the forge are asked at once where nothing was written meanwhile, each once before the push', async () => {
  const { world, process, calls } = await warmWorld();
  rotate(world, 'a', 1);
  await world.drain(process);
  const begun = calls.slice(0, 3).toSorted();
  expect(begun).toEqual(['describe before', 'list before', 'refs before']);
  const untilPush = calls.slice(0, calls.indexOf('publish before'));
  expect(untilPush.filter((call) => call.endsWith('before'))).toHaveLength(3);
  expect(await proposedOfDb(world)).toEqual([version(1)]);
});

test('a process that has seen no refs yet asks them first', async () => {
  const world = createTeamWorld(LAYOUT);
  const calls: string[] = [];
  const process = world.start({
    gate: async (call, moment) => void (HOSTS.has(call) && calls.push(`${call} ${moment}`)),
  });
  rotate(world, 'a', 1);
  await world.drain(process);
  const order = ['refs before', 'refs after', 'describe before', 'describe after', 'list before', 'list after'];
  expect(calls.slice(0, 6)).toEqual(order);
});

test('an answer that is older than what another replica wrote is asked for again: nothing newer is overwritten', async () => {
  let isBetween = false;
  const answered = new EventEmitter();
  const isAnswered = once(answered, 'told');
  const { world, process, calls } = await warmWorld(async (call, moment) => {
    if (call === 'describe' && moment === 'after') answered.emit('told');
    if (call !== 'refs' || moment !== 'before' || isBetween) return;
    isBetween = true;
    await isAnswered;
    // AWS has told of version 1. Version 2 comes, and another replica is done with it before the refs are listed.
    rotate(world, 'a', 2);
    await world.start().work();
    expect(await proposedOfDb(world)).toEqual([version(2)]);
  });
  rotate(world, 'a', 1);
  await world.drain(process);
  expect(countOf(calls, 'describe')).toBeGreaterThan(1);
  expect(await proposedOfDb(world)).toEqual([version(2)]);
  expect(world.inbox.bodies()).toEqual([]);
});

test.each(['the base', 'an own branch', 'a branch that is gone'])(
  '%s has moved: all is asked again after the refs',
  async (what) => {
    const { world, process, calls } = await warmWorld();
    const [pull] = await world.open();
    const ref = refOf(pull ?? { branch: '' });
    if (what === 'the base') world.workspace.commitTo(MAIN, new Map([['README.md', '# New\n']]), 'a person');
    if (what === 'an own branch') world.workspace.commitTo(ref, new Map([['README.md', '# New\n']]), 'a person');
    if (what === 'a branch that is gone') world.workspace.moveRef(ref, null);
    rotate(world, 'a', 1);
    await world.drain(process);
    const order = calls.filter((call) => call.endsWith('before')).slice(0, 5);
    expect(order.slice(3)).toEqual(['describe before', 'list before']);
    expect(countOf(calls, 'describe')).toBe(2);
    expect(await proposedOfDb(world)).toEqual([version(1)]);
  },
);

test('what people decided on an earlier proposal is heard, however early they were asked', async () => {
  const { world, process } = await warmWorld();
  rotate(world, 'a', 1);
  await world.drain(process);
  const pull = (await world.open()).find(({ branch }) => versionOfDb(world, refOf({ branch })) !== undefined);
  await world.forge.closeAs(pull?.number ?? 0, 'person');
  world.tell('a', version(1));
  await world.drain(process);
  expect(told(process, 'outcome').at(-1)).toBe('rejected-by-people');
  expect(await proposedOfDb(world)).toEqual([]);
});

test('nobody is asked ahead of other accounts, and of more than a few secrets', async () => {
  const { world, process, calls } = await warmWorld();
  world.tell('a', version(1), { account: '999988887777', resources: [] });
  await world.drain(process);
  expect(countOf(calls, 'describe')).toBe(0);

  const names = Array.from({ length: 9 }, (_, at) => `s${at}`);
  const files = Object.fromEntries(names.map((name) => [`${name}.yaml`, externalSecret(name, [name])]));
  const many = createWorld({ files: { 'store.yaml': STORE, ...files } });
  const order: string[] = [];
  const busy = many.start({ gate: async (call, moment) => void (moment === 'before' && order.push(call)) });
  rotate(many, 's0', 1);
  await many.drain(busy);
  order.length = 0;
  for (const name of names) rotate(many, name, 2);
  await many.drain(busy);
  expect(order.indexOf('refs')).toBeLessThan(order.indexOf('describe'));
});

test('a host that fails what was asked ahead is asked again when the message comes back', async () => {
  let failures = 0;
  const { world, process } = await warmWorld(async (call, moment) => {
    if (call !== 'list' || moment === 'after' || failures > 0) return;
    failures += 1;
    throw new TypeError('not now');
  });
  rotate(world, 'a', 1);
  await world.drain(process);
  expect(failures).toBe(1);
  expect(told(process, 'outcome').at(-1)).toBe('published');
  expect(await proposedOfDb(world)).toEqual([version(1)]);
});
