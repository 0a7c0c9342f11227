import type { Failure } from '../../domain/failure.ts';
import { type BranchStatus, leftAloneOn, type Rejected, rejectedBy } from '../../plan/report/branch-status.ts';
import { shownObject, type Trouble } from '../../plan/report/look.ts';
import { untoldDeployers } from '../../plan/unproven-uses.ts';
import type { PullRequest } from '../../ports.ts';
import { RESTART, ROTATION } from '../../words/trailers.ts';
import { turnedDownBy } from '../propose/pull/turned-down.ts';
import { findsOf, type ServedBranch } from '../served-branch.ts';
import { type LookedRestarts, lookAtRestarts } from './look/due-restarts.ts';
import { type LookHow, lookAtBranch } from './look/look-at-branch.ts';
import { type LookedBranch, lookAtOwnBranches } from './look/own-branches.ts';
import { shownPull, troubleOf } from './look/shown-pull.ts';

const NOT_LOOKED = [
  'which versions are current in AWS',
  'pull requests of branches that are gone, unless a restart is due there',
];

/** Looks at every base branch, all at once: what is under way on it, and what never will be. Nothing is written. */
export function readStatus(branches: readonly ServedBranch[], how: LookHow): Promise<readonly BranchStatus[]> {
  return Promise.all(branches.map((served) => statusOf(served, how)));
}

function statusOf(served: ServedBranch, how: LookHow): Promise<BranchStatus> {
  return lookAtBranch(served, how, async (look, round) => {
    if (round === null) return { ...look, ownBranches: [], restarts: [], rejected: [], leftAlone: [], deployers: [] };
    const own = await lookAtOwnBranches(round);
    const due = await lookAtRestarts(round, null);
    return {
      ...look,
      troubles: troublesOf(served.name, own, due),
      notLooked: NOT_LOOKED,
      ownBranches: own.flatMap(({ shown }) => shown ?? []),
      restarts: due.restarts.map(({ restart, branch, standing }) => {
        return { ...shownObject(restart.workload), branch, standing };
      }),
      rejected: rejectedOf(own, due),
      leftAlone: leftAloneOn(round.index, served.settings.scope, due.skips, findsOf(served)),
      deployers: untoldDeployers(round.index),
    };
  });
}

/** What each branch's pull requests say was turned down; none twice. */
function rejectedOf(own: readonly LookedBranch[], { pulls }: LookedRestarts): readonly Rejected[] {
  const byBranch = new Map<string, Map<number, PullRequest>>();
  for (const pull of [...own.flatMap((one) => one.pulls), ...pulls]) {
    byBranch.set(pull.branch, (byBranch.get(pull.branch) ?? new Map<number, PullRequest>()).set(pull.number, pull));
  }
  return [...byBranch].flatMap(([, known]) => {
    const all = [...known.values()];
    const names = new Set([ROTATION, RESTART].flatMap((trailer) => [...turnedDownBy(all, trailer).rejected]));
    return rejectedBy(all.map(shownPull), names);
  });
}

/** One trouble for each place and message: a forge that is down is told once. */
function troublesOf(name: string, own: readonly LookedBranch[], due: LookedRestarts): readonly Trouble[] {
  const found = [
    ...own.flatMap(({ ref, shown, failure }) =>
      failure === null ? [] : [troubleOf(shown === null ? `branch ${ref.name}` : forgeOf(name), failure)],
    ),
    ...due.failures.map((failure: Failure) => troubleOf(forgeOf(name), failure)),
  ];
  return [...new Map(found.map((trouble) => [JSON.stringify(trouble), trouble])).values()];
}

function forgeOf(name: string): string {
  return `pull requests of ${name}`;
}
