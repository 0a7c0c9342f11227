import type { LoadedIndex } from '../../domain/kept/kept-index.ts';
import type { Oid } from '../../domain/repo-path.ts';
import { recallFacts } from '../../manifests/kept/recall-facts.ts';
import type { FactsByBlob, KeptBranch, ServedBranch } from '../served-branch.ts';

/** What is needed of a branch to know what a former process read of it. */
type Remembering = Pick<ServedBranch, 'name' | 'log' | 'meter' | 'memory' | 'kept'>;

/** Fills the memory with what was kept of the branch, once: then only what is new needs to be read. Never rejects. */
export async function recallIndex(served: Remembering): Promise<void> {
  if (served.kept !== undefined) await recallOf(served, served.kept).whole;
}

/** Whether something is kept that will be filled in: known before it is. Never rejects. */
export async function isIndexKept(served: Remembering): Promise<boolean> {
  return served.kept !== undefined && (await recallOf(served, served.kept).isFound);
}

function recallOf(served: Remembering, kept: KeptBranch) {
  return (kept.state.recall ??= begin(served, kept));
}

function begin(served: Remembering, kept: KeptBranch) {
  const loading = kept.cache.load(kept.key);
  const whole = loading.then((loaded) => recall(served, kept, loaded));
  return { isFound: loading.then(({ kind }) => kind === 'found'), whole };
}

async function recall({ name, log, memory }: Remembering, kept: KeptBranch, loaded: LoadedIndex): Promise<void> {
  const { cache, state } = kept;
  const fields = { repository: name, directory: cache.place };
  switch (loaded.kind) {
    case 'absent':
      return log.debug(fields, 'no index is kept yet');
    case 'foreign':
      return log.info({ ...fields, reason: loaded.reason }, 'the kept index is not used');
    case 'broken':
      return log.warn({ ...fields, reason: loaded.reason }, 'the kept index is not used');
    case 'found': {
      // Nothing was read before.
      const oids = await recallAll(loaded.lines, memory.factsByBlob);
      if (oids !== null) state.saved = { head: loaded.head, oids };
      else {
        memory.factsByBlob.clear();
        log.warn({ ...fields, reason: 'it cannot be read' }, 'the kept index is not used');
      }
    }
  }
}

async function recallAll(lines: AsyncIterable<string>, known: FactsByBlob): Promise<readonly Oid[] | null> {
  const oids: Oid[] = [];
  for await (const line of lines) {
    const some = recallFacts([line], known);
    if (some === null) return null;
    oids.push(...some);
  }
  return oids;
}

/** To be called after each read of the index: the memory holds what the files of this commit say. */
export function noteRead({ name, log, meter, memory, kept }: Remembering, head: Oid): void {
  if (kept === undefined) return;
  const { state } = kept;
  if (state.head === null) {
    const files = memory.factsByBlob.size;
    const recalled = (state.saved?.oids ?? []).filter((oid) => memory.factsByBlob.has(oid)).length;
    const fields = { repository: name, files, fromCache: recalled, read: files - recalled };
    log.info({ ...fields, cachedHead: state.saved?.head ?? null }, 'index read');
    meter.gauge('index_files_from_cache', { repository: name }, recalled);
  }
  state.head = head;
}
