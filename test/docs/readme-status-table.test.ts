import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SECRET_STATES } from '../../src/plan/report/secrets/secret-state.ts';
import { readStatus } from '../../src/service/report/status.ts';
import { secretsTable } from '../../src/words/secrets-table.ts';
import { deployment, externalSecret, STORE } from '../service/manifests.ts';
import { createWorld, secretId, type World } from '../service/memory-world.ts';
import { HOW } from '../service/report/look-world.ts';
import { codes, tableRows } from './markdown.ts';

const OLD = '4d383ea9-084a-49c9-8722-cbfb0f25c456';
const NEW = '9c2e41f0-6b1d-4f6e-a1a7-2f0f6c0a5d11';
const FEW = '71f3ab52-0c9e-4a67-b7f1-8d0e4c2a9b36';

const FILES = {
  'store.yaml': STORE,
  'db.yaml': externalSecret('db', ['prod/payments/db']),
  'api.yaml': deployment('api', 'db'),
  'ledger.yaml': externalSecret('ledger', ['prod/payments/db'], '  refreshPolicy: CreatedOnce\n'),
  'stripe.yaml': externalSecret('stripe', ['prod/payments/stripe']),
  'mail.yaml': externalSecret('mail', ['prod/mail/smtp']),
  'cdn.yaml': externalSecret('cdn', ['prod/cdn/key']),
  'gone.yaml': externalSecret('gone', ['prod/reports/s3']),
  'search.yaml': externalSecret('search', ['prod/search/api-key']),
};

async function handled(world: World, name: string, version: string): Promise<void> {
  world.rotate(name, version);
  world.tell(name, version);
  await world.drain();
}

test('the table of status is as it is shown', async () => {
  const world = createWorld({ files: FILES });
  for (const name of ['prod/payments/db', 'prod/payments/stripe', 'prod/mail/smtp', 'prod/cdn/key']) {
    world.rotate(name, OLD);
  }
  world.rotate('prod/search/api-key', FEW);
  await handled(world, 'prod/payments/db', NEW);
  await world.merge(1, 'delete');
  await handled(world, 'prod/payments/stripe', NEW);
  await handled(world, 'prod/mail/smtp', NEW);
  await world.forge.closeAs(3, 'person');
  world.secrets.set({ secret: secretId('prod/cdn/key'), versions: new Map([['AWSCURRENT', OLD]]), deleted: true });
  const shown = /<!-- table-output -->\n\n```text\n([\s\S]*?)```/.exec(readFileSync('README.md', 'utf8'))?.[1];
  const made = secretsTable(await readStatus([world.start().served], HOW)).replace(
    / {2}at [0-9a-f]{12}/,
    '  at 0123456789ab',
  );
  expect(made).toBe(shown);
});

test('every state of a secret, and no other', () => {
  const rows = tableRows('README.md', '| State | The secret |');
  expect(rows.flatMap(([state = '']) => codes(state))).toEqual([...SECRET_STATES]);
});
