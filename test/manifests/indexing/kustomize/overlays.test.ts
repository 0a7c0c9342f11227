import { expect, test } from 'vitest';
import { possibleUsers, usersOf } from '../../../../src/manifests/query-index.ts';
import { deployment, externalSecret, indexOf, store } from '../../repository.ts';

const ES = externalSecret('db', 'secretStoreRef: {name: aws}, data: [{remoteRef: {key: tmpl/db}}]', null);
const BASE = {
  'base/kustomization.yaml': 'resources: [es.yaml, web.yaml]',
  'base/es.yaml': ES,
  'base/web.yaml': deployment('web', 'db', null),
};

/** Who patches the ExternalSecret and the workload of the base, as `path path`. */
function checkPatch(patches: string, expected: string, files: Readonly<Record<string, string>> = {}): void {
  const overlay = `resources: [../base]\n${patches}`;
  const index = indexOf({ ...BASE, 'live/kustomization.yaml': overlay, ...files });
  const found = [...index.externalSecrets.map(({ object }) => object), ...index.workloads].filter(({ path }) =>
    path.startsWith('base/'),
  );
  expect(found.map(({ patchedBy }) => patchedBy ?? '-').join(' ')).toBe(expected);
}

const inline = (target: string, patch: string): string =>
  `patches: [{target: {${target}}, patch: ${JSON.stringify(patch)}}]`;
const HEAD = 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n';
const K = 'live/kustomization.yaml';

test('operations on our annotations and on what is fetched', () => {
  const es = 'kind: ExternalSecret, name: db';
  checkPatch(inline(es, '- {op: add, path: /metadata/annotations/force-sync, value: x}'), `${K} -`);
  checkPatch(inline(es, '- {op: add, path: /metadata/annotations/other, value: x}'), '- -');
  checkPatch(inline(es, '- {op: add, path: /metadata/annotations, value: {a: b}}'), `${K} -`);
  checkPatch(inline(es, '- {op: test, path: /metadata/annotations/force-sync, value: x}'), '- -');
  checkPatch(inline(es, '- {op: replace, path: /spec/refreshInterval, value: "0"}'), `${K} -`);
  checkPatch(inline(es, '- {op: replace, path: /spec/data/0/remoteRef/key, value: x}'), `${K} -`);
  checkPatch(inline(es, '- {op: replace, path: /spec/other, value: x}'), '- -');
});

test('the target counts: kind, and name as a pattern; what is absent fits all', () => {
  const patch = '- {op: add, path: /metadata/annotations/force-sync, value: x}';
  checkPatch(inline('kind: ExternalSecret', patch), `${K} -`);
  checkPatch(inline('name: d.*', patch), `${K} -`);
  checkPatch(inline('kind: ExternalSecret, name: d', patch), '- -');
  checkPatch(inline('kind: Deployment', patch), `- ${K}`);
  checkPatch(inline('labelSelector: a=b', patch), `${K} ${K}`);
  checkPatch(inline('kind: "["', patch), `${K} ${K}`);
});

test('a workload is patched by our annotations alone', () => {
  const target = 'kind: Deployment';
  const annotation = '/spec/template/metadata/annotations/gitops-reloader.dev~1secret-versions';
  checkPatch(inline(target, `- {op: add, path: ${annotation}, value: x}`), `- ${K}`);
  checkPatch(inline(target, '- {op: replace, path: /spec/replicas, value: 2}'), '- -');
  checkPatch(inline(target, 'spec: {template: {metadata: {annotations: {force-sync: x}}}}'), `- ${K}`);
  checkPatch(inline(target, 'spec: {template: {metadata: {annotations: null}}}'), `- ${K}`);
  checkPatch(inline(target, 'spec: {template: {spec: {containers: [{name: main, env: []}]}}}'), '- -');
});

test('a patch file says itself what it is for, and is no object of its own', () => {
  const files = { 'live/p.yaml': `${HEAD}metadata: {name: db, annotations: {force-sync: x}}\n` };
  for (const list of ['patches: [{path: p.yaml}]', 'patchesStrategicMerge: [p.yaml]']) {
    checkPatch(list, 'live/p.yaml -', files);
    const index = indexOf({ ...BASE, 'live/kustomization.yaml': `resources: [../base]\n${list}`, ...files });
    expect(index.externalSecrets.map(({ object }) => object.path)).toEqual(['base/es.yaml']);
  }
  checkPatch('patches: [{path: p.yaml}]', '- -', { 'live/p.yaml': `${HEAD}metadata: {name: x}\nspec: {data: []}` });
  checkPatch('patches: [{path: p.yaml, target: {kind: ExternalSecret}}]', 'live/p.yaml -', {
    'live/p.yaml': '- {op: add, path: /spec/refreshPolicy, value: CreatedOnce}',
  });
  checkPatch(`patchesStrategicMerge: [${JSON.stringify(`${HEAD}metadata: {name: db}\nspec: {data: []}`)}]`, `${K} -`);
});

test('what cannot be looked into may change whatever it is for', () => {
  checkPatch('patches: [{path: gone.yaml, target: {kind: ExternalSecret}}]', `${K} -`);
  checkPatch('patches: [{path: p.yaml, target: {kind: ExternalSecret}}]', 'live/p.yaml -', {
    'live/p.yaml': '- op: [\nremoteRef',
  });
  checkPatch(inline('kind: ExternalSecret', '- ['), `${K} -`);
});

test('a name may carry any of the prefixes', () => {
  const patch = '- {op: add, path: /metadata/annotations/force-sync, value: x}';
  const files = {
    'mid/kustomization.yaml': 'resources: [../base]\nnamePrefix: mid-',
    'live/kustomization.yaml': `resources: [../mid]\nnamePrefix: live-\n`,
  };
  const withPatch = (name: string) => ({
    ...files,
    'live/kustomization.yaml': `${files['live/kustomization.yaml']}${inline(`name: ${name}`, patch)}`,
  });
  checkPatch('', `${K} -`, withPatch('mid-db'));
  checkPatch('', `${K} -`, withPatch('db'));
  checkPatch('', '- -', withPatch('other-db'));
});

test('commonAnnotations are a patch of everything; a component patches what its user includes', () => {
  checkPatch('commonAnnotations: {force-sync: x}', `${K} ${K}`);
  checkPatch('commonAnnotations: {team: x}', '- -');
  checkPatch('components: [../c]', 'c/kustomization.yaml -', {
    'c/kustomization.yaml': `kind: Component\n${inline('kind: ExternalSecret', '- {op: remove, path: /spec/data/0}')}`,
  });
});

test('a key that only a patch names is still a possible use', () => {
  const index = indexOf({
    ...BASE,
    'live/kustomization.yaml': 'resources: [../base]\npatches: [{path: p.yaml}]',
    'live/p.yaml': ES.replace('tmpl', 'live'),
  });
  expect(uses(index, 'live/db')).toEqual(['base/es.yaml unapplied-patch fits']);
});

const TWO = {
  ...BASE,
  'a/kustomization.yaml': 'namespace: a\nresources: [../base]\npatches: [{path: p.yaml}]',
  'b/kustomization.yaml': 'namespace: b\nresources: [../base]',
};

test('a patch that was carried out is no possible use; what else its file names still is', () => {
  const patch = ES.replace('tmpl', 'live');
  const other =
    '---\napiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: elsewhere}\nspec: {data: [{secretKey: a, remoteRef: {key: far/db}}]}\n';
  expect(uses(indexOf({ ...TWO, 'a/p.yaml': patch }), 'live/db')).toEqual([]);
  expect(uses(indexOf({ ...TWO, 'a/p.yaml': `${patch}\n${other}` }), 'far/db')).toEqual([
    'a/p.yaml unsupported-kind fits',
  ]);
  const values = '---\nkind: HelmRelease\nspec: {values: {remoteRef: {key: far/db}}}\n';
  expect(uses(indexOf({ ...TWO, 'a/p.yaml': `${patch}\n${values}` }), 'far/db')).toContain(
    'a/p.yaml unsupported-kind fits',
  );
});

function inlined(more: string) {
  const first = JSON.stringify(ES.replace('tmpl', 'live'));
  const text = `namespace: a\nresources: [../base]\npatches:\n  - patch: ${first}\n${more}`;
  return { ...TWO, 'a/kustomization.yaml': text };
}

test('inline patches that were carried out hide nothing that stands beside them', () => {
  expect(uses(indexOf(inlined('')), 'live/db')).toEqual([]);
  const found = ['a/kustomization.yaml unsupported-kind fits'];
  const release = JSON.stringify('kind: HelmRelease\nmetadata: {name: x}\nspec: {values: {remoteRef: {key: far/db}}}');
  expect(uses(indexOf(inlined(`  - patch: ${release}\n`)), 'far/db')).toEqual(found);
  expect(uses(indexOf(inlined('helmCharts: [{valuesInline: {remoteRef: {key: far/db}}}]\n')), 'far/db')).toEqual(found);
  expect(uses(indexOf(inlined('# remoteRef: {key: far/db}\n')), 'far/db')).toEqual(found);
});

function uses(index: ReturnType<typeof indexOf>, name: string): readonly string[] {
  const secret = { service: 'secretsmanager' as const, names: [name], account: '111122223333', region: 'eu-west-1' };
  const found = possibleUsers(index, secret, 'open');
  return found.map(({ path, code, certainty }) => `${path} ${code} ${certainty}`);
}

/** Who certainly uses `tmpl/db`, and who may use `live/db`. */
function checkReplacement(overlay: string, expected: readonly string[], files: Readonly<Record<string, string>> = {}) {
  const index = indexOf({ ...BASE, 'live/kustomization.yaml': `resources: [../base]\n${overlay}`, ...files });
  const place = { service: 'secretsmanager', account: '111122223333', region: 'eu-west-1' } as const;
  const users = usersOf(index, { ...place, names: ['tmpl/db'] }).map(({ object }) => object.path);
  expect([...users, ...uses(index, 'live/db')]).toEqual(expected);
}

const to = (select: string, fields: string) =>
  `{source: {kind: ConfigMap}, targets: [{select: {${select}}, fieldPaths: [${fields}]}]}`;

test('what a replacement fills in is not what the base says', () => {
  const open = ['base/es.yaml templated open'];
  checkReplacement(`replacements: [${to('kind: ExternalSecret', 'spec.data.0.remoteRef.key')}]`, open);
  checkReplacement(`replacements: [${to('', 'spec.data.*.remoteRef.key')}]`, open);
  checkReplacement(`replacements: [${to('name: db', 'spec.secretStoreRef.name')}]`, open);
  checkReplacement('replacements: [{path: r.yaml}]', open, { 'live/r.yaml': to('name: db', 'spec.data') });
  checkReplacement('replacements: [{path: r.yaml}]', open, { 'live/r.yaml': `[${to('name: db', 'spec.data')}]` });
  const kept = ['base/es.yaml'];
  checkReplacement(`replacements: [${to('kind: ExternalSecret', 'spec.data.1.remoteRef.key')}]`, kept);
  checkReplacement(`replacements: [${to('kind: ExternalSecret', 'spec.data.0.remoteRef.property')}]`, kept);
  checkReplacement(`replacements: [${to('kind: ExternalSecret', 'spec.dataFrom.0.extract.key')}]`, kept);
  checkReplacement(`replacements: [${to('kind: Deployment', 'spec.data.0.remoteRef.key')}]`, kept);
  checkReplacement(`replacements: [${to('name: other', 'spec.data.0.remoteRef.key')}]`, kept);
  checkPatch(`replacements: [${to('name: db', 'spec.target.name')}]`, `${K} -`);
});

test("a key with one of Kustomize's variables is not known", () => {
  const files = { 'base/es.yaml': ES.replace('tmpl', '$(ENV)') };
  checkReplacement('vars: [{name: ENV}]', ['base/es.yaml templated fits'], files);
});

const consumers = (es: string, overlay: string) => {
  const index = indexOf({
    'base/kustomization.yaml': 'resources: [es.yaml, plain.yaml, full.yaml]\nnamePrefix: in-\nnameSuffix: -a',
    'base/es.yaml': es,
    'base/plain.yaml': deployment('plain', 'db', null),
    'base/full.yaml': deployment('full', 'out-in-db-a-z', null),
    'live/kustomization.yaml': `resources: [../base]\n${overlay}`,
    'aws.yaml': store('aws', 'aws: {service: SecretsManager}'),
  });
  return index.externalSecrets.map((one) => [one.object.targetName, ...one.consumers.map(({ name }) => name)]);
};

test('a prefix renames the Secret of an ExternalSecret that does not name it, not what workloads name', () => {
  const named = externalSecret('db', 'target: {name: db}, data: [{remoteRef: {key: a}}]', null);
  expect(consumers(ES, 'namePrefix: out-\nnameSuffix: -z')).toEqual([['out-in-db-a-z', 'full']]);
  expect(consumers(ES, '')).toEqual([['in-db-a']]);
  expect(consumers(named, 'namePrefix: out-')).toEqual([['db', 'plain']]);
});

test('prefixes that double at each level are given up, not followed', () => {
  const levels = Array.from({ length: 40 }, (_, at) => [
    [`a${at}/kustomization.yaml`, `resources: [../b${at}, ../c${at}]`],
    [`b${at}/kustomization.yaml`, `resources: [../a${at + 1}]\nnamePrefix: b-`],
    [`c${at}/kustomization.yaml`, `resources: [../a${at + 1}]\nnamePrefix: c-`],
  ]).flat();
  const files = { ...Object.fromEntries(levels), 'a40/kustomization.yaml': 'resources: [es.yaml]', 'a40/es.yaml': ES };
  expect(indexOf(files).externalSecrets.map(({ object }) => object.roots)).toEqual([['a0/kustomization.yaml']]);
});
