import { expect } from 'vitest';
import type { GitWorkspace } from '../../../../src/adapters/git/git-workspace.ts';
import { git } from '../../../../src/demo/git/git-cli.ts';
import type { RefUpdate } from '../../../../src/ports.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import { type GitWorld, MAIN, NEVER, personCommits, TRANSPORTS, tipOf } from '../git-world.ts';
import { type Numbers, numbers, pathOf, textOf } from '../random-files.ts';

interface Life {
  readonly dir: string;
  readonly url: string;
  readonly create: (typeof TRANSPORTS)[number][1];
  workspace: GitWorkspace;
}

/**
 * Two copies of one repository, one for each transport. The same people do the same to both, the same is asked and
 * published, and whatever comes back must be the same, down to the commit ids. Returns the two repositories.
 */
export async function liveTwice(world: GitWorld, seed: number, rounds: number): Promise<readonly [string, string]> {
  const next = numbers(seed);
  const template = await world.repository(
    new Map(Array.from({ length: 50 }, () => [pathOf(next), textOf(next)] as const)),
  );
  const lives: Life[] = [];
  for (const [, create] of TRANSPORTS) {
    const { dir, url } = await world.copy(template);
    lives.push({ dir, url, create, workspace: await world.workspace(url, SMALL, create) });
  }
  const [first = '', second = ''] = lives.map(({ dir }) => dir);
  for (let round = 0; round < rounds; round += 1) {
    const base = await peopleWork(lives, next);
    for (const life of lives) {
      if (round % 5 === 4) life.workspace = await world.workspace(life.url, SMALL, life.create);
    }
    await readTheSame(lives, base, next);
    await publishTheSame(lives, base, next);
  }
  const refs = await git(first, ['for-each-ref']);
  expect(await git(second, ['for-each-ref'])).toBe(refs);
  expect(refs.trim().split('\n').length).toBeGreaterThan(1);
  return [first, second];
}

const SMALL = { limits: { maxTips: 3 } };

/** Somebody pushes, sometimes on an older commit; now and then garbage is collected. Returns the base's tip. */
async function peopleWork(lives: readonly Life[], next: Numbers): Promise<string> {
  const files = new Map<string, string | null>();
  for (let count = next(5); count >= 0; count -= 1) files.set(pathOf(next), textOf(next));
  const rewritten = next(4) === 0;
  const repacked = next(5) === 0;
  const tips: string[] = [];
  for (const { dir } of lives) {
    const parents = (await git(dir, ['rev-list', '--first-parent', '--max-count=3', MAIN])).trim().split('\n');
    if (rewritten) await git(dir, ['update-ref', MAIN, parents.at(-1) ?? '']);
    tips.push(await personCommits(dir, 'main', files));
    if (repacked) await git(dir, ['repack', '-adq', '--depth=50', '--window=20', '-f']);
  }
  expect(new Set(tips).size).toBe(1);
  return tips[0] ?? '';
}

async function readTheSame(lives: readonly Life[], base: string, next: Numbers): Promise<void> {
  const skip = next(9);
  const seen: unknown[] = [];
  for (const { workspace } of lives) {
    const refs = await workspace.refs(['refs/heads/bot/', MAIN], NEVER);
    expect(refs).toContainEqual({ name: MAIN, oid: base });
    const snapshots: unknown[] = [];
    for (const ref of refs) {
      const snapshot = await workspace.snapshot(ref, NEVER);
      const texts: string[] = [];
      for (const { oid } of snapshot.entries.filter((_, index) => index % 9 === skip)) {
        texts.push(Buffer.from(await snapshot.read(oid)).toString('latin1'));
      }
      snapshots.push({ entries: snapshot.entries, texts, commit: await workspace.commit(ref, NEVER) });
    }
    seen.push({ refs, snapshots });
  }
  expect(seen[1]).toEqual(seen[0]);
}

/** Mostly from where the branch is; sometimes with a wrong idea of it, which both must refuse. */
async function publishTheSame(lives: readonly Life[], base: string, next: Numbers): Promise<void> {
  const ref = `refs/heads/bot/${next(3)}`;
  const [{ dir } = { dir: '' }] = lives;
  const paths = (await git(dir, ['ls-tree', '-r', '--name-only', '-z', base])).split('\0').slice(0, -1);
  const edits = paths.filter(() => next(12) === 0).map((path) => [path, `${textOf(next)}${next(1000)}\n`] as const);
  const expected = next(5) === 0 ? base : await tipOf(dir, ref);
  const onItself = expected !== null && next(3) === 0;
  const update: RefUpdate = { ref, expected, to: draftOn(base, Object.fromEntries(edits)) };
  const results: unknown[] = [];
  for (const { workspace } of lives) {
    const result = await workspace.publish(update, NEVER);
    results.push(result);
    if (result.kind !== 'done' || !onItself) continue;
    // On top of what was just published, before anybody has fetched it.
    const to = { ...update.to, parent: result.oid, time: update.to.time + 60 };
    results.push(await workspace.publish({ ref, expected: result.oid, to }, NEVER));
  }
  const half = results.length / 2;
  expect(results.slice(half)).toEqual(results.slice(0, half));
}
