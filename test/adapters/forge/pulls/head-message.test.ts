import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
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
