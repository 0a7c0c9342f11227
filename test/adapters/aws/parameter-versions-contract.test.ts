import { createParameterVersions } from '../../../src/adapters/aws/parameter-versions.ts';
import { startParameterStore } from '../../../src/demo/aws/parameter-store-server.ts';
import { parameterVersionsContract } from '../../contracts/parameter-versions.ts';
import { WORLD_NOW } from '../../contracts/secret-versions.ts';
import { CREDENTIALS, LIMITS } from './aws-test-connection.ts';

parameterVersionsContract('Parameter Store adapter against the embedded server', async () => {
  let now = WORLD_NOW;
  const server = await startParameterStore({ now: () => now });
  const account = {
    id: '111122223333',
    regions: ['eu-west-1', 'us-east-1'],
    credentials: CREDENTIALS,
    endpoint: server.url,
  };
  const versions = createParameterVersions({ accounts: [account], limits: LIMITS, now: () => 0 });
  return {
    versions,
    put: (name) => void server.put(name),
    putLater: (name, seconds) => {
      now = WORLD_NOW + seconds * 1000;
      server.put(name);
    },
    remove: (name) => server.remove(name),
    deny: () => server.deny(),
    close: async () => {
      versions.close();
      await server.close();
    },
  };
});
