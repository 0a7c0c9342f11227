import * as fc from 'fast-check';
import { Failure } from '../../src/domain/failure.ts';
import { deployment, version } from './manifests.ts';
import { holds, MAIN, type Process, refOf, type World } from './memory-world.ts';
import { forever } from './ports-of-process.ts';
import { makePeace, watchRestarts } from './restart-checks.ts';
import { createTeamWorld, onceAt, TEAM, versionsAt, violations } from './team-world.ts';

const FAULTS = ['git later', 'git never', 'lost answer', 'forge later', 'forge never'] as const;

/** One thing that happens in a random life of the service; numbers choose among what is there. */
export type Step =
  | { readonly do: 'rotate' | 'roll back'; readonly secret: number; readonly copies: number }
  | { readonly do: 'deliver' | 'repeat'; readonly which: number }
  | { readonly do: 'handle' | 'sweep'; readonly meanwhile: { readonly at: number; readonly step: Step } | null }
  | { readonly do: 'crash' | 'crash in a sweep'; readonly at: number }
  | { readonly do: 'merge'; readonly which: number; readonly branch: 'keep' | 'delete' }
  | { readonly do: 'close'; readonly which: number; readonly who: 'person' | 'bot' }
  | { readonly do: 'reopen' | 'push on top' | 'delete branch'; readonly which: number }
  | { readonly do: 'change base'; readonly file: string }
  | { readonly do: 'fault'; readonly kind: (typeof FAULTS)[number] }
  | { readonly do: 'wait'; readonly seconds: number };

/** How often each step had something to do, for people who wonder whether the model tries anything. */
export type Counts = Map<string, number>;

const SECRETS = ['a', 'b', 'c'];
const FILES = ['alone.yaml', 'both.yaml', 'other.yaml', 'app-both.yaml', 'README.md'];
/** Workloads, each in its own file: fed by one group, and by two. */
const APPS = { 'app-both': ['both'], 'app-other': ['other'], 'app-all': ['both', 'other'] } as const;

const small = fc.nat({ max: 5 });
const often = (weight: number, arbitrary: fc.Arbitrary<Step>) => ({ weight, arbitrary });
const plain: fc.Arbitrary<Step> = fc.oneof(
  often(6, fc.record({ do: fc.constant('rotate'), secret: small, copies: fc.integer({ min: 1, max: 3 }) })),
  often(1, fc.record({ do: fc.constant('roll back'), secret: small, copies: fc.constant(1) })),
  often(8, fc.record({ do: fc.constant('deliver'), which: small })),
  often(2, fc.record({ do: fc.constant('repeat'), which: small })),
  often(4, fc.record({ do: fc.constant('merge'), which: small, branch: fc.constantFrom('keep', 'delete') })),
  often(2, fc.record({ do: fc.constant('close'), which: small, who: fc.constantFrom('person', 'bot') })),
  often(2, fc.record({ do: fc.constantFrom('reopen', 'push on top', 'delete branch'), which: small })),
  often(2, fc.record({ do: fc.constant('change base'), file: fc.constantFrom(...FILES) })),
  often(2, fc.record({ do: fc.constant('fault'), kind: fc.constantFrom(...FAULTS) })),
  often(2, fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(1, 16, 61, 130, 361, 4000) })),
);

const at = fc.integer({ min: 1, max: 45 });
const handle = (step: fc.Arbitrary<Step>): fc.Arbitrary<Step> =>
  fc
    .tuple(fc.constantFrom('handle', 'handle', 'sweep'), fc.option(fc.record({ at, step })))
    .map(([what, meanwhile]) => ({ do: what, meanwhile }));

/** Steps of one life. A batch may be interrupted by a step, which may be the batch of another replica. */
export const scripts: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    often(5, plain),
    often(4, handle(fc.oneof(plain, handle(plain)))),
    often(1, fc.record({ do: fc.constantFrom('crash', 'crash in a sweep'), at })),
  ),
  { minLength: 20, maxLength: 60, size: 'max' },
);

interface Life {
  readonly world: World;
  readonly restarts: ReturnType<typeof watchRestarts>;
  readonly counts: Counts;
  /** What AWS called current, in order, by secret. */
  readonly aws: ReadonlyMap<string, string[]>;
  /** Events that EventBridge has not delivered yet, and all that there ever were. */
  readonly pending: { readonly secret: string; readonly version: string }[];
  readonly told: { readonly secret: string; readonly version: string }[];
  /** Commits of people on our branches, by ref: nobody but people may move these. */
  readonly theirs: Map<string, string>;
  /** What the base said after each merge, by ExternalSecret and secret. */
  readonly bases: Map<string, string[]>;
  /** Secrets whose proposal a person merged although AWS had been rolled back since: their choice. */
  readonly excused: Set<string>;
  /** What the next call of a process to Git or the forge comes to. */
  accident: { readonly side: string; readonly failure: Failure } | null;
  versions: number;
}

/** Plays a script, lets people tidy up, drains the queue, and says what is wrong then or was on the way. */
export async function play(script: readonly Step[], counts: Counts = new Map()): Promise<readonly string[]> {
  const files = Object.entries(APPS).map(([name, secrets]) => [`${name}.yaml`, deployment(name, ...secrets)]);
  const world = createTeamWorld(TEAM, { files: Object.fromEntries(files) });
  const life: Life = {
    world,
    restarts: watchRestarts(world, Object.keys(APPS)),
    counts,
    aws: new Map(SECRETS.map((secret) => [secret, []])),
    pending: [],
    told: [],
    theirs: new Map(),
    bases: new Map(),
    excused: new Set(),
    accident: null,
    versions: 0,
  };
  for (const secret of SECRETS) moveTo(life, secret, newVersion(life));
  const wrong: string[] = [];
  for (const step of script) {
    await run(life, step, 'outer');
    wrong.push(...(await brokenOnTheWay(life)));
  }
  await tidyUp(life);
  const current = new Map(SECRETS.map((secret) => [secret, life.aws.get(secret)?.at(-1) ?? '']));
  const told = new Set(life.told.map(({ secret }) => secret));
  const wished = new Map([...current].filter(([secret]) => told.has(secret) && !life.excused.has(secret)));
  wrong.push(
    ...(await brokenOnTheWay(life)),
    ...(await violations(life.world, TEAM, wished, current)),
    ...backwards(life),
    ...(await makePeace(world, Object.keys(APPS), {
      merged: () => life.restarts.look(),
      isTheirs: (ref) => life.theirs.has(ref),
    })),
    ...life.restarts.wrong(),
  );
  return wrong;
}

async function run(life: Life, step: Step, where: 'outer' | 'inner'): Promise<void> {
  if (await carryOut(life, step, where)) life.counts.set(step.do, (life.counts.get(step.do) ?? 0) + 1);
}

type ByAws = Step & { readonly do: 'rotate' | 'roll back' | 'deliver' | 'repeat' };
type ByService = Step & { readonly do: 'handle' | 'sweep' | 'crash' | 'crash in a sweep' | 'fault' | 'wait' };
type ByPeople = Exclude<Step, ByAws | ByService>;

/** False where there was nothing to do it on. */
async function carryOut(life: Life, step: Step, where: 'outer' | 'inner'): Promise<boolean> {
  if (isByAws(step)) return byAws(life, step);
  return isByService(step) ? byService(life, step, where) : byPeople(life, step);
}

function isByAws(step: Step): step is ByAws {
  return ['rotate', 'roll back', 'deliver', 'repeat'].includes(step.do);
}

function isByService(step: Step): step is ByService {
  return ['handle', 'sweep', 'crash', 'crash in a sweep', 'fault', 'wait'].includes(step.do);
}

async function byService(life: Life, step: ByService, where: 'outer' | 'inner'): Promise<boolean> {
  switch (step.do) {
    case 'handle':
    case 'sweep':
      return work(life, step, where);
    case 'crash':
    case 'crash in a sweep':
      return crash(life, step);
    case 'fault':
      return fault(life, step.kind);
    case 'wait':
      if (where === 'outer') await life.world.time.pass(step.seconds * 1000);
      return where === 'outer';
  }
}

function byAws(life: Life, step: ByAws): boolean {
  switch (step.do) {
    case 'rotate':
      return rotate(life, SECRETS[step.secret % SECRETS.length] ?? 'a', newVersion(life), step.copies);
    case 'roll back': {
      const secret = SECRETS[step.secret % SECRETS.length] ?? 'a';
      const earlier = life.aws.get(secret)?.at(-2);
      return earlier !== undefined && rotate(life, secret, earlier, step.copies);
    }
    case 'deliver':
      return deliver(life, life.pending.splice(step.which % Math.max(life.pending.length, 1), 1));
    case 'repeat':
      return deliver(life, life.told.slice(step.which % Math.max(life.told.length, 1)).slice(0, 1));
  }
}

async function byPeople(life: Life, step: ByPeople): Promise<boolean> {
  const { world } = life;
  switch (step.do) {
    case 'merge':
      return merge(life, step.which, step.branch);
    case 'close':
      return withOpen(life, step.which, async ({ number }) => {
        await world.forge.closeAs(number, step.who);
        if (step.who === 'bot') tellAll(life);
      });
    case 'reopen':
      return step.which < (await world.forge.pulls()).length && world.forge.reopen(step.which + 1);
    case 'push on top':
      return withOpen(life, step.which, async (pull) => {
        const file = new Map([['README.md', `# ${life.versions} ${pull.head}\n`]]);
        life.theirs.set(refOf(pull), world.workspace.commitTo(refOf(pull), file, 'A person was here'));
      });
    case 'delete branch':
      return withOpen(life, step.which, async (pull) => {
        world.workspace.moveRef(refOf(pull), null);
        life.theirs.delete(refOf(pull));
        tellAll(life);
      });
    case 'change base': {
      const text = world.workspace.fileAt(MAIN, step.file) ?? '';
      world.workspace.commitTo(MAIN, new Map([[step.file, `${text}# ${world.time.now()}\n`]]), 'A person was here');
      return true;
    }
  }
}

function newVersion(life: Life): string {
  life.versions += 1;
  return version(life.versions);
}

function moveTo({ world, aws }: Life, secret: string, to: string): void {
  world.rotate(secret, to);
  aws.get(secret)?.push(to);
}

function rotate(life: Life, secret: string, to: string, copies: number): boolean {
  moveTo(life, secret, to);
  life.excused.delete(secret);
  for (let copy = 0; copy < copies; copy += 1) life.pending.push({ secret, version: to });
  return true;
}

function deliver(life: Life, events: Life['pending']): boolean {
  for (const event of events) {
    life.told.push(event);
    life.world.tell(event.secret, event.version);
  }
  return events.length > 0;
}

/** What reconcile does after people or bots have closed or deleted: every secret is looked at again. */
function tellAll(life: Life): void {
  for (const secret of new Set(life.told.map((one) => one.secret))) {
    life.pending.push({ secret, version: life.aws.get(secret)?.at(-1) ?? '' });
  }
}

function start(life: Life, how: Parameters<World['start']>[0] = {}): Process {
  const meet = <T>(side: 'git' | 'forge', call: () => Promise<T>): Promise<T> => {
    const { accident } = life;
    if (accident?.side !== side) return call();
    life.accident = null;
    return Promise.reject(accident.failure);
  };
  return life.world.start({
    ...how,
    ports: ({ forge, workspace, ...ports }) => ({
      ...ports,
      workspace: {
        refs: (prefixes, signal) => meet('git', () => workspace.refs(prefixes, signal)),
        snapshot: (ref, signal) => meet('git', () => workspace.snapshot(ref, signal)),
        commit: (ref, signal) => meet('git', () => workspace.commit(ref, signal)),
        publish: (update, signal) => meet('git', () => workspace.publish(update, signal)),
      },
      forge: {
        list: (branch, base, signal) => meet('forge', () => forge.list(branch, base, signal)),
        open: (draft, signal) => meet('forge', () => forge.open(draft, signal)),
        update: (pull, draft, signal) => meet('forge', () => forge.update(pull, draft, signal)),
        read: (number, signal) => meet('forge', () => forge.read(number, signal)),
        close: (number, comment, signal) => meet('forge', () => forge.close(number, comment, signal)),
        remark: (number, remark, signal) => meet('forge', () => forge.remark(number, remark, signal)),
        recent: (folder, signal) => meet('forge', () => forge.recent(folder, signal)),
        unsettled: (folder, signal) => meet('forge', () => forge.unsettled(folder, signal)),
        mergeFacts: (number, signal) => meet('forge', () => forge.mergeFacts(number, signal)),
        autoMerge: (number, wish, signal) => meet('forge', () => forge.autoMerge(number, wish, signal)),
        merge: (number, wish, signal) => meet('forge', () => forge.merge(number, wish, signal)),
        dismissApprovals: (number, what, signal) => meet('forge', () => forge.dismissApprovals(number, what, signal)),
      },
    }),
  });
}

async function work(
  life: Life,
  { do: what, meanwhile }: Step & { readonly do: 'handle' | 'sweep' },
  where: 'outer' | 'inner',
): Promise<boolean> {
  const hadWork = what === 'sweep' || life.world.inbox.visible() > 0;
  const gate = onceAt(meanwhile?.at ?? 0, async () => {
    if (meanwhile !== null) await run(life, meanwhile.step, 'inner');
  }).gate;
  const process = start(life, { gate });
  if (what === 'sweep') await (where === 'outer' ? process.sweep() : process.sweepWork());
  else await (where === 'outer' ? process.batch() : process.work());
  return hadWork;
}

async function crash(life: Life, { do: what, at: number }: Step & { readonly do: 'crash' | 'crash in a sweep' }) {
  const process = start(life, {
    gate: onceAt(number, async () => {
      process.die();
      await forever();
    }).gate,
  });
  return what === 'crash' ? !(await process.batch()) : (await process.sweep()) === null;
}

async function withOpen(
  life: Life,
  which: number,
  act: (pull: Awaited<ReturnType<World['open']>>[number]) => Promise<void>,
): Promise<boolean> {
  const pulls = await life.world.open();
  const pull = pulls[which % Math.max(pulls.length, 1)];
  if (pull !== undefined) await act(pull);
  return pull !== undefined;
}

function merge(life: Life, which: number, branch: 'keep' | 'delete'): Promise<boolean> {
  const { world } = life;
  return withOpen(life, which, async (pull) => {
    if (!(await world.merge(pull.number, branch))) return;
    life.restarts.look();
    // What was merged may be cleared away.
    life.theirs.delete(refOf(pull));
    for (const name of Object.keys(TEAM)) {
      for (const [secret, found] of Object.entries(versionsAt(world, MAIN, name))) {
        const seen = life.bases.get(`${name} ${secret}`) ?? [];
        if (seen.at(-1) !== found) life.bases.set(`${name} ${secret}`, [...seen, found]);
        if (found !== life.aws.get(secret)?.at(-1)) excuse(life, secret);
      }
    }
  });
}

/** A merge of what AWS has left again is not noticed before something tells of that secret. */
function excuse(life: Life, secret: string): void {
  if (!life.pending.some((one) => one.secret === secret)) life.excused.add(secret);
}

function fault(life: Life, kind: (typeof FAULTS)[number]): boolean {
  const [side = '', when] = kind.split(' ');
  if (kind === 'lost answer') {
    life.world.workspace.loseAnswer();
    return true;
  }
  const code = side === 'git' ? 'git-unreachable' : 'forge-unreachable';
  const hint = 'It is a test.';
  const failure = new Failure('an accident', { code, retry: when === 'later' ? 'later' : 'never', hint });
  life.accident = { side, failure };
  return true;
}

/** Everything is delivered, and people merge or delete what they pushed to, until nothing waits any more. */
async function tidyUp(life: Life): Promise<void> {
  const { world } = life;
  for (let round = 0; round < 6; round += 1) {
    deliver(life, life.pending.splice(0));
    await world.drain(start(life), 40);
    if (world.inbox.bodies().length === 0 && life.pending.length === 0) return;
    for (const ref of life.theirs.keys()) world.workspace.moveRef(ref, null);
    life.theirs.clear();
    tellAll(life);
  }
}

async function brokenOnTheWay({ world, theirs }: Life): Promise<readonly string[]> {
  const wrong: string[] = [];
  const branches = (await world.open()).map(({ branch }) => branch);
  if (new Set(branches).size < branches.length) wrong.push('two open pull requests for one branch');
  for (const [ref, oid] of theirs) if (!(await holds(world, ref, oid))) wrong.push(`${ref} was overwritten`);
  return wrong;
}

/** What the base went through must be a part of what AWS went through, in its order. */
function backwards({ bases, aws }: Life): readonly string[] {
  return [...bases].flatMap(([place, seen]) => {
    const history = aws.get(place.split(' ')[1] ?? '') ?? [];
    let from = 0;
    for (const one of seen) {
      from = history.indexOf(one, from);
      if (from === -1) return [`${place} went ${seen.join(' ')} while AWS went ${history.join(' ')}`];
    }
    return [];
  });
}
