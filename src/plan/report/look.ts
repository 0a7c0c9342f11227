import type { Oid, RepoPath } from '../../domain/repo-path.ts';
import { type EditHome, manifestOf } from '../../manifests/objects.ts';
import { overlayOf } from '../plan.ts';

/** What a report shows of an object: where it stands, and its name. */
export interface ShownObject {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** The kustomization of the overlay that it is looked at through; left out where it stands for itself. */
  readonly inOverlay?: RepoPath;
}

/** What every report shows of an object: the address of its manifest, and the overlay it is looked at through. */
export function shownObject(object: {
  readonly path: RepoPath;
  readonly line: number;
  readonly kind: string;
  readonly resolvedNamespace: string | null;
  readonly name: string;
  readonly editedIn?: EditHome;
}): ShownObject {
  const { path, line, kind, resolvedNamespace: namespace, name, editedIn } = object;
  if (editedIn === undefined) return { path, line, kind, namespace, name };
  const overlay = overlayOf({ editedIn });
  const address = { path: manifestOf({ path, editedIn }), line, kind, namespace, name };
  return overlay === null ? address : { ...address, inOverlay: overlay };
}

/** Of something that is shown with more, only where it stands and its name. */
export function shownAs({ path, line, kind, namespace, name, inOverlay }: ShownObject): ShownObject {
  const address = { path, line, kind, namespace, name };
  return inOverlay === undefined ? address : { ...address, inOverlay };
}

/** What a report shows of a pull request. */
export interface ShownPull {
  readonly number: number;
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed-by-person' | 'closed-by-bot' | 'withdrawn';
  /** The secret versions (`key=version`) and restarts that it names, sorted. */
  readonly names: readonly string[];
}

/** Something that could not be looked at. */
export interface Trouble {
  readonly subject: string;
  readonly message: string;
  readonly code: string;
  readonly hint: string;
}

/** One base branch as a report looks at it. All of it is plain data: JSON shows it as it is. */
export interface BranchLook {
  /** `<repository>@<base>`; null for a local checkout. */
  readonly name: string | null;
  /** The commit that was read; null where none could be. */
  readonly head: Oid | null;
  /** Why nothing may be written to it; null where it may, and where nobody looked. */
  readonly paused: { readonly reason: string; readonly hint: string } | null;
  readonly troubles: readonly Trouble[];
  /** What this look says nothing about, in words. */
  readonly notLooked: readonly string[];
}

/** The pull request that a report names for a branch: the open one, else the newest; null where none shows it. */
export function shownFor(pulls: readonly ShownPull[]): ShownPull | null {
  return pulls.find(({ state }) => state === 'open') ?? pulls[0] ?? null;
}
