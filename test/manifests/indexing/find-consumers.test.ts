import { expect, test } from 'vitest';
import { deployment, externalSecret, indexOf } from '../repository.ts';

/** Per ExternalSecret, `path: names of its consumers`; those without any are left out. */
function check(files: Readonly<Record<string, string>>, expected: readonly string[]): void {
  const shown = indexOf(files)
    .externalSecrets.filter(({ consumers }) => consumers.length > 0)
    .map(({ object, consumers }) => `${object.path}: ${consumers.map(({ path }) => path).join(' ')}`);
  expect(shown).toEqual(expected);
}

const es = (namespace: string | null, spec = ''): string => externalSecret('db', spec, namespace);
const web = (namespace: string | null): string => deployment('web', 'db', namespace);

test('a workload in the same namespace that names the Secret', () => {
  check({ 'a/es.yaml': es('app'), 'b/web.yaml': web('app'), 'b/c.yaml': deployment('c', 'other') }, [
    'a/es.yaml: b/web.yaml',
  ]);
});

test('the Secret is that of target.name', () => {
  check({ 'es.yaml': es('app', 'target: {name: t}'), 'web.yaml': web('app'), 't.yaml': deployment('t', 't') }, [
    'es.yaml: t.yaml',
  ]);
});

test('a Secret of the same name in two namespaces is two Secrets', () => {
  check({ 'a.yaml': es('a'), 'b.yaml': es('b'), 'wa.yaml': web('a'), 'wb.yaml': web('b') }, [
    'a.yaml: wa.yaml',
    'b.yaml: wb.yaml',
  ]);
});

test('an unknown namespace matches in the same folder or build only', () => {
  check({ 'a/es.yaml': es(null), 'a/web.yaml': web(null), 'b/web.yaml': web(null), 'c/web.yaml': web('app') }, [
    'a/es.yaml: a/web.yaml',
  ]);
  check({ 'a/es.yaml': es('app'), 'a/web.yaml': web(null), 'b/web.yaml': web(null) }, ['a/es.yaml: a/web.yaml']);
  check(
    {
      'kustomization.yaml': 'resources: [a/es.yaml, b/web.yaml]',
      'a/es.yaml': es(null),
      'b/web.yaml': web(null),
      'c/web.yaml': web(null),
    },
    ['a/es.yaml: b/web.yaml'],
  );
});

test('the namespace that the kustomization sets counts, not the one written', () => {
  check(
    {
      'base/kustomization.yaml': 'resources: [es.yaml]\nnamespace: base',
      'base/es.yaml': es('written'),
      'prod/kustomization.yaml': 'resources: [../base, web.yaml]\nnamespace: prod',
      'prod/web.yaml': web('other'),
      'else/web.yaml': web('base'),
      'else/prod.yaml': web('prod'),
    },
    ['base/es.yaml: else/prod.yaml prod/web.yaml'],
  );
});

test('the same namespace of several clusters: each workload belongs to the nearest', () => {
  check(
    {
      'clusters/prod/secrets/es.yaml': es('app'),
      'clusters/stage/secrets/es.yaml': es('app'),
      'clusters/prod/apps/web.yaml': web('app'),
      'clusters/stage/apps/web.yaml': web('app'),
    },
    [
      'clusters/prod/secrets/es.yaml: clusters/prod/apps/web.yaml',
      'clusters/stage/secrets/es.yaml: clusters/stage/apps/web.yaml',
    ],
  );
});

test('overlays: base and overlay meet in each build', () => {
  const overlay = 'resources: [../base, es.yaml]\nnamespace: app';
  check(
    {
      'base/kustomization.yaml': 'resources: [web.yaml]',
      'base/web.yaml': web(null),
      'prod/kustomization.yaml': overlay,
      'prod/es.yaml': es(null),
      'stage/kustomization.yaml': overlay,
      'stage/es.yaml': es(null),
    },
    ['prod/es.yaml: prod/gitops-reloader.patch.yaml', 'stage/es.yaml: stage/gitops-reloader.patch.yaml'],
  );
});

test('within one build only what is given there is compared', () => {
  check(
    {
      'base/kustomization.yaml': 'resources: [es.yaml]',
      'base/es.yaml': es(null),
      'prod/kustomization.yaml': 'resources: [../base]\nnamespace: prod',
      'stage/kustomization.yaml': 'resources: [../base, ../web]\nnamespace: stage',
      'web/kustomization.yaml': 'resources: [web.yaml]',
      'web/web.yaml': web('prod'),
    },
    ['base/es.yaml: web/web.yaml'],
  );
});

test('what a namespace is in another build does not count', () => {
  check(
    {
      'base/kustomization.yaml': 'resources: [es.yaml]',
      'base/es.yaml': es('x'),
      'one/kustomization.yaml': 'resources: [../base, web.yaml]',
      'one/web.yaml': web('y'),
      'two/kustomization.yaml': 'resources: [../base]\nnamespace: y',
    },
    [],
  );
});

test('the same build is nearer than any path', () => {
  check(
    {
      'a/kustomization.yaml': 'resources: [../far/es.yaml, b/web.yaml]',
      'a/b/web.yaml': web('app'),
      'a/b/c/es.yaml': es('app'),
      'far/es.yaml': es('app'),
    },
    ['far/es.yaml: a/b/web.yaml'],
  );
  check({ 'a/bc/es.yaml': es('app'), 'a/b/es.yaml': es('app'), 'a/b/x/web.yaml': web('app') }, [
    'a/b/es.yaml: a/b/x/web.yaml',
  ]);
});

test('several that merge into one Secret are all consumed, wherever they are', () => {
  check(
    { 'a/es.yaml': es('app', 'target: {creationPolicy: Merge}'), 'b/es.yaml': es('app'), 'b/web.yaml': web('app') },
    ['a/es.yaml: b/web.yaml', 'b/es.yaml: b/web.yaml'],
  );
});

test('a workload that names the Secret twice is one consumer', () => {
  const text = web('app').replace('envFrom:', 'env: [{valueFrom: {secretKeyRef: {name: db}}}], envFrom:');
  check({ 'es.yaml': es('app'), 'web.yaml': text }, ['es.yaml: web.yaml']);
});
