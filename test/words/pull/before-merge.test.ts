import { expect, test } from 'vitest';
import { lastsUntil, manyOwners, minuteText } from '../../../src/words/pull/before-merge.ts';
import { pullRequestText } from '../../../src/words/pull-request.ts';
import { harmlessMarkdown } from '../hostile.ts';
import { HOSTILE, stageOne } from '../sample-plans.ts';

const AT = Date.UTC(2026, 1, 1, 23, 59, 59);
const ABOUT = { order: 'staged', stage: 1, events: [], settleMilliseconds: 360_000, refreshedBy: [] } as const;

function sets(count: number): readonly (readonly string[])[] {
  return Array.from({ length: count }, (_, at) => [`@acme/team-${at}`, `@ana${at}`]);
}

test('up to three sets of code owners nothing is said', () => {
  expect(manyOwners(sets(3))).toBeNull();
  expect(pullRequestText({ ...ABOUT, plan: stageOne('staged'), owners: sets(3) }).body).not.toContain('CODEOWNERS');
});

test('from four on how many there are, up to five of them, and what to do', () => {
  expect(manyOwners(sets(4))).toContain('CODEOWNERS names 4 sets of owners for these files.');
  const body = pullRequestText({ ...ABOUT, plan: stageOne('staged'), owners: sets(7) }).body;
  expect(body).toContain('CODEOWNERS names 7 sets');
  expect(body.match(/acme\/team-\d/g)).toHaveLength(5);
  expect(body).toContain('</code>; and 2 more.');
  expect(body).toContain('split groups by `group.path`');
});

test('the secrets whose next rotation takes the old version away, and when: to the minute, a few of many', () => {
  const drops = Array.from({ length: 7 }, (_, at) => ({ secret: `prod/db${at}`, at: AT }));
  expect(lastsUntil([], 100)).toBeNull();
  const body = pullRequestText({ ...ABOUT, plan: stageOne('staged'), drops }).body;
  expect(body).toContain('- <code>prod/db0</code>: 2026-02-01 23:59 UTC at the latest\n');
  expect(body).toContain('- <code>prod/db4</code>');
  expect(body).toContain('\n- and 2 more\n');
  expect(lastsUntil(drops, 0)?.endsWith('\n- 7 secrets')).toBe(true);
  expect(minuteText(0)).toBe('1970-01-01 00:00 UTC');
});

test('names of owners and secrets stay text', () => {
  const owners = [...HOSTILE, 'x'.repeat(100_000)].map((name) => [name, name]);
  const drops = HOSTILE.map((secret) => ({ secret, at: AT }));
  for (const shift of [0, 5, 10, 15]) {
    const about = { owners: owners.slice(shift), drops: drops.slice(shift) };
    const { body } = pullRequestText({ ...ABOUT, plan: stageOne('staged'), ...about });
    harmlessMarkdown(body);
    expect(body.length).toBeLessThan(20_000);
  }
});
