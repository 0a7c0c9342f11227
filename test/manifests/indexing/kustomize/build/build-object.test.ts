import { expect, test } from 'vitest';
import { deployment, externalSecret, indexOf } from '../../../repository.ts';

const ES = externalSecret('db', 'secretStoreRef: {name: aws}, data: [{secretKey: p, remoteRef: {key: tmpl/db}}]', null);
const HEAD = 'apiVersion: external-secrets.io/v1\nkind: ExternalSecret\n';
const BASE = { 'base/kustomization.yaml': 'resources: [es.yaml]', 'base/es.yaml': ES };
const VARS =
  'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars}\ndata: {env: live, path: aws/live/db, empty: ""}\n';

type Files = Readonly<Record<string, string>>;

/** Per ExternalSecret its keys; `patched` or `?` where those are not known. */
function check(files: Files, expected: readonly string[]): void {
  const shown = indexOf({ ...BASE, ...files }).externalSecrets.map(({ object, references }) => {
    const isOpen = references.some(({ resolution }) => resolution.kind === 'unresolved');
    const keys = isOpen ? '?' : references.map(({ reference }) => reference.key).join(' ');
    return `${object.roots.join(' ')}: ${object.patchedBy === null ? keys : 'patched'}`;
  });
  expect(shown).toEqual(expected);
}

const LIVE = 'live/kustomization.yaml';

/** What an overlay of the base makes of its key. */
function checkKey(overlay: string, expected: string | null, files: Files = {}): void {
  const all = { [LIVE]: `resources: [../base, vars.yaml]\n${overlay}`, 'live/vars.yaml': VARS, ...files };
  check(all, expected === null ? [] : [`${LIVE}: ${expected}`]);
}

const setKey = (target: string, key: string): string => {
  const patch = JSON.stringify([{ op: 'replace', path: '/spec/data/0/remoteRef/key', value: key }]);
  return `{target: {${target}}, patch: '${patch}'}`;
};

test('patches are carried out in their order, those of components before those of what uses them', () => {
  checkKey(`patches: [${setKey('kind: ExternalSecret', 'a')}, ${setKey('name: d.*', 'b')}]`, 'b');
  checkKey(`patches: [${setKey('labelSelector: app', 'a')}]`, 'tmpl/db');
  const component = `kind: Component\npatches: [${setKey('kind: ExternalSecret', 'component')}]`;
  const files = { 'c/kustomization.yaml': component };
  checkKey('components: [../c]', 'component', files);
  checkKey(`components: [../c]\npatches: [${setKey('kind: ExternalSecret', 'own')}]`, 'own', files);
  checkKey(
    `components: [../c]\npatchesJson6902: [${setKey('kind: ExternalSecret', 'late')}]\npatchesStrategicMerge:\n- |\n  ${HEAD.replaceAll('\n', '\n  ')}metadata: {name: db}\n  spec: {data: [{remoteRef: {key: early}}]}`,
    'late',
    files,
  );
});

test('labels and names are those of the moment', () => {
  const base = {
    'base/kustomization.yaml': 'resources: [es.yaml]\nnamePrefix: b-\nnamespace: n1\ncommonLabels: {app: a}',
  };
  checkKey(`patches: [${setKey('name: b-db', 'x')}]`, 'x', base);
  checkKey(`patches: [${setKey('name: l-b-db', 'x')}]\nnamePrefix: l-`, 'tmpl/db', base);
  checkKey(`patchesJson6902: [${setKey('name: l-b-db', 'x')}]\nnamePrefix: l-`, 'x', base);
  checkKey(`patches: [${setKey('labelSelector: app=a', 'x')}]`, 'x', base);
  checkKey(`patches: [${setKey('namespace: n1', 'x')}]`, 'x', base);
  checkKey(`patches: [${setKey('namespace: n2', 'x')}]\nnamespace: n2`, 'tmpl/db', base);
  checkKey(`patches: [${setKey('annotationSelector: app=a', 'x')}]`, 'tmpl/db', base);
});

test('a deleted object is gone, where it is deleted', () => {
  const gone = `patches: [{patch: '{"apiVersion": "external-secrets.io/v1", "kind": "ExternalSecret", "metadata": {"name": "db"}, "$patch": "delete"}'}]`;
  checkKey(gone, null);
  checkKey(gone.replace('[{', '[{target: {kind: ExternalSecret}, '), null);
  check({ [LIVE]: `resources: [../base]\n${gone}`, 'stage/kustomization.yaml': 'resources: [../base]' }, [
    'stage/kustomization.yaml: tmpl/db',
  ]);
  const index = indexOf({
    'base/kustomization.yaml': 'resources: [web.yaml]',
    'base/web.yaml': deployment('web', 'db', null),
    [LIVE]: `resources: [../base]\npatches: [{target: {kind: Deployment}, patch: "$patch: delete"}]`,
  });
  expect(index.workloads).toEqual([]);
});

const from = (source: string, target: string): string =>
  `replacements: [{source: {kind: ConfigMap, ${source}}, targets: [{select: {kind: ExternalSecret}, ${target}}]}]`;
const KEY = 'fieldPaths: [spec.data.0.remoteRef.key]';

test('replacements are carried out where their source is here', () => {
  checkKey(from('name: vars, fieldPath: data.env', KEY), 'live');
  checkKey(from('name: vars, fieldPath: data.env', `${KEY}, options: {delimiter: "/", index: 0}`), 'live/db');
  checkKey(
    from(
      'name: vars, fieldPath: data.path, options: {delimiter: "/", index: 1}',
      `${KEY}, options: {delimiter: "/", index: -1}`,
    ),
    'live/tmpl/db',
  );
  checkKey(from('name: vars', KEY), 'vars');
  checkKey(
    from('name: made, fieldPath: data.a', KEY) + '\nconfigMapGenerator: [{name: made, literals: [a=b=c]}]',
    'b=c',
  );
  checkKey(
    from('name: vars, fieldPath: data.env', KEY) +
      '\nconfigMapGenerator: [{name: vars, behavior: merge, literals: [env=merged]}]',
    'merged',
  );
  const patch = `patches: [{target: {kind: ConfigMap}, patch: '[{"op": "replace", "path": "/data/env", "value": "patched"}]'}]`;
  checkKey(`${from('name: vars, fieldPath: data.env', KEY)}\n${patch}`, 'patched');
});

test('a replacement without a certain value leaves the key unknown', () => {
  for (const source of [
    'name: none, fieldPath: data.env',
    'name: vars, fieldPath: data.none',
    'name: vars, fieldPath: data.empty',
    'name: vars, fieldPath: data',
  ]) {
    checkKey(from(source, KEY), '?');
  }
  checkKey(from('name: vars, fieldPath: data.path, options: {delimiter: "/", index: 9}', KEY), '?');
  checkKey(from('name: made, fieldPath: data.a', KEY) + '\nconfigMapGenerator: [{name: made, envs: [a.env]}]', '?');
  checkKey(
    from('name: made, fieldPath: data.a', KEY) + `\nconfigMapGenerator: [{name: made, literals: ["a='b'"]}]`,
    '?',
  );
  checkKey(from('name: vars, fieldPath: data.env', KEY).replace('ConfigMap', 'Service'), '?');
  checkKey(from('name: vars, fieldPath: data.env', KEY).replace('select: {', 'select: {name: "d.*", '), '?');
  checkKey(from('name: vars, fieldPath: data.env', KEY), '?', { 'live/vars.yaml': `${VARS}---\n${VARS}` });
});

test('a value that goes in a circle ends', () => {
  const circle = `replacements:
- {source: {kind: ConfigMap, name: vars, fieldPath: data.env}, targets: [{select: {kind: ConfigMap, name: vars}, fieldPaths: [data.path]}]}
- {source: {kind: ConfigMap, name: vars, fieldPath: data.path}, targets: [{select: {kind: ExternalSecret}, ${KEY}}, {select: {kind: ConfigMap}, fieldPaths: [data.env]}]}`;
  checkKey(circle, 'live');
});

const annotate = (name: string) =>
  `patches: [{target: {kind: ExternalSecret}, patch: '{"metadata": {"annotations": {"${name}": "true"}}}'}]`;

test('our annotations in any patch on the way make it patched; steering ones steer', () => {
  checkKey(annotate('force-sync'), 'patched');
  const index = indexOf({ ...BASE, [LIVE]: `resources: [../base]\n${annotate('gitops-reloader.dev/ignore')}` });
  expect(index.externalSecrets.map(({ object }) => object.steering.isIgnored)).toEqual([true]);
});

test('an object on two ways is not built', () => {
  const files = {
    'a/kustomization.yaml': 'resources: [../base]\nnamePrefix: a-',
    'b/kustomization.yaml': 'resources: [../base]\nnamePrefix: b-',
    [LIVE]: `resources: [../a, ../b]\npatches: [${setKey('kind: ExternalSecret', 'x')}]`,
  };
  check(files, [`${LIVE}: patched`]);
});

const STORE = `apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: {name: aws}
spec: {provider: {aws: {service: SecretsManager, region: eu-west-1, role: "arn:aws:iam::111122223333:role/a", prefix: base/}}}
`;

/** What the key of an ExternalSecret means in two overlays, of which one changes the store. */
function checkStore(overlay: string, expected: readonly string[]): void {
  const files = { 'base/kustomization.yaml': 'resources: [es.yaml, store.yaml]', 'base/store.yaml': STORE };
  const overlays = {
    [LIVE]: `resources: [../base, vars.yaml]\nnamespace: live\n${overlay}`,
    'live/vars.yaml': VARS,
    'stage/kustomization.yaml': 'resources: [../base]\nnamespace: stage',
  };
  const index = indexOf({ ...BASE, ...files, ...overlays });
  const shown = index.externalSecrets.map(({ object, references: [first] }) => {
    const resolution = first?.resolution;
    const meaning = resolution?.kind === 'secret' ? resolution.ref.id : (resolution?.kind ?? '');
    return `${object.resolvedNamespace ?? '-'}: ${meaning}`;
  });
  expect(shown).toEqual(expected);
}

const patchStore = (patch: string): string =>
  `patches: [{target: {kind: SecretStore}, patch: ${JSON.stringify(patch)}}]`;

test('a store is what each overlay makes of it', () => {
  checkStore('', ['-: base/tmpl/db']);
  const prefixed = patchStore('[{"op": "replace", "path": "/spec/provider/aws/prefix", "value": "live/"}]');
  checkStore(prefixed, ['live: live/tmpl/db', 'stage: base/tmpl/db']);
  checkStore(patchStore('spec: {provider: {aws: {region: us-east-1}}}'), ['live: foreign', 'stage: base/tmpl/db']);
  checkStore(patchStore('spec: {provider: {$patch: replace, gcpsm: {projectID: x}}}'), [
    'live: foreign',
    'stage: base/tmpl/db',
  ]);
  checkStore(patchStore('spec: {provider: {$other: replace}}'), ['live: unresolved', 'stage: base/tmpl/db']);
  const replaced = from('name: vars, fieldPath: data.env', 'fieldPaths: [spec.provider.aws.prefix]').replace(
    'ExternalSecret',
    'SecretStore',
  );
  checkStore(replaced, ['live: livetmpl/db', 'stage: base/tmpl/db']);
  checkStore(replaced.replace('data.env', 'data.none'), ['live: unresolved', 'stage: base/tmpl/db']);
});

test('the specification of a ClusterExternalSecret is patched like any other', () => {
  const cluster =
    ES.replace('kind: ExternalSecret', 'kind: ClusterExternalSecret').replace(
      'spec: {',
      'spec: {externalSecretSpec: {',
    ) + '}';
  const patch = `patches: [{target: {kind: ClusterExternalSecret}, patch: '[{"op": "replace", "path": "/spec/externalSecretSpec/data/0/remoteRef/key", "value": "x"}]'}]`;
  checkKey(patch, 'x', { 'base/es.yaml': cluster.replace('}\n}', '}}\n') });
});

const append = (field: string, target: string) =>
  `{source: {kind: ConfigMap, name: vars, fieldPath: data.${field}}, targets: [{select: {kind: ConfigMap}, fieldPaths: [data.${target}], options: {delimiter: "/", index: 99}}]}`;

test('what doubles at each step is given up, not built', () => {
  const copies = JSON.stringify(
    Array.from({ length: 200 }, () => ({ op: 'copy', from: '/spec', path: '/spec/data/-' })),
  );
  checkKey(`patches: [{target: {kind: ExternalSecret}, patch: '${copies}'}]`, 'patched');
  const doubled = Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? append('env', 'path') : append('path', 'env')));
  const last = from('name: vars, fieldPath: data.env', KEY).replace('replacements: [', '').replace(/\]$/, '');
  checkKey(`replacements: [${doubled.join(', ')}, ${last}]`, '?');
  checkKey(from('name: vars, fieldPath: data.env', `fieldPaths: ["${'['.repeat(100_000)}"]`), 'tmpl/db');
});
