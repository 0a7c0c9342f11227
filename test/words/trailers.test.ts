import { spawnSync } from 'node:child_process';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EventFacts } from '../../src/domain/change.ts';
import { commitMessage } from '../../src/words/commit-message.ts';
import {
  eventLines,
  formatTrailers,
  ROTATION,
  readEvents,
  readTrailers,
  rotationsOf,
} from '../../src/words/trailers.ts';
import { short } from '../plan/repository.ts';
import { EVENTS, HOSTILE, hostileEvent, hostilePlan, stageOne } from './sample-plans.ts';

const { edits } = stageOne('staged');
const ROTATIONS = rotationsOf(edits);

function event(id: string | null, time: string | null = '2026-01-01T00:00:00Z', name = 'PutSecretValue'): EventFacts {
  return { id, name, time, actorKind: null };
}

// ---------------------------------------------------------------------------------------------------------------------
// Rotations

test('one rotation per secret version that is new, none for what comes along or restarts', () => {
  expect(ROTATIONS.map(short)).toEqual([
    '111122223333:eu-west-1:prod/payments/db=2',
    '444455556666:us-east-1:shared/tls=3',
  ]);
  expect(rotationsOf(edits.filter(({ kind }) => kind !== 'ExternalSecret'))).toEqual([]);
});

test('an edit whose token cannot be read brings nothing', () => {
  expect(rotationsOf(edits.map((edit) => ({ ...edit, after: '1' })))).toEqual([]);
  expect(rotationsOf(edits.map((edit) => ({ ...edit, secrets: ['constructor', '__proto__'] })))).toEqual([]);
});

test('what is written is read back', () => {
  expect(readTrailers(formatTrailers(edits, EVENTS), ROTATION)).toEqual(ROTATIONS);
  expect(readTrailers(commitMessage(edits, EVENTS, 1), ROTATION)).toEqual(ROTATIONS);
});

test('CRLF, as GitHub returns bodies, and spaces at the ends make no difference', () => {
  const message = commitMessage(edits, EVENTS, 1);
  for (const sent of [
    message.replaceAll('\n', '\r\n'),
    `${message}\n\n`,
    `${message.replaceAll('\n', '\r\n')}\r\n\r\n  `,
    message.replaceAll('\n', ' \n').replaceAll('\n \n', '\n\n'),
  ]) {
    expect(readTrailers(sent, ROTATION)).toEqual(ROTATIONS);
    expect(readEvents(sent)).toHaveLength(EVENTS.length);
  }
});

test.each([
  ['nothing', ''],
  ['no trailers', 'Subject\n\nBody.\n'],
  ['an earlier paragraph', `Subject\n\n${ROTATION}: a=1\n\nSigned-off-by: x\n`],
  ['an earlier paragraph in CRLF', `Subject\r\n\r\n${ROTATION}: a=1\r\n\r\nSigned-off-by: x\r\n`],
  ['another key', `Subject\n\n${ROTATION}s: a=1\nX-${ROTATION}: a=1\n`],
  ['a quoted line', `Subject\n\n> ${ROTATION}: a=1\n ${ROTATION}: a=1\n- ${ROTATION}: a=1\n`],
  ['no space', `Subject\n\n${ROTATION}:a=1\n`],
  ['another case', `Subject\n\n${ROTATION.toLowerCase()}: a=1\n`],
])('read from the last paragraph alone: %s', (_, message) => {
  expect(readTrailers(message, ROTATION)).toEqual([]);
});

test('trailers of others in the same paragraph do not matter', () => {
  expect(
    readTrailers(`S\n\nX: y\n${ROTATION}: a=1\nCo-authored-by: z <z@example.com>\n${ROTATION}: b=2`, ROTATION),
  ).toEqual(['a=1', 'b=2']);
});

test('a huge message is read from its end', () => {
  expect(readTrailers(`${'x'.repeat(5_000_000)}\n\n${ROTATION}: a=1`, ROTATION)).toEqual(['a=1']);
  expect(readTrailers(`S\n\n${`${ROTATION}: ${'a'.repeat(100)}\n`.repeat(3000)}`, ROTATION)).toHaveLength(3000);
});

test('Git itself reads the same trailers', () => {
  const message = commitMessage(edits, EVENTS, 1);
  const { stdout } = spawnSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' });
  expect(stdout.trim().split('\n')).toEqual(formatTrailers(edits, EVENTS).split('\n'));
});

// ---------------------------------------------------------------------------------------------------------------------
// Hostile names

test.each(HOSTILE)('%j injects no trailer', (text) => {
  const plan = hostilePlan(text);
  const message = commitMessage(plan.edits, [hostileEvent(text)], 1);
  expect(readTrailers(message, ROTATION)).toEqual(rotationsOf(plan.edits));
  expect(readEvents(message)).toHaveLength(1);
  expect(formatTrailers(plan.edits, [hostileEvent(text)])).toMatch(/^[A-Za-z0-9%/_+.!:=# -]+(\n[A-Za-z0-9:T -]+){3}$/);
});

// ---------------------------------------------------------------------------------------------------------------------
// Events

test('the same event, however often, is named once', () => {
  expect(eventLines([event('a'), event('b'), event('a')])).toHaveLength(2);
});

test('events are in one order: by time, then by id; unknown times first', () => {
  const all = [
    event('a', null),
    event('c', '2026-01-01T00:00:00Z'),
    event('a', '2026-01-02T00:00:00Z'),
    event('b', '2026-01-02T00:00:00Z'),
  ];
  expect(eventLines(all.toReversed())).toEqual(eventLines(all));
  expect(readEvents(formatTrailers([], all.toReversed())).map(({ id }) => id)).toEqual(['a', 'c', 'a', 'b']);
});

test('at most twenty, the newest', () => {
  const all = Array.from({ length: 50 }, (_, at) => event(`e${at}`, `2026-01-01T00:00:${String(at + 10).slice(-2)}Z`));
  const named = readEvents(formatTrailers(edits, all));
  expect(named.map(({ id }) => id)).toEqual(all.slice(30).map(({ id }) => id));
  expect(readEvents(`${formatTrailers([], all)}\n${formatTrailers([], all.slice(0, 10))}`)).toHaveLength(20);
});

test('what is not known comes back as not known', () => {
  expect(readEvents(formatTrailers([], [event(null, null)]))).toEqual([event(null, null)]);
  expect(readEvents(formatTrailers([], [event('', '', '')]))).toEqual([event(null, null, 'unknown')]);
});

test('events of a stranger that do not fit together are not read', () => {
  expect(readEvents('S\n\nEvent-Id: a\nEvent-Id: b\nEvent-Name: x\nEvent-Time: y')).toEqual([]);
  expect(readEvents('')).toEqual([]);
});

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 120 }), fc.uuid());
const events = fc.array(
  fc.record({
    id: fc.option(text),
    name: text,
    time: fc.option(fc.oneof(text, fc.constant('2026-01-01T00:00:00Z'))),
    actorKind: fc.constant(null),
  }),
  { maxLength: 30 },
);

test('reading and writing again changes nothing, so a commit made again is the same commit', () => {
  fc.assert(
    fc.property(events, (all) => {
      const once = formatTrailers(edits, all);
      expect(formatTrailers(edits, [...readEvents(once), ...all])).toBe(once);
      expect(formatTrailers(edits, readEvents(once.replaceAll('\n', '\r\n')))).toBe(once);
    }),
    { numRuns: 100 },
  );
});

test('half of the events after the other half are all of them at once', () => {
  fc.assert(
    fc.property(events, fc.nat(30), (all, cut) => {
      const first = formatTrailers(edits, all.slice(0, cut));
      const both = formatTrailers(edits, [...readEvents(first), ...all.slice(cut)]);
      expect(both).toBe(formatTrailers(edits, all.toReversed()));
    }),
    { numRuns: 100 },
  );
});
