import type { Account } from '../identities.ts';
import { standingOf } from '../merging/branch-rules.ts';
import type { Method } from '../merging/merge-rules.ts';
import { autoMergeOf, enqueue, latestReviews, queueEntryOf, setAutoMerge } from '../merging/merge-state.ts';
import type { Pull, RepositoryState } from '../world.ts';
import { commitFields } from './commit-fields.ts';
import type { Selected } from './read-document.ts';
import { Problem, type ResolvableObject } from './select-fields.ts';

type Args = Selected['args'];

const METHODS: ReadonlyMap<unknown, Method> = new Map([
  ['MERGE', 'merge'],
  ['SQUASH', 'squash'],
  ['REBASE', 'rebase'],
]);

/** A repository, as far as merging and what follows it ask about it. */
export function repositoryFields(repository: RepositoryState): ResolvableObject {
  const { rules } = repository.merging;
  return {
    mergeCommitAllowed: rules.methods.includes('merge'),
    squashMergeAllowed: rules.methods.includes('squash'),
    rebaseMergeAllowed: rules.methods.includes('rebase'),
    autoMergeAllowed: rules.mayAutoMerge,
    object: ({ oid }) => commitFields(repository, String(oid)),
    pullRequest: ({ number }) => {
      const pull = repository.pulls.get(Number(number));
      const words = `Could not resolve to a PullRequest with the number of ${String(number)}.`;
      return pull === undefined ? new Problem('NOT_FOUND', words) : pullFields(repository, pull);
    },
  };
}

/** What may be changed by GraphQL. `find`: a pull request by its node id. */
export function mutationFields(
  find: (id: string) => Promise<readonly [RepositoryState, Pull] | null>,
  actor: Account,
): ResolvableObject {
  const mutation = (act: (repository: RepositoryState, pull: Pull, input: Args) => Promise<Problem | null>) => {
    return async ({ input }: Args) => {
      const given = (input ?? {}) as Args;
      const found = await find(String(given['pullRequestId']));
      if (found === null) return new Problem('NOT_FOUND', 'Could not resolve to a node with the global id');
      const problem = await act(...found, given);
      return problem ?? { pullRequest: await pullFields(...found) };
    };
  };
  return {
    enablePullRequestAutoMerge: mutation((repository, pull, input) => enable(repository, pull, { input, actor })),
    disablePullRequestAutoMerge: mutation((repository, pull) => {
      if (autoMergeOf(repository, pull) === null) {
        return Promise.resolve(unprocessable("Can't disable auto-merge for this pull request."));
      }
      setAutoMerge(repository, pull, null);
      return Promise.resolve(null);
    }),
  };
}

/** {@link readNodeId} reads it. */
function nodeId(fullName: string, number: number): string {
  return `PR_${Buffer.from(`${fullName}#${number}`).toString('base64url')}`;
}

/** The pull request that a node id stands for; null for what is no such id. */
export function readNodeId(id: string): { readonly fullName: string; readonly number: number } | null {
  const text = Buffer.from(id.slice('PR_'.length), 'base64url').toString('utf8');
  const [, fullName, number] = /^([^#]+)#(\d+)$/.exec(text) ?? [];
  return fullName === undefined ? null : { fullName, number: Number(number) };
}

async function enable(
  repository: RepositoryState,
  pull: Pull,
  { input, actor }: { readonly input: Args; readonly actor: Account },
): Promise<Problem | null> {
  const { rules } = repository.merging;
  const refusal = whyNotEnable(repository, pull, input);
  if (refusal !== null) return unprocessable(refusal);
  const method = METHODS.get(input['mergeMethod'] ?? 'MERGE');
  const { status } = await standingOf(repository, pull);
  const mayGo = status === 'CLEAN' || status === 'UNSTABLE';
  if (rules.hasMergeQueue && mayGo) {
    enqueue(repository, pull, actor);
    return null;
  }
  if (mayGo) return unprocessable(`Pull request is in ${status.toLowerCase()} status`);
  if (method === undefined || (!rules.hasMergeQueue && !rules.methods.includes(method))) {
    return unprocessable('Merge method is not allowed on this repository');
  }
  setAutoMerge(repository, pull, { by: actor, method });
  return null;
}

function whyNotEnable({ merging }: RepositoryState, pull: Pull, input: Args): string | null {
  if (!merging.rules.mayAutoMerge) return 'Auto merge is not allowed for this repository';
  if (pull.state !== 'open') return 'Pull request is closed';
  const expected = input['expectedHeadOid'] ?? pull.head;
  return expected === pull.head ? null : 'Head sha does not match the expected head sha';
}

/** GitHub writes such reasons as a list in a text, and names the thing twice. */
function unprocessable(reason: string): Problem {
  return new Problem('UNPROCESSABLE', JSON.stringify([`Pull request ${reason}`]));
}

async function pullFields(repository: RepositoryState, pull: Pull): Promise<ResolvableObject> {
  const { status, mergeable, decision, checks } = await standingOf(repository, pull);
  const autoMerge = autoMergeOf(repository, pull);
  const closed = pull.mergedAt === null ? 'CLOSED' : 'MERGED';
  return {
    id: nodeId(repository.fullName, pull.number),
    number: pull.number,
    state: pull.state === 'open' ? 'OPEN' : closed,
    isDraft: pull.draft,
    headRefOid: pull.head,
    isInMergeQueue: queueEntryOf(repository, pull) !== null,
    isMergeQueueEnabled: repository.merging.rules.hasMergeQueue,
    autoMergeRequest: autoMerge === null ? null : { enabledBy: actorOf(autoMerge.by) },
    mergeStateStatus: status,
    mergeable,
    reviewDecision: decision,
    latestOpinionatedReviews: (args) => reviewPage(repository, pull, args),
    commits: { nodes: [{ commit: { oid: pull.head, statusCheckRollup: checks === null ? null : { state: checks } } }] },
  };
}

/** GraphQL's login of an App is its slug alone. */
function actorOf({ type, login }: Account): ResolvableObject {
  return { __typename: type, login: login.replace(/\[bot\]$/, '') };
}

function reviewPage(repository: RepositoryState, pull: Pull, { first, writersOnly }: Args): ResolvableObject {
  const reviews = latestReviews(repository, pull, writersOnly === true ? 'write' : 'any');
  const size = Number(first);
  const nodes = reviews.slice(0, size).map(({ id, state, author: { login }, commit }) => {
    // A number beyond 32 bits is written as a text, and so are all.
    return { fullDatabaseId: String(id), state, author: { login }, commit: { oid: commit } };
  });
  return { pageInfo: { hasNextPage: reviews.length > size }, nodes };
}
