import { plainText } from '../../../domain/plain-text.ts';
import type { IndexedRestartSource } from '../../../manifests/graph.ts';
import type { Placed, SecretUse, WorkloadFacts } from '../../../manifests/objects.ts';
import type { Note, Obstacle } from '../../plan.ts';
import type { Scope } from '../../scope.ts';
import { restartOrder, whyOnlyRefreshed } from '../restart-order.ts';
import { isChosen, whyNotRestarted } from '../why-not-restarted.ts';

type Workload = Placed<WorkloadFacts>;

/** Why a workload is not restarted for a source, whatever it names; null when it may be. */
export function whyNotBySource(workload: Workload, source: IndexedRestartSource, scope: Scope): Obstacle | null {
  const causes = source.source.kind === 'mapping' ? [] : [source.source.object];
  const only = whyOnlyRefreshed(workload, causes, scope);
  if (only !== null) return only;
  if (restartOrder(workload, causes, scope) === 'refreshOnly') return REFRESH_ONLY;
  return whyNotRestarted(workload, [], scope.restart) ?? whyUseless(workload, source, scope);
}

const REFRESH_ONLY: Obstacle = {
  code: 'refresh-only',
  reason: 'Nothing is to be refreshed, only restarted, and this branch is configured to refresh only.',
  hint: 'Set the order to staged, gated or together.',
};

/** A file that the driver updates in place is for the application to read again. */
function whyUseless(workload: Workload, source: IndexedRestartSource, { restart }: Scope): Obstacle | null {
  const uses = usesOf(workload, source);
  if (uses.length === 0 || uses.some(({ via }) => isChosen(via, restart.on))) return null;
  return {
    code: 'use-not-selected',
    reason: 'It takes it in a way that spec.repositories[].restart.on does not name.',
    hint: 'Where the driver rotates (enableSecretRotation), it updates the mounted files in place.',
  };
}

/** How a workload uses what the CSI driver mounts or writes. */
function usesOf(workload: Workload, { source }: IndexedRestartSource): readonly SecretUse[] {
  if (source.kind !== 'provider-class') return [];
  const { name, synced } = source.object;
  const classes = workload.classes ?? [];
  const mounted = classes.filter((one) => one.name === name);
  // Kustomize may have renamed it.
  return [...(mounted.length === 0 ? classes : mounted), ...syncedUses(workload, synced)];
}

function syncedUses(workload: Workload, synced: readonly string[]): readonly SecretUse[] {
  return workload.secrets.filter(({ name, via }) => via !== 'imagePullSecret' && synced.includes(name));
}

/** What a person should know of a restart for these sources. */
export function sourceNotes(workload: Workload, sources: readonly IndexedRestartSource[]): readonly Note[] {
  const synced = sources.flatMap(({ source }) =>
    source.kind === 'provider-class' ? syncedUses(workload, source.object.synced) : [],
  );
  const [first] = synced;
  if (first === undefined) return [];
  return [
    {
      code: 'synced-secret',
      reason: `It takes Secret ${plainText(first.name, 260)}, which the CSI driver writes: its pods may start before the driver has written the new value.`,
      hint: 'Merge after rotationPollInterval (2 minutes by default), with enableSecretRotation on.',
    },
  ];
}
