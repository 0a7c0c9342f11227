import type { ReplacementFacts } from '../../kustomize-facts.ts';
import { field, items, text, type View } from '../yaml-view.ts';

/** Where the replacements of one entry (or of a file with one or several) put their values. */
export function readReplacements(entry: View): readonly ReplacementFacts[] {
  const listed = items(entry) ?? [entry];
  return listed.flatMap((one) =>
    (items(field(one, 'targets')) ?? []).map((target) => ({
      select: { kind: text(field(target, 'select', 'kind')), name: text(field(target, 'select', 'name')) },
      fields: (items(field(target, 'fieldPaths')) ?? []).flatMap((path) => text(path) ?? []),
    })),
  );
}
