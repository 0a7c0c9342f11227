import { Failure } from '../../../../src/domain/failure.ts';
import type { Oid } from '../../../../src/domain/repo-path.ts';
import type { PublishResult, RefUpdate, UpdateResult, Workspace } from '../../../../src/ports.ts';
import type { Plant } from './life.ts';

type Publish = (update: RefUpdate, workspace: Workspace, signal: AbortSignal) => Promise<PublishResult>;

const planted =
  (publish: Publish): Plant =>
  (workspace) => ({
    ...workspace,
    publish: (update, signal) => publish(update, workspace, signal),
    publishAll: async (updates, signal) => {
      const results: UpdateResult[] = [];
      for (const update of updates) results.push(await publish(update, workspace, signal).catch(failed));
      return results;
    },
  });

function failed(failure: unknown): UpdateResult {
  if (failure instanceof Failure) return { kind: 'failed', failure };
  throw failure;
}

async function tipOf(workspace: Workspace, ref: string, signal: AbortSignal): Promise<Oid | null> {
  return (await workspace.refs(['refs/heads/'], signal)).find(({ name }) => name === ref)?.oid ?? null;
}

/** Defects as a transport could have them: what a model does not find with them in place, it does not look for. */
export const PLANTED: Readonly<Record<string, Plant>> = {
  'the expected id is ignored': planted(async (update, workspace, signal) => {
    const expected = await tipOf(workspace, update.ref, signal);
    if (update.to !== null) return workspace.publish({ ...update, expected }, signal);
    return workspace.publish({ ...update, expected: expected ?? update.expected }, signal);
  }),
  'a dropped answer counts as done': planted(async (update, workspace, signal) => {
    const result = await workspace.publish(update, signal);
    return result.kind === 'unknown'
      ? { kind: 'done', oid: (await tipOf(workspace, update.ref, signal)) ?? '' }
      : result;
  }),
  'a dropped answer counts as not done, and is repeated': planted(async (update, workspace, signal) => {
    const result = await workspace.publish(update, signal);
    if (result.kind !== 'unknown' || update.to === null) return result;
    // As a draft that is made anew would be: at another time, on what is there now.
    const to = { ...update.to, time: update.to.time + 100_000 };
    return workspace.publish({ ref: update.ref, expected: await tipOf(workspace, update.ref, signal), to }, signal);
  }),
  'what became of the first of a push counts for all of it': (workspace) => ({
    ...workspace,
    publishAll: async (updates, signal) => {
      const results = await workspace.publishAll(updates, signal);
      const [first] = results;
      return results.map((result) => (result.kind === 'failed' ? result : (first ?? result)));
    },
  }),
  'a snapshot is taken for whole that is not': (workspace) => ({
    ...workspace,
    snapshot: async (ref, signal) => {
      const snapshot = await workspace.snapshot(ref, signal).catch(() => null);
      return (
        snapshot ?? { commit: ref.oid, entries: [], read: async () => Buffer.alloc(0), prefetch: async () => undefined }
      );
    },
  }),
};
