import { expect, test } from 'vitest';
import { createPace, needsPace, nextTurn, UNUSED_PACE } from '../../../../src/adapters/forge/identity/pace.ts';
import { draftOf, openHub, signal } from '../hub.ts';

const READ = 'GET /repos/{owner}/{repo}/pulls';
const LABELS = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels';
const OPEN = 'POST /repos/{owner}/{repo}/pulls';
const COMMENT = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
const MINUTE = 60_000;
const HOUR = 3_600_000;

/** When each write went, by a clock that only waiting moves; what is refused is asked again when that said so. */
function times(operation: string, count: number): readonly number[] {
  let [state, now] = [UNUSED_PACE, 1_700_000_000_000];
  const sent: number[] = [];
  while (sent.length < count) {
    const turn = nextTurn(state, operation, now);
    if (turn.kind === 'refused') now += turn.seconds * 1000;
    else {
      now += turn.waitMilliseconds;
      ({ state } = turn);
      sent.push(now);
    }
  }
  return sent;
}

function mostWithin(milliseconds: number, sent: readonly number[]): number {
  return Math.max(...sent.map((from) => sent.filter((time) => time >= from && time < from + milliseconds).length));
}

test('a storm of 300 pull requests stays below what GitHub allows, and takes less than five minutes', () => {
  const sent = times(OPEN, 300);
  expect(mostWithin(MINUTE, sent)).toBeLessThan(80);
  expect((sent.at(-1) ?? 0) - (sent[0] ?? 0)).toBeLessThan(5 * MINUTE);
});

test('more than an hour allows wait for the next', () => {
  const sent = times(COMMENT, 1000);
  expect(mostWithin(HOUR, sent)).toBeLessThan(500);
  expect(mostWithin(MINUTE, sent)).toBeLessThan(80);
});

test('labels create no content, and are written at the same pace', () => {
  const sent = times(LABELS, 1000);
  expect(mostWithin(HOUR, sent)).toBe(1000);
  expect(mostWithin(MINUTE, sent)).toBeLessThan(80);
});

test('reading is free, and so is a token of an installation', () => {
  for (const operation of [READ, 'POST /app/installations/{installation_id}/access_tokens', 'POST /graphql', '']) {
    expect(times(operation, 200).at(-1)).toBe(1_700_000_000_000);
  }
});

test('many at once wait some seconds at most; the others are told when to come again', () => {
  let state = UNUSED_PACE;
  const turns = Array.from({ length: 22 }, () => {
    const turn = nextTurn(state, OPEN, 1);
    if (turn.kind === 'go') ({ state } = turn);
    return turn.kind === 'go' ? turn.waitMilliseconds : `after ${turn.seconds}`;
  });
  const free = Array.from({ length: 15 }, () => 0);
  expect(turns).toEqual([...free, 1000, 2000, 3000, 4000, 5000, 'after 6', 'after 6']);
});

test('a clock that is set back stops nothing', () => {
  const first = nextTurn(UNUSED_PACE, OPEN, 1_000_000);
  if (first.kind !== 'go') throw new Error('refused');
  expect(nextTurn(first.state, OPEN, 0)).toMatchObject({ kind: 'go', waitMilliseconds: 0 });
});

test('waiting ends with the work', async () => {
  const slept: number[] = [];
  const pace = createPace({ now: () => 0, sleep: (milliseconds) => Promise.resolve(void slept.push(milliseconds)) });
  for (let write = 0; write < 17; write += 1) expect(await pace.turn(OPEN, null)).toBe(0);
  expect(slept).toEqual([1000, 2000]);
});

test.each([
  ['https://api.github.com', true],
  ['https://api.github.com/', true],
  ['https://api.acme.ghe.com', true],
  ['https://github.acme.example/api/v3', false],
  ['https://api.github.com.evil.example', false],
  ['http://127.0.0.1:1', false],
  ['nonsense', false],
])('%s needs a pace: %s', (address, expected) => {
  expect(needsPace(address)).toBe(expected);
});

test('what may not be written now is not sent, and says when it may', async () => {
  const hub = await openHub();
  await hub.push('x', 'Bump');
  const forge = hub.forge({ pace: { turn: (operation) => Promise.resolve(operation.startsWith('POST') ? 1200 : 0) } });
  expect(await forge.list('x', 'main', signal())).toEqual([]);
  await expect(forge.open(draftOf('x'), signal())).rejects.toMatchObject({
    code: 'forge-rate-limited',
    retry: 'later',
    retryAfterSeconds: 1200,
    message: 'could not open a pull request for x: as much as GitHub allows was written lately',
  });
  expect(await hub.people.pulls()).toEqual([]);
  await hub.close();
});
