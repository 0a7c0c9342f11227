import { refKey, type SecretRef } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { usersOf } from '../../manifests/query-index.ts';
import type { Wish } from './wish.ts';

/** Every secret that the affected ExternalSecrets name: a refresh fetches them all, so the truth of all is needed. */
export function refsToAsk(index: Index, wishes: readonly Wish[]): readonly SecretRef[] {
  const refs = new Map<string, SecretRef>();
  for (const user of wishes.flatMap((wish) => usersOf(index, wish))) {
    for (const { reference, resolution } of user.references) {
      if (resolution.kind === 'secret' && reference.follows.kind === 'label') {
        refs.set(refKey(resolution.ref), resolution.ref);
      }
    }
  }
  return [...refs].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, ref]) => ref);
}
