import { expect, test } from 'vitest';
import { run, runsOf } from './cell.ts';
import { commonEvents, EVENTS } from './events.ts';
import { openMemoryWorld } from './memory-table-world.ts';
import { STATES } from './states.ts';

test.each(STATES)('$title: every event, once', ({ cells }) => {
  const events = cells.flatMap((cell) => cell.events);
  expect(events.filter((event, at) => events.indexOf(event) !== at)).toEqual([]);
  expect(commonEvents().filter((event) => !events.includes(event))).toEqual([]);
});

test.each(runsOf(STATES).map((one) => [one.state.title, EVENTS[one.event].title, one] as const))(
  '%s, %s',
  (_state, _event, one) => run(openMemoryWorld, one),
);
