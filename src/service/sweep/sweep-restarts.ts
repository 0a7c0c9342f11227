import { branchName } from '../../plan/group.ts';
import { type DueRestarts, dueRestarts, restartName } from '../../plan/restart/due-restarts.ts';
import { whatStatusesSay } from '../../plan/restart/statuses/mapped-refreshes.ts';
import type { Ref } from '../../ports.ts';
import { proposeRestarts } from '../propose/propose-restarts.ts';
import { NOT_DUE } from '../propose/pull/withdraw.ts';
import { readStatuses, STATUS_LOOK_MILLISECONDS } from '../propose/statuses/read-statuses.ts';
import { readTip } from '../propose/tip/own-branch.ts';
import type { Round } from '../round.ts';
import { removeBranch } from './remove-branch.ts';
import { fateOf, isAsLeft } from './sweep-refreshes.ts';
import { type Look, type LookedAt, QUIET, type SeenStatuses, type Swept } from './swept.ts';
import { stillWaits } from './waiting-branches.ts';

/** The restarts that are due on the base, by the branch that they belong to. */
export type RestartsByBranch = ReadonlyMap<string, DueRestarts['groups'][number]>;

/**
 * What is due on the base. Remembers in `firstSeen` when each was first seen (by `restartName`, epoch milliseconds), and forgets
 * what is no longer due.
 */
export function findDueRestarts({ served, index }: Round, firstSeen: Map<string, number>): RestartsByBranch {
  const { branchPrefix: prefix, instance, base, scope } = served.settings;
  const { groups } = dueRestarts(index, scope);
  const due = new Set(groups.flatMap(({ restarts }) => restarts.map(({ edit }) => restartName(edit))));
  for (const name of firstSeen.keys()) if (!due.has(name)) firstSeen.delete(name);
  for (const name of due) if (!firstSeen.has(name)) firstSeen.set(name, served.clock.now());
  return new Map(groups.map((group) => [branchName({ prefix, instance, base, group, stage: 2 }), group]));
}

/** One group of due restarts, and what the process remembers. */
export interface DueWork {
  readonly branch: string;
  readonly group: DueRestarts['groups'][number];
  readonly memory: { readonly looked: Map<string, LookedAt>; readonly firstSeen: ReadonlyMap<string, number> };
  readonly look: Look;
  /** Told when the next restart that still settles, or waits for statuses, is to be looked at, epoch milliseconds. */
  readonly onSettling: (dueAt: number) => void;
}

/** Proposes what is due and has settled, unless all of it stands as it was last left. */
export async function sweepDueRestarts(round: Round, work: DueWork): Promise<Swept> {
  const { branch, group, memory, look } = work;
  const before = memory.looked.get(branch);
  const said = whatStatusesSay(group.restarts, await readStatuses(round, group.restarts));
  const now = seenOf(round, work);
  if (look === 'quick' && isAsSeen(round, before, { ...now, said }) && (await stillWaits(round, branch))) {
    lookAgain(round, work, before?.statuses ?? NOTHING_AWAITED);
    return QUIET;
  }
  round.served.memory.waiting.delete(branch);
  const result = await proposeRestarts(round, group, memory.firstSeen);
  if (result.kind === 'moved') return result;
  const { outcome, nextDueAt: until, isAwaiting } = result;
  lookAgain(round, work, { isAwaiting, until });
  const statuses = said === null ? {} : { statuses: { said, isAwaiting, until } };
  // Time alone is looked into when it has come; what waits for statuses when they say something else, too.
  if (isAsLeft(outcome) && (until === null || isAwaiting))
    memory.looked.set(branch, { ...now, wishes: [], ...statuses });
  else memory.looked.delete(branch);
  return { kind: 'done', branch, outcome };
}

const NOTHING_AWAITED = { isAwaiting: false, until: null };

function seenOf({ ownRefs, blobs }: Round, { branch, group }: DueWork): Pick<LookedAt, 'head' | 'fingerprint'> {
  const restarts = group.restarts.map(({ edit }) => `${restartName(edit)} ${blobs.get(edit.path) ?? ''}`);
  const head = ownRefs.find(({ name }) => name === `refs/heads/${branch}`)?.oid ?? null;
  return { head, fingerprint: restarts.join('\n') };
}

function isAsSeen(
  { served }: Round,
  before: LookedAt | undefined,
  now: Pick<LookedAt, 'head' | 'fingerprint'> & { readonly said: string | null },
): boolean {
  if (before?.head !== now.head || before.fingerprint !== now.fingerprint) return false;
  const { said = null, until = null } = before.statuses ?? {};
  return said === now.said && (until === null || served.clock.now() < until);
}

function lookAgain(
  { served }: Round,
  { onSettling }: DueWork,
  { isAwaiting, until }: Pick<SeenStatuses, 'isAwaiting' | 'until'>,
): void {
  if (until !== null) onSettling(until);
  if (isAwaiting) onSettling(served.clock.now() + STATUS_LOOK_MILLISECONDS);
}

/** Of a branch for which nothing is due. */
const IDLE = '';

/** A restart branch for which nothing is due: its pull request is taken back, or it is left over from one that was merged. */
export async function sweepIdleRestart(
  round: Round,
  ref: Ref,
  looked: Map<string, LookedAt>,
  look: Look,
): Promise<Swept> {
  const { served, snapshot, signal } = round;
  const branch = ref.name.slice('refs/heads/'.length);
  const before = looked.get(branch);
  if (look === 'quick' && before?.head === ref.oid && before.fingerprint === IDLE) return QUIET;
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  if (tip.kind === 'none') return QUIET;
  const pulls = await served.forge.list(branch, served.settings.base, signal);
  const fate = fateOf(round, { branch, tip }, [], pulls);
  if (fate.kind !== 'leave') return removeBranch(round, { tip: tip.ref, pulls, why: NOT_DUE });
  looked.set(branch, { head: ref.oid, wishes: [], fingerprint: IDLE });
  return QUIET;
}
