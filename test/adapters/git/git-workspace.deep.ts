import { afterAll, expect, test } from 'vitest';
import { git } from '../../../src/demo/git/git-cli.ts';
import { draftOn } from '../../contracts/workspace.ts';
import { listing, MAIN, NEVER, openGitWorld, personCommits, tipOf } from './git-world.ts';
import { numbers, pathOf, textOf } from './random-files.ts';

const world = await openGitWorld();
const first = await openGitWorld(0);
afterAll(() => Promise.all([world.close(), first.close()]));

/** One life of a repository: people push, garbage is collected, we read and push; Git is asked what is there. */
async function live(on: typeof world, seed: number): Promise<void> {
  const next = numbers(seed);
  const files = new Map(Array.from({ length: 60 }, () => [pathOf(next), textOf(next)] as const));
  const { dir, url } = await on.repository(files);
  let workspace = await on.workspace(url, { limits: { maxTips: 3 } });
  for (let round = 0; round < 12; round += 1) {
    const change = new Map<string, string | null>();
    for (let count = next(5); count >= 0; count -= 1) change.set(pathOf(next), textOf(next));
    // A file where a folder is, or the other way round, is a change Git makes by itself.
    const base = await personCommits(dir, 'main', change);
    if (next(4) === 0) await git(dir, ['repack', '-adq', '--depth=50', '--window=20', '-f']);
    if (next(5) === 0) workspace = await on.workspace(url);
    const snapshot = await workspace.snapshot({ name: MAIN, oid: base }, NEVER);
    const theirs = (await git(dir, ['ls-tree', '-r', '-z', base])).split('\0').slice(0, -1);
    expect(snapshot.entries.map(({ mode, oid, path }) => `${mode} blob ${oid}\t${path}`)).toEqual(theirs);
    const picked = snapshot.entries.filter(() => next(12) === 0);
    for (const { oid, path } of picked) {
      expect(Buffer.from(await snapshot.read(oid)).toString()).toBe(await git(dir, ['show', `${base}:${path}`]));
    }
    const draft = draftOn(
      base,
      Object.fromEntries(picked.map(({ path }) => [path, `${textOf(next)}${seed} ${round}\n`])),
    );
    const ref = `refs/heads/bot/${next(3)}`;
    const result = await workspace.publish({ ref, expected: await tipOf(dir, ref), to: draft }, NEVER);
    expect(result).toEqual({ kind: 'done', oid: await tipOf(dir, ref) });
    const before = await listing(dir, base);
    const changed = (await listing(dir, ref)).filter((line) => !before.includes(line) && line.includes(' blob '));
    expect(changed).toHaveLength(picked.length);
    await git(dir, ['fsck', '--strict', '--full']);
  }
}

test.each([1, 2, 3, 4, 5, 6, 7, 8])('life %i of a repository', (seed) => live(world, seed));
test.each([11, 12, 13])('life %i of a repository on a host of the first protocol', (seed) => live(first, seed));
