import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readDelivered } from '../../../src/adapters/forge/delivered/read-delivered.ts';
import type { DeliveredCommit } from '../../../src/plan/restart/statuses/delivered.ts';

const HEAD = 'a'.repeat(40);
const TIME = '2026-03-02T10:00:00Z';
const AT = Date.parse(TIME);

const status = (fields: object = {}) => ({
  __typename: 'StatusContext',
  context: 'cd/eu',
  state: 'SUCCESS',
  createdAt: TIME,
  ...fields,
});
const run = (fields: object = {}) => ({
  __typename: 'CheckRun',
  name: 'cd/eu',
  status: 'COMPLETED',
  conclusion: 'SUCCESS',
  completedAt: TIME,
  ...fields,
});
const commit = (fields: object = {}) => ({ oid: HEAD, parents: { nodes: [] }, statusCheckRollup: null, ...fields });
const rollup = (nodes: unknown, hasNextPage: unknown = false) => ({ contexts: { pageInfo: { hasNextPage }, nodes } });
const answer = (nodes: unknown, oid: unknown = HEAD) => ({ repository: { object: { oid, history: { nodes } } } });

function read(...nodes: readonly unknown[]): DeliveredCommit | undefined {
  return readDelivered(answer([commit({ statusCheckRollup: rollup(nodes) })]), HEAD)?.[0];
}

/** `success`, `failed` or `pending`; then the time, in seconds after 10 o'clock. */
function told(...nodes: readonly unknown[]): string {
  return (read(...nodes)?.reports ?? [])
    .map((one) => (one.state === 'pending' ? one.state : `${one.state} ${(one.at - AT) / 1000}`))
    .join(', ');
}

test.each<[string, readonly object[], string]>([
  ['a status', [status()], 'success 0'],
  ['an error', [status({ state: 'ERROR' })], 'failed 0'],
  ['expected', [status({ state: 'EXPECTED' })], 'pending'],
  ['a word of next year', [status({ state: 'SHINY' })], 'pending'],
  ['a word that objects have', [status({ state: 'constructor' })], 'pending'],
  ['no word', [status({ state: null })], 'pending'],
  ['a success without its time', [status({ createdAt: 'soon' })], 'pending'],
  ['a check', [run()], 'success 0'],
  ['a check that runs', [run({ status: 'IN_PROGRESS', conclusion: null })], 'pending'],
  ['a check that has a conclusion and runs', [run({ status: 'QUEUED' })], 'pending'],
  ['skipped', [run({ conclusion: 'SKIPPED' })], 'pending'],
  ['neutral', [run({ conclusion: 'NEUTRAL' })], 'pending'],
  ['cancelled', [run({ conclusion: 'CANCELLED' })], 'failed 0'],
  ['timed out', [run({ conclusion: 'TIMED_OUT' })], 'failed 0'],
  [
    'two of one name: the newer',
    [run({ completedAt: '2026-03-02T10:00:09Z' }), run({ conclusion: 'FAILURE' })],
    'success 9',
  ],
  ['two of one name and time: the failure', [run(), status({ state: 'FAILURE' })], 'failed 0'],
  ['two of one name, one of which runs', [run(), run({ status: 'IN_PROGRESS' })], 'pending'],
  ['the same, the other way round', [run({ status: 'IN_PROGRESS' }), run()], 'pending'],
])('a report: %s', (_, nodes, expected) => {
  expect(told(...nodes)).toBe(expected);
});

test('names are harmless and short', () => {
  const names = read(status({ context: 'a\u202e\n' }), status({ context: 'x'.repeat(5000) }))?.reports.map(
    ({ name }) => name,
  );
  expect(names).toEqual([String.raw`a\u{202e}\u{a}`, `${'x'.repeat(255)}…`]);
});

test.each<[string, object]>([
  ['another page', { statusCheckRollup: rollup([status()], true) }],
  ['a page that is not told', { statusCheckRollup: rollup([status()], null) }],
  ['a report without a name', { statusCheckRollup: rollup([status(), status({ context: '' })]) }],
  ['a report that is none', { statusCheckRollup: rollup([status(), null]) }],
  [
    'more than a page',
    { statusCheckRollup: rollup(Array.from({ length: 101 }, (_, at) => status({ context: `${at}` }))) },
  ],
])('what may be missing is said: %s', (_, fields) => {
  const [one] = readDelivered(answer([commit(fields)]), HEAD) ?? [];
  expect(one?.isWhole).toBe(false);
  expect(one?.reports.length).toBeLessThanOrEqual(100);
});

test('a commit that is not there has nothing, and more commits than were asked for are left out', () => {
  expect(readDelivered({ repository: { object: null } }, HEAD)).toEqual([]);
  expect(readDelivered(answer(Array.from({ length: 1000 }, () => commit())), HEAD)).toHaveLength(20);
});

test.each<[string, unknown]>([
  ['null', null],
  ['no repository', { repository: null }],
  ['another commit', answer([commit()], 'b'.repeat(40))],
  ['no history', { repository: { object: { oid: HEAD } } }],
  ['a tree', { repository: { object: { __typename: 'Tree', oid: HEAD } } }],
  ['a commit without an id', answer([commit({ oid: '--upload-pack=x' })])],
  ['a commit that is null', answer([null])],
  ['a parent without an id', answer([commit({ parents: { nodes: [null] } })])],
  ['no parents', answer([commit({ parents: null })])],
  ['reports that are none', answer([commit({ statusCheckRollup: { contexts: null } })])],
  ['a rollup that was kept back', answer([commit({ statusCheckRollup: undefined })])],
])('no answer: %s', (_, data) => {
  expect(readDelivered(data, HEAD)).toBeNull();
});

test('whatever stands in any field, it is read or refused, and no success comes of it', () => {
  const nodes = { ...status(), ...run(), state: 'PENDING', conclusion: 'NEUTRAL' };
  const fields = fc.constantFrom(...Object.keys(nodes));
  fc.assert(
    fc.property(fields, fc.jsonValue({ maxDepth: 4 }), (field, value) => {
      fc.pre(value !== 'SUCCESS');
      expect(read({ ...nodes, [field]: value })?.reports.some(({ state }) => state === 'success') ?? false).toBe(false);
    }),
  );
  fc.assert(fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => void readDelivered(value, HEAD)));
});
