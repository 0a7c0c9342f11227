import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml';
import { createLexemeNotes, type LexemeNotes } from './lexeme-notes.ts';

/** How the composer builds its documents. */
export type ParseOptions = NonNullable<ConstructorParameters<typeof Composer>[0]>;

/** A text as far as it was read: to its end, or to where nothing after it could change the answer. */
export interface Stream {
  readonly documents: readonly Document.Parsed[];
  readonly lineCounter: LineCounter;
  readonly notes: LexemeNotes;
  /** Errors where the text holds no document at all. */
  readonly strayErrors: readonly { readonly pos: readonly [number, number]; readonly message: string }[];
  /** A limit that was passed; nothing else counts then. `line` from 1, null where the whole text is meant. */
  readonly excess: { readonly message: string; readonly line: number | null } | null;
  /** How many pieces of text the parser was given. */
  readonly lexemes: number;
}

/** The deepest nesting of maps and lists; recursion over a parsed text is at most this deep. */
export const MAX_NESTING_DEPTH = 200;

const MAX_DOCUMENTS = 2000;
// A megabyte of ordinary manifests has about 250,000; text made of brackets alone would keep the parser busy for seconds.
const MAX_LEXEMES = 600_000;
// Each is an exception with a stack; only the first is ever shown.
const MAX_ERRORS = 100;
// Nobody writes more than two or three; each that is unknown becomes a warning with a stack.
const MAX_DIRECTIVES = 100;

// What may not follow a value on its line.
const UNEXPECTED: ReadonlySet<string> = new Set([
  'scalar',
  'single-quoted-scalar',
  'double-quoted-scalar',
  'alias',
  'anchor',
  'tag',
  'flow-map-start',
  'flow-seq-start',
]);

/**
 * What `parseAllDocuments` does, step by step, so that it can stop: the composer recurses, and close to the end of the
 * stack the engine may abort the whole process instead of throwing.
 */
export function composeStream(text: string, options: ParseOptions): Stream {
  const lineCounter = new LineCounter();
  lineCounter.addNewLine(0);
  const parser = new Parser(lineCounter.addNewLine);
  const composer = new Composer(options);
  const notes = createLexemeNotes();
  const documents: Document.Parsed[] = [];
  let lexemes = 0;
  let errors = 0;
  let directives = 0;
  const streamOf = (excess: Stream['excess']): Stream => {
    const strayErrors = documents.length === 0 ? composer.streamInfo().errors : [];
    return { documents, lineCounter, notes, strayErrors, excess, lexemes };
  };
  for (const lexeme of new Lexer().lex(text)) {
    notes.see(lexeme, parser.offset);
    for (const token of parser.next(lexeme)) {
      if (token.type === 'error') errors += 1;
      if (token.type === 'directive') directives += 1;
      documents.push(...composer.next(token));
    }
    if (standsAfterValue(parser)) errors += 1;
    lexemes += 1;
    if (parser.stack.length > MAX_NESTING_DEPTH) {
      const { line } = lineCounter.linePos(parser.offset);
      return streamOf({ message: `nested more than ${MAX_NESTING_DEPTH} levels deep`, line });
    }
    if (documents.length > MAX_DOCUMENTS || lexemes > MAX_LEXEMES || directives > MAX_DIRECTIVES) {
      return streamOf({ message: 'too many documents, keys or values', line: null });
    }
    if (errors > MAX_ERRORS) break;
  }
  for (const token of parser.end()) documents.push(...composer.next(token));
  documents.push(...composer.end());
  return streamOf(null);
}

/** True when the last lexeme came after a value that had ended: the composer will find an error in each such lexeme. */
function standsAfterValue({ stack }: Parser): boolean {
  const top = stack.at(-1);
  const last = top !== undefined && 'end' in top ? top.end?.at(-1) : undefined;
  return last !== undefined && UNEXPECTED.has(last.type);
}
