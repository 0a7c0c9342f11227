import { lineOf, readPackets } from './pkt-line.ts';

/** What a host says about a push of one ref. */
export type PushReport =
  | { readonly kind: 'ok' }
  /** The host's own words; `notes` is what it wrote for the person who pushes. */
  | { readonly kind: 'refused'; readonly reason: string; readonly notes: string }
  | { readonly kind: 'unpack-failed'; readonly reason: string; readonly notes: string }
  /** The report is cut, contradicts itself, or says nothing about the ref: nobody knows. */
  | { readonly kind: 'unclear'; readonly notes: string };

/**
 * Reads an answer to a push, with or without side bands; what it says of each ref has a line of its own. Never throws: what cannot
 * be read is `unclear`.
 */
export function readPushReport(body: Buffer, sideBand: boolean): (ref: string) => PushReport {
  const streams = sideBand ? splitBands(body) : { report: body, notes: '', died: false };
  const lines = streams.died ? [] : linesOf(streams.report);
  const { notes } = streams;
  const [unpack, ...others] = new Set(lines.flatMap((line) => /^unpack (.*)$/s.exec(line)?.[1] ?? []));
  const moved = new Set(lines);
  const refusals = refusalsOf(lines);
  return (ref) => {
    const refusal = refusals.get(ref);
    const isBoth = others.length > 0 || (refusal !== undefined && moved.has(`ok ${ref}`));
    if (isBoth) return { kind: 'unclear', notes };
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

/** Of what hooks write for people so many bytes are kept. */
const MOST_NOTES = 64 * 1024;
/** More than any report has of the refs of one request; what is behind them is not read. */
const MOST_LINES = 10_000;

/** Bytes are copied out of their packets, as millions of tiny ones would take far more memory than what is in them. */
function splitBands(body: Buffer): { readonly report: Buffer; readonly notes: string; readonly died: boolean } {
  const report = Buffer.allocUnsafe(body.length);
  const notes = Buffer.allocUnsafe(MOST_NOTES);
  const ends = { report: 0, notes: 0 };
  let died = false;
  for (const bytes of wholePackets(body)) {
    if (bytes.length === 0) continue;
    if (bytes[0] === 1) ends.report += bytes.copy(report, ends.report, 1);
    else if (ends.notes < MOST_NOTES) ends.notes += bytes.copy(notes, ends.notes, 1);
    if (bytes[0] === 3) died = true;
  }
  return { report: report.subarray(0, ends.report), notes: notes.toString('utf8', 0, ends.notes), died };
}

function linesOf(report: Buffer): string[] {
  const lines: string[] = [];
  for (const bytes of wholePackets(report)) {
    if (lines.length === MOST_LINES) break;
    lines.push(lineOf(bytes));
  }
  return lines;
}

/** The packets up to where the answer is cut. */
function* wholePackets(bytes: Buffer): Generator<Buffer> {
  try {
    for (const one of readPackets(bytes)) if (one.kind === 'data') yield one.bytes;
  } catch {
    // Nothing after this can be read; what is missing makes the report unclear.
  }
}
