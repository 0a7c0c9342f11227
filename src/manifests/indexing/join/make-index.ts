import type { SecretPlaces } from '../../../domain/policy.ts';
import { secretKey } from '../../../domain/secret-id.ts';
import type { FileProblem, Index, IndexedExternalSecret } from '../../graph.ts';
import type { ConfigMapFacts } from '../../kustomize-facts.ts';
import type { NamespaceFacts } from '../../objects.ts';
import { joinArgoHealth } from '../../reading/deployers/argo-health.ts';
import type { LocatedExternalSecret, LocatedWorkload } from '../find-consumers.ts';
import { patchProblems } from '../kustomize/built/patch-problems.ts';
import { withoutPatches } from '../kustomize/choose-workloads.ts';
import type { PlacedObject } from '../kustomize/place-object.ts';
import { markerConsumers, sortMarkers } from '../markers/marker-consumers.ts';
import { linkRestartSources } from '../sources/restart-sources.ts';
import type { LocatedSource } from '../sources/source-consumers.ts';
import { compare } from './changed-files.ts';
import type { Feeding } from './feeding.ts';
import type { JoinedFiles } from './joined-files.ts';
import type { ResolvedSecret } from './resolve-secret.ts';
import type { WorkloadChoices } from './workload-choices.ts';

/** What an index is made of, beside joined files. */
export interface IndexParts {
  readonly choices: WorkloadChoices;
  /** Entries that could not be read at all. */
  readonly problems: readonly FileProblem[];
  readonly places: SecretPlaces;
}

/** The index of joined files: whom everything feeds, and what is where. One pass over the objects, whatever is known of them. */
export function makeIndex(files: JoinedFiles, { choices, problems, places }: IndexParts): Index {
  const { ground, feeding, moved } = files;
  const found = sortOut(files);
  const objects = found.secrets.map(({ object }) => object);
  const fetching = sortMarkers(objects);
  const sources = withoutPatches(found.sources, ground.patches);
  const makers = fetching.objects.filter(({ reach }) => reach !== undefined);
  feeding.update(moved, { makers, namespaces: found.namespaces, sources });
  const restarting = sortMarkers(found.workloads);
  const chosen = withoutPatches(choices.choose(restarting.objects, feeding, ground.splitter), ground.patches);
  const feeds = linksAmong(chosen, feeding);
  const following = markerConsumers(fetching.markers, restarting.markers);
  const externalSecrets = found.secrets.map((one): IndexedExternalSecret => {
    const consumers = one.object.marker === undefined ? undefined : following.get(one.object);
    return { ...one, ...(consumers === undefined ? linksOf(one, feeds, feeding) : { consumers }) };
  });
  const restartSources = linkRestartSources(sources, chosen, feeds.restarted, places);
  const ofPatches = [...found.asPatches, ...found.unread];
  const all = patchProblems(ofPatches, { patches: ground.patches, changes: ground.changes, chosen: objects });
  return {
    externalSecrets,
    workloads: [...chosen, ...restarting.markers],
    stores: files.stores,
    kustomizations: found.kustomizations,
    problems: sortProblems([...problems, ...found.inCharts, ...all]),
    otherDeployers: ground.otherDeployers,
    argoHealth: joinArgoHealth(found.configMaps.map(({ argoHealth }) => argoHealth)),
    paths: files.paths,
    bySecret: invert(externalSecrets),
    restartSources,
    sourcesBySecret: invert(restartSources),
  };
}

type Kind<T extends PlacedObject['type']> = Extract<PlacedObject, { readonly type: T }>;

/** Everything that files hold, by what it is. */
function sortOut({ joined }: JoinedFiles) {
  const secrets: ResolvedSecret[] = [];
  const workloads: Kind<'workload'>[] = [];
  const sources: Kind<'restart-source'>[] = [];
  const namespaces: (Kind<'namespace'> & NamespaceFacts)[] = [];
  const kustomizations: Kind<'kustomization'>[] = [];
  const configMaps: ConfigMapFacts[] = [];
  const [asPatches, unread, inCharts]: [FileProblem[], FileProblem[], FileProblem[]] = [[], [], []];
  for (const { file, settled, secrets: own, asPatch, unread: problems, inChart } of joined) {
    for (const one of own) secrets.push(one);
    for (const one of settled) {
      if (one.type === 'workload') workloads.push(one);
      else if (one.type === 'kustomization') kustomizations.push(one);
      else if (one.type === 'restart-source') sources.push(one);
      else if (one.type === 'namespace') namespaces.push(one);
    }
    for (const one of asPatch) asPatches.push(one);
    for (const one of problems) unread.push(one);
    if (inChart !== null) inCharts.push(inChart);
    for (const one of file.facts.configMaps ?? []) configMaps.push(one);
  }
  return { secrets, workloads, sources, namespaces, kustomizations, configMaps, asPatches, unread, inCharts };
}

interface Feeds {
  readonly consumers: ReadonlyMap<LocatedExternalSecret, readonly LocatedWorkload[]>;
  readonly unsure: ReadonlyMap<LocatedExternalSecret, readonly LocatedWorkload[]>;
  readonly bypassed: ReadonlyMap<LocatedExternalSecret, readonly LocatedWorkload[]>;
  readonly restarted: ReadonlyMap<LocatedSource, readonly LocatedWorkload[]>;
}

/** The workloads of everything that feeds some, in their order. */
function linksAmong(workloads: readonly LocatedWorkload[], feeding: Feeding): Feeds {
  const consumers = new Map<LocatedExternalSecret, LocatedWorkload[]>();
  const unsure = new Map<LocatedExternalSecret, LocatedWorkload[]>();
  const bypassed = new Map<LocatedExternalSecret, LocatedWorkload[]>();
  const restarted = new Map<LocatedSource, LocatedWorkload[]>();
  for (const workload of workloads) {
    const fed = feeding.fedBy(workload);
    for (const one of fed.writers) append(consumers, one, workload);
    for (const one of fed.bypassed) append(bypassed, one, workload);
    for (const one of fed.sources) append(restarted, one, workload);
    for (const [one, selection] of fed.makers) {
      append(consumers, one, workload);
      if (selection === 'unknown') append(unsure, one, workload);
    }
  }
  return { consumers, unsure, bypassed, restarted };
}

function append<K>(lists: Map<K, LocatedWorkload[]>, key: K, one: LocatedWorkload): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [one]);
  else known.push(one);
}

const NOBODY: readonly LocatedWorkload[] = [];

/** Whom an object feeds, and which one makes it. */
function linksOf(
  { object }: ResolvedSecret,
  feeds: Feeds,
  feeding: Feeding,
): Pick<IndexedExternalSecret, 'consumers' | 'unsure' | 'bypassed' | 'madeBy'> {
  const consumers = feeds.consumers.get(object) ?? NOBODY;
  const unsure = feeds.unsure.get(object);
  const bypassed = feeds.bypassed.get(object);
  const madeBy = feeding.makerOf(object)?.name ?? object.owner ?? null;
  return {
    consumers,
    ...(unsure === undefined ? {} : { unsure }),
    ...(bypassed === undefined ? {} : { bypassed }),
    ...(madeBy === null ? {} : { madeBy }),
  };
}

type References = IndexedExternalSecret['references'];

// References never change, and the same ones are looked at in every index.
const KEYS = new WeakMap<References, readonly string[]>();

function keysOf(references: References): readonly string[] {
  const known = KEYS.get(references);
  if (known !== undefined) return known;
  const secrets = references.flatMap(({ resolution }) => (resolution.kind === 'secret' ? [resolution] : []));
  const keys = new Set(secrets.flatMap(({ ref, names }) => names.map((name) => secretKey({ ...ref, name }))));
  const found = [...keys];
  KEYS.set(references, found);
  return found;
}

function invert(namers: readonly { readonly references: References }[]): Index['bySecret'] {
  const bySecret = new Map<string, number[]>();
  for (const [at, { references }] of namers.entries()) {
    for (const key of keysOf(references)) {
      const positions = bySecret.get(key);
      if (positions === undefined) bySecret.set(key, [at]);
      else positions.push(at);
    }
  }
  return bySecret;
}

function sortProblems(problems: readonly FileProblem[]): readonly FileProblem[] {
  return problems.toSorted(
    (left, right) =>
      compare(left.path, right.path) || (left.line ?? 0) - (right.line ?? 0) || compare(left.message, right.message),
  );
}
