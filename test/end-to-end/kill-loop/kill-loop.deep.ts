import { expect, test } from 'vitest';
import { type Ending, type KillLoop, runKillLoop } from './kill-loop.ts';

/** Runs a loop and prints its figures. */
async function run(loop: KillLoop): Promise<Ending> {
  const ending = await runKillLoop(loop);
  process.stdout.write(`kill loop, ${loop.replicas} at a time, ${loop.transport}: ${JSON.stringify(ending.figures)}\n`);
  return ending;
}

test('one process, killed at random points', async () => {
  const { figures, wrong } = await run({
    events: 200,
    kills: 60,
    replicas: 1,
    transport: 'direct',
    seed: 20_26,
    longestLife: 2500,
  });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 200, kills: 60, pullRequests: 400 });
  // It died in requests of every kind, and messages were delivered again.
  expect(Object.keys(figures.deaths).length).toBeGreaterThan(8);
  expect(figures.mostDeliveries).toBeGreaterThan(1);
}, 1_200_000);

test('two replicas on one queue, with kills of either', async () => {
  const { figures, wrong } = await run({
    events: 200,
    kills: 60,
    replicas: 2,
    transport: 'direct',
    seed: 20_27,
    longestLife: 2500,
  });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 200, kills: 60, pullRequests: 400 });
  expect(Object.keys(figures.deaths).length).toBeGreaterThan(8);
}, 1_200_000);

test('two replicas that speak by isomorphic-git, with kills of either', async () => {
  const { figures, wrong } = await run({
    events: 60,
    kills: 20,
    replicas: 2,
    transport: 'isomorphic',
    seed: 20_28,
    longestLife: 2500,
  });
  expect(wrong).toEqual([]);
  expect(figures).toMatchObject({ events: 60, kills: 20, pullRequests: 120 });
  expect(Object.keys(figures.deaths).length).toBeGreaterThan(4);
}, 1_200_000);
