import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { changesOf, describeEvents } from '../../../src/service/report/describe-events.ts';

const NATIVE = readFileSync('fixtures/events/native_label_updated_awscurrent.json', 'utf8');
const NOW = Date.parse('2026-05-01T00:00:00Z');

test('an event is described without the change it carries', () => {
  const [one, ...more] = describeEvents(NATIVE);
  expect(more).toEqual([]);
  expect(Object.keys(one ?? {}).toSorted()).toEqual(
    ['action', 'currentChanged', 'eventName', 'identifier', 'kind', 'reason', 'secret', 'versionId'].toSorted(),
  );
  expect(one).toMatchObject({ kind: 'secret', action: 'reconcile' });
});

test('a text that is no event is described too', () => {
  for (const text of ['', '{', '[]', '"x"', '\u0000']) {
    expect(describeEvents(text)).toMatchObject([{ kind: 'unparseable', action: 'reject' }]);
    expect(changesOf(text, NOW)).toEqual([]);
  }
});

test('a change was delivered when it happened, or now where it does not say when', () => {
  const [told] = changesOf(NATIVE, NOW);
  expect(told?.sentAt).toBe(Date.parse(told?.change.event.time ?? ''));
  const { time, ...untimed } = JSON.parse(NATIVE) as Readonly<Record<string, unknown>>;
  expect(typeof time).toBe('string');
  expect(changesOf(JSON.stringify(untimed), NOW)).toMatchObject([{ sentAt: NOW }]);
});

test('what asks for nothing is no change', () => {
  const noise = readFileSync('fixtures/events/ct_put_secret_value_awspending.json', 'utf8');
  expect(changesOf(noise, NOW)).toEqual([]);
});
