// What a measured process is configured with.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WORLD } from '../../dist/demo/world.js';

/** Good for every host of the bench. */
export const ENVIRONMENT = {
  AWS_ACCESS_KEY_ID: 'AKIADEMODEMODEMODEMO',
  AWS_SECRET_ACCESS_KEY: 'nobody',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
  GITHUB_TOKEN: 'token-of-the-bench',
};

/** Nobody listens there: what is asked of it fails at once. */
const NOWHERE = 'http://127.0.0.1:9';

/** Writes a configuration for one repository; returns its path. `places`: addresses of hosts; `more` is merged into `spec`. */
export async function writeConfig(folder, { url, places = {}, branch = {}, more = {} }) {
  const { sqs = NOWHERE, secrets = NOWHERE, github = NOWHERE } = places;
  const queueURL = `${sqs}/${WORLD.account}/${WORLD.queue}`;
  const config = {
    apiVersion: 'gitops-reloader.dev/v1alpha1',
    kind: 'Config',
    metadata: { name: 'bench' },
    spec: {
      notificationSources: [{ type: 'AwsSqs', awsSqs: { queueURL, region: WORLD.region } }],
      aws: {
        accounts: [{ id: WORLD.account, regions: [WORLD.region] }],
        endpoints: { sqs, secretsManager: secrets, parameterStore: NOWHERE },
      },
      repositories: [
        {
          name: 'platform',
          url,
          forge: { type: 'github', apiUrl: github, auth: { token: { env: 'GITHUB_TOKEN' } } },
          branches: [{ base: WORLD.base, order: 'refreshOnly', ...branch }],
          commit: { author: 'gitops-reloader <bot@acme.example>' },
          limits: { open: 'none', perHour: 'none' },
        },
      ],
      coalesce: { window: '0s', cap: '0s' },
      reconcile: { automatic: false },
      status: { host: '127.0.0.1', port: 0 },
      ...more,
    },
  };
  const file = join(folder, 'config.yaml');
  await writeFile(file, JSON.stringify(config));
  return file;
}
