import { FORCE_SYNC } from '../domain/policy.ts';
import { formatToken, type Token, tokenKey } from '../domain/token.ts';
import type { Index, IndexedExternalSecret } from '../manifests/graph.ts';
import { type PossibleUse, possibleUsers, usersOf } from '../manifests/query-index.ts';
import { concerns, desiredToken, follows } from './desired-token.ts';
import { effectOfBump } from './effect-of-bump.ts';
import { addressOf, type Edit, objectKey, type Plan, type Skip, type SkipCode, sortPlan } from './plan.ts';
import { announceRestarts, type Refreshed } from './plan-restart.ts';
import { outsideScope, type Scope } from './scope.ts';
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
  readonly result: { readonly kind: 'edit'; readonly edit: Edit; readonly token: Token } | Obstacle;
}
type Obstacle = {
  readonly kind: 'skip';
  readonly code: SkipCode;
  readonly reason: string;
  readonly hint: string | null;
};

/**
 * Stage one (and, for `together`, the restarts with it): which ExternalSecrets to bump and which workloads that concerns,
 * with a reason for each edit and each skip.
 */
export function planRefresh(request: RefreshRequest): RefreshPlan {
  const { index, wishes, scope } = request;
  const users = new Set(wishes.flatMap((wish) => usersOf(index, wish)));
  const decisions = [...users].map((user) => ({ user, result: decide(user, request) }));
  const refreshed: Refreshed[] = decisions.flatMap(({ user, result }) =>
    result.kind === 'edit' ? [{ user, token: result.token, secrets: result.edit.secrets }] : [],
  );
  const restarts = announceRestarts(index, refreshed, scope, request.notEditable);
  const possible = wishes.map((wish) => possibleUsers(index, wish.names, wish.account, wish.region));
  const plan = sortPlan({
    edits: [...decisions.flatMap(({ result }) => (result.kind === 'edit' ? [result.edit] : [])), ...restarts.edits],
    skips: [
      ...decisions.flatMap(({ user, result }) => (result.kind === 'skip' ? [skipOf(user, result)] : [])),
      ...restarts.skips,
      ...uniqueSkips(possible.flat()),
    ],
  });
  return { plan, verdicts: wishes.map((wish, at) => judge(wish, decisions, possible[at] ?? [])) };
}

function decide(user: IndexedExternalSecret, request: RefreshRequest): Decision['result'] {
  const reaching = request.wishes.filter((wish) => user.references.some((reference) => concerns(wish, reference)));
  const obstacle =
    request.notEditable.get(objectKey(user.object)) ??
    notFollowing(user, reaching) ??
    outsideScope(request.scope, user.object) ??
    effectOfBump(user.object);
  if (obstacle !== null) return obstacleOf(obstacle);
  const earlier = request.earlier.get(objectKey(user.object)) ?? [];
  const desired = desiredToken({ user, wishes: reaching, truth: request.truth, earlier, rejected: request.rejected });
  if (desired.kind === 'skip') return desired;
  return { kind: 'edit', token: desired.token, edit: bump(user, desired.token, desired.changed) };
}

function obstacleOf({ code, reason, hint }: Omit<Obstacle, 'kind'>): Obstacle {
  return { kind: 'skip', code, reason, hint };
}

/** Why none of the references that name these secrets follows the label that moved. */
function notFollowing(user: IndexedExternalSecret, wishes: readonly Wish[]): Omit<Obstacle, 'kind'> | null {
  const named = wishes.flatMap((wish) =>
    user.references.filter((reference) => concerns(wish, reference)).map((reference) => ({ wish, reference })),
  );
  const first = named[0];
  if (first === undefined || named.some(({ wish, reference }) => follows(wish, reference))) return null;
  const { reference } = first.reference;
  switch (reference.follows.kind) {
    case 'pinned':
      return {
        code: 'pinned-version',
        reason: `${reference.field} pins version ${reference.follows.versionId}: a refresh would fetch the same value.`,
        hint: 'Change the pin in Git, or remove it to follow AWSCURRENT.',
      };
    case 'tags':
      return {
        code: 'follows-tags',
        reason: `${reference.field} fetches the secret's tags, not its value.`,
        hint: null,
      };
    case 'label':
      return {
        code: 'other-label',
        reason: `${reference.field} follows ${reference.follows.label}; ${first.wish.label ?? 'no label'} moved.`,
        hint: null,
      };
  }
}

function bump(user: IndexedExternalSecret, token: Token, changed: Token): Edit {
  const { object } = user;
  const secrets = changed.map((entry) => tokenKey(entry));
  const versions = changed.map((entry) => `${tokenKey(entry)} is now at version ${entry.version}`).join('; ');
  const consumers =
    user.consumers.length === 0 ? ` No workload in this repository consumes Secret ${object.targetName}.` : '';
  return {
    ...addressOf(object),
    stage: 1,
    target: 'metadata',
    annotation: FORCE_SYNC,
    before: object.annotations.get(FORCE_SYNC) ?? null,
    after: formatToken(token),
    secrets,
    chain: chainOf(user, secrets),
    reason: `${versions}: the new token makes External Secrets Operator fetch it.${consumers}`,
  };
}

/** Secret → store → ExternalSecret → Kubernetes Secret. */
function chainOf(user: IndexedExternalSecret, secrets: readonly string[]): readonly string[] {
  const stores = new Set(user.references.map(({ store }) => store ?? 'store not in this repository'));
  return [
    `secret ${secrets.join(', ')}`,
    ...stores,
    `ExternalSecret/${user.object.name}`,
    `Secret/${user.object.targetName}`,
  ];
}

function skipOf(user: IndexedExternalSecret, { code, reason, hint }: Obstacle): Skip {
  const { path, kind, name, resolvedNamespace } = user.object;
  return { path, kind, namespace: resolvedNamespace, name, code, reason, hint };
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

/** The one word for a wish: the best that happened to any object it reaches. */
function judge(wish: Wish, decisions: readonly Decision[], possible: readonly PossibleUse[]): Verdict {
  const results = decisions
    .filter(({ user }) => user.references.some((reference) => concerns(wish, reference)))
    .map(({ result }) => (result.kind === 'edit' ? 'edit' : result.code));
  if (results.includes('edit')) return 'edited';
  if (results.includes('rejected-by-people')) return 'rejected-by-people';
  if (results.includes('already-current')) return 'already-current';
  if (results.length > 0) return 'not-bumped';
  return possible.length > 0 ? 'not-proven' : 'unused';
}
