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
      const known = recallFacts(loaded.lines);
      if (known === null) return log.warn({ ...fields, reason: 'it cannot be read' }, 'the kept index is not used');
      for (const [oid, facts] of known) if (!memory.factsByBlob.has(oid)) memory.factsByBlob.set(oid, facts);
      state.saved = { head: loaded.head, oids: new Set(known.keys()) };
    }
  }
}

/** To be called after each read of the index: the memory holds what the files of this commit say. */
export function noteRead({ name, log, meter, memory, kept }: Remembering, head: Oid): void {
  if (kept === undefined) return;
  const { state } = kept;
  if (state.head === null) {
    const oids = [...memory.factsByBlob.keys()];
    const recalled = oids.filter((oid) => state.saved?.oids.has(oid) === true).length;
    const fields = { repository: name, files: oids.length, fromCache: recalled, read: oids.length - recalled };
    log.info({ ...fields, cachedHead: state.saved?.head ?? null }, 'index read');
    meter.gauge('index_files_from_cache', { repository: name }, recalled);
  }
  state.head = head;
}
