import { type Document, isAlias, isMap, isSeq, type ParsedNode } from 'yaml';

/**
 * The offset of the first alias whose anchor does not stand complete before it, or null. The parser accepts both an
 * alias without anchor and an alias inside its own anchor; the second would make following aliases endless.
 */
export function findUnknownAlias(document: Document.Parsed): number | null {
  return inNode(document.contents, new Set());
}

function inNode(node: ParsedNode | null, anchors: Set<string>): number | null {
  if (node === null) return null;
  if (isAlias(node)) return anchors.has(node.source) ? null : node.range[0];
  const found = inChildren(node, anchors);
  if (node.anchor !== undefined) anchors.add(node.anchor);
  return found;
}

function inChildren(node: ParsedNode, anchors: Set<string>): number | null {
  if (isSeq(node)) {
    for (const item of node.items) {
      const found = inNode(item, anchors);
      if (found !== null) return found;
    }
  } else if (isMap(node)) {
    for (const pair of node.items) {
      const found = inNode(pair.key, anchors) ?? inNode(pair.value, anchors);
      if (found !== null) return found;
    }
  }
  return null;
}
