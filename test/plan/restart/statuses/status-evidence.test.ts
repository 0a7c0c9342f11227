import { expect, test } from 'vitest';
import type { StatusMapping } from '../../../../src/domain/life/evidence-policy.ts';
import { FORCE_SYNC, RESTART_DUE } from '../../../../src/domain/policy.ts';
import { readBlob } from '../../../../src/manifests/read-blob.ts';
import { type DueRestart, dueRestarts, restartName } from '../../../../src/plan/restart/due-restarts.ts';
import { judgeRestarts, type RestartFacts } from '../../../../src/plan/restart/evidence.ts';
import {
  type DeliveredCommit,
  firstParents,
  type StatusReport,
} from '../../../../src/plan/restart/statuses/delivered.ts';
import {
  asksTheSame,
  mappedRefreshes,
  whatStatusesSay,
} from '../../../../src/plan/restart/statuses/mapped-refreshes.ts';
import { contextsFor } from '../../../../src/plan/restart/statuses/status-evidence.ts';
import { everything } from '../../../../src/plan/scope.ts';
import { es, indexOf, tok, v, workload } from '../../repository.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-02T10:00:00Z');

/** One workload fed by `eu/x.yaml` and `us/y.yaml`, both of which are due. */
function due(): DueRestart {
  const annotations = { [RESTART_DUE]: 'x=000000000001 y=000000000002' };
  const files = {
    'eu/x.yaml': es('x', ['db'], { annotations: { [FORCE_SYNC]: tok('db=2@2') } }),
    'us/y.yaml': es('y', ['web'], { annotations: { [FORCE_SYNC]: tok('web=3@3') } }),
    'w.yaml': workload('Deployment', 'w', ['x', 'y'], { annotations }),
  };
  const [restart] = dueRestarts(indexOf(files), everything('staged')).groups.flatMap(({ restarts }) => restarts);
  if (restart === undefined) throw new Error('nothing is due');
  return restart;
}

const RESTART = due();
const EU: StatusMapping = { paths: ['eu/**'], contexts: ['cd/eu'] };
const US: StatusMapping = { paths: ['us/**'], contexts: ['cd/us'] };
const ANY: StatusMapping = { paths: [], contexts: ['k/*/1'] };

/** `cd/eu success 9`: nine minutes ago. */
function report(text: string): StatusReport {
  const [name = '', state = '', minutes = '0'] = text.split(' ');
  if (state !== 'success' && state !== 'failed') return { name, state: 'pending' };
  return { name, state, at: NOW - Number(minutes) * MINUTE };
}

type Line = readonly (readonly string[])[];

/** The commits of the base, newest first, each with what was reported on it. */
function lineOf(line: Line, isWhole = true): readonly DeliveredCommit[] {
  return line.map((reports, at) => {
    return { oid: `${at}`.repeat(40), parents: [`${at + 1}`.repeat(40)], reports: reports.map(report), isWhole };
  });
}

function namesOf(commits: readonly DeliveredCommit[]): ReadonlySet<string> {
  return new Set(commits.flatMap(({ reports }) => reports.map(({ name }) => name)));
}

/** The code of what holds it or `settled`, in how many minutes it is due, how that is known and by whom. */
function judge(
  statuses: readonly StatusMapping[],
  line: Line,
  { isWhole, before = [], ...more }: Partial<RestartFacts> & { isWhole?: boolean; before?: Line } = {},
) {
  const policy = { statuses, delayMilliseconds: MINUTE };
  const commits = lineOf(line, isWhole);
  const holding = new Map(mappedRefreshes([RESTART], policy).map((user) => [user, commits]));
  const judged = judgeRestarts([RESTART], {
    merged: [{ number: 7, mergedAt: NOW - 30 * MINUTE, rotations: new Set([`db=${v(2)}`, `web=${v(3)}`]) }],
    firstSeen: new Map([[restartName(RESTART.edit), NOW - 30 * MINUTE]]),
    rejected: new Set(),
    reverted: new Set(),
    now: NOW,
    settleMilliseconds: 6 * MINUTE,
    statuses: { policy, holding, names: namesOf([...commits, ...lineOf(before)]) },
    ...more,
  });
  const [skip] = judged.skips;
  const inMinutes = judged.nextDueAt === null ? null : (judged.nextDueAt - NOW) / MINUTE;
  const seen = judged.statuses.map(({ context, commit, at }) => `${context} ${commit[0]} ${(NOW - at) / MINUTE}`);
  return skip === undefined
    ? ['settled', judged.evidence, ...seen]
    : [
        skip.code,
        ...(inMinutes === null ? [] : [inMinutes]),
        skip.reason .replace(/0{12}|1{12}|2{12}/g, (oid) => `#${oid[0]}`),
      ];
}

const SETTLED: readonly (readonly [string, readonly StatusMapping[], Line, readonly unknown[]])[] = [
  ['nothing is mapped: by time', [], [], ['settled', 'settled']],
  ['a part is mapped, and said', [EU], [['cd/eu success 2']], ['settled', 'settled', 'cd/eu 0 2']],
  [
    'both are said',
    [EU, US],
    [['cd/eu success 2', 'cd/us success 1']],
    ['settled', 'status', 'cd/eu 0 2', 'cd/us 0 1'],
  ],
  [
    'on different commits',
    [EU, US],
    [['cd/eu success 2'], ['cd/us success 9']],
    ['settled', 'status', 'cd/eu 0 2', 'cd/us 1 9'],
  ],
  [
    'the oldest of successes in a row counts',
    [ANY],
    [['k/a/1 success 0'], ['k/a/1 success 3'], [], ['k/a/1 success 9']],
    ['settled', 'status', 'k/a/1 3 9'],
  ],
  [
    'in a row since it last failed',
    [ANY],
    [['k/a/1 success 2'], ['k/a/1 failed 3'], ['k/a/1 success 9']],
    ['settled', 'status', 'k/a/1 0 2'],
  ],
  [
    'what runs again after a success',
    [ANY],
    [['k/a/1 pending'], ['k/a/1 success 9']],
    ['settled', 'status', 'k/a/1 1 9'],
  ],
  [
    'all that fit a pattern',
    [ANY],
    [['k/a/1 success 2', 'k/b/1 success 1', 'k/c/d/1 failed 1', 'k/b/2 failed 1']],
    ['settled', 'status', 'k/a/1 0 2', 'k/b/1 0 1'],
  ],
];
test.each(SETTLED)('may be proposed: %s', (_, statuses, line, expected) => {
  expect(judge(statuses, line)).toEqual(expected);
});

const WAITS = 'It waits for the status or check';
const HELD: readonly (readonly [string, readonly StatusMapping[], Line, readonly unknown[]])[] = [
  [
    'nothing was reported',
    [EU],
    [[], []],
    ['awaiting-status', `${WAITS} cd/eu to succeed on a commit of the base that holds its refresh.`],
  ],
  [
    'the forge does not know the commit',
    [EU],
    [],
    ['awaiting-status', `${WAITS} cd/eu to succeed on a commit of the base that holds its refresh.`],
  ],
  [
    'one of two',
    [EU, US],
    [['cd/us success 9']],
    ['awaiting-status', `${WAITS} cd/eu to succeed on a commit of the base that holds its refresh.`],
  ],
  [
    'of every entry that fits',
    [EU, ANY],
    [['cd/eu success 9']],
    ['awaiting-status', `${WAITS} k/*/1 to succeed on a commit of the base that holds its refresh.`],
  ],
  [
    'another name',
    [EU],
    [['cd/eu-2 success 9', 'CD/EU success 9']],
    ['awaiting-status', `${WAITS} cd/eu to succeed on a commit of the base that holds its refresh.`],
  ],
  [
    'before it was merged',
    [EU],
    [['cd/eu success 31']],
    ['awaiting-status', `${WAITS} cd/eu to succeed on a commit of the base that holds its refresh.`],
  ],
  ['it runs', [EU], [[], ['cd/eu pending']], ['awaiting-status', `${WAITS} cd/eu to succeed: it is pending on #1.`]],
  [
    'it failed',
    [EU],
    [['cd/eu failed 1']],
    [
      'awaiting-status',
      'The status or check cd/eu failed on #0, which holds its refresh: it restarts after one that succeeds.',
    ],
  ],
  [
    'it failed since it succeeded',
    [EU],
    [[], ['cd/eu failed 1'], ['cd/eu success 9']],
    [
      'awaiting-status',
      'The status or check cd/eu failed on #1, which holds its refresh: it restarts after one that succeeds.',
    ],
  ],
  [
    'one of all that fit a pattern failed, before what is missing',
    [EU, ANY],
    [['k/a/1 success 9', 'k/b/1 failed 2']],
    [
      'awaiting-status',
      'The status or check k/b/1 failed on #0, which holds its refresh: it restarts after one that succeeds.',
    ],
  ],
  [
    'within the delay',
    [EU, US],
    [['cd/eu success 9', 'cd/us success 0.5']],
    ['settling', 0.5, 'Its refresh counts as applied from 2026-03-02T10:00:30Z on: it restarts after that.'],
  ],
  [
    'to the second of the delay',
    [EU],
    [['cd/eu success 0']],
    ['settling', 1, 'Its refresh counts as applied from 2026-03-02T10:01:00Z on: it restarts after that.'],
  ],
];
test.each(HELD)('waits: %s', (_, statuses, line, expected) => {
  expect(judge(statuses, line)).toEqual(expected);
});

test('what was reported beside more than is told counts only where it failed', () => {
  expect(judge([EU], [['cd/eu success 9']], { isWhole: false })[1]).toContain(
    'more statuses and checks than are looked',
  );
  expect(judge([EU], [['cd/eu failed 9']], { isWhole: false })[1]).toContain('failed on');
});

test('all that fit a pattern are those that reported before the refresh, too', () => {
  const before = [['k/a/1 success 60', 'k/b/1 failed 70', 'k/b/2 success 60']];
  const waits = `${WAITS} k/b/1 to succeed on a commit of the base that holds its refresh.`;
  expect(judge([ANY], [['k/a/1 success 9']], { before })).toEqual(['awaiting-status', waits]);
  expect(judge([ANY], [['k/a/1 success 9'], ['k/b/1 success 8']], { before })[0]).toBe('settled');
  expect(judge([ANY], [['k/a/1 success 9']], { before: [['k/a/1 failed 60']] })[0]).toBe('settled');
});

test('what people turned down stays so, whatever succeeds', () => {
  const rejected = new Set([restartName(RESTART.edit)]);
  expect(judge([EU], [['cd/eu success 9']], { rejected })[0]).toBe('rejected-by-people');
  expect(judge([EU], [[]], { reverted: rejected })[0]).toBe('reverted');
});

test('the paths of an entry are patterns, and none is every path', () => {
  const policy = { delayMilliseconds: 0, statuses: [EU, US, ANY, { paths: ['*.yaml'], contexts: ['k/*/1', 'top'] }] };
  expect(contextsFor(policy, 'eu/a/b.yaml')).toEqual(['cd/eu', 'k/*/1']);
  expect(contextsFor(policy, 'a.yaml')).toEqual(['k/*/1', 'top']);
  expect(contextsFor({ ...policy, statuses: [EU] }, 'a.yaml')).toBeNull();
});

function commitOf(oid: string, ...parents: readonly string[]): DeliveredCommit {
  return { oid, parents, reports: [], isWhole: true };
}

test('the base is what first parents lead to, and a forge that goes in circles is left', () => {
  const commits = [commitOf('d', 'b', 'c'), commitOf('c', 'a'), commitOf('b', 'a'), commitOf('a')];
  expect(firstParents(commits, 'd').map(({ oid }) => oid)).toEqual(['d', 'b', 'a']);
  expect(firstParents(commits, 'x')).toEqual([]);
  expect(firstParents([commitOf('a', 'b'), commitOf('b', 'a')], 'a').map(({ oid }) => oid)).toEqual(['a', 'b']);
});

function say(line: Line, statuses = [EU]): string | null {
  const policy = { statuses, delayMilliseconds: MINUTE };
  const commits = lineOf(line);
  const holding = new Map(mappedRefreshes([RESTART], policy).map((user) => [user, commits]));
  return whatStatusesSay([RESTART], { policy, holding, names: namesOf(commits) });
}

test('what statuses say changes with what they mean, and not with every push', () => {
  expect(say([], [])).toBeNull();
  const words = [say([[]]), say([['cd/eu pending']]), say([['cd/eu failed 1']]), say([['cd/eu success 1']])];
  expect(new Set(words).size).toBe(4);
  expect(say([[], ['cd/eu failed 1']])).toBe(words[2]);
  expect(say([['cd/eu success 0'], ['cd/eu success 1']])).toBe(words[3]);
});

const SYNCED = { annotations: { [FORCE_SYNC]: tok('db=2@2') } };
const facts = (...texts: readonly string[]) => readBlob(new TextEncoder().encode(texts.join('---\n')));

test.each<[string, readonly string[], boolean]>([
  ['the same, beside others', [es('x', ['db'], SYNCED), es('y', ['web'])], true],
  ['the same, with other fields', [es('x', ['db', 'more'], SYNCED)], true],
  ['an older version', [es('x', ['db'], { annotations: { [FORCE_SYNC]: tok('db=1@1') } })], false],
  ['no token yet', [es('x', ['db'])], false],
  ['another object with that token', [es('y', ['db'], SYNCED), es('x', ['db'])], false],
  [
    'the same name in another namespace',
    [es('x', ['db'], SYNCED).replace(/namespace: \S+/, 'namespace: other')],
    false,
  ],
  ['two of one name', [es('x', ['db'], SYNCED), es('x', ['db'], SYNCED)], false],
  ['no YAML', ['a: [\n'], false],
])('an earlier file asks for the same refresh: %s', (_, texts, expected) => {
  const [user] = RESTART.feeders;
  if (user === undefined) throw new Error('nothing feeds it');
  expect([user.object.name, asksTheSame(user, facts(...texts))]).toEqual(['x', expected]);
});
