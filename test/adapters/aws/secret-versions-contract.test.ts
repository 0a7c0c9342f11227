import { createSecretVersions } from '../../../src/adapters/aws/secret-versions.ts';
import { startSecretsManager } from '../../../src/demo/aws/secrets-manager-server.ts';
import { secretVersionsContract, WORLD_NOW } from '../../contracts/secret-versions.ts';
import { CREDENTIALS, LIMITS } from './aws-test-connection.ts';

secretVersionsContract('Secrets Manager adapter against the embedded server', async () => {
  const server = await startSecretsManager({ now: () => WORLD_NOW });
  const account = {
    id: '111122223333',
    regions: ['eu-west-1', 'us-east-1'],
    credentials: CREDENTIALS,
    endpoint: server.url,
  };
  const versions = createSecretVersions({ accounts: [account], limits: LIMITS, now: () => 0 });
  return {
    versions,
    put: ({ name, suffix, versions: labels, deleted = false, tags = {} }) => {
      server.put({ name, suffix, versions: labels, tags });
      if (deleted) server.scheduleDeletion(name);
    },
    replicate: (name, copies) => {
      for (const { region, status } of copies) {
        server.replicate(name, region);
        if (status !== 'InSync') server.holdReplica(name, region, status);
      }
    },
    deny: (name) => server.deny(name),
    denyList: () => server.denyList(),
    remove: (name) => server.remove(name),
    close: async () => {
      versions.close();
      await server.close();
    },
  };
});
