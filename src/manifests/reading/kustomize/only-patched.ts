import { type Document, isMap, isNode, isSeq } from 'yaml';
import type { Facts } from '../../objects.ts';
import { namesSecretFields } from '../screen.ts';

/** In the order of `KustomizationFacts.patches`. */
const PATCHES = ['patches', 'patchesJson6902', 'patchesStrategicMerge'];

/** True for a kustomization that names fields of an ExternalSecret only in inline patches that are read as such. */
export function isOnlyPatched(
  { contents, range }: Document.Parsed,
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
    const changes = facts.patches[at]?.changes ?? [];
    const isOfSecret = changes.length > 0 && changes.every(({ touches }) => touches.externalSecret);
    return isOfSecret || !namesSecretFields(text ?? '');
  });
  const inside = texts.reduce((sum, text) => sum + named(text ?? ''), 0);
  return isRead && inside === named(written.slice(range[0], range[2]));
}

const SECRET_FIELD = /\b(?:remoteRef|dataFrom|secretStoreRef)\b/g;

function named(text: string): number {
  return text.match(SECRET_FIELD)?.length ?? 0;
}
