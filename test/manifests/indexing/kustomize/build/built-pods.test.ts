import { expect, test } from 'vitest';
import { deployment, externalSecret, indexOf } from '../../../repository.ts';

type Files = Readonly<Record<string, string>>;

const POD = `
        - name: main
          env: [{name: A, value: a}, {name: B, valueFrom: {secretKeyRef: {name: env, key: k}}}]
          volumeMounts: [{name: files, mountPath: /files}]
        - name: side
          envFrom: [{secretRef: {name: from}}]
      volumes: [{name: files, secret: {secretName: files}}]
`;
const workload = (kind: string, group: string): string =>
  `apiVersion: ${group}\nkind: ${kind}\nmetadata: {name: api}\nspec:\n  template:\n    spec:\n      containers:${POD}`;
const BASE = { 'base/kustomization.yaml': 'resources: [api.yaml]', 'base/api.yaml': workload('Deployment', 'apps/v1') };
const WRITTEN = 'env env, envFrom from, volume files';

/** The Secrets that a workload's pods get, as an overlay makes it. */
function check(overlay: string, expected: string, files: Files = {}): void {
  const all = { ...BASE, 'live/kustomization.yaml': `resources: [../base]\n${overlay}`, ...files };
  const shown = indexOf(all).workloads.map(({ secrets }) =>
    secrets.map(({ name, via }) => `${via} ${name}`).join(', '),
  );
  expect(shown).toEqual([expected]);
}

const inline = (patch: string, more = ''): string => `patches: [{patch: ${JSON.stringify(patch)}${more}}]`;
const merge = (spec: string, head = 'apiVersion: apps/v1, kind: Deployment'): string =>
  inline(`{${head}, metadata: {name: api}, spec: {template: {spec: {${spec}}}}}`);
const operate = (...operations: readonly string[]): string =>
  inline(`[${operations.map((one) => `{${one}}`).join(', ')}]`, ', target: {name: api}');
const AT = '/spec/template/spec';

test('containers, variables, volumes and mounts are merged by what tells them apart', () => {
  check(
    merge('containers: [{name: main, envFrom: [{secretRef: {name: x}}]}]'),
    'env env, envFrom x, envFrom from, volume files',
  );
  check(
    merge('containers: [{name: main, env: [{name: B, valueFrom: {secretKeyRef: {name: x}}}]}]'),
    WRITTEN.replace('env env', 'env x'),
  );
  check(merge('containers: [{name: main, env: [{name: B, $patch: delete}]}]'), 'envFrom from, volume files');
  check(merge('containers: [{name: side, $patch: delete}]'), 'env env, volume files');
  check(merge('containers: [{name: side, envFrom: null}]'), 'env env, volume files');
  check(
    merge('containers: [{name: main, env: [{$patch: replace}, {name: C, value: c}]}]'),
    'envFrom from, volume files',
  );
  check(merge('volumes: [{name: files, secret: {secretName: x}}]'), WRITTEN.replace('volume files', 'volume x'));
  check(
    merge('containers: [{name: main, volumeMounts: [{name: files, mountPath: /files, subPath: x}]}]'),
    WRITTEN.replace('volume', 'fixedVolume'),
  );
  check(merge('containers: [{name: main, image: x}]'), WRITTEN);
  check(inline('{apiVersion: apps/v1, kind: Deployment, metadata: {name: other}, spec: {template: null}}'), WRITTEN);
});

test('what has no schema gets the lists of the patch in place of its own', () => {
  const files = { 'base/api.yaml': workload('Rollout', 'argoproj.io/v1alpha1') };
  const head = 'apiVersion: argoproj.io/v1alpha1, kind: Rollout';
  check(merge('containers: [{name: main, image: x}]', head), 'volume files', files);
  check(merge('volumes: []', head), 'env env, envFrom from', files);
});

test('operations on Secrets are carried out, those on the rest are passed over', () => {
  check(
    operate(`op: replace, path: ${AT}/containers/0/env/1/valueFrom/secretKeyRef/name, value: x`),
    WRITTEN.replace('env env', 'env x'),
  );
  check(operate(`op: remove, path: ${AT}/containers/1`), 'env env, volume files');
  check(
    operate(`op: replace, path: ${AT}/containers/0/image, value: x`, `op: remove, path: ${AT}/volumes`),
    'env env, envFrom from',
  );
  check(operate('op: replace, path: /spec/strategy, value: {}', 'op: add, path: /spec/replicas, value: 1'), WRITTEN);
  check(operate(`op: test, path: ${AT}/containers/0/name, value: main`), WRITTEN);
});

test('what cannot be told leaves what the manifest says', () => {
  for (const patch of [
    merge('containers: [{image: x}]'),
    merge('containers: [{name: main, $patch: replace}]'),
    merge('containers: [{name: main}, {name: main}]'),
    merge('containers: []'),
    merge('containers: [{name: main, env: [{$setElementOrder: x}]}]'),
    merge('containers: {name: main}'),
    merge('$retainKeys: [x]'),
    operate(`op: replace, path: ${AT}/containers/7/envFrom, value: []`),
    operate(`op: replace, path: ${AT}/containers/__proto__/envFrom, value: []`),
    inline(
      '{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: api}, spec: {template: null}}',
      ', target: {kind: Deployment}, options: {allowKindChange: true}',
    ),
  ])
    check(patch, WRITTEN);
  const old = { 'base/api.yaml': workload('Deployment', 'extensions/v1beta1') };
  check(
    merge('volumes: [{name: files, $patch: delete}]', 'apiVersion: extensions/v1beta1, kind: Deployment'),
    WRITTEN,
    old,
  );
});

const replace = (field: string): string =>
  `replacements: [{source: {kind: ConfigMap, name: x}, targets: [{select: {kind: Deployment}, fieldPaths: [${field}]}]}]\nreplicas: [{name: api, count: 0}]`;

const madeBy = (field: string): readonly string[] =>
  indexOf({ ...BASE, 'live/kustomization.yaml': `resources: [../base]\n${replace(field)}` }).workloads.map(
    ({ patchedBy, scaled = [] }) => `${patchedBy ?? '-'} ${scaled.map(({ count }) => count ?? '?').join(' ')}`,
  );

test('replacements of images are passed over, those of our annotations are not', () => {
  expect(madeBy('"spec.template.spec.containers.[name=main].image"')).toEqual(['- 0']);
  expect(madeBy('"spec.template.spec.volumes.0.secret.secretName"')).toEqual(['- ?']);
  const ours = '"spec.template.metadata.annotations.[gitops-reloader.dev/secret-versions]"';
  expect(madeBy(ours)).toEqual(['live/kustomization.yaml ?']);
});

const FEEDING = {
  'base/kustomization.yaml': 'resources: [es.yaml, api.yaml]',
  'base/es.yaml': externalSecret('db', 'data: [{remoteRef: {key: a/db}}]', null),
  'base/api.yaml': deployment('api', 'other', null),
};
const PATCH =
  'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {template: {spec: {containers: [{name: main, envFrom: [{secretRef: {name: db}}]}]}}}\n';

function fed(files: Files): readonly string[] {
  return indexOf(files).externalSecrets.flatMap(({ consumers }) => consumers.map(({ path }) => path));
}

test('a patch file is the workload only where nothing here is what it is for', () => {
  const overlay = {
    'live/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]',
    'live/p.yaml': PATCH,
  };
  expect(fed({ ...FEEDING, ...overlay })).toEqual(['base/api.yaml']);
  expect(fed({ ...FEEDING, ...overlay, 'base/api.yaml': deployment('web', 'other', null) })).toEqual(['live/p.yaml']);
});

test('a generated Secret stands in the place of one that a patch names', () => {
  const overlay = 'resources: [../base]\nsecretGenerator: [{name: db, literals: [a=b]}]\npatches: [{path: p.yaml}]';
  const [found] = indexOf({ ...FEEDING, 'live/kustomization.yaml': overlay, 'live/p.yaml': PATCH }).externalSecrets;
  expect([found?.consumers.length, found?.bypassed?.map(({ path }) => path)]).toEqual([0, ['base/api.yaml']]);
});

test.each(['a', 'z'])('what overlay %s makes of a base may not be told, whichever of several it is', (patched) => {
  // Kubernetes takes no two containers of one name, and what is merged into them is not carried out.
  const twice = workload('Deployment', 'apps/v1').replace('name: side', 'name: main');
  const files = {
    ...BASE,
    'base/api.yaml': twice,
    'm/kustomization.yaml': 'resources: [../base]',
    [`${patched}/kustomization.yaml`]: `resources: [../base]\n${merge('containers: [{name: new, envFrom: [{secretRef: {name: x}}]}]')}`,
  };
  expect(indexOf(files).workloads).toMatchObject([
    { path: 'base/api.yaml', roots: [expect.anything(), expect.anything()], podsPatched: true },
  ]);
});
