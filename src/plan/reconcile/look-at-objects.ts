import { secretKey } from '../../domain/secret-id.ts';
import { identityOf, isKeepable } from '../../manifests/baseline/baseline-entry.ts';
import type { Index, IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import { type DecidedEntry, desiredToken } from '../desired-token.ts';
import { objectKey } from '../plan.ts';
import { lastingObstacle } from '../plan-refresh.ts';
import { secretName } from '../secret-name.ts';
import { everySecret } from '../truth/named-secret.ts';
import type { Wish } from '../truth/wish.ts';
import { baselineOf } from './baseline/baseline-of.ts';
import { carrierOf } from './carried-tokens.ts';
import { lackingEntries } from './lacking-entries.ts';
import { lookAtSources } from './look-at-sources.ts';
import type { BehindObject, Looked, LookRequest } from './looked.ts';

/** A list of secrets may be that much late: an entry that is as young is not judged by it. */
const YOUNG_MILLISECONDS = 5 * 60_000;

/** Compares every object with what lists tell, by the same decisions as for an event. Nothing is claimed to have moved. */
export function lookAtObjects(request: LookRequest): Looked {
  const wishes = wishesByKey(request.index);
  const users = request.index.externalSecrets.flatMap((user) => lookAtUser(user, wishes, request) ?? []);
  const sources = lookAtSources(request, [...wishes.values()]);
  return {
    behind: [...users.flatMap(({ behind }) => behind), ...sources.behind],
    without: [...users.flatMap(({ without }) => without), ...sources.without],
    objects: users.length + sources.objects,
  };
}

function wishesByKey(index: Index): ReadonlyMap<string, Wish> {
  return new Map(everySecret(index).map((wish) => [secretKey({ ...wish, name: wish.names[0] ?? '' }), wish] as const));
}

function wishesFor(references: readonly ResolvedReference[], wishes: ReadonlyMap<string, Wish>): readonly Wish[] {
  const own = references.flatMap(({ resolution }) => {
    if (resolution.kind !== 'secret') return [];
    const { ref, names } = resolution;
    return wishes.get(secretKey({ ...ref, name: names[0] ?? ref.id })) ?? [];
  });
  return [...new Set(own)];
}

/** Null for what is never bumped, whatever its versions are. */
function lookAtUser(
  user: IndexedExternalSecret,
  wishes: ReadonlyMap<string, Wish>,
  { index, truth, scope, branches }: LookRequest,
): Pick<Looked, 'behind' | 'without'> | null {
  const { object, home, references } = user;
  const own = wishesFor(references, wishes);
  if (own.length === 0 || lastingObstacle(user, own, scope) !== null) return null;
  const key = objectKey(object);
  const baseline = baselineOf(index, user);
  const { entries } = desiredToken({ user, wishes: own, truth, earlier: [], turnedDown: NOTHING, baseline });
  const behind = entries.filter(isJudged).flatMap(({ desired, wishes: asking }): readonly BehindObject[] => {
    if (desired === null) return [];
    const carriedBy = carrierOf(branches, { key, home }, desired);
    const { version } = desired;
    return [{ ...identityOf(object), secret: secretName(desired, home), version, carriedBy, wishes: asking }];
  });
  const lacking = { ...identityOf(object), token: lackingEntries(entries) };
  return { behind, without: isKeepable(lacking) ? [lacking] : [] };
}

const NOTHING = { rejected: new Set<string>(), reverted: new Set<string>() };

/** Behind, and not so young that the list may be the older one. */
function isJudged({ due, existing, desired }: DecidedEntry): boolean {
  if (!due || desired === null) return false;
  return existing === null || Date.parse(desired.time) - Date.parse(existing.time) >= YOUNG_MILLISECONDS;
}
