import type { TemplateKind } from '../../domain/policy.ts';
import type { BlobFacts } from '../../manifests/objects.ts';

/** Blobs on their way to a worker: all bytes in one buffer that is handed over, and where each of them ends. */
export interface Batch {
  readonly bytes: ArrayBuffer;
  readonly ends: readonly number[];
  readonly kinds: readonly TemplateKind[];
}

/** What a worker has read of a batch since it said something last; null for what says nothing. */
export type BatchAnswer =
  | { readonly kind: 'read'; readonly facts: readonly (BlobFacts | null)[] }
  /** A blob that reading never should throw on. */
  | { readonly kind: 'failed'; readonly name: string };

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
