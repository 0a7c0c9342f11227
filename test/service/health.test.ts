import { expect, test } from 'vitest';
import { createMemoryMeter } from '../../src/adapters/memory/memory-meter.ts';
import { Failure } from '../../src/domain/failure.ts';
import { createHealth, type Dependency, type Health } from '../../src/service/health.ts';
import { createVirtualTime } from './virtual-time.ts';

const QUEUES: readonly Dependency[] = ['events', 'more'].map((name) => ({ kind: 'queue', name }));
const REPOSITORIES: readonly Dependency[] = ['apps@main', 'platform@main'].map((name) => ({
  kind: 'repository',
  name,
}));
const [EVENTS = missing(), MORE = missing()] = QUEUES;
const [APPS = missing(), PLATFORM = missing()] = REPOSITORIES;
const DOWN = new Failure('no answer', { code: 'git-unreachable', retry: 'later', hint: 'Look at the network.' });

function missing(): never {
  throw new Error('there are two of each');
}

const down =
  (...dependencies: readonly Dependency[]) =>
  (health: Health) => {
    for (const one of dependencies) health.failing(one, DOWN);
  };
const up =
  (...dependencies: readonly Dependency[]) =>
  (health: Health) => {
    for (const one of dependencies) health.well(one);
  };

test.each<[string, readonly ((health: Health) => void)[], 'starting' | 'running' | 'stopping', boolean, number]>([
  ['nothing is known yet', [], 'starting', false, 0],
  ['one queue was not polled yet', [up(EVENTS, APPS)], 'starting', false, 0],
  ['no repository was asked yet', [up(EVENTS, MORE)], 'starting', false, 0],
  ['one repository was asked', [up(EVENTS, MORE, APPS)], 'running', true, 0],
  ['one repository fails', [up(EVENTS, MORE, APPS), down(PLATFORM)], 'running', true, 1],
  ['all repositories fail', [up(EVENTS, MORE), down(APPS, PLATFORM)], 'running', false, 2],
  ['one queue fails', [up(EVENTS, APPS, PLATFORM), down(MORE)], 'running', false, 1],
  ['all is well again', [down(EVENTS, MORE, APPS, PLATFORM), up(EVENTS, MORE, APPS, PLATFORM)], 'running', true, 0],
  ['it stops', [up(EVENTS, MORE, APPS, PLATFORM), (health) => health.stopping()], 'stopping', false, 0],
])('%s', (_, steps, ...expected) => {
  const health = createHealth([...QUEUES, ...REPOSITORIES], createVirtualTime(0), createMemoryMeter());
  for (const step of steps) step(health);
  const found = health.readiness();
  expect([found.state, found.ready, found.troubles.length]).toEqual(expected);
});

test('a trouble says since when, and the meter follows', async () => {
  const [time, meter] = [createVirtualTime(0), createMemoryMeter()];
  const health = createHealth([EVENTS, APPS], time, meter);
  health.failing(APPS, DOWN);
  await time.pass(60_000);
  health.failing(APPS, DOWN);
  expect(health.readiness().troubles).toEqual([
    { ...APPS, since: 0, reason: 'no answer [git-unreachable]', hint: 'Look at the network.' },
  ]);
  expect(meter.read('repository_up{repository="apps@main"}')).toBe(0);
  health.well(APPS);
  health.well(EVENTS);
  expect(meter.read('repository_up{repository="apps@main"}')).toBe(1);
  expect(meter.read('queue_up{queue="events"}')).toBe(1);
});

test('a service that depends on nothing is ready', () => {
  const health = createHealth([], createVirtualTime(0), createMemoryMeter());
  expect(health.readiness()).toEqual({ ready: true, state: 'running', troubles: [] });
});
