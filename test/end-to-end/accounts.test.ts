import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labelUpdated } from '../../src/demo/aws/rotation-events.ts';
import { type StsServer, startSts } from '../../src/demo/aws/sts-server.ts';
import { WORLD } from '../../src/demo/world.ts';
import { leaks } from './canaries.ts';
import { externalSecret, STORE } from './manifests.ts';
import { type Rotation, type Stage, startStage } from './stage.ts';
import { proposedOnce, traceOf, untilDeleted, untilHandled } from './traces.ts';
import { type } from './typed.ts';

const { account: HERE, region: REGION } = WORLD;
const THERE = '444455556666';
const SECRET = 'prod/db';
const roleOf = (account: string) => `arn:aws:iam::${account}:role/describe`;

/** A store that names the role of a stranger, and one that the configuration binds. */
const HOSTILE = STORE.replace('name: aws', 'name: hostile').replace(
  'region: eu-west-1}',
  'region: eu-west-1, role: "arn:aws:iam::999999999999:role/steal", externalID: mine, auth: {jwt: {serviceAccountRef: {name: x}}}}',
);
const through = (name: string, store: string) => externalSecret(name, SECRET).replace('name: aws}', `name: ${store}}`);
const FILES = new Map([
  ['stores/aws.yaml', STORE],
  ['stores/hostile.yaml', HOSTILE],
  ['apps/here.yaml', through('here', 'aws')],
  ['apps/there.yaml', through('there', 'bound')],
  ['apps/strange.yaml', through('strange', 'hostile')],
]);

let stage: Stage;
let sts: StsServer;
beforeAll(async () => {
  [stage, sts] = await Promise.all([startStage(FILES), startSts()]);
  sts.trust(roleOf(THERE), 'acme');
});
afterAll(async () => {
  await stage.close();
  await sts.close();
});

/** Two accounts, each with its role, and a binding for each store; `truth` as in `spec.aws`. */
function spec(truth: 'describe' | 'event') {
  const written = JSON.parse(stage.world.config()) as {
    readonly spec: { readonly aws: { readonly endpoints: object }; readonly repositories: readonly object[] };
  };
  const bind = (name: string, account: string) => ({ kind: 'ClusterSecretStore', name, account, region: REGION });
  const [repository] = written.spec.repositories;
  return {
    aws: {
      accounts: [
        { id: HERE, regions: [REGION], role: roleOf(HERE) },
        { id: THERE, regions: [REGION], role: roleOf(THERE), externalId: 'acme' },
      ],
      endpoints: { ...written.spec.aws.endpoints, sts: sts.url },
      truth,
    },
    repositories: [
      { ...repository, name: 'unbound', url: stage.world.repository.url.replace('platform-gitops', 'other') },
      { ...repository, stores: [bind('aws', HERE), bind('bound', THERE)] },
    ].slice(truth === 'event' ? 0 : 1),
  };
}

function rotate(account: string): Rotation {
  const version = randomUUID();
  const place = { account, region: REGION, name: SECRET, suffix: 'Ab3dEf' };
  stage.world.secrets.at(account, REGION).put({ ...place, versions: { AWSCURRENT: version } });
  const messageId = stage.world.sqs.send(WORLD.queue, JSON.stringify(labelUpdated(place, version)));
  return { secret: SECRET, version, messageId };
}

test('one name in two accounts: each is described by its own role, and has a pull request of its own', async () => {
  const program = await stage.run(spec('describe'));
  const rotations = [rotate(HERE), rotate(THERE)];
  for (const rotation of rotations) {
    await untilDeleted(stage, rotation);
    expect(await traceOf(stage, rotation)).toEqual(proposedOnce(rotation));
  }
  const branches = await Promise.all(rotations.map((one) => untilHandled(program, one)));
  expect(new Set(branches.map(({ branch }) => branch)).size).toBe(2);
  const pulls = await stage.world.github.people(WORLD.repository).pulls();
  expect(pulls.map(({ title }) => title).toSorted()).toEqual([
    `Refresh ${HERE}:${REGION}:${SECRET}`,
    `Refresh ${THERE}:${REGION}:${SECRET}`,
  ]);
  expect(pulls.map(({ body }) => /apps\/(\w+)\.yaml/.exec(body)?.[1] ?? '').toSorted()).toEqual(['here', 'there']);
  expect(sts.sessions.map(({ role, externalId }) => `${role} ${externalId ?? '-'}`).toSorted()).toEqual([
    `${roleOf(HERE)} -`,
    `${roleOf(THERE)} acme`,
  ]);
  expect(new Set(stage.world.secrets.requests.map(({ account }) => account))).toEqual(new Set([HERE, THERE]));
  program.signal('SIGTERM');
  expect(await leaks(stage)).toEqual([]);
});

test('a plan on a checkout has the bindings of the repository that is named', async () => {
  const config = await stage.file('event.yaml', stage.world.config(spec('event')));
  const repo = join(stage.folder, 'checkout');
  for (const [path, text] of FILES) {
    await mkdir(join(repo, path, '..'), { recursive: true });
    await writeFile(join(repo, path), text);
  }
  const asked = ['--secret', SECRET, '--account', THERE, '--region', REGION, '--version', randomUUID(), '--json'];
  const plan = (...args: readonly string[]) => type('plan', '--repo', repo, '--config', config, ...asked, ...args);
  const { out } = await plan('--repository', 'platform');
  const edits = (JSON.parse(out) as { readonly edits: readonly { readonly name: string; readonly reason: string }[] })
    .edits;
  expect(edits.map(({ name }) => name)).toEqual(['there']);
  expect(edits[0]?.reason).toContain(
    `spec.repositories[].stores puts ClusterSecretStore bound in account ${THERE}, region ${REGION}.`,
  );
  const unbound = await plan('--repository', 'unbound');
  expect(unbound.out).toContain('Add {kind: ClusterSecretStore, name: bound, account: …, region: …} to spec.repos');
  expect(await plan()).toMatchObject({
    code: 2,
    out: '',
    notes: expect.stringContaining('a checkout does not tell which of 2 configured repositories it is'),
  });
  expect(await plan('--repository', 'nowhere')).toMatchObject({
    code: 2,
    notes: expect.stringContaining('unbound, platform'),
  });
});
