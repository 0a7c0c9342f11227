import { plainText } from '../domain/plain-text.ts';

/**
 * A hostile text as inline code in Markdown. Everything but letters, digits and a few harmless signs becomes an HTML
 * entity inside `<code>`: no table cell is left, nothing is rendered, nobody is mentioned, nothing is linked.
 */
export function code(text: string, limit = 300): string {
  return `<code>${plainText(text, limit).replaceAll(/[^A-Za-z0-9 /_.-]/gu, entity)}</code>`;
}

/**
 * A hostile text as prose. Signs that Markdown or HTML give a meaning become entities, and `@` and `#` are cut off from
 * what follows, since a forge looks for mentions after the entities are decoded.
 */
export function prose(text: string, limit = 600): string {
  return plainText(text, limit)
    .replaceAll(/[^A-Za-z0-9 /.,;()'%"=+-]/gu, (sign) => (/[@#]/.test(sign) ? `${entity(sign)}<!-- -->` : entity(sign)))
    .replaceAll(/www\./gi, (found) => `${found.slice(0, 3)}&#46;`);
}

/** A hostile text as a Mermaid label, with Mermaid's own entities. */
export function mermaidLabel(text: string, limit = 80): string {
  return plainText(text, limit).replaceAll(/[^A-Za-z0-9 /_.-]/gu, (sign) => entity(sign).slice(1));
}

/** At most `limit` rows, and a last line that says how many more there are. */
export function boundedTable(header: readonly string[], rows: readonly (readonly string[])[], limit: number): string {
  const lines = rows.slice(0, limit).map((row) => `| ${row.join(' | ')} |`);
  const more = rows.length > limit ? [`\n… and ${rows.length - limit} more.`] : [];
  return [`| ${header.join(' | ')} |`, `|${' --- |'.repeat(header.length)}`, ...lines, ...more].join('\n');
}

function entity(character: string): string {
  return `&#${character.codePointAt(0)};`;
}
