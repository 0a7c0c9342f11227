import type { ObjectFacts } from '../../objects.ts';

/** True for objects that name secrets and are never edited: they are reported where they name one that moved. */
export function isOnlyReported({ apiVersion, kind }: Pick<ObjectFacts, 'apiVersion' | 'kind'>): boolean {
  return isPush({ kind }) || apiVersion.startsWith('kubernetes-client.io/');
}

/** True for what writes to AWS. */
export function isPush({ kind }: Pick<ObjectFacts, 'kind'>): boolean {
  return kind === 'PushSecret' || kind === 'ClusterPushSecret';
}

/** True for kinds that stand in no namespace, whatever their manifests and kustomizations say. */
export function isClusterWide({ kind }: Pick<ObjectFacts, 'kind'>): boolean {
  return kind === 'ClusterExternalSecret' || kind === 'ClusterPushSecret';
}
