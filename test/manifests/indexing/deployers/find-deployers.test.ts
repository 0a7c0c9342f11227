import { expect, test } from 'vitest';
import { NO_BINDINGS, type RepositoryOrigin } from '../../../../src/domain/policy.ts';
import { buildIndex } from '../../../../src/manifests/build-index.ts';
import type { Index } from '../../../../src/manifests/graph.ts';
import { deployment, ONE_ACCOUNT, readText, repoPath } from '../../repository.ts';

const HERE = 'https://github.com/acme/gitops.git';
const ORIGIN: RepositoryOrigin = { url: HERE, base: 'main' };

type Files = Readonly<Record<string, string>>;

function indexAt(files: Files, origin?: RepositoryOrigin): Index {
  const read = Object.entries(files).map(([path, text]) => ({ path: repoPath(path), facts: readText(text) }));
  return buildIndex(read, {
    accounts: ONE_ACCOUNT,
    bindings: NO_BINDINGS,
    ...(origin === undefined ? {} : { origin }),
  });
}

/** Where each workload of a folder goes: `name namespace`. */
function check(deployers: Files, expected: Readonly<Record<string, string | null>>, origin?: RepositoryOrigin): Index {
  const names = Object.keys(expected);
  const workloads = Object.fromEntries(names.map((path) => [path, deployment('api', 'db', null)]));
  const index = indexAt({ ...deployers, ...workloads }, origin);
  expect(Object.fromEntries(index.workloads.map((one) => [one.path, one.resolvedNamespace]))).toEqual(expected);
  return index;
}

function application(path: string, more = '', { url = HERE, revision = 'HEAD', spec = '' } = {}): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: one, namespace: argocd}
spec:
  source: {repoURL: "${url}", targetRevision: "${revision}", path: "${path}"${more}}
  destination: {namespace: payments}
${spec}`;
}

function applicationSet(generators: string, path: string, namespace = 'payments', more = ''): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: all}
spec:
  ${more === '' ? 'goTemplate: false' : more}
  generators: ${generators}
  template:
    metadata: {name: made}
    spec:
      source: {repoURL: "${HERE}", path: "${path}"}
      destination: {namespace: "${namespace}"}
`;
}

const GIT = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux, namespace: flux-system}
spec: {url: "${HERE}", ref: {branch: main}}
`;

function flux(spec: string): string {
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: one, namespace: flux-system}
spec: {sourceRef: {kind: GitRepository, name: flux}, ${spec}}
`;
}

test('a directory is listed as Argo CD lists it', () => {
  const top = { 'apps/a.yaml': 'payments', 'apps/deep/b.yaml': null, 'apps2/c.yaml': null };
  check({ 'x.yaml': application('apps') }, top);
  check({ 'x.yaml': application('./apps/') }, top);
  check({ 'x.yaml': application('apps', ', directory: {recurse: true}') }, { ...top, 'apps/deep/b.yaml': 'payments' });
  check(
    { 'x.yaml': application('.', ', directory: {recurse: true}') },
    { 'a.yaml': 'payments', 'b/c.json': 'payments' },
  );
  const globs = {
    'apps/a.yaml': 'payments',
    'apps/b-decoy.yaml': null,
    'apps/x/c.json': null,
    'apps/deep/d.yaml': 'payments',
  };
  check({ 'x.yaml': application('apps', ', directory: {recurse: true, include: "{a,deep/*}*.yaml"}') }, globs);
  check({ 'x.yaml': application('apps', ', directory: {recurse: true, exclude: "{*decoy*,x/*}"}') }, globs);
  check({ 'x.yaml': application('apps', ', directory: {include: "[ab].yaml"}') }, { 'apps/a.yaml': null });
});

test('a chart is rendered, not listed', () => {
  check(
    { 'x.yaml': application('c', ', directory: {recurse: true}'), 'c/Chart.yaml': 'name: c\n' },
    { 'c/a.yaml': null },
  );
});

test('an Application of several sources deploys each of them', () => {
  const text = application('ignored').replace(
    /source:.*/,
    `sources: [{repoURL: "${HERE}", path: a}, {repoURL: "${HERE}", path: b}, {repoURL: "${HERE}", ref: values}, {repoURL: "https://charts.example", chart: c}]`,
  );
  check({ 'x.yaml': text }, { 'a/1.yaml': 'payments', 'b/2.yaml': 'payments', 'c/3.yaml': null });
});

function checkSource(url: string, revision: string, expected: string | null): void {
  check({ 'x.yaml': application('apps', '', { url, revision }) }, { 'apps/a.yaml': expected }, ORIGIN);
}

test('with an address only that repository at its base branch counts', () => {
  for (const url of [
    'https://GitHub.com/Acme/GitOps',
    'git@github.com:acme/gitops.git',
    'ssh://git@github.com:22/acme/gitops/',
    'https://user@github.com/acme/gitops',
  ]) {
    checkSource(url, 'main', 'payments');
  }
  checkSource('https://github.com/acme/gitops-old', 'main', null);
  checkSource('https://git.example/acme/gitops.git', 'main', null);
  checkSource(HERE, 'release', null);
  checkSource(HERE, 'refs/heads/main', 'payments');
});

test('without an address the only one whose folders are all here counts', () => {
  const other = application('missing', '', { url: 'https://github.com/acme/other.git' });
  check({ 'x.yaml': application('apps'), 'y.yaml': other }, { 'apps/a.yaml': 'payments' });
  const stale = application('gone').replace('name: one', 'name: two');
  check(
    { 'x.yaml': application('apps'), 'y.yaml': application('apps/b'), 'z.yaml': stale },
    { 'apps/a.yaml': 'payments', 'apps/b/c.yaml': 'payments' },
  );
  check({ 'x.yaml': application('apps'), 'z.yaml': stale }, { 'apps/a.yaml': null });
  const rival = application('apps', '', { url: 'https://github.com/acme/other.git' });
  const { otherDeployers } = check({ 'x.yaml': application('apps'), 'y.yaml': rival }, { 'apps/a.yaml': null });
  expect(otherDeployers.map(({ kind, manifest }) => `${kind} ${manifest}`)).toEqual([
    'elsewhere x.yaml',
    'elsewhere y.yaml',
  ]);
});

test('an ApplicationSet is expanded where its parameters are literal', () => {
  const list = '[{list: {elements: [{app: a, ns: one}, {app: b, ns: two, deep: {x: y}}]}}]';
  const both = { 'apps/a/1.yaml': 'one', 'apps/b/2.yaml': 'two', 'apps/c/3.yaml': null };
  check({ 's.yaml': applicationSet(list, 'apps/{{app}}', '{{ns}}') }, both);
  check({ 's.yaml': applicationSet(list, 'apps/{{ .app }}', '{{.ns}}', 'goTemplate: true') }, both);
  const folders = `[{git: {repoURL: "${HERE}", directories: [{path: "apps/*"}, {path: apps/c, exclude: true}]}}]`;
  check(
    { 's.yaml': applicationSet(folders, '{{path}}', '{{path.basename}}') },
    {
      'apps/a/1.yaml': 'a',
      'apps/a/deep/2.yaml': null,
      'apps/c/3.yaml': null,
      'apps/.hidden/4.yaml': null,
    },
  );
  check(
    { 's.yaml': applicationSet(folders, '{{.path.path}}', '{{index .path.segments 1}}', 'goTemplate: true') },
    { 'apps/a/1.yaml': 'a' },
  );
  const matrix = `[{matrix: {generators: [{list: {elements: [{stage: prod}]}}, {git: {repoURL: "${HERE}", directories: [{path: "{{stage}}/*"}]}}]}}]`;
  check(
    { 's.yaml': applicationSet(matrix, '{{path}}', '{{stage}}-{{path.basename}}') },
    {
      'prod/a/1.yaml': 'prod-a',
      'test/a/2.yaml': null,
    },
  );
});

test('what only the cluster knows is left open, with the reason', () => {
  const clusters = '[{clusters: {}}]';
  check({ 's.yaml': applicationSet(clusters, 'apps') }, { 'apps/a.yaml': 'payments' });
  check({ 's.yaml': applicationSet(clusters, 'apps', '{{name}}') }, { 'apps/a.yaml': null });
  const reasonOf = (text: string) =>
    check({ 's.yaml': text, 'x.yaml': application('apps/a') }, { 'apps/a/1.yaml': 'payments' }).otherDeployers.map(
      ({ reason }) => reason,
    );
  expect(reasonOf(applicationSet(clusters, 'apps/{{name}}'))).toEqual([
    'It cannot be expanded: what the generator "clusters" makes is only known in the cluster.',
  ]);
  expect(reasonOf(applicationSet('[{list: {elements: [{app: "{{x}}"}]}}]', 'apps/{{app}}'))).toEqual([
    'Its path is filled in later, or leads elsewhere.',
  ]);
  expect(reasonOf(applicationSet('[]', 'apps', 'x', 'templatePatch: "spec: {}"'))).toEqual([
    'Its templatePatch may change anything.',
  ]);
  expect(reasonOf(application('../outside'))).toEqual(['Its path is filled in later, or leads elsewhere.']);
  expect(reasonOf(application('apps', ', plugin: {name: p}'))).toEqual(['A plugin makes its manifests.']);
});

test('a Flux Kustomization overrides the namespace and takes all YAML below', () => {
  check(
    { 'g.yaml': GIT, 'f.yaml': flux('path: ./apps, targetNamespace: payments') },
    {
      'apps/a.yaml': 'payments',
      'apps/deep/b.yml': 'payments',
      'apps/c.json': null,
      'other/d.yaml': null,
    },
  );
  const none = { 'apps/a.yaml': null };
  check({ 'f.yaml': flux('path: ./apps, targetNamespace: payments') }, none);
  check({ 'g.yaml': GIT, 'f.yaml': flux('path: "./${x}", targetNamespace: payments') }, none);
  check(
    { 'g.yaml': GIT.replace('branch: main', 'tag: v1'), 'f.yaml': flux('path: apps, targetNamespace: n') },
    none,
    ORIGIN,
  );
});

test('a deployer that something may patch is not taken at its word', () => {
  const patch =
    'resources: [one.yaml]\npatches: [{target: {kind: Kustomization}, patch: "- {op: add, path: /spec/path, value: x}"}]\n';
  const files = { 'g.yaml': GIT, 'c/one.yaml': flux('path: ./apps, targetNamespace: payments') };
  const { otherDeployers } = check({ ...files, 'c/kustomization.yaml': patch }, { 'apps/a.yaml': null });
  expect(otherDeployers.map(({ reason }) => reason)).toEqual(['Kustomize may patch it: c/kustomization.yaml.']);
  check({ ...files, 'c/kustomization.yaml': 'resources: [one.yaml]\n' }, { 'apps/a.yaml': 'payments' });
  const parent = flux(
    'path: ./c, patches: [{target: {kind: Kustomization}, patch: "- {op: add, path: /spec/x, value: x}"}]',
  );
  check({ ...files, 'p.yaml': parent.replace('name: one', 'name: parent') }, { 'apps/a.yaml': null });
});

test('garbage in their place sets nothing and breaks nothing', () => {
  const kinds = ['Application', 'ApplicationSet'].map((kind) => `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\n`);
  const heads = [...kinds, 'apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n'];
  const specs = [
    '',
    'spec: []',
    'spec: null',
    'spec: {source: [], sources: {}, generators: {}, template: 1}',
    'spec: {source: {repoURL: [x], path: {}}, destination: []}',
    'spec: {generators: [null, [], {}, 1, {list: 1}, {git: {}}, {matrix: {generators: [1]}}], template: {spec: {source: {repoURL: x, path: y}}}}',
    'spec: {sourceRef: {kind: GitRepository, name: flux}, path: /etc, postBuild: {substitute: [a]}, patches: [1, {patch: "{"}]}',
    'spec: {sourceRef: {kind: GitRepository, name: [flux]}, path: "a\\u0000b", postBuild: {substitute: {"a b": [c]}}}',
    'metadata: {name: "\\e[31m\\n# x", namespace: __proto__}\nspec: {path: __proto__, source: {repoURL: constructor, path: __proto__}}',
  ];
  for (const head of heads) {
    for (const spec of specs) check({ 'g.yaml': GIT, 'x.yaml': `${head}${spec}\n` }, { 'apps/a.yaml': null });
  }
});
