import { expect, test } from 'vitest';
import { deployment, indexOf } from '../../../repository.ts';

type Files = Readonly<Record<string, string>>;

const API = deployment('api', 'db', null).replace(
  'metadata: {name: api}',
  'metadata: {name: api, labels: {tier: web}}',
);
const BASE = { 'base/kustomization.yaml': 'resources: [api.yaml]', 'base/api.yaml': API };

/** How many pods the workload has in each deployment, and who says so. */
function check(files: Files, expected: readonly string[]): void {
  const found = indexOf({ ...BASE, ...files }).workloads.flatMap(({ scaled = [] }) => scaled);
  expect(found.map(({ root, by, count }) => `${root ?? '-'}: ${count ?? '?'} by ${by ?? '-'}`)).toEqual(expected);
}

const LIVE = 'live/kustomization.yaml';

function checkLive(overlay: string, expected: string | null, files: Files = {}): void {
  check({ [LIVE]: `resources: [../base]\n${overlay}`, ...files }, expected === null ? [] : [`${LIVE}: ${expected}`]);
}

const zero = (target: string, more = ''): string =>
  `{target: {${target}}, patch: '[{op: replace, path: /spec/replicas, value: 0}]'${more}}`;

test('replicas mean any name that the workload has had, and only the whole of it', () => {
  checkLive('replicas: [{name: api, count: 0}]', `0 by ${LIVE}`);
  checkLive('replicas: [{name: ap, count: 0}]', null);
  const base = { 'base/kustomization.yaml': 'resources: [api.yaml]\nnamePrefix: b-' };
  for (const name of ['api', 'b-api', 'l-b-api'])
    checkLive(`namePrefix: l-\nreplicas: [{name: ${name}, count: 0}]`, `0 by ${LIVE}`, base);
  checkLive('namePrefix: l-\nreplicas: [{name: l-api, count: 0}]', null, base);
  checkLive('replicas: [{name: api, count: many}]', `? by ${LIVE}`);
});

test('the last word counts: patches, then replicas, then what is outside', () => {
  checkLive(`patches: [${zero('kind: Deployment')}]\nreplicas: [{name: api, count: 3}]`, `3 by ${LIVE}`);
  const base = { 'base/kustomization.yaml': 'resources: [api.yaml]\nreplicas: [{name: api, count: 3}]' };
  checkLive(`patches: [${zero('kind: Deployment')}]`, `0 by ${LIVE}`, base);
  checkLive('', '3 by base/kustomization.yaml', base);
  const component = { 'c/kustomization.yaml': 'kind: Component\nreplicas: [{name: api, count: 5}]' };
  checkLive('components: [../c]', '5 by c/kustomization.yaml', { ...base, ...component });
  checkLive('components: [../c]\nreplicas: [{name: api, count: 0}]', `0 by ${LIVE}`, component);
});

test('a patch that is for it, by its labels or a pattern; where nobody can tell, it is not told', () => {
  checkLive(`patches: [${zero('labelSelector: tier=web')}]`, `0 by ${LIVE}`);
  checkLive(`patches: [${zero('labelSelector: tier=db')}]`, null);
  checkLive(`patches: [${zero('labelSelector: "tier>1"')}]`, `? by ${LIVE}`);
  checkLive(`patches: [${zero('name: a.*')}]`, `0 by ${LIVE}`);
  checkLive(`patches: [${zero('kind: Deployment', ', options: {allowNameChange: true}')}]`, `? by ${LIVE}`);
  checkLive('patches: [{path: p.yaml}]', '0 by live/p.yaml', {
    'live/p.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api}\nspec: {replicas: 0}',
  });
  checkLive('patches: [{path: p.yaml}]', null, {
    'live/p.yaml': 'apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: api}\nspec: {replicas: 0}',
  });
});

const overlay = (more: string): string => `resources: [../base]\n${more}`;

test('each deployment has its own number; one that deletes the workload has none', () => {
  const gone = "patches: [{patch: '{apiVersion: apps/v1, kind: Deployment, metadata: {name: api}, $patch: delete}'}]";
  check(
    {
      'a/kustomization.yaml': overlay('replicas: [{name: api, count: 0}]'),
      'b/kustomization.yaml': overlay(''),
      'c/kustomization.yaml': overlay(gone),
    },
    ['a/kustomization.yaml: 0 by a/kustomization.yaml', 'b/kustomization.yaml: ? by -'],
  );
});

const flux = (patches: string): string => `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: live, namespace: flux-system}
spec:
  path: ./live
  sourceRef: {kind: GitRepository, name: flux-system}
  patches: [${patches}]
`;

test('a build that something deploys: what its patches and the replicas of the root say together is not told', () => {
  const files = {
    'git.yaml':
      'apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: flux-system, namespace: flux-system}\nspec: {url: "https://github.com/acme/gitops"}',
    'flux.yaml': flux(zero('kind: Deployment')),
  };
  checkLive('', '0 by flux.yaml', files);
  // It may stand beside the patches of the root, or around it.
  checkLive('replicas: [{name: api, count: 3}]', '? by flux.yaml', files);
});
