import { expect, test } from 'vitest';
import { Failure, type FailureCode } from '../../../src/domain/failure.ts';
import { type Circuit, hostFailure, opened, refusal } from '../../../src/service/consume/circuit.ts';
import { outcome, outcomeOfFailure } from '../../../src/service/outcome.ts';

const START = Date.parse('2026-03-02T09:20:00Z');

function failing(code: FailureCode): Failure {
  return new Failure('no answer', { code, retry: 'later', hint: 'Look at the network.' });
}

test('each pause is twice as long, up to two minutes', () => {
  let circuit: Circuit | null = null;
  const pauses = Array.from({ length: 9 }, () => {
    circuit = opened(circuit, failing('git-unreachable'), START);
    return (circuit.openUntil - START) / 1000;
  });
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 120, 120]);
});

test('while it is open everything is refused until then, and it says since when', () => {
  const circuit = opened(opened(null, failing('git-unreachable'), START), failing('git-unreachable'), START + 60_000);
  expect(refusal(circuit, START + 61_001)).toMatchObject({
    kind: 'try-later',
    reason: 'No answer since 2026-03-02T09:20:00.000Z: no answer [git-unreachable]',
    hint: 'Look at the network.',
    retryAfterSeconds: 1,
  });
  expect(refusal(circuit, START + 62_000)).toBeNull();
});

test.each<[string, readonly FailureCode[], FailureCode | null]>([
  ['Git', ['git-unreachable', 'git-unreachable'], 'git-unreachable'],
  ['the forge', ['forge-rate-limited', 'forge-unreachable'], 'forge-rate-limited'],
  ['AWS is no host of the repository', ['aws-throttled'], null],
  ['AWS, for one of them', ['git-unreachable', 'aws-throttled'], null],
])('a host that is down: %s', (_, codes, expected) => {
  const outcomes = codes.map((code) => outcomeOfFailure(failing(code)));
  expect(hostFailure(outcomes)?.code ?? null).toBe(expected);
  expect(hostFailure([...outcomes, outcome('nobody-uses-it', 'It answered.')])).toBeNull();
});

test('nothing was asked: nothing is known', () => {
  expect(hostFailure([])).toBeNull();
});
