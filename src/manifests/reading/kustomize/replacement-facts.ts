import type {
  KustomizeSelector,
  ReplacementFacts,
  ReplacementOptions,
  ReplacementSource,
} from '../../kustomize-facts.ts';
import { field, isTrue, items, text, type View } from '../yaml-view.ts';

/** What Kustomize takes where no field is named. */
const NAME = 'metadata.name';

/** Where the replacements of one entry (or of a file with one or several) put their values. */
export function readReplacements(entry: View): readonly ReplacementFacts[] {
  const listed = items(entry) ?? [entry];
  return listed.flatMap((one) => {
    const targets = items(field(one, 'targets')) ?? [];
    const source = targets.length === 0 ? null : readSource(field(one, 'source'));
    return targets.map((target) => readTarget(target, source));
  });
}

function readTarget(target: View, source: ReplacementSource | null): ReplacementFacts {
  const fields = (items(field(target, 'fieldPaths')) ?? []).flatMap((path) => text(path) ?? []);
  const options = field(target, 'options');
  return {
    select: readSelector(field(target, 'select')),
    reject: (items(field(target, 'reject')) ?? []).map((one) => readSelector(one)),
    fields: fields.length === 0 ? [NAME] : fields,
    options: { ...readOptions(options), isCreated: isTrue(field(options, 'create')) },
    source,
  };
}

/** Only what objects say: a value that stands in the replacement itself is of a later Kustomize. */
function readSource(source: View | null): ReplacementSource | null {
  if (source === null) return null;
  return {
    select: readSelector(source),
    field: text(field(source, 'fieldPath')) || NAME,
    options: readOptions(field(source, 'options')),
  };
}

function readOptions(options: View | null): ReplacementOptions {
  const index = Number(text(field(options, 'index')) ?? '0');
  return { delimiter: text(field(options, 'delimiter')) ?? '', index: Number.isSafeInteger(index) ? index : 0 };
}

/** What a `target`, a `select` or a `source` says of the objects it means. */
export function readSelector(view: View | null): KustomizeSelector {
  const said = (key: string): string | null => text(field(view, key)) || null;
  const more = [
    ['group', said('group')],
    ['version', said('version')],
    ['namespace', said('namespace')],
    ['labels', said('labelSelector')],
    ['annotations', said('annotationSelector')],
  ] as const;
  return {
    kind: said('kind'),
    name: said('name'),
    ...Object.fromEntries(more.flatMap(([key, value]) => (value === null ? [] : [[key, value]]))),
  };
}
