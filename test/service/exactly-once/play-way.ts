import { version } from '../manifests.ts';
import { MAIN, type Process, type World } from '../memory-world.ts';
import { forever, type Moment } from '../ports-of-process.ts';
import { ownBranchesOf } from '../restart-checks.ts';
import { baseHistory, changesOf, type Step } from './base-history.ts';
import { beginWay, DECOY, settingsOf, surroundingsOf, type Way, WORKLOADS } from './way.ts';

/** Who works. `turns`: one after the other. `abreast`: at once. `meanwhile`: the other one does all its work where the first one dies. */
export type Crew = 'alone' | 'turns' | 'abreast' | 'meanwhile';

/** The first process dies before or after the call of this number, and those in its place after as many calls as follow. */
export interface Deaths {
  readonly crew: Crew;
  readonly after: readonly number[];
  readonly moment: Moment;
}

export interface Ending {
  readonly world: World;
  /** In which calls processes died. */
  readonly places: readonly string[];
  /** Everything that is not as it must be. */
  readonly wrong: readonly string[];
  /** How many calls the process made that did not die, of the first place. */
  readonly calls: number;
}

export const NOBODY_DIES: Deaths = { crew: 'alone', after: [], moment: 'before' };

/** Longer than a lease, and than what a status waits for; whoever dies leaves its work to the next round. */
function pauses({ after }: Deaths): readonly number[] {
  return [...Array.from({ length: 11 + 3 * after.length }, () => 125_000), 700_000, 700_000];
}

const FULL_LOOK = 600_000;

interface Place {
  process: Process | null;
  isDead: boolean;
  lookedAt: number;
  calls: number;
}

/** A rotation goes its whole way, while processes die. */
export async function playWay(way: Way, deaths: Deaths): Promise<Ending> {
  const world = beginWay(way);
  const around = surroundingsOf(world, way);
  const places: string[] = [];
  const left = [...deaths.after];
  const wrong: string[] = [];

  const man = (number: number): Place => {
    const dies = (number === 0 ? left.shift() : undefined) ?? null;
    const place: Place = { process: null, isDead: false, lookedAt: Number.NEGATIVE_INFINITY, calls: 0 };
    const act = async (call: string, moment: Moment) => {
      if (moment === 'before') place.calls += 1;
      if (place.calls !== dies || place.isDead) return;
      const [, other] = crew;
      if (deaths.crew === 'meanwhile' && moment === 'before' && other !== undefined) await work(world, other);
      if (moment !== deaths.moment) return;
      places.push(`${moment} ${place.calls}: ${call}`);
      place.process?.die();
      place.isDead = true;
      await forever();
    };
    place.process = world.start({ settings: settingsOf(way), gate: act });
    return place;
  };
  const crew: Place[] = deaths.crew === 'alone' ? [man(0)] : [man(0), man(1)];

  for (const pause of pauses(deaths)) {
    for (const [number, place] of crew.entries()) if (place.isDead) crew[number] = man(number);
    if (deaths.crew === 'abreast') await world.time.settles(Promise.all(crew.map((place) => work(world, place))));
    else for (const place of crew) await world.time.settles(work(world, place));
    wrong.push(...(await around.act()));
    await world.time.pass(pause);
  }
  wrong.push(...(await wrongAtRest(world, way)));
  return { world, places, wrong, calls: crew[0]?.calls ?? 0 };
}

/** What a process does whenever it is its turn: a message that is there, and one look of the sweep. */
async function work(world: World, place: Place): Promise<void> {
  if (world.inbox.bodies().length > 0) await place.process?.work();
  const isLong = world.time.now() >= place.lookedAt + FULL_LOOK;
  if (isLong) place.lookedAt = world.time.now();
  await place.process?.sweepWork(isLong ? 'full' : 'quick');
}

async function wrongAtRest(world: World, way: Way): Promise<readonly string[]> {
  const newest = version(way.second === 'never' ? 2 : 3);
  const names = WORKLOADS.filter((name) => world.workspace.fileAt(MAIN, `${name}.yaml`) !== null);
  const history = await baseHistory(world, names);
  const last = history.at(-1);
  const pulls = await world.forge.pulls();
  const wrong = world.inbox.bodies().map(() => 'a message is left');
  if (world.workspace.fileAt(MAIN, 'decoy.yaml') !== DECOY) wrong.push('what has nothing to do with it was changed');
  if (last?.version !== newest) wrong.push(`the base has version ${last?.version}`);
  wrong.push(...names.flatMap((name) => wrongOf(name, history, way)));
  wrong.push(...(await ownBranchesOf(world)).map((branch) => `${branch} is left`));
  const open = pulls.filter(({ state }) => state === 'open' || state === 'closed-by-person');
  wrong.push(...open.map(({ number, state }) => `#${number} is ${state}`));
  const merged = pulls.filter(({ state }) => state === 'merged').length;
  const [least, most] = pullsOf(way);
  if (merged < least || merged > most) wrong.push(`${merged} pull requests were merged`);
  if (way.second === 'never' && pulls.length !== merged) wrong.push(`${pulls.length} pull requests were opened`);
  return wrong;
}

/** How many are merged, at least and at most: the restart of a version that is passed by may be left out. */
function pullsOf({ order, second }: Way): readonly [number, number] {
  const rotations = second === 'never' ? 1 : 2;
  if (order === 'gated') return [rotations, rotations];
  return [rotations + 1, 2 * rotations];
}

/** Each version restarts a workload once, the newest one for certain. */
function wrongOf(name: string, history: readonly Step[], { order, second }: Way): readonly string[] {
  const said = history.flatMap(({ workloads }) => workloads[name] ?? []);
  const made = changesOf(said.map((one) => one.made));
  const last = said.at(-1);
  const wrong: string[] = [];
  const say = (isWrong: boolean, what: string) => {
    if (isWrong) wrong.push(`${name}: ${what} (${JSON.stringify(said)})`);
  };
  say(new Set(made).size !== made.length, 'a version restarted it twice');
  say(made.length < 2 || (second === 'never' && made.length !== 2), 'it restarted for too few versions or too many');
  say(order === 'gated' ? last?.due !== null : last?.due !== last?.made, 'what is due is not what was made');
  const restarts = changesOf(said.map(({ restartAt }) => restartAt));
  say(name === 'rollout' && restarts.length !== made.length, 'restartAt was set more often, or less');
  const both = said.some((one, at) => one.due !== said[at - 1]?.due && one.made !== said[at - 1]?.made && at > 0);
  say(order !== 'gated' && both, 'one commit announced a restart and made one');
  return wrong;
}
