import { parseRepositorySettings, SETTINGS_FILE } from '../manifests/reading/repository-settings.ts';
import type { Snapshot } from '../ports.ts';

/** Why nothing may be written, for people. */
export interface Pause {
  readonly reason: string;
  readonly hint: string;
}

/** A settings file needs far less; more is not read. */
const MAX_BYTES = 4096;

/**
 * Whether the repository itself stops all writing to this base, by `paused: true` in `.gitops-reloader/config.yaml` (PRODUCT.md,
 * Commands). A file that cannot be understood stops it too: somebody meant to say something.
 */
export async function pauseOf(snapshot: Snapshot): Promise<Pause | null> {
  const entry = snapshot.entries.find(({ path }) => path === SETTINGS_FILE);
  if (entry === undefined) return null;
  if (!entry.mode.startsWith('100')) return broken('it is no plain file');
  const bytes = await snapshot.read(entry.oid);
  if (bytes.length > MAX_BYTES) return broken(`it is larger than ${MAX_BYTES} bytes`);
  const settings = parseRepositorySettings(bytes);
  if (settings.kind === 'problem') return broken(settings.reason);
  if (!settings.paused) return null;
  return {
    reason: `${SETTINGS_FILE} says paused: true.`,
    hint: `Set paused to false in ${SETTINGS_FILE}, or remove it.`,
  };
}

function broken(why: string): Pause {
  return {
    reason: `${SETTINGS_FILE} cannot be understood (${why}), which counts as paused.`,
    hint: 'It may hold one key: paused, true or false.',
  };
}
