import { expect, test } from 'vitest';
import { gatherPushes } from '../../../src/adapters/git/gather-pushes.ts';
import { internalFailure } from '../../../src/domain/failure.ts';
import type { RefUpdate, UpdateResult } from '../../../src/ports.ts';

const NEVER = new AbortController().signal;
const update = (ref: string): RefUpdate => ({ ref, expected: 'a'.repeat(40), to: null });

const resultOf = (ref: string): UpdateResult =>
  ref === 'bad' ? { kind: 'failed', failure: internalFailure('bad') } : { kind: 'done', oid: ref };
const turn = () => new Promise((resolve) => void setImmediate(resolve));

/** A host that ends each push when it is told to; a ref that is called `bad` fails. */
function slowHost() {
  const pushes: { readonly refs: readonly string[]; readonly signal: AbortSignal; end(): void }[] = [];
  const publish = gatherPushes(
    (updates, signal) =>
      new Promise((resolve) => {
        const refs = updates.map(({ ref }) => ref);
        pushes.push({ refs, signal, end: () => resolve(refs.map((ref) => resultOf(ref))) });
      }),
  );
  return { pushes, publish, seen: () => pushes.map(({ refs }) => refs) };
}

test('one alone goes at once; those of one breath, and those that wait, go together', async () => {
  const { pushes, publish, seen } = slowHost();
  const results = [publish(update('a'), NEVER), publish(update('b'), NEVER)];
  await turn();
  results.push(publish(update('c'), NEVER), publish(update('d'), NEVER));
  await turn();
  expect(seen()).toEqual([['a', 'b']]);
  pushes[0]?.end();
  await turn();
  expect(seen()).toEqual([
    ['a', 'b'],
    ['c', 'd'],
  ]);
  pushes[1]?.end();
  expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd'].map((oid) => ({ kind: 'done', oid })));
  const later = publish(update('e'), NEVER);
  await turn();
  pushes[2]?.end();
  expect(await later).toEqual({ kind: 'done', oid: 'e' });
});

test('a failure reaches whose it is', async () => {
  const { pushes, publish } = slowHost();
  const results = Promise.allSettled(['a', 'bad', 'c'].map((ref) => publish(update(ref), NEVER)));
  await turn();
  pushes[0]?.end();
  expect((await results).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  const broken = gatherPushes(() => Promise.reject(internalFailure('host')));
  const both = await Promise.allSettled(['a', 'b'].map((ref) => broken(update(ref), NEVER)));
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('a push is given up once nobody waits for it, and who stopped before it does not go along', async () => {
  const { pushes, publish, seen } = slowHost();
  const [one, other] = [new AbortController(), new AbortController()];
  const results = [publish(update('a'), one.signal), publish(update('b'), other.signal)];
  await turn();
  results.push(publish(update('c'), one.signal), publish(update('d'), NEVER));
  one.abort();
  expect(pushes[0]?.signal.aborted).toBe(false);
  other.abort();
  expect(pushes[0]?.signal.aborted).toBe(true);
  for (const at of [0, 1, 2]) {
    pushes[at]?.end();
    await turn();
  }
  expect(seen()).toEqual([['a', 'b'], ['c'], ['d']]);
  expect([pushes[1]?.signal.aborted, pushes[2]?.signal.aborted]).toEqual([true, false]);
  await Promise.all(results);
});
