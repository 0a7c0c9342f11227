import { Failure, internalFailure } from '../domain/failure.ts';
import { type Group, groupWishes } from '../plan/group.ts';
import type { Claim } from '../plan/truth/newest-claim.ts';
import type { Wish } from '../plan/truth/wish.ts';
import { type Outcome, outcome, outcomeOfFailure } from './outcome.ts';
import { proposeGroup, type Round } from './propose/propose-group.ts';
import { readIndex } from './read-index.ts';
import { createTruthReader, type Identified, identify, type ReceivedChange } from './read-truth.ts';
import type { ServedBranch } from './served-branch.ts';

/** How often a round is begun again because a ref moved, before the messages are given back. */
const MAX_ROUNDS = 8;

/**
 * Carries a batch of changes through one base branch: refs, truth, index, plan, edit, publish, and again from the top
 * whenever a ref has moved. One outcome per change, in order. Rejects never: every failure is an outcome.
 */
export async function handleChanges(
  served: ServedBranch,
  changes: readonly ReceivedChange[],
  signal: AbortSignal,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<ReceivedChange, Outcome>();
  for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round += 1) {
    const left = changes.filter((change) => !outcomes.has(change));
    if (left.length === 0) break;
    if (round > 0) await served.clock.sleep(200 * 2 ** round, signal);
    try {
      for (const [change, result] of await handleRound(served, left, signal)) outcomes.set(change, result);
    } catch (error) {
      if (signal.aborted) break;
      const failed = outcomeOfFailure(failureOf(error));
      for (const change of left) outcomes.set(change, { ...failed, secret: change.change.names[0] ?? null });
    }
  }
  return changes.map((change) => outcomes.get(change) ?? tooOften(signal));
}

/** Outcomes of the changes that came to an end in this round; those whose refs moved are missing. */
async function handleRound(
  served: ServedBranch,
  changes: readonly ReceivedChange[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ReceivedChange, Outcome>> {
  const { settings, workspace } = served;
  const basePrefix = `refs/heads/${settings.base}`;
  const ownPrefix = `refs/heads/${settings.branchPrefix}/`;
  const refs = await workspace.refs([basePrefix, ownPrefix], signal);
  const base = refs.find(({ name }) => name === basePrefix);
  if (base === undefined) return everyChange(changes, noBase(settings.base));
  const identified = await identifyAll(served, changes, signal);
  const { snapshot, index } = await readIndex(served, base, signal);
  const round: Round = {
    served,
    base,
    ownRefs: refs.filter(({ name }) => name.startsWith(ownPrefix)),
    snapshot,
    index,
    truth: served.secretVersions === null ? null : createTruthReader(served.secretVersions, signal),
    claims: [...identified.values()].flatMap((one): readonly Claim[] => (one.kind === 'wish' ? [one] : [])),
    signal,
  };
  const outcomes = new Map<ReceivedChange, Outcome>();
  const wishes = new Map<Wish, ReceivedChange>();
  for (const [change, one] of identified) {
    if (one.kind === 'wish') wishes.set(one.wish, change);
    else outcomes.set(change, outcomeWithoutWish(one, change));
  }
  for (const group of groupWishes(index, [...wishes.keys()])) {
    const results = await proposeSafely(round, group, wishes);
    for (const [at, wish] of group.wishes.entries()) {
      const change = wishes.get(wish);
      const result = results?.[at];
      if (change !== undefined && result !== undefined)
        outcomes.set(change, judgeDenied(result, identified.get(change)));
    }
  }
  return outcomes;
}

/** Null when a ref moved. A failure in one group leaves the others alone. */
async function proposeSafely(
  round: Round,
  group: Group,
  wishes: ReadonlyMap<Wish, ReceivedChange>,
): Promise<readonly Outcome[] | null> {
  const events = group.wishes.flatMap((wish) => wishes.get(wish)?.change.event ?? []);
  try {
    const result = await proposeGroup(round, group, events);
    if (result.kind === 'done') return result.outcomes;
    round.served.log.info({ repository: round.served.name, group: group.name, reason: result.why }, 'begin again');
    return null;
  } catch (error) {
    if (round.signal.aborted) return null;
    const failed = outcomeOfFailure(failureOf(error));
    return group.wishes.map((wish) => ({ ...failed, secret: wish.names[0] ?? null }));
  }
}

async function identifyAll(served: ServedBranch, changes: readonly ReceivedChange[], signal: AbortSignal) {
  const identified = new Map<ReceivedChange, Identified>();
  const answers = await Promise.all(
    changes.map((change) => identify(change, served, served.settings.accounts, signal)),
  );
  for (const [at, change] of changes.entries()) {
    const answer = answers[at];
    if (answer !== undefined) identified.set(change, answer);
  }
  return identified;
}

function outcomeWithoutWish(one: Exclude<Identified, { kind: 'wish' }>, { change }: ReceivedChange): Outcome {
  const secret = change.names[0] ?? null;
  if (one.kind === 'ignored') return outcome('ignored', one.reason, { secret });
  return outcome('try-later', 'AWS does not show the version that the event names yet.', { secret });
}

/** A secret that is used but may not be described is an operator's matter, not a skip. */
function judgeDenied(result: Outcome, one: Identified | undefined): Outcome {
  if (one?.kind !== 'wish' || one.known.kind !== 'denied' || result.kind !== 'used-but-not-bumped') return result;
  return {
    ...result,
    kind: 'needs-operator',
    hint: 'Grant secretsmanager:DescribeSecret, or set spec.aws.truth: event.',
  };
}

function everyChange(changes: readonly ReceivedChange[], result: Outcome): ReadonlyMap<ReceivedChange, Outcome> {
  return new Map(changes.map((change) => [change, result]));
}

function noBase(base: string): Outcome {
  return outcome('needs-operator', `The repository has no branch ${base}.`, {
    hint: 'See spec.repositories[].branches[].base.',
  });
}

function tooOften(signal: AbortSignal): Outcome {
  return signal.aborted
    ? outcome('try-later', 'The process is shutting down.', { retryAfterSeconds: 1 })
    : outcome('try-later', 'A ref moved again and again.', { hint: 'Other writers are very busy; it is tried again.' });
}

function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return internalFailure(error instanceof Error ? `unexpected ${error.name}` : 'unexpected rejection');
}
