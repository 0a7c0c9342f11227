import { branchName } from '../../plan/group.ts';
import { type DueRestarts, dueRestarts, restartName } from '../../plan/restart/due-restarts.ts';
import type { Ref } from '../../ports.ts';
import { proposeRestarts } from '../propose/propose-restarts.ts';
import { NOT_DUE } from '../propose/pull/withdraw.ts';
import { readTip } from '../propose/tip/own-branch.ts';
import type { Round } from '../round.ts';
import { removeBranch } from './remove-branch.ts';
import { fateOf, isAsLeft } from './sweep-refreshes.ts';
import { type Look, type LookedAt, QUIET, type Swept } from './swept.ts';
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
  /** Told when the next restart that still settles may be proposed, epoch milliseconds. */
  readonly onSettling: (dueAt: number) => void;
}

/** Proposes what is due and has settled, unless all of it stands as it was last left. */
export async function sweepDueRestarts(round: Round, work: DueWork): Promise<Swept> {
  const { branch, group, memory, look, onSettling } = work;
  const head = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`)?.oid ?? null;
  const fingerprint = group.restarts
    .map(({ edit }) => `${restartName(edit)} ${round.blobs.get(edit.path) ?? ''}`)
    .join('\n');
  const before = memory.looked.get(branch);
  const isSame = before?.head === head && before.fingerprint === fingerprint;
  if (look === 'quick' && isSame && (await stillWaits(round, branch))) return QUIET;
  round.served.memory.waiting.delete(branch);
  const result = await proposeRestarts(round, group, memory.firstSeen);
  if (result.kind === 'moved') return result;
  const { outcome, nextDueAt } = result;
  if (nextDueAt !== null) onSettling(nextDueAt);
  if (nextDueAt === null && isAsLeft(outcome)) {
    memory.looked.set(branch, { head, wishes: [], fingerprint });
  } else memory.looked.delete(branch);
  return { kind: 'done', branch, outcome };
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
