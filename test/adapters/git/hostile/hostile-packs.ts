import { deflateSync } from 'node:zlib';
import { type GitObject, type ObjectType, oidOf, sha1 } from '../../../../src/adapters/git/objects/git-object.ts';

const TYPES: Readonly<Record<ObjectType, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };

/** Entries in a frame with a right trailer; the number of objects is what they say, or a lie. */
export function packOf(entries: readonly Uint8Array[], count = entries.length): Buffer {
  const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
  header.writeUInt32BE(count, 8);
  return trailed(Buffer.concat([header, ...entries]));
}

/** These bytes with the SHA-1 that makes them look whole. */
export function trailed(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.from(sha1(bytes), 'hex')]);
}

/** An entry that says `size` of itself, whatever is in it. */
export function entry(type: number, size: number, data: Uint8Array, base: Uint8Array = Buffer.alloc(0)): Buffer {
  const head: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    head.push(byte | 0x80);
    byte = rest % 128;
  }
  return Buffer.concat([Buffer.from([...head, byte]), base, deflateSync(data)]);
}

export function whole({ type, data }: GitObject): Buffer {
  return entry(TYPES[type], data.length, data);
}

/** A delta on an object by its id. */
export function onOid(oid: string, delta: Uint8Array): Buffer {
  return entry(7, delta.length, delta, Buffer.from(oid, 'hex'));
}

/** A delta on an entry so many bytes before. */
export function onOffset(back: number, delta: Uint8Array): Buffer {
  const bytes = [back % 128];
  for (let rest = Math.floor(back / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift((rest % 128) | 0x80);
  }
  return entry(6, delta.length, delta, Buffer.from(bytes));
}

/** A delta from a base of this size to a result of that one. */
export function deltaOf(from: number, to: number, ...commands: readonly Uint8Array[]): Buffer {
  return Buffer.concat([varint(from), varint(to), ...commands]);
}

/** A copy; a size of 0x10000 is written as none, as Git does. */
export function copy(offset: number, size: number): Buffer {
  const bytes: number[] = [0x80];
  const put = (value: number, count: number, bit: number) => {
    for (let index = 0; index < count; index += 1) {
      const byte = Math.floor(value / 256 ** index) % 256;
      if (byte === 0) continue;
      bytes.push(byte);
      bytes[0] = (bytes[0] ?? 0) | (bit << index);
    }
  };
  put(offset, 4, 1);
  put(size === 0x10000 ? 0 : size, 3, 16);
  return Buffer.from(bytes);
}

export function insert(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 0x80);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

export function blobOf(content: string | Uint8Array): GitObject {
  return { type: 'blob', data: Buffer.from(content) };
}

/** A raw tree, in this order and checked by nobody. */
export function treeOf(
  ...entries: readonly (readonly [mode: string, name: string | Uint8Array, oid: string])[]
): GitObject {
  const parts = entries.flatMap(([mode, name, oid]) => [
    Buffer.from(`${mode} `),
    Buffer.from(name),
    Buffer.from([0]),
    Buffer.from(oid, 'hex'),
  ]);
  return { type: 'tree', data: Buffer.concat(parts) };
}

export function commitOf(tree: GitObject): GitObject {
  const who = 'A <a@b.c> 1700000000 +0000';
  return { type: 'commit', data: Buffer.from(`tree ${oidOf(tree)}\nauthor ${who}\ncommitter ${who}\n\nm\n`) };
}
