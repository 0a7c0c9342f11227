import { expect, test } from 'vitest';
import { whoClosed } from '../../../../src/adapters/forge/pulls/closed-by.ts';

const alice = { login: 'alice', type: 'User' };
const stale = { login: 'stale[bot]', type: 'Bot' };
const at = (event: string, actor: unknown = alice) => ({ event, actor });
const check = (events: readonly unknown[], expected: string) => {
  const closer = whoClosed(events);
  expect(closer.kind === 'person' ? `person ${closer.login}` : closer.kind).toBe(expected);
};

test('a person closed it', () => check([at('labeled'), at('closed')], 'person alice'));
test('a bot closed it', () => check([at('closed', stale)], 'bot'));
test('the branch was deleted first', () => check([at('head_ref_deleted'), at('closed')], 'branch-deleted'));
test('the branch was deleted afterwards', () => check([at('closed'), at('head_ref_deleted')], 'person alice'));
test('the branch came back before the close', () => {
  check([at('head_ref_deleted'), at('head_ref_restored'), at('closed')], 'person alice');
});
test('reopened in between', () => {
  check([at('head_ref_deleted'), at('closed'), at('reopened'), at('closed')], 'person alice');
});
test('the last close counts', () => check([at('closed'), at('reopened'), at('closed', stale)], 'bot'));
test('a deleted account', () => check([at('closed', null)], 'unknown'));
test('an unknown kind of account', () => check([at('closed', { login: 'x', type: 'Mannequin' })], 'unknown'));
test('no login', () => check([at('closed', { type: 'User' })], 'unknown'));
test('no close at all', () => check([at('labeled')], 'unknown'));
test('nothing', () => check([], 'unknown'));
test('nonsense', () => check([null, 1, 'closed', [], { event: 1 }, { event: { closed: true } }], 'unknown'));
test('nonsense after a close', () => check([at('closed'), { event: '__proto__' }, null], 'person alice'));
