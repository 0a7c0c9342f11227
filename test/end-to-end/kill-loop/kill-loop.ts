import { setTimeout as sleep } from 'node:timers/promises';
import { WORLD } from '../../../src/demo/world.ts';
import { leaks } from '../canaries.ts';
import { ALL_STEPS, PUSHING } from '../lanes.ts';
import { type Rotation, type Stage, startStage } from '../stage.ts';
import { type Crowd, startCrowd, type Transport } from './crowd.ts';
import { isAllMerged, repositoryFor, wrongInTheEnd } from './ending.ts';
import { mergeAll, untilAtRest } from './people.ts';
import { type RandomNumbers, randomNumbers } from './random-numbers.ts';

export interface KillLoop {
  /** Each is one version of a secret of its own, with an ExternalSecret and a Deployment. */
  readonly events: number;
  readonly kills: number;
  readonly replicas: number;
  readonly transport: Transport;
  /** Of the random numbers: when a process dies and which one, and which events are sent twice. */
  readonly seed: number;
  /** The longest life of a process after it has said `started`, in milliseconds. */
  readonly longestLife: number;
}

/** What happened, for people, and for assertions that the loop did what it is for. */
export interface Figures {
  readonly events: number;
  /** Events that were delivered twice by the queue itself. */
  readonly doubled: number;
  readonly kills: number;
  /** Where processes died, and how many there. */
  readonly deaths: Readonly<Record<string, number>>;
  readonly mostDeliveries: number;
  readonly pullRequests: number;
  readonly seconds: { readonly killing: number; readonly comingToRest: number };
}

export interface Ending {
  readonly figures: Figures;
  /** Everything that is not as it must be; empty when all is well. */
  readonly wrong: readonly string[];
}

/** Longer than every lease. */
const LEASE_MILLISECONDS = 31_000;
const LONGEST_DEATH_MILLISECONDS = 5000;
const LONGEST_TAIL_MILLISECONDS = 600_000;

/** Events come in while processes are killed and people merge; then everything may come to its end. */
export async function runKillLoop(loop: KillLoop): Promise<Ending> {
  const begun = Date.now();
  const stage = await startStage(repositoryFor(loop.events), { settle: '0s' });
  try {
    const random = randomNumbers(loop.seed);
    const crowd = await startCrowd(stage, loop.replicas, loop.transport);
    const sent: Rotation[] = [];
    const deaths: Record<string, number> = {};
    let doubled = 0;
    for (let kill = 1; kill <= loop.kills; kill += 1) {
      doubled += send(stage, sent, { until: Math.ceil((loop.events * kill) / loop.kills), random });
      const place = await killOne(stage, crowd, random, loop.longestLife);
      deaths[place] = (deaths[place] ?? 0) + 1;
      await mergeAll(stage);
    }
    const killedUntil = Date.now();
    await untilAtRest(stage, () => isAllMerged(stage, loop.events), LONGEST_TAIL_MILLISECONDS);
    const wrong = [...(await wrongInTheEnd(stage, sent)), ...(await crowd.stop()), ...(await leaks(stage))];
    const { events, kills } = loop;
    const { length: pullRequests } = await stage.world.github.people(WORLD.repository).pulls();
    const seconds = {
      killing: Math.round((killedUntil - begun) / 1000),
      comingToRest: Math.round((Date.now() - killedUntil) / 1000),
    };
    const mostDeliveries = crowd.mostDeliveries();
    return { figures: { events, doubled, kills, deaths, mostDeliveries, pullRequests, seconds }, wrong };
  } finally {
    await stage.close();
  }
}

/** Sends events until there are so many; how many of them the queue doubles. */
function send(
  stage: Stage,
  sent: Rotation[],
  { until, random }: { readonly until: number; readonly random: RandomNumbers },
): number {
  let doubled = 0;
  while (sent.length < until) {
    if (random() < 0.2) {
      stage.world.sqs.duplicateNext(WORLD.queue, 1);
      doubled += 1;
    }
    sent.push(stage.rotate(`prod/s${sent.length}`));
  }
  return doubled;
}

/**
 * Lets one process die, in a request that is then carried out or lost, or where no such request comes at a random moment;
 * its leases run out, and another takes its place. Says where it died.
 */
async function killOne(stage: Stage, crowd: Crowd, random: RandomNumbers, longestLife: number): Promise<string> {
  const { sqs, faults } = stage.world;
  const which = Math.floor(random() * crowd.size);
  const step = ALL_STEPS[Math.floor(random() * ALL_STEPS.length)] ?? PUSHING;
  const isLost = random() < 0.5;
  const [quiet, patience] = [random() * longestLife, random() * longestLife];
  const reached = new AbortController();
  const dead = new AbortController();
  await passing(quiet, reached.signal);
  const act = async () => {
    reached.abort();
    await passing(LONGEST_DEATH_MILLISECONDS, dead.signal);
    if (isLost) throw new Error('the request is lost');
  };
  faults[step.at].plan(step.operation, { kind: 'before', act });
  await passing(patience, reached.signal);
  const place = reached.signal.aborted ? `${step.name}${isLost ? ' (lost)' : ''}` : 'at a random moment';
  await crowd.kill(which);
  dead.abort();
  faults[step.at].clear();
  sqs.advance(LEASE_MILLISECONDS);
  await crowd.replace(which);
  return place;
}

/** Resolves after this time, or when `signal` is aborted. */
async function passing(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, null, { signal }).catch(() => undefined);
}
