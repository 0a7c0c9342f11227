import { folderOf, type RepoPath } from '../../../domain/repo-path.ts';
import type { StoreRef } from '../../objects.ts';
import type { UnknownPlace } from './secret-place.ts';

const OBJECT_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;
const PLAIN_PATH = /^[A-Za-z0-9/_.-]{1,150}$/;

/** What an ExternalSecret shows of itself to whoever has to bind it. */
export interface Unbound {
  readonly store: StoreRef | null;
  readonly path: RepoPath;
  /** Null where nothing says it. */
  readonly namespace: string | null;
}

/**
 * The key of the configuration that would decide where a secret is, ready to be copied. Only names that Kubernetes takes are
 * repeated: whatever else stands in a manifest must not end up in somebody's configuration.
 */
export function howToBind(place: UnknownPlace, { store, path, namespace }: Unbound): string {
  const arn = "or use the secret's full ARN as key.";
  if (place.open === 'namespace') {
    return `Say its namespace in the manifest or a kustomization, or bind the store in spec.repositories[].stores without namespace, ${arn}`;
  }
  const where = `account: ${place.account === null ? '…' : `"${place.account}"`}, region: ${place.region ?? '…'}`;
  const named = store === null ? null : nameOf(store, namespace);
  // Stores of one name that differ can only be told apart by namespace, or by path.
  if (named !== null && (place.open !== 'stores' || named.includes('namespace: '))) {
    return `Add {${named}, ${where}} to spec.repositories[].stores, ${arn}`;
  }
  const distinct = place.open === 'stores' ? 'give the stores distinct names, ' : '';
  return `Add {path: ${patternOf(path)}, ${where}} to spec.repositories[].paths, ${distinct}${arn}`;
}

/** A store as a binding names it; null where a binding cannot. */
function nameOf({ kind, name }: StoreRef, namespace: string | null): string | null {
  const isKnown = kind === 'SecretStore' || kind === 'ClusterSecretStore';
  if (!isKnown || !OBJECT_NAME.test(name)) return null;
  if (kind === 'ClusterSecretStore' || namespace === null) return `kind: ${kind}, name: ${name}`;
  return OBJECT_NAME.test(namespace) ? `kind: ${kind}, name: ${name}, namespace: ${namespace}` : null;
}

function patternOf(path: RepoPath): string {
  const folder = folderOf(path);
  return PLAIN_PATH.test(folder) ? `"${folder}/**"` : '…';
}
