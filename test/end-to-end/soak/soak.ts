import { ACCOUNT, REGION, version } from '../../service/manifests.ts';
import { START } from '../../service/memory-world.ts';
import { type Layout, violations } from '../../service/team-world.ts';
import type { RandomNumbers } from '../kill-loop/random-numbers.ts';
import { judgeHistory } from './branch-history.ts';
import { type Consumers, startConsumers } from './consumers.ts';
import { DEAD_LETTERS, never, openSoakWorld, QUEUE, type SoakWorld } from './soak-world.ts';

export interface SoakPlan {
  readonly seed: number;
  readonly messages: number;
  readonly kills: number;
  /** By the clock on the wall, and of this process alone: how much else the machine has to do says nothing of the soak. */
  readonly longestSeconds: number;
  readonly mostWorkSeconds: number;
}

export type Table = Readonly<Record<string, number>>;

export interface SoakResult {
  readonly table: Table;
  /** What is wrong at the end. */
  readonly wrong: readonly string[];
}

const SECRETS = 40;
const LAYOUT: Layout = Object.fromEntries(Array.from({ length: SECRETS }, (_, at) => [`es${at}`, [`s${at}`]]));
/** Events of one rotation. A secret moves every few minutes: one that moves faster than AWS shows it is another test's matter. */
const COPIES = 50;
const ROTATIONS_AT_ONCE = 2;
const IGNORED_SHARE = 0.02;

/** What was sent: the events that ask for something, and the newest version of each secret. */
interface Sent {
  readonly ids: string[];
  readonly newest: Map<string, string>;
  messages: number;
}

/** Sends messages for hours, kills consumers in the middle, and looks at what is there when the queue is empty. */
export async function soak(plan: SoakPlan): Promise<SoakResult> {
  const begun = performance.now();
  const before = process.cpuUsage();
  const seconds = () => Math.round((performance.now() - begun) / 100) / 10;
  const sent: Sent = { ids: [], newest: new Map(), messages: 0 };
  const check = (world: SoakWorld) => {
    const worked = (process.cpuUsage(before).user + process.cpuUsage(before).system) / 1e6;
    if (seconds() < plan.longestSeconds && worked < plan.mostWorkSeconds) return;
    throw new Error(`the soak comes to no end: ${seconds()} s, ${worked} s of work; ${standing(world, sent)}`);
  };
  const world = await openSoakWorld({ seed: plan.seed, layout: LAYOUT, check });
  try {
    const consumers = startConsumers(world);
    const work = handleAll(world, plan, { sent, consumers });
    await world.time.run(Promise.all([work, passTime(world, work)]));
    const branches = await judgeHistory(world, consumers.mishaps);
    const wrong = [...(await whatIsWrong(world, sent)), ...branches.wrong];
    const table = { ...tableOf(world, consumers, sent), 'take-overs': branches.takeOvers, seconds: seconds() };
    return { table: { ...table, 'messages per second': Math.round(sent.messages / seconds()) }, wrong };
  } finally {
    await world.sqs.close();
  }
}

async function send(world: SoakWorld, plan: SoakPlan, sent: Sent): Promise<void> {
  const { sqs, time } = world;
  const luck = world.random('sender');
  for (let number = 1; sent.messages < plan.messages; number += 1) {
    const rotated = Array.from(
      { length: ROTATIONS_AT_ONCE },
      (_, at) => `s${(number * ROTATIONS_AT_ONCE + at) % SECRETS}`,
    );
    for (const name of rotated) {
      sent.newest.set(name, version(number));
      world.rotate(name, version(number));
    }
    if (luck() < 0.2) sqs.duplicateNext(QUEUE, 1);
    const names = shuffled(Array(COPIES).fill(rotated).flat(), luck).slice(0, plan.messages - sent.messages);
    for (const name of names) {
      sent.messages += 1;
      sqs.send(QUEUE, luck() < IGNORED_SHARE ? IGNORED : event(name, number, sent, time.now()));
    }
    if (luck() < 0.05) sqs.reverse(QUEUE);
    await time.sleep(luck() * 20_000, never());
  }
}

interface Played {
  readonly sent: Sent;
  readonly consumers: Consumers;
}

/** Sends everything while consumers are killed again and again; when the queue is empty, they are stopped. */
async function handleAll(world: SoakWorld, plan: SoakPlan, { sent, consumers }: Played): Promise<void> {
  const { sqs, time } = world;
  const sending = send(world, plan, sent);
  const luck = world.random('kills');
  const step = plan.messages / plan.kills;
  const isOver = () =>
    sent.messages === plan.messages && consumers.counts.kills === plan.kills && sqs.bodies(QUEUE).length === 0;
  let told = 0;
  for (let doomed = 0; !isOver(); ) {
    await time.sleep(1000, never());
    if (sqs.deleted(QUEUE) >= told + 2000) {
      told = sqs.deleted(QUEUE);
      process.stdout.write(`soak: ${standing(world, sent)}\n`);
    }
    // One after the other, as the work goes on; those who are left when it is done die idle.
    const isDue = sqs.deleted(QUEUE) >= Math.min(step * doomed, plan.messages * 0.9);
    if (doomed === plan.kills || !isDue || consumers.counts.kills < doomed) continue;
    doomed += 1;
    consumers.killAt(1 + Math.floor(luck() * 100));
  }
  await sending;
  await consumers.stop();
}

/** Lets the queue see that time goes on, second by second. */
async function passTime({ sqs, time }: SoakWorld, work: Promise<void>): Promise<void> {
  const ended = new AbortController();
  void work.finally(() => ended.abort());
  while (!ended.signal.aborted) {
    await time.sleep(1000, ended.signal);
    sqs.advance(0);
  }
}

const IGNORED = JSON.stringify({ source: 'aws.s3', 'detail-type': 'Object Created', detail: {} });

function event(name: string, number: number, sent: Sent, now: number): string {
  const id = `event-${sent.messages}`;
  sent.ids.push(id);
  return JSON.stringify({
    version: '0',
    id,
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: ACCOUNT,
    time: new Date(now).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: REGION,
    resources: [`arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-Ab3dEf`],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId: version(number) },
  });
}

/** Lost: an event without its effect, a version that nobody proposes. Doubled: an effect that is there twice. */
async function whatIsWrong(world: SoakWorld, { ids, newest }: Sent): Promise<readonly string[]> {
  const lost = ids.filter((id) => !world.ledger.has(id)).map((id) => `lost: ${id}`);
  const unseen = (await violations(world, LAYOUT, newest)).map((one) => `lost: ${one}`);
  const pulls = (await world.forge.pulls()).length;
  return [
    ...lost,
    ...unseen,
    ...(pulls === newest.size ? [] : [`doubled: ${pulls} pull requests for ${newest.size} secrets`]),
    ...[QUEUE, DEAD_LETTERS].flatMap((name) => world.sqs.bodies(name).map(() => `left: a message in ${name}`)),
  ];
}

function tableOf({ faults, history, time }: SoakWorld, { counts }: Consumers, sent: Sent): Table {
  return {
    messages: sent.messages,
    deliveries: counts.deliveries,
    redeliveries: counts.redeliveries,
    'most deliveries of one': counts.mostDeliveries,
    commits: [...history.values()].flat().length,
    ...Object.fromEntries([...faults.counts].map(([kind, count]) => [`fault: ${kind}`, count])),
    'fault: repository': counts.repositoryFaults,
    kills: counts.kills,
    'leases lost': counts.leasesLost,
    'hours in the world': Math.round((time.now() - START) / 360_000) / 10,
  };
}

function standing({ sqs, calls }: SoakWorld, sent: Sent): string {
  const queue = `${sqs.visible(QUEUE)} visible, ${sqs.inFlight(QUEUE)} in flight, ${sqs.deleted(QUEUE)} deleted`;
  return `${sent.messages} messages sent, ${queue}, ${calls.count()} calls under way, ${sqs.polls(QUEUE)} polls`;
}

function shuffled<T>(values: readonly T[], random: RandomNumbers): readonly T[] {
  return values
    .map((value) => [random(), value] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, value]) => value);
}
