import { describe, expect, test } from 'vitest';
import { MARKER_WORD } from '../../../src/manifests/reading/markers/parse-marker.ts';
import { screen } from '../../../src/manifests/reading/screen.ts';

function check(text: string, isLetIn: boolean): void {
  expect(screen(text), text).toBe(isLetIn);
}

describe('what an autoscaler scales lets no file in', () => {
  const block = 'scaleTargetRef:\n    apiVersion: apps/v1\n    kind: Deployment\n    name: web';

  test('on one line and on several', () => {
    check(autoscaler('scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}'), false);
    check(autoscaler(block), false);
    check(autoscaler('scaleTargetRef:\n    name: web\n    kind: Rollout'), false);
  });

  test('another object in the file does, before it and behind', () => {
    const workload = 'apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n';
    check(`${autoscaler(block)}---\n${workload}`, true);
    check(`${workload}---\n${autoscaler(block)}`, true);
    check(`{"kind": "Deployment", "metadata": {"name": "web"}}\n---\n${autoscaler(block)}`, true);
  });

  test('lines that do not stand below it do', () => {
    check('- spec:\n    scaleTargetRef:\n  kind: Deployment\n  metadata:\n    name: web\n', true);
    check('spec:\n  scaleTargetRef:\n  kind: Deployment\n', true);
    check('items: [{spec: {scaleTargetRef: {name: web}}, kind: Deployment}]\n', true);
  });

  test('templates, and marked values in it', () => {
    check(autoscaler('scaleTargetRef:\n    kind: Deployment\n    name: {{ .Values.name }}'), true);
    check(`${autoscaler(block)}# {"${MARKER_WORD}": {}}\n`, true);
  });
});

function autoscaler(target: string): string {
  return `apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata:\n  name: web\nspec:\n  ${target}\n  maxReplicas: 8\n`;
}
