import { expect, test } from 'vitest';
import type { WorkloadFacts } from '../../../src/manifests/objects.ts';
import { readText } from '../repository.ts';

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
