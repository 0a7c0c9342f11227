import { deleteRef } from './branches.ts';
import type { Account } from './identities.ts';
import { addPull, close, followBranches, mergePull, type Pull, type RepositoryState, record, reopen } from './world.ts';

/** What people do to a repository in the browser, and a look at its pull requests. Rejects where GitHub would refuse. */
export interface People {
  /** All pull requests, oldest first, as they are after the last push. */
  pulls(): Promise<readonly Readonly<Pull>[]>;
  closeAs(number: number, actor: Account): Promise<void>;
  reopenAs(number: number, actor: Account): Promise<void>;
  /** The new commit on the base branch. */
  mergeAs(number: number, actor: Account, method: 'merge' | 'squash'): Promise<string>;
  edit(number: number, text: { readonly title?: string; readonly body?: string }): Promise<void>;
  /** The button below a pull request: an open one is closed by it. */
  deleteBranchAs(branch: string, actor: Account): Promise<void>;
  /** A pull request whose branch lies in another repository. Its commit must be in this one's. */
  openFromFork(fork: string, pull: Pick<Pull, 'branch' | 'base' | 'head' | 'title' | 'author'>): Promise<number>;
}

/** `exclusive` keeps people and requests apart. */
export function createPeople(find: () => RepositoryState, exclusive: <T>(act: () => Promise<T>) => Promise<T>): People {
  const on = <T>(act: (repository: RepositoryState) => Promise<T> | T): Promise<T> =>
    exclusive(async () => {
      const repository = find();
      await followBranches(repository);
      return act(repository);
    });
  return {
    pulls: () => on((repository) => structuredClone([...repository.pulls.values()])),
    closeAs: (number, actor) => on((repository) => close(repository, pullOf(repository, number), actor)),
    reopenAs: (number, actor) =>
      on((repository) => {
        if (!reopen(repository, pullOf(repository, number), actor)) throw new Error(`#${number} cannot be reopened`);
      }),
    mergeAs: (number, actor, method) =>
      on(async (repository) => {
        const commit = await mergePull(repository, pullOf(repository, number), { actor, method });
        if (commit === null) throw new Error(`#${number} cannot be merged`);
        return commit;
      }),
    edit: (number, text) =>
      on((repository) => {
        Object.assign(pullOf(repository, number), text, { updatedAt: Date.now() });
      }),
    deleteBranchAs: (branch, actor) => on((repository) => deleteBranch(repository, branch, actor)),
    openFromFork: (fork, pull) =>
      on((repository) => addPull(repository, { ...pull, headRepository: fork, body: '', draft: false }).number),
  };
}

async function deleteBranch(repository: RepositoryState, branch: string, actor: Account): Promise<void> {
  if (!repository.branches.has(branch)) throw new Error(`there is no branch ${branch}`);
  await deleteRef(repository.dir, `refs/heads/${branch}`);
  for (const pull of repository.pulls.values()) {
    if (pull.branch !== branch || pull.headRepository !== repository.fullName) continue;
    record(repository, pull, { event: 'head_ref_deleted', actor });
    close(repository, pull, actor);
  }
}

function pullOf(repository: RepositoryState, number: number): Pull {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw new Error(`there is no pull request #${number}`);
  return pull;
}
