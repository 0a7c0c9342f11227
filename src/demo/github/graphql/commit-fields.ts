import { history } from '../branches.ts';
import type { Report } from '../merging/merge-rules.ts';
import { date } from '../operations/replies.ts';
import type { RepositoryState } from '../world.ts';
import type { ResolvableObject } from './select-fields.ts';

/** GitHub's own limit on a page. */
const MOST = 100;

/** A commit and what was reported on it and on those before it; null where there is none of this id. */
export async function commitFields(repository: RepositoryState, oid: string): Promise<ResolvableObject | null> {
  const commits = await history(repository.dir, oid, MOST);
  if (commits === null) return null;
  return {
    __typename: 'Commit',
    oid,
    history: ({ first }) => ({
      nodes: commits.slice(0, Number(first)).map((commit) => ({
        oid: commit.oid,
        parents: (args) => ({ nodes: commit.parents.slice(0, Number(args['first'])).map((one) => ({ oid: one })) }),
        statusCheckRollup: rollup(repository.merging.reports.get(commit.oid) ?? []),
      })),
    }),
  };
}

/** Of a status only the newest of its context is shown, of checks every one. */
function rollup(reports: readonly Report[]): ResolvableObject | null {
  if (reports.length === 0) return null;
  const statuses = new Map(reports.filter(({ kind }) => kind === 'status').map((one) => [one.name, one]));
  const all = [...reports.filter(({ kind }) => kind === 'check'), ...statuses.values()];
  return {
    contexts: ({ first }) => ({
      pageInfo: { hasNextPage: all.length > Number(first) },
      nodes: all.slice(0, Number(first)).map(reportFields),
    }),
  };
}

function reportFields({ kind, name, state, at }: Report): ResolvableObject {
  if (kind === 'status') return { __typename: 'StatusContext', context: name, state, createdAt: date(at) };
  const ended = { status: 'COMPLETED', conclusion: state, completedAt: date(at) };
  const running = { status: 'IN_PROGRESS', conclusion: null, completedAt: null };
  return { __typename: 'CheckRun', name, ...(state === 'IN_PROGRESS' ? running : ended) };
}
