import { expect, test } from 'vitest';
import { readText } from '../repository.ts';

const NOTHING = { isIgnored: false, order: null, restarts: true, group: null, wrong: null };

/** What an object says with these annotations, written as the lines below `annotations`. */
function read(annotations: string, kind = 'ExternalSecret') {
  const apiVersion = kind === 'Deployment' ? 'apps/v1' : 'external-secrets.io/v1';
  const text = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata:\n  name: x\n  annotations:\n${annotations}\nspec: {}\n`;
  const [facts] = readText(text).objects;
  return facts?.type === 'external-secret' || facts?.type === 'workload' ? facts.steering : null;
}

test.each([
  ['    other: "true"', {}],
  ['    gitops-reloader.dev/ignore: "true"', { isIgnored: true }],
  ['    gitops-reloader.dev/ignore: "false"', {}],
  ['    gitops-reloader.dev/order: refreshOnly', { order: 'refreshOnly' }],
  ['    gitops-reloader.dev/order: "together"', { order: 'together' }],
  ['    gitops-reloader.dev/restart: "false"', { restarts: false }],
  ['    gitops-reloader.dev/restart: false', { restarts: false }],
  ['    gitops-reloader.dev/restart: "true"', {}],
  ['    gitops-reloader.dev/group: team-a', { group: 'team-a' }],
])('%s', (annotations, expected) => {
  expect(read(annotations)).toEqual({ ...NOTHING, ...expected });
});

test.each([
  ['order: stagd', 'staged, gated, refreshOnly, together'],
  ['order:', 'staged, gated, refreshOnly, together'],
  ['order: [staged]', 'staged, gated, refreshOnly, together'],
  ['order: constructor', 'staged, gated, refreshOnly, together'],
  ['order: "staged\\nx"', 'staged, gated, refreshOnly, together'],
  ['ignore: yes', '"true" or "false"'],
  ['ignore: "True"', '"true" or "false"'],
  ['restart: "0"', '"true" or "false"'],
  ['group: A', 'lower-case letters, digits and hyphens, at most 63'],
  [`group: ${'a'.repeat(64)}`, 'lower-case letters, digits and hyphens, at most 63'],
  ['group: "a/../b"', 'lower-case letters, digits and hyphens, at most 63'],
  ['group: "a\\u202e"', 'lower-case letters, digits and hyphens, at most 63'],
])('wrong, told with its line: %s', (written, allowed) => {
  const annotation = `gitops-reloader.dev/${written.split(':')[0]}`;
  const steering = read(`    other: x\n    gitops-reloader.dev/${written}`);
  expect(steering).toEqual({ ...NOTHING, wrong: { annotation, line: 7, allowed } });
});

test('a workload has no group of its own', () => {
  expect(read('    gitops-reloader.dev/group: team-a', 'Deployment')?.wrong).toMatchObject({ line: 6 });
  expect(read('    gitops-reloader.dev/order: staged', 'Deployment')).toEqual({ ...NOTHING, order: 'staged' });
});
