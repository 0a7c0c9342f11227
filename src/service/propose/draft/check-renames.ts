import { plainText } from '../../../domain/plain-text.ts';
import type { RepoPath } from '../../../domain/repo-path.ts';
import type { Index } from '../../../manifests/graph.ts';
import { secretMentions } from '../../../manifests/indexing/pins/secret-mentions.ts';
import { useOfEntry } from '../../../manifests/indexing/tree-entry.ts';
import type { Edit, Obstacle } from '../../../plan/plan.ts';
import type { ReadText } from './draft-edits.ts';
import { findObject } from './find-object.ts';

/** How many files are looked through for one Secret: each of them is read. */
const MAX_FILES = 2000;

const HINT = 'Write pin: version, which renames nothing, or let nothing but workloads name the Secret there.';

/**
 * Looks through the files around each Secret that is renamed, for what names it and is not renamed with it: other kinds of objects,
 * Helm values, patches. Such a Secret keeps its name, and its object is left alone.
 */
export async function checkRenames(
  edits: readonly Edit[],
  index: Index,
  readText: ReadText,
): Promise<readonly { readonly edit: Edit; readonly obstacle: Obstacle }[]> {
  const known = new Set(edits.flatMap(renamedPlaces));
  const refused: { readonly edit: Edit; readonly obstacle: Obstacle }[] = [];
  for (const edit of edits) {
    const target = edit.fields?.find(({ field }) => field === 'spec.target.name');
    if (target === undefined) continue;
    const reason = await whyNot({ edit, name: target.before ?? edit.name, known }, index, { edits, readText });
    if (reason !== null) refused.push({ edit, obstacle: { code: 'pin-refused', reason, hint: HINT } });
  }
  return refused;
}

interface Renamed {
  readonly edit: Edit;
  /** The name that the Secret has on the base. */
  readonly name: string;
  /** Every place that is renamed. */
  readonly known: ReadonlySet<string>;
}

async function whyNot(
  { edit, name, known }: Renamed,
  index: Index,
  { edits, readText }: { readonly edits: readonly Edit[]; readonly readText: ReadText },
): Promise<string | null> {
  const object = findObject(
    index.externalSecrets.map((one) => one.object),
    edit,
  );
  const used = edits.filter(({ fields = [] }) => fields.some(({ before }) => before === name)).map(({ path }) => path);
  const folder = folderAround([edit.path, ...used, ...(object?.roots ?? [])]);
  const files = manifestsIn(index, folder);
  const where = folder === '' ? 'the repository' : `${folder}/`;
  if (files.length > MAX_FILES)
    return `${where} has more than ${MAX_FILES} manifests to be looked through for its Secret.`;
  const secret = `Secret ${plainText(name, 260)}`;
  // Where a kustomization sets the namespace, what a manifest says of it means nothing.
  const namespace = object?.namespace === edit.namespace ? edit.namespace : null;
  for (const path of files) {
    const found = secretMentions((await readText(path)) ?? '', name, namespace);
    if (found.kind === 'unreadable') return `${path} cannot be read, and may name ${secret}.`;
    const other = found.mentions.find(({ document, keys }) => !known.has(placeKey(path, document, keys)));
    if (other === undefined) continue;
    return `${path} names ${secret} in ${plainText(other.keys.join('.'), 200)}, which is not renamed with it.`;
  }
  return null;
}

function manifestsIn({ paths = [] }: Index, folder: string): readonly RepoPath[] {
  const inside = paths.filter((path) => folder === '' || path.startsWith(`${folder}/`));
  return inside.filter((path) => useOfEntry({ path, mode: '100644' }).kind === 'read').toSorted();
}

/** The innermost folder that holds all these files; the empty text is the repository itself. */
function folderAround(paths: readonly RepoPath[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1));
  const differs = (at: number) => others.some((other) => other[at] !== first[at]);
  const end = first.findIndex((_, at) => differs(at));
  return (end === -1 ? first : first.slice(0, end)).join('/');
}

function renamedPlaces({ path, document, item, fields = [] }: Edit): readonly string[] {
  const above = item === null ? [] : ['items', item];
  return fields.map(({ keys }) => placeKey(path, document, [...above, ...keys]));
}

function placeKey(path: string, document: number, keys: readonly (string | number)[]): string {
  return JSON.stringify([path, document, keys]);
}
