import { Failure } from '../../../../src/domain/failure.ts';
import { ALWAYS } from '../../../../src/domain/life/opening-policy.ts';
import { deployment } from '../../manifests.ts';
import type { Process, ProcessOptions } from '../../memory-world.ts';
import { forever, type Gate, type Ports } from '../../ports-of-process.ts';
import { onceAt, TEAM } from '../../team-world.ts';
import { comeToRest, letChecksPass, makePeace } from './at-rest.ts';
import { type Counts, currentOf, deliver, type Life, newLife, newVersion, type Resident } from './life.ts';
import { createMemoryTown } from './memory-town.ts';
import { brokenOnTheWay } from './on-the-way.ts';
import { lookAnew, newWatch, type Watch, watchedForge } from './our-acts.ts';
import { byPeople } from './people.ts';
import {
  type At,
  type ByAws,
  type ByService,
  type House,
  type Meanwhile,
  type Script,
  SECRETS,
  type Step,
} from './steps.ts';
import type { Town } from './town.ts';

export type { Counts } from './life.ts';

/** Workloads, each in its own file: fed by one group, and by two. */
const APPS = { 'app-both': ['both'], 'app-other': ['other'], 'app-all': ['both', 'other'] } as const;

const APP_FILES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(APPS).map(([name, secrets]) => [`${name}.yaml`, deployment(name, ...secrets)]),
);

/** The manifests of a house, beside those of the team's ExternalSecrets. */
export function filesOf({ workloads }: House): Readonly<Record<string, string>> {
  return workloads === 'some' ? APP_FILES : {};
}

export interface Playing {
  readonly counts: Counts;
  /** `peace`: people merge whatever is open, and every restart is waited for. */
  readonly until: 'rest' | 'peace';
}

/** Plays a script in memory: see {@link playIn}. */
export function play(script: Script, how?: Playing): Promise<readonly string[]> {
  return playIn(createMemoryTown(TEAM, filesOf(script.house), script.house), script, how);
}

/** Plays a script, lets everything come to rest, and says what is wrong then or was on the way. */
export async function playIn(
  town: Town,
  { house, proposed, steps, last }: Script,
  { counts, until }: Playing = { counts: new Map(), until: 'peace' },
): Promise<readonly string[]> {
  const life = newLife(town, house, counts, SECRETS);
  for (const secret of SECRETS) moveTo(life, secret, newVersion(life));
  for (const secret of proposed) await rotate(life, secret, newVersion(life), { comes: 'now', copies: 1 });
  if (proposed.length > 0) await start(life).batch();
  for (const [at, step] of steps.entries()) {
    await run(life, step, 'outer');
    const wrong = await brokenOnTheWay(life);
    if (wrong.length > 0) return wrong.map((one) => `after step ${at}: ${one}`);
  }
  life.accident = null;
  if (house.merge.mode !== 'none') {
    await letChecksPass(life);
    await work(life, { do: 'sweep', meanwhile: last }, 'outer');
  }
  const wrong = await comeToRest(life, () => start(life));
  if (until === 'rest' || wrong.length > 0) return wrong;
  return makePeace(life, start({ ...life, house: { ...house, rebaseWhen: 'conflicted' } }));
}

async function run(life: Life, step: Step, where: 'outer' | 'inner'): Promise<void> {
  if (await carryOut(life, step, where)) life.counts.set(step.do, (life.counts.get(step.do) ?? 0) + 1);
}

/** False where there was nothing to do it on. */
async function carryOut(life: Life, step: Step, where: 'outer' | 'inner'): Promise<boolean> {
  if (isByAws(step)) return byAws(life, step);
  return isByService(step) ? byService(life, step, where) : byPeople(life, step);
}

function isByAws(step: Step): step is ByAws {
  return ['rotate', 'roll back', 'deliver', 'repeat'].includes(step.do);
}

function isByService(step: Exclude<Step, ByAws>): step is ByService {
  return SERVICE.includes(step.do);
}

const SERVICE: readonly Step['do'][] = [
  'handle',
  'sweep',
  'quick look',
  'full look',
  'crash',
  'crash in a sweep',
  'fault',
  'wait',
];

async function byAws(life: Life, step: ByAws): Promise<boolean> {
  switch (step.do) {
    case 'rotate':
      return rotate(life, secretOf(step.secret), newVersion(life), step);
    case 'roll back': {
      const earlier = life.aws.get(secretOf(step.secret))?.at(-2);
      return earlier !== undefined && rotate(life, secretOf(step.secret), earlier, step);
    }
    case 'deliver':
      return deliver(life, life.pending.splice(step.which % Math.max(life.pending.length, 1), 1));
    case 'repeat':
      return deliver(life, life.told.slice(step.which % Math.max(life.told.length, 1)).slice(0, 1));
  }
}

function secretOf(number: number): string {
  return SECRETS[number % SECRETS.length] ?? 'a';
}

function moveTo({ town, aws }: Life, secret: string, to: string): void {
  town.rotate(secret, to);
  aws.get(secret)?.push(to);
}

async function rotate(
  life: Life,
  secret: string,
  to: string,
  { comes, copies }: Pick<ByAws & { readonly do: 'rotate' }, 'comes' | 'copies'>,
): Promise<boolean> {
  if (to === currentOf(life, secret)) return false;
  moveTo(life, secret, to);
  life.excused.delete(secret);
  for (let copy = 0; copy < copies; copy += 1) life.pending.push({ secret, version: to });
  return comes === 'later' || deliver(life, life.pending.splice(-1));
}

async function byService(life: Life, step: ByService, where: 'outer' | 'inner'): Promise<boolean> {
  switch (step.do) {
    case 'handle':
    case 'sweep':
      return work(life, step, where);
    case 'quick look':
    case 'full look':
      return lookAgain(life, step, where);
    case 'crash':
    case 'crash in a sweep':
      return crash(life, step);
    case 'fault':
      return fault(life, step.kind);
    case 'wait':
      if (where === 'outer') await life.town.time.pass(step.seconds * 1000);
      return where === 'outer';
  }
}

type Work = ByService & { readonly do: 'handle' | 'sweep' };

async function work(life: Life, { do: what, meanwhile }: Work, where: 'outer' | 'inner'): Promise<boolean> {
  if (what === 'handle' && life.town.inbox.visible() === 0) return false;
  const gate = interrupting(life, meanwhile);
  const process = start(life, gate);
  if (what === 'sweep') await (where === 'outer' ? process.sweep() : process.sweepWork());
  else await (where === 'outer' ? process.batch() : process.work());
  if (where === 'outer') life.gaps.clear();
  return true;
}

function interrupting(life: Life, meanwhile: Meanwhile | null): Gate {
  if (meanwhile === null) return async () => undefined;
  return onceBefore(meanwhile.at, () => run(life, meanwhile.step, 'inner'));
}

function onceBefore(at: At, act: () => Promise<void>): Gate {
  if (typeof at === 'number') return onceAt(at, act).gate;
  let isDone = false;
  return async (call, moment) => {
    if (isDone || moment === 'after' || call !== at) return;
    isDone = true;
    await act();
  };
}

type Looking = ByService & { readonly do: 'quick look' | 'full look' };

/** The process that is there all the time does one thing at a time. */
async function lookAgain(life: Life, { do: what, meanwhile }: Looking, where: 'outer' | 'inner'): Promise<boolean> {
  const resident = residentOf(life);
  if (resident.gate !== null) return false;
  resident.gate = interrupting(life, meanwhile);
  const look = what === 'quick look' ? 'quick' : 'full';
  if (look === 'full') lookAnew(life, resident.watch);
  await (where === 'outer' ? resident.process.sweep(look) : resident.process.sweepWork(look));
  resident.gate = null;
  if (where === 'outer') life.gaps.clear();
  return true;
}

function residentOf(life: Life): Resident {
  if (life.resident !== null) return life.resident;
  const watch = newWatch(life);
  const process = startWatched(life, watch, async (call, moment) => {
    await life.resident?.gate?.(call, moment);
  });
  life.resident = { process, watch, gate: null };
  return life.resident;
}

async function crash(
  life: Life,
  { do: what, at }: ByService & { readonly do: 'crash' | 'crash in a sweep' },
): Promise<boolean> {
  const process = start(
    life,
    onceBefore(at, async () => {
      process.die();
      await forever();
    }),
  );
  const hasDied = what === 'crash' ? !(await process.batch()) : (await process.sweep()) === null;
  life.gaps.clear();
  return hasDied;
}

function fault(life: Life, kind: (ByService & { readonly do: 'fault' })['kind']): boolean {
  const [side = '', when] = kind.split(' ');
  if (kind === 'lost answer') {
    life.town.loseAnswer();
    return true;
  }
  const code = side === 'git' ? 'git-unreachable' : 'forge-unreachable';
  const failure = new Failure('an accident', {
    code,
    retry: when === 'never' ? 'never' : 'later',
    hint: 'It is a test.',
  });
  life.accident = { side, when: when === 'after' ? 'after' : 'before', failure };
  return true;
}

/** A process of this house that meets the accidents of this life. */
function start(life: Life, gate: Gate = async () => undefined): Process {
  return startWatched(life, newWatch(life), gate);
}

function startWatched(life: Life, watch: Watch, gate: Gate): Process {
  const ports = ({ forge, workspace, ...rest }: Ports): Ports => ({
    ...rest,
    workspace: meeting(life, 'git', workspace),
    forge: meeting(life, 'forge', watchedForge(life, watch, forge)),
  });
  return life.town.start({ settings: settingsOf(life.house), ports, gate: gapped(life, gate) });
}

function settingsOf({ rebaseWhen, merge, limits, windows, urgent }: House): NonNullable<ProcessOptions['settings']> {
  const cron = windows === 'open first' ? '0,20,40 * * * *' : '10,30,50 * * * *';
  const allow = windows === 'always' ? [] : [{ cron, durationMilliseconds: 600_000 }];
  return {
    rebaseWhen,
    merge: { mode: merge.mode, method: null, minimumAgeMilliseconds: merge.minimumAgeSeconds * 1000 },
    limits,
    windows: { ...ALWAYS, allow },
    isUrgentName: (names) => urgent !== null && names.includes(urgent),
  };
}

/** From its look at what people decided until its push a process is in a gap that no forge lets it close. */
function gapped({ gaps }: Life, gate: Gate): Gate {
  const self = {};
  return async (call, moment) => {
    if (call === 'merge facts' && moment === 'before') gaps.add(self);
    await gate(call, moment);
    if (call === 'publish' && moment === 'after') gaps.delete(self);
  };
}

type Methods = Readonly<Record<string, (...given: readonly never[]) => Promise<unknown>>>;

function meeting<T extends object>(life: Life, side: 'git' | 'forge', port: T): T {
  const methods = Object.entries(port as Methods).map(([name, method]) => {
    const met = async (...given: readonly never[]) => {
      const { accident } = life;
      if (accident?.side !== side) return method(...given);
      life.accident = null;
      if (accident.when === 'after') await method(...given);
      throw accident.failure;
    };
    return [name, met] as const;
  });
  return Object.fromEntries(methods) as T;
}
