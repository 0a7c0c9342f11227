import type { SecretRef } from '../../../domain/secret-id.ts';
import type { Index } from '../../../manifests/graph.ts';
import { namersOf } from '../../../manifests/query-index.ts';
import { concerns } from '../../truth/concerns.ts';
import type { KnownSecret, Wish } from '../../truth/wish.ts';
import type { AwsLook } from '../explanation.ts';
import type { Replication } from './secret-state.ts';

/** Why nobody asks AWS in event mode. */
export const EVENT_MODE = 'spec.aws.truth is event: AWS may not be asked.';

/** What AWS says of a secret, as a report shows it. */
export function awsLook(known: KnownSecret, replication: Replication | null): AwsLook {
  switch (known.kind) {
    case 'described': {
      const versions = [...known.versions].map(([label, version]) => ({ label, version }));
      const sorted = versions.toSorted((left, right) => (left.label < right.label ? -1 : 1));
      return { kind: 'described', versions: sorted, seenAt: known.seenAt, deleted: known.deleted, replication };
    }
    case 'denied':
      return { kind: 'denied' };
    case 'absent':
      return { kind: 'absent' };
    case 'replaced':
    case 'claimed':
    case 'stated':
    case 'unnamed':
    case 'untold':
      return { kind: 'not-asked', reason: EVENT_MODE };
  }
}

/** The secret as the first reference that means it writes it; null where none does. */
export function writtenRef(index: Index, wish: Wish): SecretRef | null {
  const [first] = namersOf(index, wish).flatMap(({ references }) => references.filter((one) => concerns(wish, one)));
  return first?.resolution.kind === 'secret' ? first.resolution.ref : null;
}
