import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readBlob } from '../../../src/manifests/read-blob.ts';
import { joinArgoHealth } from '../../../src/manifests/reading/deployers/argo-health.ts';

function check(text: string, expected: readonly string[]): void {
  const { configMaps = [] } = readBlob(new TextEncoder().encode(text));
  expect(configMaps.map(({ argoHealth }) => argoHealth)).toEqual(expected);
}

function config(data: object, name = 'argocd-cm'): string {
  return `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata: ${JSON.stringify(data)}\n`;
}

const KEY = 'resource.customizations.health.external-secrets.io_ExternalSecret';
const OLD = 'resource.customizations';

test('the check that ships is known as one', () => {
  check(readFileSync('templates/health-checks/argo-cd.yaml', 'utf8'), ['aware']);
});

test.each([
  [{ [KEY]: 'obj.status.refreshTime annotations["force-sync"]' }, 'aware'],
  [{ [KEY]: 'if obj.status.refreshTime then return {status = "Healthy"} end' }, 'other'],
  [{ [KEY]: '' }, 'other'],
  [{ [KEY]: 7 }, 'other'],
  [{ 'resource.customizations.health.external-secrets.io_SecretStore': 'refreshTime force-sync' }, 'not-here'],
  [{ [OLD]: 'external-secrets.io/ExternalSecret:\n  health.lua: |\n    obj.status.refreshTime "force-sync"' }, 'aware'],
  [{ [OLD]: '"external-secrets.io/ExternalSecret":\n  health.lua: |\n    return {}' }, 'other'],
  [{ [OLD]: 'external-secrets.io/ExternalSecret:\n  actions: |\n    x' }, 'not-here'],
  [{ [OLD]: 'cert-manager.io/Certificate:\n  health.lua: x' }, 'not-here'],
  [{}, 'not-here'],
])('argocd-cm with %j', (data, expected) => {
  check(config(data), [expected]);
  check(config(data, 'other'), ['not-here']);
});

test('of several, one that does not compare is enough', () => {
  expect(joinArgoHealth([])).toBe('not-here');
  expect(joinArgoHealth(['not-here', 'aware', 'not-here'])).toBe('aware');
  expect(joinArgoHealth(['aware', 'other', 'not-here'])).toBe('other');
});
