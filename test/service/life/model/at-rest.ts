import { RESTART, ROTATION, readTrailers } from '../../../../src/words/trailers.ts';
import type { Process } from '../../memory-world.ts';
import { factsOf, secretAt } from './effects.ts';
import { currentOf, deliver, type Life, mergePull, tellAll } from './life.ts';
import { backwards, brokenOnTheWay, notShown } from './on-the-way.ts';
import { type Files, openOf, refOf, type Sight } from './town.ts';

const DAY_MILLISECONDS = 361_000;

/**
 * Everything is delivered and handled until nothing moves any more; then people take away what they keep the service from.
 * What is wrong at each of these rests.
 */
export async function comeToRest(
  life: Life,
  start: () => ReturnType<Life['town']['start']>,
): Promise<readonly string[]> {
  await quieten(life, start);
  const wrong = [...(await brokenOnTheWay(life)), ...(await lost(life, 'blocked messages wait'))];
  const edited = [...life.takenOut.keys()].filter((ref) => !ref.startsWith('#'));
  const refs = new Set([...life.theirs.values(), ...edited]);
  if (refs.size > 0 || life.town.inbox.bodies().length > 0) {
    for (const ref of [...refs, ...(await stuck(life))]) await takeAway(life, ref);
    tellAll(life);
    await quieten(life, start);
    wrong.push(...(await brokenOnTheWay(life)), ...(await lost(life, 'nothing waits')));
  }
  wrong.push(...backwards(life));
  return [...wrong, ...life.wrong];
}

/** Where a rule keeps our branches from being rewritten and adding is not enough, operators delete them. */
async function stuck({ town, house }: Life): Promise<readonly string[]> {
  return house.rewrites === 'refused' ? [...(await town.look()).branches.keys()] : [];
}

async function takeAway({ town, theirs, takenOut }: Life, ref: string): Promise<void> {
  if ((await town.look()).branches.has(ref)) await town.deleteBranch(ref);
  takenOut.delete(ref);
  for (const [oid, own] of theirs) if (own === ref) theirs.delete(oid);
}

async function quieten(life: Life, start: () => ReturnType<Life['town']['start']>): Promise<void> {
  const { town } = life;
  for (let round = 0; round < 4; round += 1) {
    await deliver(life, life.pending.splice(0));
    // The merge queue goes on by itself.
    for (const pull of openOf(await town.look())) {
      if (!pull.isQueued) continue;
      life.queued.delete(pull.number);
      if (!(await mergePull(life, pull, 'squash', 'keep'))) await town.closeAs(pull.number, 'bot');
    }
    const process = start();
    for (let done = 0; done < 40 && town.inbox.bodies().length > 0; done += 1) {
      if (town.inbox.visible() === 0) await town.time.pass(30_000);
      else await process.batch();
    }
    if (life.house.merge.mode !== 'none') await letChecksPass(life);
    await sweepAll(start());
    if (town.inbox.bodies().length === 0 && life.pending.length === 0) return;
  }
}

/** What may be merged without a person is old enough, and checked. */
export async function letChecksPass({ town }: Life): Promise<void> {
  for (const { number } of openOf(await town.look())) await town.check(number, 'passing');
  await town.time.pass(61_000);
}

/** Passes until one comes to its end: what moved under a pass is begun again. */
async function sweepAll(process: Process): Promise<void> {
  for (let pass = 0; pass < 5; pass += 1) {
    const swept = await process.sweep();
    if (swept !== null && !swept.isMoved && swept.swept.every(({ outcome }) => outcome.kind !== 'try-later')) return;
  }
}

/** What is neither on the base nor proposed, nor turned down. */
async function lost(life: Life, when: 'blocked messages wait' | 'nothing waits' | 'peace'): Promise<readonly string[]> {
  const { town } = life;
  const sight = await town.look();
  const base = await town.filesAt(sight.base);
  const open = openOf(sight).map(({ head }) => head);
  // What waits to be opened is on its branch.
  const heads = [sight.base, ...open, ...(when !== 'peace' && isHeldBack(life.house) ? sight.branches.values() : [])];
  const places = await Promise.all(heads.map(async (head) => factsOf(await town.filesAt(head))));
  const bodies = town.inbox.bodies();
  const waiting =
    when !== 'blocked messages wait' ? [] : life.told.filter(isWaiting(bodies)).map(({ secret }) => secret);
  const asked: Asked = { base, down: await namesTurnedDown(life, sight), waiting: new Set(waiting) };
  const missing = [...life.needs].filter((place) => {
    const current = currentOf(life, secretAt(place) ?? '');
    return !isAccountedFor(life, place, asked) && !places.some((facts) => facts.get(place) === current);
  });
  return [
    ...notShown(sight),
    ...(when !== 'blocked messages wait' && bodies.length > 0 ? ['a message is left'] : []),
    ...missing.map((place) => {
      const found = places.map((facts) => facts.get(place) ?? 'none').join(', ');
      return `${place}=${currentOf(life, secretAt(place) ?? '')} is lost (${when}): ${found}`;
    }),
  ];
}

function isHeldBack({ limits, windows }: Life['house']): boolean {
  return limits.open !== null || limits.perHour !== null || windows !== 'always';
}

interface Asked {
  readonly base: Files;
  readonly down: ReadonlySet<string>;
  /** Secrets of which a message waits. */
  readonly waiting: ReadonlySet<string>;
}

/** What people turned down, keep off, or whose message is still there, is not lost; an object goes with all that it fetches. */
function isAccountedFor(life: Life, place: string, { base, down, waiting }: Asked): boolean {
  const [name = ''] = place.split(' ');
  const secret = secretAt(place) ?? '';
  const fetched = [...(base.get(`${name}.yaml`) ?? '').matchAll(/^ +key: (.+)$/gm)].map(([, key = '']) => key);
  const isTakenOut = [...life.takenOut.values()].some((names) => names.has(`${place}=${currentOf(life, secret)}`));
  const isHeld = fetched.some((key) => waiting.has(key) || down.has(`${key}=${currentOf(life, key)}`));
  return isTakenOut || isHeld || life.excused.has(secret);
}

function isWaiting(bodies: readonly string[]) {
  return ({ secret, version }: { readonly secret: string; readonly version: string }): boolean =>
    bodies.some((body) => body.includes(`"name":"${secret}"`) && body.includes(version));
}

/** `<secret>=<version>` of everything that people turned down, took out or took back, or bots closed twice. */
async function namesTurnedDown({ town, turnedDown, takenOut }: Life, { pulls }: Sight): Promise<ReadonlySet<string>> {
  const names = [...turnedDown.values(), ...takenOut.values()].flatMap((down) =>
    [...down].map((name) => name.slice(name.indexOf(' ') + 1)),
  );
  const closed = pulls.filter(({ state, number }) => state === 'closed-by-person' && turnedDown.has(number));
  const texts = await Promise.all(closed.map(async ({ body, head }) => [body, await town.messageOf(head)]));
  const byBots = pulls.filter(({ state, body }) => state === 'closed-by-bot' && !body.startsWith('Withdrawn: '));
  const shownToBots = byBots.flatMap(({ body }) => readTrailers(body, ROTATION));
  return new Set([
    ...names,
    ...texts.flat().flatMap((text) => readTrailers(text, ROTATION)),
    ...shownToBots.filter((name, at) => shownToBots.indexOf(name) < at),
  ]);
}

/**
 * People merge whatever is open, and time passes for a process that only sweeps, until nothing is open any more; then every
 * restart that was announced was made, unless people or bots turned it down.
 */
export async function makePeace(life: Life, sweeper: Process): Promise<readonly string[]> {
  const { town } = life;
  const [days, calmDays] = isHeldBack(life.house) ? [80, 13] : [12, 1];
  for (let day = 0, calm = 0; day < days && calm < calmDays; day += 1) {
    const isCalm = await passDay(life, sweeper, day);
    calm = isCalm && day > 3 ? calm + 1 : 0;
  }
  const sight = await town.look();
  const held = await restartsTurnedDown(life, sight);
  const facts = factsOf(await town.filesAt(sight.base));
  const undone = [...facts].flatMap(([place, value]) => {
    const [name = '', what] = place.split(' ');
    if (what !== 'due' || facts.get(`${name} made`) === value || held.has(`${name} ${value}`)) return [];
    return [`${name} is due for ${value} and was made for ${facts.get(`${name} made`) ?? 'nothing'}`];
  });
  const open = openOf(sight).map((pull) => `${refOf(pull)} is still open`);
  return [...open, ...undone, ...(await lost(life, 'peace')), ...life.wrong];
}

/** People merge what is open, and help where a rule holds the service up. True where nothing was open. */
async function passDay(life: Life, sweeper: Process, day: number): Promise<boolean> {
  const { town, house } = life;
  await sweepAll(sweeper);
  const open = openOf(await town.look());
  for (const pull of open) {
    await town.draft(pull.number, false);
    // A conflict is resolved by the next sweep, where it may rewrite the branch.
    const isMerged = await mergePull(life, pull, 'squash', day % 2 === 0 ? 'keep' : 'delete');
    if (!isMerged && house.rewrites === 'refused') await takeAway(life, refOf(pull));
  }
  if (open.length === 0 && day % 4 === 3) for (const ref of await stuck(life)) await takeAway(life, ref);
  if (house.rewrites === 'refused') tellAll(life);
  await deliver(life, life.pending.splice(0));
  while (town.inbox.visible() > 0) await sweeper.batch();
  await town.time.pass(DAY_MILLISECONDS);
  return open.length === 0;
}

/** `<name> <value>` of each restart that a person closed, or bots twice. */
async function restartsTurnedDown({ town }: Life, { pulls }: Sight): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const byBots = new Map<string, number>();
  for (const { state, body, head } of pulls) {
    if (body.startsWith('Withdrawn: ')) continue;
    const names = [await town.messageOf(head), body]
      .flatMap((text) => readTrailers(text, RESTART))
      .map((one) => /\/([^/ ]+) (.*)$/.exec(one)?.slice(1).join(' ') ?? '');
    for (const name of names) {
      if (state === 'closed-by-person') held.add(name);
      if (state === 'closed-by-bot') byBots.set(name, (byBots.get(name) ?? 0) + 1);
    }
  }
  for (const [name, times] of byBots) if (times > 1) held.add(name);
  return held;
}
