import type { SecretUse } from '../../objects.ts';
import { field, items, text, type View } from '../yaml-view.ts';

/** Every Kubernetes Secret that a pod's spec names, and how; each use once. */
export function readSecretUses(pod: View | null): readonly SecretUse[] {
  const init = list(pod, 'initContainers');
  const containers = [...list(pod, 'containers'), ...init, ...list(pod, 'ephemeralContainers')];
  const mounts = readMounts(containers, new Set(init.filter((one) => !isSidecar(one))));
  return unique([
    ...containers.flatMap((container) => [
      ...uses('env', list(container, 'env'), ['valueFrom', 'secretKeyRef', 'name']),
      ...uses('envFrom', list(container, 'envFrom'), ['secretRef', 'name']),
    ]),
    ...list(pod, 'volumes').flatMap((volume) => {
      const named = text(field(volume, 'name')) ?? '';
      // A volume that nobody mounts is never read: whatever is said of it holds.
      return (mounts.get(named) ?? ['volume' as const]).flatMap((via) => [
        ...uses(via, [volume], ['secret', 'secretName']),
        ...uses(via, list(field(volume, 'projected'), 'sources'), ['secret', 'name']),
      ]);
    }),
    ...uses('imagePullSecret', list(pod, 'imagePullSecrets'), ['name']),
  ]);
}

/** Every SecretProviderClass that a pod's spec mounts through the Secrets Store CSI driver, and how; each use once. */
export function readClassUses(pod: View | null): readonly SecretUse[] {
  const init = list(pod, 'initContainers');
  const containers = [...list(pod, 'containers'), ...init, ...list(pod, 'ephemeralContainers')];
  const volumes = list(pod, 'volumes').filter((one) => text(field(one, 'csi', 'driver')) === CSI_DRIVER);
  if (volumes.length === 0) return [];
  const mounts = readMounts(containers, new Set(init.filter((one) => !isSidecar(one))));
  return unique(
    volumes.flatMap((volume) =>
      (mounts.get(text(field(volume, 'name')) ?? '') ?? ['volume' as const]).flatMap((via) =>
        uses(via, [volume], ['csi', 'volumeAttributes', 'secretProviderClass']),
      ),
    ),
  );
}

const CSI_DRIVER = 'secrets-store.csi.k8s.io';

type Mount = 'volume' | 'fixedVolume';

/** How each volume is mounted, by its name. An init container read its files once, whatever becomes of them later. */
function readMounts(containers: readonly View[], once: ReadonlySet<View>): ReadonlyMap<string, readonly Mount[]> {
  const mounts = new Map<string, readonly Mount[]>();
  for (const container of containers) {
    for (const mount of list(container, 'volumeMounts')) {
      const name = text(field(mount, 'name')) ?? '';
      const sub = [field(mount, 'subPath'), field(mount, 'subPathExpr')].some((path) => (text(path) ?? '') !== '');
      const kind: Mount = sub || once.has(container) ? 'fixedVolume' : 'volume';
      const known = mounts.get(name) ?? [];
      if (!known.includes(kind)) mounts.set(name, [...known, kind]);
    }
  }
  return mounts;
}

/** An init container that keeps running beside the others. */
function isSidecar(container: View): boolean {
  return text(field(container, 'restartPolicy')) === 'Always';
}

function list(view: View | null, key: string): readonly View[] {
  return items(field(view, key)) ?? [];
}

function uses(via: SecretUse['via'], views: readonly View[], path: readonly string[]): readonly SecretUse[] {
  return views.flatMap((view) => {
    const name = text(field(view, ...path));
    return name === null || name === '' ? [] : [{ name, via }];
  });
}

function unique(found: readonly SecretUse[]): readonly SecretUse[] {
  return [...new Map(found.map((use) => [`${use.via} ${use.name}`, use])).values()];
}
