import { isDeepStrictEqual } from 'node:util';
import { loadAll } from 'js-yaml';
import type { AnnotationEdit } from '../../src/manifests/edit-annotations.ts';

type Tree = Record<string, unknown>;

/** The edit most tests make. */
export function edit(change: Partial<AnnotationEdit> = {}): AnnotationEdit {
  const place = { document: 0, item: null, kind: 'ExternalSecret', name: 'db', target: 'metadata' } as const;
  return { ...place, annotation: 'force-sync', value: 'new', ...change };
}

/** A pod template's annotation. */
export function restart(change: Partial<AnnotationEdit> = {}): AnnotationEdit {
  return edit({ kind: 'Deployment', name: 'api', target: 'template', annotation: 'x/versions', ...change });
}

/** An ExternalSecret; `rest` is what follows its name. */
export function secret(rest: string): string {
  return `kind: ExternalSecret\nmetadata:\n  name: db\n${rest}`;
}

/** A Deployment; `template` is what stands behind `template:`. */
export function deployment(template: string): string {
  return `kind: Deployment\nmetadata:\n  name: api\nspec:\n  template:${template}`;
}

/** Texts that differ in one place: each § becomes what is given. */
export function hole(text: string): (filling: string) => string {
  return (filling) => text.split('§').join(filling);
}

/** The text with CRLF line ends. */
export function crlf(text: string): string {
  return text.replaceAll('\n', '\r\n');
}

/**
 * What another YAML reader thinks of an edit: `exact` when the meaning differs in the wanted annotations alone,
 * `unknown` when it could not read the text even before, else `wrong`.
 */
export function judge(before: string, after: string, edits: readonly AnnotationEdit[]): 'exact' | 'unknown' | 'wrong' {
  const wanted = read(before);
  // It may count the documents otherwise: then it does not see the objects that are meant.
  if (wanted === null || edits.some(({ document }) => typeof wanted[document] !== 'object')) return 'unknown';
  for (const one of edits) annotate(wanted, one);
  return isDeepStrictEqual(read(after), wanted) ? 'exact' : 'wrong';
}

/** Lines of the new text that are not among `lines`, in order: each must be an old line, in the old order. */
export function keepsOtherLines(before: string, after: string, lines: readonly number[]): boolean {
  const changed = new Set(lines);
  const old = before.split(/\r?\n/);
  const kept = after.split(/\r?\n/).filter((_, index) => !changed.has(index + 1));
  let from = 0;
  return kept.every((line) => {
    from = old.indexOf(line, from) + 1;
    return from > 0;
  });
}

function read(text: string): unknown[] | null {
  try {
    // The round trip through JSON parts what aliases share, and turns dates into texts.
    return JSON.parse(JSON.stringify(loadAll(text))) as unknown[];
  } catch {
    return null;
  }
}

function annotate(documents: unknown[], wanted: AnnotationEdit): void {
  const root = documents[wanted.document] as Tree;
  if (wanted.target === 'marker') {
    const [last = '', ...above] = (wanted.keys ?? []).toReversed();
    const holder = above.toReversed().reduce<unknown>((node, key) => (node as Tree)[key], root);
    (holder as Tree)[last] = wanted.value;
    return;
  }
  const object = wanted.item === null ? root : ((root['items'] as unknown[])[wanted.item] as Tree);
  if (wanted.target === 'field') {
    setField(object, wanted.keys ?? [], wanted.value);
    return;
  }
  const steps = wanted.target === 'template' ? (wanted.template ?? ['spec', 'template']) : [];
  const holder = steps.reduce((node, step) => node[step] as Tree, object);
  if (wanted.target === 'spec') {
    (object['spec'] as Tree)[wanted.annotation] = wanted.value;
    return;
  }
  const metadata = (holder['metadata'] ?? {}) as Tree;
  holder['metadata'] = metadata;
  metadata['annotations'] = { ...((metadata['annotations'] ?? {}) as Tree), [wanted.annotation]: wanted.value };
}

function setField(object: Tree, keys: readonly (string | number)[], value: string): void {
  const [last = '', ...above] = keys.toReversed();
  let holder = object;
  for (const key of above.toReversed()) {
    holder[key] ??= {};
    holder = holder[key] as Tree;
  }
  holder[last] = value;
}
