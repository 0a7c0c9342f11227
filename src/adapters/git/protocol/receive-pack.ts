import { Failure } from '../../../domain/failure.ts';
import type { UpdateResult } from '../../../ports.ts';
import type { HttpAnswer } from '../../net/http-request.ts';
import { netFailure } from '../../net/net-failure.ts';
import type { GitObject } from '../objects/git-object.ts';
import { writePack } from '../objects/pack-write.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import type { GitHost } from './git-host.ts';
import { statusFailure } from './git-host.ts';
import { earlyResult, listedRefs } from './push/early-result.ts';
import { pushOutcome } from './push/push-outcome.ts';
import { attemptOf, type Push, pushRequest, splitPushes } from './push/push-request.ts';
import { readPushReport } from './push-report.ts';
import { type Advertisement, discover } from './server-refs.ts';

/** Texts that a host's hooks and pipelines are told beside a push, where the host takes them. */
export interface PushOptions {
  readonly values: readonly string[];
  /** Called once, when the host is found not to take any: pushes go without. */
  readonly notTaken: () => void;
}

/** Pushes to one host, and what is remembered of it. */
export interface Pusher {
  /** One result for each push, in order. Never rejects with a `Failure`. `pack` left out: without deltas. */
  push(pushes: readonly Push[], signal: AbortSignal, pack?: MakePack): Promise<readonly UpdateResult[]>;
}

type MakePack = (objects: readonly GitObject[]) => Buffer | Promise<Buffer>;
type Capabilities = Advertisement['capabilities'];

interface State {
  readonly host: GitHost;
  readonly options: PushOptions;
  /** What the host said of its pushes; null before, and after it said something odd. */
  known: Capabilities | null;
  areOptionsTold: boolean;
}

/** How many branches, and how many bytes of objects, go in one request. */
const LIMITS = { maxRefs: 100, maxBytes: 8 * 1024 * 1024 };
/** So often what was not at fault goes together again; then each goes by itself. */
const MOST_GOES = 3;
const NO_OPTIONS: PushOptions = { values: [], notTaken: () => undefined };

/**
 * Pushes with a real compare-and-swap: `expected` is what we decided on, not what the host has just said. The host compares once
 * more under its own lock. What the host can do is asked once; its refs are looked at when it refuses, so that a push is one
 * request and a lost race is three.
 */
export function createPusher(host: GitHost, options: PushOptions = NO_OPTIONS): Pusher {
  const state: State = { host, options, known: null, areOptionsTold: false };
  return {
    push: async (pushes, signal, pack = writePack) => {
      const results = new Map<Push, UpdateResult>();
      for (const batch of splitPushes(pushes, LIMITS)) await pushTogether({ state, results, pack, signal }, batch);
      return pushes.map((push) => withCommit(results.get(push) ?? MOVED, push));
    },
  };
}

const MOVED: UpdateResult = { kind: 'moved' };

/** What may be there all the same is known by its id. */
function withCommit(result: UpdateResult, push: Push): UpdateResult {
  return result.kind === 'unknown' && push.kind === 'move' ? { ...result, oid: push.oid } : result;
}

interface Work {
  readonly state: State;
  readonly results: Map<Push, UpdateResult>;
  readonly pack: MakePack;
  readonly signal: AbortSignal;
}

/** What a go leaves to be done: `again` together with the others, or `alone`. */
interface Left {
  readonly again: readonly Push[];
  readonly alone: readonly Push[];
}

async function pushTogether(work: Work, pushes: readonly Push[]): Promise<void> {
  const alone: Push[] = [];
  let again = pushes;
  for (let go = 0; go < MOST_GOES && again.length > 0; go += 1) {
    const left = await goOnce(work, again, go === 0 ? 'if-new' : 'look');
    alone.push(...left.alone);
    again = left.again;
  }
  // A lone push that comes to nothing has lost one race after the other.
  if (pushes.length === 1) return;
  for (const push of [...alone, ...again]) await pushTogether(work, [push]);
}

const NOTHING_LEFT: Left = { again: [], alone: [] };

/** `look`: first at where the refs are. `if-new`: only where it is not remembered what the host can do. */
async function goOnce(work: Work, pushes: readonly Push[], look: 'look' | 'if-new'): Promise<Left> {
  const { state, results } = work;
  try {
    const known = look === 'look' ? null : state.known;
    const { capabilities, ready } =
      known === null ? await lookFirst(work, pushes) : { capabilities: known, ready: pushes };
    if (ready.length === 0) return NOTHING_LEFT;
    return readSent(work, ready, await send(work, ready, capabilities), known === null);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    for (const push of pushes) if (!results.has(push)) results.set(push, { kind: 'failed', failure: error });
    return NOTHING_LEFT;
  }
}

function readSent(work: Work, pushes: readonly Push[], sent: Sent, hasLooked: boolean): Left {
  if (sent.kind === 'answer') return readAnswer(work, pushes, sent, hasLooked);
  work.state.known = null;
  if (sent.kind === 'unknown') {
    for (const push of pushes) work.results.set(push, sent);
    return NOTHING_LEFT;
  }
  // It may be another host by now, or one that takes no large requests.
  if (!hasLooked) return { again: pushes, alone: [] };
  if (pushes.length > 1) return { again: [], alone: pushes };
  throw sent.failure;
}

interface Looked {
  readonly capabilities: Capabilities;
  readonly ready: readonly Push[];
}

/** Asks what the host can do and where its refs are. Returns what is left to be sent. */
async function lookFirst({ state, results, signal }: Work, pushes: readonly Push[]): Promise<Looked> {
  const { version, capabilities, refs } = await discover(state.host, 'git-receive-pack', signal);
  // Its refs would be asked for apart, and nobody does for a push: none of them is gone because it is not here.
  if (version === 2) throw unreadableAnswer('it speaks of pushes in a protocol that has none');
  state.known = capabilities;
  const listed = listedRefs(refs, pushes);
  const ready = pushes.filter((push) => {
    const early = earlyResult(push, listed, capabilities);
    if (early !== null) results.set(push, early);
    return early === null;
  });
  if (ready.length > 0 && !capabilities.has('report-status')) {
    state.known = null;
    throw unreadableAnswer('it does not say that it reports what becomes of a push');
  }
  return { capabilities, ready };
}

type Sent =
  | { readonly kind: 'answer'; readonly body: Buffer; readonly hasBands: boolean }
  | { readonly kind: 'unknown'; readonly reason: string }
  /** The host did not take it for a push; nothing was written. */
  | { readonly kind: 'odd'; readonly failure: Failure };

async function send({ state, pack, signal }: Work, pushes: readonly Push[], capabilities: Capabilities): Promise<Sent> {
  const { host, options } = state;
  tellOfOptions(state, capabilities);
  const call = await pushRequest(pushes, { capabilities, options: options.values, pack });
  const answer = await host.exchange(call, signal);
  const attempt = `${attemptOf(pushes)} of ${host.name}`;
  if (answer.kind === 'net-error') {
    const failure = netFailure('git', attempt, answer);
    if (answer.reason === 'redirected') return { kind: 'odd', failure };
    if (!answer.sent) throw failure;
    return { kind: 'unknown', reason: answer.detail };
  }
  // A gateway that gives up does not know what the host behind it has done; 409 and 422 are what hosts say of a race.
  if (answer.status >= 500 || answer.status === 409 || answer.status === 422)
    return { kind: 'unknown', reason: `the host answered ${answer.status}` };
  if (answer.status === 200) return { kind: 'answer', body: answer.body, hasBands: capabilities.has('side-band-64k') };
  const failure = statusFailure(attempt, answer);
  if (!isOdd(answer)) throw failure;
  return { kind: 'odd', failure };
}

/** Neither a matter of rights nor of haste. */
function isOdd({ status }: HttpAnswer): boolean {
  return ![401, 403, 408, 429].includes(status);
}

function tellOfOptions(state: State, capabilities: Capabilities): void {
  if (state.areOptionsTold || state.options.values.length === 0 || capabilities.has('push-options')) return;
  state.areOptionsTold = true;
  state.options.notTaken();
}

function readAnswer(
  { state, results }: Work,
  pushes: readonly Push[],
  { body, hasBands }: Sent & { readonly kind: 'answer' },
  hasLooked: boolean,
): Left {
  const reportOf = readPushReport(body, hasBands);
  const outcomes = pushes.map((push) => ({ push, outcome: pushOutcome(state.host, push, reportOf(push.ref)) }));
  // Hosts decline a whole request for one ref of it, in words that fit each.
  const isWhole = pushes.length > 1 && outcomes.every(({ outcome }) => outcome.kind === 'result' && isShared(outcome));
  if (isWhole) return { again: [], alone: pushes };
  const again: Push[] = [];
  for (const { push, outcome } of outcomes) {
    if (outcome.kind === 'result') results.set(push, outcome.result);
    // Beside others it may be the one that stands against them, or one of those that went back with it.
    else if (pushes.length > 1 || !hasLooked) again.push(push);
    else results.set(push, MOVED);
  }
  // Its settings may be others by now, and what it no longer takes would fail again and again.
  if (outcomes.some(({ outcome }) => outcome.kind === 'result' && isAmiss(outcome.result))) state.known = null;
  return { again, alone: [] };
}

function isAmiss({ kind }: UpdateResult): boolean {
  return kind === 'unknown' || kind === 'failed';
}

function isShared(outcome: { readonly cause: 'own' | 'shared' }): boolean {
  return outcome.cause === 'shared';
}
