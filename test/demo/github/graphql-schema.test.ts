import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import * as delivered from '../../../src/adapters/forge/delivered/delivered-document.ts';
import * as merging from '../../../src/adapters/forge/merging/merge-documents.ts';
import { checkGraphQl, githubSchema } from './graphql-schema.ts';

const texts = Object.entries({ ...merging, ...delivered }).flatMap(([name, text]) =>
  typeof text === 'string' ? [[name, text]] : [],
);

test.each(texts)('GitHub’s schema allows %s', (_, text = '') => {
  expect(validate(githubSchema(), parse(text)).map(({ message }) => message)).toEqual([]);
});

test('the fixture holds no field that nobody asks for', () => {
  const asked = texts.join(' ');
  const fields = Object.values(githubSchema().getTypeMap())
    .filter((type) => 'getFields' in type && !type.name.startsWith('__'))
    .flatMap((type) => Object.keys('getFields' in type ? type.getFields() : {}));
  expect(fields.filter((field) => !new RegExp(String.raw`\b${field}\b`).test(asked))).toEqual([]);
});

const QUESTION =
  'query Q($n: Int!) { repository(owner: "a", name: "b") { pullRequest(number: $n) { state isDraft } } }';
const problems = (data: object, document = QUESTION) =>
  checkGraphQl({ document, variables: { n: 1 }, data: { ...data } });
const pull = (fields: object) => ({ repository: { pullRequest: fields } });

test.each([
  ['a good answer', pull({ state: 'OPEN', isDraft: false }), []],
  ['nothing there', pull({ state: 'OPEN', isDraft: null }), [/isDraft .*non-nullable/]],
  ['a word that GitHub does not have', pull({ state: 'AJAR', isDraft: false }), [/pullRequest\.state .*AJAR/]],
  ['a text for a truth', pull({ state: 'OPEN', isDraft: 'no' }), [/isDraft .*Boolean/]],
  ['more than was asked', pull({ state: 'OPEN', isDraft: false, id: 'x' }), [/more than was asked/]],
])('an answer: %s', (_, data, expected) => {
  expect(problems(data)).toEqual(expected.map((words) => expect.stringMatching(words)));
});

test.each([
  ['an unknown field', 'query Q { repository(owner: "a", name: "b") { starGazers } }', /line 1.*starGazers/],
  [
    'a missing argument',
    'query Q { repository(owner: "a") { autoMergeAllowed } }',
    /"name" of type "String!" is required/,
  ],
  ['a wrong type', 'query Q { repository(owner: 1, name: "b") { autoMergeAllowed } }', /String cannot represent/],
])('a question with %s is told with its line', (_, document, expected) => {
  expect(problems({}, document)).toEqual([expect.stringMatching(expected)]);
});
