import type { Oid } from '../../domain/repo-path.ts';
import type { Index } from '../../manifests/graph.ts';
import type { Finds } from '../../manifests/indexing/possible-use.ts';
import { unresolvedUses } from '../../manifests/query-index.ts';
import { type Skip, skipOf, sortPlan } from '../plan.ts';
import { lastingObstacle } from '../plan-refresh.ts';
import type { BaselineStanding } from '../reconcile/reconcile-report.ts';
import { lastingSourceObstacle } from '../restart/sources/moved-sources.ts';
import type { Scope } from '../scope.ts';
import { everySecret } from '../truth/named-secret.ts';
import { besides, type UntoldDeployer, uniqueSkips } from '../unproven-uses.ts';
import type { BranchStanding } from './branch-standing.ts';
import type { BranchLook, ShownObject, ShownPull } from './look.ts';
import type { RestartStanding } from './restart-standing.ts';
import type { SecretStatus } from './secrets/secret-status.ts';

/** An own branch of this instance. */
export interface OwnBranch {
  readonly branch: string;
  readonly head: Oid;
  /** Null where its name says none. */
  readonly stage: 'refresh' | 'restart' | null;
  /** Whose commit is at its tip, and by whom it was made. */
  readonly tip: 'ours' | 'shared' | 'foreign';
  readonly author: string;
  /** The secret that its group is named by; null where it carries nothing for a group. */
  readonly group: string | null;
  /** `key=version` of what its commit brings, and the restarts that it makes. */
  readonly rotations: readonly string[];
  readonly restarts: readonly string[];
  readonly pullRequest: ShownPull | null;
  readonly standing: BranchStanding;
}

/** A workload on the base whose restart is due. */
export interface DueWorkload extends ShownObject {
  readonly branch: string;
  readonly standing: RestartStanding;
}

/** What people turned down: by closing, and not reopened since; or by taking back what was merged. */
export interface Rejected {
  /** `key=version`, or a restart. */
  readonly name: string;
  readonly pullRequest: ShownPull;
}

/** Objects that name secrets and are never bumped, by the code that says why. */
export interface LeftAlone {
  readonly code: Skip['code'];
  readonly objects: readonly Skip[];
}

/** An object whose versions are not those that AWS's lists tell. */
export interface BehindStatus {
  readonly path: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** `key=version` of what it lacks. */
  readonly lacks: string;
  /** The own branch that brings it; null where none does. */
  readonly branch: string | null;
}

/** What has no version in Git, nor in the baseline. */
export interface BaselineStatus extends BaselineStanding {
  /** How many objects; null where AWS was not asked, or did not tell all. */
  readonly objects: number | null;
}

/** One base branch with everything that is under way on it. */
export interface BranchStatus extends BranchLook {
  readonly secrets: readonly SecretStatus[];
  readonly behind: readonly BehindStatus[];
  readonly withoutBaseline: BaselineStatus;
  readonly ownBranches: readonly OwnBranch[];
  readonly restarts: readonly DueWorkload[];
  readonly rejected: readonly Rejected[];
  /** Merged and then taken back on the base. */
  readonly reverted: readonly Rejected[];
  readonly leftAlone: readonly LeftAlone[];
  readonly deployers: readonly UntoldDeployer[];
}

/**
 * Every object that names secrets and is never bumped, whichever of them moves, together with `others`. The commonest code
 * comes first.
 */
export function leftAloneOn(index: Index, scope: Scope, others: readonly Skip[], finds: Finds): readonly LeftAlone[] {
  const lasting = index.externalSecrets.flatMap((user) => {
    const wishes = everySecret({ externalSecrets: [user], restartSources: [] });
    const obstacle = wishes.length === 0 ? null : lastingObstacle(user, wishes, scope);
    return obstacle === null ? [] : [skipOf(user.object, obstacle)];
  });
  const sources = index.restartSources.flatMap((source) => {
    const wishes = everySecret({ externalSecrets: [], restartSources: [source] });
    const obstacle = wishes.length === 0 ? null : lastingSourceObstacle(source, wishes, scope);
    return obstacle === null ? [] : [skipOf(source.object, obstacle)];
  });
  const { skips } = sortPlan({
    edits: [],
    skips: [...lasting, ...sources, ...besides(lasting, uniqueSkips(unresolvedUses(index, finds))), ...others],
  });
  const byCode = new Map<Skip['code'], Skip[]>();
  for (const skip of skips) {
    const known = byCode.get(skip.code);
    if (known === undefined) byCode.set(skip.code, [skip]);
    else known.push(skip);
  }
  return [...byCode]
    .map(([code, objects]) => ({ code, objects }))
    .toSorted((left, right) => right.objects.length - left.objects.length || (left.code < right.code ? -1 : 1));
}

/** What is rejected, with the newest pull request that a person closed for it; in order. */
export function rejectedBy(pulls: readonly ShownPull[], names: ReadonlySet<string>): readonly Rejected[] {
  return [...names].toSorted().flatMap((name) => {
    const pullRequest = pulls.find((pull) => pull.state === 'closed-by-person' && pull.names.includes(name));
    return pullRequest === undefined ? [] : [{ name, pullRequest }];
  });
}
