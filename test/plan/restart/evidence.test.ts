import { expect, test } from 'vitest';
import { NO_EVIDENCE } from '../../../src/domain/life/evidence-policy.ts';
import { FORCE_SYNC, RESTART_DUE } from '../../../src/domain/policy.ts';
import { type DueRestart, dueRestarts, restartName } from '../../../src/plan/restart/due-restarts.ts';
import { judgeRestarts, type MergedRefresh, type RestartFacts } from '../../../src/plan/restart/evidence.ts';
import { everything } from '../../../src/plan/scope.ts';
import { es, indexOf, tok, v, workload } from '../repository.ts';

const MINUTE = 60_000;
const NOW = Date.parse('2026-03-02T10:00:00Z');

/** One workload fed by these ExternalSecrets, each of which is due. */
function due(x: string, y: string): DueRestart {
  const annotations = { [RESTART_DUE]: 'x=000000000001 y=000000000002' };
  const files = { 'x.yaml': x, 'y.yaml': y, 'w.yaml': workload('Deployment', 'w', ['x', 'y'], { annotations }) };
  const [restart] = dueRestarts(indexOf(files), everything('staged')).groups.flatMap(({ restarts }) => restarts);
  if (restart === undefined) throw new Error('nothing is due');
  return restart;
}

const RESTART = due(
  es('x', ['db'], { annotations: { [FORCE_SYNC]: tok('db=2@2') } }),
  es('y', ['web'], { annotations: { [FORCE_SYNC]: tok('web=3@3') } }),
);
const NAME = restartName(RESTART.edit);

function merged(number: number, minutesAgo: number, ...rotations: readonly string[]): MergedRefresh {
  return { number, mergedAt: NOW - minutesAgo * MINUTE, rotations: new Set(rotations) };
}

const DB = `db=${v(2)}`;
const WEB = `web=${v(3)}`;

function judge(facts: Partial<RestartFacts>, restart = RESTART) {
  const judged = judgeRestarts([restart], {
    merged: [],
    firstSeen: new Map([[NAME, NOW - 60 * MINUTE]]),
    rejected: new Set(),
    reverted: new Set(),
    now: NOW,
    settleMilliseconds: 6 * MINUTE,
    statuses: { policy: NO_EVIDENCE, holding: new Map(), names: new Set() },
    ...facts,
  });
  const code = judged.skips[0]?.code ?? 'settled';
  const inMinutes = judged.nextDueAt === null ? null : (judged.nextDueAt - NOW) / MINUTE;
  return [code, inMinutes, judged.refreshedBy];
}

test.each<[string, Partial<RestartFacts>, readonly unknown[]]>([
  ['both merged long ago', { merged: [merged(1, 9, DB), merged(2, 7, WEB)] }, ['settled', null, [1, 2]]],
  ['one merged just now', { merged: [merged(1, 9, DB), merged(2, 1, WEB)] }, ['settling', 5, []]],
  ['to the millisecond', { merged: [merged(2, 6, DB, WEB)] }, ['settled', null, [2]]],
  ['merged twice: the last one counts', { merged: [merged(1, 9, DB, WEB), merged(2, 2, DB)] }, ['settling', 4, []]],
  [
    'another version was merged since',
    { merged: [merged(1, 9, DB, WEB), merged(2, 1, `db=${v(9)}`)] },
    ['settled', null, [1]],
  ],
  ['merged by nobody we know, seen long ago', {}, ['settled', null, []]],
  ['merged by nobody we know, just seen', { firstSeen: new Map() }, ['settling', 6, []]],
  ['a person closed it', { rejected: new Set([NAME]) }, ['rejected-by-people', null, []]],
  ['a person took it back', { reverted: new Set([NAME]) }, ['reverted', null, []]],
  ['another restart of it was closed', { rejected: new Set([`${NAME} z=000000000000`]) }, ['settled', null, []]],
])('%s', (_, facts, expected) => {
  expect(judge(facts)).toEqual(expected);
});

test('two versions of one object, by two merges that both may have brought the second: the newer counts', () => {
  // Clocks differ by up to a minute: the first merge is from before the second version was seen by less than that.
  const token = `db=${v(2)}@2026-03-02T09:50:00Z web=${v(3)}@2026-03-02T09:52:30Z`;
  const of = (name: string) => es(name, ['db', 'web'], { annotations: { [FORCE_SYNC]: token } });
  const merges = [merged(1, 8, DB), merged(2, 5, WEB)];
  for (const all of [merges, merges.toReversed()]) {
    expect(judge({ merged: all }, due(of('x'), of('y')))).toEqual(['settling', 1, []]);
  }
});
