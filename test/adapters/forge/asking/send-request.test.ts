import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPace, type Pace } from '../../../../src/adapters/forge/identity/pace.ts';
import type { FaultEffect } from '../../../../src/demo/faults.ts';
import { primaryRateLimit, secondaryRateLimit } from '../../../../src/demo/github/rate-limits.ts';
import { draftOf, type Hub, openHub, READS, signal } from '../hub.ts';

const LIST = 'GET /repos/{owner}/{repo}/pulls';
const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const FACTS = 'POST /graphql MergeFacts';
const ENABLE = 'POST /graphql EnableAutoMerge';
const PLENTY = { atOnce: 100, millisecondsEach: 1000 };
const UNAVAILABLE: FaultEffect = { kind: 'answer', status: 503, body: { message: 'Unavailable' } };

let hub: Hub;
const paces: Pace[] = [];
beforeEach(async () => {
  hub = await openHub();
  await hub.push('x', 'Bump');
});
afterEach(async () => {
  await Promise.all(paces.splice(0).map((pace) => pace.close()));
  await hub.close();
});

/** How often an operation was asked for while this ran. */
async function countOf(operation: string, run: () => Promise<unknown>): Promise<number> {
  const before = hub.server.calls.get(operation) ?? 0;
  await run();
  return (hub.server.calls.get(operation) ?? 0) - before;
}

function paced(limits: Partial<Parameters<typeof createPace>[0]> = {}) {
  const pace = createPace({ writes: PLENTY, notifications: PLENTY, waiting: 1, ...limits });
  paces.push(pace);
  return { pace, forge: hub.forge({ pace }) };
}

function list() {
  return hub.forge().list('x', 'main', signal());
}

function outcome(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'done',
    (error: unknown) => error,
  );
}

test.each<[string, FaultEffect]>([
  ['cut off', { kind: 'drop' }],
  ['answered 503', UNAVAILABLE],
])('a read that is %s comes through the next time, or the time after', async (_, effect) => {
  for (const times of [1, 2]) {
    hub.faults.plan(/^GET /, effect, times);
    expect(await countOf(LIST, async () => expect(await list()).toEqual([]))).toBe(times + 1);
  }
  hub.faults.plan(/^GET /, effect, READS);
  const count = await countOf(LIST, () => expect(list()).rejects.toMatchObject({ code: 'forge-unreachable' }));
  expect(count).toBe(READS);
});

test('a read that is refused is not repeated', async () => {
  for (const status of [400, 401, 403, 404, 408, 409, 410, 422, 429, 451]) {
    hub.faults.plan(/^GET /, { kind: 'answer', status, body: { message: 'No' } });
    expect(await countOf(LIST, () => outcome(list()))).toBe(1);
  }
});

test.each<[string, FaultEffect]>([
  ['cut off', { kind: 'drop' }],
  ['answered 503', UNAVAILABLE],
  ['answered 409', { kind: 'answer', status: 409, body: { message: 'Conflict' } }],
])('a write that is %s is never repeated', async (_, effect) => {
  hub.faults.plan(/^POST /, effect);
  expect(await countOf(OPEN, () => outcome(hub.forge().open(draftOf('x'), signal())))).toBe(1);
  expect(await hub.people.pulls()).toEqual([]);
});

test('a question of GraphQL is a read, a mutation is none', async () => {
  await hub.people.setRules({ neededApprovals: 1 });
  const { number, head } = await hub.forge().open(draftOf('x'), signal());
  hub.faults.plan(/MergeFacts/, { kind: 'drop' }, READS - 1);
  expect(await countOf(FACTS, () => hub.forge().mergeFacts(number, signal()))).toBe(READS);
  hub.faults.plan(/EnableAutoMerge/, UNAVAILABLE);
  const turnOn = () => outcome(hub.forge().autoMerge(number, { method: 'squash', head }, signal()));
  expect(await countOf(ENABLE, turnOn)).toBe(1);
  expect(await hub.forge().mergeFacts(number, signal())).toMatchObject({ isAutoMerge: false });
});

test('a limit that ends within seconds is waited for, once', async () => {
  const { forge } = paced();
  const { number } = await forge.open(draftOf('x'), signal());
  // Soon enough to be waited for, and so far ahead that an answer that is seconds late still comes before it.
  const soon = Math.floor(Date.now() / 1000) + 3;
  hub.faults.plan(/^GET /, primaryRateLimit(soon));
  hub.faults.plan(/MergeFacts/, primaryRateLimit(soon));
  hub.faults.plan(/MergeFacts/, primaryRateLimit(soon + 4));
  const facts = countOf(FACTS, () =>
    expect(forge.mergeFacts(number, signal())).rejects.toMatchObject({ code: 'forge-rate-limited', retry: 'later' }),
  );
  const listed = countOf(LIST, async () => expect(await forge.list('x', 'main', signal())).toHaveLength(1));
  expect(await Promise.all([listed, facts])).toEqual([2, 2]);
});

test.each<[string, FaultEffect]>([
  ['whose end is past, by another clock than ours', primaryRateLimit(1)],
  ['that ends in minutes', primaryRateLimit(Math.floor(Date.now() / 1000) + 120)],
  ['that is the secondary one', secondaryRateLimit(1)],
])('a limit %s is for the caller', async (_, effect) => {
  const { forge } = paced();
  hub.faults.plan(/^GET /, effect);
  const failed = { code: 'forge-rate-limited', retry: 'later' };
  const count = await countOf(LIST, () => expect(forge.list('x', 'main', signal())).rejects.toMatchObject(failed));
  expect(count).toBe(1);
});

test('what may not be written now is not sent, and says when it may', async () => {
  const { forge } = paced({ notifications: { atOnce: 1, millisecondsEach: 1_200_000 } });
  await hub.push('y', 'Bump');
  const { number } = await forge.open(draftOf('x'), signal());
  const failed = { code: 'forge-rate-limited', retry: 'later', retryAfterSeconds: 1200 };
  const message = 'could not open a pull request for y: as much as GitHub allows was written lately';
  await expect(forge.open(draftOf('y'), signal())).rejects.toMatchObject({ ...failed, message });
  // Reading goes on, and so does what tells nobody.
  expect(await forge.mergeFacts(number, signal())).toMatchObject({ isOpen: true });
  expect(await hub.people.pulls()).toHaveLength(1);
});

test('whoever waits for a turn is told of a stop at once, and then nothing is sent', async () => {
  const { forge } = paced({ writes: { atOnce: 1, millisecondsEach: 250 }, waiting: 2 });
  for (const branch of ['y', 'z']) await hub.push(branch, 'Bump');
  await forge.open(draftOf('x'), signal());
  const stop = new AbortController();
  const stopped = outcome(forge.open(draftOf('y'), stop.signal));
  const next = forge.open(draftOf('z'), signal());
  stop.abort();
  const first = await Promise.race([stopped, next]);
  expect(first).toMatchObject({ code: 'forge-unreachable', retry: 'later' });
  await next;
  expect((await hub.people.pulls()).map(({ branch }) => branch)).toEqual(['x', 'z']);
});

test('once it is closed no timer is left that a process would wait for', async () => {
  const { forge, pace } = paced({ writes: { atOnce: 1, millisecondsEach: 3_600_000 }, waiting: 2 });
  await hub.push('y', 'Bump');
  await forge.open(draftOf('x'), signal());
  const before = timers();
  const waiting = outcome(forge.open(draftOf('y'), signal()));
  while (timers() === before) await new Promise((resolve) => void setImmediate(resolve));
  await pace.close();
  expect(await waiting).toMatchObject({ retry: 'later' });
  expect(await hub.people.pulls()).toHaveLength(1);
  expect(timers()).toBeLessThanOrEqual(before);
});

/** Those that keep a process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length;
}
