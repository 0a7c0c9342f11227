import { Failure, internalFailure } from '../../domain/failure.ts';
import { isSafeRefName } from '../../domain/repo-path.ts';
import type { CommitDraft, RefUpdate, UpdateResult } from '../../ports.ts';
import type { MadeCommit } from './make-commit.ts';
import type { Push } from './protocol/push/push-request.ts';

interface Publishing {
  readonly make: (draft: CommitDraft) => Promise<MadeCommit>;
  readonly push: (pushes: readonly Push[]) => Promise<readonly UpdateResult[]>;
  /** Told of each commit of ours that a ref is at now. */
  readonly adopt: (made: MadeCommit) => void;
}

type Made = { readonly kind: 'push'; readonly push: Push } | { readonly kind: 'result'; readonly result: UpdateResult };

/** Makes the commits, and pushes them together. One that cannot be made leaves the others alone. */
export async function publishUpdates(
  updates: readonly RefUpdate[],
  { make, push, adopt }: Publishing,
): Promise<readonly UpdateResult[]> {
  const made: Made[] = [];
  for (const update of updates) made.push(await madeOf(update, make));
  const pushes = made.flatMap((one) => (one.kind === 'push' ? [one.push] : []));
  const answers = await push(pushes);
  const results = new Map(pushes.map((one, at) => [one, answers[at] ?? NOT_SENT]));
  for (const [one, result] of results) if (one.kind === 'move' && result.kind === 'done') adopt(one);
  return made.map((one) => (one.kind === 'push' ? (results.get(one.push) ?? NOT_SENT) : one.result));
}

const NOT_SENT: UpdateResult = { kind: 'unknown', reason: 'nothing was said of it' };

async function madeOf({ ref, expected, to }: RefUpdate, make: Publishing['make']): Promise<Made> {
  try {
    if (!isSafeRefName(ref)) throw internalFailure('only well-formed branches are published');
    if (to === null) return { kind: 'push', push: { kind: 'delete', ref, expected } };
    const { oid, objects } = await make(to);
    return { kind: 'push', push: { kind: 'move', ref, expected, oid, parent: to.parent, objects } };
  } catch (error) {
    if (error instanceof Failure) return { kind: 'result', result: { kind: 'failed', failure: error } };
    throw error;
  }
}
