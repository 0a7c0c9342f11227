import { expect, test } from 'vitest';
import { type Grouping, NO_GROUPING, partText } from '../../../src/domain/grouping/grouping.ts';
import { readPathPattern } from '../../../src/domain/grouping/path-pattern.ts';
import { isSafeRefName } from '../../../src/domain/repo-path.ts';
import { branchName, type Group, groupWishes } from '../../../src/plan/group.ts';
import type { Plan } from '../../../src/plan/plan.ts';
import { dueRestarts } from '../../../src/plan/restart/due-restarts.ts';
import { everything } from '../../../src/plan/scope.ts';
import { es, type Files, indexOf, lines, moved, planOf, repoPath, tok, v, workload } from '../repository.ts';

function grouping(paths: readonly string[], named: Grouping['named'] = []): Grouping {
  return { paths: paths.flatMap((text) => readPathPattern(text) ?? []), named };
}

const CLUSTERS = grouping(['clusters/{cluster}/**']);

function titleOf({ name, part }: Pick<Group, 'name' | 'part'>): string {
  const text = partText(part);
  return text === null ? name : `${name} in ${text}`;
}

/** The groups of these wishes: `<name> in <part>: <names of its wishes>`. */
function check(files: Files, names: readonly string[], how: Grouping, expected: readonly string[]): void {
  const groups = groupWishes(
    indexOf(files),
    names.map((name) => moved(name)),
    how,
  );
  expect(
    groups.map((group) => `${titleOf(group)}: ${group.wishes.map((wish) => wish.names[0]).join(' ')}`).toSorted(),
  ).toEqual(expected);
}

const PROD = 'clusters/prod/x.yaml';
const DEV = 'clusters/dev/x.yaml';

test('a secret is in one group for each part that uses it', () => {
  const files = { [PROD]: es('x', ['a']), [DEV]: es('x', ['a']), 'shared.yaml': es('y', ['a']) };
  check(files, ['a'], CLUSTERS, ['a in cluster=dev: a', 'a in cluster=prod: a', 'a: a']);
  check(files, ['a'], NO_GROUPING, ['a: a']);
});

test('secrets meet within a part alone', () => {
  const files = { [PROD]: es('x', ['a', 'b']), [DEV]: es('x', ['a']), 'clusters/dev/y.yaml': es('y', ['b']) };
  check(files, ['a', 'b'], CLUSTERS, ['a in cluster=dev: a', 'a in cluster=prod: a b', 'b in cluster=dev: b']);
  check(files, ['b'], CLUSTERS, ['a in cluster=prod: b', 'b in cluster=dev: b']);
});

test('a group that people name is split as well', () => {
  const team = { annotations: { 'gitops-reloader.dev/group': 'team' } };
  const files = {
    [PROD]: es('x', ['a'], team),
    [DEV]: es('x', ['b'], team),
    'clusters/dev/y.yaml': es('y', ['c'], team),
  };
  check(files, ['a', 'b', 'c'], CLUSTERS, ['team in cluster=dev: b c', 'team in cluster=prod: a']);
});

test('what a part only pins is told there', () => {
  const files = { [PROD]: es('x', ['a']), [DEV]: es('x', ['a#uuid/1']) };
  check(files, ['a'], CLUSTERS, ['a in cluster=dev: a', 'a in cluster=prod: a']);
});

test('a secret that nobody names is one group without captures', () => {
  check({ [PROD]: es('x', ['a']) }, ['nobody'], CLUSTERS, ['nobody: nobody']);
});

const NAMED = grouping(
  [],
  [
    { name: 'payments', secrets: ['pay/*'], paths: ['apps/pay/**'] },
    { name: 'all', secrets: ['**'], paths: [] },
  ],
);

test('the configuration names groups by secrets and by paths; the first that fits decides', () => {
  const files = { 'a.yaml': es('a', ['pay/db']), 'apps/pay/b.yaml': es('b', ['other']), 'c.yaml': es('c', ['x/y']) };
  check(files, ['pay/db', 'other', 'x/y'], NAMED, ['all: x/y', 'payments: pay/db other']);
});

test('an annotation goes before the configuration, also where they meet', () => {
  const own = { annotations: { 'gitops-reloader.dev/group': 'zz' } };
  check({ 'a.yaml': es('a', ['pay/db'], own), 'b.yaml': es('b', ['pay/x']) }, ['pay/db', 'pay/x'], NAMED, [
    'payments: pay/x',
    'zz: pay/db',
  ]);
  check({ 'a.yaml': es('a', ['pay/db', 'pay/x'], own), 'b.yaml': es('b', ['pay/x']) }, ['pay/db', 'pay/x'], NAMED, [
    'zz: pay/db pay/x',
  ]);
});

test('the annotation and the configuration mean the same group by the same name', () => {
  const own = { annotations: { 'gitops-reloader.dev/group': 'payments' } };
  check({ 'a.yaml': es('a', ['q'], own), 'b.yaml': es('b', ['pay/x']) }, ['q', 'pay/x'], NAMED, ['payments: q pay/x']);
});

/** The plans of all groups, by their titles. */
function plans(files: Files, how: Grouping, ask: Parameters<typeof planOf>[1]): Readonly<Record<string, Plan>> {
  const index = indexOf(files);
  const groups = groupWishes(index, ask.wishes, how);
  return Object.fromEntries(
    groups.map((group) => {
      const scope = { ...ask.scope, grouping: how };
      return [titleOf(group), planOf(index, { ...ask, wishes: group.wishes, scope, part: group.part }).plan];
    }),
  );
}

test('only what is edited in the part is edited by its plan, with the workloads that it feeds wherever they are', () => {
  const files = {
    [PROD]: es('x', ['a']),
    [DEV]: es('y', ['a'], { namespace: 'dev' }),
    'clusters/dev/pinned.yaml': es('z', [`a#uuid/${v(2)}`]),
    'apps/api.yaml': workload('Deployment', 'api', ['x']),
  };
  const made = plans(files, CLUSTERS, { wishes: [moved('a')], truth: { a: 2 } });
  expect(
    Object.fromEntries(
      Object.entries(made).map(([title, plan]) => [
        title,
        lines(plan).map((line) => line.split(' ', 3).slice(0, 3).join(' ')),
      ]),
    ),
  ).toEqual({
    'a in cluster=dev': ['1 ExternalSecret/y: token', 'ExternalSecret/z: pinned-version'],
    'a in cluster=prod': ['1 Deployment/api: due', '1 ExternalSecret/x: token'],
  });
});

test('what may use a secret is spoken of in its own part, and where nothing there uses it for certain in all', () => {
  const index = indexOf({ [PROD]: es('x', ['a']), [DEV]: es('y', ['a']) });
  const problems = ['clusters/dev/big.yaml', 'clusters/qa/big.yaml'].map((path) => {
    return { path: repoPath(path), code: 'too-large', message: 'it is too large', line: null, text: null } as const;
  });
  const skips = groupWishes(index, [moved('a')], CLUSTERS).map((group) => {
    const ask = { wishes: group.wishes, truth: { a: 2 }, scope: { grouping: CLUSTERS }, part: group.part };
    return [titleOf(group), planOf({ ...index, problems }, ask).plan.skips.map(({ path }) => path)];
  });
  expect(skips).toEqual([
    ['a in cluster=dev', ['clusters/dev/big.yaml', 'clusters/qa/big.yaml']],
    ['a in cluster=prod', ['clusters/qa/big.yaml']],
  ]);
});

test('a SecretProviderClass restarts workloads part by part', () => {
  const provider = `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: {name: p, namespace: app}
spec: {provider: aws, parameters: {region: eu-west-1, objects: '[{"objectName": "a", "objectType": "secretsmanager"}]'}}
`;
  const pod = {
    containers: [{ name: 'main', image: 'x', volumeMounts: [{ name: 'v', mountPath: '/v' }] }],
    volumes: [
      { name: 'v', csi: { driver: 'secrets-store.csi.k8s.io', volumeAttributes: { secretProviderClass: 'p' } } },
    ],
  };
  const files = {
    'base/p.yaml': provider,
    'clusters/prod/api.yaml': workload('Deployment', 'api', [], { pod }),
    'clusters/dev/job.yaml': workload('Deployment', 'job', [], { pod }),
  };
  const index = indexOf(files, [{ id: '111122223333', regions: ['eu-west-1'] }]);
  const groups = groupWishes(index, [moved('a')], CLUSTERS);
  const edited = groups.map((group) => {
    const { plan } = planOf(index, {
      wishes: group.wishes,
      truth: { a: 2 },
      scope: { grouping: CLUSTERS },
      part: group.part,
    });
    return [titleOf(group), plan.edits.map(({ path }) => path)];
  });
  expect(edited).toEqual([
    ['a in cluster=dev', ['clusters/dev/job.yaml']],
    ['a in cluster=prod', ['clusters/prod/api.yaml']],
  ]);
});

function due(name: string, secrets: readonly string[]): string {
  const announced = `${secrets[0] ?? ''}=000000000002`;
  return workload('Deployment', name, secrets, { annotations: { 'gitops-reloader.dev/restart-due': announced } });
}

test('a restart belongs to the part of its own file, and there to what feeds it in that part', () => {
  const files = {
    'base/x.yaml': es('x', ['a'], { token: tok('a=2@2') }),
    'clusters/prod/y.yaml': es('y', ['b'], { token: tok('b=2@2') }),
    'clusters/prod/both.yaml': due('both', ['y', 'x']),
    'clusters/prod/shared.yaml': due('shared', ['x']),
    'apps/out.yaml': due('out', ['y']),
  };
  const { groups } = dueRestarts(indexOf(files), { ...everything('staged'), grouping: CLUSTERS });
  expect(
    groups
      .map((group) => `${titleOf(group)}: ${group.restarts.map(({ workload: { name } }) => name).join(' ')}`)
      .toSorted(),
  ).toEqual(['a in cluster=prod: shared', 'b in cluster=prod: both', 'b: out']);
  expect(new Set(groups.map(({ key }) => key)).size).toBe(groups.length);
  const whole = dueRestarts(indexOf(files), everything('staged')).groups;
  expect(whole.map((group) => group.restarts.length)).toEqual([2, 1]);
});

const HOSTILE = [
  'a b',
  'é',
  'e\u0301',
  '..prod',
  'a..b',
  '{c}',
  '@{',
  '~^:?*[',
  '.lock',
  'x.lock',
  '-',
  '😀',
  '\u202eprod',
  'x'.repeat(250),
  'PROD',
  'prod',
];

test('folders with any name make branches of their own that are safe refs', () => {
  const files = Object.fromEntries(HOSTILE.map((name) => [`clusters/${name}/x.yaml`, es('x', ['a'])]));
  const groups = groupWishes(indexOf(files), [moved('a')], CLUSTERS);
  const names = groups.flatMap((group) =>
    ([1, 2] as const).map((stage) =>
      branchName({ prefix: 'gitops-reloader', instance: 'acme', base: 'main', group, stage }),
    ),
  );
  expect(new Set(names).size).toBe(HOSTILE.length * 2);
  for (const name of names) {
    expect(isSafeRefName(`refs/heads/${name}`)).toBe(true);
    expect(name).toMatch(/^gitops-reloader\/acme\/a-[a-z0-9][a-z0-9-]{0,24}-[0-9a-f]{8}\/(refresh|restart)$/);
  }
});

test('without a pattern no branch is called anything else than before', () => {
  const index = indexOf({ [PROD]: es('x', ['prod/db', 'b']) });
  const [group] = groupWishes(index, [moved('prod/db')], NAMED.paths.length === 0 ? NO_GROUPING : NAMED);
  const parts = { prefix: 'gitops-reloader', instance: 'acme', base: 'main', stage: 1 } as const;
  expect(group?.key).toBe('secretsmanager:111122223333:eu-west-1:b');
  expect(branchName({ ...parts, group: { key: group?.key ?? '', name: group?.name ?? '' } })).toBe(
    branchName({ ...parts, group: group ?? { key: '', name: '' } }),
  );
});

test('many secrets over many clusters are planned part by part', () => {
  const secrets = Array.from({ length: 30 }, (_, at) => `s${at}`);
  const clusters = Array.from({ length: 8 }, (_, at) => `c${at}`);
  const paths = clusters.flatMap((cluster) => secrets.map((secret) => [`clusters/${cluster}/${secret}.yaml`, secret]));
  const index = indexOf(Object.fromEntries(paths.map(([path, secret = '']) => [path, es(secret, [secret])])));
  const wishes = secrets.map((secret) => moved(secret));
  const groups = groupWishes(index, wishes, CLUSTERS);
  const edited = groups.map(({ wishes: [wish], part }) => {
    const ask = { wishes: wish === undefined ? [] : [wish], truth: { [wish?.names[0] ?? '']: 2 }, part };
    return planOf(index, { ...ask, scope: { grouping: CLUSTERS } }).plan.edits.map(({ path }) => path);
  });
  expect(edited.every((one) => one.length === 1)).toBe(true);
  expect(new Set(edited.flat())).toEqual(new Set(paths.map(([path]) => path)));
});
