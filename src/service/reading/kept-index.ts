import type { Oid } from '../../domain/repo-path.ts';
import { recallFacts } from '../../manifests/kept/recall-facts.ts';
import type { KeptBranch, ServedBranch } from '../served-branch.ts';

/** What is needed of a branch to know what a former process read of it. */
type Remembering = Pick<ServedBranch, 'name' | 'log' | 'meter' | 'memory' | 'kept'>;

/** Fills the memory with what was kept of the branch, once: then only what is new needs to be read. Never rejects. */
export async function recallIndex(served: Remembering): Promise<void> {
  const { kept } = served;
  if (kept !== undefined) await (kept.state.recalled ??= recall(served, kept));
}

async function recall({ name, log, memory }: Remembering, kept: KeptBranch): Promise<void> {
  const { cache, key, state } = kept;
  const fields = { repository: name, directory: cache.place };
  const loaded = await cache.load(key);
  switch (loaded.kind) {
    case 'absent':
      return log.debug(fields, 'no index is kept yet');
    case 'foreign':
      return log.info({ ...fields, reason: loaded.reason }, 'the kept index is not used');
    case 'broken':
      return log.warn({ ...fields, reason: loaded.reason }, 'the kept index is not used');
    case 'found': {
      // Nothing was read before.
      const oids = recallFacts(loaded.lines, memory.factsByBlob);
      if (oids !== null) state.saved = { head: loaded.head, oids };
      else {
        memory.factsByBlob.clear();
        log.warn({ ...fields, reason: 'it cannot be read' }, 'the kept index is not used');
      }
    }
  }
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
