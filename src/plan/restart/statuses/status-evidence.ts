import type { EvidencePolicy } from '../../../domain/life/evidence-policy.ts';
import { matchesGlob, type Oid } from '../../../domain/repo-path.ts';
import type { IndexedExternalSecret } from '../../../manifests/graph.ts';
import type { DeliveredCommit } from './delivered.ts';

/** A status that says that a refresh was applied. */
export interface SeenStatus {
  readonly context: string;
  readonly commit: Oid;
  /** When it was reported, by the forge's clock, epoch milliseconds. */
  readonly at: number;
}

/** A status that does not say so yet. */
export interface AwaitedStatus {
  readonly kind: 'awaited';
  /** Its name; where none fits, what was asked for. */
  readonly context: string;
  /** `untold`: it succeeded where more was reported than can be told. */
  readonly why: 'failed' | 'pending' | 'untold' | 'missing';
  /** Where that was reported; null for `missing`. */
  readonly commit: Oid | null;
}

/** What statuses say of one refresh. */
export type StatusEvidence =
  /** No entry of the configuration is for its path. */
  | { readonly kind: 'unmapped' }
  | { readonly kind: 'applied'; readonly statuses: readonly SeenStatus[] }
  | AwaitedStatus;

/** What is known of statuses when restarts are judged. */
export interface StatusFacts {
  readonly policy: EvidencePolicy;
  /**
   * For what is refreshed: the commits of the base, newest first, that hold what it has now; they end before the newest one that
   * does not. What a revert brought back counts anew.
   */
  readonly holding: ReadonlyMap<IndexedExternalSecret, readonly DeliveredCommit[]>;
  /** Every name that was reported on a commit of the base that was looked at, before the refresh too: who reported then will again. */
  readonly names: ReadonlySet<string>;
}

/** The patterns of all contexts that the configuration asks for at this path; null where it names none. */
export function contextsFor({ statuses }: EvidencePolicy, path: string): readonly string[] | null {
  const fitting = statuses.filter(
    ({ paths }) => paths.length === 0 || paths.some((pattern) => matchesGlob(pattern, path)),
  );
  return fitting.length === 0 ? null : [...new Set(fitting.flatMap(({ contexts }) => contexts))].toSorted();
}

/** What statuses say of a refresh. `since`: when it was merged, epoch milliseconds; what was reported earlier is no evidence. */
export function statusEvidence(facts: StatusFacts, user: IndexedExternalSecret, since: number): StatusEvidence {
  const patterns = contextsFor(facts.policy, user.object.path);
  if (patterns === null) return { kind: 'unmapped' };
  const commits = facts.holding.get(user) ?? [];
  const found = patterns.flatMap((pattern) => statusesOf(pattern, { commits, names: facts.names }, since));
  const awaited = found.flatMap((one) => ('kind' in one ? [one] : []));
  const [first] = awaited.toSorted((left, right) => WHY.indexOf(left.why) - WHY.indexOf(right.why));
  return first ?? { kind: 'applied', statuses: found.flatMap((one) => ('kind' in one ? [] : [one])) };
}

/** What somebody has to mend before what comes by itself. */
const WHY: readonly AwaitedStatus['why'][] = ['failed', 'untold', 'pending', 'missing'];

/** Whether a status or check has this name, or fits this pattern. */
export function fitsContext(pattern: string, name: string): boolean {
  return name === pattern || matchesGlob(pattern, name);
}

function statusesOf(
  pattern: string,
  { commits, names }: { readonly commits: readonly DeliveredCommit[]; readonly names: ReadonlySet<string> },
  since: number,
): readonly (SeenStatus | AwaitedStatus)[] {
  const fitting = [...names].filter((name) => fitsContext(pattern, name)).toSorted();
  // Of several clusters the first one that is done says nothing of the others.
  const known = fitting.map((context) => lastWord(context, commits, since) ?? missing(context));
  return known.length > 0 ? known : [missing(pattern)];
}

function missing(context: string): AwaitedStatus {
  return { kind: 'awaited', context, why: 'missing', commit: null };
}

/**
 * The last word of a context on these commits. One that succeeds again on every commit said it first with the oldest of its
 * successes since it last failed: nothing waits anew because somebody else pushed. Null where it said nothing since then.
 */
function lastWord(
  context: string,
  commits: readonly DeliveredCommit[],
  since: number,
): SeenStatus | AwaitedStatus | null {
  let seen: SeenStatus | null = null;
  let awaited: AwaitedStatus | null = null;
  for (const { oid: commit, reports, isWhole } of commits) {
    const report = reports.find(({ name }) => name === context);
    if (report === undefined) continue;
    if (report.state === 'pending') {
      awaited ??= { kind: 'awaited', context, why: 'pending', commit };
    } else if (report.at >= since) {
      if (report.state === 'failed') return seen ?? { kind: 'awaited', context, why: 'failed', commit };
      if (isWhole) seen = { context, commit, at: report.at };
      else awaited ??= { kind: 'awaited', context, why: 'untold', commit };
    }
  }
  return seen ?? awaited;
}
