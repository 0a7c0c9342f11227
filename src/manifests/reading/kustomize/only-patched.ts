import { isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Facts } from '../../objects.ts';
import type { ComposedDocument } from '../../parse/compose-plain.ts';
import { parseDocuments } from '../../parse-documents.ts';
import { namesSecretFields } from '../screen.ts';

/** In the order of `KustomizationFacts.patches`. */
const PATCHES = ['patches', 'patchesJson6902', 'patchesStrategicMerge'];

/** True for a kustomization that names fields of an ExternalSecret only in inline patches that are read as such. */
export function isOnlyPatched(
  { contents, range }: ComposedDocument,
  written: string,
  objects: readonly Facts[],
): boolean {
  const [facts] = objects;
  if (facts?.type !== 'kustomization' || !isMap(contents)) return false;
  const patches = PATCHES.flatMap((key) => contents.get(key, true) ?? []).flatMap((list) =>
    isSeq(list) ? list.items : [],
  );
  const texts = patches.map((one) => (isNode(one) && one.range ? written.slice(one.range[0], one.range[1]) : null));
  if (texts.length !== facts.patches.length || texts.includes(null)) return false;
  const isRead = texts.every((text, at) => {
    if (!namesSecretFields(text ?? '')) return true;
    const changes = facts.patches[at]?.changes ?? [];
    // What is not read as a patch has left nothing behind.
    return changes.length === documentsIn(patches[at]) && changes.every(({ touches }) => touches.externalSecret);
  });
  const inside = texts.reduce((sum, text) => sum + named(text ?? ''), 0);
  return isRead && inside === named(written.slice(range[0], range[2]));
}

/** How many documents an inline patch holds; one that cannot be read counts as one. */
function documentsIn(entry: unknown): number {
  const patch = isMap(entry) ? entry.get('patch', true) : entry;
  const parsed = isScalar(patch) && typeof patch.value === 'string' ? parseDocuments(patch.value) : null;
  if (parsed === null) return 0;
  return parsed.kind === 'unreadable' ? 1 : parsed.documents.filter(({ contents }) => !isEmpty(contents)).length;
}

function isEmpty(contents: unknown): boolean {
  return contents === null || (isScalar(contents) && contents.value === null);
}

const SECRET_FIELD = /\b(?:remoteRef|dataFrom|secretStoreRef)\b/g;

function named(text: string): number {
  return text.match(SECRET_FIELD)?.length ?? 0;
}
