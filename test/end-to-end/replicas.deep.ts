import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { git } from '../../src/demo/git/git-cli.ts';
import { type ProgramProcess, waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { DROP } from './faulty-run.ts';
import { mergeAll } from './kill-loop/people.ts';
import { externalSecret, repositoryOf, STORE } from './manifests.ts';
import { changeBody, type Rotation, type Stage, startStage } from './stage.ts';
import { LONGEST_WAIT_MILLISECONDS, logOf, proposedOnce, traceOf, untilHandled } from './traces.ts';

const QUEUES = ['left', 'right'] as const;
type Queue = (typeof QUEUES)[number];
const SECRETS = ['prod/a', 'prod/b', 'prod/c', 'prod/d', 'prod/e', 'prod/f'];
const MANIFEST = 'apps/all.yaml';
const PUSH = /^POST git-receive-pack$/;

/** One ExternalSecret that fetches all of these secrets: they are one group. */
function allTogether(): string {
  const [first = '', ...others] = SECRETS;
  const more = others.map((key, at) => `    - secretKey: k${at}\n      remoteRef: {key: ${key}}\n`);
  return `${externalSecret('all', first)}${more.join('')}`;
}

/** A replica for each queue, so that nobody but one of them gets an event. */
interface Pair {
  readonly stage: Stage;
  start(queue: Queue): Promise<ProgramProcess>;
  /** A new version becomes current; only this queue is told, where one is named. */
  rotate(secret: string, queue: Queue | null): string;
  untilEmpty(queue: Queue): Promise<void>;
}

async function startPair(): Promise<Pair> {
  const files = new Map([
    ['stores/aws.yaml', STORE],
    [MANIFEST, allTogether()],
  ]);
  const stage = await startStage(files);
  const { sqs, secrets } = stage.world;
  const urls = new Map(QUEUES.map((name) => [name, sqs.createQueue(name, { visibilityTimeout: 30 })]));
  for (const name of SECRETS) secrets.put({ name, suffix: 'Ab3dEf' });
  for (const name of SECRETS) secrets.putVersion(name, randomUUID());
  return {
    stage,
    start: (queue) => {
      const awsSqs = { queueURL: urls.get(queue), region: WORLD.region, waitTimeSeconds: 1, visibilityTimeout: 30 };
      const sweep = { interval: '500ms' };
      return stage.run({ notificationSources: [{ type: 'AwsSqs', awsSqs }], sweep });
    },
    rotate: (secret, queue) => {
      const version = randomUUID();
      secrets.putVersion(secret, version);
      if (queue !== null) sqs.send(queue, changeBody(secret, version));
      return version;
    },
    untilEmpty: (queue) =>
      waitUntil(
        `the queue ${queue} is empty`,
        () => {
          if (sqs.visible(queue) === 0) sqs.advance(500);
          return sqs.bodies(queue).length === 0;
        },
        LONGEST_WAIT_MILLISECONDS,
      ),
  };
}

/** `force-sync` of the one object on a ref, as versions by secret. */
async function versionsAt({ world }: Stage, ref: string): Promise<Readonly<Record<string, string>>> {
  const text = await git(world.repository.dir, ['show', `${ref}:${MANIFEST}`]);
  const entries = [...text.matchAll(/(prod\/\w)=([0-9a-f-]{36})@/g)];
  return Object.fromEntries(entries.map(([, secret = '', version = '']) => [secret, version]));
}

async function ownBranches({ world }: Stage): Promise<readonly string[]> {
  const refs = await git(world.repository.dir, ['for-each-ref', '--format=%(refname)', 'refs/heads/gitops-reloader/']);
  return refs.split('\n').filter((name) => name !== '');
}

/** The next push waits until `release` is called; `reached` resolves when it has come. */
function holdNextPush({ world }: Stage): { readonly reached: () => Promise<void>; readonly release: () => void } {
  let state: 'away' | 'held' | 'free' = 'away';
  const act = async () => {
    state = 'held';
    await waitUntil('the push is released', () => state === 'free', 60_000);
  };
  world.faults.git.plan(PUSH, { kind: 'before', act });
  return {
    reached: () => waitUntil('a push is held', () => state === 'held'),
    release: () => {
      state = 'free';
    },
  };
}

test('two replicas, each given half of the events of one group: the branch holds all of them', async () => {
  const pair = await startPair();
  const { stage } = pair;
  try {
    await Promise.all(QUEUES.map((queue) => pair.start(queue)));
    const wanted: Record<string, string> = {};
    for (const queue of QUEUES) stage.world.sqs.duplicateNext(queue, 2);
    for (const [at, secret] of SECRETS.entries()) wanted[secret] = pair.rotate(secret, QUEUES[at % 2] ?? 'left');
    for (const queue of QUEUES) await pair.untilEmpty(queue);
    const [branch = '', ...others] = await ownBranches(stage);
    expect(others).toEqual([]);
    expect(await versionsAt(stage, branch)).toEqual(wanted);
    expect(await git(stage.world.repository.dir, ['rev-list', '--count', `${WORLD.base}..${branch}`])).toBe('1\n');
    const pulls = await stage.world.github.people(WORLD.repository).pulls();
    expect(pulls.map(({ state }) => state)).toEqual(['open']);
  } finally {
    await stage.close();
  }
});

test.each(['open', 'merged and gone'] as const)(
  'a replica is stalled with an old answer while another proposes a newer one, which is %s: no downgrade',
  async (newer) => {
    const pair = await startPair();
    const { stage } = pair;
    try {
      const stalled = await pair.start('left');
      const push = holdNextPush(stage);
      const old = pair.rotate('prod/a', 'left');
      await push.reached();
      const current = pair.rotate('prod/a', 'right');
      const quick = await pair.start('right');
      await pair.untilEmpty('right');
      if (newer !== 'open') {
        await mergeAll(stage);
        for (const branch of await ownBranches(stage))
          await git(stage.world.repository.dir, ['update-ref', '-d', branch]);
      }
      push.release();
      await pair.untilEmpty('left');
      const pulls = await stage.world.github.people(WORLD.repository).pulls();
      expect(pulls.map(({ state }) => state)).toEqual([newer === 'open' ? 'open' : 'closed']);
      expect(pulls.filter(({ body }) => body.includes(old))).toEqual([]);
      if (newer !== 'open')
        await waitUntil(
          'what it pushed too late is gone',
          async () => (await ownBranches(stage)).length === 0,
          LONGEST_WAIT_MILLISECONDS,
        );
      await mergeAll(stage);
      expect((await versionsAt(stage, WORLD.base))['prod/a']).toBe(current);
      expect(logOf(stalled).some(({ msg }) => msg === 'begin again')).toBe(true);
      for (const one of [stalled, quick]) one.signal('SIGTERM');
      expect(await Promise.all([stalled, quick].map(async ({ exit }) => (await exit).code))).toEqual([0, 0]);
    } finally {
      await stage.close();
    }
  },
);

let here: Stage;
let there: Stage;
beforeAll(async () => {
  const files = repositoryOf(Array.from({ length: 12 }, (_, at) => `prod/s${at}`));
  [here, there] = await Promise.all([startStage(files), startStage(files)]);
});
afterAll(() => Promise.all([here.close(), there.close()]));

test('a repository that is down for the whole run: the other is served, its messages come back and are served when it is up', async () => {
  const written = JSON.parse(here.world.config()) as { readonly spec: { readonly repositories: readonly object[] } };
  const other = {
    ...written.spec.repositories[0],
    name: 'other',
    url: there.world.repository.url,
    forge: { type: 'github', apiUrl: there.world.github.url, auth: { token: { env: 'GITHUB_TOKEN' } } },
  };
  const { sqs } = here.world;
  there.world.faults.git.plan(/./, DROP, Number.POSITIVE_INFINITY);
  const program = await here.run({ repositories: [...written.spec.repositories, other] });
  const rotations: Rotation[] = [];
  for (let at = 0; at < 12; at += 1) {
    const rotation = here.rotate(`prod/s${at}`);
    rotations.push(rotation);
    await untilHandled(program, rotation, 2);
    expect(await traceOf(here, rotation)).toEqual({ ...proposedOnce(rotation), waiting: true });
    // Back-offs pass, so that it is tried again and again.
    sqs.advance(60_000);
  }
  expect(sqs.bodies(WORLD.queue)).toHaveLength(12);
  expect(await there.world.github.people(WORLD.repository).pulls()).toEqual([]);
  there.world.faults.git.clear();
  await waitUntil(
    'every message is deleted',
    () => {
      if (sqs.visible(WORLD.queue) === 0) sqs.advance(1000);
      return sqs.bodies(WORLD.queue).length === 0;
    },
    180_000,
  );
  for (const rotation of rotations) {
    expect(await traceOf(here, rotation)).toEqual(proposedOnce(rotation));
    expect(await traceOf(there, rotation)).toEqual(proposedOnce(rotation));
  }
  program.signal('SIGTERM');
  expect((await program.exit).code).toBe(0);
});
