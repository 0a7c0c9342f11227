import { createHash } from 'node:crypto';
import type { Oid } from '../../../domain/repo-path.ts';

export type ObjectType = 'commit' | 'tree' | 'blob' | 'tag';

export interface GitObject {
  readonly type: ObjectType;
  readonly data: Buffer;
}

/** The SHA-1 of these parts, in lower-case hex. */
export function sha1(...parts: readonly Uint8Array[]): string {
  const hash = createHash('sha1');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
}

/** The object's id. */
export function oidOf(object: GitObject): Oid {
  return sha1(Buffer.from(`${object.type} ${object.data.length}\0`, 'latin1'), object.data);
}

/** The same id without the text that it was cut out of, which would stay in memory for as long as the id is kept. */
export function ownOid(cut: Oid): Oid {
  return Buffer.from(cut, 'latin1').toString('latin1');
}
