import { syncAnnotation, URGENT } from '../../domain/policy.ts';
import type { SecretPlace } from '../../domain/secret-id.ts';
import { parseToken } from '../../domain/token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { isUrgentIn } from '../../manifests/urgent-secrets.ts';
import type { Edit } from '../plan.ts';
import { type DueRestart, feedersNamed } from '../restart/due-restarts.ts';
import { secretName } from '../secret-name.ts';

export interface UrgencyFacts {
  readonly index: Index;
  /** Where secrets may be: what leaves its place out is in one of them. */
  readonly places: readonly SecretPlace[];
  /** True for a secret that the configuration names. */
  readonly isUrgentName: (names: readonly string[]) => boolean;
}

type Place = Pick<Edit, 'path' | 'document' | 'item' | 'kind' | 'name'>;

/** What is proposed. */
export interface UrgencyWork {
  readonly objects: readonly Place[];
  /** The secrets that moved, as `secretName` has them. */
  readonly secrets: readonly string[];
}

/** What these edits of stage one are about. */
export function workOfEdits(edits: readonly Edit[]): UrgencyWork {
  return { objects: edits, secrets: [...new Set(edits.flatMap(({ secrets }) => secrets))] };
}

/** What these restarts are about: whatever feeds them and has changed, and every secret in it. */
export function workOfRestarts(restarts: readonly DueRestart[]): UrgencyWork {
  const feeders = restarts.flatMap((one) => one.changed.flatMap((name) => feedersNamed(one, name)));
  return { objects: feeders.map(({ object }) => object), secrets: [...new Set(feeders.flatMap(namesIn))] };
}

/** True where any of it is marked as urgent: by the configuration, or by the annotation on what fetches it. */
export function isUrgentWork(facts: UrgencyFacts, { objects, secrets }: UrgencyWork): boolean {
  const marked = facts.index.externalSecrets.filter(({ object }) => object.annotations.get(URGENT) === 'true');
  const places = new Set(objects.map(placeKey));
  if (marked.some(({ object }) => places.has(placeKey(object)))) return true;
  // What a find finds has no name of its own here: its entry in the token does.
  const fetched = new Set(marked.flatMap(namesIn));
  return secrets.some((key) => fetched.has(key) || isUrgentSecret(facts, key));
}

function isUrgentSecret({ index, places, isUrgentName }: UrgencyFacts, key: string): boolean {
  const entry = readKey(key);
  if (entry === null) return false;
  const { name, account, region, service = 'secretsmanager' } = entry;
  const at = account === null || region === null ? places : [{ account, region }];
  return isUrgentName([name]) || at.some((place) => isUrgentIn(index, { ...place, service, names: [name] }));
}

/** A key is read as the entry that it begins. */
function readKey(key: string) {
  const [entry] = parseToken(`${key}=${'0'.repeat(32)}@1970-01-01T00:00:00Z`) ?? [];
  return entry ?? null;
}

function namesIn({ object, home }: IndexedExternalSecret): readonly string[] {
  const token = parseToken(object.annotations.get(syncAnnotation(object.kind)) ?? null) ?? [];
  return token.map((entry) => secretName(entry, home));
}

function placeKey({ path, document, item, kind, name }: Place): string {
  return JSON.stringify([path, document, item, kind, name]);
}
