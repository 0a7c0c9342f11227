import { type Document, isMap, isScalar, isSeq, type ParsedNode } from 'yaml';

/**
 * Finds Go-template braces (`{{`) that a template engine would replace before anybody reads the text as YAML.
 * Braces in quotes, block scalars and comments are data. Braces in a plain scalar are data too, but only inside an
 * ExternalSecret's `target.template`, which External Secrets Operator itself fills in.
 */
export interface BraceFinder {
  /** Takes the lexemes of a text in order, each with its offset. */
  see(lexeme: string, offset: number): void;
  /** The offset of the first `{{` read as flow maps: no YAML that a person meant. */
  readonly structural: number | null;
  /** The offset of the first plain scalar that holds `{{`. */
  readonly plain: number | null;
}

/** The lexer's mark "a scalar follows": plain, or a block scalar's content when its header came before. */
const SCALAR_FOLLOWS = '\u001f';

export function createBraceFinder(): BraceFinder {
  let structural: number | null = null;
  let plain: number | null = null;
  let previous = '';
  let inBlockScalar = false;
  return {
    see: (lexeme, offset) => {
      if (previous === SCALAR_FOLLOWS) {
        if (!inBlockScalar && plain === null && lexeme.includes('{{')) plain = offset + lexeme.indexOf('{{');
        inBlockScalar = false;
        previous = '';
        return;
      }
      if (lexeme === '{' && previous === '{' && structural === null) structural = offset - 1;
      if (lexeme.startsWith('|') || lexeme.startsWith('>')) inBlockScalar = true;
      previous = lexeme;
    },
    get structural() {
      return structural;
    },
    get plain() {
      return plain;
    },
  };
}

/** The offset of the first plain scalar with `{{` that stands outside every `target.template`, or null. */
export function findTemplatedPlain(document: Document.Parsed): number | null {
  return inNode(document.contents, []);
}

function inNode(node: ParsedNode | null, path: readonly string[]): number | null {
  if (isScalar(node)) return node.type === 'PLAIN' && node.source.includes('{{') ? node.range[0] : null;
  if (isSeq(node)) return firstFound(node.items, (item) => inNode(item, path));
  if (!isMap(node)) return null;
  return firstFound(node.items, (pair) => {
    const key = isScalar(pair.key) ? pair.key.source : '';
    if (key === 'template' && path.at(-1) === 'target') return null;
    return inNode(pair.key, path) ?? inNode(pair.value, [key]);
  });
}

function firstFound<T>(items: readonly T[], find: (item: T) => number | null): number | null {
  for (const item of items) {
    const found = find(item);
    if (found !== null) return found;
  }
  return null;
}
