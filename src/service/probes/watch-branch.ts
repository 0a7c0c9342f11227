import type { ServedBranch } from '../served-branch.ts';
import type { Pulse } from './liveness.ts';

/** The same branch, and every call to its hosts a sign of life when it begins and when it ends, however it ends. */
export function watchBranch(served: ServedBranch, pulse: Pulse): ServedBranch {
  const { workspace, forge, secretVersions } = served;
  const watch = async <Result>(call: () => Promise<Result>): Promise<Result> => {
    pulse.sign();
    try {
      return await call();
    } finally {
      pulse.sign();
    }
  };
  return {
    ...served,
    workspace: {
      refs: (prefixes, signal) => watch(() => workspace.refs(prefixes, signal)),
      snapshot: (ref, signal, content) => watch(() => workspace.snapshot(ref, signal, content)),
      commit: (ref, signal) => watch(() => workspace.commit(ref, signal)),
      publish: (update, signal) => watch(() => workspace.publish(update, signal)),
      publishAll: (updates, signal) => watch(() => workspace.publishAll(updates, signal)),
    },
    forge: {
      list: (branch, base, signal) => watch(() => forge.list(branch, base, signal)),
      open: (draft, signal) => watch(() => forge.open(draft, signal)),
      update: (pull, draft, signal) => watch(() => forge.update(pull, draft, signal)),
      read: (number, signal) => watch(() => forge.read(number, signal)),
      close: (number, comment, signal) => watch(() => forge.close(number, comment, signal)),
      remark: (number, remark, signal) => watch(() => forge.remark(number, remark, signal)),
      recent: (folder, signal) => watch(() => forge.recent(folder, signal)),
      unsettled: (folder, signal) => watch(() => forge.unsettled(folder, signal)),
      mergeFacts: (number, signal) => watch(() => forge.mergeFacts(number, signal)),
      autoMerge: (number, wish, signal) => watch(() => forge.autoMerge(number, wish, signal)),
      merge: (number, wish, signal) => watch(() => forge.merge(number, wish, signal)),
      dismissApprovals: (number, how, signal) => watch(() => forge.dismissApprovals(number, how, signal)),
      delivered: (head, signal) => watch(() => forge.delivered(head, signal)),
    },
    secretVersions:
      secretVersions === null
        ? null
        : {
            describe: (ref, signal) => watch(() => secretVersions.describe(ref, signal)),
            list: (place, filter, signal) => watch(() => secretVersions.list(place, filter, signal)),
            listParameters: (place, signal) => watch(() => secretVersions.listParameters(place, signal)),
          },
  };
}
