import { type CST, isMap, LineCounter, type Node, Parser, parseDocument, visit, type YAMLError } from 'yaml';
import { plainText } from '../../domain/plain-text.ts';
import type { Problem } from '../../domain/problem.ts';

/** Where something stands; from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type YamlFile =
  | { readonly kind: 'node'; readonly root: Node; readonly placeOf: (offset: number) => Place }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

const MAX_CHARACTERS = 128 * 1024;
const MAX_DEPTH = 40;

/**
 * Parses one YAML document that is a mapping. Refuses what no config needs and what could exhaust us: large texts, deep
 * nesting, aliases, tags, several documents. Messages never quote the text.
 */
export function readYamlFile(text: string, file: string): YamlFile {
  const refuse = (message: string, hint: string | null, place: Place | null = null): YamlFile => ({
    kind: 'problems',
    problems: [{ message, file, line: place?.line ?? null, column: place?.column ?? null, hint }],
  });
  if (text.length > MAX_CHARACTERS) return refuse(`the file is longer than ${MAX_CHARACTERS} characters`, null);
  // Before composing: the composer recurses, and running out of stack inside V8 can end the whole process.
  if (depthOf(text) > MAX_DEPTH) return refuse(`the file is nested deeper than ${MAX_DEPTH} levels`, null);

  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(Math.max(offset, 0), text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Duplicate keys are found by the sections, in linear time; the parser's own check is quadratic.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) => ({
    ...wordsOf(error),
    file,
    ...placeOf(error.pos[0]),
  }));
  visit(document, {
    Alias: (_, node) => {
      const place = placeOf(node.range?.[0] ?? 0);
      problems.push({ message: 'aliases are not supported', file, ...place, hint: 'write the value out' });
    },
  });
  if (problems.length > 0) return { kind: 'problems', problems };
  const root = document.contents;
  if (!isMap(root)) {
    const hint = 'begin with apiVersion: gitops-reloader.dev/v1alpha1';
    return refuse('the file is not a mapping', hint, placeOf(root?.range?.[0] ?? 0));
  }
  return { kind: 'node', root, placeOf };
}

/** The parser speaks to programmers where a second document begins. */
function wordsOf({ code, message }: YAMLError): Pick<Problem, 'message' | 'hint'> {
  if (code === 'MULTIPLE_DOCS') {
    return { message: 'a second YAML document begins here', hint: 'keep one document in the file' };
  }
  const hint = code === 'TAB_AS_INDENT' ? 'indent with spaces' : null;
  return { message: `not valid YAML: ${withoutQuote(message)}`, hint };
}

/** How deep collections are nested, measured without recursion. */
function depthOf(text: string): number {
  let deepest = 0;
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) waiting.push({ token, depth: 0 });
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    deepest = Math.max(deepest, depth);
    for (const child of childrenOf(token)) waiting.push({ token: child, depth: depth + 1 });
  }
  return deepest;
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((child) => child !== null && child !== undefined));
}

/** The parser's message up to where it begins to quote the text. */
function withoutQuote(message: string): string {
  return plainText(message.replace(/(?::? "|: |\n)[^]*$/, ''), 120);
}
