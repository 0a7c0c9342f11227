import type { ExternalSecretFacts, Placed, WorkloadFacts } from '../../objects.ts';

type Secret = Placed<ExternalSecretFacts>;
type Workload = Placed<WorkloadFacts>;

/** The restart markers that follow each refresh marker: those of the same file that name its secret. */
export function markerConsumers<W extends Workload>(
  refreshes: readonly Secret[],
  restarts: readonly W[],
): ReadonlyMap<Secret, readonly W[]> {
  const byMarker = new Map<string, W[]>();
  for (const restart of restarts) {
    for (const { document, name } of restart.marker?.follows ?? []) {
      const key = JSON.stringify([restart.path, document, name]);
      const known = byMarker.get(key);
      if (known === undefined) byMarker.set(key, [restart]);
      else known.push(restart);
    }
  }
  return new Map(
    refreshes.map((one) => [one, byMarker.get(JSON.stringify([one.path, one.document, one.name])) ?? []] as const),
  );
}
