import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isSafeRefName } from '../../src/domain/repo-path.ts';
import { type BranchParts, branchName, groupOfUser, groupWishes, isOwnBranch } from '../../src/plan/group.ts';
import { es, FAR, type Files, indexOf, moved } from './repository.ts';

/** The groups of these wishes: `<name>: <names of its wishes>`. */
function check(files: Files, names: readonly string[], expected: readonly string[]): void {
  const index = indexOf(files);
  const groups = groupWishes(
    index,
    names.map((name) => moved(name)),
  );
  expect(groups.map((group) => `${group.name}: ${group.wishes.map((wish) => wish.names[0]).join(' ')}`)).toEqual(
    expected,
  );
}

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';

test('secrets that meet nowhere are groups of their own', () => {
  check({ 'a.yaml': es('a', ['a']), 'b.yaml': es('b', ['b']) }, ['b', 'a'], ['a: a', 'b: b']);
});

test('a secret that nobody uses is its own group', () => {
  check({}, ['nobody'], ['nobody: nobody']);
});

test('secrets that meet in one object are one group, named by the smallest whoever moved', () => {
  const files = { 'x.yaml': es('x', ['c', 'a', 'b']) };
  for (const name of ['a', 'b', 'c']) check(files, [name], [`a: ${name}`]);
  check(files, ['c', 'b'], ['a: c b']);
});

test('meeting is transitive, over any number of objects', () => {
  const letters = 'abcdefgh'.split('');
  const files = Object.fromEntries(
    letters.slice(1).map((letter, at) => [`${letter}.yaml`, es(letter, [letter, letters[at] ?? ''])]),
  );
  for (const name of letters) check(files, [name], [`a: ${name}`]);
});

// Walked once for each of them, this would take a minute.
test('thousands of objects that share a secret are walked through once', () => {
  const many = Array.from({ length: 1500 }, (_, at) => `x${at}`);
  const index = indexOf(Object.fromEntries(many.map((name) => [`${name}.yaml`, es(name, [name, 'shared'])])));
  const names = new Set(index.externalSecrets.map((user) => groupOfUser(index, user)?.name));
  expect([...names]).toEqual(['shared']);
  expect(
    groupWishes(
      index,
      many.map((name) => moved(name)),
    ).map(({ name }) => name),
  ).toEqual(['shared']);
});

test('a namesake in another account is another secret', () => {
  const index = indexOf({ 'x.yaml': es('x', ['db', 'api']), 'y.yaml': es('y', ['far:db']) });
  const groups = groupWishes(index, [moved('db'), moved('db', FAR)]);
  expect(groups.map(({ key }) => key)).toEqual([
    'secretsmanager:111122223333:eu-west-1:api',
    'secretsmanager:444455556666:us-east-1:db',
  ]);
});

test('objects that fetch the tags of a secret belong to it', () => {
  const tags = { dataFrom: [{ extract: { key: 'b', metadataPolicy: 'Fetch' } }] };
  const files = { 'x.yaml': es('x', ['a'], { spec: tags }), 'y.yaml': es('y', ['b', 'c']) };
  for (const name of ['a', 'b', 'c']) check(files, [name], [`a: ${name}`]);
});

test('what a find finds is one secret of its group, which is named by another one where there is one', () => {
  const find = { dataFrom: [{ find: { name: { regexp: '^prod/' } } }] };
  const files = { 'x.yaml': es('x', ['zz'], { spec: find }), 'y.yaml': es('y', [], { spec: find }) };
  const index = indexOf(files);
  const [digest = ''] = index.externalSecrets.flatMap(({ references }) =>
    references.flatMap(({ resolution }) =>
      resolution.kind === 'secret' && resolution.ref.service === 'find' ? resolution.names : [],
    ),
  );
  const found = moved(digest, { service: 'find' });
  expect(groupWishes(index, [found, moved('zz')]).map(({ name }) => name)).toEqual(['zz']);
  expect(groupWishes(indexOf({ 'y.yaml': es('y', [], { spec: find }) }), [found]).map(({ name }) => name)).toEqual([
    `find ${digest}`,
  ]);
});

test('objects that only pin a secret tie nothing together', () => {
  const files = { 'x.yaml': es('x', ['a', 'b#uuid/1']), 'y.yaml': es('y', ['b', 'c']) };
  check(files, ['a', 'b', 'c'], ['a: a', 'b: b c']);
  for (const name of ['b', 'c']) check(files, [name], [`b: ${name}`]);
});

test('an ARN that can mean two names gives one group, whoever moved', () => {
  const files = {
    'x.yaml': es('x', ['zz', `${ARN}my-secret`]),
    'y.yaml': es('y', ['my-secret', 'b']),
    'z.yaml': es('z', ['my-secret-AbCdEf']),
  };
  for (const name of ['zz', 'my-secret', 'b']) check(files, [name], [`b: ${name}`]);
});

const layouts = fc.array(
  fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1, maxLength: 3 }),
  {
    maxLength: 5,
  },
);

test('secrets share a group exactly when a chain of objects joins them, in any order of wishes', () => {
  fc.assert(
    fc.property(layouts, fc.shuffledSubarray('abcdef'.split(''), { minLength: 6 }), (layout, order) => {
      const index = indexOf(Object.fromEntries(layout.map((keys, at) => [`x${at}.yaml`, es(`x${at}`, keys)])));
      const nameOf = new Map(
        groupWishes(
          index,
          order.map((name) => moved(name)),
        ).flatMap(({ name, wishes }) => wishes.map((wish) => [wish.names[0], name] as const)),
      );
      for (const one of order) {
        expect(nameOf.get(one)).toBe(joined(layout, one).toSorted()[0]);
        expect(groupWishes(index, [moved(one)])[0]?.name).toBe(nameOf.get(one));
      }
    }),
    { numRuns: 60 },
  );
});

function joined(layout: readonly (readonly string[])[], one: string): readonly string[] {
  const found = new Set([one]);
  for (let size = 0; size < found.size; ) {
    size = found.size;
    const met = layout.filter((keys) => keys.some((key) => found.has(key)));
    for (const key of met.flat()) found.add(key);
  }
  return [...found];
}

// ---------------------------------------------------------------------------------------------------------------------
// Branch names

const PARTS: BranchParts = {
  prefix: 'gitops-reloader',
  instance: 'acme',
  base: 'main',
  group: { key: 'k', name: 'prod/db' },
  stage: 1,
};

test('a branch name says instance, secret and stage', () => {
  expect(branchName(PARTS)).toMatch(/^gitops-reloader\/acme\/prod-db-[0-9a-f]{8}\/refresh$/);
  expect(branchName({ ...PARTS, stage: 2 })).toBe(branchName(PARTS).replace('/refresh', '/restart'));
});

test('bases, instances and groups do not share branches, alike as they may be', () => {
  const long = 'x'.repeat(60);
  const all = [
    PARTS,
    { ...PARTS, base: 'main2' },
    { ...PARTS, instance: 'acme-2' },
    { ...PARTS, instance: `${long}1` },
    { ...PARTS, instance: `${long}2` },
    { ...PARTS, group: { key: 'k2', name: 'prod/db' } },
    { ...PARTS, group: { key: 'k3', name: 'prod-db' } },
    { ...PARTS, base: 'main\nk', group: { key: '', name: 'prod/db' } },
    { ...PARTS, stage: 2 as const },
  ].map(branchName);
  expect(new Set(all).size).toBe(all.length);
});

test('an instance knows its own branches, and none of another instance or prefix that is alike', () => {
  const long = 'x'.repeat(60);
  const parts = ['a', 'a-b', 'a--b', `${long}1`, `${long}2`].flatMap((instance) =>
    ['p', 'p/a', 'p/a-b'].map((prefix) => ({ ...PARTS, prefix, instance })),
  );
  for (const one of parts) {
    expect(parts.filter((other) => isOwnBranch(one, branchName(other)))).toEqual([one]);
    expect(isOwnBranch(one, branchName({ ...one, stage: 2 }))).toBe(true);
  }
});

const HOSTILE = [
  '',
  '.',
  '..',
  '-',
  '--',
  '@',
  '@{',
  'HEAD',
  '/',
  '//',
  'a/../b',
  '~^:?*[\\',
  'x.lock',
  '.lock',
  '\n',
  '\0',
  '\u202e',
  'é',
  '😀',
  '\ud800',
  ' ',
  '$(rm -rf)',
  '`x`',
  'a'.repeat(512),
  '-'.repeat(512),
  `${'a'.repeat(39)}--b`,
  '%2e%2e',
  'refs/heads/main',
];

test('Git itself takes every branch name, whatever the secret is called', async () => {
  const run = promisify(execFile);
  for (const stage of [1, 2] as const) {
    const names = HOSTILE.map((name) => `refs/heads/${branchName({ ...PARTS, group: { key: name, name }, stage })}`);
    expect(names.filter((name) => !isSafeRefName(name))).toEqual([]);
    for (const name of names) expect((await run('git', ['check-ref-format', name])).stderr).toBe('');
  }
  await expect(run('git', ['check-ref-format', 'refs/heads/a..b'])).rejects.toThrow();
});

test('a branch name has few signs, and a bounded length', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), fc.string({ unit: 'binary' }), (name, base) => {
      const branch = branchName({ ...PARTS, base, group: { key: name, name } });
      expect(branch).toMatch(/^gitops-reloader\/acme\/[a-z0-9][a-z0-9-]{0,39}-[0-9a-f]{8}\/refresh$/);
    }),
    { numRuns: 200 },
  );
});

function named(group: string) {
  return { annotations: { 'gitops-reloader.dev/group': group } };
}

test('a group that people name holds all that carry the name, and what those share secrets with', () => {
  const team = named('team');
  const files = {
    'a.yaml': es('a', ['a'], team),
    'b.yaml': es('b', ['b'], team),
    'c.yaml': es('c', ['b', 'c']),
    'd.yaml': es('d', ['d']),
  };
  check(files, ['a', 'b', 'c', 'd'], ['team: a b c', 'd: d']);
  for (const name of ['a', 'b', 'c']) check(files, [name], [`team: ${name}`]);
});

test('two names that meet are one group by the smaller, and a secret of the same name is another', () => {
  const files = { 'a.yaml': es('a', ['s'], named('two')), 'b.yaml': es('b', ['s', 't'], named('one')) };
  check(files, ['t', 's'], ['one: t s']);
  check({ 'a.yaml': es('a', ['a'], named('b')), 'b.yaml': es('b', ['b']) }, ['a', 'b'], ['b: a', 'b: b']);
});

test('a group that says nothing known is none', () => {
  const wrong = named('../x');
  check({ 'a.yaml': es('a', ['a'], wrong), 'b.yaml': es('b', ['b'], wrong) }, ['a', 'b'], ['a: a', 'b: b']);
});
