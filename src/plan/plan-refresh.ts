import { FORCE_SYNC } from '../domain/policy.ts';
import { formatToken, type Token, tokenKey } from '../domain/token.ts';
import type { Index, IndexedExternalSecret, ResolvedReference } from '../manifests/graph.ts';
import { type PossibleUse, possibleUsers, usersOf } from '../manifests/query-index.ts';
import { type DecidedEntry, type DesiredToken, desiredToken } from './desired-token.ts';
import { effectOfBump } from './effect-of-bump.ts';
import {
  addressOf,
  type Edit,
  type Obstacle,
  objectKey,
  type Plan,
  type Skip,
  type SkipCode,
  skipOf,
  sortPlan,
} from './plan.ts';
import { announceRestarts, type Refreshed } from './plan-restart.ts';
import { outsideScope, type Scope } from './scope.ts';
import { concerns, follows } from './truth/concerns.ts';
import type { Truth, Verdict, Wish } from './truth/wish.ts';

export interface RefreshRequest {
  readonly index: Index;
  readonly wishes: readonly Wish[];
  readonly truth: Truth;
  readonly scope: Scope;
  /** Tokens of the own branch's tip, by `objectKey`. */
  readonly earlier: ReadonlyMap<string, Token>;
  /** `key=version` of everything that people rejected by closing a pull request. */
  readonly rejected: ReadonlySet<string>;
  /** Objects whose edit was tried and cannot be made exactly, by `objectKey`. */
  readonly notEditable: ReadonlyMap<string, Skip>;
}

export interface RefreshPlan {
  readonly plan: Plan;
  /** One verdict per wish, in the order asked. */
  readonly verdicts: readonly Verdict[];
}

/** What happened to one ExternalSecret that some wish reaches. */
interface Decision {
  readonly user: IndexedExternalSecret;
  readonly result:
    | { readonly kind: 'edit'; readonly edit: Edit; readonly token: Token }
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
  const users = new Set(wishes.flatMap((wish) => usersOf(index, wish)));
  const decisions = [...users].map((user) => decide(user, request));
  const refreshed: Refreshed[] = decisions.flatMap(({ user, result }) =>
    result.kind === 'edit' ? [{ user, token: result.token, secrets: result.edit.secrets }] : [],
  );
  const restarts = announceRestarts(index, refreshed, scope, request.notEditable);
  const possible = wishes.map((wish) => possibleUses(index, wish, decisions));
  const plan = sortPlan({
    edits: [...decisions.flatMap(({ result }) => (result.kind === 'edit' ? [result.edit] : [])), ...restarts.edits],
    skips: [
      ...decisions.flatMap(({ user, result }) =>
        result.kind === 'skip' ? [skipOf(user.object, result.obstacle)] : [],
      ),
      ...restarts.skips,
      ...uniqueSkips(possible.flat()),
    ],
  });
  return { plan, verdicts: wishes.map((wish, at) => judge(wish, decisions, possible[at] ?? [])) };
}

function decide(user: IndexedExternalSecret, request: RefreshRequest): Decision {
  const reaching = request.wishes.filter((wish) => user.references.some((reference) => concerns(wish, reference)));
  const obstacle =
    request.notEditable.get(objectKey(user.object)) ??
    notFollowing(user, reaching) ??
    outsideScope(request.scope, user.object) ??
    effectOfBump(user.object);
  if (obstacle !== null) return { user, result: { kind: 'skip', obstacle }, entries: [] };
  const earlier = request.earlier.get(objectKey(user.object)) ?? [];
  const desired = desiredToken({ user, wishes: reaching, truth: request.truth, earlier, rejected: request.rejected });
  const { entries } = desired;
  if (desired.kind === 'skip') return { user, result: desired, entries };
  return { user, result: { kind: 'edit', token: desired.token, edit: bump(user, desired) }, entries };
}

/** Why none of the references that name these secrets follows the label that moved. */
function notFollowing(user: IndexedExternalSecret, wishes: readonly Wish[]): Obstacle | null {
  const named = user.references.filter((reference) => wishes.some((wish) => concerns(wish, reference)));
  const moves = (reference: ResolvedReference) =>
    wishes.some((wish) => concerns(wish, reference) && follows(wish, reference));
  const [first] = named;
  if (first === undefined || named.some(moves)) return null;
  const { field, follows: followed } = first.reference;
  switch (followed.kind) {
    case 'pinned':
      return {
        code: 'pinned-version',
        reason: `${field} pins version ${followed.versionId}: a refresh would fetch the same value.`,
        hint: 'Change the pin in Git, or remove it to follow AWSCURRENT.',
      };
    case 'tags':
      return { code: 'follows-tags', reason: `${field} fetches the secret's tags, not its value.`, hint: null };
    case 'label': {
      const moved = wishes.flatMap((wish) => (concerns(wish, first) ? (wish.label ?? []) : []));
      const labels = [...new Set(moved)].toSorted().join(', ');
      return { code: 'other-label', reason: `${field} follows ${followed.label}; ${labels} moved.`, hint: null };
    }
  }
}

function bump(user: IndexedExternalSecret, desired: DesiredToken & { readonly kind: 'due' }): Edit {
  const { token, changed, troubles } = desired;
  const { object } = user;
  const secrets = changed.map((entry) => tokenKey(entry));
  const versions = changed.map((entry) => `${tokenKey(entry)} is now at version ${entry.version}`).join('; ');
  const consumers =
    user.consumers.length === 0 ? [`No workload in this repository consumes Secret ${object.targetName}.`] : [];
  return {
    ...addressOf(object),
    stage: 1,
    target: 'metadata',
    annotation: FORCE_SYNC,
    before: object.annotations.get(FORCE_SYNC) ?? null,
    after: formatToken(token),
    secrets,
    chain: chainOf(user, secrets),
    reason: [
      `${versions}: the new token makes External Secrets Operator fetch it.`,
      ...troubles.map((trouble) => `The same refresh may fail: ${trouble}`),
      ...consumers,
    ].join(' '),
  };
}

function chainOf({ object, references }: IndexedExternalSecret, secrets: readonly string[]): readonly string[] {
  const stores = new Set(references.map(({ store }) => store ?? 'store not in this repository'));
  return [`secret ${secrets.join(', ')}`, ...stores, `ExternalSecret/${object.name}`, `Secret/${object.targetName}`];
}

function uniqueSkips(uses: readonly PossibleUse[]): readonly Skip[] {
  const skips = uses.map((use): Skip => {
    const { path, kind, name, reason } = use;
    return {
      path,
      kind,
      namespace: null,
      name,
      code: skipCodeOf(use),
      reason,
      hint: 'Check by hand whether it uses the secret.',
    };
  });
  return [...new Map(skips.map((skip) => [JSON.stringify(skip), skip])).values()];
}

const UNRESOLVED_CODES: Readonly<Record<string, SkipCode>> = {
  find: 'find-reference',
  templated: 'templated-reference',
  'ambiguous-account': 'ambiguous-account',
  'unsupported-kind': 'unsupported-kind',
};

function skipCodeOf(use: PossibleUse): SkipCode {
  return UNRESOLVED_CODES[use.code] ?? 'unreadable-file';
}

/** Files that nobody looked into, however plain their text may be. */
const NOT_LOOKED_INTO: readonly PossibleUse['code'][] = ['too-large', 'not-utf8-path'];

/**
 * Of what cannot be resolved, a wish that is used for certain only hears what names it, and what nobody looked into; one
 * that nobody uses hears all.
 */
function possibleUses(index: Index, wish: Wish, decisions: readonly Decision[]): readonly PossibleUse[] {
  const uses = possibleUsers(index, wish.names, wish.account, wish.region);
  const isUsed = decisions.some(({ user }) => user.references.some((reference) => concerns(wish, reference)));
  return isUsed ? uses.filter(({ certainty, code }) => certainty === 'fits' || NOT_LOOKED_INTO.includes(code)) : uses;
}

/** The one word for a wish: the best that happened to the secret in any object that names it. */
function judge(wish: Wish, decisions: readonly Decision[], possible: readonly PossibleUse[]): Verdict {
  const reached = decisions.filter(({ user }) => user.references.some((reference) => concerns(wish, reference)));
  const verdicts = reached.map((decision) => judgeObject(wish, decision));
  const best = BEST_FIRST.find((verdict) => verdicts.includes(verdict));
  return best ?? (possible.length > 0 ? 'not-proven' : 'unused');
}

const BEST_FIRST: readonly Verdict[] = ['edited', 'rejected-by-people', 'already-current', 'not-bumped'];

/** An object may be bumped for another secret while nobody could say which version this one has. */
function judgeObject(wish: Wish, { result, entries }: Decision): Verdict {
  const own = entries.filter(({ wishes }) => wishes.includes(wish));
  if (own.some(({ due }) => due)) {
    if (result.kind === 'edit') return 'edited';
    return result.obstacle.code === 'rejected-by-people' ? 'rejected-by-people' : 'not-bumped';
  }
  return own.some(({ existing, obstacle }) => existing !== null && obstacle === null)
    ? 'already-current'
    : 'not-bumped';
}
