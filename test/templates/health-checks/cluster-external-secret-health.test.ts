import { expect, test } from 'vitest';
import { runLua } from './run-lua.ts';
import { luaOf } from './shipped-checks.ts';

function check(status: object | undefined, expected: string): void {
  const object = { metadata: { annotations: { 'external-secrets.io/force-sync': 'x' } }, spec: {}, status };
  expect(runLua(luaOf('ClusterExternalSecret'), object, 'closed').status).toBe(expected);
}

const READY = [{ type: 'Ready', status: 'True' }];

test('it tells whether its ExternalSecrets could be made, without any library', () => {
  check(undefined, 'Progressing');
  check({}, 'Progressing');
  check({ conditions: [] }, 'Progressing');
  check({ conditions: [{ type: 'Ready', status: 'Unknown' }] }, 'Progressing');
  check({ conditions: READY, provisionedNamespaces: ['a'] }, 'Healthy');
  check({ conditions: READY, failedNamespaces: [] }, 'Healthy');
  check({ conditions: [{ type: 'Ready', status: 'False', message: 'no' }] }, 'Degraded');
  check({ conditions: READY, failedNamespaces: [{ namespace: 'a', reason: 'no' }] }, 'Degraded');
});
