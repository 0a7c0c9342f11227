import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { startSts } from '../../src/demo/aws/sts-server.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { deployment, externalSecret, STORE } from './manifests.ts';
import { type Stage, startStage } from './stage.ts';
import { changedLines } from './traces.ts';

/**
 * The sample sequences of events, through the built program and the embedded world: whatever arrives, in whatever order and
 * however often, ends where AWS ended.
 */
const NAME = 'prod/payments/db';
const OTHER = '444455556666';

interface Described {
  readonly ARN: string;
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

interface Written {
  readonly spec: { readonly aws: { readonly endpoints: object }; readonly repositories: readonly object[] };
}

const [FIRST, SECOND, THIRD] = [1, 2, 3].map(
  (number) =>
    `0a1b2c3d-${String(number).repeat(4)}-4${String(number).repeat(3)}-8${String(number).repeat(3)}-00000000000${number}`,
);

test.each([
  ['lambda_rotation_in_order', [SECOND]],
  ['lambda_rotation_reversed', [SECOND]],
  ['lambda_rotation_duplicates', [SECOND]],
  ['two_quick_updates', [THIRD]],
  ['delete_and_recreate', [THIRD]],
  ['eventual_consistency', [SECOND]],
  ['idempotent_put_no_change', []],
  ['metadata_noise_only', []],
  ['rollback_after_rotation', []],
] as const)('seq_%s', async (file, versions) => {
  const sequence = read(file);
  const stage = await stageAt(sequence.lastCommittedVersionId);
  tellAws(stage, sequence);
  for (const event of sequence.events) stage.world.sqs.send(WORLD.queue, JSON.stringify(event));
  await stage.run();
  await untilQuiet(stage);
  expect(await proposedLines(stage)).toEqual(
    versions.flatMap((version) => [
      `-    force-sync: "${NAME}=${sequence.lastCommittedVersionId}@2026-03-01T00:00:00Z"`,
      expect.stringContaining(`+    force-sync: "${NAME}=${version}@`) as string,
      '+  annotations:',
      expect.stringMatching(/^\+ {4}gitops-reloader\.dev\/restart-due: "db=[0-9a-f]{12}"$/) as string,
    ]),
  );
  const pulls = await stage.world.github.people(WORLD.repository).pulls();
  expect(pulls.map(({ state }) => state)).toEqual(versions.map(() => 'open'));
});

test('seq_rollback_after_rotation, merged in between: the rollback is proposed as a bump of its own', async () => {
  const rotated = read('lambda_rotation_in_order');
  const { events, lastCommittedVersionId } = read('rollback_after_rotation');
  const stage = await stageAt(lastCommittedVersionId);
  const { sqs, secrets, github } = stage.world;
  tellAws(stage, rotated);
  for (const event of events.slice(0, rotated.events.length)) sqs.send(WORLD.queue, JSON.stringify(event));
  await stage.run();
  await untilQuiet(stage);
  const people = github.people(WORLD.repository);
  await people.mergeAs(1, { login: 'ada', type: 'User' }, 'merge');
  secrets.moveLabel(NAME, 'AWSCURRENT', lastCommittedVersionId);
  for (const event of events.slice(rotated.events.length)) sqs.send(WORLD.queue, JSON.stringify(event));
  await untilQuiet(stage);
  expect(
    (await people.pulls()).map(({ number, mergedAt, state }) => [number, mergedAt === null ? state : 'merged']),
  ).toEqual([
    [1, 'merged'],
    [2, 'open'],
  ]);
  expect((await proposedLines(stage)).slice(0, 2)).toEqual([
    expect.stringContaining(`-    force-sync: "${NAME}=${SECOND}@`),
    expect.stringContaining(`+    force-sync: "${NAME}=${FIRST}@`),
  ]);
});

test('seq_same_name_other_account_and_region: three secrets, each with a pull request of its own', async () => {
  const { events, describeSecretAfterAll } = read('same_name_other_account_and_region');
  const places = Object.entries(describeSecretAfterAll.byArn ?? {}).map(([arn, stages]) => {
    const [, , , region = '', account = ''] = arn.split(':');
    return { arn, region, account, name: `${account}-${region}`, version: Object.keys(stages)[0] ?? '' };
  });
  const stage = await startStage(new Map(places.map(({ name }) => [`apps/${name}.yaml`, through(name)] as const)));
  const sts = await startSts();
  onTestFinished(() => stage.close());
  onTestFinished(() => sts.close());
  const { secrets, sqs, repository } = stage.world;
  for (const { account, region, arn, version } of places) {
    secrets.at(account, region).put({ name: NAME, suffix: arn.slice(-6), versions: { AWSCURRENT: version } });
  }
  for (const event of events) sqs.send(WORLD.queue, JSON.stringify(event));
  const written = JSON.parse(stage.world.config()) as Written;
  await stage.run({
    aws: {
      accounts: [WORLD.account, OTHER].map((id) => ({ id, regions: ['eu-west-1', 'us-east-1'], role: roleOf(id) })),
      endpoints: { ...written.spec.aws.endpoints, sts: sts.url },
    },
    repositories: written.spec.repositories.map((one) => ({
      ...one,
      stores: places.map(({ name, account, region }) => ({ kind: 'ClusterSecretStore', name, account, region })),
    })),
  });
  await untilQuiet(stage);
  const own = ['--glob=refs/heads/gitops-reloader/*', '--not', WORLD.base];
  const commits = (await git(repository.dir, ['log', '--format=%H', ...own])).split('\n').filter((line) => line !== '');
  const changes = await Promise.all(commits.map((one) => git(repository.dir, ['show', '--format=', '-U0', one])));
  const moved = changes.map((patch) => /apps\/([\w-]*)\.yaml[^]*=([0-9a-f-]{36})@/.exec(patch)?.slice(1).join(' '));
  expect(new Set(moved)).toEqual(new Set(places.map(({ name, version }) => `${name} ${version}`)));
  expect(commits).toHaveLength(places.length);
  expect((await stage.world.github.people(WORLD.repository).pulls()).map(({ state }) => state)).toEqual([
    'open',
    'open',
    'open',
  ]);
});

function through(store: string): string {
  return externalSecret(store, NAME).replace('name: aws}', `name: ${store}}`);
}

function roleOf(account: string): string {
  return `arn:aws:iam::${account}:role/describe`;
}

function read(file: string): Sequence {
  return JSON.parse(readFileSync(`fixtures/events/seq_${file}.json`, 'utf8')) as Sequence;
}

/** A repository whose one ExternalSecret is at `committed`, and a Deployment that reads what it writes. */
async function stageAt(committed: string): Promise<Stage> {
  const known = externalSecret('db', NAME).replace(
    '  namespace: apps\n',
    `  namespace: apps\n  annotations:\n    force-sync: "${NAME}=${committed}@2026-03-01T00:00:00Z"\n`,
  );
  const files = { 'stores/aws.yaml': STORE, 'apps/db.yaml': known, 'apps/z-app.yaml': deployment('app', 'db') };
  const stage = await startStage(new Map(Object.entries(files)));
  onTestFinished(() => stage.close());
  return stage;
}

/** What DescribeSecret answers: the last answer, after one of each that came before. */
function tellAws({ world: { secrets } }: Stage, { describeSecretAfterAll: last }: Sequence): void {
  const answers = last.responses ?? [last];
  for (const [at, { ARN, VersionIdsToStages }] of answers.entries()) {
    const stages = Object.entries(VersionIdsToStages);
    const versions = Object.fromEntries(stages.flatMap(([id, labels]) => labels.map((label) => [label, id])));
    secrets.put({ name: NAME, suffix: ARN.slice(-6), versions });
    if (at < answers.length - 1) secrets.lag(NAME, 1);
  }
}

/** Until every message has been deleted. */
async function untilQuiet({ world: { sqs } }: Stage): Promise<void> {
  await waitUntil('every message is deleted', () => sqs.bodies(WORLD.queue).length === 0, 60_000);
}

/** What the own branches would change on the base, line by line; one commit at most. */
async function proposedLines({ world: { repository } }: Stage): Promise<readonly string[]> {
  const heads = await git(repository.dir, ['for-each-ref', '--format=%(refname)', 'refs/heads/gitops-reloader/']);
  const branches = heads.split('\n').filter((line) => line !== '');
  const open = await Promise.all(
    branches.map(async (branch) => ({
      commits: Number(await git(repository.dir, ['rev-list', '--count', `${WORLD.base}..${branch}`])),
      lines: changedLines(await git(repository.dir, ['diff', '--unified=0', `${WORLD.base}...${branch}`])),
    })),
  );
  const proposed = open.filter(({ commits }) => commits > 0);
  expect(proposed.map(({ commits }) => commits)).toEqual(proposed.map(() => 1));
  return proposed.flatMap(({ lines }) => lines);
}
