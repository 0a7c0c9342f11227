import type { TemplateKind } from '../../domain/policy.ts';
import { keepFacts } from '../../manifests/kept/keep-facts.ts';
import { recallFacts } from '../../manifests/kept/recall-facts.ts';
import type { BlobFacts } from '../../manifests/objects.ts';
import { NOTHING } from '../../manifests/read-blob.ts';

/** Blobs on their way to a worker: all bytes in one buffer that is handed over, and where each of them ends. */
export interface Batch {
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
  readonly kinds: readonly TemplateKind[];
}

/** What a worker has read of a batch since it said something last. */
export type BatchAnswer =
  | ReadAnswer
  /** A blob that reading never should throw on. */
  | { readonly kind: 'failed'; readonly name: string };

/**
 * What so many blobs say, most of it as lines of text: a copy would hold each value as often as it stands there, while what many
 * of them have in common is one value on the other side.
 */
interface ReadAnswer {
  readonly kind: 'read';
  readonly count: number;
  readonly lines: readonly string[];
  /** By their position, what cannot be told that way. What is in neither says nothing. */
  readonly copied: ReadonlyMap<number, BlobFacts>;
}

/** Makes an answer of what some blobs say, in their order; null for what says nothing. */
export function packFacts(facts: readonly (BlobFacts | null)[]): ReadAnswer {
  const named = new Map<string, BlobFacts>();
  const copied = new Map<number, BlobFacts>();
  for (const [at, one] of facts.entries()) if (one !== null) named.set(nameOf(at), one);
  const lines = [
    ...keepFacts(named, (name) => {
      const one = named.get(name);
      if (one !== undefined) copied.set(Number(name), one);
    }),
  ];
  return { kind: 'read', count: facts.length, lines, copied };
}

/** The facts of an answer; null where it is none of {@link packFacts}. */
export function unpackFacts({ count, lines, copied }: ReadAnswer): readonly BlobFacts[] | null {
  const told = new Map<string, BlobFacts>();
  if (recallFacts(lines, told) === null) return null;
  return Array.from({ length: count }, (_, at) => told.get(nameOf(at)) ?? copied.get(at) ?? NOTHING);
}

/** As long as the id of a blob. */
function nameOf(at: number): string {
  return String(at).padStart(40, '0');
}

/** Puts blobs into one buffer; they stay as they are. */
export function packBatch(blobs: readonly Uint8Array[], kinds: readonly TemplateKind[]): Batch {
  const bytes = new ArrayBuffer(blobs.reduce((sum, { length }) => sum + length, 0));
  const target = new Uint8Array(bytes);
  const ends: number[] = [];
  let end = 0;
  for (const blob of blobs) {
    target.set(blob, end);
    end += blob.length;
    ends.push(end);
  }
  return { bytes, ends, kinds };
}

/** The blobs of a batch, in their order. */
export function unpackBatch({ bytes, ends }: Batch): readonly Uint8Array[] {
  return ends.map((end, at) => {
    const start = ends[at - 1] ?? 0;
    return new Uint8Array(bytes, start, end - start);
  });
}
