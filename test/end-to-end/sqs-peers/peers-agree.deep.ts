import { afterAll, beforeAll, expect, test } from 'vitest';
import { isMotoThere, type Peer, startEmbedded, startFauxqs, startMoto } from './peers.ts';
import { play } from './play.ts';
import { QUICK, SLOW } from './scenarios.ts';

const LONGEST_MILLISECONDS = 90_000;
const SCENARIOS = [...QUICK, ...SLOW];
const hasMoto = isMotoThere();
if (!hasMoto) console.warn('moto is not installed: the consumer is not tried against it');

let peers: readonly Peer[] = [];

beforeAll(async () => {
  peers = await Promise.all([startEmbedded(), startFauxqs(), ...(hasMoto ? [startMoto()] : [])]);
});
afterAll(async () => {
  for (const peer of peers) await peer.close();
});

async function check(at: number): Promise<void> {
  const peer = peers[at];
  if (peer === undefined) throw new Error('no such peer');
  const played = await Promise.all(SCENARIOS.map((scenario) => play(peer, scenario, LONGEST_MILLISECONDS)));
  expect(played, peer.name).toEqual(SCENARIOS.map(({ name, traces, end }) => ({ name, traces, end })));
}

test.concurrent('the consumer and the embedded SQS', () => check(0));

test.concurrent('the consumer and fauxqs', () => check(1));

test.skipIf(!hasMoto).concurrent('the consumer and moto', () => check(2));
