import { afterAll, expect, test } from 'vitest';
import type { FaultEffect } from '../../../src/demo/faults.ts';
import { git } from '../../../src/demo/git/git-cli.ts';
import type { RefUpdate, UpdateResult } from '../../../src/ports.ts';
import { draftOn } from '../../contracts/workspace.ts';
import { MAIN, NEVER, nameOf, openGitWorld, personCommits, tipOf } from './git-world.ts';

const world = await openGitWorld();
const template = await world.repository(new Map([['a.yaml', 'a\n']]));
afterAll(() => world.close());

/** Always the same numbers from 0 to 1 for the same seed. */
function numbersOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const ref = (name: number) => `refs/heads/bot/${name}`;

/** What a result says must be so, given where the ref was before and is now. */
function wrong(update: RefUpdate, result: UpdateResult, before: string | null, now: string | null): string | null {
  const isOurs = update.to === null ? now === null : result.kind === 'done' && now === result.oid;
  switch (result.kind) {
    case 'done':
      return isOurs ? null : `called done, and is at ${now}`;
    case 'unknown':
      return before === update.expected || now === before ? null : `a foreign hand's ${before} was overwritten`;
    default:
      return now === before ? null : `called ${result.kind}, and went from ${before} to ${now}`;
  }
}

test.each([1, 2, 3, 4, 5, 6])('many refs in every state, faults and races: each result is true (%i)', async (seed) => {
  const random = numbersOf(seed);
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const repository = await world.copy(template);
  const { dir } = repository;
  if (random() < 0.4) await git(dir, ['config', 'receive.advertiseAtomic', 'false']);
  const workspace = await world.workspace(repository.url);
  const base = (await tipOf(dir, MAIN)) ?? '';
  for (let round = 0; round < 25; round += 1) {
    world.faults.clear();
    await world.server.unprotectBranches(nameOf(repository));
    if (random() < 0.3) await world.server.protectBranch(nameOf(repository), `bot/${Math.floor(random() * 6)}`, 'no');
    const names = [0, 1, 2, 3, 4, 5].filter(() => random() < 0.6);
    const updates: RefUpdate[] = [];
    for (const name of names) {
      const tip = await tipOf(dir, ref(name));
      const isStale = random() < 0.25;
      const expected = isStale ? pick([null, base]) : tip;
      const to = draftOn(base, { 'a.yaml': `${seed} ${round} ${random() < 0.3 ? 'same' : name}\n` });
      updates.push(
        expected === null || random() < 0.7
          ? { ref: ref(name), expected, to: { ...to, time: to.time + round } }
          : { ref: ref(name), expected, to: null },
      );
    }
    // A person acts before the first request that could move anything is carried out.
    const raced = new Map<string, string>();
    const race: FaultEffect = {
      kind: 'before',
      act: async () => {
        const name = Math.floor(random() * 6);
        raced.set(ref(name), await personCommits(dir, `bot/${name}`, new Map([['b.yaml', `${round}\n`]])));
      },
    };
    const fault = pick<FaultEffect | null>([
      null,
      race,
      race,
      { kind: 'drop-after-effect' },
      { kind: 'drop' },
      { kind: 'answer', status: pick([404, 413, 429, 502]) },
    ]);
    if (fault !== null) world.faults.plan(/^POST/, fault);
    const before = new Map<string, string | null>();
    for (const one of updates) before.set(one.ref, await tipOf(dir, one.ref));
    const results = await workspace.publishAll(updates, NEVER);
    for (const [at, update] of updates.entries()) {
      const [result, now] = [results[at], await tipOf(dir, update.ref)];
      const was = raced.get(update.ref) ?? before.get(update.ref) ?? null;
      if (result === undefined) throw new Error('a result for each');
      const what = `seed ${seed}, round ${round}, ${update.ref}: ${JSON.stringify(result)}`;
      expect(wrong(update, result, was, now), what).toBe(null);
    }
  }
  await git(dir, ['fsck', '--strict', '--full']);
});
