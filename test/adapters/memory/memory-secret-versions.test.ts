import { createMemorySecretVersions } from '../../../src/adapters/memory/memory-secret-versions.ts';
import type { SecretId } from '../../../src/domain/secret-id.ts';
import { parameterVersionsContract } from '../../contracts/parameter-versions.ts';
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
    replicate: (name, copies) => versions.replicate(secret(name, 'Ab3dEf'), copies),
    denyList: () => versions.denyList(),
    deny: (name) => versions.deny(secret(name, null)),
    remove: (name) => versions.remove(secret(name, null)),
    close: async () => {},
  };
});

parameterVersionsContract('in memory', async () => {
  let now = WORLD_NOW;
  const versions = createMemorySecretVersions(() => WORLD_NOW);
  const numbers = new Map<string, number>();
  const put = (name: string) => {
    numbers.set(name, (numbers.get(name) ?? 0) + 1);
    const version = `${numbers.get(name)}.${Math.floor(now / 1000)}`;
    versions.set({ secret: parameter(name), versions: new Map([['AWSCURRENT', version]]), deleted: false });
  };
  return {
    versions,
    put,
    putLater: (name, seconds) => {
      now = WORLD_NOW + seconds * 1000;
      put(name);
    },
    remove: (name) => {
      numbers.delete(name);
      versions.remove(parameter(name));
    },
    deny: (name) => versions.deny(parameter(name)),
    close: async () => {},
  };
});

function parameter(name: string): SecretId {
  return { ...secret(name, null), service: 'ssm' };
}

function secret(name: string, suffix: string | null): SecretId {
  return { service: 'secretsmanager', partition: 'aws', account: '111122223333', region: 'eu-west-1', name, suffix };
}
