import { expect, test } from 'vitest';
import type { WorkloadFacts } from '../../../../src/manifests/objects.ts';
import { readBlob } from '../../../../src/manifests/read-blob.ts';
import { readText } from '../../repository.ts';

function read(apiVersion: string, kind: string, spec: string): WorkloadFacts | null {
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: web}\nspec: ${spec}\n`;
  const { objects, unreadable } = readText(text);
  expect(unreadable).toEqual([]);
  const [facts] = objects;
  return facts?.type === 'workload' ? facts : null;
}

function check(pod: string, expected: readonly string[]): void {
  const facts = read('apps/v1', 'Deployment', `{template: {spec: {${pod}}}}`);
  expect(facts?.secrets.map(({ name, via }) => `${name} by ${via}`)).toEqual(expected);
}

function env(name: string): string {
  return `{env: [{name: A, valueFrom: {secretKeyRef: {name: ${name}, key: k}}}]}`;
}

test('env and envFrom, in every kind of container', () => {
  check(`containers: [${env('a')}], initContainers: [${env('b')}], ephemeralContainers: [${env('c')}]`, [
    'a by env',
    'b by env',
    'c by env',
  ]);
  check('containers: [{envFrom: [{secretRef: {name: a}}, {configMapRef: {name: b}}]}]', ['a by envFrom']);
});

test('volumes: secret and projected', () => {
  check('volumes: [{secret: {secretName: a}}, {projected: {sources: [{secret: {name: b}}, {configMap: {name: c}}]}}]', [
    'a by volume',
    'b by volume',
  ]);
});

test('imagePullSecrets are told apart', () => {
  check('imagePullSecrets: [{name: a}], containers: [{envFrom: [{secretRef: {name: a}}]}]', [
    'a by envFrom',
    'a by imagePullSecret',
  ]);
});

test('the same use is named once', () => {
  const one = '{envFrom: [{secretRef: {name: a}}]}';
  check(`containers: [${one}, ${one}]`, ['a by envFrom']);
});

test('wrong types are nothing', () => {
  check('containers: {a: b}, volumes: [1, ~, [x]], imagePullSecrets: text, initContainers: [{env: {A: b}}]', []);
  check('containers: [{envFrom: [{secretRef: a}, {secretRef: {name: [a]}}, {secretRef: {name: ""}}]}]', []);
});

test.each([
  ['apps/v1', 'Deployment', '{template: POD}'],
  ['extensions/v1beta1', 'Deployment', '{template: POD}'],
  ['apps/v1beta1', 'StatefulSet', '{template: POD}'],
  ['apps/v1', 'DaemonSet', '{template: POD}'],
  ['batch/v1', 'Job', '{template: POD}'],
  ['batch/v1beta1', 'CronJob', '{jobTemplate: {spec: {template: POD}}}'],
  ['argoproj.io/v1alpha1', 'Rollout', '{template: POD}'],
])('%s %s is a workload', (apiVersion, kind, spec) => {
  const pod = '{metadata: {annotations: {a: b, c: 1}}, spec: {containers: [{envFrom: [{secretRef: {name: s}}]}]}}';
  const facts = read(apiVersion, kind, spec.replace('POD', pod));
  expect(facts).toMatchObject({ kind, name: 'web', secrets: [{ name: 's', via: 'envFrom' }] });
  expect([...(facts?.templateAnnotations ?? [])]).toEqual([
    ['a', 'b'],
    ['c', '1'],
  ]);
});

test('a kind of the same name in another group is none', () => {
  expect(read('example.com/v1', 'Deployment', '{template: {}}')).toBeNull();
  expect(read('v1', 'Job', '{template: {}}')).toBeNull();
});

test('a Rollout that refers to a Deployment has no template', () => {
  expect(read('argoproj.io/v1alpha1', 'Rollout', '{workloadRef: {kind: Deployment, name: web}}')?.secrets).toEqual([]);
});

function mounted(...mounts: readonly string[]): string {
  return `{volumeMounts: [${mounts.map((mount) => `{name: v, ${mount}}`).join(', ')}]}`;
}

test('a volume by subPath, or in an init container, never changes in a running pod', () => {
  const v = 'volumes: [{name: v, secret: {secretName: a}}]';
  check(`${v}, containers: [${mounted('mountPath: /x')}]`, ['a by volume']);
  check(`${v}, containers: [${mounted('subPath: ""')}]`, ['a by volume']);
  check(`${v}, containers: [${mounted('subPath: key')}]`, ['a by fixedVolume']);
  check(`${v}, containers: [${mounted('subPathExpr: $(A)')}]`, ['a by fixedVolume']);
  check(`${v}, containers: [${mounted('mountPath: /x', 'subPath: key')}]`, ['a by volume', 'a by fixedVolume']);
  check(`${v}, initContainers: [${mounted('mountPath: /x')}]`, ['a by fixedVolume']);
  check(`${v}, initContainers: [{restartPolicy: Always, volumeMounts: [{name: v}]}]`, ['a by volume']);
  check(`${v}, containers: [{volumeMounts: {a: b}}, {volumeMounts: [1, ~, {name: [v]}]}]`, ['a by volume']);
});

const QUIET = { replicas: null, isPaused: false, isOnDelete: false, partition: 0, restartAt: null, workloadRef: null };

test.each([
  ['Deployment', '{replicas: 0, paused: true}', { replicas: 0, isPaused: true }],
  ['Deployment', '{replicas: "${N}", paused: "true", updateStrategy: {type: OnDelete}, restartAt: x}', {}],
  ['Deployment', '{replicas: -1, paused: [true]}', {}],
  ['StatefulSet', '{updateStrategy: {type: OnDelete}, paused: true}', { isOnDelete: true }],
  ['StatefulSet', '{updateStrategy: {rollingUpdate: {partition: 3}}}', { partition: 3 }],
  ['DaemonSet', '{replicas: 0, updateStrategy: {type: OnDelete, rollingUpdate: {partition: 3}}}', { isOnDelete: true }],
  ['Rollout', '{paused: true, restartAt: 2026-01-01T00:00:00Z}', { isPaused: true, restartAt: '2026-01-01T00:00:00Z' }],
  ['Rollout', '{workloadRef: {kind: Deployment, name: w}}', { workloadRef: { kind: 'Deployment', name: 'w' } }],
  ['Rollout', '{workloadRef: {kind: Deployment}}', {}],
])('%s %s', (kind, spec, expected) => {
  const facts = read(kind === 'Rollout' ? 'argoproj.io/v1alpha1' : 'apps/v1', kind, spec);
  expect(facts?.rollout).toEqual({ ...QUIET, ...expected });
});

test('a kind that the configuration names, wherever its pod template stands', () => {
  const pod = '{metadata: {annotations: {a: b}}, spec: {containers: [{envFrom: [{secretRef: {name: s}}]}]}}';
  const text = `apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: t}\nspec: {pods: {main: ${pod}}}\n`;
  const thing = { group: 'example.com', kind: 'Thing', template: ['spec', 'pods', 'main'] };
  const bytes = new TextEncoder().encode(text);
  expect(readBlob(bytes).objects).toEqual([]);
  expect(readBlob(bytes, [{ ...thing, group: 'example.org' }]).objects).toEqual([]);
  const [facts] = readBlob(bytes, [thing]).objects;
  expect(facts).toMatchObject({ type: 'workload', secrets: [{ name: 's', via: 'envFrom' }], template: thing.template });
  expect(readBlob(bytes, [{ ...thing, template: ['spec', 'nowhere'] }]).objects).toMatchObject([{ secrets: [] }]);
});
