import { deflateSync } from 'node:zlib';
import { type GitObject, type ObjectType, sha1 } from './git-object.ts';

const CODES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** A pack of exactly these objects, in this order, without deltas: a commit of ours is a few small objects. */
export function writePack(objects: readonly GitObject[]): Buffer {
  const header = Buffer.alloc(12);
  header.write('PACK', 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([header, ...objects.flatMap((object) => [entryHeader(object), deflateSync(object.data)])]);
  return Buffer.concat([body, Buffer.from(sha1(body), 'hex')]);
}

function entryHeader(object: GitObject): Buffer {
  const bytes: number[] = [];
  let byte = (CODES[object.type] << 4) | (object.data.length & 15);
  let rest = Math.floor(object.data.length / 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}
