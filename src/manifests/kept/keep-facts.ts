import type { Oid } from '../../domain/repo-path.ts';
import type { BlobFacts, UnreadableCode } from '../objects.ts';
import { outlineOf, type Scalar, sketchOf } from './outline.ts';

/**
 * Folder `kept`: the facts of blobs as lines of text, and back, so that they outlive the process, or leave a thread. Most files of a repository are
 * built alike: what they have in common is written once, then what differs. What many have in common is one value after that.
 */

/** So much is taken apart in one go: some milliseconds. */
const MOST_BLOBS = 250;
const MOST_ENDS = 7500;

/** A blob that says more than this is read again instead. */
const LONGEST_BLOB = 256 * 1024;

/** What may be said of a file on a slow machine, and not on another one. */
const UNSURE: ReadonlySet<UnreadableCode> = new Set(['too-costly']);

interface Alike {
  readonly facts: BlobFacts;
  readonly oids: Oid[];
  readonly rows: (readonly Scalar[])[];
}

/**
 * Lines for {@link recallFacts}. Each is made when it is asked for. Left out is a blob that could not be told exactly, and one
 * that was too much to be read: that may be so on one day and one machine alone. `leftOut` is told of them.
 */
export function* keepFacts(
  known: ReadonlyMap<Oid, BlobFacts>,
  leftOut: (oid: Oid) => void = () => undefined,
): Generator<string, void, undefined> {
  let alike = new Map<string, Alike>();
  let [blobs, ends] = [0, 0];
  for (const [oid, facts] of known) {
    const isUnsure = facts.unreadable.some(({ code }) => UNSURE.has(code));
    const sketch = isUnsure ? null : sketchOf(facts);
    if (sketch === null || lengthOf(sketch.ends) > LONGEST_BLOB) {
      leftOut(oid);
      continue;
    }
    const group = alike.get(sketch.build) ?? { facts, oids: [], rows: [] };
    alike.set(sketch.build, group);
    group.oids.push(oid);
    group.rows.push(sketch.ends);
    blobs += 1;
    ends += sketch.ends.length;
    if (blobs < MOST_BLOBS && ends < MOST_ENDS) continue;
    for (const one of alike.values()) yield lineOf(one);
    alike = new Map();
    [blobs, ends] = [0, 0];
  }
  for (const one of alike.values()) yield lineOf(one);
}

function lengthOf(ends: readonly Scalar[]): number {
  return ends.reduce<number>((sum, end) => sum + (typeof end === 'string' ? end.length : 8), 0);
}

function lineOf({ facts, oids, rows }: Alike): string {
  const [first = []] = rows;
  const differs = first.map((end, at) => rows.some((row) => row[at] !== end));
  const values = rows.flatMap((row) => row.filter((_, at) => differs[at]));
  return JSON.stringify([oids.join(''), outlineOf(facts, differs), values]);
}
