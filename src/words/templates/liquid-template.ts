import { Liquid, type StaticAnalysis, type Template } from 'liquidjs';
import { plainText } from '../../domain/plain-text.ts';
import { nearest } from '../../domain/spelling/nearest.ts';
import { code, prose } from '../markdown.ts';
import { lineText } from './line-text.ts';

/** Where a template's text goes: a body is Markdown, a line is a subject or a title. */
export type Place = 'body' | 'line';

/** What is wrong with a template, and where in it; lines and columns from 1. */
export interface TemplateTrouble {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly hint: string | null;
}

/** A template that can be used. */
export interface ParsedTemplate {
  readonly place: Place;
  readonly names: Pick<StaticAnalysis, 'variables' | 'globals'>;
  /** Throws where it needs too much time or memory. */
  readonly render: (facts: object) => string;
}

export type ParseResult =
  | { readonly kind: 'template'; readonly template: ParsedTemplate }
  | { readonly kind: 'trouble'; readonly trouble: TemplateTrouble };

const OWN = Symbol('markdown of our own');

/** The one thing that a template puts into a body as it is. No template and no data can make one. */
export interface OwnMarkdown {
  readonly [OWN]: string;
}

export function ownMarkdown(markdown: string): OwnMarkdown {
  return { [OWN]: markdown };
}

/** The longest template, in characters. */
export const MAX_TEMPLATE = 16_384;

const RENDER_MILLISECONDS = 500;
const MEMORY = 4_000_000;
const MAX_WRITTEN = 1_000_000;

/** No tag reads a file or takes another template; none writes past the neutralising of what is written. */
const TAGS = ['if', 'unless', 'case', 'for', 'break', 'continue', 'assign', 'comment', 'raw', '#'];

/** No filter knows the time, draws lots, or hands on what is written as it is. `code` is ours. */
const FILTERS =
  'append capitalize compact default downcase first join last map minus plus prepend remove replace reverse size slice sort split strip truncate uniq upcase url_encode where'.split(
    ' ',
  );

/** What may stand in a template, for its documentation: names of tags and of filters. */
export const LANGUAGE = { tags: TAGS.filter((tag) => tag !== '#'), filters: [...FILTERS, 'code'].toSorted() };

/**
 * Parses a template of the Liquid language: own properties only, no files, closed lists of tags and filters, bounded. Whatever
 * it writes of its facts is neutralised for its place after all filters, so that none of them can undo it.
 */
export function parseTemplate(text: string, place: Place): ParseResult {
  const engine = createEngine(place);
  try {
    const parsed: readonly Template[] = engine.parse(text);
    const names = engine.analyzeSync([...parsed], { partials: false });
    const render = (facts: object) => bounded(engine.renderSync([...parsed], facts));
    return { kind: 'template', template: { place, names, render } };
  } catch (error) {
    return { kind: 'trouble', trouble: troubleOf(error, engine) };
  }
}

/** What a failure says of a template's text, in words of our own where it is a frequent one. */
function troubleOf(error: unknown, { tags, filters }: Pick<Liquid, 'tags' | 'filters'>): TemplateTrouble {
  const [line, column] = positionOf(error);
  const said = error instanceof Error ? error.message.replace(/, line:\d+, col:\d+$/, '') : 'it failed';
  const tag = /^tag "(.*)" not found$/.exec(said)?.[1];
  const filter = /^undefined filter: (.*)$/.exec(said)?.[1];
  if (tag !== undefined) return unknown('tag', { name: tag, line, column }, Object.keys(tags));
  if (filter !== undefined) return unknown('filter', { name: filter, line, column }, Object.keys(filters));
  if (error instanceof RangeError) return { message: 'it is nested too deeply', line, column, hint: null };
  return { message: plainText(said, 120), line, column, hint: null };
}

/** A name that there is not, and the one that was probably meant. */
export function unknown(
  what: 'tag' | 'filter' | 'variable',
  { name, line, column }: { readonly name: string; readonly line: number; readonly column: number },
  known: readonly string[],
): TemplateTrouble {
  const near = nearest(name, known);
  const hint = near === null ? `known here: ${known.toSorted().join(', ')}` : `did you mean ${near}?`;
  return { message: `unknown ${what} ${plainText(name, 60)}`, line, column, hint };
}

function createEngine(place: Place): Liquid {
  const engine = new Liquid({
    ownPropertyOnly: true,
    strictFilters: true,
    dynamicPartials: false,
    // Nothing is ever looked up in the file system.
    templates: {},
    parseLimit: MAX_TEMPLATE,
    renderLimit: RENDER_MILLISECONDS,
    memoryLimit: MEMORY,
    outputEscape: (value: unknown) => (place === 'body' ? bodyText(value) : lineText(textOf(value))),
  });
  for (const name of Object.keys(engine.tags)) if (!TAGS.includes(name)) Reflect.deleteProperty(engine.tags, name);
  for (const name of Object.keys(engine.filters)) if (!FILTERS.includes(name)) engine.unregisterFilter(name);
  if (place === 'body') {
    engine.registerFilter('code', { raw: true, handler: (value: unknown) => code(textOf(value)) });
  }
  return engine;
}

/** Asked for its length alone, a text that was put together of many is not copied yet. */
function bounded(written: unknown): string {
  if (typeof written !== 'string') return '';
  if (written.length > MAX_WRITTEN) throw new Error(`it writes more than ${MAX_WRITTEN} characters`);
  return written;
}

function bodyText(value: unknown): string {
  return isOwnMarkdown(value) ? value[OWN] : prose(textOf(value));
}

function isOwnMarkdown(value: unknown): value is OwnMarkdown {
  return typeof value === 'object' && value !== null && OWN in value;
}

/** Texts and numbers; of a list its items. Everything else is nothing. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return Array.isArray(value)
    ? value
        .slice(0, 100)
        .map(plainOf)
        .filter((item) => item !== '')
        .join(', ')
    : '';
}

function plainOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

function positionOf(error: unknown): readonly [number, number] {
  const token: unknown = typeof error === 'object' && error !== null && 'token' in error ? error.token : null;
  const isPlaced = typeof token === 'object' && token !== null && 'getPosition' in token;
  const position: unknown = isPlaced && typeof token.getPosition === 'function' ? token.getPosition() : null;
  const [line, column] = Array.isArray(position) ? position : [];
  return [typeof line === 'number' ? line : 1, typeof column === 'number' ? column : 1];
}
