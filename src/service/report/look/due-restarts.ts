import { Failure } from '../../../domain/failure.ts';
import { branchName } from '../../../plan/group.ts';
import { objectKey, type Skip } from '../../../plan/plan.ts';
import {
  dueStanding,
  type RestartBranch,
  type RestartStanding,
  unknownStanding,
} from '../../../plan/report/restart-standing.ts';
import { type DueRestart, dueRestarts, type RestartGroup } from '../../../plan/restart/due-restarts.ts';
import type { PullRequest } from '../../../ports.ts';
import { RESTART } from '../../../words/trailers.ts';
import { readMerged } from '../../propose/propose-restarts.ts';
import { leftClosed } from '../../propose/pull/show-pull-request.ts';
import { turnedDownBy } from '../../propose/pull/turned-down.ts';
import { readStatuses } from '../../propose/statuses/read-statuses.ts';
import { readTip } from '../../propose/tip/own-branch.ts';
import type { Round } from '../../round.ts';
import { orFailure, shownPull } from './shown-pull.ts';

/** A restart that is due on the base, its branch, and where it stands. */
export interface LookedRestart {
  readonly restart: DueRestart;
  readonly branch: string;
  readonly standing: RestartStanding;
}

export interface LookedRestarts {
  readonly restarts: readonly LookedRestart[];
  /** What looks due and is left alone. */
  readonly skips: readonly Skip[];
  /** Every pull request of the branches that were looked at. */
  readonly pulls: readonly PullRequest[];
  readonly failures: readonly Failure[];
}

/** Looks at the restarts that are due on the base: all, or those of the workloads with these `objectKey`s. */
export async function lookAtRestarts(round: Round, only: ReadonlySet<string> | null): Promise<LookedRestarts> {
  const { branchPrefix: prefix, instance, base, scope } = round.served.settings;
  const { groups, skips } = dueRestarts(round.index, scope);
  const restarts: LookedRestart[] = [];
  const pulls: PullRequest[] = [];
  const failures: Failure[] = [];
  for (const group of groups) {
    const wanted = group.restarts.filter(({ workload }) => only === null || only.has(objectKey(workload)));
    if (wanted.length === 0) continue;
    const branch = branchName({ prefix, instance, base, group, stage: 2 });
    const found = await orFailure(() => readFacts(round, branch, group));
    if (found instanceof Failure) failures.push(found);
    else pulls.push(...found.pulls);
    for (const restart of wanted) {
      const standing = found instanceof Failure ? unknownStanding(UNREAD) : dueStanding(restart, found.facts);
      restarts.push({ restart, branch, standing });
    }
  }
  return { restarts, skips, pulls, failures };
}

const UNREAD = 'Its branch or its pull requests could not be read.';

async function readFacts(
  round: Round,
  branch: string,
  group: RestartGroup,
): Promise<{ readonly facts: RestartBranch; readonly pulls: readonly PullRequest[] }> {
  const { served, snapshot, signal } = round;
  const { base, settleMilliseconds } = served.settings;
  const pulls = await served.forge.list(branch, base, signal);
  const merged = await readMerged(round, group.restarts);
  const ref = round.ownRefs.find(({ name }) => name === `refs/heads/${branch}`);
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  const closed = tip.kind === 'ours' ? leftClosed(pulls, tip.own?.message ?? '') : null;
  const facts = {
    pulls: pulls.map(shownPull),
    foreignAuthor: tip.kind === 'foreign' ? tip.commit.author.name : null,
    leftClosed: closed === null ? null : shownPull(closed),
    evidence: {
      merged,
      ...turnedDownBy(pulls, RESTART),
      now: served.clock.now(),
      settleMilliseconds,
      statuses: await readStatuses(round, group.restarts),
    },
  };
  return { facts, pulls };
}
