/** A text or bytes as SSH writes it: four bytes of length, then the bytes (RFC 4251, `string`). */
export function sshString(value: string | Uint8Array): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A positive number, big-endian, as SSH writes it: no leading zeros, but one where the first bit is set (`mpint`). */
export function sshNumber(bytes: Uint8Array): Buffer {
  const start = bytes.findIndex((byte) => byte !== 0);
  const trimmed = start === -1 ? Buffer.alloc(0) : Buffer.from(bytes.subarray(start));
  return sshString((trimmed[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), trimmed]) : trimmed);
}

/** Reads what SSH writes, front to back; null once the bytes do not suffice. */
export interface SshReader {
  number(): number | null;
  bytes(): Buffer | null;
  text(): string | null;
  rest(): Buffer;
}

export function sshReader(data: Buffer): SshReader {
  let at = 0;
  const number = () => {
    if (at + 4 > data.length) return null;
    at += 4;
    return data.readUInt32BE(at - 4);
  };
  const bytes = () => {
    const length = number();
    if (length === null || at + length > data.length) return null;
    at += length;
    return data.subarray(at - length, at);
  };
  return { number, bytes, text: () => bytes()?.toString('latin1') ?? null, rest: () => data.subarray(at) };
}
