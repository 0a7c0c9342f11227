import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';
import { MINIMAL } from './samples.ts';

function check(text: string, expected: readonly string[]): void {
  const loaded = loadConfig(text, 'c.yaml');
  expect(loaded.kind === 'problems' ? loaded.problems.map(formatProblem) : ['it loads']).toEqual(expected);
}

function restart(text: string): string {
  return `${MINIMAL}      restart: ${text}\n`;
}

test('which workloads restart', () => {
  check(restart('{on: []}'), [
    'c.yaml:15:21: spec.repositories[0].restart.on names nothing to restart for (to refresh only, write order: refreshOnly)',
  ]);
  check(restart('{on: [env, volume]}'), [
    'c.yaml:15:27: spec.repositories[0].restart.on[1] must be one of env, envFrom, volumes',
  ]);
  check(restart('{rollout: restart}'), [
    'c.yaml:15:26: spec.repositories[0].restart.rollout must be one of template, restartAt',
  ]);
  const known = '{group: argoproj.io, kind: Rollout}';
  const set = '{group: apps.kruise.io, kind: CloneSet}';
  check(restart(`{kinds: [${known}, ${set}, ${set}]}`), [
    'c.yaml:15:52: spec.repositories[0].restart.kinds[0] names a kind that is known already (take it out)',
    'c.yaml:15:133: spec.repositories[0].restart.kinds[2] names a kind that is there already (keep one of them)',
  ]);
  check(restart('{kinds: [{group: apps/v1, kind: cloneSet, template: spec..template}]}'), [
    'c.yaml:15:33: spec.repositories[0].restart.kinds[0].group must be an API group such as apps.kruise.io, without the version',
    'c.yaml:15:48: spec.repositories[0].restart.kinds[0].kind must be a kind such as CloneSet',
    'c.yaml:15:68: spec.repositories[0].restart.kinds[0].template must be keys joined by dots, such as spec.template',
  ]);
});
