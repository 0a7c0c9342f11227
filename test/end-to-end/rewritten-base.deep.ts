import { afterAll, expect, test } from 'vitest';
import { git } from '../../src/demo/git/git-cli.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { personCommits } from '../adapters/git/git-world.ts';
import { repositoryOf } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';
import { logOf, proposedOnce, traceOf, untilDeleted } from './traces.ts';

const stages: Stage[] = [];
afterAll(async () => {
  for (const stage of stages) {
    await stage.close();
    expect(stage.world.github.violations).toEqual([]);
  }
});

const BASE = `refs/heads/${WORLD.base}`;
const MISTAKE = 'mistake.yaml';

/** The base gets the files that it has, but for what was a mistake, in a commit that has no parents. */
async function anotherHistory(dir: string): Promise<string> {
  const entries = await git(dir, ['ls-tree', '-r', BASE]);
  const kept = entries.split('\n').filter((line) => line !== '' && !line.endsWith(`\t${MISTAKE}`));
  const index = { GIT_INDEX_FILE: `${dir}/another-index` };
  for (const line of kept) {
    const [mode = '', , oid = '', path = ''] = line.split(/[ \t]/);
    await git(dir, ['update-index', '--add', '--cacheinfo', `${mode},${oid},${path}`], index);
  }
  const tree = (await git(dir, ['write-tree'], index)).trim();
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
  return (await git(dir, [...who, 'commit-tree', tree, '-m', 'Begin again'])).trim();
}

/** Where nothing moves, a look of the sweep asks for the refs below its prefixes, and for nothing else. */
async function checkIdle({ world }: Stage, transport: 'direct' | 'isomorphic'): Promise<void> {
  const { traffic } = world.git;
  const isLook = ({ begins }: (typeof traffic)[number]) => begins.includes('command=ls-refs');
  await waitUntil('everything has come to rest', () =>
    traffic.slice(-6).every((one) => isLook(one) || one.received === 0),
  );
  const mark = traffic.length;
  await waitUntil('it has looked again and again', () => traffic.slice(mark).filter(isLook).length >= 5);
  const looks = traffic.slice(mark);
  if (transport === 'direct') expect(looks.every(isLook)).toBe(true);
  // isomorphic-git asks what the host can do before each of them.
  for (const { received, sent } of looks) expect(received + sent).toBeLessThan(1024);
}

const REWRITES = {
  'an earlier commit': async (dir: string) => (await git(dir, ['rev-parse', `${BASE}~1`])).trim(),
  'an unrelated history': anotherHistory,
} as const;

test.each(
  (['direct', 'isomorphic'] as const).flatMap((transport) =>
    (Object.keys(REWRITES) as (keyof typeof REWRITES)[]).map((to) => [transport, to] as const),
  ),
)('%s: the base is force-pushed to %s', async (transport, to) => {
  const stage = await startStage(repositoryOf(['prod/first', 'prod/second']));
  stages.push(stage);
  const { dir } = stage.world.repository;
  await personCommits(dir, WORLD.base, new Map([[MISTAKE, 'a: mistake\n']]));
  const program = await stage.run({ sweep: { interval: '100ms' }, git: { transport } });
  const first = stage.rotate('prod/first');
  await untilDeleted(stage, first);
  const own = async () =>
    (await git(dir, ['for-each-ref', '--format=%(refname)', 'refs/heads/gitops-reloader'])).trim();
  const [branch = ''] = (await own()).split('\n');
  const fetches = stage.world.git.traffic.filter(({ begins }) => /(?:^....|\n....)want [0-9a-f]{40}/.test(begins));
  expect([...new Set(fetches.map(({ begins }) => begins.includes('command=fetch')))]).toEqual([transport === 'direct']);
  expect(await git(dir, ['ls-tree', '--name-only', branch])).toContain(MISTAKE);

  await git(dir, ['update-ref', BASE, await REWRITES[to](dir)]);
  const isOnBase = async () =>
    (await git(dir, ['rev-parse', `${branch}~1`])).trim() === (await git(dir, ['rev-parse', BASE])).trim();
  await waitUntil('the branch stands on the new base', isOnBase);
  expect(await git(dir, ['ls-tree', '--name-only', branch])).not.toContain(MISTAKE);
  await waitUntil('the pull request shows it', async () => (await traceOf(stage, first)).pulls[0] === 'open');
  expect(await traceOf(stage, first)).toEqual(proposedOnce(first));
  const warned = logOf(program).filter(({ msg }) => msg === 'the base has another history');
  expect(warned.map(({ level }) => level)).toEqual(['warn']);

  // While a push of ours is on its way, the mistake comes back and goes again.
  const good = (await git(dir, ['rev-parse', BASE])).trim();
  await personCommits(dir, WORLD.base, new Map([[MISTAKE, 'a: mistake\n']]));
  stage.world.faults.git.plan(/^POST git-receive-pack$/, {
    kind: 'before',
    act: async () => void (await git(dir, ['update-ref', BASE, good])),
  });
  const second = stage.rotate('prod/second');
  await untilDeleted(stage, second);
  await waitUntil('no branch of ours has the mistake', async () => {
    const files = await Promise.all((await own()).split('\n').map((ref) => git(dir, ['ls-tree', '--name-only', ref])));
    return files.length === 2 && files.every((names) => !names.includes(MISTAKE));
  });
  expect(await traceOf(stage, second)).toEqual(proposedOnce(second));
  await git(dir, ['fsck', '--strict', '--full']);
  await checkIdle(stage, transport);
  program.signal('SIGTERM');
  expect((await program.exit).code).toBe(0);
});
