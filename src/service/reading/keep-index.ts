import type { Oid } from '../../domain/repo-path.ts';
import { keepFacts } from '../../manifests/kept/keep-facts.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import type { IndexCache } from '../../ports.ts';
import type { StopSignals } from '../consume/consume.ts';
import { failureOf } from '../outcome.ts';
import type { KeptBranch, ServedBranch } from '../served-branch.ts';
import { recallIndex } from './kept-index.ts';

/** Until something was read. */
const SOON_MILLISECONDS = 1000;

/** A process that is killed loses no more than what changed since: a few files that are fetched and read again. */
const BETWEEN_MILLISECONDS = 5 * 60_000;

/** What is kept of a branch, and under which key. */
export function keptBranch(cache: IndexCache, { origin, base, scope }: ServedBranch['settings']): KeptBranch {
  const key = { repository: origin?.url ?? '', base, reading: JSON.stringify(scope.restart.kinds) };
  return { cache, key, state: { recall: null, head: null, saved: null, isTold: false } };
}

/**
 * Keeps what was read of a branch until `stopping` is aborted, and once more then, where something has changed. Rejects never:
 * what cannot be kept is told once, and read again by the next process.
 */
export async function keepIndex(served: ServedBranch, { stopping, abort }: StopSignals): Promise<void> {
  if (served.kept === undefined) return;
  // While the host is asked for its refs.
  await recallIndex(served);
  while (!stopping.aborted && !abort.aborted) {
    await saveChanged(served, served.kept, abort);
    const waitMilliseconds = served.kept.state.head === null ? SOON_MILLISECONDS : BETWEEN_MILLISECONDS;
    await served.clock.sleep(waitMilliseconds, stopping);
  }
  await saveChanged(served, served.kept, abort);
}

async function saveChanged(
  served: ServedBranch,
  { cache, key, state }: KeptBranch,
  signal: AbortSignal,
): Promise<void> {
  const { name, log, memory } = served;
  const { head } = state;
  if (head === null || signal.aborted || isSaved(memory.factsByBlob, state, head)) return;
  // Reads go on while it is written.
  const known = new Map(memory.factsByBlob);
  const fields = { repository: name, directory: cache.place };
  try {
    await cache.save(key, { head, lines: keepFacts(known) }, signal);
    state.saved = { head, oids: [...known.keys()] };
    state.isTold = false;
    log.debug({ ...fields, files: known.size }, 'index kept');
  } catch (error) {
    if (signal.aborted) return;
    const { code, message: reason, hint } = failureOf(error);
    log[state.isTold ? 'debug' : 'warn']({ ...fields, code, reason, hint }, 'the index is not kept');
    state.isTold = true;
  }
}

/** A commit that changes no manifest changes nothing that is kept. */
function isSaved(known: ReadonlyMap<Oid, BlobFacts>, { saved }: KeptBranch['state'], head: Oid): boolean {
  if (saved === null) return false;
  if (saved.head === head) return true;
  return saved.oids.length === known.size && saved.oids.every((oid) => known.has(oid));
}
