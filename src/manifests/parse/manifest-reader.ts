import type { TemplateKind } from '../../domain/policy.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { BlobFacts } from '../objects.ts';

/** Blobs to be read as manifests. */
export interface ReadingJob {
  /** Each once. */
  readonly oids: readonly Oid[];
  /** Workloads that only the configuration knows. */
  readonly kinds: readonly TemplateKind[];
  /** The bytes of one of them; asked for a few at a time. */
  load(oid: Oid): Promise<Uint8Array>;
  /** Told what each says as soon as that is known, in any order. */
  tell(oid: Oid, facts: BlobFacts): void;
}

/** A port: what reads manifests. A blob says the same whoever reads it; the event loop is not held up meanwhile. */
export interface ManifestReader {
  /** Rejects where `load` does, and with the reason of `signal` when that is aborted. What was told by then stands. */
  read(job: ReadingJob, signal: AbortSignal): Promise<void>;
  /** Ends what it has begun: what is still being read is rejected. */
  close(): Promise<void>;
}
