import { deleteRef } from './branches.ts';
import type { Account } from './identities.ts';
import { createMergePeople, type MergePeople } from './merging/merge-people.ts';
import type { Method } from './merging/merge-rules.ts';
import {
  addComment,
  addLabels,
  addPull,
  close,
  followBranches,
  type Label,
  mergePull,
  type Pull,
  type RepositoryState,
  type Role,
  record,
  reopen,
} from './world.ts';

/** What people do to a repository in the browser, and a look at its pull requests. Rejects where GitHub would refuse. */
export interface People extends MergePeople {
  /** All pull requests, oldest first, as they are after the last push. */
  pulls(): Promise<readonly Readonly<Pull>[]>;
  /** Those of them that are open. */
  openPulls(): Promise<readonly Readonly<Pull>[]>;
  closeAs(number: number, actor: Account): Promise<void>;
  reopenAs(number: number, actor: Account): Promise<void>;
  /** The new commit on the base branch. */
  mergeAs(number: number, actor: Account, method: Method): Promise<string>;
  edit(number: number, text: { readonly title?: string; readonly body?: string }): Promise<void>;
  /** Gives an account a role in the repository. */
  permit(login: string, role: Role): Promise<void>;
  labelAs(number: number, label: string, actor: Account): Promise<void>;
  unlabelAs(number: number, label: string, actor: Account): Promise<void>;
  /** The labels that the repository has, by name. */
  labels(): Promise<ReadonlyMap<string, Label>>;
  /** The id of the new comment. */
  commentAs(number: number, body: string, author: Account): Promise<number>;
  /** Many comments that say nothing. */
  chatAs(number: number, comments: number, author: Account): Promise<void>;
  /** GitHub tells when a comment was edited, and not by whom. */
  editComment(number: number, id: number, body: string): Promise<void>;
  /** From then on only those who may push can comment. */
  lock(number: number): Promise<void>;
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
    ...createMergePeople(on),
    pulls: () => on(({ pulls }) => structuredClone([...pulls.values()])),
    openPulls: () => on(({ open }) => structuredClone([...open].toSorted((a, b) => a.number - b.number))),
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
      on((repository) => void Object.assign(pullOf(repository, number), text, { updatedAt: repository.now() })),
    permit: (login, role) => on((repository) => void repository.roles.set(login.toLowerCase(), role)),
    labelAs: (number, label, actor) =>
      on((repository) => addLabels(repository, pullOf(repository, number), [label], actor)),
    unlabelAs: (number, label, actor) =>
      on((repository) => {
        const pull = pullOf(repository, number);
        if (!pull.labels.includes(label)) throw new Error(`#${number} has no label ${label}`);
        pull.labels.splice(pull.labels.indexOf(label), 1);
        record(repository, pull, { event: 'unlabeled', actor, label });
      }),
    labels: () => on((repository) => structuredClone(repository.labels)),
    commentAs: (number, body, author) =>
      on((repository) => addComment(repository, pullOf(repository, number), { author, body }).id),
    chatAs: (number, comments, author) =>
      on((repository) => {
        const pull = pullOf(repository, number);
        for (let at = 0; at < comments; at += 1) addComment(repository, pull, { author, body: 'Hm.' });
      }),
    editComment: (number, id, body) =>
      on((repository) => {
        const pull = pullOf(repository, number);
        const comment = pull.comments.find((one) => one.id === id);
        if (comment === undefined) throw new Error(`there is no comment ${id} on #${number}`);
        Object.assign(comment, { body, editedAt: repository.now() });
        pull.updatedAt = comment.editedAt;
      }),
    lock: (number) =>
      on((repository) => {
        pullOf(repository, number).locked = true;
      }),
    deleteBranchAs: (branch, actor) => on((repository) => deleteBranch(repository, branch, actor)),
    openFromFork: (fork, pull) =>
      on((repository) => addPull(repository, { ...pull, headRepository: fork, body: '', draft: false }).number),
  };
}

async function deleteBranch(repository: RepositoryState, branch: string, actor: Account): Promise<void> {
  const tip = repository.branches.get(branch);
  if (tip === undefined) throw new Error(`there is no branch ${branch}`);
  await deleteRef(repository.dir, `refs/heads/${branch}`);
  for (const pull of repository.pulls.values()) {
    // Those of an earlier branch of this name are over.
    if (pull.branch !== branch || pull.head !== tip || pull.headRepository !== repository.fullName) continue;
    record(repository, pull, { event: 'head_ref_deleted', actor });
    close(repository, pull, actor);
  }
}

function pullOf(repository: RepositoryState, number: number): Pull {
  const pull = repository.pulls.get(number);
  if (pull === undefined) throw new Error(`there is no pull request #${number}`);
  return pull;
}
