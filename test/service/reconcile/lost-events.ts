import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { deployment, externalSecret, STORE } from '../manifests.ts';
import { createWorld, MAIN, refOf, secretId, type World } from '../memory-world.ts';
import { versionsAt } from '../team-world.ts';
import { reconcile } from './reconcile-world.ts';

const NAME = 'prod/payments/db';

interface Described {
  readonly VersionIdsToStages: Readonly<Record<string, readonly string[]>>;
}

interface Sequence {
  readonly events: readonly unknown[];
  readonly describeSecretAfterAll: Described & {
    readonly responses?: readonly Described[];
    readonly byArn?: Readonly<Record<string, Described['VersionIdsToStages']>>;
  };
  readonly lastCommittedVersionId: string;
}

function read(file: string): Sequence {
  return JSON.parse(readFileSync(`fixtures/events/seq_${file}.json`, 'utf8')) as Sequence;
}

function worldAt(committed: string): World {
  const manifest = externalSecret('db', [NAME]).replace(
    '  namespace: app\n',
    `  namespace: app\n  annotations:\n    force-sync: "${NAME}=${committed}@2026-03-01T00:00:00Z"\n`,
  );
  return createWorld({ files: { 'store.yaml': STORE, 'db.yaml': manifest, 'app.yaml': deployment('app', 'db') } });
}

/** AWS as it is when all has happened. */
function tellAws(world: World, { describeSecretAfterAll: told }: Sequence): void {
  const stages =
    told.responses?.at(-1)?.VersionIdsToStages ??
    told.byArn?.[`arn:aws:secretsmanager:eu-west-1:111122223333:secret:${NAME}-Ab3dEf`] ??
    told.VersionIdsToStages;
  const versions = new Map(
    Object.entries(stages).flatMap(([id, labels]) => labels.map((label) => [label, id] as const)),
  );
  world.secrets.set({ secret: secretId(NAME), versions, deleted: false });
}

/** The version that the repository has or is to have. */
async function versionOf(world: World): Promise<string | undefined> {
  const [pull] = await world.open();
  return versionsAt(world, pull === undefined ? MAIN : refOf(pull), 'db')[NAME];
}

async function deliver(world: World, events: readonly unknown[]): Promise<void> {
  for (const event of events) world.inbox.send(JSON.stringify(event));
  await world.drain();
}

/** Which of the events arrive, one after the other. */
type Subsets = (events: readonly unknown[]) => readonly (readonly unknown[])[];

export const SEQUENCES = [
  'lambda_rotation_in_order',
  'lambda_rotation_reversed',
  'lambda_rotation_duplicates',
  'two_quick_updates',
  'delete_and_recreate',
  'eventual_consistency',
  'idempotent_put_no_change',
  'metadata_noise_only',
  'rollback_after_rotation',
  'same_name_other_account_and_region',
] as const;

/** Whatever is lost of a sequence, reconcile ends where all of it would have ended; what comes late changes nothing. */
export async function checkLosses(file: string, subsets: Subsets): Promise<void> {
  const sequence = read(file);
  const whole = worldAt(sequence.lastCommittedVersionId);
  tellAws(whole, sequence);
  await deliver(whole, sequence.events);
  const expected = await versionOf(whole);
  for (const left of subsets(sequence.events)) {
    const world = worldAt(sequence.lastCommittedVersionId);
    tellAws(world, sequence);
    await deliver(world, left);
    const report = await reconcile(world);
    expect([left.length, await versionOf(world)]).toEqual([left.length, expected]);
    expect([report.troubles, report.withoutBaseline]).toEqual([[], 0]);
    const before = (await world.forge.pulls()).map(({ number, state, head }) => [number, state, head]);
    await deliver(world, sequence.events);
    const after = (await world.forge.pulls()).map(({ number, state, head }) => [number, state, head]);
    expect([await versionOf(world), after]).toEqual([expected, before]);
  }
}
