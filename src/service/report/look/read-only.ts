import { internalFailure } from '../../../domain/failure.ts';
import type { Forge, PullRequest, Workspace } from '../../../ports.ts';
import type { ServedBranch } from '../../served-branch.ts';

/**
 * The same branch for a report: it cannot be written to, and each branch's pull requests are listed once. The first failure of
 * a forge stands for every further question: one that is down is not waited for again and again.
 */
export function readOnly(served: ServedBranch): ServedBranch {
  return { ...served, workspace: readOnlyWorkspace(served.workspace), forge: readOnlyForge(served.forge) };
}

function readOnlyWorkspace(workspace: Workspace): Workspace {
  return {
    refs: (prefixes, signal) => workspace.refs(prefixes, signal),
    snapshot: (ref, signal, content) => workspace.snapshot(ref, signal, content),
    commit: (ref, signal) => workspace.commit(ref, signal),
    publish: () => refuse(),
    publishAll: () => refuse(),
  };
}

function readOnlyForge(forge: Forge): Forge {
  const known = new Map<string, Promise<readonly PullRequest[]>>();
  let failed: Promise<never> | null = null;
  const ask = async (branch: string, base: string, signal: AbortSignal) => {
    if (failed !== null) return failed;
    const asked = forge.list(branch, base, signal);
    return asked.catch((error: unknown) => {
      failed = Promise.reject(error);
      return failed;
    });
  };
  return {
    list: (branch, base, signal) => {
      const answer = known.get(branch) ?? ask(branch, base, signal);
      known.set(branch, answer);
      return answer;
    },
    read: (number, signal) => forge.read(number, signal),
    open: () => refuse(),
    update: () => refuse(),
    close: () => refuse(),
    remark: () => refuse(),
    recent: (folder, signal) => forge.recent(folder, signal),
    unsettled: (folder, signal) => forge.unsettled(folder, signal),
    mergeFacts: (number, signal) => forge.mergeFacts(number, signal),
    delivered: (head, signal) => forge.delivered(head, signal),
    autoMerge: () => refuse(),
    merge: () => refuse(),
    dismissApprovals: () => refuse(),
  };
}

async function refuse(): Promise<never> {
  throw internalFailure('a report never writes');
}
