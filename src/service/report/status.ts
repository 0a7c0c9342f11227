import type { Failure } from '../../domain/failure.ts';
import { type BranchStatus, leftAloneOn, type Rejected, rejectedBy } from '../../plan/report/branch-status.ts';
import { type BranchLook, shownObject, type Trouble } from '../../plan/report/look.ts';
import { turnedDownNow } from '../../plan/report/secrets/turned-down-now.ts';
import { restartName } from '../../plan/restart/due-restarts.ts';
import { untoldDeployers } from '../../plan/unproven-uses.ts';
import type { PullRequest } from '../../ports.ts';
import { RESTART, ROTATION } from '../../words/trailers.ts';
import { turnedDownBy } from '../propose/pull/turned-down.ts';
import { findsOf, type ServedBranch } from '../served-branch.ts';
import { type LookedRestarts, lookAtRestarts } from './look/due-restarts.ts';
import { type LookHow, lookAtBranch } from './look/look-at-branch.ts';
import { type LookedBranch, lookAtOwnBranches } from './look/own-branches.ts';
import { shownPull, troubleOf } from './look/shown-pull.ts';
import { lookAtSecrets } from './secrets/look-at-secrets.ts';

const NOT_LOOKED = 'pull requests of branches that are gone, unless something is behind or a restart is due there';

/**
 * Looks at every base branch, all at once: what is under way on it, where each secret stands, and what never will be bumped.
 * Nothing is written. `aws`: whether AWS is asked, where it may be.
 */
export function readStatus(
  branches: readonly ServedBranch[],
  how: LookHow,
  aws: 'ask' | 'leave' = 'ask',
): Promise<readonly BranchStatus[]> {
  return Promise.all(branches.map((served) => statusOf(served, how, aws)));
}

function statusOf(served: ServedBranch, how: LookHow, aws: 'ask' | 'leave'): Promise<BranchStatus> {
  return lookAtBranch(served, how, async (look, begun) => {
    if (begun === null) return { ...look, ...UNREAD };
    const round = aws === 'ask' ? begun : { ...begun, truth: null };
    const own = await lookAtOwnBranches(round);
    const due = await lookAtRestarts(round, null);
    const seen = await lookAtSecrets({ ...round, pause: look.paused }, { own, due });
    return {
      ...look,
      troubles: unique([...troublesOf(served.name, own, due), ...seen.troubles]),
      notLooked: [...seen.notLooked, NOT_LOOKED],
      secrets: seen.secrets,
      behind: seen.behind,
      withoutBaseline: seen.withoutBaseline,
      ownBranches: own.flatMap(({ shown }) => shown ?? []),
      restarts: due.restarts.map(({ restart, branch, standing }) => {
        return { ...shownObject(restart.workload), branch, standing };
      }),
      rejected: joined(rejectedOf(own, due), turnedDownNow(seen.facts, 'rejected-by-people')),
      reverted: joined(revertedRestarts(due), turnedDownNow(seen.facts, 'reverted')),
      leftAlone: leftAloneOn(round.index, served.settings.scope, due.skips, findsOf(served)),
      deployers: untoldDeployers(round.index),
    };
  });
}

const UNREAD: Omit<BranchStatus, keyof BranchLook> = {
  secrets: [],
  behind: [],
  withoutBaseline: {
    objects: null,
    kind: 'missing',
    reason: 'The branch could not be read.',
    hint: null,
    pullRequest: null,
  },
  ownBranches: [],
  restarts: [],
  rejected: [],
  reverted: [],
  leftAlone: [],
  deployers: [],
};

/** Restarts that were merged and are due again. */
function revertedRestarts({ restarts }: LookedRestarts): readonly Rejected[] {
  return restarts.flatMap(({ restart, standing: { kind, pullRequest } }) =>
    kind === 'reverted' && pullRequest !== null ? [{ name: restartName(restart.edit), pullRequest }] : [],
  );
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

/** A forge that is down fails every question; it is told once. */
function troublesOf(name: string, own: readonly LookedBranch[], due: LookedRestarts): readonly Trouble[] {
  const found = [
    ...own.flatMap(({ ref, shown, failure }) =>
      failure === null ? [] : [troubleOf(shown === null ? `branch ${ref.name}` : forgeOf(name), failure)],
    ),
    ...due.failures.map((failure: Failure) => troubleOf(forgeOf(name), failure)),
  ];
  return found;
}

function unique<T>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()];
}

/** In order, none twice. */
function joined(...lists: readonly (readonly Rejected[])[]): readonly Rejected[] {
  return unique(lists.flat()).toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function forgeOf(name: string): string {
  return `pull requests of ${name}`;
}
