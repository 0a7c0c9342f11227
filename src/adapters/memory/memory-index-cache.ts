import { Failure } from '../../domain/failure.ts';
import type { IndexKey, LoadedIndex } from '../../domain/kept/kept-index.ts';
import type { IndexCache } from '../../ports.ts';

export interface MemoryIndexCache extends IndexCache {
  /** Nothing can be saved while `act` runs. */
  whileBroken(act: () => Promise<void>): Promise<void>;
  /** What is kept is no longer what was saved. */
  damage(): void;
}

interface Saved extends IndexKey {
  readonly head: string;
  readonly lines: readonly string[];
}

/** Keeps indexes as long as it lives. */
export function createMemoryIndexCache(): MemoryIndexCache {
  const saved = new Map<string, Saved | 'damaged'>();
  let isBroken = false;
  return {
    place: 'memory',
    load: async (key): Promise<LoadedIndex> => {
      const found = saved.get(nameOf(key));
      if (found === undefined) return { kind: 'absent' };
      if (found === 'damaged') return { kind: 'broken', reason: 'it was damaged' };
      if (found.reading !== key.reading) return { kind: 'foreign', reason: 'it was made under another configuration' };
      return { kind: 'found', head: found.head, lines: oneByOne(found.lines) };
    },
    save: async (key, { head, lines }, signal) => {
      const all = [...lines];
      if (isBroken || signal.aborted) throw unwritable();
      saved.set(nameOf(key), { ...key, head, lines: all });
    },
    probe: async () => {
      if (isBroken) throw unwritable();
    },
    whileBroken: async (act) => {
      isBroken = true;
      await act().finally(() => {
        isBroken = false;
      });
    },
    damage: () => {
      for (const name of saved.keys()) saved.set(name, 'damaged');
    },
  };
}

async function* oneByOne(lines: readonly string[]): AsyncGenerator<string, void, undefined> {
  yield* lines;
}

function unwritable(): Failure {
  return new Failure('memory cannot be written', { code: 'file-unwritable', retry: 'later', hint: 'Try again.' });
}

function nameOf({ repository, base }: IndexKey): string {
  return JSON.stringify([repository, base]);
}
