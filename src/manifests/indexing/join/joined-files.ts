import type { KustomizeMode, SecretPlaces } from '../../../domain/policy.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { FileProblem } from '../../graph.ts';
import { chartFolders, chartTemplateProblem, foreignStores, isChartTemplate } from '../chart-template.ts';
import type { LocatedStore } from '../find-stores.ts';
import type { SharedBases } from '../kustomize/choose-places.ts';
import type { PlacedObject } from '../kustomize/place-object.ts';
import { type FileChange, fileOf } from './changed-files.ts';
import { type File, type Ground, layGround } from './ground.ts';
import { firstOf } from './lane.ts';
import { type PlacedFile, placeFile, saysSomething } from './placed-file.ts';
import { createResolver, type PlacedSecret, type ResolvedSecret, type ResolveSecret } from './resolve-secret.ts';

/** A file as far as it can be told without asking who feeds whom. */
export interface JoinedFile extends PlacedFile {
  readonly secrets: readonly ResolvedSecret[];
  /** What there is to say of it as the template of a chart. */
  readonly inChart: readonly FileProblem[];
}

/** The configuration as far as it decides what is joined to what. */
export interface JoinSettings {
  readonly places: SecretPlaces;
  readonly kustomize: KustomizeMode;
}

/** All files of one commit, joined: what the next one is compared with. The maps follow the commits. */
export interface JoinedFiles {
  /** In the order of their paths. */
  readonly files: readonly File[];
  readonly paths: readonly RepoPath[];
  readonly byPath: Map<string, File>;
  readonly occupied: readonly RepoPath[];
  readonly charts: ReadonlySet<string>;
  readonly ground: Ground;
  readonly shared: SharedBases;
  readonly stores: readonly LocatedStore[];
  readonly foreign: ReadonlySet<string>;
  readonly resolve: ResolveSecret;
  /** Those that say something, by their paths. */
  readonly joined: Map<RepoPath, JoinedFile>;
}

/** Joins all files of a commit; `files` are in order. */
export function joinAll(files: readonly File[], occupied: readonly RepoPath[], settings: JoinSettings): JoinedFiles {
  const paths = files.map(({ path }) => path);
  const charts = chartFolders(paths);
  const byPath = new Map<string, File>();
  for (const file of files) byPath.set(file.path, file);
  // Most files say nothing, and looking at each of them again and again takes longer than all the rest.
  const saying = files.filter((file) => saysSomething(file));
  const isTemplate = ({ path }: File) => isChartTemplate(path, charts);
  const templates = charts.size === 0 ? [] : saying.filter((file) => isTemplate(file));
  const plain = templates.length === 0 ? saying : saying.filter((file) => !isTemplate(file));
  let placed: readonly PlacedFile[] = [];
  const joined = new Map<RepoPath, JoinedFile>();
  const ground = layGround({
    plain,
    byPath,
    paths,
    occupied,
    origin: settings.places.origin,
    placed: () => (joined.size === 0 ? placed : [...joined.values()]).flatMap((file) => file.placed),
  });
  placed = saying.map((file) => placeIn(file, ground, charts));
  const stores = placed.flatMap(({ settled }) => (settled.some(isStore) ? settled.filter(isStore) : []));
  const inTemplates = templates.flatMap(({ facts }) => facts.objects.filter((one) => one.type === 'store'));
  const foreign = foreignStores([...stores, ...inTemplates]);
  const shared: SharedBases = { mode: settings.kustomize, splitter: ground.splitter };
  const resolve = createResolver(stores, settings.places, shared);
  const found = placed.map((file) => joinFile(file, { resolve, foreign, charts }));
  for (const one of found) joined.set(one.file.path, one);
  placed = [];
  return { files, paths, byPath, occupied, charts, ground, shared, stores, foreign, resolve, joined };
}

/**
 * Joins what some changes touch, on the ground that is there; they must reach no further (see `reachFar`). Whatever was joined
 * of the others stays as it is.
 */
export function joinChanges(earlier: JoinedFiles, files: readonly File[], changes: readonly FileChange[]): JoinedFiles {
  const { ground, byPath, charts, joined } = earlier;
  let { paths } = earlier;
  for (const change of changes) {
    const { path } = fileOf(change);
    if (change.kind === 'goes') byPath.delete(path);
    else byPath.set(path, change.after);
    if (change.kind === 'changes') continue;
    const at = firstOf(paths, path);
    paths = change.kind === 'goes' ? paths.toSpliced(at, 1) : paths.toSpliced(at, 0, path);
    const own = change.kind === 'comes' ? ground.deployed.placementsOf(path) : NONE;
    if (own.length > 0) ground.placements.set(path, own);
    else ground.placements.delete(path);
  }
  const said = changes.flatMap((one) => (one.kind === 'goes' || !saysSomething(one.after) ? [] : [one.after]));
  const placed = said.map((file) => placeIn(file, ground, charts));
  for (const change of changes) joined.delete(fileOf(change).path);
  // Objects are counted as they are placed, and resolved after that.
  for (const file of placed) joined.set(file.file.path, { secrets: NONE, inChart: NONE, ...file });
  for (const file of placed) joined.set(file.file.path, joinFile(file, earlier));
  return { ...earlier, files, paths };
}

function joinFile(
  file: PlacedFile,
  { resolve, foreign, charts }: Pick<JoinedFiles, 'resolve' | 'foreign' | 'charts'>,
): JoinedFile {
  const { path, facts } = file.file;
  const inChart = isChartTemplate(path, charts) ? chartTemplateProblem(path, facts, foreign) : null;
  const secrets: ResolvedSecret[] = [];
  for (const one of file.settled) if (isSecret(one)) for (const each of resolve(one)) secrets.push(each);
  return { secrets: secrets.length === 0 ? NONE : secrets, inChart: inChart === null ? NONE : [inChart], ...file };
}

const NONE: readonly never[] = [];

/** Nothing in the template of a chart is an object. */
function placeIn(file: File, ground: Ground, charts: ReadonlySet<string>): PlacedFile {
  if (!isChartTemplate(file.path, charts)) return placeFile(file, ground);
  return { file, placed: NONE, settled: NONE, asPatch: NONE, unread: NONE };
}

function isSecret(one: PlacedObject): one is PlacedSecret {
  return one.type === 'external-secret';
}

function isStore(one: PlacedObject): one is Extract<PlacedObject, { readonly type: 'store' }> {
  return one.type === 'store';
}
