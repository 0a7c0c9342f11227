import type { RepoPath } from '../../../../domain/repo-path.ts';
import type { IndexedExternalSecret } from '../../../graph.ts';
import { manifestOf } from '../../../objects.ts';
import type { LocatedExternalSecret, LocatedWorkload } from '../../find-consumers.ts';
import { carriedOutIn, type PlacedWorkload, patchKey } from '../../kustomize/choose-workloads.ts';
import { markerConsumers } from '../../markers/marker-consumers.ts';
import type { LocatedSource } from '../../sources/source-consumers.ts';
import type { JoinedFile, JoinedFiles } from '../joined-files.ts';
import { type Lane, laneOf, replaceIn } from '../lane.ts';
import { isMarker } from '../lanes.ts';
import type { PlacedSecret, ResolvedSecret } from '../resolve-secret.ts';
import { type ChosenWorkloads, chooseWorkloads, NO_WORKLOADS } from './chosen-workloads.ts';
import { type Consumers, createConsumers } from './consumers.ts';
import { createFeeding, type Fed, type Feeding } from './feeding.ts';

type Pair<K> = readonly [K, LocatedWorkload];

/**
 * Who feeds whom among joined files. It follows the commits: the workloads of a file are chosen anew where the file changed, or
 * where an ExternalSecret came or went that writes a Secret of a name they have; an ExternalSecret is linked anew where its file
 * changed, or where other workloads are its consumers.
 */
export interface LinkedFiles {
  readonly feeding: Feeding;
  /** By file: its workloads as they are edited, and what feeds them. */
  readonly own: Map<RepoPath, ChosenWorkloads>;
  /** The files with workloads that have a Secret of a name. */
  readonly takers: Map<string, Set<RepoPath>>;
  readonly fed: Consumers<LocatedExternalSecret>;
  readonly unsure: Consumers<LocatedExternalSecret>;
  readonly bypassed: Consumers<LocatedExternalSecret>;
  readonly restarted: Consumers<LocatedSource>;
  chosen: Lane<PlacedWorkload>;
  /** Of those: the ones in files that are only patches, and the patches that others were made with. */
  inPatches: Lane<PlacedWorkload>;
  carriedOut: Lane<string>;
  /** What is only a patch of another one, which has what it says by now; and the files of those. */
  dropped: ReadonlyMap<PlacedWorkload, RepoPath>;
  indexed: Lane<IndexedExternalSecret>;
}

/** Files that were joined anew; `before` is what was said of them until then. */
export interface Relinked {
  readonly paths: readonly RepoPath[];
  readonly before: readonly JoinedFile[];
  /** True where ClusterExternalSecrets, Namespaces or restart sources are others: then everybody is asked. */
  readonly isFar: boolean;
}

const EMPTY: Lane<never> = { paths: [], items: [] };

/** Nothing is linked yet. */
export function createLinks(): LinkedFiles {
  return {
    feeding: createFeeding(),
    own: new Map(),
    takers: new Map(),
    fed: createConsumers(),
    unsure: createConsumers(),
    bypassed: createConsumers(),
    restarted: createConsumers(),
    chosen: EMPTY,
    inPatches: EMPTY,
    carriedOut: EMPTY,
    dropped: new Map(),
    indexed: EMPTY,
  };
}

/** Links what was joined anew, and what that reaches. */
export function relink(links: LinkedFiles, files: JoinedFiles, { paths, before, isFar }: Relinked): void {
  const moved = moveSecrets(links, files, { paths, before });
  const takers = isFar ? [] : [...moved].flatMap((name) => [...(links.takers.get(name) ?? [])]);
  const reached = isFar ? everywhere(links, files, paths) : [...new Set([...paths, ...takers])].toSorted();
  for (const path of reached) chooseIn(links, files, path);
  followLanes(links, files, reached);
  const dropping = drop(links, files);
  for (const path of new Set([...reached, ...dropping])) feedFrom(links, path);
  const touched = [links.fed, links.unsure, links.bypassed].flatMap((one) => [...one.takeTouched()]);
  const homes = isFar ? reached : [...new Set([...paths, ...touched.map((one) => manifestOf(one))])];
  if (homes.length > MANY) {
    links.indexed = laneOf(inOrder(files.joined), (file) => indexFile(links, file));
    return;
  }
  for (const path of homes) {
    const file = files.joined.get(path);
    links.indexed = replaceIn(links.indexed, path, file === undefined ? [] : indexFile(links, file));
  }
}

// From so many files on a lane is made anew: putting each into it takes as long as the lane is.
const MANY = 300;

/** All files that say something or have just ceased to. */
function everywhere({ own }: LinkedFiles, { joined }: JoinedFiles, paths: readonly RepoPath[]): readonly RepoPath[] {
  const gone = new Set([...own.keys(), ...paths].filter((path) => !joined.has(path)));
  return inPathOrder([...joined.keys(), ...gone]);
}

/** The entries in the order of their paths. */
function inOrder<T>(files: ReadonlyMap<RepoPath, T>): readonly (readonly [RepoPath, T])[] {
  return inPathOrder([...files.keys()]).flatMap((path) => {
    const file = files.get(path);
    return file === undefined ? [] : [[path, file] as const];
  });
}

/** The very list where it is in order. */
function inPathOrder(paths: readonly RepoPath[]): readonly RepoPath[] {
  const isSorted = paths.every((path, at) => at === 0 || (paths[at - 1] ?? path) < path);
  return isSorted ? paths : paths.toSorted();
}

/** The names of all Secrets whose writers came or went. */
function moveSecrets(
  { feeding }: LinkedFiles,
  { joined }: JoinedFiles,
  { paths, before }: Pick<Relinked, 'paths' | 'before'>,
): ReadonlySet<string> {
  const moved = new Set<string>();
  const note = (file: JoinedFile | undefined, act: (one: PlacedSecret) => readonly string[]): void => {
    for (const { object } of file?.secrets ?? []) {
      if (object.marker === undefined) for (const name of act(object)) moved.add(name);
    }
  };
  for (const file of before) note(file, feeding.remove);
  for (const path of paths) note(joined.get(path), feeding.add);
  return moved;
}

function chooseIn(links: LinkedFiles, { joined, shared }: JoinedFiles, path: RepoPath): void {
  forget(links, path);
  const { own, takers, feeding } = links;
  const settled = joined.get(path)?.settled ?? [];
  if (!settled.some(({ type }) => type === 'workload')) return;
  const workloads = settled.filter((one) => one.type === 'workload').filter((one) => !isMarker(one));
  if (workloads.length === 0) return;
  const chosen = chooseWorkloads(workloads, feeding, shared);
  own.set(path, chosen);
  for (const name of chosen.names) {
    const known = takers.get(name);
    if (known === undefined) takers.set(name, new Set([path]));
    else known.add(path);
  }
}

function forget({ own, takers }: LinkedFiles, path: RepoPath): void {
  for (const name of own.get(path)?.names ?? []) {
    const left = takers.get(name);
    if (left?.delete(path) === true && left.size === 0) takers.delete(name);
  }
  own.delete(path);
}

function followLanes(links: LinkedFiles, { ground }: JoinedFiles, reached: readonly RepoPath[]): void {
  const { own } = links;
  const isInPatch = ({ path }: PlacedWorkload): boolean => ground.patches.has(path);
  const inPatchesOf = ({ chosen }: ChosenWorkloads) => chosen.filter(isInPatch);
  const hasPatches = ground.patches.size > 0;
  if (reached.length > MANY) {
    const all = inOrder(own);
    links.chosen = laneOf(all, ({ chosen }) => chosen);
    links.inPatches = hasPatches ? laneOf(all, inPatchesOf) : EMPTY;
    links.carriedOut = hasPatches ? laneOf(all, carriedOutOf) : EMPTY;
    return;
  }
  for (const path of reached) {
    const one = own.get(path) ?? NO_WORKLOADS;
    links.chosen = replaceIn(links.chosen, path, one.chosen);
    if (!hasPatches) continue;
    links.inPatches = replaceIn(links.inPatches, path, inPatchesOf(one));
    links.carriedOut = replaceIn(links.carriedOut, path, carriedOutOf(one));
  }
}

function carriedOutOf({ chosen }: ChosenWorkloads): readonly string[] {
  return chosen.flatMap(carriedOutIn);
}

/** The files of workloads that are dropped now and were not before, or the other way round. */
function drop(links: LinkedFiles, { ground }: JoinedFiles): readonly RepoPath[] {
  const { inPatches, carriedOut, dropped } = links;
  if (ground.patches.size === 0 || inPatches.items.length === 0) return [];
  const carried = new Set(carriedOut.items);
  const now = new Map<PlacedWorkload, RepoPath>();
  for (const [at, one] of inPatches.items.entries()) {
    const path = inPatches.paths[at];
    if (path !== undefined && carried.has(patchKey(one.path, one))) now.set(one, path);
  }
  links.dropped = now;
  const added = [...now].flatMap(([one, path]) => (dropped.has(one) ? [] : [path]));
  return [...added, ...[...dropped].flatMap(([one, path]) => (now.has(one) ? [] : [path]))];
}

/** Makes the workloads of a file consumers of all that feeds them. */
function feedFrom({ own, dropped, fed, unsure, bypassed, restarted }: LinkedFiles, path: RepoPath): void {
  const consumers: Pair<LocatedExternalSecret>[] = [];
  const doubtful: Pair<LocatedExternalSecret>[] = [];
  const passing: Pair<LocatedExternalSecret>[] = [];
  const restarting: Pair<LocatedSource>[] = [];
  const { chosen, fed: by } = own.get(path) ?? NO_WORKLOADS;
  if (chosen.length === 0 && ![fed, unsure, bypassed, restarted].some((one) => one.has(path))) return;
  for (const [at, workload] of chosen.entries()) {
    const feeders: Fed | undefined = dropped.has(workload) ? undefined : by[at];
    if (feeders === undefined) continue;
    for (const one of feeders.writers) consumers.push([one, workload]);
    for (const one of feeders.bypassed) passing.push([one, workload]);
    for (const one of feeders.sources) restarting.push([one, workload]);
    for (const [one, selection] of feeders.makers) {
      consumers.push([one, workload]);
      if (selection === 'unknown') doubtful.push([one, workload]);
    }
  }
  fed.replace(path, consumers);
  unsure.replace(path, doubtful);
  bypassed.replace(path, passing);
  restarted.replace(path, restarting);
}

function indexFile(links: LinkedFiles, { secrets, settled }: JoinedFile): readonly IndexedExternalSecret[] {
  if (secrets.length === 0) return [];
  const markers = secrets.flatMap(({ object }) => (object.marker === undefined ? [] : [object]));
  const restarts = markers.length === 0 ? [] : settled.filter((one) => one.type === 'workload').filter(isMarker);
  const following = markerConsumers(markers, restarts);
  return secrets.map((one): IndexedExternalSecret => {
    const { marker } = one.object;
    const { consumers, ...more } =
      marker === undefined ? linksOf(one, links) : { consumers: following.get(one.object) ?? [] };
    return { consumers, ...one, ...more };
  });
}

/** Whom an object feeds, and which one makes it. */
function linksOf(
  { object }: ResolvedSecret,
  { fed, unsure, bypassed, feeding }: LinkedFiles,
): Pick<IndexedExternalSecret, 'consumers' | 'unsure' | 'bypassed' | 'madeBy'> {
  const consumers = fed.of(object);
  const doubtful = unsure.of(object);
  const passing = bypassed.of(object);
  const madeBy = feeding.makerOf(object)?.name ?? object.owner ?? null;
  if (doubtful.length === 0 && passing.length === 0 && madeBy === null) return { consumers };
  return {
    consumers,
    ...(doubtful.length === 0 ? {} : { unsure: doubtful }),
    ...(passing.length === 0 ? {} : { bypassed: passing }),
    ...(madeBy === null ? {} : { madeBy }),
  };
}
