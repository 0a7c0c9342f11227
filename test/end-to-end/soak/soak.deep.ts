import { expect, test } from 'vitest';
import { soak } from './soak.ts';

/** `SOAK_SEED=<number>` plays the luck of an earlier run again. */
const seed = Number(process.env['SOAK_SEED'] ?? Date.now() % 2 ** 31);

const PLAN = { messages: 20_000, kills: 44, longestSeconds: 1200, mostWorkSeconds: 300 };

test('20,000 messages, two consumers, every twentieth request goes wrong, and one dies now and then', async () => {
  process.stdout.write(`soak: SOAK_SEED=${seed}\n`);
  const { table, wrong } = await soak({ ...PLAN, seed });
  const lost = wrong.filter((one) => one.startsWith('lost')).length;
  const doubled = wrong.filter((one) => one.startsWith('doubled')).length;
  const rows = Object.entries({ lost, doubled, ...table }).map(([name, value]) => `  ${name.padEnd(24)}${value}\n`);
  process.stdout.write(`soak:\n${rows.join('')}`);
  expect(wrong).toEqual([]);
  expect(table['kills']).toBe(PLAN.kills);
}, 1_300_000);
