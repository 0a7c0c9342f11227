import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { load, MINIMAL, swap } from './samples.ts';

/** The least configuration with these lines in its repository, and these keys on its branch. */
function withOpening(repository: string, branch = ''): string {
  const own = branch === '' ? '' : `, ${branch}`;
  return swap(
    MINIMAL,
    '      branches: [{base: main}]\n',
    `      branches: [{base: main${own}}]\n      ${repository}\n`,
  );
}

function policy(repository: string, branch = '') {
  const [branchOf] = load(withOpening(repository, branch)).repositories[0]?.branches ?? [];
  return { limits: branchOf?.limits, windows: branchOf?.windows };
}

function problems(repository: string, branch = ''): readonly string[] {
  const loaded = loadConfig(withOpening(repository, branch), 'c.yaml');
  return loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : [];
}

test('what a branch leaves out of its limits is that of the repository, and `none` is no limit', () => {
  expect(policy('limits: {open: 7, perHour: none}').limits).toEqual({ open: 7, perHour: null, maxObjects: 250 });
  expect(policy('limits: {open: 7, perHour: none}', 'limits: {open: none, maxObjects: 3}').limits).toEqual({
    open: null,
    perHour: null,
    maxObjects: 3,
  });
});

test('the windows of a branch take the place of all of those of the repository', () => {
  const nights = 'windows: {timeZone: Europe/Berlin, allow: [{cron: "0 22 * * *", duration: 1h30m}]}';
  const allow = [{ cron: '0 22 * * *', durationMilliseconds: 5_400_000 }];
  expect(policy(nights).windows).toEqual({ timeZone: 'Europe/Berlin', allow, exclude: [] });
  expect(policy(nights, 'windows: {}').windows).toEqual({ timeZone: 'UTC', allow: [], exclude: [] });
});

const CRON = 'must be a cron pattern of five fields such as 0 22 * * 1-5';

function cronProblem(pattern: string): readonly string[] {
  return problems(`windows: {allow: [{cron: ${pattern}, duration: 1h}]}`);
}

describe('patterns', () => {
  test.each([
    ['0 0 30 2 *', 'no such date ever comes'],
    ['0 0 31 4,6,9,11 *', 'no such date ever comes'],
    ['0 0 31 2 *', 'no such date ever comes'],
    ['60 * * * *', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['* 24 * * *', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['5-1 * * * *', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['*/0 * * * *', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['0 0 1-99999999999999999999 * *', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['0 0 * * FOO', 'each field is *, a number, a range a-b, a list a,b or a step */n'],
    ['? * * * *', 'minute, hour, day of the month, month and day of the week'],
    ['@daily', 'minute, hour, day of the month, month and day of the week'],
    ['0 0 0 * * *', 'minute, hour, day of the month, month and day of the week'],
    ['0 9 * *', 'minute, hour, day of the month, month and day of the week'],
    ['2026-12-24T00:00:00Z', 'minute, hour, day of the month, month and day of the week'],
    [`${'0,'.repeat(200)}0 * * * *`, 'minute, hour, day of the month, month and day of the week'],
  ])('%s', (pattern, hint) => {
    expect(cronProblem(`"${pattern}"`)).toEqual([
      `c.yaml:15:32: spec.repositories[0].windows.allow[0].cron ${CRON} (${hint})`,
    ]);
  });

  test.each(['0 22 * * 1-5', '*/15 8-17 1,15 JAN-MAR MON', '0 0 29 2 *', '0 0 L * *', '0 0 * * 1#5', '0 0 15W * *'])(
    '%s is one',
    (pattern) => {
      expect(cronProblem(`"${pattern}"`)).toEqual([]);
    },
  );
});

const zone = (name: string) => problems(`windows: {timeZone: ${name}}`);
const limit = (value: string) => problems(`limits: {perHour: ${value}}`);
const lasts = (value: string) => problems(`windows: {exclude: [{cron: "0 0 * * *", duration: ${value}}]}`);

test('time zones that nobody knows', () => {
  for (const name of ['Europe/Berlin', 'UTC', 'Etc/GMT+2', 'America/Argentina/Ushuaia']) expect(zone(name)).toEqual([]);
  const says = 'c.yaml:15:27: spec.repositories[0].windows.timeZone must be an IANA time zone such as Europe/Berlin';
  expect(zone('Europe/Atlantis')).toEqual([
    `${says} (see https://en.wikipedia.org/wiki/List_of_tz_database_time_zones)`,
  ]);
  for (const name of ['"+02:00"', '""', '"../../etc"', `"${'A'.repeat(100)}"`]) expect(zone(name)).toEqual([says]);
});

test('what is no limit, what lasts too short or too long, and what is too many', () => {
  const says = 'c.yaml:15:25: spec.repositories[0].limits.perHour must be a whole number from 1 to 1000, or none';
  for (const value of ['0', '-1', '1.5', '1001', '.inf', '.nan', '"5"', 'all', 'true', '[1]', '{a: 1}']) {
    expect([value, limit(value)]).toEqual([value, [says]]);
  }
  expect(lasts('59s')).toEqual(['c.yaml:15:57: spec.repositories[0].windows.exclude[0].duration must be at least 60s']);
  for (const value of ['721h', '5', 'forever']) expect(lasts(value)).toHaveLength(1);
  const many = Array.from({ length: 11 }, () => '{cron: "0 0 * * *", duration: 1h}').join(', ');
  expect(problems(`windows: {allow: [${many}]}`)).toEqual([
    'c.yaml:15:375: spec.repositories[0].windows.allow has more than 10 entries (join them: a field may be a list, such as 0 9,14 * * 1-5)',
  ]);
});

test('keys that are missing or unknown, on a branch too', () => {
  expect(problems('limits: {}', 'windows: {allow: [{cron: "0 0 * * *"}], denied: []}, limits: {openn: 3}')).toEqual([
    'c.yaml:14:49: spec.repositories[0].branches[0].windows.allow[0].duration is missing (for example duration: 4h)',
    'c.yaml:14:71: unknown key spec.repositories[0].branches[0].windows.denied (known here: timeZone, allow, exclude)',
    'c.yaml:14:93: unknown key spec.repositories[0].branches[0].limits.openn (did you mean open?)',
  ]);
});
