import type { ObjectFacts } from '../objects.ts';
import { groupOf } from './object-header.ts';

const WHY: ReadonlyMap<string, string> = new Map([
  ['ClusterExternalSecret', 'this API version is not known'],
  ['PushSecret', 'this API version is not known'],
  ['ClusterPushSecret', 'this API version is not known'],
  ['ExternalSecret', 'this API version is not known'],
  ['SecretStore', 'this API version is not known'],
  ['ClusterSecretStore', 'this API version is not known'],
  ['SecretsRotationMapping', 'it is read by another controller'],
]);

const GROUPS = new Set(['external-secrets.io', 'kubernetes-client.io']);

/** Why an object that may name an AWS secret is not handled; null for every object that has nothing to do with one. */
export function whyUnsupported({ apiVersion, kind }: ObjectFacts): string | null {
  const why = WHY.get(kind);
  if (why === undefined) return null;
  if (kind === 'SecretsRotationMapping') return why;
  if (!GROUPS.has(groupOf(apiVersion))) return null;
  return why;
}
