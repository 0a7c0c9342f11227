import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Peer, startEmbedded, startFauxqs } from './peers.ts';
import { play } from './play.ts';
import { QUICK } from './scenarios.ts';

const LONGEST_MILLISECONDS = 10_000;
let peers: readonly Peer[] = [];

beforeAll(async () => {
  peers = await Promise.all([startEmbedded(), startFauxqs()]);
});
afterAll(async () => {
  for (const peer of peers) await peer.close();
});

test.concurrent.each(QUICK)('the consumer leaves the same traces in both queues: $name', async (scenario) => {
  const { name, traces, end } = scenario;
  const played = await Promise.all(peers.map((peer) => play(peer, scenario, LONGEST_MILLISECONDS)));
  expect(played).toEqual(peers.map(() => ({ name, traces, end })));
});
