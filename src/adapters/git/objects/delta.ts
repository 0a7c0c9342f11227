/** Git's delta format: copy from the base, or insert what follows. Null where it does not fit the base or is malformed. */
export function applyDelta(base: Buffer, delta: Buffer, limit: number): Buffer | null {
  const reader = { bytes: delta, at: 0 };
  if (readSize(reader) !== base.length) return null;
  const size = readSize(reader);
  if (size > limit) return null;
  const result = Buffer.allocUnsafe(size);
  let written = 0;
  while (reader.at < delta.length) {
    const command = next(reader);
    const source = command & 0x80 ? copied(base, reader, command) : inserted(reader, command);
    if (source === null || written + source.length > size) return null;
    result.set(source, written);
    written += source.length;
  }
  // A command that is cut short reads beyond the end.
  return written === size && reader.at === delta.length ? result : null;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
}

function next(reader: Reader): number {
  const byte = reader.bytes[reader.at] ?? 0;
  reader.at += 1;
  return byte;
}

function readSize(reader: Reader): number {
  let size = 0;
  let factor = 1;
  for (let count = 0; count < 7; count += 1) {
    const byte = next(reader);
    size += (byte & 0x7f) * factor;
    if ((byte & 0x80) === 0) return size;
    factor *= 128;
  }
  return Number.POSITIVE_INFINITY;
}

function copied(base: Buffer, reader: Reader, command: number): Buffer | null {
  let offset = 0;
  let size = 0;
  for (let index = 0; index < 4; index += 1) if (command & (1 << index)) offset += next(reader) * 256 ** index;
  for (let index = 0; index < 3; index += 1) if (command & (16 << index)) size += next(reader) * 256 ** index;
  const length = size === 0 ? 0x10000 : size;
  return offset + length > base.length ? null : base.subarray(offset, offset + length);
}

function inserted(reader: Reader, length: number): Buffer | null {
  const start = reader.at;
  reader.at += length;
  return length === 0 || reader.at > reader.bytes.length ? null : reader.bytes.subarray(start, reader.at);
}
