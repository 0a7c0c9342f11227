import type { EvidencePolicy } from '../../../domain/life/evidence-policy.ts';
import { syncAnnotation } from '../../../domain/policy.ts';
import type { IndexedExternalSecret } from '../../../manifests/graph.ts';
import type { BlobFacts } from '../../../manifests/objects.ts';
import { type DueRestart, feedersNamed } from '../due-restarts.ts';
import { contextsFor, type StatusFacts, statusEvidence } from './status-evidence.ts';

/** What these restarts restart for, as far as the configuration names statuses for it; none twice. */
export function mappedRefreshes(
  restarts: readonly DueRestart[],
  policy: EvidencePolicy,
): readonly IndexedExternalSecret[] {
  const users = restarts.flatMap((restart) => restart.changed.flatMap((name) => feedersNamed(restart, name)));
  return [...new Set(users)].filter(({ object }) => contextsFor(policy, object.path) !== null);
}

/** What statuses say of all that these restart for, in one text that changes when that does; null where none are asked for. */
export function whatStatusesSay(restarts: readonly DueRestart[], facts: StatusFacts): string | null {
  const users = mappedRefreshes(restarts, facts.policy);
  if (users.length === 0) return null;
  const said = users.map((user) => {
    const found = statusEvidence(facts, user, 0);
    return found.kind === 'awaited' ? [found.context, found.why] : [found.kind];
  });
  return JSON.stringify(said);
}

/** The value by which a refresh is told from those before it; null where it has none. */
export function valueOfRefresh({ object }: IndexedExternalSecret): string | null {
  return object.annotations.get(syncAnnotation(object.kind)) ?? null;
}

/** Whether an earlier version of its file asks for the very same refresh of the very same object. */
export function asksTheSame(user: IndexedExternalSecret, earlier: BlobFacts): boolean {
  const { kind, name, namespace } = user.object;
  const value = valueOfRefresh(user);
  const same = earlier.objects.filter(
    (object) => object.kind === kind && object.name === name && object.namespace === namespace,
  );
  // Of several of one name nobody could tell which it was.
  return value !== null && same.length === 1 && same[0]?.annotations.get(syncAnnotation(kind)) === value;
}
