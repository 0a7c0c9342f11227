import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { effectOfBump } from '../effect-of-bump.ts';
import { pinnedAs } from '../pin/pin-place.ts';
import { outsideScope, type Scope } from '../scope.ts';

/** What External Secrets Operator takes where `refreshInterval` says nothing. */
const DEFAULT_INTERVAL = '1h0m0s';

/**
 * How often External Secrets Operator takes a new version by itself, whatever is merged: its `refreshInterval` as written. Null
 * where it does not (OnChange, or every version pinned), so that nothing spreads without a merge. An inline marker says nothing
 * of what it feeds: null as well. The rule is ESO's own `shouldRefresh`; an object that a bump has no effect on is not asked.
 */
export function refreshesByItself({ object, references }: IndexedExternalSecret): string | null {
  if (object.marker !== undefined || object.refreshPolicy === 'OnChange') return null;
  const isPinned = references.every(
    ({ reference }) => reference.follows.kind === 'pinned' || pinnedAs(reference.version) !== null,
  );
  if (isPinned && references.length > 0) return null;
  return object.refreshInterval ?? DEFAULT_INTERVAL;
}

/** Which approvals of a branch bind. */
export interface ApprovalFound {
  /** ExternalSecrets that may be bumped here. */
  readonly all: number;
  /** Those of them that take a new version by themselves too, in the order of the index. */
  readonly loose: readonly IndexedExternalSecret[];
}

/** Looks at everything that may be bumped, whatever its versions are. */
export function findLoose(index: Index, scope: Scope): ApprovalFound {
  const users = index.externalSecrets.filter(
    (user) =>
      user.object.marker === undefined &&
      user.references.length > 0 &&
      outsideScope(scope, user.object) === null &&
      effectOfBump(user.object, user.madeBy) === null,
  );
  return { all: users.length, loose: users.filter((user) => refreshesByItself(user) !== null) };
}
