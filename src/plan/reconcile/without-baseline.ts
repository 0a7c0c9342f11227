import { syncAnnotation } from '../../domain/policy.ts';
import { atHome, parseToken } from '../../domain/token.ts';
import { baselineKeyOf } from '../../manifests/baseline/baseline-entry.ts';
import type { Index, IndexedExternalSecret, IndexedRestartSource } from '../../manifests/graph.ts';
import { type DecidedEntry, decideEntries } from '../desired-token.ts';
import { lastingObstacle } from '../plan-refresh.ts';
import { lastingSourceObstacle, namedBy } from '../restart/sources/moved-sources.ts';
import type { Scope } from '../scope.ts';
import { everySecret } from '../truth/named-secret.ts';
import type { Truth } from '../truth/wish.ts';
import { baselineOf } from './baseline/baseline-of.ts';

/**
 * How many objects may be bumped and have no version in Git for something that they follow, neither in a token nor in a pin or the
 * baseline: what is lost for them is not found. AWS is not asked: what it does not have counts as well.
 */
export function withoutBaseline(index: Index, scope: Scope): number {
  const users = index.externalSecrets.filter((user) => isUserWithout(index, user, scope));
  const sources = index.restartSources.filter((source) => isSourceWithout(index, source, scope));
  return users.length + sources.length;
}

function isUserWithout(index: Index, user: IndexedExternalSecret, scope: Scope): boolean {
  const wishes = everySecret({ externalSecrets: [user], restartSources: [] });
  if (wishes.length === 0 || lastingObstacle(user, wishes, scope) !== null) return false;
  const { kind, annotations } = user.object;
  const present = atHome(parseToken(annotations.get(syncAnnotation(kind)) ?? null) ?? [], user.home);
  return decideEntries({ user, wishes, truth: NOTHING_ASKED, baseline: baselineOf(index, user) }, present).some(
    isUntold,
  );
}

function isSourceWithout(index: Index, source: IndexedRestartSource, scope: Scope): boolean {
  const wishes = everySecret({ externalSecrets: [], restartSources: [source] });
  if (wishes.length === 0 || lastingSourceObstacle(source, wishes, scope) !== null) return false;
  // Where every workload names its versions, they are what is compared.
  if (source.consumers.every((workload) => namedBy(workload, scope).has(source.tokenName))) return false;
  const baseline = index.baseline?.get(baselineKeyOf(source.object));
  return decideEntries({ user: source, wishes, truth: NOTHING_ASKED, baseline }, []).some(isUntold);
}

const NOTHING_ASKED: Truth = new Map();

/** What nobody can follow has no obstacle. */
function isUntold({ existing, baseline, obstacle }: DecidedEntry): boolean {
  return existing === null && baseline === null && obstacle !== null;
}
