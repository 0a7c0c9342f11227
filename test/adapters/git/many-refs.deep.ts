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
  if (result.kind === 'done') {
    const isOurs = now === (update.to === null ? null : result.oid);
    return isOurs ? null : `called done, and is at ${now}`;
  }
  if (result.kind === 'unknown' && before === update.expected) return null;
  return now === before ? null : `called ${result.kind}, and went from ${before} to ${now}`;
}

interface Drawn {
  readonly random: () => number;
  readonly pick: <T>(items: readonly T[]) => T;
  readonly base: string;
}

/** A change or a deletion of a branch, by somebody who knows where it is, or does not. */
function updateOf({ random, pick, base }: Drawn, name: number, tip: string | null, text: string): RefUpdate {
  const expected = random() < 0.25 ? pick([null, base]) : tip;
  const to = draftOn(base, { 'a.yaml': text });
  return expected === null || random() < 0.7
    ? { ref: ref(name), expected, to }
    : { ref: ref(name), expected, to: null };
}

/** A person acts before the first request that could move anything is carried out. */
function raceOn(dir: string, { random }: Drawn, raced: Map<string, string>): FaultEffect {
  const name = Math.floor(random() * 6);
  const act = async () => {
    const files = new Map([['b.yaml', `${random()}\n`]]);
    raced.set(ref(name), await personCommits(dir, `bot/${name}`, files));
  };
  return { kind: 'before', act };
}

function faultOf({ pick }: Drawn, race: FaultEffect): FaultEffect | null {
  const status = pick([404, 413, 429, 502]);
  return pick([null, race, race, { kind: 'drop-after-effect' }, { kind: 'drop' }, { kind: 'answer', status }]);
}

test.each([1, 2, 3, 4, 5, 6])('many refs in every state, faults and races: each result is true (%i)', async (seed) => {
  const random = numbersOf(seed);
  const repository = await world.copy(template);
  const { dir } = repository;
  if (random() < 0.4) await git(dir, ['config', 'receive.advertiseAtomic', 'false']);
  const workspace = await world.workspace(repository.url);
  const base = (await tipOf(dir, MAIN)) ?? '';
  const drawn: Drawn = { random, base, pick: (items) => items[Math.floor(random() * items.length)] as never };
  for (let round = 0; round < 25; round += 1) {
    world.faults.clear();
    await world.server.unprotectBranches(nameOf(repository));
    if (random() < 0.3) await world.server.protectBranch(nameOf(repository), `bot/${Math.floor(random() * 6)}`, 'no');
    const before = new Map<string, string | null>();
    const updates: RefUpdate[] = [];
    for (const name of [0, 1, 2, 3, 4, 5].filter(() => random() < 0.6)) {
      const tip = await tipOf(dir, ref(name));
      before.set(ref(name), tip);
      updates.push(updateOf(drawn, name, tip, `${seed} ${round} ${random() < 0.3 ? 'same' : name}\n`));
    }
    const raced = new Map<string, string>();
    const fault = faultOf(drawn, raceOn(dir, drawn, raced));
    if (fault !== null) world.faults.plan(/^POST/, fault);
    const results = await workspace.publishAll(updates, NEVER);
    const verdicts = updates.map(async (update, at) => {
      const result = results[at] ?? { kind: 'unknown', reason: 'nothing' };
      const was = raced.get(update.ref) ?? before.get(update.ref) ?? null;
      const what = wrong(update, result, was, await tipOf(dir, update.ref));
      return what === null ? [] : [`round ${round}, ${update.ref}: ${what} (${JSON.stringify(result)})`];
    });
    expect((await Promise.all(verdicts)).flat()).toEqual([]);
  }
  await git(dir, ['fsck', '--strict', '--full']);
});
