import { Failure, unreachable } from '../domain/failure.ts';
import { LIST_BEHIND } from '../plan/find/found-secrets.ts';
import { whyNobodyFollows } from '../plan/find/reached-finds.ts';
import { type Group, groupWishes } from '../plan/group.ts';
import { whyNobodyAnywhere } from '../plan/truth/regions/replicas.ts';
import type { Wish } from '../plan/truth/wish.ts';
import { failureOf, joinOutcomes, type Outcome, outcome, outcomeOfFailure } from './outcome.ts';
import type { Pause } from './pause.ts';
import { inTurn, type Turn } from './propose/in-turn.ts';
import { outcomeWithoutWish } from './propose/outcome-of-verdict.ts';
import { proposeGroup } from './propose/propose-group.ts';
import { roomOf } from './propose/pull/judge-opening.ts';
import { beginRound, type Round, readRefs, withAnswers } from './round.ts';
import { roundPause } from './round-pause.ts';
import type { ServedBranch } from './served-branch.ts';
import { proposeStrays } from './sweep/sweep-refreshes.ts';
import { type AskedAhead, answeredAhead, askAhead, stillStanding } from './truth/ask-ahead.ts';
import { askCopies, withCopies } from './truth/ask-copies.ts';
import { type AskedFor, askFinds, changedOf, spokenOf } from './truth/ask-finds.ts';
import { type Identified, identifyChanges, type ReceivedChange } from './truth/identify-changes.ts';
import type { Told } from './truth/truth-reader.ts';

/** How often a round is begun again in which nothing came to its end, before the messages are given back. */
const MAX_IDLE_ROUNDS = 8;
const PAUSE_SECONDS = 300;
/** So long a round waits for another writer. */
const PATIENCE_MILLISECONDS = 15_000;
/** As many as go in one push. */
const MOST_TOGETHER = 100;

/** Told of each outcome as soon as it stands. */
export type OnOutcome = (change: ReceivedChange, outcome: Outcome) => void;

/**
 * Carries a batch of changes through one base branch: refs, index, truth, plan, edit, publish, and again from the top
 * whenever a ref has moved. What the first round asks beside the refs stands only where none has moved. Tells one outcome per change, each as soon as it stands, and returns all of them in order. Rejects
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
  let isFirst = true;
  for (let idle = 0; idle < MAX_IDLE_ROUNDS && !signal.aborted; ) {
    const settled = outcomes.size;
    let notBefore: number | null = null;
    try {
      // A round that lost a race finds refs that it has not seen before.
      const early = isFirst ? askAhead(served, left(), signal) : null;
      isFirst = false;
      notBefore = await handleRound(served, { changes: left(), early }, settle, signal);
    } catch (error) {
      if (signal.aborted) break;
      const failed = outcomeOfFailure(failureOf(error));
      for (const change of left()) settle(change, failed);
    }
    if (outcomes.size === changes.length) break;
    idle = outcomes.size === settled ? idle + 1 : 0;
    served.meter.count('rounds_begun_again_total', { repository: served.name });
    const now = served.clock.now();
    const most = notBefore === null ? Number.POSITIVE_INFINITY : notBefore - now;
    await served.clock.sleep(roundPause(idle, `${served.name} ${now}`, most), signal);
  }
  for (const change of left()) settle(change, unfinished(signal));
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

/**
 * One round. Changes whose refs moved come to no outcome in it. Returns when the first that is left to another writer may be opened, epoch
 * milliseconds; null where none is.
 */
async function handleRound(
  served: ServedBranch,
  { changes, early }: { readonly changes: readonly ReceivedChange[]; readonly early: AskedAhead | null },
  settle: OnOutcome,
  signal: AbortSignal,
): Promise<number | null> {
  const refs = await readRefs(served, signal);
  if (refs === null) {
    for (const change of changes) settle(change, noBase(served.settings.base));
    return null;
  }
  const ahead = stillStanding(early, refs);
  const begun = { ...(await beginRound(served, refs, signal)), listed: ahead.pulls };
  const { index } = begun;
  const { clock, secretVersions, settings } = served;
  const accounts = secretVersions === null ? [] : settings.accounts;
  const followed = changes.filter((received) => {
    const reason = whyNobodyAnywhere(index, received.change, accounts);
    if (reason !== null) settle(received, outcome('ignored', reason));
    return reason === null;
  });
  const identified = await identifyChanges(
    { clock, secretVersions: answeredAhead(secretVersions, ahead) },
    settings.accounts,
    followed,
    signal,
  );
  for (const [change, one] of identified) if (one.kind !== 'wish') settle(change, outcomeWithoutWish(one));
  const copies = await askCopies(served, { index, accounts }, identified, signal);
  const ready = [...copies.values()].flatMap((one) => [...one.ready]);
  const all = new Map<ReceivedChange, Identified>([...identified, ...ready]);
  const claims = [...all.values()].flatMap((one) => (one.kind === 'wish' ? [one] : []));
  const spoken = spokenOf(all, clock.now());
  const round = withAnswers(begun, { told: toldBy(all), spoken, claims });
  const { pause } = round;
  if (pause === null) {
    const asked = withCopies(index, await askAll(round, all), copies);
    await proposeAll(round, asked, (received, done) =>
      settle(received, noted(done, copies.get(received)?.note ?? null)),
    );
  } else for (const [change, one] of identified) if (one.kind === 'wish') settle(change, postponed(pause));
  return round.openings.notBefore;
}

function noted(done: Outcome, note: string | null): Outcome {
  return note === null ? done : { ...done, reason: `${done.reason} ${note}` };
}

/** What each change asks for, with the finds that it reaches. */
async function askAll(
  { index, truth }: Round,
  identified: ReadonlyMap<ReceivedChange, Identified>,
): Promise<ReadonlyMap<ReceivedChange, AskedFor>> {
  const asked = new Map<ReceivedChange, AskedFor>();
  for (const [received, one] of identified) {
    if (one.kind !== 'wish') continue;
    const { wish, known } = one;
    asked.set(received, await askFinds(index, truth, { changed: changedOf(received, wish), wish, known }));
  }
  return asked;
}

/** The answers that events led to; the last one stands, and that is one in which a version was recognised. */
function toldBy(identified: ReadonlyMap<ReceivedChange, Identified>): readonly Told[] {
  const told = [...identified].flatMap(([{ change }, one]) =>
    one.kind === 'wish' ? [{ ref: change, known: one.known }] : [],
  );
  return told.toSorted((left, right) => Number(left.ref.versionId !== null) - Number(right.ref.versionId !== null));
}

/**
 * Proposes the groups: their branches are pushed together, then each is shown in its turn, since hosts want pull requests one
 * after the other, and limits are counted along the way. A change comes to its outcome with the last part of its last wish; to none where the refs of a group
 * moved.
 */
async function proposeAll(
  round: Round,
  asked: ReadonlyMap<ReceivedChange, AskedFor>,
  settle: OnOutcome,
): Promise<void> {
  const changes = new Map([...asked].flatMap(([change, { wishes }]) => wishes.map((wish) => [wish, change] as const)));
  const groups = groupWishes(round.index, [...changes.keys()], round.served.settings.scope.grouping);
  const parts = countBy(groups.flatMap(({ wishes }) => wishes));
  const results = new Map<Wish, Outcome[]>();
  const settleWhole = (change: ReceivedChange, { wishes, held }: AskedFor) => {
    const own = wishes.flatMap((wish) => results.get(wish) ?? []);
    if (own.length < wishes.reduce((sum, wish) => sum + (parts.get(wish) ?? 0), 0)) return;
    settle(
      change,
      joinOutcomes([...own, ...held.map(outcomeOfHeld)]) ??
        outcome('ignored', whyNobodyFollows(round.index, change.change) ?? NO_LONGER_FOUND),
    );
  };
  for (const [change, one] of asked) if (one.wishes.length === 0) settleWhole(change, one);
  const onDone = (group: Group | undefined, done: Proposed) => {
    if (done === 'base moved' || group === undefined) return 'end';
    for (const [at, wish] of group.wishes.entries()) {
      const result = done[at];
      if (result !== undefined) results.set(wish, [...(results.get(wish) ?? []), result]);
    }
    for (const change of new Set(group.wishes.flatMap((wish) => changes.get(wish) ?? []))) {
      const whole = asked.get(change);
      if (whole !== undefined) settleWhole(change, whole);
    }
    return 'go on';
  };
  for (let from = 0, some: readonly Group[] = []; from < groups.length; from += some.length) {
    some = groups.slice(from, from + (await howManyTogether(round, groups.length - from)));
    const works = some.map((group) => (turn: Turn) => proposeSafely({ ...round, turn }, group, changes));
    const went = await inTurn(works, (done, at) => onDone(some[at], done));
    if (went === 'end') return;
  }
}

/** No more than may be shown now: whoever finds a branch without a pull request opens one. */
async function howManyTogether(round: Round, left: number): Promise<number> {
  if (left === 1) return 1;
  const room = await roomOf(round).catch((error: unknown) => {
    // Where the forge cannot count, each will say so in its turn.
    if (error instanceof Failure) return 0;
    throw error;
  });
  return Math.min(MOST_TOGETHER, Math.max(1, room));
}

function countBy<T>(items: readonly T[]): ReadonlyMap<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}

const NO_LONGER_FOUND = 'No find in this repository could find it by the name and the tags that AWS gives it.';
const LIST_SECONDS = 60;

function outcomeOfHeld(held: AskedFor['held'][number]): Outcome {
  switch (held.kind) {
    case 'failed':
      return outcomeOfFailure(held.failure);
    case 'behind':
      return outcome('try-later', LIST_BEHIND.reason, { hint: LIST_BEHIND.hint, retryAfterSeconds: LIST_SECONDS });
    case 'copy':
      return outcome(held.copy.state === 'failed' ? 'needs-operator' : 'try-later', held.copy.reason, {
        hint: held.copy.hint,
      });
    default:
      return unreachable(held);
  }
}

type Proposed = readonly Outcome[] | 'base moved';

/** Empty when its branch moved; a base that moved ends the round. A failure in one group leaves the others alone. */
async function proposeSafely(
  round: Round,
  group: Group,
  changes: ReadonlyMap<Wish, ReceivedChange>,
): Promise<Proposed> {
  const { served, signal } = round;
  const events = group.wishes.flatMap((wish) => changes.get(wish)?.change.event ?? []);
  try {
    const strays = await proposeStrays(round, group);
    if (strays?.kind === 'done') return group.wishes.map(() => strays.outcome);
    const result = strays ?? (await proposeGroup(round, group, events));
    if (result.kind === 'done') return result.outcomes;
    const { until = 0 } = result;
    const waitMilliseconds = until - served.clock.now();
    if (waitMilliseconds > PATIENCE_MILLISECONDS) return group.wishes.map(() => leftFor(waitMilliseconds, result.why));
    if (until > 0) round.openings.notBefore = Math.min(round.openings.notBefore ?? until, until);
    served.log.info({ repository: served.name, group: group.name, reason: result.why }, 'begin again');
    return result.what === 'base' ? 'base moved' : [];
  } catch (error) {
    if (signal.aborted) return [];
    const failed = outcomeOfFailure(failureOf(error));
    return group.wishes.map(() => failed);
  }
}

/** Given back, so that others need not wait for it. */
function leftFor(milliseconds: number, why: string): Outcome {
  return outcome('try-later', why, { retryAfterSeconds: Math.ceil(milliseconds / 1000) });
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
