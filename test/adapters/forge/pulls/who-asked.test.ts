import { expect, test } from 'vitest';
import { whoAskedByComment, whoAskedByLabel } from '../../../../src/adapters/forge/pulls/retry-asked.ts';
import { RETRY_COMMAND, RETRY_LABEL } from '../../../../src/plan/life/ended/retry-request.ts';

const by = (event: string, login: unknown, label?: string) => ({
  event,
  actor: { login, type: 'User' },
  ...(label === undefined ? {} : { label: { name: label } }),
});

test.each([
  ['no events', []],
  ['events that make no sense', [null, 7, 'labeled', {}, { event: 'labeled' }, { event: {} }]],
  ['a label without an end', [by('labeled', 'wendy', RETRY_LABEL)]],
  ['another label', [by('closed', 'alice'), by('labeled', 'wendy', 'retry')]],
  ['a label without a name', [by('closed', 'alice'), { ...by('labeled', 'wendy'), label: null }]],
  ['nobody', [by('closed', 'alice'), { ...by('labeled', 'wendy', RETRY_LABEL), actor: null }]],
  ['a login that is none', [by('closed', 'alice'), by('labeled', {}, RETRY_LABEL)]],
  ['one that was opened again', [by('closed', 'a'), by('labeled', 'wendy', RETRY_LABEL), by('reopened', 'a')]],
  ['one that was closed again', [by('closed', 'a'), by('labeled', 'wendy', RETRY_LABEL), by('closed', 'a')]],
])('nobody asked by label: %s', (_, events) => {
  expect(whoAskedByLabel(events)).toBeNull();
});

test.each([
  ['no comment', null],
  ['no author', { user: null }],
  ['no body', { body: null }],
  ['no time', { created_at: null }],
  ['a time that is none', { created_at: 'soon', updated_at: 'soon' }],
  ['no time of its last change', { updated_at: null }],
])('nobody asked by comment: %s', (_, change) => {
  const comment = {
    user: { login: 'wendy', type: 'User' },
    body: RETRY_COMMAND,
    created_at: '2026-01-02T00:00:00Z',
    updated_at: '2026-01-02T00:00:00Z',
  };
  const endedAt = Date.parse('2026-01-01T00:00:00Z');
  expect(whoAskedByComment([comment], endedAt)).toEqual(['wendy']);
  expect(whoAskedByComment([change === null ? null : { ...comment, ...change }], endedAt)).toEqual([]);
  expect(whoAskedByComment([comment], null)).toEqual([]);
});
