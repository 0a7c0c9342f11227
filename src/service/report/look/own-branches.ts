import { Failure, internalFailure } from '../../../domain/failure.ts';
import { branchName, stageOfBranch } from '../../../plan/group.ts';
import { titleOf } from '../../../plan/grouping/group-names.ts';
import {
  type BranchStanding,
  branchStanding,
  PULLS_UNKNOWN,
  withOpening,
} from '../../../plan/report/branch-standing.ts';
import type { OwnBranch } from '../../../plan/report/branch-status.ts';
import { shownFor } from '../../../plan/report/look.ts';
import { withMerge, withUnknownMerge } from '../../../plan/report/merging/merge-standing.ts';
import type { PullRequest, Ref } from '../../../ports.ts';
import { atMost } from '../../at-most.ts';
import { leftClosed } from '../../propose/pull/show-pull-request.ts';
import type { Round } from '../../round.ts';
import { ownRefsOf } from '../../sweep/sweep-branch.ts';
import { type CarriedRefresh, fateOf, homesOf, readCarried } from '../../sweep/sweep-refreshes.ts';
import { findDueRestarts, type RestartsByBranch } from '../../sweep/sweep-restarts.ts';
import { lookAtMerge, lookAtOpening } from './own-opening.ts';
import { orFailure, shownPull } from './shown-pull.ts';

/** An own branch, with every pull request of it; a failure where one of them could not be read. */
export interface LookedBranch {
  readonly ref: Ref;
  /** Null where not even its tip could be read. */
  readonly shown: OwnBranch | null;
  /** Null as well. */
  readonly carried: CarriedRefresh | null;
  readonly pulls: readonly PullRequest[];
  readonly failure: Failure | null;
}

const AT_ONCE = 4;

/** Looks at every own branch of this instance, of both stages, in the order of their names. */
export function lookAtOwnBranches(round: Round): Promise<readonly LookedBranch[]> {
  const due = findDueRestarts(round, new Map());
  const refs = ownRefsOf(round.served, round).toSorted((left, right) => (left.name < right.name ? -1 : 1));
  return atMost(AT_ONCE, refs, (ref) => lookAtOne(round, ref, due));
}

async function lookAtOne(round: Round, ref: Ref, due: RestartsByBranch): Promise<LookedBranch> {
  const { served, signal } = round;
  const carried = await orFailure(() => readCarried(round, ref));
  if (carried instanceof Failure) return { ref, shown: null, carried: null, pulls: [], failure: carried };
  if (carried === null) throw internalFailure('a ref that is listed has a tip');
  const pulls = await orFailure(() => served.forge.list(carried.branch, served.settings.base, signal));
  const isFailed = pulls instanceof Failure;
  const known = isFailed ? [] : pulls;
  const standing = isFailed ? PULLS_UNKNOWN : await standingOfBranch(round, carried, { pulls, due });
  const { branch, tip } = carried;
  const shown: OwnBranch = {
    branch,
    head: tip.ref.oid,
    stage: stageWord(branch),
    tip: tip.kind,
    author: tip.commit.author.name,
    group: groupNameOf(round, carried),
    rotations: [...tip.rotations].toSorted(),
    restarts: [...tip.restarts].toSorted(),
    pullRequest: shownFor(known.map(shownPull)),
    standing,
  };
  return { ref, shown, carried, pulls: known, failure: isFailed ? pulls : null };
}

/** Where an own branch stands. `due`: the restarts that are due, by their branch of stage two. */
export async function standingOfBranch(
  round: Round,
  carried: CarriedRefresh,
  { pulls, due }: { readonly pulls: readonly PullRequest[]; readonly due: RestartsByBranch },
): Promise<BranchStanding> {
  const { branch, tip } = carried;
  const homes =
    stageOfBranch(branch) === 2 ? [...due.keys()].filter((home) => home === branch) : homesOf(round, carried);
  const fate = fateOf(round, carried, homes, pulls);
  const closed = leftClosed(pulls, tip.own?.message ?? '');
  const standing = branchStanding({
    fate,
    author: tip.commit.author.name,
    pulls: pulls.map(shownPull),
    leftClosed: closed === null ? null : shownPull(closed),
  });
  if (standing.kind !== 'open' && standing.kind !== 'to-be-opened') return standing;
  const open = pulls.find(({ state }) => state === 'open') ?? null;
  const looked = { carried, due: due.get(branch) ?? null };
  const opening = await orFailure(() => lookAtOpening(round, { ...looked, open }));
  const opened = opening instanceof Failure ? standing : withOpening(standing, opening);
  return open === null ? opened : merging(round, opened, { ...looked, open });
}

/** The same with what decides about its merge, where others than people may merge. */
async function merging(
  round: Round,
  standing: BranchStanding,
  looked: Parameters<typeof lookAtMerge>[1],
): Promise<BranchStanding> {
  if (standing.kind !== 'open' || round.served.settings.merge.mode === 'none') return standing;
  const merge = await orFailure(() => lookAtMerge(round, looked));
  return merge instanceof Failure ? withUnknownMerge(standing, merge) : withMerge(standing, looked.open.number, merge);
}

/** The group whose branch this is, else the first that what it carries belongs to now. */
function groupNameOf({ served }: Round, { branch, groups }: CarriedRefresh): string | null {
  const { branchPrefix: prefix, instance, base } = served.settings;
  const own = groups.find((group) => branchName({ prefix, instance, base, group, stage: 1 }) === branch);
  const group = own ?? groups[0];
  return group === undefined ? null : titleOf(group);
}

function stageWord(branch: string): OwnBranch['stage'] {
  const stage = stageOfBranch(branch);
  if (stage === null) return null;
  return stage === 1 ? 'refresh' : 'restart';
}
