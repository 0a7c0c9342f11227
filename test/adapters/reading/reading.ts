import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import type { ManifestReader } from '../../../src/manifests/parse/manifest-reader.ts';

const NEVER = new AbortController().signal;
const KINDS = [{ group: 'apps.kruise.io', kind: 'CloneSet', template: ['spec', 'template'] }];

/** What each blob says, in order. */
export async function read(
  reader: ManifestReader,
  blobs: readonly Uint8Array[],
  signal = NEVER,
): Promise<readonly (BlobFacts | undefined)[]> {
  const byId = new Map(blobs.map((bytes) => [createHash('sha1').update(bytes).digest('hex'), bytes]));
  const told = new Map<string, BlobFacts>();
  const load = async (oid: string) => byId.get(oid) ?? Buffer.from('');
  const tell = (oid: string, facts: BlobFacts) => void told.set(oid, facts);
  await reader.read({ oids: [...byId.keys()], kinds: KINDS, load, tell }, signal);
  return [...byId.keys()].map((oid) => told.get(oid));
}

/** All files of a folder that could be manifests. */
export function filesIn(folder: string): readonly Uint8Array[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:ya?ml|json|tpl|md)$/.test(entry.name))
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
}
