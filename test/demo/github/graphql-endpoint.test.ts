import { expect, test } from 'vitest';
import { answerGraphQl, graphQlName } from '../../../src/demo/github/graphql/graphql-endpoint.ts';
import { readDocument } from '../../../src/demo/github/graphql/read-document.ts';
import { selectFields } from '../../../src/demo/github/graphql/select-fields.ts';

const WORLD = { a: 1, b: { c: [{ d: 'x' }, { d: null }] }, f: ({ n }: Readonly<Record<string, unknown>>) => Number(n) };

async function select(document: string, variables: Readonly<Record<string, unknown>> = {}) {
  const { fields } = readDocument(document, variables);
  return selectFields(WORLD, fields);
}

test('exactly what is asked for is answered, under the names that it is asked by', async () => {
  const document = 'query Q($n: Int!) { # why\n b { c { d } } first: f(n: 1), second: f(n: $n) }';
  expect(await select(document, { n: 2 })).toEqual({
    data: { b: { c: [{ d: 'x' }, { d: null }] }, first: 1, second: 2 },
    errors: [],
  });
});

test('a field that is not there is told, with its place', async () => {
  const { data, errors } = await select('query Q { a b { c { e } } }');
  expect(data).toEqual({ a: 1, b: { c: [{ e: null }, { e: null }] } });
  expect(errors[0]).toMatchObject({ path: ['b', 'c', 0, 'e'], extensions: { code: 'undefinedField' } });
});

test.each([
  '',
  '{ a }',
  'query Q { a',
  'query Q { a }}',
  'query Q { ...F }',
  'query Q($n: Int! { a }',
  'query Q { f(n 1) }',
  'query Q { f(n: "x) }',
  'subscription S { a }',
])('%j is not understood', (document) => {
  expect(() => readDocument(document, {})).toThrow(SyntaxError);
});

test('what is not understood is an answer, and no exchange', async () => {
  const asker = { actor: { login: 'x', type: 'User' }, repository: () => Promise.resolve(null) } as const;
  for (const body of [undefined, 'x', {}, { query: 7 }, { query: '{' }]) {
    expect(await answerGraphQl(body, asker)).toMatchObject({ reply: { status: 200 }, exchange: null });
    expect(graphQlName(body)).toBe('POST /graphql');
  }
});

test('what is hidden is not found', async () => {
  const asker = { actor: { login: 'x', type: 'User' }, repository: () => Promise.resolve(null) } as const;
  const query = 'query Q { repository(owner: "a", name: "b") { autoMergeAllowed } }';
  const { reply } = await answerGraphQl({ query }, asker);
  expect(reply.body).toMatchObject({
    data: { repository: null },
    errors: [{ type: 'NOT_FOUND', path: ['repository'] }],
  });
  const off = 'mutation M { disablePullRequestAutoMerge(input: {pullRequestId: "PR_x"}) { pullRequest { number } } }';
  expect((await answerGraphQl({ query: off }, asker)).reply.body).toMatchObject({ errors: [{ type: 'NOT_FOUND' }] });
});
