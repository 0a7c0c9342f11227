import { expect, test } from 'vitest';
import { RESTART_DEFAULTS } from '../../../../src/domain/policy.ts';
import type { Note } from '../../../../src/plan/plan.ts';
import { gateReport } from '../../../../src/plan/restart/gated/gate-report.ts';
import { everything } from '../../../../src/plan/scope.ts';
import { type Ask, es, type Files, indexOf, type Meta, moved, planOf, workload } from '../../repository.ts';

const HERE = 'https://github.com/acme/gitops.git';
const WAVE = 'argocd.argoproj.io/sync-wave';
const ASK: Ask = { wishes: [moved('db')], truth: { db: 2 }, scope: { order: 'gated' } };

/** What becomes of Deployment `w`: where it is written, the code of its note about the gate, and that note in full. */
function gateOf(files: Files, ask: Ask = ASK): { readonly target: string; readonly note: Note | undefined } {
  const { edits } = planOf(files, ask).plan;
  const edit = edits.find(({ name, kind }) => name === 'w' && kind !== 'ExternalSecret');
  return { target: edit?.target ?? 'none', note: edit?.notes.find(({ code }) => code.endsWith('gated')) };
}

/** Proven: the pod template with the note `gated`. Else announced, with a reason and a fix that say this. */
function check(files: Files, expected: 'proven' | readonly [reason: string, fix: string], ask: Ask = ASK): void {
  const { target, note } = gateOf(files, ask);
  if (expected === 'proven') {
    expect([target, note?.code]).toEqual(['template', 'gated']);
    return;
  }
  expect([target, note?.code]).toEqual(['metadata', 'not-gated']);
  expect(note?.reason).toContain(expected[0]);
  expect(note?.hint).toContain(expected[1]);
}

// ---------------------------------------------------------------------------------------------------------------------
// Argo CD

function application(name: string, spec: string): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  destination: {namespace: app}
  ${spec}
`;
}

function source(path: string, more = ''): string {
  return `{repoURL: "${HERE}", targetRevision: HEAD, path: ${path}${more}}`;
}

function wave(value: string | null, more: Meta['annotations'] = {}): Meta {
  return { annotations: { ...(value === null ? {} : { [WAVE]: value }), ...more } };
}

function waves(secret: Meta, own: Meta, more: Files = {}): Files {
  return {
    'argocd/a.yaml': application('a', `source: ${source('apps')}`),
    'apps/x.yaml': es('x', ['db'], secret),
    'apps/w.yaml': workload('Deployment', 'w', ['x'], own),
    ...more,
  };
}

test.each([
  ['-1', null],
  ['-1', '0'],
  ['+1', '2'],
  [null, '1'],
  ['-999999999', '-999999998'],
])('wave %s before %s', (first, second) => {
  check(waves(wave(first), wave(second)), 'proven');
});

test.each([
  [null, null, '"-1"'],
  ['0', null, '"-1"'],
  ['5', '5', '"4"'],
  ['3', '-2', '"-3"'],
])('wave %s not before %s', (first, second, fix) => {
  check(waves(wave(first), wave(second)), ['not before it', `${WAVE}: ${fix} on ExternalSecret app/x (apps/x.yaml:1)`]);
});

test.each([
  [wave('soon'), wave(null), 'cannot be read', 'whole number'],
  [wave('-1'), wave('1.5'), 'cannot be read', 'whole number'],
  [wave('-99999999999999999999'), wave(null), 'cannot be read', 'whole number'],
  [wave('-1'), wave(null, { 'helm.sh/hook-weight': '-5' }), 'cannot be read', 'whole number'],
  [wave('-1', { 'argocd.argoproj.io/hook': 'PreSync' }), wave(null), 'is a hook', 'Take its annotation'],
  [wave('-1'), wave('1', { 'helm.sh/hook': 'post-install' }), 'is a hook', 'Take its annotation'],
])('waves that cannot be compared: %o %o', (secret, own, reason, fix) => {
  check(waves(secret, own), [reason, fix]);
});

test('waves order within one Application, whichever of its sources an object is from', () => {
  const apart = {
    'argocd/b.yaml': application('b', `source: ${source('secrets')}`),
    'apps/x.yaml': '',
    'secrets/x.yaml': es('x', ['db'], wave('-1')),
  };
  check(waves(wave('-1'), wave(null), apart), ['waves order only what one Application deploys', 'by one Application']);
  const both = application('a', `sources: [${source('apps')}, ${source('secrets')}]`);
  check({ ...waves(wave('-1'), wave(null), apart), 'argocd/a.yaml': both, 'argocd/b.yaml': '' }, 'proven');
  const twins = [application('a', `source: ${source('apps')}`), application('a', `source: ${source('secrets')}`)].join(
    '---\n',
  );
  check({ ...waves(wave('-1'), wave(null), apart), 'argocd/a.yaml': twins, 'argocd/b.yaml': '' }, [
    'waves order only',
    'one Application',
  ]);
});

test('who deploys a workload besides has to wait as well', () => {
  const flux = { 'flux/w.yaml': kustomization('w', 'apps'), 'flux/git.yaml': GIT };
  check(waves(wave('-1'), wave(null), flux), ['deploys both', 'Move ExternalSecret app/x']);
});

test('nobody deploys it, or nobody can tell', () => {
  const { 'argocd/a.yaml': _, ...files } = waves(wave('-1'), wave(null));
  check(files, [
    'No Argo CD Application or Flux Kustomization here deploys it',
    'Keep the one that deploys apps/w.yaml',
  ]);
  const plugin = application('a', `source: ${source('apps', ', plugin: {name: x}')}`);
  check({ ...files, 'argocd/a.yaml': plugin }, ['No Argo CD Application', 'Keep the one']);
});

const built = (kustomize: string, secret: Meta = {}, own: Meta = {}) =>
  waves(secret, own, { 'apps/kustomization.yaml': `resources: [x.yaml, w.yaml]\n${kustomize}` });

test('kustomizations: waves that they set count, and what cannot be told proves nothing', () => {
  const patch = (kind: string, name: string, text: string) =>
    `patches: [{patch: '{"apiVersion": "${kind === 'Deployment' ? 'apps/v1' : 'external-secrets.io/v1'}", "kind": "${kind}", "metadata": {"name": "${name}", "namespace": "app", "annotations": {"${WAVE}": ${text}}}}'}]\n`;
  check(built(patch('ExternalSecret', 'x', '"-1"')), 'proven');
  check(built(patch('Deployment', 'w', '"4"'), wave('3')), 'proven');
  check(built(patch('Deployment', 'w', '"-4"'), wave('-3')), ['in wave -4', '"-5"']);
  check(built(patch('Deployment', 'w', 'null'), wave('1'), wave('2')), ['applies it in wave 0', '"-1"']);
  check(built(`commonAnnotations: {${WAVE}: "3"}\n`, wave('-1'), wave('1')), ['in wave 3', '"2"']);
  const operation = `patches: [{target: {kind: Deployment}, patch: '[{"op": "add", "path": "/metadata/annotations", "value": {"${WAVE}": "9"}}]'}]\n`;
  expect(gateOf(built(operation, wave('1'))).target).not.toBe('template');
  const replaced = `replacements: [{source: {kind: ConfigMap, name: none, fieldPath: data.x}, targets: [{select: {kind: ExternalSecret}, fieldPaths: ["metadata.annotations.[${WAVE}]"]}]}]\n`;
  check(built(replaced, wave('-1')), ['cannot be told', 'in its manifest']);
});

test('an Application that adds annotations is heard as well', () => {
  const own = application('a', `source: ${source('apps', `, kustomize: {commonAnnotations: {${WAVE}: "2"}}`)}`);
  const files = waves(wave('-1'), wave(null), {
    'argocd/a.yaml': own,
    'apps/kustomization.yaml': 'resources: [x.yaml, w.yaml]\n',
  });
  check(files, ['in wave 2', '"1"']);
});

function argoConfig(script: string): Files {
  const data = { 'resource.customizations.health.external-secrets.io_ExternalSecret': script };
  return {
    'argocd/cm.yaml': `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: argocd-cm}\ndata: ${JSON.stringify(data)}\n`,
  };
}

const gated = (more: Files) => waves(wave('-1'), wave(null), more);

test('the check itself: taken on trust where it is not shown, and not where another one is', () => {
  expect(gateOf(gated({})).note?.hint).toContain('templates/health-checks/argo-cd.yaml');
  expect(gateOf(gated(argoConfig('obj.status.refreshTime force-sync'))).note?.hint).toBe(null);
  check(gated(argoConfig('return {status = "Healthy"}')), ['does not compare refreshTime', 'argo-cd.yaml']);
});

// ---------------------------------------------------------------------------------------------------------------------
// Flux

const GIT = `apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: git, namespace: flux-system}
spec: {url: "${HERE}", ref: {branch: main}}
`;
const AWARE = '[{apiVersion: external-secrets.io/v1, kind: ExternalSecret, current: "status.refreshTime force-sync"}]';
const READY = `wait: true, healthCheckExprs: ${AWARE}`;

function kustomization(name: string, path: string, more = '', { namespace = 'flux-system', git = 'git' } = {}): string {
  const spec = `{path: ./${path}, targetNamespace: app, sourceRef: {kind: GitRepository, name: ${git}, namespace: flux-system}${more === '' ? '' : `, ${more}`}}`;
  return `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: ${name}, namespace: ${namespace}}
spec: ${spec}
`;
}

function twoOfFlux(first: string, second: string, more: Files = {}): Files {
  return {
    'flux/git.yaml': GIT,
    'flux/first.yaml': first,
    'flux/second.yaml': second,
    'secrets/x.yaml': es('x', ['db']),
    'apps/w.yaml': workload('Deployment', 'w', ['x']),
    ...more,
  };
}

const FIRST = kustomization('first', 'secrets', READY);
const AFTER = 'dependsOn: [{name: first}]';

test('Flux: dependsOn, and a check that knows', () => {
  check(twoOfFlux(FIRST, kustomization('second', 'apps', AFTER)), 'proven');
  check(
    twoOfFlux(
      FIRST,
      kustomization('second', 'apps', 'dependsOn: [{name: other}, {name: first, namespace: flux-system}]'),
    ),
    'proven',
  );
  const middle = kustomization('middle', 'middle', AFTER);
  const through = kustomization('second', 'apps', 'dependsOn: [{name: middle}]');
  check(twoOfFlux(FIRST, through, { 'flux/m.yaml': middle, 'middle/a.yaml': 'a: 1' }), 'proven');
  const named = `healthChecks: [{apiVersion: external-secrets.io/v1, kind: ExternalSecret, name: x, namespace: app}], healthCheckExprs: ${AWARE}`;
  check(twoOfFlux(kustomization('first', 'secrets', named), kustomization('second', 'apps', AFTER)), 'proven');
});

test.each([
  [
    'no dependsOn',
    FIRST,
    kustomization('second', 'apps'),
    'does not lead to',
    'Add {name: first} to spec.dependsOn of Flux Kustomization flux-system/second',
  ],
  [
    'the other way round',
    kustomization('first', 'secrets', `${READY}, dependsOn: [{name: second}]`),
    kustomization('second', 'apps'),
    'does not lead to',
    'Add {name: first}',
  ],
  [
    'in another namespace',
    FIRST,
    kustomization('second', 'apps', 'dependsOn: [{name: first, namespace: else}]'),
    'does not lead to',
    'Add {name: first}',
  ],
  [
    'from another namespace',
    FIRST,
    kustomization('second', 'apps', 'dependsOn: []', { namespace: 'team' }),
    'does not lead to',
    '{name: first, namespace: flux-system}',
  ],
  [
    'readyExpr',
    FIRST,
    kustomization('second', 'apps', 'dependsOn: [{name: first, readyExpr: "true"}]'),
    'without readyExpr',
    'Add {name: first}',
  ],
  [
    'another source',
    FIRST,
    kustomization('second', 'apps', AFTER, { git: 'other' }),
    'of one sourceRef',
    'with the sourceRef that',
  ],
  [
    'a circle without it',
    FIRST,
    kustomization('second', 'apps', 'dependsOn: [{name: second}]'),
    'does not lead to',
    'Add',
  ],
  [
    'no wait',
    kustomization('first', 'secrets', `healthCheckExprs: ${AWARE}`),
    kustomization('second', 'apps', AFTER),
    'is ready before',
    'spec.wait: true on Flux Kustomization flux-system/first',
  ],
  [
    'wait off',
    kustomization('first', 'secrets', `wait: false, healthCheckExprs: ${AWARE}`),
    kustomization('second', 'apps', AFTER),
    'is ready before',
    'spec.wait: true',
  ],
  [
    'another object is waited for',
    kustomization(
      'first',
      'secrets',
      `healthChecks: [{apiVersion: external-secrets.io/v1, kind: ExternalSecret, name: y}], healthCheckExprs: ${AWARE}`,
    ),
    kustomization('second', 'apps', AFTER),
    'is ready before',
    'spec.wait: true',
  ],
  [
    'no expressions',
    kustomization('first', 'secrets', 'wait: true'),
    kustomization('second', 'apps', AFTER),
    'No healthCheckExprs',
    'flux.yaml',
  ],
  [
    'expressions of another kind',
    kustomization(
      'first',
      'secrets',
      `wait: true, healthCheckExprs: ${AWARE.replace('ExternalSecret', 'SecretStore')}`,
    ),
    kustomization('second', 'apps', AFTER),
    'No healthCheckExprs',
    'flux.yaml',
  ],
  [
    'expressions that look at Ready',
    kustomization('first', 'secrets', `wait: true, healthCheckExprs: ${AWARE.replace('force-sync', '')}`),
    kustomization('second', 'apps', AFTER),
    'No healthCheckExprs',
    'flux.yaml',
  ],
])('Flux, not proven: %s', (...[, first, second, reason, fix]) => {
  const other = GIT.replace('name: git,', 'name: other,');
  check(twoOfFlux(first, second, { 'flux/other.yaml': other }), [reason, fix]);
});

test('clusters have Kustomizations of the same names: the nearest is meant, and none where two are as near', () => {
  const cluster = (name: string, ready: string): Files => ({
    [`clusters/${name}/first.yaml`]: kustomization('first', `${name}/secrets`, ready),
    [`clusters/${name}/second.yaml`]: kustomization('second', `${name}/apps`, AFTER),
    [`${name}/secrets/x.yaml`]: es('x', ['db']),
  });
  const files = { 'git.yaml': GIT, ...cluster('prod', READY), ...cluster('test', 'wait: true') };
  const own = { 'prod/apps/w.yaml': workload('Deployment', 'w', ['x']), 'test/apps/a.yaml': 'a: 1' };
  check({ ...files, ...own }, 'proven');
  const near = { 'clusters/second.yaml': kustomization('second', 'prod/apps', AFTER), 'clusters/prod/second.yaml': '' };
  check({ ...files, ...own, ...near }, ['does not lead to', 'Add']);
});

test('more Kustomizations of one name, or one after the other, than are looked at prove nothing', () => {
  const many = Array.from({ length: 260 }, () => kustomization('first', 'more', READY)).join('---\n');
  const chain = Array.from({ length: 210 }, (_, at) =>
    kustomization(`k${at}`, 'chain', `dependsOn: [{name: k${at + 1}}]`),
  ).join('---\n');
  check(
    twoOfFlux(FIRST, kustomization('second', 'apps', AFTER), {
      'flux/many.yaml': many,
      'flux/chain.yaml': chain,
      'chain/a.yaml': 'a: 1',
      'more/a.yaml': 'a: 1',
    }),
    ['does not lead to', 'Add'],
  );
});

// ---------------------------------------------------------------------------------------------------------------------
// What is never gated, and what people see

test('a ClusterExternalSecret, and a Rollout that is restarted by a time', () => {
  const cluster = es('x', ['db'])
    .replace('kind: ExternalSecret', 'kind: ClusterExternalSecret')
    .replace(/spec: (.*)\n/, 'spec: {"externalSecretName": "x", "namespaces": ["app"], "externalSecretSpec": $1}\n');
  check(waves(wave('-1'), wave(null), { 'apps/x.yaml': cluster }), [
    'The status of ClusterExternalSecret',
    'Feed it from an ExternalSecret',
  ]);
  const rollout = { 'apps/w.yaml': workload('Rollout', 'w', ['x']) };
  check(waves(wave('-1'), wave(null), rollout), 'proven');
  const scope = { order: 'gated', restart: { ...RESTART_DEFAULTS, rollout: 'restartAt' } } as const;
  check(waves(wave('-1'), wave(null), rollout), ['spec.restartAt', 'restart.rollout: template'], { ...ASK, scope });
});

const two = (second: string): Files => ({
  ...waves(wave('-1'), wave(null)),
  'apps/y.yaml': es('y', ['db'], wave(second)),
  'apps/w.yaml': workload('Deployment', 'w', ['x', 'y']),
});

test('of several that are refreshed with it, each has to come first', () => {
  check(two('-2'), 'proven');
  expect(gateOf(two('-2')).note?.reason).toMatch(/ExternalSecret app\/x .*ExternalSecret app\/y/);
  check(two('1'), ['ExternalSecret app/y in wave 1', '"-1" on ExternalSecret app/y']);
});

test('an announcement that stands already moves along', () => {
  const own = wave(null, { 'gitops-reloader.dev/restart-due': 'x=000000000000' });
  const { edits } = planOf(waves(wave('-1'), own), ASK).plan;
  expect(
    edits.filter(({ kind }) => kind === 'Deployment').map(({ target, annotation }) => `${target} ${annotation}`),
  ).toEqual(['metadata gitops-reloader.dev/restart-due', 'template gitops-reloader.dev/secret-versions']);
});

test('the report of a branch counts what is gated, and names the first that is not', () => {
  const scope = everything('gated');
  const stranger = workload('Deployment', 'stranger', ['none']);
  const report = (files: Files) => gateReport(indexOf({ ...files, 'apps/s.yaml': stranger }), scope);
  expect(report(waves(wave('-1'), wave(null)))).toMatchObject({ workloads: 1, proven: 1, first: null });
  const { first, ...counts } = report(waves(wave(null), wave(null)));
  expect([counts, first]).toEqual([
    { workloads: 1, proven: 0, unseen: null },
    expect.stringContaining('Deployment app/w: '),
  ]);
  expect(gateReport(indexOf(waves(wave('-1'), wave(null))), everything('staged')).workloads).toBe(0);
});
