import { expect, test } from 'vitest';
import { FORCE_SYNC, IGNORE, RESTART_DUE, SECRET_VERSIONS } from '../../src/domain/policy.ts';

test.each([FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS, IGNORE])('%s is a key that Kubernetes accepts', (key) => {
  const [name = '', prefix = null, ...more] = key.split('/').toReversed();
  expect(more).toEqual([]);
  expect(name).toMatch(/^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/);
  if (prefix !== null) expect(prefix).toMatch(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/);
});
