import { sourcesOf, usersOf } from '../../manifests/query-index.ts';
import { branchName, type Group } from '../../plan/group.ts';
import { groupsCarried } from '../../plan/grouping/carried.ts';
import type { User } from '../../plan/grouping/group-names.ts';
import { within } from '../../plan/grouping/within.ts';
import { type Fate, ownBranchFate } from '../../plan/own-branch-fate.ts';
import { filesOf, objectKey } from '../../plan/plan.ts';
import { beyondBase } from '../../plan/truth/beyond-base.ts';
import type { Claim } from '../../plan/truth/newest-claim.ts';
import type { PullRequest, Ref } from '../../ports.ts';
import { readEvents } from '../../words/trailers.ts';
import { OUTCOMES, type Outcome } from '../outcome.ts';
import { proposeGroup } from '../propose/propose-group.ts';
import { isSuperseded, isWithdrawn, NOTHING_BEYOND, REGROUPED } from '../propose/pull/withdraw.ts';
import { readTip, type Tip } from '../propose/tip/own-branch.ts';
import type { Moved, Round } from '../round.ts';
import { watchAutoMerge } from './merge-shown.ts';
import { removeBranch } from './remove-branch.ts';
import { type Look, type LookedAt, QUIET, type Swept } from './swept.ts';
import { stillWaits } from './waiting-branches.ts';

/** What an own branch of stage one carries beyond the base, and where that belongs. */
export interface CarriedRefresh {
  readonly branch: string;
  readonly tip: Exclude<Tip, { readonly kind: 'none' }>;
  readonly claims: readonly Claim[];
  readonly groups: readonly Group[];
}

/** One own branch of stage one with its pull requests, newest first. */
interface OwnRefresh extends CarriedRefresh {
  readonly pulls: readonly PullRequest[];
}

/** Looks after one own branch of stage one. */
export async function sweepRefresh(round: Round, ref: Ref, looked: Map<string, LookedAt>, look: Look): Promise<Swept> {
  const branch = ref.name.slice('refs/heads/'.length);
  const before = looked.get(branch);
  const isSame = before?.head === ref.oid && before.fingerprint === fingerprint(round, before);
  if (isSame && look === 'quick' && (await stillWaits(round, branch))) return QUIET;
  round.served.memory.waiting.delete(branch);
  const own = await readOwn(round, ref);
  if (own === null) return QUIET;
  const swept = await actOn(round, own);
  watchAutoMerge(round.served, { branch, tip: own.tip.kind, pulls: own.pulls });
  const brought = { wishes: own.claims.map(({ wish }) => wish), parts: own.groups.map(({ part }) => part) };
  if (swept.kind === 'quiet' || (swept.kind === 'done' && isAsLeft(swept.outcome))) {
    looked.set(branch, { head: ref.oid, ...brought, fingerprint: fingerprint(round, brought) });
  }
  return swept;
}

/** True where nothing but a ref that moves, or a person whom only a full look hears, makes a difference. */
export function isAsLeft({ kind }: Outcome): boolean {
  const { counts } = OUTCOMES[kind];
  return counts === 'success' || counts === 'blocked';
}

/** Every object on the base that these secrets reach in these parts, and the blobs they stand in. */
function fingerprint(
  { served, index, blobs }: Round,
  { wishes, parts = [] }: Pick<LookedAt, 'wishes' | 'parts'>,
): string {
  const insides = parts.map((part) => within(index, served.settings.scope.grouping, part));
  const isInside = (user: User) => insides.some((inside) => inside.user(user));
  const users = wishes.flatMap((wish) => usersOf(index, wish).filter(isInside));
  const sources = wishes.flatMap((wish) => sourcesOf(index, wish).filter(isInside));
  const objects = [
    ...users.flatMap((user) => [user.object, ...user.consumers]),
    ...sources.flatMap(({ source, consumers }) => [
      ...(source.kind === 'mapping' ? [] : [source.object]),
      ...consumers,
    ]),
  ];
  return objects
    .map((object) => [objectKey(object), ...filesOf(object).map((path) => blobs.get(path) ?? '')].join(' '))
    .join('\n');
}

/** Reads what an own branch of stage one carries. */
export async function readCarried(round: Round, ref: Ref): Promise<CarriedRefresh | null> {
  const { served, snapshot, index, signal } = round;
  const branch = ref.name.slice('refs/heads/'.length);
  const tip = await readTip(served, ref, { ref: round.base, snapshot }, signal);
  if (tip.kind === 'none') return null;
  const { grouping } = served.settings.scope;
  const beyond = beyondBase(index, tip, grouping);
  return { branch, tip, claims: beyond.claims, groups: groupsCarried(index, beyond, grouping) };
}

async function readOwn(round: Round, ref: Ref): Promise<OwnRefresh | null> {
  const { served, signal } = round;
  const carried = await readCarried(round, ref);
  if (carried === null) return null;
  return { ...carried, pulls: await served.forge.list(carried.branch, served.settings.base, signal) };
}

/** The branches that what it carries belongs to now, in the order of its groups. */
export function homesOf(round: Round, { groups }: Pick<CarriedRefresh, 'groups'>): readonly string[] {
  return groups.map((group) => homeOf(round, group));
}

/** What the sweep does with an own branch, whose content belongs to the branches `homes`. */
export function fateOf(
  { served }: Round,
  { branch, tip }: Pick<CarriedRefresh, 'branch' | 'tip'>,
  homes: readonly string[],
  pulls: readonly PullRequest[],
): Fate {
  return ownBranchFate({
    branch,
    tip: tip.kind,
    head: tip.ref.oid,
    home: homes.find((home) => home === branch) ?? homes[0] ?? null,
    pulls: pulls.map((pull) => ({
      state: pull.state,
      head: pull.head,
      isWithdrawn: isWithdrawn(pull) && !isSuperseded(pull),
      isRetryAsked: pull.isRetryAsked,
    })),
    bases: served.settings.bases,
  });
}

async function actOn(round: Round, own: OwnRefresh): Promise<Swept> {
  const { tip, pulls } = own;
  const homes = homesOf(round, own);
  const fate = fateOf(round, own, homes, pulls);
  switch (fate.kind) {
    case 'leave':
      return QUIET;
    case 'propose':
      return propose(round, own, homes);
    case 'move':
      return move(round, own);
    case 'withdraw':
    case 'delete':
      return removeBranch(round, { tip: tip.ref, pulls, why: NOTHING_BEYOND });
  }
}

function homeOf({ served }: Round, group: Group): string {
  const { branchPrefix: prefix, instance, base } = served.settings;
  return branchName({ prefix, instance, base, group, stage: 1 });
}

/**
 * The same as for an event of the group, without a new wish: the branch itself says what it is for. Where nothing of that is
 * left and no pull request shows it, a replica with an old answer made it too late.
 */
async function propose(round: Round, own: OwnRefresh, homes: readonly string[]): Promise<Swept> {
  const { branch, groups, tip, pulls } = own;
  const group = groups[homes.indexOf(branch)];
  if (group === undefined) return QUIET;
  const strays = await proposeCarried(round, own, straysOf(group, groups));
  if (strays !== null) return strays.kind === 'moved' ? strays : { ...strays, branch };
  const result = await proposeGroup(round, { ...group, wishes: [] }, [], pulls);
  if (result.kind === 'moved') return result;
  if (result.edited !== null) return { kind: 'done', branch, outcome: result.edited };
  const isShown = pulls.some(({ state }) => state === 'open');
  if (result.nothingLeft === null || isShown) return QUIET;
  return removeBranch(round, { tip: tip.ref, pulls, why: result.nothingLeft });
}

/** First everything it brings is proposed where it belongs now; only then is it taken back. */
async function move(round: Round, own: OwnRefresh): Promise<Swept> {
  const { branch, tip, groups, pulls } = own;
  const failed = await proposeCarried(round, own, groups);
  if (failed !== null) return failed.kind === 'moved' ? failed : { ...failed, branch };
  return removeBranch(round, { tip: tip.ref, pulls, why: REGROUPED });
}

/** Groups of other parts: an object that was moved there, or a pattern that has changed. */
function straysOf({ part }: Group, groups: readonly Group[]): readonly Group[] {
  return groups.filter((group) => group.part.key !== part.key);
}

/**
 * Before the branch of a group is made anew: what it carries for other parts is proposed there, since it would drop out here.
 * Null where there is nothing of the kind, or all of it is done.
 */
export async function proposeStrays(round: Round, group: Group): Promise<Carried> {
  if (round.served.settings.scope.grouping.paths.length === 0) return null;
  const name = `refs/heads/${homeOf(round, group)}`;
  const ref = round.ownRefs.find((one) => one.name === name);
  const carried = ref === undefined ? null : await readCarried(round, ref);
  return carried === null ? null : proposeCarried(round, carried, straysOf(group, carried.groups));
}

/** Null: all of it is durable elsewhere. */
type Carried = Moved | { readonly kind: 'done'; readonly outcome: Outcome } | null;

/** Proposes in these groups what an own branch carries for them. */
async function proposeCarried(
  round: Round,
  { tip, claims }: Pick<CarriedRefresh, 'tip' | 'claims'>,
  groups: readonly Group[],
): Promise<Carried> {
  // They may be written to by groups of this round: these come first.
  if (groups.length > 0) await round.turn.come();
  const carrying = { ...round, claims: [...round.claims, ...claims] };
  const results: Outcome[] = [];
  for (const group of groups) {
    const result = await proposeGroup(carrying, group, readEvents(tip.own?.message ?? ''));
    if (result.kind === 'moved') return result;
    results.push(...result.outcomes);
  }
  const failed = results.find(({ kind }) => OUTCOMES[kind].counts !== 'success');
  return failed === undefined ? null : { kind: 'done', outcome: failed };
}
