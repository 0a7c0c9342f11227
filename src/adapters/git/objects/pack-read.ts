import { deflateSync } from 'node:zlib';
import type { Oid } from '../../../domain/repo-path.ts';
import { type GitObject, type ObjectType, oidOf } from './git-object.ts';
import { addEntry, entryOf, nameEntry } from './packed/entry-table.ts';
import { newShelf, objectAt, type Shelf, TYPES } from './packed/shelf.ts';
import { type PackLimits, unpack } from './packed/unpack.ts';

/**
 * All objects of a small pack by id, unpacked. `base` gives objects from outside that a thin pack is built on. Throws
 * `git-unreadable`.
 */
export async function readPack(
  pack: Buffer,
  base: (oid: Oid) => GitObject | null,
  limits: PackLimits,
): Promise<ReadonlyMap<Oid, GitObject>> {
  const outside = newShelf(limits.maxObjectBytes, limits.maxTotalBytes);
  const shelf = await unpack([pack], outside, limits, (id, at) => {
    const known = entryOf(outside.table, id, at);
    const lent = known === -1 ? base(id.toString('hex', at, at + 20)) : null;
    return lent === null ? known : shelve(outside, lent);
  });
  const objects = new Map<Oid, GitObject>();
  for (let entry = 0; entry < shelf.table.count; entry += 1) {
    objects.set(shelf.table.ids.toString('hex', 20 * entry, 20 * entry + 20), objectAt(shelf, entry));
  }
  return objects;
}

function shelve({ table, segments }: Shelf, object: GitObject): number {
  const entry = addEntry(table);
  const stream = deflateSync(object.data);
  nameEntry(table, entry, codeOf(object.type), oidOf(object));
  table.segments[entry] = segments.push(stream) - 1;
  table.lengths[entry] = stream.length;
  table.streamSizes[entry] = object.data.length;
  return entry;
}

function codeOf(type: ObjectType): number {
  return TYPES.indexOf(type);
}
