import type { KustomizeMode, SecretPlaces } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { FileProblem } from '../../graph.ts';
import { chartFolders, chartTemplateProblem, foreignStores, isChartTemplate } from '../chart-template.ts';
import type { LocatedStore } from '../find-stores.ts';
import { type FileChange, fileOf } from './changed-files.ts';
import { createFeeding, type Feeding, type SecretsChange } from './feeding.ts';
import { type File, type Ground, layGround } from './ground.ts';
import { type PlacedFile, placeFile, saysSomething } from './placed-file.ts';
import { createResolver, type PlacedSecret, type ResolvedSecret, type ResolveSecret } from './resolve-secret.ts';

/** A file as far as it can be told without asking who feeds whom. */
export interface JoinedFile extends PlacedFile {
  readonly secrets: readonly ResolvedSecret[];
  /** What there is to say of it as the template of a chart; null where it is none, or says nothing. */
  readonly inChart: FileProblem | null;
}

/** The configuration as far as it decides what is joined to what. */
export interface JoinSettings {
  readonly places: SecretPlaces;
  readonly kustomize: KustomizeMode;
}

/** All files of one commit, joined: what the next one is compared with. */
export interface JoinedFiles {
  /** In the order of their paths, as all lists here. */
  readonly files: readonly File[];
  readonly paths: readonly RepoPath[];
  readonly byPath: Map<string, File>;
  readonly charts: ReadonlySet<string>;
  readonly occupied: readonly RepoPath[];
  readonly ground: Ground;
  readonly stores: readonly LocatedStore[];
  readonly foreign: ReadonlySet<string>;
  readonly resolve: ResolveSecret;
  /** Those that say something. */
  readonly joined: readonly JoinedFile[];
  readonly feeding: Feeding;
  /** The ExternalSecrets that came and went since the feeding was asked last. */
  readonly moved: SecretsChange;
  /** The list that the ground counts objects in. */
  readonly counted: { joined: readonly PlacedFile[] };
}

/** Joins all files of a commit; `files` are in order. */
export function joinAll(files: readonly File[], occupied: readonly RepoPath[], settings: JoinSettings): JoinedFiles {
  const paths = files.map(({ path }) => path);
  const charts = chartFolders(paths);
  const byPath = new Map<string, File>(files.map((file) => [file.path, file]));
  const plain = charts.size === 0 ? files : files.filter(({ path }) => !isChartTemplate(path, charts));
  const templates = charts.size === 0 ? [] : files.filter(({ path }) => isChartTemplate(path, charts));
  const counted: JoinedFiles['counted'] = { joined: [] };
  const ground = layGround({
    plain,
    byPath,
    paths,
    occupied,
    origin: settings.places.origin,
    placed: () => counted.joined.flatMap(({ placed }) => placed),
  });
  const isTemplate = new Set(templates);
  const placedFiles = files
    .filter((file) => saysSomething(file))
    .map((file) => (isTemplate.has(file) ? asTemplate(file) : placeFile(file, ground)));
  counted.joined = placedFiles;
  const stores = placedFiles.flatMap(({ settled }) => settled.flatMap((one) => (one.type === 'store' ? [one] : [])));
  const inTemplates = templates.flatMap(({ facts }) =>
    facts.objects.flatMap((one) => (one.type === 'store' ? [one] : [])),
  );
  const foreign = foreignStores([...stores, ...inTemplates]);
  const resolve = createResolver(stores, settings.places, { mode: settings.kustomize, splitter: ground.splitter });
  const joined = placedFiles.map((file): JoinedFile => joinFile(file, { resolve, foreign, charts }));
  const moved = { gone: [], come: joined.flatMap((file) => writersIn(file)) };
  return {
    files,
    paths,
    byPath,
    charts,
    occupied,
    ground,
    stores,
    foreign,
    resolve,
    joined,
    feeding: createFeeding(),
    moved,
    counted,
  };
}

/** Joins what some changes reach, on the ground that is there. They must reach no further (see `reachFar`). */
export function joinChanges(earlier: JoinedFiles, files: readonly File[], changes: readonly FileChange[]): JoinedFiles {
  const { ground, byPath, charts, counted } = earlier;
  for (const change of changes) {
    const { path } = fileOf(change);
    if (change.kind === 'goes') byPath.delete(path);
    else byPath.set(path, change.after);
    if (change.kind === 'goes') ground.placements.delete(path);
    const own = change.kind === 'comes' ? ground.deployed.placementsOf(path) : [];
    if (own.length > 0) ground.placements.set(path, own);
  }
  const changed = new Set(changes.map((change): string => fileOf(change).path));
  const gone: JoinedFile[] = [];
  const kept: JoinedFile[] = [];
  for (const one of earlier.joined) (changed.has(one.file.path) ? gone : kept).push(one);
  const said = changes.flatMap((one) => (one.kind === 'goes' || !saysSomething(one.after) ? [] : [one.after]));
  const placed = said.map((file) => (isChartTemplate(file.path, charts) ? asTemplate(file) : placeFile(file, ground)));
  // Objects are counted as they are placed, and resolved after that.
  counted.joined = merged(kept, placed);
  const come = placed.map((file): JoinedFile => joinFile(file, earlier));
  const joined = merged(kept, come);
  counted.joined = joined;
  const isListed = changes.every(({ kind }) => kind === 'changes');
  return {
    ...earlier,
    files,
    paths: isListed ? earlier.paths : files.map(({ path }) => path),
    joined,
    moved: { gone: gone.flatMap((file) => writersIn(file)), come: come.flatMap((file) => writersIn(file)) },
  };
}

function joinFile(
  file: PlacedFile,
  { resolve, foreign, charts }: Pick<JoinedFiles, 'resolve' | 'foreign' | 'charts'>,
): JoinedFile {
  const { path, facts } = file.file;
  const inChart = isChartTemplate(path, charts) ? chartTemplateProblem(path, facts, foreign) : null;
  const written = file.settled.filter((one): one is PlacedSecret => one.type === 'external-secret');
  return { ...file, inChart, secrets: written.length === 0 ? NONE : written.flatMap((one) => resolve(one)) };
}

const NONE: readonly never[] = [];

/** Nothing in the template of a chart is an object. */
function asTemplate(file: File): PlacedFile {
  return { file, placed: NONE, settled: NONE, asPatch: NONE, unread: NONE };
}

function writersIn({ secrets }: JoinedFile): readonly PlacedSecret[] {
  return secrets.flatMap(({ object }) => (object.marker === undefined ? [object] : []));
}

/** Two lists of files as one, in the order of their paths. */
function merged<T extends PlacedFile>(many: readonly T[], few: readonly T[]): readonly T[] {
  const all: T[] = [];
  let at = 0;
  for (const one of few.toSorted((left, right) => (left.file.path < right.file.path ? -1 : 1))) {
    for (let next = many[at]; next !== undefined && next.file.path < one.file.path; next = many[at]) {
      all.push(next);
      at += 1;
    }
    all.push(one);
  }
  return few.length === 0 ? many : [...all, ...many.slice(at)];
}
