import { type Arbitrary, type GeneratorValue, gen, integer } from 'fast-check';
import { type Kind, kindOfWorkload, replicasIn, workloadIn, workloadPatch } from './random-workloads.ts';

/** A repository of one base, perhaps a layer above it, overlays and components, as paths and texts. */
export interface RandomTree {
  readonly files: Readonly<Record<string, string>>;
  /** Folders of the outermost kustomizations. */
  readonly overlays: readonly string[];
}

type Gen = GeneratorValue;

const ES = 'external-secrets.io/v1';

export const randomTree: Arbitrary<RandomTree> = gen().map(makeTree);

function makeTree(g: Gen): RandomTree {
  const files: Record<string, string> = {};
  const names = ['db', 'api', 'web'].slice(0, g(integer, { min: 1, max: 3 }));
  const components = ['comp-a', 'comp-b'].slice(0, g(integer, { min: 0, max: 2 }));
  const hasMiddle = chance(g, 30);
  const below = hasMiddle ? 'middle' : 'base';
  for (const name of names) files[`base/${name}.yaml`] = json(secretNamed(g, name));
  files['base/vars.yaml'] = json(configMap(g));
  const workload = kindOfWorkload(g);
  files['base/run.yaml'] = json(workloadIn(g, workload));
  const resources = [...names.map((name) => `${name}.yaml`), 'vars.yaml', 'run.yaml'];
  const scene = { files, names, workload };
  writeKustomization(g, scene, { folder: 'base', kind: 'Kustomization', includes: { resources } });
  if (hasMiddle)
    writeKustomization(g, scene, { folder: 'middle', kind: 'Kustomization', includes: { resources: ['../base'] } });
  for (const folder of components) writeKustomization(g, scene, { folder, kind: 'Component', includes: {} });
  const overlays = ['overlay-a', 'overlay-b', 'overlay-c'].slice(0, pick(g, [1, 1, 2, 2, 2, 3]));
  for (const folder of overlays) {
    const used = components.filter(() => chance(g, 60)).map((one) => `../${one}`);
    const own = chance(g, 20) ? ['own.yaml'] : [];
    if (own.length > 0) files[`${folder}/own.yaml`] = json(secretNamed(g, 'own'));
    const includes = { resources: [`../${below}`, ...own], ...(used.length === 0 ? {} : { components: used }) };
    writeKustomization(
      g,
      { files, names: [...names, ...own.map(() => 'own')], workload },
      { folder, kind: 'Kustomization', includes },
    );
  }
  return { files, overlays };
}

interface Scene {
  readonly workload: Kind;
  readonly files: Record<string, string>;
  readonly names: readonly string[];
}

function secretNamed(g: Gen, name: string): object {
  const labels = chance(g, 50) ? { labels: { app: pick(g, ['a', 'b']) } } : {};
  const annotations = chance(g, 30) ? { annotations: { note: pick(g, ['x', 'y']) } } : {};
  const namespace = chance(g, 12) ? { namespace: 'app' } : {};
  const data = ['x', 'y'].slice(0, g(integer, { min: 1, max: 2 })).map((secretKey) => ({
    secretKey,
    remoteRef: { key: `dev/${name}/${secretKey}` },
  }));
  return {
    apiVersion: ES,
    kind: 'ExternalSecret',
    metadata: { name, ...namespace, ...labels, ...annotations },
    spec: {
      refreshInterval: '1h',
      secretStoreRef: { kind: 'SecretStore', name: 'aws' },
      data,
      ...(chance(g, 40) ? { dataFrom: [{ extract: { key: `dev/${name}/all` } }] } : {}),
      ...(chance(g, 50) ? { target: { name: `${name}-secret` } } : {}),
    },
  };
}

function configMap(g: Gen): object {
  const annotations = { 'config.kubernetes.io/local-config': 'true' };
  const data = { env: pick(g, ['stage', 'prod']), path: 'team/prod/db' };
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'vars', annotations }, data };
}

interface Kustomization {
  readonly folder: string;
  readonly kind: 'Kustomization' | 'Component';
  readonly includes: object;
}

function writeKustomization(g: Gen, scene: Scene, { folder, kind, includes }: Kustomization): void {
  const version = kind === 'Component' ? 'v1alpha1' : 'v1beta1';
  const value = {
    apiVersion: `kustomize.config.k8s.io/${version}`,
    kind,
    ...includes,
    ...naming(g, folder),
    ...patching(g, scene, folder),
    ...replacing(g, scene, folder),
  };
  scene.files[`${folder}/kustomization.yaml`] = json(value);
}

function naming(g: Gen, folder: string): object {
  const letter = folder.slice(-1);
  return {
    ...maybe(g, 15, () => ({ namePrefix: `${letter}-` })),
    ...maybe(g, 10, () => ({ nameSuffix: `-${letter}` })),
    ...maybe(g, 25, () => ({ namespace: pick(g, ['n1', 'n2']) })),
    ...maybe(g, 15, () => ({ labels: [{ pairs: { app: pick(g, ['a', 'b', 'c']) } }] })),
    ...maybe(g, 10, () => ({ commonLabels: { tier: 'x' } })),
    ...maybe(g, 15, () => ({ commonAnnotations: { note: pick(g, ['x', 'z']) } })),
  };
}

function patching(g: Gen, scene: Scene, folder: string): object {
  return {
    patches: [
      ...times(g, 2, () => patchOf(g, scene, folder)),
      ...maybeOne(g, 35, () => workloadPatch(g, scene.workload)),
    ],
    ...maybe(g, scene.workload === 'Rollout' ? 0 : 12, () => ({ replicas: [replicasIn(g)] })),
    ...maybe(g, 15, () => ({ patchesStrategicMerge: [json(mergePatch(g, scene))] })),
    ...maybe(g, 15, () => ({ patchesJson6902: [{ target: exactTarget(g, scene), patch: json(operations(g)) }] })),
  };
}

function replacing(g: Gen, scene: Scene, folder: string): object {
  const generates = chance(g, 20);
  return {
    ...(generates ? { configMapGenerator: [generator(g, folder)] } : {}),
    ...maybe(g, 30, () => ({ replacements: times(g, 2, () => replacement(g, scene, generates ? folder : null)) })),
  };
}

function maybeOne(g: Gen, percent: number, make: () => object): readonly object[] {
  return chance(g, percent) ? [make()] : [];
}

function maybe(g: Gen, percent: number, make: () => object): object {
  return chance(g, percent) ? make() : {};
}

function generator(g: Gen, folder: string): object {
  const merges = folder !== 'base' && chance(g, 40);
  const literals = [`env=${pick(g, ['qa', 'live'])}`];
  return merges ? { name: 'vars', behavior: 'merge', literals } : { name: `gen-${folder}`, literals };
}

function replacement(g: Gen, { names }: Scene, generating: string | null): object {
  const name = generating !== null && chance(g, 70) ? `gen-${generating}` : 'vars';
  const [fieldPath, refine] = pick(g, [
    ['data.env', {}],
    ['data.env', {}],
    ['data.path', { options: { delimiter: '/', index: 1 } }],
    ['metadata.name', {}],
  ] as const);
  const [path, options] = pick(g, [
    ['spec.data.0.remoteRef.key', {}],
    ['spec.data.*.remoteRef.key', { options: { delimiter: '/', index: 0 } }],
    ['spec.data.[secretKey=x].remoteRef.key', { options: { delimiter: '/', index: 9 } }],
    ['spec.secretStoreRef.name', {}],
    ['spec.target.name', { options: { create: true } }],
    ['metadata.annotations.filled', { options: { create: true } }],
    ['spec.data.0.remoteRef.key', { options: { delimiter: '/', index: -1 } }],
  ] as const);
  const select = pick(g, [
    { kind: 'ExternalSecret' },
    { kind: 'ExternalSecret', name: pick(g, names) },
    { name: pick(g, names) },
  ]);
  const reject = chance(g, 20) ? { reject: [{ name: pick(g, names) }] } : {};
  const source = { kind: 'ConfigMap', name, fieldPath, ...refine };
  return { source, targets: [{ select, ...reject, fieldPaths: [path], ...options }] };
}

const VARS = { kind: 'ConfigMap', name: 'vars' };

function patchOf(g: Gen, scene: Scene, folder: string): object {
  const isOperations = chance(g, 45);
  const content = isOperations ? operations(g) : mergePatch(g, scene);
  if (chance(g, 10)) return { target: VARS, patch: json([{ op: 'add', path: '/data/env', value: 'ops-env' }]) };
  const target = isOperations || chance(g, 40) ? { target: targetOf(g, scene) } : {};
  if (chance(g, 50)) return { ...target, patch: json(content) };
  const path = `patch-${Object.keys(scene.files).length}.yaml`;
  scene.files[`${folder}/${path}`] = json(content);
  return { ...target, path };
}

function exactTarget(g: Gen, { names }: Scene): object {
  return { group: 'external-secrets.io', version: 'v1', kind: 'ExternalSecret', name: pick(g, names) };
}

function targetOf(g: Gen, { names }: Scene): object {
  const name = pick(g, names);
  return pick(g, [
    { kind: 'ExternalSecret' },
    { kind: 'ExternalSecret', name },
    { kind: 'External.*', name: `${name.slice(0, 1)}.*` },
    { kind: 'ExternalSecret', name: `.*-${name}` },
    { kind: 'ExternalSecret', labelSelector: 'app=a' },
    { kind: 'ExternalSecret', labelSelector: 'app in (b,c),!legacy' },
    { labelSelector: 'app!=a', kind: 'ExternalSecret' },
    { annotationSelector: 'note=x', kind: 'ExternalSecret' },
    { namespace: 'app', kind: 'ExternalSecret' },
    { namespace: 'n1|default', group: 'external-secrets.io', kind: 'ExternalSecret' },
  ]);
}

function mergePatch(g: Gen, { names }: Scene): object {
  const key = `patched/${pick(g, ['one', 'two'])}`;
  const spec = pick(g, [
    { data: [{ secretKey: 'z', remoteRef: { key } }] },
    { data: null, dataFrom: [{ extract: { key } }] },
    { secretStoreRef: { name: pick(g, ['gcp', 'aws2']) } },
    { secretStoreRef: { $patch: 'replace', name: 'fresh', kind: 'ClusterSecretStore' } },
    { target: { name: 'renamed' } },
    { target: { $patch: 'delete' } },
    { dataFrom: [{ extract: { key } }] },
    { refreshInterval: '2h' },
    { $patch: 'merge', target: { template: { type: 'Opaque', data: null } } },
    {
      data: [
        { $patch: 'delete', secretKey: 'x' },
        { secretKey: 'q', remoteRef: { key } },
      ],
    },
  ]);
  const metadata = pick(g, [{}, {}, { annotations: { note: 'y' } }, { labels: { app: 'c' } }, { annotations: null }]);
  const named = { apiVersion: ES, kind: 'ExternalSecret' };
  const namespace = chance(g, 5) ? { namespace: pick(g, ['app', 'n1']) } : {};
  const head = { ...named, metadata: { name: pick(g, names), ...namespace, ...metadata } };
  return chance(g, 6) ? { $patch: 'delete', ...head } : { ...head, spec };
}

function operations(g: Gen): readonly object[] {
  const key = `ops/${pick(g, ['one', 'two'])}`;
  return pick(g, [
    [{ op: 'replace', path: '/spec/data/0/remoteRef/key', value: key }],
    [{ op: 'add', path: '/spec/data/-', value: { secretKey: 'n', remoteRef: { key } } }],
    [{ op: 'remove', path: '/spec/data/0' }],
    [{ op: 'add', path: '/spec/dataFrom', value: [{ extract: { key } }] }],
    [{ op: 'replace', path: '/spec/secretStoreRef', value: { name: 'ops-store' } }],
    [{ op: 'add', path: '/metadata/annotations/note', value: 'x' }],
    [{ op: 'add', path: '/metadata/labels', value: { app: 'b' } }],
    [{ op: 'add', path: '/spec/target', value: { name: 'ops-target' } }],
    [{ op: 'copy', from: '/spec/data/0', path: '/spec/data/1' }],
    [{ op: 'move', from: '/spec/data/0/remoteRef', path: '/spec/data/-1/remoteRef' }],
  ]);
}

function times<T>(g: Gen, most: number, make: () => T): readonly T[] {
  return Array.from({ length: g(integer, { min: 0, max: most }) }, make);
}

function chance(g: Gen, percent: number): boolean {
  return g(integer, { min: 0, max: 99 }) >= 100 - percent;
}

function pick<T>(g: Gen, from: readonly T[]): T {
  const found = from[g(integer, { min: 0, max: from.length - 1 })];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
}

function json(value: unknown): string {
  return JSON.stringify(value);
}
