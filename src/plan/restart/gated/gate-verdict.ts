import { plainText } from '../../../domain/plain-text.ts';
import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../../../manifests/objects.ts';

/** A workload, or what feeds it. */
export type Applied = Placed<ExternalSecretFacts> | Placed<WorkloadFacts>;

/** Whether a workload is applied only after what feeds it has been refreshed. */
export type GateVerdict =
  | {
      readonly kind: 'proven';
      /** Sentences: who waits for what. */
      readonly ways: readonly string[];
      /** What people have to look after because no file here shows it; null where everything is shown. */
      readonly unseen: string | null;
    }
  | {
      readonly kind: 'not-proven';
      readonly reason: string;
      /** Which field of which object to set to what. */
      readonly fix: string;
    };

/** An object in words: `ExternalSecret payments/db`. */
export function shownApplied({ kind, name, resolvedNamespace: namespace }: Applied): string {
  return plainText(`${kind} ${namespace === null ? '' : `${namespace}/`}${name}`, 200);
}
