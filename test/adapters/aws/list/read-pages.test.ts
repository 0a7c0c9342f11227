import { expect, test } from 'vitest';
import { readPages } from '../../../../src/adapters/aws/list/read-pages.ts';
import type { ListedSecret } from '../../../../src/domain/find/find-filter.ts';
import { failureOf } from '../aws-test-connection.ts';

const LISTED = { service: 'ssm', place: { account: '111122223333', region: 'eu-west-1' } } as const;

function entry(name: string, suffix: string | null = null): ListedSecret {
  return { name, suffix, deleted: false, tags: new Map(), versions: new Map() };
}

/** Reads as many pages as there are, each with so many entries; after the last one comes `end`. */
async function read(pages: number, entries: number, end?: unknown) {
  return readPages(LISTED, 500, async (token = '0') => {
    const at = Number(token);
    const listed = Array.from({ length: entries }, (_, one) => entry(`a/${at}/${one}`));
    return { listed, next: at + 1 < pages ? `${at + 1}` : end, seenAt: at };
  });
}

test('the last page tells the time, and every page counts', async () => {
  expect(await read(3, 2)).toMatchObject({ kind: 'listed', seenAt: 2, secrets: { length: 6 } });
  expect(await read(500, 0)).toMatchObject({ kind: 'listed', secrets: [] });
});

test('20,000 are a list; one more, or one more page, is too many', async () => {
  expect(await read(400, 50)).toMatchObject({ kind: 'listed', secrets: { length: 20_000 } });
  expect(await read(401, 50)).toEqual({ kind: 'too-many' });
  expect(await read(501, 0)).toEqual({ kind: 'too-many' });
});

test('what comes twice stands once, as it came last; a secret that was made anew beside the old one does not', async () => {
  const pages = [[entry('a', 'x')], [entry('b'), { ...entry('a', 'x'), deleted: true }, entry('a', 'y')]];
  const answer = await readPages(LISTED, 9, async (token = '0') => ({
    listed: pages[Number(token)] ?? [],
    next: token === '0' ? '1' : '',
    seenAt: 0,
  }));
  expect(answer).toMatchObject({ secrets: [{ name: 'a', deleted: true }, { name: 'b' }, { name: 'a', suffix: 'y' }] });
});

test.each([
  ['a token that leads to its own page', '1'],
  ['a number', 7],
  ['null', null],
  ['a map', {}],
])('%s is no next page', async (_, end) => {
  expect(await failureOf(read(2, 1, end))).toMatchObject({ code: 'aws-rejected', retry: 'later' });
});
