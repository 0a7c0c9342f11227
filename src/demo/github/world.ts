import { canMerge, heads, isAncestor, merge, setPullRef } from './branches.ts';
import type { Account } from './identities.ts';
import { createMergingState, type MergingState, type Method } from './merging/merge-rules.ts';

/** Something that happened to a pull request; oldest first. */
export interface IssueEvent {
  readonly id: number;
  readonly event:
    | 'closed'
    | 'reopened'
    | 'merged'
    | 'head_ref_deleted'
    | 'head_ref_restored'
    | 'head_ref_force_pushed'
    | 'labeled'
    | 'unlabeled';
  readonly actor: Account;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly label: string | null;
}

export interface Comment {
  readonly id: number;
  readonly author: Account;
  body: string;
  readonly at: number;
  /** When it was last edited. */
  editedAt: number;
}

/** What an account may do in a repository; GitHub calls it a role. */
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Label {
  readonly color: string;
  readonly description: string;
}

/** A pull request as this server keeps it. */
export interface Pull {
  readonly number: number;
  readonly author: Account;
  readonly createdAt: number;
  readonly branch: string;
  /** Full name of the repository the branch lies in. */
  readonly headRepository: string;
  readonly base: string;
  title: string;
  body: string;
  draft: boolean;
  state: 'open' | 'closed';
  locked: boolean;
  head: string;
  baseHead: string;
  updatedAt: number;
  closedAt: number | null;
  closedBy: Account | null;
  mergedAt: number | null;
  mergedBy: Account | null;
  mergeCommit: string | null;
  readonly labels: string[];
  readonly assignees: string[];
  readonly reviewers: string[];
  readonly teamReviewers: string[];
  readonly events: IssueEvent[];
  readonly comments: Comment[];
}

/** A repository: its pull requests here, its branches and commits in a bare Git repository. */
export interface RepositoryState {
  readonly fullName: string;
  readonly dir: string;
  readonly pulls: Map<number, Pull>;
  /** Those of them that are open: of thousands that are over nothing changes any more. */
  readonly open: Set<Pull>;
  readonly merging: MergingState;
  branches: ReadonlyMap<string, string>;
  /** The number of the newest issue or pull request, and the id of the newest event or comment. */
  lastNumber: number;
  lastId: number;
  /** Of accounts that are not here nothing is known: `none`. */
  readonly roles: Map<string, Role>;
  /** All labels of the repository, by name. */
  readonly labels: Map<string, Label>;
  /** Whether two commits merge, by their ids. */
  readonly merges: Map<string, boolean>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Whoever pushes: Git does not tell the API who it was. */
const PUSHER: Account = { login: 'pusher', type: 'User' };

/** A repository without pull requests. */
export function createRepositoryState(
  fullName: string,
  dir: string,
  now: RepositoryState['now'] = Date.now,
): RepositoryState {
  const pulls = { pulls: new Map(), open: new Set<Pull>() };
  const tables = { ...pulls, branches: new Map(), roles: new Map(), labels: new Map(), merges: new Map() };
  return { fullName, dir, ...tables, merging: createMergingState(), lastNumber: 0, lastId: 0, now };
}

/** A new, open pull request with the next number. */
export function addPull(
  repository: RepositoryState,
  start: Pick<Pull, 'author' | 'branch' | 'headRepository' | 'base' | 'head' | 'title' | 'body' | 'draft'>,
): Pull {
  repository.lastNumber += 1;
  const now = repository.now();
  const pull: Pull = {
    ...start,
    number: repository.lastNumber,
    state: 'open',
    locked: false,
    baseHead: repository.branches.get(start.base) ?? '',
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    closedBy: null,
    mergedAt: null,
    mergedBy: null,
    mergeCommit: null,
    labels: [],
    assignees: [],
    reviewers: [],
    teamReviewers: [],
    events: [],
    comments: [],
  };
  repository.pulls.set(pull.number, pull);
  repository.open.add(pull);
  return pull;
}

/** Notes that something happened. */
export function record(
  repository: RepositoryState,
  pull: Pull,
  event: Pick<IssueEvent, 'event' | 'actor'> & { readonly label?: string },
): void {
  repository.lastId += 1;
  const at = repository.now();
  pull.updatedAt = at;
  pull.events.push({ id: repository.lastId, at, label: null, ...event });
}

/** Writes a comment. */
export function addComment(
  repository: RepositoryState,
  pull: Pull,
  { author, body }: Pick<Comment, 'author' | 'body'>,
): Comment {
  repository.lastId += 1;
  const at = repository.now();
  const comment = { id: repository.lastId, author, body, at, editedAt: at };
  pull.comments.push(comment);
  pull.updatedAt = at;
  return comment;
}

/** Sets labels; one that the repository does not have yet is created, as GitHub does. */
export function addLabels(repository: RepositoryState, pull: Pull, names: readonly string[], actor: Account): void {
  for (const label of names.filter((name) => !pull.labels.includes(name))) {
    if (!repository.labels.has(label)) repository.labels.set(label, { color: 'ededed', description: '' });
    pull.labels.push(label);
    record(repository, pull, { event: 'labeled', actor, label });
  }
}

/** What an account may do. */
export function roleOf(repository: RepositoryState, login: string): Role {
  return repository.roles.get(login.toLowerCase()) ?? 'none';
}

/** True for those who may push. */
export function mayPush(role: Role): boolean {
  return role === 'admin' || role === 'maintain' || role === 'write';
}

/** Whether an open pull request fits its base. */
export async function fitsBase(repository: RepositoryState, pull: Pull): Promise<boolean> {
  const base = repository.branches.get(pull.base) ?? pull.baseHead;
  const key = `${base} ${pull.head}`;
  const known = repository.merges.get(key) ?? (await canMerge(repository.dir, base, pull.head));
  repository.merges.set(key, known);
  return known;
}

/** What GitHub does after a push: heads follow branches, pull requests without a branch close, contained ones are merged. */
export async function followBranches(repository: RepositoryState): Promise<void> {
  const before = repository.branches;
  repository.branches = await heads(repository.dir);
  for (const pull of repository.open) {
    if (pull.headRepository !== repository.fullName) continue;
    const head = repository.branches.get(pull.branch);
    if (head === undefined) {
      record(repository, pull, { event: 'head_ref_deleted', actor: PUSHER });
      close(repository, pull, PUSHER);
      continue;
    }
    if (head !== pull.head) await moveHead(repository, pull, head);
    const base = repository.branches.get(pull.base);
    if (base === undefined || base === before.get(pull.base)) continue;
    if (await isAncestor(repository.dir, pull.head, base))
      markMerged(repository, pull, { actor: PUSHER, commit: base });
  }
}

/** Closes without merging. */
export function close(repository: RepositoryState, pull: Pull, actor: Account): void {
  if (pull.state === 'closed') return;
  pull.state = 'closed';
  repository.open.delete(pull);
  pull.closedAt = repository.now();
  pull.closedBy = actor;
  record(repository, pull, { event: 'closed', actor });
}

/** The open pull request of a branch of this repository itself, into this base. */
export function findOpen(repository: RepositoryState, branch: string, base: string): Pull | undefined {
  return [...repository.open].find(
    (pull) => pull.headRepository === repository.fullName && pull.branch === branch && pull.base === base,
  );
}

/** Opens a closed pull request again; false where GitHub would refuse. */
export function reopen(repository: RepositoryState, pull: Pull, actor: Account): boolean {
  const other = findOpen(repository, pull.branch, pull.base) !== undefined;
  if (pull.state === 'open' || pull.mergedAt !== null || other || !repository.branches.has(pull.branch)) return false;
  pull.state = 'open';
  repository.open.add(pull);
  pull.closedAt = null;
  pull.closedBy = null;
  record(repository, pull, { event: 'reopened', actor });
  return true;
}

/** Merges into the base branch. The new commit, or null where it cannot be merged. */
export async function mergePull(
  repository: RepositoryState,
  pull: Pull,
  { actor, method }: { readonly actor: Account; readonly method: Method },
): Promise<string | null> {
  if (pull.state !== 'open') return null;
  const { branch, base, head, number, title, body } = pull;
  const message =
    method === 'merge'
      ? `Merge pull request #${number} from ${repository.fullName.split('/')[0] ?? ''}/${branch}\n\n${title}`
      : `${title} (#${number})\n\n${body}`;
  const email = `${actor.login}@users.noreply.github.com`;
  const author = { name: actor.login, email, time: Math.floor(repository.now() / 1000) };
  const commit = await merge(repository.dir, { base, head, method, message, author });
  if (commit === null) return null;
  markMerged(repository, pull, { actor, commit });
  repository.branches = await heads(repository.dir);
  return commit;
}

/** Keeps `refs/pull/<number>/head`, by which the commits stay when the branch goes. */
export async function keepHead(repository: RepositoryState, pull: Pull): Promise<void> {
  await setPullRef(repository.dir, pull.number, pull.head);
}

async function moveHead(repository: RepositoryState, pull: Pull, head: string): Promise<void> {
  const forced = !(await isAncestor(repository.dir, pull.head, head));
  pull.head = head;
  pull.updatedAt = repository.now();
  if (forced) record(repository, pull, { event: 'head_ref_force_pushed', actor: PUSHER });
  await keepHead(repository, pull);
}

function markMerged(
  repository: RepositoryState,
  pull: Pull,
  { actor, commit }: { readonly actor: Account; readonly commit: string },
): void {
  pull.mergedAt = repository.now();
  pull.mergedBy = actor;
  pull.mergeCommit = commit;
  record(repository, pull, { event: 'merged', actor });
  close(repository, pull, actor);
}
