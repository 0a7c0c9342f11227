import type { RepoPath } from '../../../domain/repo-path.ts';
import type { KustomizePatch } from '../../kustomize-facts.ts';
import type { Deployment } from '../placement.ts';

/** One folder of this repository that an Argo CD Application or a Flux Kustomization brings to a cluster. */
export interface Deployer {
  readonly kind: 'deploys';
  readonly deployment: Deployment;
  /** The folder; empty for the top. */
  readonly folder: string;
  /** What it overrides in the folder's kustomization; null where it does not. */
  readonly namespace: string | null;
  readonly prefix: string | null;
  readonly suffix: string | null;
  readonly patches: readonly KustomizePatch[];
  /** Which files it takes where the folder has no kustomization. */
  readonly files: FileChoice;
}

/** `generated`: all YAML files below, as Flux makes a kustomization of them. `listed`: as Argo CD lists a directory. */
export type FileChoice =
  | { readonly kind: 'generated' }
  | {
      readonly kind: 'listed';
      readonly recurse: boolean;
      readonly isTaken: (path: string) => boolean;
    };

/** One that deploys another repository or revision, or nobody can say what. */
export interface OtherDeployer {
  readonly kind: 'elsewhere' | 'unresolved';
  readonly name: string;
  readonly manifest: RepoPath;
  /** A sentence. */
  readonly reason: string;
}

/** Whether a source is this repository, at the commit that is read. */
export interface Sources {
  readonly isHere: (source: Source) => boolean;
}

/** Where something is taken from, as it is written. */
export interface Source {
  readonly url: string;
  readonly revision: string | null;
}

/** A folder as it is written; null for what is absolute, templated or leaves the repository. */
export function folderAt(written: string): string | null {
  const segments: string[] = [];
  if (written.startsWith('/') || written.length > 4096 || isOpen(written)) return null;
  for (const segment of written.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..') return null;
    segments.push(segment);
  }
  return segments.join('/');
}

/** True for a text that something else still fills in. */
export function isOpen(text: string | null): boolean {
  return text !== null && (text.includes('{{') || text.includes('${'));
}
