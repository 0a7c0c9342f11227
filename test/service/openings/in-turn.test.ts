import { expect, test } from 'vitest';
import { ALONE, inTurn, type Turn } from '../../../src/service/propose/in-turn.ts';

type Say = (what: string) => void;

/** A work that hands something over, and then does more. */
const handing = (name: string, say: Say) => async (turn: Turn) => {
  say(`${name} begins`);
  const result = await turn.together(async () => {
    say(`${name} is carried out`);
    await Promise.resolve();
    say(`${name} is there`);
    return `${name}!`;
  });
  say(`${name} goes on`);
  await Promise.resolve();
  say(`${name} ends`);
  return result;
};

/** A work that does everything in its turn. */
const waiting = (name: string, say: Say) => async (turn: Turn) => {
  say(`${name} begins`);
  await turn.come();
  say(`${name} goes on`);
  return turn.together(async () => `${name}!`);
};

/** A work of which what it hands over fails. */
function failing(turn: Turn): Promise<string> {
  return turn.together(() => Promise.reject(new Error('refused'))).catch(String);
}

test('what is handed over is carried out at once, all else one after the other in order', async () => {
  const said: string[] = [];
  const say: Say = (what) => void said.push(what);
  const results: string[] = [];
  const works = [handing('a', say), waiting('b', say), async () => 'c!', handing('d', say)];
  await inTurn(works, (result, at) => {
    results.push(`${at} ${result}`);
    return 'go on';
  });
  const [begun, carriedOut] = [said.slice(0, 3), said.slice(3, 7)];
  expect(begun).toEqual(['a begins', 'b begins', 'd begins']);
  expect(carriedOut).toEqual(['a is carried out', 'd is carried out', 'a is there', 'd is there']);
  expect(said.slice(7)).toEqual(['a goes on', 'a ends', 'b goes on', 'd goes on', 'd ends']);
  expect(results).toEqual(['0 a!', '1 b!', '2 c!', '3 d!']);
});

test('after an end nobody comes to its turn, though what was handed over is carried out', async () => {
  const said: string[] = [];
  const say: Say = (what) => void said.push(what);
  expect(await inTurn([waiting('a', say), handing('b', say)], () => 'end')).toBe('end');
  expect(said).toEqual(['a begins', 'b begins', 'b is carried out', 'b is there', 'a goes on']);
});

test('a failure of what was handed over is told to its own work alone, in its turn', async () => {
  const results: string[] = [];
  await inTurn([handing('a', () => undefined), failing, handing('c', () => undefined)], (result) => {
    results.push(result);
    return 'go on';
  });
  expect(results).toEqual(['a!', 'Error: refused', 'c!']);
});

test('who is alone waits for nobody', async () => {
  await ALONE.come();
  expect(await ALONE.together(async () => 'done')).toBe('done');
});
