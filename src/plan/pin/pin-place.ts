import type { IndexedExternalSecret, ResolvedReference } from '../../manifests/graph.ts';
import type { SecretReference } from '../../manifests/objects.ts';
import type { Obstacle } from '../plan.ts';

const VERSION_ID = /^[A-Za-z0-9-]{32,64}$/;
const PREFIX = 'uuid/';

/** `remoteRef.version` for a VersionId; null for one that nobody should write into a manifest. */
export function pinOfVersion(versionId: string): string | null {
  return VERSION_ID.test(versionId) ? `${PREFIX}${versionId}` : null;
}

/** The VersionId that a `version` names; null where it names a label. */
export function pinnedAs(version: string): string | null {
  return version.startsWith(PREFIX) ? version.slice(PREFIX.length) : null;
}

/** A label that is followed by pins, and what is pinned until the next bump. */
export function heldTo(label: string, version: string): string {
  const pin = pinnedAs(version);
  return pin === null ? label : `${label}, pinned to ${pin} until it is bumped`;
}

/** Why a reference has no version that could be pinned, as the end of a sentence; null where it has one. */
export function whyNoVersion({ reference, resolution }: ResolvedReference): string | null {
  if (resolution.kind === 'foreign') return resolution.reason;
  if (resolution.kind === 'unresolved') return resolution.reason;
  if (resolution.ref.service === 'find' || reference.kind === 'find') {
    return 'what a find finds is fetched at its current version.';
  }
  if (resolution.ref.service === 'ssm') {
    return 'of a parameter AWS tells the newest version alone, so that nobody could say whether a pinned one is still there.';
  }
  if (resolution.through === 'ssm') return 'it is read through Parameter Store.';
  switch (reference.follows.kind) {
    case 'tags':
      return "it fetches the secret's tags, which have no versions.";
    case 'pinned':
    case 'parameter-label':
      return 'its version is not ours to set.';
    case 'label': {
      const { label } = reference.follows;
      return label === 'AWSCURRENT' ? null : `it follows the label ${label}.`;
    }
  }
}

/** The keys of a field as references name it: `spec.data[0].remoteRef`. */
export function versionKeys(field: string): readonly (string | number)[] {
  return [...field.matchAll(/\[(\d+)\]|([^.[\]]+)/g)].map(([, position, key]) =>
    position === undefined ? (key ?? '') : Number(position),
  );
}

/** What the manifest itself has where a reference stands. */
type Written =
  | { readonly kind: 'written'; readonly key: string; readonly version: string | null }
  | { readonly kind: 'skip'; readonly obstacle: Obstacle };

/**
 * The reference as the manifest has it, since only that can be edited exactly; not where an overlay's patch is edited in its
 * place, or decides the version.
 */
export function writtenAt(user: IndexedExternalSecret, { field, version }: SecretReference): Written {
  const { object, written = object } = user;
  if (object.editedIn.kind === 'overlay') {
    return refused(
      `It is edited by a patch of ${object.editedIn.kustomization}, which cannot set ${field}.version without the rest of its list.`,
      'Give each overlay an ExternalSecret of its own, or write pin: none.',
    );
  }
  const own = written.references.find((one) => one.field === field);
  if (own === undefined || own.version !== version) {
    return refused(
      `Kustomize makes ${field} something else than its manifest says.`,
      'Move what the patch says of it into the manifest, or write pin: none.',
    );
  }
  return { kind: 'written', key: own.key, version: own.version === '' ? null : own.version };
}

function refused(reason: string, hint: string): Extract<Written, { readonly kind: 'skip' }> {
  return { kind: 'skip', obstacle: { code: 'pin-refused', reason, hint } };
}
