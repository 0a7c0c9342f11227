import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { groupingOf } from '../src/config/grouping/grouping-of.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { NO_BINDINGS, type SecretPlaces, type TemplateKind } from '../src/domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../src/domain/repo-path.ts';
import { buildIndex } from '../src/manifests/build-index.ts';
import type { Index } from '../src/manifests/graph.ts';
import { followPins } from '../src/manifests/indexing/pins/follow-pins.ts';
import type { BlobFacts } from '../src/manifests/objects.ts';
import { readBlob } from '../src/manifests/read-blob.ts';
import { everything, type Scope } from '../src/plan/scope.ts';
import { type MadePlan, makePlan, type PlanQuestion } from '../src/service/make-plan.ts';
import { changesOf } from '../src/service/report/describe-events.ts';
import { type GoldenAws, goldenVersions } from './golden-aws.ts';

/** Where the golden repositories lie: `ls` reads as a list of rules. */
export const GOLDEN_REPOSITORIES = 'fixtures/repos';

/** A repository as paths and bytes. */
export type Tree = ReadonlyMap<RepoPath, Buffer>;

/**
 * One case: a repository before, the event (none: stage two), and what a case that needs them adds: the operator's
 * configuration and AWS's answers.
 */
export interface GoldenRepository {
  readonly folder: string;
  readonly before: Tree;
  readonly event: string | null;
  readonly places: SecretPlaces;
  readonly scope: Scope;
  readonly aws: GoldenAws;
  /** AWS may not be asked. */
  readonly eventMode: boolean;
}

const NOW = Date.parse('2026-03-02T09:20:30Z');

/** Reads the case of this name. */
export function openGoldenRepository(name: string): GoldenRepository {
  const folder = join(GOLDEN_REPOSITORIES, name);
  const event = readOptional(join(folder, 'event.json'));
  const aws = JSON.parse(readOptional(join(folder, 'aws.json')) ?? '{}') as GoldenAws;
  return { folder, before: readTree(join(folder, 'before')), event, aws, ...readSettings(join(folder, 'config.yaml')) };
}

function readSettings(file: string): Pick<GoldenRepository, 'places' | 'scope' | 'eventMode'> {
  const text = readOptional(file);
  if (text === null) {
    const accounts = [{ id: '111122223333', regions: ['eu-west-1'] }];
    return { places: { accounts, bindings: NO_BINDINGS }, scope: everything('staged'), eventMode: false };
  }
  const loaded = loadConfig(text, file);
  if (loaded.kind === 'problems') throw new Error(`${file}: ${JSON.stringify(loaded.problems)}`);
  const { aws, destinations, repositories } = loaded.config;
  const [repository] = repositories;
  const [branch] = repository?.branches ?? [];
  if (repository === undefined || branch === undefined) throw new Error(`${file} names no branch`);
  const { base, paths, exclude, order, pin, kustomize } = branch;
  const grouping = groupingOf(repository, branch);
  return {
    places: { accounts: aws.accounts, bindings: repository.bindings, origin: { url: repository.url, base } },
    scope: { paths, exclude, order, pin, kustomize, grouping, destinations, restart: repository.restart },
    eventMode: aws.truth === 'event',
  };
}

/** The index of these files, as the case's configuration reads them. */
export function indexTree({ places, scope }: GoldenRepository, tree: Tree): Index {
  const files = [...tree].map(([path, bytes]) => ({ path, facts: factsOf(bytes, scope.restart.kinds) }));
  return followPins(buildIndex(files, places, [], scope.kustomize), scope.pin);
}

const known = new Map<string, BlobFacts>();

/** Facts depend on the bytes alone, and most files of a case stay as they are. */
function factsOf(bytes: Buffer, kinds: readonly TemplateKind[]): BlobFacts {
  const key = `${JSON.stringify(kinds)}${bytes.toString('latin1')}`;
  const facts = known.get(key) ?? readBlob(bytes, kinds);
  known.set(key, facts);
  return facts;
}

/** What the case's event asks of these files. */
export async function planOn(golden: GoldenRepository, tree: Tree): Promise<MadePlan> {
  const source = {
    base: null,
    index: indexTree(golden, tree),
    readText: async (path: RepoPath) => textOf(tree.get(path)),
    accounts: golden.places.accounts,
    notes: [],
  };
  const stage = golden.event === null ? 2 : 1;
  const how = { scope: golden.scope, stage, signal: new AbortController().signal } as const;
  const secretVersions = golden.eventMode ? null : goldenVersions(golden.event, golden.aws, NOW);
  return makePlan(source, questionOf(golden), how, {
    secretVersions,
    clock: { now: () => NOW, sleep: async () => undefined },
  });
}

function textOf(bytes: Buffer | undefined): string | null {
  return bytes === undefined ? null : new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
}

function questionOf({ event }: GoldenRepository): PlanQuestion {
  return event === null ? { kind: 'all' } : { kind: 'changes', changes: changesOf(event, NOW) };
}

/** The files with the plan carried out. */
export function applied(tree: Tree, { files }: MadePlan): Tree {
  return new Map([...tree, ...files.map(({ path, after }) => [repoPath(path), Buffer.from(after, 'utf8')] as const)]);
}

/** Every file below a folder; empty where there is no folder. */
export function readTree(folder: string): Tree {
  const files = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return new Map(
    files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [repoPath(file.slice(folder.length + 1)), readFileSync(file)] as const),
  );
}

/** Makes a folder hold exactly these files. */
export function writeTree(folder: string, tree: Tree): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [path, bytes] of tree) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

function readOptional(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

function repoPath(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw new Error(`no repository path: ${text}`);
  return path;
}
