import type { Oid } from '../../../../src/domain/repo-path.ts';
import { CARRIED_OUT, type Fate, type Purpose } from './fates.ts';
import type { Gate, Passage, RaceWorld, Tips } from './host/race-world.ts';
import type { Turn } from './script.ts';

/** A ref that a request has moved; null: it was not there, or is not there any more. */
export interface Landing {
  /** The publish that it came from; null: it came from none. */
  readonly attempt: number | null;
  readonly ref: string;
  readonly from: Oid | null;
  readonly to: Oid | null;
}

type Attempts = ReadonlyMap<string, number>;

interface Waiting {
  readonly purpose: Purpose;
  go(fate: Fate): void;
}

/** Where two replicas are held before every request, and let go one at a time, as the script has it. */
export interface Stage extends Gate {
  readonly landings: readonly Landing[];
  /** A process has begun; `stop` ends it. */
  live(replica: number, stop: () => void): void;
  /** The publishes that requests from here on belong to, by their refs. */
  begin(replica: number, attempts: Attempts): void;
  /** Where the refs were, as far as the host tells, when the newest request of a replica was carried out. */
  seen(replica: number): Tips;
  /** The fates of requests that belonged to an attempt. */
  fatesOf(attempt: number): readonly Fate[];
  /** True where a ref was not there, as far as the host tells, at any request of the attempt. */
  wasAbsent(attempt: number, ref: string): boolean;
  run(world: RaceWorld, turns: readonly Turn[], play: Play): Promise<void>;
}

export interface Play {
  readonly replicas: readonly (() => Promise<void>)[];
  /** A person or a hook acts. */
  act(turn: Exclude<Turn, { readonly kind: 'go' | 'late' }>): Promise<void>;
}

interface State {
  readonly landings: Landing[];
  readonly waiting: Waiting[];
  readonly late: (() => Promise<unknown>)[];
  readonly attempts: Attempts[];
  readonly stops: (() => void)[];
  readonly seen: Map<number, Tips>;
  readonly requests: { readonly attempt: number; readonly fate: Fate; readonly tips: Tips }[];
  /** Where the refs have been, the newest last. */
  readonly past: Tips[];
  running: number;
  /** Told when every replica waits or has ended. */
  quiet: () => void;
  world: RaceWorld | null;
}

const PLAIN: Turn = { kind: 'go', which: 0, fate: CARRIED_OUT, reads: 'spared' };

export function createStage(): Stage {
  const state: State = {
    landings: [],
    waiting: [],
    late: [],
    attempts: [],
    stops: [],
    past: [],
    seen: new Map(),
    requests: [],
    running: 0,
    quiet: () => undefined,
    world: null,
  };
  const of = (attempt: number) => state.requests.filter((one) => one.attempt === attempt);
  return {
    landings: state.landings,
    live: (replica, stop) => {
      state.stops[replica] = stop;
    },
    begin: (replica, attempts) => {
      state.attempts[replica] = attempts;
    },
    seen: (replica) => state.seen.get(replica) ?? new Map(),
    fatesOf: (attempt) => of(attempt).map(({ fate }) => fate),
    wasAbsent: (attempt, ref) => of(attempt).some(({ tips }) => !tips.has(ref)),
    enter: (replica, purpose) => enter(state, replica, purpose),
    run: (world, turns, play) => run(state, world, turns, play),
  };
}

async function enter(state: State, replica: number, purpose: Purpose): Promise<Passage> {
  const attempts = state.attempts[replica] ?? new Map();
  const fate = await new Promise<Fate>((resolve) => {
    state.waiting.push({ purpose, go: resolve });
    pause(state);
  });
  return {
    fate,
    carryOut: (act) => carryOut(state, { replica, attempts, fate, purpose }, act),
    later: (act) => void state.late.push(act),
    stop: () => state.stops[replica]?.(),
  };
}

function pause(state: State): void {
  state.running -= 1;
  if (state.running === 0) state.quiet();
}

interface Whose {
  readonly replica: number;
  readonly attempts: Attempts;
  readonly fate: Fate;
  readonly purpose: Purpose;
}

async function carryOut<T>(state: State, whose: Whose, act: (told: Tips | null) => Promise<T>): Promise<T> {
  const { world } = state;
  const { replica, attempts, fate } = whose;
  if (world === null) throw new Error('nothing is asked before the life begins');
  const before = await world.tips();
  const told = world.canLag ? laggingTips(state, whose) : null;
  const result = await act(told);
  const after = await world.tips();
  state.past.push(before, after);
  for (const attempt of attempts.values()) {
    state.requests.push({ attempt, fate, tips: told ?? before }, { attempt, fate, tips: told ?? after });
  }
  state.seen.set(replica, told ?? before);
  for (const ref of new Set([...before.keys(), ...after.keys()])) {
    const [from, to] = [before.get(ref) ?? null, after.get(ref) ?? null];
    if (from !== to) state.landings.push({ attempt: attempts.get(ref) ?? null, ref, from, to });
  }
  return result;
}

/** Two replicas have not moved a ref more than a few times within such a while. */
const LONGEST_LAG = 12;

function laggingTips({ past }: State, { fate, purpose }: Whose): Tips | null {
  if (fate.kind !== 'lagging' || (purpose !== 'list' && purpose !== 'advertisement')) return null;
  return past.at(-1 - Math.floor(fate.at * LONGEST_LAG)) ?? null;
}

async function run(state: State, world: RaceWorld, turns: readonly Turn[], play: Play): Promise<void> {
  state.world = world;
  state.running = play.replicas.length;
  const ended = Promise.all(play.replicas.map((replica) => replica().finally(() => pause(state))));
  const next = turns[Symbol.iterator]();
  await allQuiet(state);
  while (state.waiting.length > 0) {
    const turn: Turn = next.next().value ?? PLAIN;
    if (turn.kind === 'late') await state.late.shift()?.();
    else if (turn.kind !== 'go') await play.act(turn);
    else {
      const [chosen] = state.waiting.splice(turn.which % state.waiting.length, 1);
      state.running += 1;
      chosen?.go(chosen.purpose === 'push' || turn.reads === 'struck' ? turn.fate : CARRIED_OUT);
      await allQuiet(state);
    }
  }
  await ended;
  for (const act of state.late.splice(0)) await act();
}

async function allQuiet(state: State): Promise<void> {
  if (state.running === 0) return;
  await new Promise<void>((resolve) => {
    state.quiet = resolve;
  });
}
