import { expect, test } from 'vitest';
import type { Destination, LabelSelector } from '../../src/domain/policy.ts';
import { matchesLabels } from '../../src/manifests/indexing/cluster/match-labels.ts';
import { everything, outsideScope, type Scope } from '../../src/plan/scope.ts';
import { ACCOUNTS, es, type Files, indexOf, workload } from './repository.ts';

const ALL: LabelSelector = { matchLabels: {}, matchExpressions: [] };
const LABELS = { app: 'web', tier: 'front' };
const PATH = 'clusters/a/x.yaml';
const X: Files = {
  [PATH]: `${es('x', ['db'], { labels: LABELS })}---\n${workload('Deployment', 'w', ['x'], { labels: LABELS })}`,
};

/** The code for the ExternalSecret `x`, or for the Deployment `w`; null when it is inside. */
function check(scope: Partial<Scope>, expected: string | null, files: Files = X, kind = 'ExternalSecret'): void {
  const index = indexOf(files, ACCOUNTS, {}, scope.kustomize);
  const objects = [...index.externalSecrets.map(({ object }) => object), ...index.workloads];
  const object = objects.find((one) => one.kind === kind);
  if (object === undefined) throw new Error(`no ${kind}`);
  expect(outsideScope({ ...everything('staged'), ...scope }, object)?.code ?? null).toBe(expected);
}

function to(more: Partial<Destination>): Partial<Scope> {
  return { destinations: [{ kind: 'ExternalSecret', names: [], namespaces: [], labels: ALL, ...more }] };
}

test('everything is everything', () => {
  check({}, null);
  check({}, null, X, 'Deployment');
});

test('only kinds that are named may be touched', () => {
  check(to({}), null);
  check(to({}), 'not-selected', X, 'Deployment');
  check(to({ kind: 'Deployment' }), 'not-selected');
  check({ destinations: [] }, 'not-selected');
});

test('names and namespaces', () => {
  check(to({ names: ['a', 'x'] }), null);
  check(to({ names: ['a', 'X', 'xx'] }), 'not-selected');
  check(to({ namespaces: ['app'] }), null);
  check(to({ namespaces: ['app-2', ''] }), 'not-selected');
  check(to({ names: ['x'], namespaces: ['other'] }), 'not-selected');
});

test('a namespace that is not known is in no list', () => {
  const files = { 'x.yaml': es('x', ['db']).replace('  namespace: app\n', '') };
  check(to({}), null, files);
  check(to({ namespaces: ['app'] }), 'not-selected', files);
});

test('one destination of several is enough', () => {
  check(
    { destinations: [...(to({ names: ['a'] }).destinations ?? []), ...(to({ names: ['x'] }).destinations ?? [])] },
    null,
  );
});

type Expression = LabelSelector['matchExpressions'][number];

test.each<[Expression['operator'], string, readonly string[], boolean]>([
  ['In', 'app', ['db', 'web'], true],
  ['In', 'app', ['db'], false],
  ['In', 'app', [], false],
  ['In', 'gone', ['web'], false],
  ['NotIn', 'app', ['db'], true],
  ['NotIn', 'app', ['web'], false],
  ['NotIn', 'gone', ['web'], true],
  ['Exists', 'app', [], true],
  ['Exists', 'gone', [], false],
  ['Exists', 'constructor', [], false],
  ['DoesNotExist', 'app', [], false],
  ['DoesNotExist', 'gone', [], true],
])('%s %s %j: %j', (operator, key, values, expected) => {
  const selector = { matchLabels: {}, matchExpressions: [{ operator, key, values }] };
  expect(matchesLabels(selector, new Map(Object.entries(LABELS)))).toBe(expected);
  check(to({ labels: selector }), expected ? null : 'not-selected');
});

test('all labels and all expressions count', () => {
  const has = (matchLabels: Record<string, string>, ...matchExpressions: Expression[]) =>
    matchesLabels({ matchLabels, matchExpressions }, new Map(Object.entries(LABELS)));
  const yes: Expression = { key: 'app', operator: 'Exists', values: [] };
  const no: Expression = { key: 'app', operator: 'DoesNotExist', values: [] };
  expect([has({}), has(LABELS), has({ app: 'web' }, yes)]).toEqual([true, true, true]);
  expect([has({ app: 'web', tier: 'back' }), has({ app: 'web' }, yes, no), has({ gone: 'x' })]).toEqual([
    false,
    false,
    false,
  ]);
});

test('the ignore annotation counts before all else, and only when it says true', () => {
  check({}, 'ignored-by-annotation', ignoring('true'));
  check({ destinations: [], paths: ['nowhere'] }, 'ignored-by-annotation', ignoring('true'));
  check({}, null, ignoring('false'));
});

test('paths and exclusions', () => {
  check({ paths: ['clusters/**'] }, null);
  check({ paths: ['other/**', 'clusters/*/x.yaml'] }, null);
  check({ paths: ['clusters/*'] }, 'out-of-scope');
  check({ exclude: ['**/a/**'] }, 'out-of-scope');
  check({ paths: ['clusters/**'], exclude: ['**/x.yaml'] }, 'out-of-scope');
  check({ paths: ['clusters/**'], exclude: ['**/b/**'] }, null);
});

test('a base that two kustomizations include is left alone where the configuration says so', () => {
  const kustomization = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n';
  const base = {
    'base/x.yaml': es('x', ['db']),
    'base/kustomization.yaml': kustomization.replace('../base', 'x.yaml'),
    'one/kustomization.yaml': kustomization,
  };
  check({}, null, base);
  const shared = { ...base, 'two/kustomization.yaml': kustomization };
  check({}, null, shared);
  check({ kustomize: 'skip' }, 'shared-base', shared);
  check({ kustomize: 'skip' }, null, base);
  check({ kustomize: 'overlay' }, null, shared);
  check({ kustomize: 'overlay', paths: ['one/**'] }, null, shared);
  check({ kustomize: 'overlay', paths: ['base/**'] }, 'out-of-scope', shared);
  check({ kustomize: 'overlay', exclude: ['base/**'] }, 'out-of-scope', shared);
});

test('an object whose annotations an overlay patches is left alone', () => {
  const head = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n';
  const patched = (key: string) => ({
    'base/x.yaml': es('x', ['db']),
    'base/kustomization.yaml': `${head}resources: [x.yaml]\n`,
    'one/kustomization.yaml': `${head}resources: [../base]\ncommonAnnotations: {${key}: x}\n`,
  });
  check({}, null, patched('team'));
  check({}, 'patched', patched('force-sync'));
});

function ignoring(value: string): Files {
  return { 'x.yaml': es('x', ['db'], { annotations: { 'gitops-reloader.dev/ignore': value } }) };
}
