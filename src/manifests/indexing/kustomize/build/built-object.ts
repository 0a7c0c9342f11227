import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import type { Scaled } from '../../../reading/workload/rollout.ts';
import type { Overlay } from '../overlays.ts';
import { isPlainMap } from '../patch-value.ts';
import type { ObjectId, Selectable } from '../select/select-object.ts';

/** An object on its way through kustomizations. */
export interface BuiltObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** All that it has been called, the written name first and the present one last. */
  readonly ids: readonly ObjectId[];
  readonly value: Plain;
  /** What has changed our annotations by now; null where nothing has. */
  readonly voidedBy: RepoPath | null;
  /** What was last said of how many pods it has; null where nothing was. */
  readonly pods: Omit<Scaled, 'root'> | null;
  /** The patches that it is made with. */
  readonly patches: readonly Overlay[];
}

/** An object as it is written, at the start of its way. */
export function startObject(
  { apiVersion, kind, name, namespace }: Pick<BuiltObject, 'apiVersion' | 'kind'> & ObjectId,
  value: Plain,
): BuiltObject {
  return { apiVersion, kind, ids: [{ name, namespace }], value, voidedBy: null, pods: null, patches: [] };
}

/** True for a workload: of its specification only what is about Secrets is followed. */
export function isFollowedPartly({ kind }: Pick<BuiltObject, 'kind'>): boolean {
  return !FOLLOWED.has(kind);
}

const FOLLOWED: ReadonlySet<string> = new Set([
  'ExternalSecret',
  'ClusterExternalSecret',
  'SecretStore',
  'ClusterSecretStore',
  'SecretProviderClass',
  'SecretsRotationMapping',
  'ConfigMap',
]);

/** What became of an object; null where a patch deletes it, and undefined where it cannot be told. */
export type Built = BuiltObject | null | undefined;

/** It with another name or namespace, where that is another one. */
export function called(object: BuiltObject, id: Partial<ObjectId>): BuiltObject {
  const latest = object.ids.at(-1) ?? { name: '', namespace: null };
  const now = { ...latest, ...id };
  const isSame = now.name === latest.name && now.namespace === latest.namespace;
  return isSame ? object : { ...object, ids: [...object.ids, now] };
}

/** It as selectors see it. */
export function selectable(object: BuiltObject): Selectable {
  return { ...object, labels: stringsAt(object.value, 'labels'), annotations: stringsAt(object.value, 'annotations') };
}

/** The texts of a map in its metadata. */
function stringsAt(value: Plain, key: 'labels' | 'annotations'): ReadonlyMap<string, string> {
  const metadata = isPlainMap(value) ? value['metadata'] : undefined;
  const map = isPlainMap(metadata) ? metadata[key] : undefined;
  if (!isPlainMap(map)) return new Map();
  return new Map(Object.entries(map).map(([name, one]) => [name, textOf(one)]));
}

function textOf(value: Plain): string {
  if (typeof value === 'string') return value;
  return value === true ? 'true' : '';
}

/** It with these labels added. */
export function labelled(object: BuiltObject, labels: ReadonlyMap<string, string>): BuiltObject {
  if (labels.size === 0 || !isPlainMap(object.value)) return object;
  const metadata = isPlainMap(object.value['metadata']) ? object.value['metadata'] : {};
  const known = isPlainMap(metadata['labels']) ? metadata['labels'] : {};
  const added = { ...known, ...Object.fromEntries(labels) };
  return { ...object, value: { ...object.value, metadata: { ...metadata, labels: added } } };
}
