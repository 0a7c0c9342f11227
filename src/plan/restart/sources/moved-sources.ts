import { plainText } from '../../../domain/plain-text.ts';
import { RESTART_DUE } from '../../../domain/policy.ts';
import { type Token, versionsDigest } from '../../../domain/token.ts';
import { parseWorkloadToken, type WorkloadToken } from '../../../domain/workload-token.ts';
import { baselineKeyOf } from '../../../manifests/baseline/baseline-entry.ts';
import type { Index, IndexedRestartSource } from '../../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../../manifests/objects.ts';
import { sourcesOf } from '../../../manifests/query-index.ts';
import { type DecidedEntry, decideEntries } from '../../desired-token.ts';
import type { InPart } from '../../grouping/within.ts';
import {
  ASK_AGAIN,
  isTurnedDown,
  NOT_HERE,
  type TurnedDown,
  type TurnedDownHere,
  turnedDownAt,
} from '../../life/turned-down.ts';
import { type Obstacle, objectKey, type Skip, skipOf } from '../../plan.ts';
import { outsideScope, type Scope } from '../../scope.ts';
import { isNamedIn, secretName } from '../../secret-name.ts';
import { concerns } from '../../truth/concerns.ts';
import { notFollowing } from '../../truth/not-following.ts';
import type { Truth, Verdict, Wish } from '../../truth/wish.ts';
import { restartMade } from '../restart-mark.ts';
import { whyNotBySource } from './source-uses.ts';

type Workload = Placed<WorkloadFacts>;

/** A restart source whose versions a workload does not name yet. */
export interface DueSource {
  readonly source: IndexedRestartSource;
  /** Every secret that it names, with the version that is current. */
  readonly token: Token;
  readonly digest: string;
  /** The secrets that moved, as `secretName` has them. */
  readonly secrets: readonly string[];
}

/** What became of one restart source that some wish reaches. */
export interface SourceDecision {
  readonly source: IndexedRestartSource;
  readonly wishes: readonly Wish[];
  /** For each workload: what it came to; none where the source itself is an obstacle. */
  readonly states: readonly { readonly workload: Workload; readonly verdict: Verdict; readonly skip: Skip | null }[];
  /** Why the source restarts nothing. */
  readonly skip: Skip | null;
}

/** The restart sources that a plan looks at, and the workloads that are due by them. */
export interface MovedSources {
  readonly decisions: readonly SourceDecision[];
  readonly due: ReadonlyMap<Workload, readonly DueSource[]>;
}

export interface SourcesRequest {
  readonly index: Index;
  readonly wishes: readonly Wish[];
  readonly truth: Truth;
  readonly scope: Scope;
  readonly turnedDown: TurnedDown;
  readonly notEditable: ReadonlyMap<string, Obstacle>;
  /** Only these sources, and of them only workloads that are edited there. */
  readonly isInPart: InPart;
}

/**
 * Compares what workloads name of each restart source with what is current. Equal digests mean: nothing to do. A workload that
 * names nothing of it is due once a secret of it moved.
 */
export function movedSources(request: SourcesRequest): MovedSources {
  const { index, wishes, isInPart } = request;
  const due = new Map<Workload, DueSource[]>();
  const sources = [...new Set(wishes.flatMap((wish) => sourcesOf(index, wish)))].filter(isInPart.user);
  const decisions = sources.map((source) => {
    const reaching = wishes.filter((wish) => source.references.some((one) => concerns(wish, one)));
    const read = readSource(source, reaching, request);
    if ('code' in read) return { source, wishes: reaching, states: [], skip: skipOf(source.object, read) };
    const states = source.consumers
      .filter(({ path }) => isInPart.path(path))
      .map((workload) => {
        const obstacle = whyNotDue(workload, read, request);
        if (obstacle === null) due.set(workload, [...(due.get(workload) ?? []), read]);
        return { workload, ...judged(obstacle), skip: obstacle === null ? null : skipOf(workload, obstacle) };
      });
    return { source, wishes: reaching, states, skip: null };
  });
  return { decisions, due };
}

interface ReadSource extends DueSource {
  /** Of its token, what some wish asks for. */
  readonly asked: Token;
  readonly hasMoved: boolean;
}

/** What a source's token is now, or why it cannot be told, or would restart nothing. */
function readSource(
  source: IndexedRestartSource,
  wishes: readonly Wish[],
  { truth, index }: SourcesRequest,
): ReadSource | Obstacle {
  const obstacle = whyNothing(source) ?? notFollowing(source, wishes);
  if (obstacle !== null) return obstacle;
  const entries = decideEntries(
    { user: source, wishes, truth, baseline: index.baseline?.get(baselineKeyOf(source.object)) },
    [],
  );
  const unknown = entries.find((one) => one.obstacle !== null && one.wishes.length > 0) ?? entries.find(isUnknown);
  const why = unknown?.obstacle ?? null;
  if (why !== null) return why;
  const token = entries.flatMap(({ desired }) => desired ?? []);
  const asked = entries.filter((one) => one.wishes.length > 0).flatMap(({ desired }) => desired ?? []);
  return {
    source,
    token,
    asked,
    digest: versionsDigest(token),
    secrets: [...new Set(asked.map((entry) => secretName(entry, source.home)))].toSorted(),
    hasMoved: entries.some(({ due }) => due),
  };
}

function isUnknown({ obstacle }: DecidedEntry): boolean {
  return obstacle !== null;
}

/** Why a source restarts nothing for these secrets, whatever their versions are; null where it restarts something. */
export function lastingSourceObstacle(
  source: IndexedRestartSource,
  wishes: readonly Wish[],
  scope: Scope,
): Obstacle | null {
  const obstacle = whyNothing(source) ?? notFollowing(source, wishes);
  if (obstacle !== null) return obstacle;
  const refused = source.consumers.map((workload) => {
    const why = whyNotBySource(workload, source, scope) ?? outsideScope(scope, workload);
    return why === null ? null : { ...why, workload };
  });
  const [first = null] = refused;
  if (first === null || refused.includes(null)) return null;
  const { workload, code, reason, hint } = first;
  const name = plainText(`${workload.kind} ${workload.name}`, 300);
  return { code, reason: `No workload is restarted for it. ${name}: ${reason}`, hint };
}

function whyNothing({ source, consumers }: IndexedRestartSource): Obstacle | null {
  const { kind } = source;
  if (kind === 'rotation-mapping' && source.object.selects.size === 0) {
    return {
      code: 'selects-everything',
      reason: 'Its Labels are empty: to its operator that means every workload of the cluster.',
      hint: 'Give it labels.',
    };
  }
  if (kind !== 'mapping' && source.object.steering.isIgnored) {
    return { code: 'ignored-by-annotation', reason: 'It carries gitops-reloader.dev/ignore: "true".', hint: null };
  }
  if (consumers.length > 0) return null;
  return { code: 'no-workload', reason: 'It names the secret, and no workload here uses it.', hint: null };
}

/** Why a workload is not restarted by this source now. */
function whyNotDue(workload: Workload, due: ReadSource, request: SourcesRequest): Obstacle | null {
  const { source, digest, hasMoved } = due;
  const refused = request.notEditable.get(objectKey(workload));
  if (refused !== undefined) return refused;
  const existing = namedBy(workload, request.scope).get(source.tokenName);
  if (existing === digest) {
    return { code: 'already-current', reason: 'Its annotations already name these versions.', hint: null };
  }
  if (existing === undefined && !hasMoved) {
    return { code: 'at-baseline', reason: 'It names no version, and no event says that one moved.', hint: null };
  }
  const held = whyTurnedDown(due, turnedDownAt(request.turnedDown, objectKey(workload)));
  if (held !== null) return held;
  return whyNotBySource(workload, source, request.scope) ?? outsideScope(request.scope, workload);
}

function whyTurnedDown({ source, token, asked }: ReadSource, { rejected, reverted }: TurnedDownHere): Obstacle | null {
  if (token.some((entry) => isNamedIn(rejected, entry, source.home))) {
    return {
      code: 'rejected-by-people',
      reason: 'A person closed the pull request for this version.',
      hint: `The next version is proposed again. To propose this one, reopen that pull request, or ${ASK_AGAIN}`,
    };
  }
  // A digest does not tell which of its versions the base has: only those that are asked for are new for certain.
  if (!asked.some((entry) => isNamedIn(reverted, entry, source.home))) return null;
  return {
    code: 'reverted',
    reason: `This version was merged, ${NOT_HERE}.`,
    hint: `The next version is proposed again. To propose this one, ${ASK_AGAIN}`,
  };
}

/** What a workload's annotations name: what is announced, else what it was last restarted for. No source restarts a marker. */
export function namedBy(workload: Workload, { restart }: Pick<Scope, 'restart'>): WorkloadToken {
  if (workload.marker !== undefined) return new Map();
  const due = parseWorkloadToken(workload.annotations.get(RESTART_DUE) ?? null);
  return due ?? parseWorkloadToken(restartMade(workload, restart)) ?? new Map();
}

function judged(obstacle: Obstacle | null): { readonly verdict: Verdict } {
  if (obstacle === null) return { verdict: 'edited' };
  if (isTurnedDown(obstacle)) return { verdict: 'rejected-by-people' };
  return { verdict: obstacle.code === 'already-current' ? 'already-current' : 'not-bumped' };
}

/** What a wish comes to by restart sources, for each place where it does. */
export function sourceVerdicts(decisions: readonly SourceDecision[], wish: Wish): readonly Verdict[] {
  return decisions
    .filter(({ wishes }) => wishes.includes(wish))
    .flatMap(({ states, skip }) => [
      ...(skip === null ? [] : ['not-bumped' as const]),
      ...states.map(({ verdict }) => verdict),
    ]);
}

/** What is left alone by restart sources, for one wish or for all. */
export function sourceSkips(decisions: readonly SourceDecision[], wish: Wish | null): readonly Skip[] {
  const own = decisions.filter(({ wishes }) => wish === null || wishes.includes(wish));
  const skips = own.flatMap(({ skip, states }) => [skip, ...states.map((state) => state.skip)]);
  // Two sources may say the same of one workload.
  return [...new Map(skips.flatMap((skip) => (skip === null ? [] : [[JSON.stringify(skip), skip] as const]))).values()];
}
