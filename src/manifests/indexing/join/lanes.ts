import type { RepoPath } from '../../../domain/repo-path.ts';
import type { FileProblem } from '../../graph.ts';
import type { ArgoHealth } from '../../reading/deployers/argo-health.ts';
import type { PlacedWorkload } from '../kustomize/choose-workloads.ts';
import type { PlacedObject } from '../kustomize/place-object.ts';
import type { JoinedFile } from './joined-files.ts';
import { type Lane, replaceIn } from './lane.ts';
import type { PlacedSecret } from './resolve-secret.ts';

type Kind<T extends PlacedObject['type']> = Extract<PlacedObject, { readonly type: T }>;

/** What one file brings to an index beside ExternalSecrets and workloads. */
interface Parts {
  readonly namespaces: readonly Kind<'namespace'>[];
  readonly sources: readonly Kind<'restart-source'>[];
  readonly makers: readonly PlacedSecret[];
  readonly restartMarkers: readonly PlacedWorkload[];
  readonly kustomizations: readonly Kind<'kustomization'>[];
  /** ExternalSecrets that patches have something to do with. */
  readonly patched: readonly PlacedSecret[];
  readonly asPatch: readonly FileProblem[];
  readonly unread: readonly FileProblem[];
  readonly inChart: readonly FileProblem[];
  readonly argoHealth: readonly ArgoHealth[];
}

/** The same of all files. */
export type Lanes = { readonly [K in keyof Parts]: Lane<Parts[K][number]> };

type Builder = { readonly [K in keyof Parts]: { readonly paths: RepoPath[]; readonly items: Parts[K][number][] } };

/** The lanes of all files, which are in order. */
export function lanesOf(files: Iterable<JoinedFile>): Lanes {
  const lanes = emptyLanes();
  for (const file of files) {
    const { path } = file.file;
    const parts = partsOf(file);
    append(lanes.namespaces, path, parts.namespaces);
    append(lanes.sources, path, parts.sources);
    append(lanes.makers, path, parts.makers);
    append(lanes.restartMarkers, path, parts.restartMarkers);
    append(lanes.kustomizations, path, parts.kustomizations);
    append(lanes.patched, path, parts.patched);
    append(lanes.asPatch, path, parts.asPatch);
    append(lanes.unread, path, parts.unread);
    append(lanes.inChart, path, parts.inChart);
    append(lanes.argoHealth, path, parts.argoHealth);
  }
  return lanes;
}

/** The lanes with one file as it is now, or without it. */
export function withFile(lanes: Lanes, path: RepoPath, file: JoinedFile | undefined): Lanes {
  const parts = file === undefined ? NO_PARTS : partsOf(file);
  return {
    namespaces: replaceIn(lanes.namespaces, path, parts.namespaces),
    sources: replaceIn(lanes.sources, path, parts.sources),
    makers: replaceIn(lanes.makers, path, parts.makers),
    restartMarkers: replaceIn(lanes.restartMarkers, path, parts.restartMarkers),
    kustomizations: replaceIn(lanes.kustomizations, path, parts.kustomizations),
    patched: replaceIn(lanes.patched, path, parts.patched),
    asPatch: replaceIn(lanes.asPatch, path, parts.asPatch),
    unread: replaceIn(lanes.unread, path, parts.unread),
    inChart: replaceIn(lanes.inChart, path, parts.inChart),
    argoHealth: replaceIn(lanes.argoHealth, path, parts.argoHealth),
  };
}

function emptyLanes(): Builder {
  return {
    namespaces: { paths: [], items: [] },
    sources: { paths: [], items: [] },
    makers: { paths: [], items: [] },
    restartMarkers: { paths: [], items: [] },
    kustomizations: { paths: [], items: [] },
    patched: { paths: [], items: [] },
    asPatch: { paths: [], items: [] },
    unread: { paths: [], items: [] },
    inChart: { paths: [], items: [] },
    argoHealth: { paths: [], items: [] },
  };
}

function append<T>(
  lane: { readonly paths: RepoPath[]; readonly items: T[] },
  path: RepoPath,
  items: readonly T[],
): void {
  for (const one of items) {
    lane.paths.push(path);
    lane.items.push(one);
  }
}

const NONE: readonly never[] = [];
const NO_PARTS: Parts = {
  namespaces: NONE,
  sources: NONE,
  makers: NONE,
  restartMarkers: NONE,
  kustomizations: NONE,
  patched: NONE,
  asPatch: NONE,
  unread: NONE,
  inChart: NONE,
  argoHealth: NONE,
};

function partsOf({ file, settled, secrets, asPatch, unread, inChart }: JoinedFile): Parts {
  const all = secrets.length === 0 ? NONE : secrets.map(({ object }) => object);
  const { configMaps = NONE } = file.facts;
  const has = (type: PlacedObject['type']): boolean => settled.some((one) => one.type === type);
  return {
    namespaces: has('namespace') ? settled.filter((one) => one.type === 'namespace') : NONE,
    sources: has('restart-source') ? settled.filter((one) => one.type === 'restart-source') : NONE,
    makers: all.some(isMaker) ? all.filter(isMaker) : NONE,
    restartMarkers: has('workload') ? settled.filter((one) => one.type === 'workload').filter(isMarker) : NONE,
    kustomizations: has('kustomization') ? settled.filter((one) => one.type === 'kustomization') : NONE,
    patched: all.some(isPatched) ? all.filter(isPatched) : NONE,
    asPatch,
    unread,
    inChart,
    argoHealth: configMaps.length === 0 ? NONE : configMaps.map(({ argoHealth }) => argoHealth),
  };
}

function isMaker({ marker, reach }: PlacedSecret): boolean {
  return marker === undefined && reach !== undefined;
}

function isPatched({ patchedBy, carriedOut = NONE }: PlacedSecret): boolean {
  return patchedBy !== null || carriedOut.length > 0;
}

/** True for an inline marker, which is no object. */
export function isMarker({ marker }: PlacedWorkload): boolean {
  return marker !== undefined;
}
