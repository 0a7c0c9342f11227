import { type Arbitrary, type GeneratorValue, gen, integer } from 'fast-check';
import type { KustomizeMode, SecretPlaces } from '../../../../src/domain/policy.ts';
import type { RepoPath } from '../../../../src/domain/repo-path.ts';
import { buildIndex, createIndexer, type IndexedFile } from '../../../../src/manifests/build-index.ts';
import type { Index } from '../../../../src/manifests/graph.ts';
import type { BlobFacts } from '../../../../src/manifests/objects.ts';
import { readBlob } from '../../../../src/manifests/read-blob.ts';
import { repoPath } from '../../repository.ts';

/** A repository, commit after commit: of each the texts by path. */
export interface History {
  readonly places: SecretPlaces;
  readonly mode: KustomizeMode;
  readonly commits: readonly ReadonlyMap<string, string>[];
}

/** The first commit whose index, made from the one before, is not the one that is made from nothing; null where none is. */
export function firstDifference({
  places,
  mode,
  commits,
}: History): { at: number; made: string; meant: string } | null {
  const indexer = createIndexer(places, mode);
  const known = new Map<string, IndexedFile>();
  for (const [at, texts] of commits.entries()) {
    const files = [...texts].map(([path, text]) => fileOf(known, path, text));
    files.sort((left, right) => (left.path < right.path ? -1 : 1));
    const made = shown(indexer.build(files, []));
    const meant = shown(buildIndex(files, places, [], mode));
    if (made !== meant) return { at, ...aroundDifference(made, meant) };
  }
  return null;
}

function aroundDifference(made: string, meant: string): { made: string; meant: string } {
  let at = 0;
  while (made[at] === meant[at]) at += 1;
  const around = (text: string) => text.slice(Math.max(0, at - 150), at + 150);
  return { made: around(made), meant: around(meant) };
}

const FACTS = new Map<string, BlobFacts>();

/** The very same file as before where it has the same text. */
function fileOf(known: Map<string, IndexedFile>, path: string, text: string): IndexedFile {
  const facts = FACTS.get(text) ?? readBlob(new TextEncoder().encode(text));
  FACTS.set(text, facts);
  const before = known.get(path);
  const file = before?.facts === facts ? before : { path: repoPath(path), facts };
  known.set(path, file);
  return file;
}

/** Everything that an index says, in its order. */
function shown(index: Index): string {
  return JSON.stringify(index, (_key, value: unknown) => {
    if (value instanceof Map || value instanceof Set) return [value.constructor.name, ...value];
    return value;
  });
}

/** Commits that change a few files of a tree at a time: they come and go, say something else, or what another one says. */
export function randomCommits(
  tree: ReadonlyMap<string, string>,
  count: number,
): Arbitrary<readonly Map<string, string>[]> {
  return gen().map((g) => {
    const all = [...tree];
    let now = new Map(all.filter(() => g(integer, { min: 0, max: 9 }) > 0));
    const commits = [now];
    for (let at = 0; at < count; at += 1) {
      now = new Map(now);
      const files = g(integer, { min: 1, max: 3 });
      for (let one = 0; one < files; one += 1) change(g, now, all);
      commits.push(now);
    }
    return commits;
  });
}

/** The same tree as it is committed file by file, in some order. */
export function fileByFile(tree: ReadonlyMap<string, string>): Arbitrary<readonly Map<string, string>[]> {
  return gen().map((g) => {
    const left = [...tree];
    const now = new Map<string, string>();
    const commits: Map<string, string>[] = [];
    while (left.length > 0) {
      const [file] = left.splice(g(integer, { min: 0, max: left.length - 1 }), 1);
      if (file !== undefined) now.set(...file);
      commits.push(new Map(now));
    }
    return commits;
  });
}

function change(g: GeneratorValue, now: Map<string, string>, all: readonly (readonly [string, string])[]): void {
  const one = () => all[g(integer, { min: 0, max: all.length - 1 })] ?? ['', ''];
  const [path, written] = one();
  const text = now.get(path) ?? written;
  switch (g(integer, { min: 0, max: 9 })) {
    case 0:
      now.delete(path);
      break;
    case 1:
      now.set(path, written);
      break;
    case 2:
      now.set(`${path.slice(0, path.lastIndexOf('/') + 1)}${g(integer, { min: 0, max: 2 })}.yaml`, one()[1]);
      break;
    case 3:
      now.set(path, one()[1]);
      break;
    case 4:
      now.set(path, `${text}\n---\n${one()[1]}`.slice(0, 20_000));
      break;
    case 5:
      now.set(path, text.replace(/^( *)metadata:$/m, '$1metadata:\n$1  annotations: {force-sync: "2"}'));
      break;
    case 6:
      now.set(
        path,
        text.replaceAll(/\bname: (\w+)/g, (field, name: string) => (name.length % 2 === 0 ? field : `name: ${name}x`)),
      );
      break;
    default:
      now.set(path, text.replace(/\bkey: (\S)/, `key: ${g(integer, { min: 0, max: 3 })}/$1`));
  }
}

/** Trees side by side, each in a folder of its own. */
export function sideBySide(trees: readonly ReadonlyMap<RepoPath, Buffer>[]): ReadonlyMap<string, string> {
  const isOne = trees.length === 1;
  return new Map(
    trees.flatMap((tree, at) =>
      [...tree].map(([path, bytes]) => [isOne ? path : `${'abc'[at]}/${path}`, bytes.toString('utf8')] as const),
    ),
  );
}
