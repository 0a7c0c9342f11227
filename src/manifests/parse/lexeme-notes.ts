/** What a text shows below the level of values: braces of a template engine, comments, aliases. */
export interface LexemeNotes {
  /** Takes the lexemes of a text in order, each with its offset. */
  see(lexeme: string, offset: number): void;
  /** The offset of the first `{{` that reads as two flow maps: no YAML that a person meant. */
  readonly flowBraces: number | null;
  /** The offset of the first `{{` in a plain scalar. Braces in quotes, block scalars and comments are data. */
  readonly plainBraces: number | null;
  /** Every comment, from its `#` on, in order. */
  readonly comments: readonly string[];
  /** Where each of them begins. */
  readonly commentOffsets: readonly number[];
  /** The name of every anchor that some alias stands for. */
  readonly aliases: ReadonlySet<string>;
}

/** The lexer's mark "a scalar follows": a plain one, or a block scalar's content when its header came before. */
const SCALAR_FOLLOWS = '\u001f';

/** Collects the notes while a text is lexed. */
export function createLexemeNotes(): LexemeNotes {
  let flowBraces: number | null = null;
  let plainBraces: number | null = null;
  let previous = '';
  let inBlockScalar = false;
  const comments: string[] = [];
  const commentOffsets: number[] = [];
  const aliases = new Set<string>();
  const seeScalar = (scalar: string, offset: number): void => {
    if (!inBlockScalar && plainBraces === null && scalar.includes('{{')) plainBraces = offset + scalar.indexOf('{{');
    inBlockScalar = false;
    previous = '';
  };
  return {
    see: (lexeme, offset) => {
      if (previous === SCALAR_FOLLOWS) {
        seeScalar(lexeme, offset);
        return;
      }
      if (lexeme === '{' && previous === '{') flowBraces ??= offset - 1;
      if (lexeme.startsWith('|') || lexeme.startsWith('>')) inBlockScalar = true;
      if (lexeme.startsWith('#')) {
        comments.push(lexeme);
        commentOffsets.push(offset);
      }
      if (lexeme.startsWith('*')) aliases.add(lexeme.slice(1));
      previous = lexeme;
    },
    get flowBraces() {
      return flowBraces;
    },
    get plainBraces() {
      return plainBraces;
    },
    comments,
    commentOffsets,
    aliases,
  };
}
