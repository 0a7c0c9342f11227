import { plainText } from '../../domain/plain-text.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { isOnlyReported } from '../../manifests/indexing/cluster/only-reported.ts';
import { readPlain } from '../../manifests/reading/kustomize/plain-value.ts';

/** Why the Secret of an ExternalSecret keeps its name, whatever names it; null where it may get another. */
export function whyTargetStays(user: IndexedExternalSecret, index: Index): string | null {
  const { object } = user;
  if (object.reach !== undefined) {
    return 'A ClusterExternalSecret writes into namespaces whose workloads need not be here.';
  }
  if (object.creationPolicy !== null && object.creationPolicy !== 'Owner') {
    return `creationPolicy is ${plainText(object.creationPolicy, 40)}: the Secret is not its own to rename.`;
  }
  if (writesOther(user)) return 'It writes something else than a Secret (target.manifest).';
  const changed = whyOtherName(user);
  if (changed !== null) return changed;
  if (user.consumers.length === 0) {
    return 'No workload that names its Secret was found here: who uses it would lose it.';
  }
  const other = index.externalSecrets.find((one) => one !== user && writesSame(one, user));
  if (other === undefined) return null;
  return `${other.object.kind} ${plainText(other.object.name, 260)} may write the Secret of that name too.`;
}

/** Why the name is not what its manifest says. */
function whyOtherName({ object, written = object, isAffixed }: IndexedExternalSecret): string | null {
  if (object.editedIn.kind !== 'manifest') return 'It is edited by a patch in an overlay.';
  if (isAffixed === true) return 'A namePrefix or nameSuffix of a kustomization applies to it.';
  if (written.targetName !== object.targetName || written.namesTarget !== object.namesTarget) {
    return 'Kustomize makes its target something else than its manifest says.';
  }
  return !object.namesTarget && object.targetName !== object.name ? 'Kustomize renames it.' : null;
}

function writesOther({ object: { spec } }: IndexedExternalSecret): boolean {
  const plain = spec === undefined ? null : readPlain(spec);
  const target = typeof plain === 'object' && plain !== null && 'target' in plain ? plain['target'] : null;
  return typeof target === 'object' && target !== null && 'manifest' in target;
}

/** Not where nothing says a namespace of one of them, and both stand far apart: then each feeds its own. */
function writesSame({ object: one, consumers }: IndexedExternalSecret, user: IndexedExternalSecret): boolean {
  const { object } = user;
  if (one.marker !== undefined || isOnlyReported(one) || one.targetName !== object.targetName) return false;
  if (consumers.some((workload) => user.consumers.includes(workload))) return true;
  const [left, right] = [one.resolvedNamespace, object.resolvedNamespace];
  return left === right && (left !== null || one.path === object.path);
}
