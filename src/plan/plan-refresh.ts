import { meantBy } from '../domain/find/token-slot.ts';
import type { Part } from '../domain/grouping/grouping.ts';
import { syncAnnotation } from '../domain/policy.ts';
import { formatToken, type Token, type TokenEntry } from '../domain/token.ts';
import type { Index, IndexedExternalSecret, ResolvedReference } from '../manifests/graph.ts';
import type { Finds } from '../manifests/indexing/possible-use.ts';
import { type PossibleUse, possibleUsers, usersOf } from '../manifests/query-index.ts';
import { type DecidedEntry, type DesiredToken, desiredToken } from './desired-token.ts';
import { refreshesByItself } from './effect/approval.ts';
import { effectOfBump } from './effect/effect-of-bump.ts';
import { within } from './grouping/within.ts';
import { isTurnedDown, type TurnedDown, turnedDownAt } from './life/turned-down.ts';
import { restartMarkerNotes, targetOf, waysTo } from './markers/marker-target.ts';
import { orLostPin } from './pin/lost-pins.ts';
import { pinned, pinReferences } from './pin/pin-references.ts';
import { type Renaming, renameSecret } from './pin/rename-secret.ts';
import { renamed } from './pin/rename-workloads.ts';
import { placeNote } from './place-note.ts';
import {
  addressOf,
  type Edit,
  type Obstacle,
  objectKey,
  overlayNote,
  type Plan,
  type Skip,
  skipOf,
  sortPlan,
} from './plan.ts';
import { baselineOf } from './reconcile/baseline/baseline-of.ts';
import { announceRestarts, type Refreshed } from './restart/announce-restarts.ts';
import { deploymentNotes } from './restart/deployment-notes.ts';
import { movedSources, type SourceDecision, sourceSkips, sourceVerdicts } from './restart/sources/moved-sources.ts';
import { outsideScope, type Scope } from './scope.ts';
import { isParameterEntry, secretName } from './secret-name.ts';
import { concerns, isEntryOf } from './truth/concerns.ts';
import { notFollowing } from './truth/not-following.ts';
import type { Truth, Verdict, Wish } from './truth/wish.ts';
import { uniqueSkips } from './unproven-uses.ts';

export interface RefreshRequest {
  readonly index: Index;
  readonly wishes: readonly Wish[];
  readonly truth: Truth;
  readonly scope: Scope;
  /** Tokens of the own branch's tip, by `objectKey`. */
  readonly earlier: ReadonlyMap<string, Token>;
  /** `key=version` of everything that people rejected, or took back on the base. */
  readonly turnedDown: TurnedDown;
  /** Objects whose edit was tried and cannot be made exactly, by `objectKey`. */
  readonly notEditable: ReadonlyMap<string, Obstacle>;
  /** Only what is edited there is planned; left out: everything. */
  readonly part?: Part;
  /** Whether AWS tells what a find finds: then `wishes` has one for each find that a change reaches. */
  readonly finds: Finds;
}

export interface RefreshPlan {
  readonly plan: Plan;
  /** One verdict per wish, in the order asked. */
  readonly verdicts: readonly Verdict[];
  /** Per wish, the objects and files that are left alone although it may concern them, each with this wish's own reason. */
  readonly reasons: readonly (readonly Skip[])[];
}

/** What happened to one ExternalSecret that some wish reaches. */
interface Decision {
  readonly user: IndexedExternalSecret;
  readonly result:
    | { readonly kind: 'edit'; readonly edit: Edit; readonly token: Token; readonly renaming: Renaming | null }
    | { readonly kind: 'skip'; readonly obstacle: Obstacle };
  /** Each secret it names; empty where it never came to looking at them. */
  readonly entries: readonly DecidedEntry[];
}

/**
 * Stage one (and, for `together`, the restarts with it): which ExternalSecrets to bump and which workloads that concerns,
 * with a reason for each edit and each skip.
 */
export function planRefresh(request: RefreshRequest): RefreshPlan {
  const { index, wishes, scope } = request;
  const isInPart = within(index, scope.grouping, request.part);
  const asked = [...wishesByUser(index, wishes)].filter(([user]) => isInPart.user(user));
  const decisions = asked.map(([user, own]) => decide(user, own, request));
  const refreshed: Refreshed[] = decisions.flatMap(({ user, result }) =>
    result.kind === 'edit' ? [{ ...result, user, secrets: result.edit.secrets }] : [],
  );
  const { decisions: sources, due } = movedSources({ ...request, isInPart });
  const restarts = announceRestarts(index, refreshed, scope, { notEditable: request.notEditable, due });
  const byUser = new Map(decisions.map((decision) => [decision.user, decision]));
  const reachedBy = (wish: Wish) =>
    usersOf(index, wish)
      .flatMap((user) => byUser.get(user) ?? [])
      .filter(isFor(wish));
  const made: Made = { reachedBy, sources };
  const possible = wishes.map((wish) => possibleUses(request, wish, made).filter(isInPart.possible(wish)));
  const plan = sortPlan({
    edits: [...decisions.flatMap(({ result }) => (result.kind === 'edit' ? [result.edit] : [])), ...restarts.edits],
    skips: [
      ...decisions.flatMap(({ user, result }) =>
        result.kind === 'skip' ? [skipOf(user.object, result.obstacle)] : [],
      ),
      ...uniqueOf([...restarts.skips, ...sourceSkips(sources, null)]),
      ...uniqueSkips(possible.flat()),
    ],
  });
  return {
    plan,
    verdicts: wishes.map((wish, at) => judge(wish, made, possible[at] ?? [])),
    reasons: wishes.map((wish, at) => reasonsFor(wish, made, possible[at] ?? [])),
  };
}

function uniqueOf(skips: readonly Skip[]): readonly Skip[] {
  return [...new Map(skips.map((skip) => [JSON.stringify(skip), skip])).values()];
}

/** What became of everything that some wish reaches. */
interface Made {
  readonly reachedBy: (wish: Wish) => readonly Decision[];
  readonly sources: readonly SourceDecision[];
}

/** Everything that some wish reaches, with the wishes that may mean it: as many look-ups as there are wishes. */
function wishesByUser(index: Index, wishes: readonly Wish[]): ReadonlyMap<IndexedExternalSecret, readonly Wish[]> {
  const asked = new Map<IndexedExternalSecret, Wish[]>();
  for (const wish of wishes) {
    for (const user of usersOf(index, wish)) {
      const own = asked.get(user);
      if (own === undefined) asked.set(user, [wish]);
      else own.push(wish);
    }
  }
  return asked;
}

function isFor(wish: Wish): (decision: Pick<Decision, 'user'>) => boolean {
  return ({ user }) => user.references.some((reference) => concerns(wish, reference));
}

function decide(user: IndexedExternalSecret, asked: readonly Wish[], request: RefreshRequest): Decision {
  const reaching = asked.filter((wish) => isFor(wish)({ user }));
  const lasting = lastingObstacle(user, reaching, request.scope);
  const obstacle = request.notEditable.get(objectKey(user.object)) ?? orLostPin(lasting, user, request.truth);
  if (obstacle !== null) return { user, result: { kind: 'skip', obstacle }, entries: [] };
  const earlier = request.earlier.get(objectKey(user.object)) ?? [];
  const { truth } = request;
  const turnedDown = turnedDownAt(request.turnedDown, objectKey(user.object));
  const baseline = baselineOf(request.index, user);
  const desired = desiredToken({ user, wishes: reaching, truth, earlier, turnedDown, baseline });
  const { entries } = desired;
  if (desired.kind === 'skip') return { user, result: desired, entries };
  const pins = pinReferences(user, desired.token, request);
  if (pins.kind === 'skip') return { user, result: pins, entries };
  const renaming = renameSecret(user, desired.token, request);
  if (renaming?.kind === 'skip') return { user, result: renaming, entries };
  const edit = renamed(pinned(bump(user, desired, request.scope), pins), renaming);
  return { user, result: { kind: 'edit', token: desired.token, edit, renaming }, entries };
}

/** Why an object is not bumped for these secrets, whatever their versions are; null when it may be. */
export function lastingObstacle(user: IndexedExternalSecret, wishes: readonly Wish[], scope: Scope): Obstacle | null {
  return notFollowing(user, wishes) ?? outsideScope(scope, user.object) ?? effectOfBump(user.object, user.madeBy);
}

function bump(user: IndexedExternalSecret, desired: DesiredToken & { readonly kind: 'due' }, scope: Scope): Edit {
  const { token, changed, troubles } = desired;
  const { object } = user;
  const secrets = changed.map((entry) => secretName(entry, user.home)).toSorted();
  const interval = refreshesByItself(user);
  const versions = changed.map((entry) => `${whatChanged(user, entry)} is now at version ${entry.version}`).join('; ');
  return {
    ...addressOf(object),
    stage: 1,
    ...targetOf(object, 'metadata'),
    annotation: syncAnnotation(object.kind),
    before: object.annotations.get(syncAnnotation(object.kind)) ?? null,
    after: formatToken(token),
    secrets,
    chain: chainOf(user, changed),
    reason: [
      `${versions}: ${object.marker === undefined ? 'the new token makes External Secrets Operator fetch it' : MARKED}.`,
      ...(object.reach === undefined ? [] : [PASSED_ON]),
      ...overlayNote(object),
      ...placeNotes(user, changed),
      ...troubles.map((trouble) => `The same refresh may fail: ${trouble}`),
      ...withoutConsumer(user),
    ].join(' '),
    notes: [...restartMarkerNotes(object, user.consumers, scope), ...deploymentNotes(object)],
    ...(interval === null ? {} : { refreshesEvery: interval }),
  };
}

const MARKED = 'its inline marker asks for the new token here; what reads this value hands it on';

function withoutConsumer({ object, consumers }: IndexedExternalSecret): readonly string[] {
  if (consumers.length > 0 || object.marker !== undefined) return [];
  return [`No consumer of Secret ${object.targetName} was found here.`];
}

const PASSED_ON = 'From 0.20 on it passes the token on to the ExternalSecrets that this one makes.';

/** The secret, its tags, or what is found, in words. */
function whatChanged(user: IndexedExternalSecret, entry: TokenEntry): string {
  const name = secretName(entry, user.home);
  switch (meantBy(entry).kind) {
    case 'label':
      return name;
    case 'tags':
      return `${name} (tags, not the value)`;
    case 'find': {
      const [found] = holding(user, [entry]);
      return `A member of find ${found?.reference.key ?? ''} changed, came or went: ${name}`;
    }
  }
}

/** Only the stores that hold what changed: the others have no part in it. */
function chainOf(user: IndexedExternalSecret, changed: Token): readonly string[] {
  const what = `${nounOf(changed, user)} ${changed.map((entry) => secretName(entry, user.home)).join(', ')}`;
  return [what, ...waysTo(user.object, holding(user, changed))];
}

function nounOf(changed: Token, { home }: IndexedExternalSecret): string {
  return changed.every((entry) => isParameterEntry(entry, home)) ? 'parameter' : 'secret';
}

function placeNotes(user: IndexedExternalSecret, changed: Token): readonly string[] {
  return [...new Set(holding(user, changed).flatMap((reference) => placeNote(reference) ?? []))];
}

/** The references that fetch one of these entries. */
function holding(user: IndexedExternalSecret, entries: Token): readonly ResolvedReference[] {
  return user.references.filter((reference) => entries.some((entry) => isEntryOf(user, reference, entry)));
}

/** Files that nobody looked into, however plain their text may be. */
const NOT_LOOKED_INTO: readonly PossibleUse['code'][] = ['too-large', 'too-costly', 'not-utf8-path'];

/**
 * Of what cannot be resolved, a wish that is used for certain only hears what names it, and what nobody looked into; one
 * that nobody uses hears all.
 */
function possibleUses(
  { index, finds }: RefreshRequest,
  wish: Wish,
  { reachedBy, sources }: Made,
): readonly PossibleUse[] {
  const uses = wish.service === 'find' ? [] : possibleUsers(index, wish, finds);
  const isUsed = reachedBy(wish).length > 0 || sources.some((one) => one.wishes.includes(wish));
  return isUsed ? uses.filter(({ certainty, code }) => certainty === 'fits' || NOT_LOOKED_INTO.includes(code)) : uses;
}

/** The one word for a wish: the best that happened to the secret in any object that names it. */
function judge(wish: Wish, { reachedBy, sources }: Made, possible: readonly PossibleUse[]): Verdict {
  const verdicts = [
    ...reachedBy(wish).map((decision) => judgeObject(wish, decision)),
    ...sourceVerdicts(sources, wish),
  ];
  const best = BEST_FIRST.find((verdict) => verdicts.includes(verdict));
  return best ?? (possible.length > 0 ? 'not-proven' : 'unused');
}

const BEST_FIRST: readonly Verdict[] = ['edited', 'rejected-by-people', 'already-current', 'not-bumped'];

/** An object may be bumped for another secret while nobody could say which version this one has. */
function judgeObject(wish: Wish, { result, entries }: Decision): Verdict {
  const own = entries.filter(({ wishes }) => wishes.includes(wish));
  if (own.some(({ due }) => due)) {
    if (result.kind === 'edit') return 'edited';
    return isTurnedDown(result.obstacle) ? 'rejected-by-people' : 'not-bumped';
  }
  return own.some(({ existing, obstacle }) => existing !== null && obstacle === null)
    ? 'already-current'
    : 'not-bumped';
}

/** Whatever happened to the object for the sake of its other secrets, this is why it is left alone for this one. */
function reasonsFor(wish: Wish, { reachedBy, sources }: Made, possible: readonly PossibleUse[]): readonly Skip[] {
  const skips = reachedBy(wish).flatMap((decision) => {
    const obstacle = obstacleFor(wish, decision);
    return obstacle === null ? [] : [skipOf(decision.user.object, obstacle)];
  });
  const bySource = sourceSkips(sources, wish).filter(({ code }) => code !== 'already-current');
  return sortPlan({ edits: [], skips: [...skips, ...bySource, ...uniqueSkips(possible)] }).skips;
}

function obstacleFor(wish: Wish, decision: Decision): Obstacle | null {
  const { user, result, entries } = decision;
  const verdict = judgeObject(wish, decision);
  if (verdict === 'edited' || verdict === 'already-current') return null;
  const held = result.kind === 'skip' ? result.obstacle : null;
  const own = entries.filter(({ wishes }) => wishes.includes(wish));
  if (entries.length === 0 || own.some(({ due }) => due)) return held;
  const [unknown] = own.flatMap(({ obstacle }) => obstacle ?? []);
  return unknown ?? notFollowing(user, [wish]) ?? held;
}
