import type { MergeMethod } from '../../../domain/life/merge-policy.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { Approval, MergeFacts } from '../../../plan/life/merge-facts.ts';
import { at, readId, readText } from '../github-answers.ts';
import { MOST_REVIEWS } from './merge-documents.ts';

/** An approval that stands, by the number that it is taken back with; null where GitHub does not say it. */
export interface Standing extends Approval {
  readonly review: number | null;
}

/** An account, by GraphQL's names: that of an App is its slug. */
export interface Actor {
  readonly type: string;
  readonly login: string;
}

/** What GitHub says of a pull request's way into its base. */
export interface PullMergeFacts {
  /** What mutations name it by. */
  readonly id: string;
  readonly isMerged: boolean;
  readonly facts: Omit<MergeFacts, 'isAutoMergeOurs'>;
  /** Who turned auto-merge on; null where it is off, and where that account is gone. */
  readonly enabledBy: Actor | null;
  readonly standing: readonly Standing[];
}

const CHECKS: ReadonlyMap<string, MergeFacts['checks']> = new Map([
  ['SUCCESS', 'passing'],
  ['ERROR', 'failing'],
  ['FAILURE', 'failing'],
]);

const RULES: ReadonlyMap<string, MergeFacts['rules']> = new Map([
  ['CLEAN', 'satisfied'],
  ['HAS_HOOKS', 'satisfied'],
  // Something that no rule asks for is not green: `checks` says so.
  ['UNSTABLE', 'satisfied'],
  ['BEHIND', 'behind'],
  ['BLOCKED', 'blocked'],
  ['DIRTY', 'blocked'],
  ['DRAFT', 'blocked'],
]);

const OID = /^[0-9a-f]{40}$/;

/** What was not asked, or not answered. */
interface Asked {
  /** GitHub kept the checks back. */
  readonly isPartial: boolean;
  /** False for a server that is too old for merge queues. */
  readonly knowsQueues: boolean;
}

/**
 * Reads the answer to `MergeFacts`; null where it is none. A word that is not known means what is safest: nothing is merged
 * by it.
 */
export function readMergeFacts(data: unknown, number: number, asked: Asked): PullMergeFacts | null {
  const repository = at(data, 'repository');
  const pull = at(repository, 'pullRequest');
  const id = readText(pull, 'id');
  const head = oidAt(pull, 'headRefOid');
  const state = readText(pull, 'state');
  const queue = queueOf(pull, asked);
  const draft = at(pull, 'isDraft');
  const standing = standingApprovals(at(pull, 'latestOpinionatedReviews'));
  if (id === null || id.length > 1000 || head === null || state === null || readId(pull, 'number') !== number)
    return null;
  if (queue === null || typeof draft !== 'boolean' || standing === null) return null;
  const facts: PullMergeFacts['facts'] = {
    isOpen: state === 'OPEN',
    head,
    isDraft: draft,
    // Where it cannot be told it may be: whoever turns off what is off loses nothing.
    isAutoMerge: at(pull, 'autoMergeRequest') !== null,
    approvals: standing.map(({ by, commit }) => ({ by, commit })),
    review: reviewOf(pull, standing),
    checks: asked.isPartial ? 'pending' : checksOf(pull, head),
    rules: RULES.get(readText(pull, 'mergeStateStatus') ?? '') ?? 'unknown',
    conflict: conflictOf(readText(pull, 'mergeable')),
    methods: methodsOf(repository),
    mayAutoMerge: at(repository, 'autoMergeAllowed') === true,
    ...queue,
  };
  return {
    id,
    isMerged: state === 'MERGED',
    facts,
    enabledBy: actorAt(pull, 'autoMergeRequest', 'enabledBy'),
    standing,
  };
}

function actorAt(pull: unknown, ...path: readonly string[]): Actor | null {
  const [type, login] = [readText(pull, ...path, '__typename'), readText(pull, ...path, 'login')];
  return type === null || login === null ? null : { type, login };
}

/** Null where it does not say whether it waits in the queue. */
function queueOf(pull: unknown, { knowsQueues }: Asked): Pick<MergeFacts, 'isQueued' | 'hasMergeQueue'> | null {
  if (!knowsQueues) return { isQueued: false, hasMergeQueue: false };
  const isQueued = at(pull, 'isInMergeQueue');
  // Where it cannot be told nobody merges past it.
  return typeof isQueued === 'boolean' ? { isQueued, hasMergeQueue: at(pull, 'isMergeQueueEnabled') !== false } : null;
}

/** Null where it is no list of reviews. */
function standingApprovals(reviews: unknown): readonly Standing[] | null {
  const nodes = at(reviews, 'nodes');
  if (!Array.isArray(nodes)) return null;
  const approvals = nodes
    .slice(0, MOST_REVIEWS)
    .filter((node) => at(node, 'state') === 'APPROVED')
    .map((node): Standing => ({ by: loginOf(node), commit: oidAt(node, 'commit', 'oid'), review: reviewId(node) }));
  const isWhole = at(reviews, 'pageInfo', 'hasNextPage') === false && nodes.length <= MOST_REVIEWS;
  return isWhole ? approvals : [...approvals, { by: `more than ${MOST_REVIEWS} people`, commit: null, review: null }];
}

/** An account that is gone has no login. */
function loginOf(node: unknown): string {
  return plainText(readText(node, 'author', 'login') ?? 'ghost', 100);
}

/** Beyond 32 bits GitHub writes it as a text. */
function reviewId(node: unknown): number | null {
  const written = readText(node, 'fullDatabaseId');
  if (written === null) return readId(node, 'fullDatabaseId');
  return /^[1-9]\d{0,15}$/.test(written) && Number.isSafeInteger(Number(written)) ? Number(written) : null;
}

/** GitHub decides where the base asks for reviews; elsewhere it says nothing, and the reviews themselves are looked at. */
function reviewOf(pull: unknown, standing: readonly Standing[]): MergeFacts['review'] {
  const nodes = at(pull, 'latestOpinionatedReviews', 'nodes');
  const decision = at(pull, 'reviewDecision');
  if (decision === 'APPROVED') return 'approved';
  if (decision === 'CHANGES_REQUESTED') return 'changes-requested';
  if (decision !== null) return 'required';
  if (Array.isArray(nodes) && nodes.some((node) => at(node, 'state') === 'CHANGES_REQUESTED'))
    return 'changes-requested';
  return standing.some(({ review }) => review !== null) ? 'approved' : 'not-required';
}

/** Those of the head; until GitHub shows a push among the commits they are awaited. */
function checksOf(pull: unknown, head: Oid): MergeFacts['checks'] {
  const nodes = at(pull, 'commits', 'nodes');
  const commit = at(Array.isArray(nodes) ? nodes.at(-1) : null, 'commit');
  if (readText(commit, 'oid') !== head) return 'pending';
  if (at(commit, 'statusCheckRollup') === null) return 'none';
  return CHECKS.get(readText(commit, 'statusCheckRollup', 'state') ?? '') ?? 'pending';
}

function conflictOf(mergeable: string | null): MergeFacts['conflict'] {
  if (mergeable === 'MERGEABLE') return 'none';
  return mergeable === 'CONFLICTING' ? 'conflicting' : 'unknown';
}

function methodsOf(repository: unknown): readonly MergeMethod[] {
  const allowed: readonly (readonly [MergeMethod, string])[] = [
    ['merge', 'mergeCommitAllowed'],
    ['squash', 'squashMergeAllowed'],
    ['rebase', 'rebaseMergeAllowed'],
  ];
  return allowed.filter(([, field]) => at(repository, field) === true).map(([method]) => method);
}

function oidAt(data: unknown, ...path: readonly string[]): Oid | null {
  const oid = readText(data, ...path);
  return oid !== null && OID.test(oid) ? oid : null;
}
