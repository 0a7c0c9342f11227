import { expect, test } from 'vitest';
import type { Edit } from '../../../src/plan/plan.ts';
import { formatBlock } from '../../../src/words/pull/hidden-block.ts';
import { fingerprintOf, sameEffects } from '../../../src/words/pull/same-effects.ts';
import { pullRequestText } from '../../../src/words/pull-request.ts';
import { repoPath } from '../../plan/repository.ts';
import { HOME } from '../hostile.ts';
import { EVENTS, hostilePlan, stageOne, stageTwo } from '../sample-plans.ts';

const { edits } = stageOne('staged');

/** The body of a pull request with these edits. */
function body(of: readonly Edit[], home = HOME): string {
  const about = { events: EVENTS, order: 'staged', stage: 1, settleMilliseconds: 360_000, refreshedBy: [] } as const;
  return pullRequestText({ ...about, home, plan: { edits: of, skips: [] } }).body;
}

function changed(change: Partial<Edit>): readonly Edit[] {
  return edits.map((edit, at) => (at === 0 ? { ...edit, ...change } : edit));
}

test('neither words, lines nor times are effects', () => {
  const [first] = edits;
  const later = first?.after.replaceAll(/@[^ ]*/g, '@2030-01-01T00:00:00Z') ?? '';
  for (const same of [
    changed({ line: 99, reason: 'x', notes: [{ code: 'paused', reason: 'x', hint: null }], before: 'x', chain: ['x'] }),
    changed({ after: later }),
    edits.toReversed(),
  ]) {
    expect(fingerprintOf(same)).toBe(fingerprintOf(edits));
    expect(sameEffects(body(edits), body(same))).toBe(true);
  }
});

test('objects, places and versions are', () => {
  for (const other of [
    edits.slice(1),
    edits.slice(0, -1),
    changed({ path: repoPath('other.yaml') }),
    changed({ name: 'other' }),
    changed({ namespace: null }),
    changed({ annotation: 'other' }),
    edits.map((edit) => ({ ...edit, after: edit.after.replace(/000000000002/, '000000000009') })),
    edits.map((edit) => (edit.kind === 'Deployment' ? { ...edit, after: 'payments-db=ffffffffffff' } : edit)),
  ]) {
    expect(fingerprintOf(other)).not.toBe(fingerprintOf(edits));
    expect(sameEffects(body(edits), body(other))).toBe(false);
  }
});

test('a time to restart at is no effect, the versions beside it are', () => {
  const restarts = stageTwo().edits;
  const timed = (at: string) => [
    ...restarts,
    ...restarts.map((edit) => ({ ...edit, target: 'spec' as const, annotation: 'restartAt', after: at })),
  ];
  expect(fingerprintOf(timed('2026-01-01T00:00:00Z'))).toBe(fingerprintOf(timed('2027-01-01T00:00:00Z')));
  expect(fingerprintOf(restarts.map((edit) => ({ ...edit, after: 'x=000000000000' })))).not.toBe(
    fingerprintOf(restarts),
  );
});

test('trailers that are cut alike hide no difference', () => {
  const many = hostilePlan('x', 600).edits;
  const last = many.findLastIndex(({ kind }) => kind === 'ExternalSecret');
  const other = many.map((edit, at) => (at === last ? { ...edit, after: edit.after.replace(/=0000/, '=1111') } : edit));
  expect(body(many).split('Secret-Rotation: ').length).toBe(body(other).split('Secret-Rotation: ').length);
  expect(sameEffects(body(many), body(other))).toBe(false);
});

const BLOCK = /<!-- gitops-reloader: .* -->/;

test.each([
  ['missing', ''],
  ['damaged', '<!-- gitops-reloader: {} -->'],
  ['newer', '<!-- gitops-reloader: {"v":2} -->'],
  [
    'foreign',
    formatBlock({
      instance: 'other',
      group: 'prod/payments/db',
      stage: 1,
      fingerprint: '0'.repeat(32),
      effects: [],
      count: 0,
    }),
  ],
  [
    'of the other stage',
    formatBlock({
      instance: 'acme',
      group: 'prod/payments/db',
      stage: 2,
      fingerprint: '0'.repeat(32),
      effects: [],
      count: 0,
    }),
  ],
])('a block that is %s: the trailers decide alone', (_, block) => {
  const ours = body(edits);
  expect(ours).toMatch(BLOCK);
  const theirs = ours.replace(BLOCK, block);
  expect(sameEffects(theirs, ours)).toBe(true);
  expect(sameEffects(theirs, body(edits.slice(1)))).toBe(false);
  expect(sameEffects(theirs.replace('Secret-Rotation', 'Secret-Rotated'), ours)).toBe(false);
});

test('a block that is copied from another body proves nothing', () => {
  const ours = body(edits);
  const other = body(changed({ name: 'other' }));
  const [block = ''] = BLOCK.exec(ours) ?? [];
  expect(sameEffects(other.replace(BLOCK, block).replace(/^Secret-Rotation: .*\n/m, ''), ours)).toBe(false);
});
