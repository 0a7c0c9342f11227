import { branchName } from '../../plan/group.ts';
import { ownBranchFate } from '../../plan/own-branch-fate.ts';
import { type DueRestarts, dueRestarts, restartName } from '../../plan/restart/due-restarts.ts';
import type { Ref } from '../../ports.ts';
import { readTip } from '../propose/own-branch.ts';
import { isWithdrawn, NOT_DUE } from '../propose/withdraw.ts';
import type { Round } from '../round.ts';
import { removeBranch } from './remove-branch.ts';
import { QUIET, type Swept } from './swept.ts';

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

/** A restart branch for which nothing is due: its pull request is taken back, or it is left over from one that was merged. */
export async function sweepIdleRestart(round: Round, ref: Ref): Promise<Swept> {
  const { served, snapshot, signal } = round;
  const { base, bases } = served.settings;
  const branch = ref.name.slice('refs/heads/'.length);
  const tip = await readTip(served, ref, snapshot, signal);
  if (tip.kind === 'none') return QUIET;
  const pulls = await served.forge.list(branch, base, signal);
  const known = pulls.map((pull) => ({ state: pull.state, head: pull.head, isWithdrawn: isWithdrawn(pull) }));
  const fate = ownBranchFate({ branch, tip: tip.kind, head: tip.ref.oid, home: null, pulls: known, bases });
  return fate.kind === 'leave' ? QUIET : removeBranch(round, { tip: tip.ref, pulls, why: NOT_DUE });
}
