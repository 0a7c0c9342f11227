import { lineOf, readPackets } from './pkt-line.ts';

/** What a host says about a push of one ref. */
export type PushReport =
  | { readonly kind: 'ok' }
  /** The host's own words; `notes` is what it wrote for the person who pushes. */
  | { readonly kind: 'refused'; readonly reason: string; readonly notes: string }
  | { readonly kind: 'unpack-failed'; readonly reason: string; readonly notes: string }
  /** The report is cut, or says nothing about the ref: nobody knows. */
  | { readonly kind: 'unclear'; readonly notes: string };

/**
 * Reads an answer to a push, with or without side bands; what it says of each ref has a line of its own. Never throws: what cannot
 * be read is `unclear`.
 */
export function readPushReport(body: Buffer, sideBand: boolean): (ref: string) => PushReport {
  const streams = sideBand ? splitBands(body) : { report: body, notes: '', died: false };
  const lines = streams.died ? [] : linesOf(streams.report);
  const { notes } = streams;
  const unpack = lines.find((line) => line.startsWith('unpack '))?.slice('unpack '.length);
  const moved = new Set(lines);
  const refusals = refusalsOf(lines);
  return (ref) => {
    const refusal = refusals.get(ref);
    // Git refuses every ref where it could not unpack: a report that does not is damaged, and the ref may have moved.
    if (unpack !== undefined && unpack !== 'ok' && refusal !== undefined) {
      return { kind: 'unpack-failed', reason: unpack, notes };
    }
    if (refusal !== undefined) return { kind: 'refused', reason: refusal, notes };
    return unpack === 'ok' && moved.has(`ok ${ref}`) ? { kind: 'ok' } : { kind: 'unclear', notes };
  };
}

/** The first line of each ref counts. */
function refusalsOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const found = lines.flatMap((line) => {
    const [, ref, reason] = /^ng ([^ ]+) (.*)$/s.exec(line) ?? [];
    return ref === undefined || reason === undefined ? [] : [[ref, reason] as const];
  });
  return new Map(found.toReversed());
}

function splitBands(body: Buffer): { readonly report: Buffer; readonly notes: string; readonly died: boolean } {
  const report: Buffer[] = [];
  const notes: Buffer[] = [];
  let died = false;
  for (const bytes of wholePackets(body)) {
    const rest = bytes.subarray(1);
    if (bytes[0] === 1) report.push(rest);
    else notes.push(rest);
    if (bytes[0] === 3) died = true;
  }
  return { report: Buffer.concat(report), notes: Buffer.concat(notes).toString('utf8'), died };
}

function linesOf(report: Buffer): string[] {
  return wholePackets(report).map(lineOf);
}

/** The packets up to where the answer is cut. */
function wholePackets(bytes: Buffer): Buffer[] {
  const whole: Buffer[] = [];
  try {
    for (const one of readPackets(bytes)) if (one.kind === 'data') whole.push(one.bytes);
  } catch {
    // Nothing after this can be read; what is missing makes the report unclear.
  }
  return whole;
}
