import { expect, test } from 'vitest';
import { awsError } from '../../src/demo/aws/aws-json.ts';
import type { FaultEffect } from '../../src/demo/faults.ts';
import { git } from '../../src/demo/git/git-cli.ts';
import { secondaryRateLimit } from '../../src/demo/github/rate-limits.ts';
import { waitUntil } from '../../src/demo/program-process.ts';
import { WORLD } from '../../src/demo/world.ts';
import { leaks } from './canaries.ts';
import { answer, DROP, DROP_AFTER } from './faulty-run.ts';
import { type Crowd, startCrowd } from './kill-loop/crowd.ts';
import { type RandomNumbers, randomNumbers } from './kill-loop/random-numbers.ts';
import { repositoryOf } from './manifests.ts';
import { changeBody, type Rotation, type Stage, startStage } from './stage.ts';
import { proposedOnce, traceOf } from './traces.ts';

const SECRETS = 50;
const WAVES = 4;
/** Deliveries of each event: EventBridge, a rule that fires twice, CloudTrail beside it, and more. */
const COPIES = 100;
const SHARE = 0.05;
const LONGEST_WAVE_MILLISECONDS = 400_000;

const EFFECTS: Readonly<Record<keyof Stage['world']['faults'], readonly FaultEffect[]>> = {
  sqs: [DROP, DROP_AFTER, awsError('InternalFailure', 500), awsError('OverLimit'), awsError('RequestThrottled')],
  secrets: [DROP, DROP_AFTER, awsError('InternalServiceError', 500), awsError('ThrottlingException')],
  git: [DROP, DROP_AFTER, answer(503), { kind: 'answer', status: 200, body: '<html>a proxy</html>' }],
  github: [DROP, DROP_AFTER, answer(500), answer(502), secondaryRateLimit(1)],
};

/** Until the queue is empty: time passes in small steps, and one of the replicas dies now and then. */
async function drain(stage: Stage, crowd: Crowd, random: RandomNumbers): Promise<number> {
  const { sqs } = stage.world;
  let kills = 0;
  let nextKill = Date.now() + 4000;
  await waitUntil(
    'the queue is empty',
    async () => {
      if (Date.now() > nextKill) {
        const which = Math.floor(random() * crowd.size);
        await crowd.kill(which);
        await crowd.replace(which);
        kills += 1;
        nextKill = Date.now() + 4000 + random() * 8000;
      }
      if (sqs.visible(WORLD.queue) === 0) sqs.advance(500);
      return sqs.bodies(WORLD.queue).length === 0;
    },
    LONGEST_WAVE_MILLISECONDS,
  );
  return kills;
}

/** Every secret moves on, and each event is delivered many times, mixed with those of the others. */
function wave(stage: Stage): readonly Rotation[] {
  const rotations = Array.from({ length: SECRETS }, (_, at) => stage.rotate(`prod/s${at}`));
  for (let copy = 1; copy < COPIES; copy += 1) {
    for (const { secret, version } of rotations) stage.world.sqs.send(WORLD.queue, changeBody(secret, version));
  }
  return rotations;
}

test('20,000 messages, two consumers, every twentieth request goes wrong, and either dies now and then', async () => {
  const begun = Date.now();
  const random = randomNumbers(20_000);
  const stage = await startStage(repositoryOf(Array.from({ length: SECRETS }, (_, at) => `prod/s${at}`)));
  try {
    const { sqs, faults, github, repository } = stage.world;
    const crowd = await startCrowd(stage, 2);
    for (const at of ['sqs', 'secrets', 'git', 'github'] as const) {
      faults[at].chance({ share: SHARE, effects: EFFECTS[at], random });
    }
    let kills = 0;
    let last: readonly Rotation[] = [];
    for (let number = 1; number <= WAVES; number += 1) {
      last = wave(stage);
      kills += await drain(stage, crowd, random);
    }
    for (const one of Object.values(faults)) one.clear();
    const traces = await Promise.all(last.map(async (rotation) => [rotation, await traceOf(stage, rotation)] as const));
    const pulls = await github.people(WORLD.repository).pulls();
    const branches = await git(repository.dir, ['for-each-ref', '--format=%(refname)', 'refs/heads/gitops-reloader/']);
    const table = {
      messages: SECRETS * WAVES * COPIES,
      lost: traces.filter(([, { commits }]) => commits === 0).length,
      doubled: pulls.length - SECRETS + traces.filter(([, { commits }]) => commits > 1).length,
      branches: branches.trim().split('\n').length,
      kills,
      requests: sqs.requests.length + stage.world.secrets.requests.length + stage.world.git.traffic.length,
      mostDeliveries: crowd.mostDeliveries(),
      seconds: Math.round((Date.now() - begun) / 1000),
    };
    process.stdout.write(
      `soak:\n${Object.entries(table)
        .map(([name, value]) => `  ${name.padEnd(16)}${value}\n`)
        .join('')}`,
    );
    expect(table).toMatchObject({ messages: 20_000, lost: 0, doubled: 0, branches: SECRETS });
    for (const [rotation, trace] of traces) expect(trace).toEqual(proposedOnce(rotation));
    expect(kills).toBeGreaterThan(5);
    expect(await crowd.stop()).toEqual([]);
    expect(await leaks(stage)).toEqual([]);
  } finally {
    await stage.close();
  }
}, 1_800_000);
