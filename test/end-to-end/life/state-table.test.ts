import { test } from 'vitest';
import { run, runsOf } from '../../service/life/table/cell.ts';
import { EVENTS } from '../../service/life/table/events.ts';
import { STATES } from '../../service/life/table/states.ts';
import { openLoopbackWorld } from './loopback-table-world.ts';

// Some of them; all are run with the deep tests.
const CHOSEN: readonly string[] = [
  'Nothing proposed, newer version, and a second replica handles it at the same time',
  'Open, base moved: same line',
  'Merged and taken back, `/gitops-reloader retry` by a writer',
];

const named = runsOf(STATES).map((one) => [`${one.state.title}, ${EVENTS[one.event].title}`, one] as const);

test.each(CHOSEN)('%s', (name) => {
  const [, one] = named.find(([title]) => title === name) ?? [];
  if (one === undefined) throw new Error(`there is no cell ${name}`);
  return run(openLoopbackWorld, one);
});
