import { expect, test } from 'vitest';
import { version } from './manifests.ts';
import { refOf, told, type World } from './memory-world.ts';
import { createTeamWorld, type Layout, proposed } from './team-world.ts';

const LAYOUT: Layout = { db: ['a'] };
const LOGIN = 'acme-gitops[bot]';
const NEVER = new AbortController().signal;

async function rotate(world: World, number: number): Promise<void> {
  world.rotate('a', version(number));
  world.tell('a', version(number));
  await world.time.pass(60_000);
}

test('a commit that the host made in our name is ours: a replay changes nothing, a newer version rewrites it', async () => {
  const world = createTeamWorld(LAYOUT, { hostLogin: LOGIN });
  await rotate(world, 1);
  await world.drain();
  const [pull] = await world.open();
  const first = pull === undefined ? null : world.workspace.tip(refOf(pull));
  world.tell('a', version(1));
  await world.drain();
  expect((await world.open()).map((one) => world.workspace.tip(refOf(one)))).toEqual([first]);
  await rotate(world, 2);
  await world.drain();
  expect(await proposed(world, LAYOUT)).toEqual({ db: { a: version(2) } });
  expect(await world.forge.pulls()).toHaveLength(1);
});

test.each([
  ['amended by a person', { name: LOGIN, email: `4242+${LOGIN}@users.noreply.github.com` }, null],
  ['by a bot of another name', { name: 'other[bot]', email: '1+other[bot]@users.noreply.github.com' }, 'bot'],
  ['by somebody who calls himself like the bot', { name: LOGIN, email: 'me@acme.example' }, 'bot'],
])('a commit %s is not ours, and stays', async (_, author, committer) => {
  const world = createTeamWorld(LAYOUT, { hostLogin: LOGIN });
  await rotate(world, 1);
  await world.drain();
  const [pull] = await world.open();
  if (pull === undefined) throw new Error('no pull request');
  const { message } = await world.workspace.commit({ name: refOf(pull), oid: pull.head }, NEVER);
  const seen = { author, committer: committer === null ? { name: 'Ada', email: 'ada@acme.example' } : author };
  await rotate(world, 2);
  const process = world.start({
    // What a host shows of such a commit: the in-memory one knows a single person for each.
    ports: (ports) => ({
      ...ports,
      workspace: {
        ...ports.workspace,
        commit: async (ref, signal) => ({ ...(await ports.workspace.commit(ref, signal)), message, ...seen }),
      },
    }),
  });
  await process.batch();
  expect(world.workspace.tip(refOf(pull))).toBe(pull.head);
  expect(told(process, 'outcome')).toEqual(['needs-operator']);
});
