import { afterAll, beforeAll, expect, test } from 'vitest';
import { endOfMessage } from '../../../../src/adapters/forge/pulls/settle-pull.ts';
import { ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
import { heapBytes } from '../../heap-bytes.ts';
import { ALICE, draftOf, type Hub, openHub, signal } from '../hub.ts';

let hub: Hub;

beforeAll(async () => {
  hub = await openHub();
});
afterAll(() => hub.close());

test('a commit of very many secrets names all of them once a person has closed it', async () => {
  const names = Array.from({ length: 900 }, (_, at) => `team-${at}/${'long'.repeat(10)}=${'0'.repeat(36)}`);
  const trailers = names.map((name) => `${ROTATION}: ${name}`).join('\n');
  await hub.push('x', `Bump\n\nWhy\n\n${trailers}\n`);
  const forge = hub.forge();
  const { number } = await forge.open(draftOf('x'), signal());
  await hub.people.closeAs(number, ALICE);
  const [pull] = await forge.list('x', 'main', signal());
  expect(pull).toMatchObject({ state: 'closed-by-person' });
  expect(readTrailers(pull?.headMessage ?? '', ROTATION)).toEqual(names);
});

test('the end of a message keeps none of the rest in memory, and every character of its own', () => {
  // As they came: in one piece each.
  const messages = Array.from({ length: 50 }, (_, at) =>
    String(JSON.parse(JSON.stringify(`${'x'.repeat(100_000)}\n\n${ROTATION}: prod/${at}=ü\ud800\r\n`))),
  );
  const before = heapBytes();
  const ends = messages.splice(0).map(endOfMessage);
  expect(heapBytes() - before).toBeLessThan(-4_000_000);
  expect(ends).toEqual(Array.from({ length: 50 }, (_, at) => `${ROTATION}: prod/${at}=ü\ud800`));
});
