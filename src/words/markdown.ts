import { plainText } from '../domain/plain-text.ts';

/**
 * A hostile text as inline code in Markdown. Everything but letters, digits and a few harmless signs becomes an HTML
 * entity inside `<code>`: no table cell is left, nothing is rendered, nobody is mentioned, nothing is linked. Mail and www
 * addresses are cut by an empty comment: a forge looks for them here too, after the entities are decoded.
 */
export function code(text: string, limit = 300): string {
  const signs = plainText(text, limit).replaceAll(/[^A-Za-z0-9 /.-]/gu, entity);
  return `<code>${signs.replaceAll('&#64;', `$&${CUT}`).replaceAll(/(www)(?=\.)/gi, `$1${CUT}`)}</code>`;
}

/**
 * A hostile text as prose. Signs that Markdown or HTML give a meaning become entities. A forge looks for mentions, issues,
 * emoji and links after the entities are decoded: there the text is cut by an empty comment.
 */
export function prose(text: string, limit = 600): string {
  return (
    plainText(text, limit)
      .replaceAll(/[^A-Za-z0-9 /.,;()'%"=+-]/gu, entity)
      // Nothing begins a list, a heading, a rule or a block of code where it stands first in its line, or breaks the line at its end.
      .replaceAll(/^[ =+-]|(?<=^\d{1,9})[.)]| $/g, entity)
      .replaceAll(/&#(?:64|35);|&#58;(?=\S)/g, `$&${CUT}`)
      .replaceAll(/(www|gh)(?=\.|-\d)/gi, `$1${CUT}`)
  );
}

const CUT = '<!-- -->';

/** A hostile text as a Mermaid label, with Mermaid's own entities. */
export function mermaidLabel(text: string, limit = 80): string {
  return plainText(text, limit).replaceAll(/[^A-Za-z0-9 /_.-]/gu, (sign) => entity(sign).slice(1));
}

/** A table with at most `limit` rows. */
export interface BoundedTable<T> {
  readonly header: readonly string[];
  readonly items: readonly T[];
  /** The cells of one item, safe for Markdown. */
  readonly row: (item: T) => readonly string[];
  readonly limit: number;
}

/** The longest table that is shown at once. */
const UNFOLDED = 10;

/** The table in Markdown, folded where it is long, and a last line that says how many more rows there are. */
export function boundedTable<T>({ header, items, row, limit }: BoundedTable<T>): string {
  const shown = items.slice(0, limit);
  const rows = [header, header.map(() => '---'), ...shown.map(row)].map((cells) => `| ${cells.join(' | ')} |`);
  const table = rows.join('\n');
  const more = items.length > limit ? ['', `… and ${items.length - limit} more.`] : [];
  return [shown.length > UNFOLDED ? folded(`${shown.length} rows`, table) : table, ...more].join('\n');
}

/** Markdown that a reader unfolds. */
export function folded(summary: string, markdown: string): string {
  return `<details><summary>${summary}</summary>\n\n${markdown}\n\n</details>`;
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
