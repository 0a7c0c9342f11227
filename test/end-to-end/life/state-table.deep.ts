import { describe, test } from 'vitest';
import { run, runsOf } from '../../service/life/table/cell.ts';
import { EVENTS } from '../../service/life/table/events.ts';
import { openMemoryWorld } from '../../service/life/table/memory-table-world.ts';
import { STATES } from '../../service/life/table/states.ts';
import { openLoopbackWorld } from './loopback-table-world.ts';

const RUNS = runsOf(STATES).map((one) => [one.state.title, EVENTS[one.event].title, one] as const);

describe('on real Git and GitHub on loopback', () => {
  test.each(RUNS)('%s, %s', (_state, _event, one) => run(openLoopbackWorld, one, 'twice'));
});

describe('in memory, where it also comes to rest', () => {
  test.each(RUNS)('%s, %s', (_state, _event, one) => run(openMemoryWorld, one, 'twice'));
});
