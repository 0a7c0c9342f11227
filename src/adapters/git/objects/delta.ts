/** To call a copy costs more than so many bytes. */
const SHORT = 48;

/** Git's delta format: copy from the base, or insert what follows. Null where it does not fit the base or is malformed. */
export function applyDelta(base: Buffer, delta: Buffer, limit: number): Buffer | null {
  const reader = { bytes: delta, at: 0, from: 0, length: 0 };
  if (readSize(reader) !== base.length) return null;
  const size = readSize(reader);
  if (size > limit) return null;
  const result = Buffer.allocUnsafe(size);
  let written = 0;
  while (reader.at < delta.length) {
    const command = next(reader);
    const isCopy = command >= 0x80;
    if (isCopy) readCopy(reader, command);
    else readInsert(reader, command);
    const source = isCopy ? base : delta;
    if (!fits(reader, source.length, size - written)) return null;
    copyBytes(source, reader, result, written);
    written += reader.length;
  }
  // A command that is cut short reads beyond the end.
  return written === size && reader.at === delta.length ? result : null;
}

function fits({ from, length }: Reader, available: number, room: number): boolean {
  return length > 0 && from + length <= available && length <= room;
}

function copyBytes(source: Buffer, { from, length }: Reader, result: Buffer, written: number): void {
  if (length > SHORT) source.copy(result, written, from, from + length);
  else for (let index = 0; index < length; index += 1) result[written + index] = source[from + index] ?? 0;
}

interface Reader {
  readonly bytes: Buffer;
  at: number;
  /** What the last command takes, of the base or of the delta itself: a buffer each would cost more than the bytes. */
  from: number;
  length: number;
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

function readCopy(reader: Reader, command: number): void {
  let offset = 0;
  let size = 0;
  for (let index = 0; index < 4; index += 1) if (command & (1 << index)) offset += next(reader) * 256 ** index;
  for (let index = 0; index < 3; index += 1) if (command & (16 << index)) size += next(reader) * 256 ** index;
  reader.from = offset;
  reader.length = size === 0 ? 0x10000 : size;
}

function readInsert(reader: Reader, length: number): void {
  reader.from = reader.at;
  reader.length = length;
  reader.at += length;
}
