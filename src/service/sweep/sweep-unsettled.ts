import { branchName, groupWishes, stageOfBranch } from '../../plan/group.ts';
import { claimsOfEnded } from '../../plan/life/ended/asked-again.ts';
import type { PullRequest } from '../../ports.ts';
import { readBodyTrailers } from '../../words/pull/body-trailers.ts';
import { ROTATION, readTrailers } from '../../words/trailers.ts';
import { proposeGroup } from '../propose/propose-group.ts';
import { leftClosed } from '../propose/pull/show-pull-request.ts';
import { isWithdrawn } from '../propose/pull/withdraw.ts';
import type { Round } from '../round.ts';
import { QUIET, type Swept } from './swept.ts';

/** Ended pull requests of stage one that nobody has the last word on, by their branch, which is gone; newest first. */
export async function unsettledOf(
  { served, ownRefs, signal }: Round,
  folder: string,
): Promise<ReadonlyMap<string, readonly PullRequest[]>> {
  const byBranch = new Map<string, readonly PullRequest[]>();
  for (const pull of await served.forge.unsettled(folder, signal)) {
    const { branch, base } = pull;
    const isThere = ownRefs.some(({ name }) => name === `refs/heads/${branch}`);
    if (isThere || base !== served.settings.base || stageOfBranch(branch) !== 1 || isWithdrawn(pull)) continue;
    byBranch.set(branch, [...(byBranch.get(branch) ?? []), pull]);
  }
  return byBranch;
}

/**
 * Proposes what they brought where it is still due, as for an event: no ref shows it any more, and no message will wake it.
 * What people turned down since stays so, and what bots close again and again stays closed.
 */
export async function sweepUnsettled(round: Round, branch: string, ended: readonly PullRequest[]): Promise<Swept> {
  const { served, index, signal } = round;
  const { branchPrefix: prefix, instance, base, scope } = served.settings;
  const claims = claimsOfEnded(index, ended.map(broughtBy));
  const wishes = claims.map(({ wish }) => wish);
  const groups = groupWishes(index, wishes, scope.grouping);
  const group = groups.find((one) => branchName({ prefix, instance, base, group: one, stage: 1 }) === branch);
  if (group === undefined) return QUIET;
  const pulls = await served.forge.list(branch, base, signal);
  if (ended.every(({ body }) => leftClosed(pulls, body) !== null)) return QUIET;
  const result = await proposeGroup({ ...round, claims: [...round.claims, ...claims] }, group, [], pulls);
  if (result.kind === 'moved') return result;
  return result.edited === null ? QUIET : { kind: 'done', branch, outcome: result.edited };
}

function broughtBy({ headMessage, body, createdAt }: PullRequest) {
  const atHead = readTrailers(headMessage ?? '', ROTATION);
  return { names: atHead.length > 0 ? atHead : readBodyTrailers(body, ROTATION), createdAt };
}
