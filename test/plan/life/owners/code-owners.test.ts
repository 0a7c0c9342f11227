import { expect, test } from 'vitest';
import { needsManyOwners, ownersOf, parseCodeOwners } from '../../../../src/plan/life/owners/code-owners.ts';

const FILE = `
# Everybody's
*       @acme/everybody
*.js    @ana # and nobody else
/build/logs/ @ben
docs/*  docs@example.com
apps/   @carla
/scripts/ @acme/a @acme/b
/scripts/free
**/logs @dora
/deep   @emil
!/not   @nobody
[a-c]x  @nobody
`;

test.each<[string, readonly (readonly string[])[]]>([
  ['README.md', [['@acme/everybody']]],
  ['a/b/c.js', [['@ana']]],
  ['build/logs/x/y.txt', [['@dora']]],
  ['docs/getting-started.md', [['docs@example.com']]],
  ['docs/build-app/troubleshooting.md', [['@acme/everybody']]],
  ['x/apps/y/z.yaml', [['@carla']]],
  ['scripts/x.sh', [['@acme/a', '@acme/b']]],
  ['scripts/free', []],
  ['x/logs/y.txt', [['@dora']]],
  ['deep', [['@emil']]],
  ['deep/down/below.yaml', [['@emil']]],
  ['not', [['@acme/everybody']]],
])('%s', (path, expected) => {
  expect(ownersOf(parseCodeOwners(FILE), [path])).toEqual(expected);
});

test('owners of several paths are counted once for each set, whatever their order', () => {
  const rules = parseCodeOwners('/a @x @y\n/b @y @x\r\n/c @z\n');
  expect(ownersOf(rules, ['c', 'a', 'b', 'a', 'd'])).toEqual([['@y', '@x'], ['@z']]);
});

test('a file of nothing but trouble takes no time', () => {
  const hostile = `${'*'.repeat(5000)} @x\n${'a/'.repeat(20_000)} @y\n`.repeat(200);
  expect(ownersOf(parseCodeOwners(hostile), ['clusters/prod/db.yaml']).length).toBeLessThan(3);
});

test.each([
  ['comments without an end', `${' #'.repeat(200_000)}\u2028\n`],
  ['stars', Array.from({ length: 5000 }, (_, at) => `**/*a*b*c*d*/${at} @x${at}`).join('\n')],
  ['folders', Array.from({ length: 5000 }, (_, at) => `${'**/a/'.repeat(60)}${at} @x${at}`).join('\n')],
  ['owners', `* ${'@x '.repeat(500_000)}`],
])('very many paths against %s take no time', (_, text) => {
  const paths = Array.from({ length: 100 }, (__, at) => `clusters/a${at}/a/a/a/a/b/db.yaml`);
  const begin = performance.now();
  const sets = ownersOf(parseCodeOwners(text), paths);
  expect(performance.now() - begin).toBeLessThan(5000);
  expect(sets.flat().length).toBeLessThanOrEqual(100);
});

test('a folder is not a file of its name', () => {
  const rules = parseCodeOwners('/scripts/ @x\n/docs/** @y\n');
  expect(ownersOf(rules, ['scripts', 'docs'])).toEqual([]);
  expect(ownersOf(rules, ['scripts/a', 'docs/a/b'])).toEqual([['@x'], ['@y']]);
});

test('more than three sets are many', () => {
  const sets = ['@a', '@b', '@c', '@d'].map((owner) => [owner]);
  expect([0, 3, 4].map((count) => needsManyOwners(sets.slice(0, count)))).toEqual([false, false, true]);
});
