import { isSyncAnnotation, type Stage } from '../domain/policy.ts';
import type { RepoPath } from '../domain/repo-path.ts';
import { parseToken, type Token } from '../domain/token.ts';
import { isOverlayFile } from '../manifests/edit/overlay/overlay-file.ts';
import { type EditHome, manifestOf, type ObjectFacts } from '../manifests/objects.ts';
import type { NoteCode, SkipCode } from './codes.ts';
import type { FieldChange } from './pin/field-change.ts';

/**
 * Room `plan`: what we would change and why, in stages. Pure: same index, same truth, same wishes, same plan.
 * It knows secrets, versions and the index; it knows no Git, no forge and no queue.
 */
export interface Plan {
  /** Sorted by path, document, item, annotation. */
  readonly edits: readonly Edit[];
  /** Sorted by path, kind, namespace, name, code. */
  readonly skips: readonly Skip[];
}

/** What an address needs to know of an object. */
type PlacedAddress = ObjectFacts & {
  readonly path: RepoPath;
  readonly resolvedNamespace: string | null;
  readonly editedIn: EditHome;
};

/** The overlay that an edit is written into: its path is that of our patch file there. */
export interface OverlayPatch {
  /** The shared manifest that stays as it is. */
  readonly manifest: RepoPath;
  /** Lists the patch file, or gets it listed. */
  readonly kustomization: RepoPath;
  /** Whether the patch file is there, or is made. */
  readonly file: 'there' | 'absent';
  /** As the manifest has them: so Kustomize finds what the patch is for. */
  readonly apiVersion: string;
  readonly namespace: string | null;
}

/** One annotation (or `restartAt`) of one object set to one value. */
export interface Edit {
  readonly stage: Stage;
  readonly path: RepoPath;
  readonly document: number;
  readonly item: number | null;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** Which map it stands in; in `spec` it is a field of its own (`restartAt`) and no annotation. */
  readonly target: 'metadata' | 'template' | 'spec' | 'marker';
  /** Of a marker: the way to the scalar that is set, from the document's root. */
  readonly keys?: readonly (string | number)[];
  /** Where the pod template stands, key by key; left out: `spec.template`. */
  readonly template?: readonly string[];
  readonly annotation: string;
  /** The line of its annotation in the new text, from 1; the object's first line until the edit was carried out. */
  readonly line: number;
  readonly before: string | null;
  readonly after: string;
  /** The secrets that changed, as `secretName` has them. */
  readonly secrets: readonly string[];
  /**
   * How the secret reaches this object. An ExternalSecret: secrets, stores, itself, its Secret. A workload: each
   * ExternalSecret and its Secret in turn, itself; in stage two each ExternalSecret, itself.
   */
  readonly chain: readonly string[];
  readonly reason: string;
  /** What a person should know although the edit is made. */
  readonly notes: readonly Note[];
  /** Only of a refresh that does not wait for it: the interval, as written, at which the new version is taken anyway. */
  readonly refreshesEvery?: string;
  /** Only where it restarts a workload for what no ExternalSecret fetches: the versions that it is restarted for. */
  readonly brings?: Token;
  /** Only where it is written into an overlay. */
  readonly overlay?: OverlayPatch;
  /** What else of the object is set, or nothing of it: its pins. Left out where there is none. */
  readonly fields?: readonly FieldChange[];
}

/** The versions that an edit brings, as its object names them; null where it brings none itself. */
export function broughtBy({ annotation, after, brings }: Edit): Token | null {
  return isSyncAnnotation(annotation) ? parseToken(after) : (brings ?? null);
}

/** A warning on an edit: what will not happen as expected, and what to do. */
export interface Note {
  readonly code: NoteCode;
  readonly reason: string;
  readonly hint: string | null;
}

/** An object or file that is left alone, and why. */
export interface Skip {
  /** Of the manifest, whatever file a change would have been written into. */
  readonly path: RepoPath;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly code: SkipCode;
  readonly reason: string;
  readonly hint: string | null;
  /** The kustomization of the overlay that it is looked at through; left out where it is left alone for all that deploys it. */
  readonly inOverlay?: RepoPath;
}

/** Why an object is left alone. */
export type Obstacle = Pick<Skip, 'code' | 'reason' | 'hint'>;

/** What an edit sets, as people look for it in the object. */
export function setBy({ target, annotation, name }: Pick<Edit, 'target' | 'annotation' | 'name'>): string {
  if (target === 'marker') return name;
  return target === 'spec' ? `spec.${annotation}` : annotation;
}

/** What has an address, and may be looked at through one of several overlays. */
type Seen = Pick<PlacedAddress, 'path' | 'kind' | 'name' | 'resolvedNamespace'> &
  Partial<Pick<PlacedAddress, 'editedIn'>>;

/** The overlay that an object is looked at through, as the path of its kustomization; null where it stands for itself. */
export function overlayOf({ editedIn }: Pick<PlacedAddress, 'editedIn'>): RepoPath | null {
  return editedIn.kind === 'manifest' ? null : (editedIn.kustomization ?? null);
}

/** An object that is left alone. */
export function skipOf(object: Seen, obstacle: Obstacle): Skip {
  const { path, kind, name, resolvedNamespace: namespace, editedIn } = object;
  const manifest = editedIn === undefined ? path : manifestOf({ path, editedIn });
  const overlay = editedIn === undefined ? null : overlayOf({ editedIn });
  return leftAlone({ path: manifest, kind, namespace, name }, obstacle, overlay);
}

/** What an edit would have changed, left alone. */
export function skipOfEdit({ path, kind, namespace, name, overlay }: Edit, obstacle: Obstacle): Skip {
  const address = { path: overlay?.manifest ?? path, kind, namespace, name };
  return leftAlone(address, obstacle, overlay?.kustomization ?? null);
}

function leftAlone(
  address: Pick<Skip, 'path' | 'kind' | 'namespace' | 'name'>,
  { code, reason, hint }: Obstacle,
  overlay: RepoPath | null,
): Skip {
  if (overlay === null) return { ...address, code, reason, hint };
  const told = reason.startsWith(`${overlay} `) ? reason : `In the overlay of ${overlay}: ${reason}`;
  return { ...address, code, reason: told, hint, inOverlay: overlay };
}

/** True for a skip of this very object; of one that several overlays deploy, as this one has it. */
export function isSkipOf(skip: Skip, object: Seen): boolean {
  const { path, kind, namespace, name, inOverlay } = skipOf(object, skip);
  if (skip.path !== path || skip.kind !== kind || skip.name !== name) return false;
  return skip.namespace === namespace && (skip.inOverlay ?? null) === (inOverlay ?? null);
}

/** An object's address within a commit, as edits carry it. */
export function addressOf(object: PlacedAddress) {
  const { path, document, item, kind, name, line, resolvedNamespace, editedIn, apiVersion, namespace } = object;
  const address = { path, document, item, kind, namespace: resolvedNamespace, name, line };
  if (editedIn.kind !== 'overlay') return address;
  const { manifest, kustomization, file } = editedIn;
  return { ...address, overlay: { manifest, kustomization, file, apiVersion, namespace } };
}

/** Words for the reason of an edit that is not written where the object stands. */
export function overlayNote({ editedIn }: Pick<PlacedAddress, 'editedIn'>): readonly string[] {
  if (editedIn.kind !== 'overlay') return [];
  const { manifest, kustomization, file } = editedIn;
  const patch = file === 'there' ? 'the patch' : 'a new patch file';
  return [
    `Others share ${manifest}, so it is changed for this overlay alone, by ${patch} that ${kustomization} lists.`,
  ];
}

/** Every file that decides what is written for an object, and where. */
export function filesOf({ path, editedIn }: Pick<PlacedAddress, 'path' | 'editedIn'>): readonly RepoPath[] {
  return editedIn.kind === 'overlay' ? [path, editedIn.manifest, editedIn.kustomization] : [path];
}

/**
 * The map key of an object: equal for the same place in the same repository, whatever it says. In our own patch files objects
 * are told apart without their places, which depend on who was bumped first.
 */
export function objectKey(
  object: Pick<PlacedAddress, 'path' | 'kind' | 'name' | 'namespace' | 'document' | 'item'>,
): string {
  const { path, kind, namespace, name, document, item } = object;
  return JSON.stringify([path, kind, namespace, name, ...(isOverlayFile(path) ? [] : [document, item])]);
}

/** The same plan in its one order, so that the same decision is always the same text. */
export function sortPlan(plan: Plan): Plan {
  return {
    edits: plan.edits.toSorted((left, right) => compare(editOrder(left), editOrder(right))),
    skips: plan.skips.toSorted((left, right) => compare(skipOrder(left), skipOrder(right))),
  };
}

function editOrder(edit: Edit): readonly (string | number)[] {
  const { path, document, item, stage, annotation, overlay, kind, name } = edit;
  const patched = overlay === undefined ? [] : [kind, overlay.namespace ?? '', name];
  return [path, document, item ?? -1, ...patched, stage, annotation];
}

function skipOrder(skip: Skip): readonly (string | number)[] {
  return [skip.path, skip.kind, skip.namespace ?? '', skip.name, skip.code, skip.reason, skip.hint ?? ''];
}

function compare(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  for (const [at, value] of left.entries()) {
    const other = right[at];
    if (other === undefined || value === other) continue;
    return value < other ? -1 : 1;
  }
  return 0;
}
