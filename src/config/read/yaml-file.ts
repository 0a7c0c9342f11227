import {
  type CST,
  type Document,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  Parser,
  parseAllDocuments,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';
import { plainText } from '../../domain/plain-text.ts';
import type { Problem } from '../../domain/problem.ts';

/** Where something stands; from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type YamlFile =
  | { readonly kind: 'documents'; readonly roots: readonly YAMLMap[]; readonly placeOf: (offset: number) => Place }
  | { readonly kind: 'problems'; readonly problems: readonly Problem[] };

const MAX_CHARACTERS = 128 * 1024;
const MAX_DEPTH = 40;
const MAX_DOCUMENTS = 50;

/**
 * Parses YAML documents, each of which is a mapping; empty ones are passed over. Refuses what no config needs and what could
 * exhaust us: large texts, deep nesting, aliases, tags, very many documents. Messages never quote the text.
 */
export function readYamlFile(text: string, file: string): YamlFile {
  const refuse = (message: string, hint: string | null, place: Place | null = null): YamlFile => ({
    kind: 'problems',
    problems: [{ message, file, line: place?.line ?? null, column: place?.column ?? null, hint }],
  });
  if (text.length > MAX_CHARACTERS) return refuse(`the file is longer than ${MAX_CHARACTERS} characters`, null);
  // Before composing: the composer recurses, and running out of stack inside V8 can end the whole process.
  const { depth, documents: count } = measure(text);
  if (depth > MAX_DEPTH) return refuse(`the file is nested deeper than ${MAX_DEPTH} levels`, null);
  if (count > MAX_DOCUMENTS) return refuse(`the file holds more than ${MAX_DOCUMENTS} documents`, null);

  const lines = new LineCounter();
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(Math.min(Math.max(offset, 0), text.length));
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  // Duplicate keys are found by the sections, in linear time; the parser's own check is quadratic.
  const parsed = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false });
  const documents: readonly Document[] = 'empty' in parsed ? [] : parsed;
  const problems = documents.flatMap((document) => problemsOf(document, file, placeOf));
  if (problems.length > 0) return { kind: 'problems', problems };
  const contents = documents.flatMap((document) => contentOf(document) ?? []);
  const [wrong] = contents.filter((content) => !isMap(content));
  if (wrong !== undefined || contents.length === 0) {
    return refuse('the file is not a mapping', BEGIN, placeOf(wrong?.range?.[0] ?? 0));
  }
  return { kind: 'documents', roots: contents.filter((content) => isMap(content)), placeOf };
}

/** Null for a document that is empty, or has nothing but comments. */
function contentOf({ contents }: Document): Node | null {
  return isScalar(contents) && contents.value === null ? null : contents;
}

const BEGIN = 'begin with apiVersion: gitops-reloader.dev/v1alpha1';

function problemsOf(document: Document, file: string, placeOf: (offset: number) => Place): readonly Problem[] {
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
  return problems;
}

function wordsOf({ code, message }: YAMLError): Pick<Problem, 'message' | 'hint'> {
  const hint = code === 'TAB_AS_INDENT' ? 'indent with spaces' : null;
  return { message: `not valid YAML: ${withoutQuote(message)}`, hint };
}

/** How deep collections are nested, measured without recursion, and how many documents there are. */
function measure(text: string): { readonly depth: number; readonly documents: number } {
  let deepest = 0;
  let documents = 0;
  const waiting: { readonly token: CST.Token; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) {
    if (token.type === 'document') documents += 1;
    waiting.push({ token, depth: 0 });
  }
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { token, depth } = next;
    deepest = Math.max(deepest, depth);
    for (const child of childrenOf(token)) waiting.push({ token: child, depth: depth + 1 });
  }
  return { depth: deepest, documents };
}

function childrenOf(token: CST.Token): readonly CST.Token[] {
  if (token.type === 'document') return token.value === undefined ? [] : [token.value];
  if (!('items' in token)) return [];
  return token.items.flatMap((item) => [item.key, item.value].filter((child) => child !== null && child !== undefined));
}

/** After these the parser quotes the text. */
const QUOTES = /(?::? "|: |\n| sequence \\| directive %| version |, so )[^]*$/;

/** The parser's message up to where it begins to quote the text. */
function withoutQuote(message: string): string {
  return plainText(message.replace(QUOTES, '').replace(/^The \S+ tag/, 'The tag'), 120);
}
