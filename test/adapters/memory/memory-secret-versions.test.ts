import { createMemorySecretVersions } from '../../../src/adapters/memory/memory-secret-versions.ts';
import type { SecretId } from '../../../src/domain/secret-id.ts';
import { secretVersionsContract, WORLD_NOW } from '../../contracts/secret-versions.ts';

secretVersionsContract('in memory', async () => {
  const versions = createMemorySecretVersions(() => WORLD_NOW);
  return {
    versions,
    put: ({ name, suffix, versions: labels, deleted = false, tags = {} }) =>
      versions.set({
        secret: secret(name, suffix),
        versions: new Map(Object.entries(labels)),
        deleted,
        tags: new Map(Object.entries(tags)),
      }),
    denyList: () => versions.denyList(),
    deny: (name) => versions.deny(secret(name, null)),
    remove: (name) => versions.remove(secret(name, null)),
    close: async () => {},
  };
});

function secret(name: string, suffix: string | null): SecretId {
  return { service: 'secretsmanager', partition: 'aws', account: '111122223333', region: 'eu-west-1', name, suffix };
}
