import { type Document, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';

/**
 * The offset of the first plain scalar with `{{` that stands outside every `target.template`, or null. Inside an
 * ExternalSecret's `target.template` the braces are data: External Secrets Operator itself fills them in. So they are in an
 * ApplicationSet, which Argo CD fills in.
 */
export function findTemplatedPlain(document: Document.Parsed): number | null {
  return isApplicationSet(document.contents) ? null : inNode(document.contents, '');
}

function isApplicationSet(root: ParsedNode | null): boolean {
  if (!isMap(root)) return false;
  const says = (name: string, pattern: RegExp) =>
    root.items.some(
      ({ key, value }) => isScalar(key) && key.source === name && isScalar(value) && pattern.test(value.source),
    );
  return says('kind', /^ApplicationSet$/) && says('apiVersion', /^argoproj\.io\//);
}

function inNode(node: ParsedNode | null, parentKey: string): number | null {
  if (isScalar(node)) return node.type === 'PLAIN' && node.source.includes('{{') ? node.range[0] : null;
  if (isSeq(node)) return firstFound(node.items, (item) => inNode(item, ''));
  if (!isMap(node)) return null;
  return firstFound(node.items, (pair) => {
    const key = isScalar(pair.key) ? pair.key.source : '';
    if (key === 'template' && parentKey === 'target') return null;
    return inNode(pair.key, '') ?? inNode(pair.value, key);
  });
}

function firstFound<T>(items: readonly T[], find: (item: T) => number | null): number | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
