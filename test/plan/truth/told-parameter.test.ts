import { expect, test } from 'vitest';
import { showsParameter, toldVersion } from '../../../src/plan/truth/told-parameter.ts';

const TIME = '2026-03-02T09:20:00Z';
const SECONDS = Date.parse(TIME) / 1000;
const at = (number: number, later: number) => `${number}.${SECONDS + later}`;

test.each([
  // A native event names no version: the time decides.
  ['written when the event says', at(3, 0), null, true],
  ['of clocks that differ a little', at(3, -5), null, true],
  ['from before the event', at(3, -6), null, false],
  ['written again since', at(4, 600), null, true],
  ['the version that the event names', at(3, 0), '3', true],
  ['the version before', at(2, 1), '3', false],
  ['an earlier number from long before', at(2, -600), '3', false],
  ['made anew since, with a smaller number', at(1, 600), '3', true],
  ['the predecessor of what was made anew, with a greater number', at(9, -600), '1', false],
])('an answer that is %s', (_, version, versionId, expected) => {
  expect(showsParameter(version, { versionId, time: TIME })).toBe(expected);
});

test('an event without a time is believed in its number alone', () => {
  expect(showsParameter(at(3, 0), { versionId: '3', time: null })).toBe(true);
  expect(showsParameter(at(2, 0), { versionId: '3', time: null })).toBe(false);
  expect(showsParameter(at(2, 0), { versionId: null, time: null })).toBe(true);
});

test('what an event names has the form of an answer', () => {
  expect(toldVersion('3', TIME)).toBe(at(3, 0));
  expect(toldVersion('3', null)).toBe('3');
});
