import { type Group, groupWishes } from '../plan/group.ts';
import type { Wish } from '../plan/truth/wish.ts';
import { failureOf, type Outcome, outcome, outcomeOfFailure } from './outcome.ts';
import type { Pause } from './pause.ts';
import { outcomeWithoutWish } from './propose/outcome-of-verdict.ts';
import { proposeGroup } from './propose/propose-group.ts';
import { beginRound, type Round, readRefs } from './round.ts';
import type { ServedBranch } from './served-branch.ts';
import { type Identified, identifyChanges, type ReceivedChange } from './truth/identify-changes.ts';
import type { Told } from './truth/truth-reader.ts';

/** How often a round is begun again in which nothing came to its end, before the messages are given back. */
const MAX_IDLE_ROUNDS = 8;
const PAUSE_SECONDS = 300;

/** Told of each outcome as soon as it stands. */
export type OnOutcome = (change: ReceivedChange, outcome: Outcome) => void;

/**
 * Carries a batch of changes through one base branch: refs, truth, index, plan, edit, publish, and again from the top
 * whenever a ref has moved. Tells one outcome per change, each as soon as it stands, and returns all of them in order. Rejects
 * never: every failure is an outcome.
 */
export async function handleChanges(
  served: ServedBranch,
  changes: readonly ReceivedChange[],
  signal: AbortSignal,
  onOutcome: OnOutcome,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<ReceivedChange, Outcome>();
  const settle: OnOutcome = (received, result) => {
    const named = { ...result, secret: result.secret ?? received.change.names[0] ?? null };
    outcomes.set(received, named);
    onOutcome(received, named);
  };
  const left = () => changes.filter((change) => !outcomes.has(change));
  for (let idle = 0; idle < MAX_IDLE_ROUNDS && !signal.aborted; ) {
    const settled = outcomes.size;
    try {
      await handleRound(served, left(), settle, signal);
    } catch (error) {
      if (signal.aborted) break;
      const failed = outcomeOfFailure(failureOf(error));
      for (const change of left()) settle(change, failed);
    }
    if (outcomes.size === changes.length) break;
    idle = outcomes.size === settled ? idle + 1 : 0;
    served.meter.count('rounds_begun_again_total', { repository: served.name });
    await served.clock.sleep(200 * 2 ** idle, signal);
  }
  for (const change of left()) settle(change, unfinished(signal));
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/** One round. Changes whose refs moved come to no outcome in it. */
async function handleRound(
  served: ServedBranch,
  changes: readonly ReceivedChange[],
  settle: OnOutcome,
  signal: AbortSignal,
): Promise<void> {
  const refs = await readRefs(served, signal);
  if (refs === null) {
    for (const change of changes) settle(change, noBase(served.settings.base));
    return;
  }
  const identified = await identifyChanges(served, served.settings.accounts, changes, signal);
  const wishes = new Map<Wish, ReceivedChange>();
  for (const [change, one] of identified) {
    if (one.kind === 'wish') wishes.set(one.wish, change);
    else settle(change, outcomeWithoutWish(one));
  }
  const claims = [...identified.values()].flatMap((one) => (one.kind === 'wish' ? [one] : []));
  const round = await beginRound(served, refs, { told: toldBy(identified), claims }, signal);
  if (round.pause === null) await proposeAll(round, wishes, settle);
  else for (const change of wishes.values()) settle(change, postponed(round.pause));
}

/** The answers that events led to; the last one stands, and that is one in which a version was recognised. */
function toldBy(identified: ReadonlyMap<ReceivedChange, Identified>): readonly Told[] {
  const told = [...identified].flatMap(([{ change }, one]) =>
    one.kind === 'wish' ? [{ ref: change, known: one.known }] : [],
  );
  return told.toSorted((left, right) => Number(left.ref.versionId !== null) - Number(right.ref.versionId !== null));
}

/** Proposes group by group. Changes of a group whose refs moved come to no outcome. */
async function proposeAll(round: Round, changes: ReadonlyMap<Wish, ReceivedChange>, settle: OnOutcome): Promise<void> {
  for (const group of groupWishes(round.index, [...changes.keys()])) {
    const results = await proposeSafely(round, group, changes);
    if (results === 'base moved') return;
    for (const [at, wish] of group.wishes.entries()) {
      const change = changes.get(wish);
      const result = results[at];
      if (change !== undefined && result !== undefined) settle(change, result);
    }
  }
}

/** Empty when its branch moved; a base that moved ends the round. A failure in one group leaves the others alone. */
async function proposeSafely(
  round: Round,
  group: Group,
  changes: ReadonlyMap<Wish, ReceivedChange>,
): Promise<readonly Outcome[] | 'base moved'> {
  const { served, signal } = round;
  const events = group.wishes.flatMap((wish) => changes.get(wish)?.change.event ?? []);
  try {
    const result = await proposeGroup(round, group, events);
    if (result.kind === 'done') return result.outcomes;
    served.log.info({ repository: served.name, group: group.name, reason: result.why }, 'begin again');
    return result.what === 'base' ? 'base moved' : [];
  } catch (error) {
    if (signal.aborted) return [];
    const failed = outcomeOfFailure(failureOf(error));
    return group.wishes.map(() => failed);
  }
}

/** Given back, since nobody can tell when the pause ends. */
function postponed({ reason, hint }: Pause): Outcome {
  return outcome('try-later', reason, { hint, retryAfterSeconds: PAUSE_SECONDS });
}

function noBase(base: string): Outcome {
  return outcome('needs-operator', `The repository has no branch ${base}.`, {
    hint: 'See spec.repositories[].branches[].base.',
  });
}

function unfinished(signal: AbortSignal): Outcome {
  return signal.aborted
    ? outcome('try-later', 'The process is shutting down.', { retryAfterSeconds: 1 })
    : outcome('try-later', 'A ref moved again and again.', { hint: 'Other writers are very busy; it is tried again.' });
}
