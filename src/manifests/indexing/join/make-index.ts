import type { SecretPlaces } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import { secretKey } from '../../../domain/secret-id.ts';
import type { FileProblem, Index, IndexedExternalSecret } from '../../graph.ts';
import { joinArgoHealth } from '../../reading/deployers/argo-health.ts';
import { patchProblems } from '../kustomize/built/patch-problems.ts';
import { withoutPatches } from '../kustomize/choose-workloads.ts';
import { linkRestartSources } from '../sources/restart-sources.ts';
import { compare } from './changed-files.ts';
import type { JoinedFile, JoinedFiles } from './joined-files.ts';
import { type Lanes, lanesOf, withFile } from './lanes.ts';
import { createLinks, type LinkedFiles, relink } from './links/linked-files.ts';

/** Makes the indexes of joined files, one commit after the other. */
export interface IndexMaker {
  /** What was joined anew, and what was said of it before. */
  readonly follow: (files: JoinedFiles, paths: readonly RepoPath[], before: readonly JoinedFile[]) => void;
  /** `problems` are entries that could not be read at all. */
  readonly make: (problems: readonly FileProblem[]) => Index;
}

/** Begins with all of these files. */
export function createIndexMaker(files: JoinedFiles, places: SecretPlaces): IndexMaker {
  const links = createLinks();
  let now = files;
  let lanes = lanesOf(files.joined.values());
  let sources = withoutPatches(lanes.sources.items, files.ground.patches);
  let bySecret: Keyed | null = null;
  let bySource: Keyed | null = null;
  links.feeding.surround({ makers: lanes.makers.items, namespaces: lanes.namespaces.items, sources });
  relink(links, files, { paths: [...files.joined.keys()], before: [], isFar: true });
  return {
    follow: (next, paths, before) => {
      const earlier = lanes;
      now = next;
      for (const path of paths) lanes = withFile(lanes, path, next.joined.get(path));
      const isFar = reachesFar(earlier, lanes);
      if (isFar) {
        sources = withoutPatches(lanes.sources.items, next.ground.patches);
        links.feeding.surround({ makers: lanes.makers.items, namespaces: lanes.namespaces.items, sources });
      }
      relink(links, next, { paths, before, isFar });
    },
    make: (problems) => {
      const chosen = chosenIn(links);
      const restartSources = linkRestartSources(sources, chosen, links.restarted.of, places);
      bySecret = keyed(links.indexed.items, bySecret);
      bySource = keyed(restartSources, bySource);
      return {
        externalSecrets: links.indexed.items,
        workloads: [...chosen, ...lanes.restartMarkers.items],
        stores: now.stores,
        kustomizations: lanes.kustomizations.items,
        problems: problemsOf(problems, lanes, now),
        otherDeployers: now.ground.otherDeployers,
        argoHealth: joinArgoHealth(lanes.argoHealth.items),
        paths: now.paths,
        bySecret: bySecret.positions,
        restartSources,
        sourcesBySecret: bySource.positions,
      };
    },
  };
}

function reachesFar(earlier: Lanes, now: Lanes): boolean {
  return earlier.makers !== now.makers || earlier.namespaces !== now.namespaces || earlier.sources !== now.sources;
}

function chosenIn({ chosen, dropped }: LinkedFiles): LinkedFiles['chosen']['items'] {
  return dropped.size === 0 ? chosen.items : chosen.items.filter((one) => !dropped.has(one));
}

function problemsOf(
  problems: readonly FileProblem[],
  { asPatch, unread, inChart, patched }: Lanes,
  { ground: { patches, changes } }: JoinedFiles,
): readonly FileProblem[] {
  const ofFiles = [...asPatch.items, ...unread.items];
  const left = patchProblems(ofFiles, { patches, changes, chosen: patched.items });
  return [...problems, ...inChart.items, ...left].toSorted(
    (one, other) =>
      compare(one.path, other.path) || (one.line ?? 0) - (other.line ?? 0) || compare(one.message, other.message),
  );
}

type References = IndexedExternalSecret['references'];

/** Positions by the keys of secrets, and what they were made from: of each position its references and their keys. */
interface Keyed {
  readonly references: readonly References[];
  readonly keys: readonly (readonly string[])[];
  readonly positions: Index['bySecret'];
}

function keysOf(references: References): readonly string[] {
  const keys = new Set<string>();
  for (const { resolution } of references) {
    if (resolution.kind !== 'secret') continue;
    const { ref, names } = resolution;
    for (const name of names) keys.add(secretKey({ name, ...ref }));
  }
  return [...keys];
}

/** The very same positions as before where all keys are the same. References never change: of the same ones the keys are known. */
function keyed(namers: readonly { readonly references: References }[], earlier: Keyed | null): Keyed {
  const references = namers.map((one) => one.references);
  const keys = earlier === null ? references.map(keysOf) : keysAfter(references, earlier);
  if (earlier !== null && keys.length === earlier.keys.length && keys.every((own, at) => own === earlier.keys[at])) {
    return { ...earlier, references };
  }
  const positions = new Map<string, number[]>();
  for (const [at, own] of keys.entries()) {
    for (const key of own) {
      const known = positions.get(key);
      if (known === undefined) positions.set(key, [at]);
      else known.push(at);
    }
  }
  return { references, keys, positions };
}

/** The very lists of before where they say the same. */
function keysAfter(references: readonly References[], earlier: Keyed): readonly (readonly string[])[] {
  let known: ReadonlyMap<References, readonly string[]> | null = null;
  return references.map((one, at) => {
    const before = earlier.keys[at];
    if (before !== undefined && one === earlier.references[at]) return before;
    known ??= new Map(earlier.references.map((other, place) => [other, earlier.keys[place] ?? []]));
    const keys = known.get(one) ?? keysOf(one);
    return before?.length === keys.length && before.every((key, place) => key === keys[place]) ? before : keys;
  });
}
