import { expect, test } from 'vitest';
import { deployment, version } from '../manifests.ts';
import { MAIN, refOf, type World } from '../memory-world.ts';
import { openRestarts, restartsAt } from '../restart-checks.ts';
import { createTeamWorld } from '../team-world.ts';

const SETTLED = 360_000;

function rollout(name: string, secret: string): string {
  return deployment(name, secret).replace('apps/v1\nkind: Deployment', 'argoproj.io/v1alpha1\nkind: Rollout');
}

function ordered(text: string, order: string): string {
  return text.replace(
    '  namespace: app\n',
    `  namespace: app\n  annotations:\n    gitops-reloader.dev/order: ${order}\n`,
  );
}

async function refresh(world: World, name: string, number: number): Promise<void> {
  world.rotate(name, version(number));
  world.tell(name, version(number));
  await world.drain();
  await mergeOpen(world);
}

async function mergeOpen(world: World): Promise<void> {
  for (const { number } of await world.open()) await world.merge(number, 'delete');
}

const restartAt = (world: World, name: string, ref = MAIN) =>
  /restartAt: "([^"]*)"/.exec(world.workspace.fileAt(ref, `${name}.yaml`) ?? '')?.[1] ?? null;

test('a Rollout restarts by restartAt, at the time from which its refresh counts as applied, on every replica', async () => {
  const world = createTeamWorld(
    { db: ['a'] },
    { files: { 'r.yaml': rollout('r', 'db') }, restart: { rollout: 'restartAt' } },
  );
  world.rotate('a', version(1));
  await refresh(world, 'a', 2);
  const merged = world.time.now();
  const [one, other] = [world.start(), world.start()];
  await one.sweep();
  await world.time.pass(SETTLED + 90_000);
  await one.sweep();
  const [pull, ...more] = await openRestarts(world);
  const ref = refOf(pull ?? { branch: '' });
  expect([pull?.title, more]).toEqual(['Restart 1 workload after a secret refresh', []]);
  const expected = new Date(Math.ceil((merged + SETTLED) / 1000) * 1000).toISOString().replace('.000Z', 'Z');
  expect([restartAt(world, 'r'), restartAt(world, 'r', ref)]).toEqual([null, expected]);
  const tip = world.workspace.tip(ref);
  await world.time.pass(90_000);
  await other.sweep();
  expect(world.workspace.tip(ref)).toBe(tip);
  await mergeOpen(world);
  const { due, made } = restartsAt(world, 'r');
  expect(made).toBe(due);
  expect(await other.sweep()).toMatchObject({ restartsDue: 0 });
});

test('a restart that no merge explains keeps the time that was pushed first, whoever looks', async () => {
  const announced = ordered(rollout('r', 'db'), 'staged').replace(
    '    gitops-reloader.dev/order: staged\n',
    '    gitops-reloader.dev/restart-due: "db=0123456789ab"\n',
  );
  const world = createTeamWorld({ db: ['a'] }, { files: { 'r.yaml': announced }, restart: { rollout: 'restartAt' } });
  world.rotate('a', version(1));
  const one = world.start();
  await one.sweep();
  await world.time.pass(SETTLED);
  await one.sweep();
  const [pull] = await openRestarts(world);
  const ref = refOf(pull ?? { branch: '' });
  const [tip, time] = [world.workspace.tip(ref), restartAt(world, 'r', ref)];
  expect(time).not.toBeNull();
  const other = world.start();
  await other.sweep();
  await world.time.pass(SETTLED + 60_000);
  await other.sweep();
  expect([world.workspace.tip(ref), restartAt(world, 'r', ref)]).toEqual([tip, time]);
});

test('workloads with an order of their own: at once, later, never', async () => {
  const files = {
    'now.yaml': ordered(deployment('now', 'db'), 'together'),
    'later.yaml': deployment('later', 'db'),
    'never.yaml': ordered(deployment('never', 'db'), 'refreshOnly'),
  };
  const world = createTeamWorld({ db: ['a'] }, { files });
  world.rotate('a', version(1));
  world.rotate('a', version(2));
  world.tell('a', version(2));
  await world.drain();
  const [pull] = await world.open();
  expect(pull?.body).toMatch(/1 workload \(<code>.*<\/code>\), in the same commit/);
  expect(pull?.body).toMatch(/Later: `restart-due` only announces a restart on 1 workload \(<code>.*<\/code>\)\./);
  expect(pull?.body).toContain('<code>refresh-only</code>');
  await mergeOpen(world);
  const process = world.start();
  await process.sweep();
  await world.time.pass(SETTLED);
  await process.sweep();
  await mergeOpen(world);
  const states = ['now', 'later', 'never'].map((name) => restartsAt(world, name));
  const made = states[0]?.made;
  expect(states).toEqual([
    { due: null, made },
    { due: made, made },
    { due: null, made: null },
  ]);
  expect(made).toMatch(/^db=[0-9a-f]{12}$/);
});
