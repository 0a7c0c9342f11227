import { expect, test } from 'vitest';
import { ORDERS } from '../../src/domain/policy.ts';
import type { Edit } from '../../src/plan/plan.ts';
import { commitMessage, count, subject, workloadsOf } from '../../src/words/commit-message.ts';
import { golden } from './golden.ts';
import { EVENTS, HOSTILE, hostileEvent, hostilePlan, stageOne, stageTwo } from './sample-plans.ts';

test.each(ORDERS)('a commit for order %s', (order) => {
  golden(`commit-${order}.txt`, commitMessage(stageOne(order).edits, EVENTS, 1));
});

test('a commit for stage two', () => {
  golden('commit-stage-two.txt', commitMessage(stageTwo().edits, [], 2));
});

test('same edits and events, same message', () => {
  const { edits } = stageOne('staged');
  expect(commitMessage(edits, EVENTS.toReversed(), 1)).toBe(commitMessage(edits, EVENTS, 1));
});

/** The subject of a commit that brings these secrets. */
function check(secrets: readonly string[], expected: string): void {
  const edits = hostilePlan('x').edits.map((edit): Edit => ({ ...edit, secrets }));
  expect(subject(edits, 1)).toBe(expected);
}

test('a subject names the first secret, and counts the others', () => {
  check(['db'], 'Refresh db');
  check(['b', 'a', 'a', 'c'], 'Refresh a and 2 more');
  check([], 'Refresh secrets');
});

test('a subject is no reference to an issue', () => {
  check(['acme/app#1'], 'Refresh acme/app label 1');
  check(['GH-12'], 'Refresh GH%2D12');
});

test('a long name is cut, at 72 signs exactly', () => {
  check(['x'.repeat(64)], `Refresh ${'x'.repeat(64)}`);
  check(['x'.repeat(65)], `Refresh ${'x'.repeat(63)}…`);
  check(['x'.repeat(512), 'y'], `Refresh ${'x'.repeat(52)}… and 1 more`);
});

test('workloads are counted once, whatever is written on them', () => {
  const [edit] = hostilePlan('x').edits;
  if (edit === undefined) throw new Error('no edit');
  const deployment = { ...edit, kind: 'Deployment' };
  const both = [deployment, { ...deployment, target: 'template' as const }];
  expect(workloadsOf([edit, ...both])).toBe(1);
  expect(workloadsOf([...both, { ...deployment, document: 1 }, { ...deployment, item: 0 }])).toBe(3);
  expect(subject(both, 2)).toBe('Restart 1 workload after a secret refresh');
  expect([count(0, 'x'), count(1, 'x'), count(2, 'x')]).toEqual(['0 xs', '1 x', '2 xs']);
});

test.each(HOSTILE)('harmless for Git, a terminal and a forge: %j', (text) => {
  for (const stage of [1, 2] as const) {
    const message = commitMessage(hostilePlan(text).edits, [hostileEvent(text)], stage);
    expect(message).not.toMatch(/[\p{Cf}\p{Cs}\u2028\u2029]|[^\P{Cc}\n]/u);
    expect(message).not.toMatch(/@|#|:\/\//);
    expect(message.replaceAll(/^[A-Z]\w+-\w+: .*$/gm, '')).not.toMatch(/gh-\d/i);
    const [first = '', second, ...rest] = message.split('\n');
    expect([first.length <= 72, second]).toEqual([true, '']);
    const lines = rest.filter((line) => line !== '');
    expect(
      lines.filter(
        (line) =>
          !/^(?:A secret changed|The refresh was merged|- |Secret-Rotation: |Event-(?:Id|Name|Time): |Workload-Restart: )/.test(
            line,
          ),
      ),
    ).toEqual([]);
  }
});

test('a commit for very many objects lists fifty', () => {
  const message = commitMessage(hostilePlan('x', 100).edits, [], 1);
  expect(message.match(/^- /gm)).toHaveLength(51);
  expect(message).toContain('\n- and 150 more\n');
});
