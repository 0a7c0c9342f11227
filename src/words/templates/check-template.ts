import { plainText } from '../../domain/plain-text.ts';
import {
  MAX_TEMPLATE,
  type ParsedTemplate,
  type Place,
  parseTemplate,
  type TemplateTrouble,
  unknown,
} from './liquid-template.ts';
import { sampleSubjects } from './sample-subjects.ts';
import { type PlacedSubject, templateFacts } from './template-facts.ts';
import { COMMON_NAMES, LOOP_NAMES, VARIABLES, type Variable } from './variables.ts';

/** What is wrong with a template that a person wrote; null where nothing is. It is parsed, its names are looked up, and it is tried. */
export function checkTemplate(text: string, place: Place): TemplateTrouble | null {
  const before = checkText(text, place);
  if (before !== null) return before;
  const parsed = parseTemplate(text, place);
  if (parsed.kind === 'trouble') return parsed.trouble;
  return checkNames(parsed.template) ?? tryOut(parsed.template);
}

function checkText(text: string, place: Place): TemplateTrouble | null {
  if (text.trim() === '') return trouble('it is empty', 'leave the key out for our own words');
  if (text.length > MAX_TEMPLATE) return trouble(`it is longer than ${MAX_TEMPLATE} characters`, null);
  const at = text.search(/[^\P{Cc}\n\r\t]/u);
  if (at !== -1) return { ...placeIn(text, at), message: 'a control character stands here', hint: 'take it out' };
  const end = text.trim().search(/[\r\n]/);
  return place === 'line' && end !== -1 ? trouble('it has more than one line', 'join its lines') : null;
}

/** Names that are known are looked up by the closed list; of what a template names itself, the properties. */
function checkNames({ place, names: { variables, globals } }: ParsedTemplate): TemplateTrouble | null {
  const known = VARIABLES.filter((one) => one.place === undefined || one.place === place);
  const names = known.map(({ name }) => name);
  for (const [name, uses] of Object.entries(variables)) {
    const given = new Set((Object.hasOwn(globals, name) ? (globals[name] ?? []) : []).map((one) => one.location));
    for (const { location, segments } of uses) {
      const at = { line: location.row, column: location.col };
      const variable = given.has(location) ? known.find((one) => one.name === name) : null;
      if (variable === undefined) return unknown('variable', { name, ...at }, names);
      const allowed = variable === null ? propertiesOfAny(known) : propertiesOf(variable);
      const wrong = segments.slice(1).find((part) => typeof part === 'string' && !allowed.includes(part));
      if (wrong === undefined) continue;
      const paths = allowed.map((one) => `${name}.${one}`);
      return unknown('variable', { name: `${name}.${String(wrong)}`, ...at }, paths);
    }
  }
  return null;
}

function propertiesOf({ kind, properties = [] }: Variable): readonly string[] {
  if (kind === 'list') return [...properties, ...COMMON_NAMES];
  return kind === 'text' ? ['size'] : properties;
}

/** Of what a loop or an assignment names, what it holds is not known. */
function propertiesOfAny(known: readonly Variable[]): readonly string[] {
  return [...new Set([...known.flatMap(({ properties = [] }) => properties), ...LOOP_NAMES, ...COMMON_NAMES])];
}

/** Rendered for both stages: what is too slow or too large then is so at work. One stage may be left to our own words. */
function tryOut(template: ParsedTemplate): TemplateTrouble | null {
  let isEmpty = true;
  for (const about of sampleSubjects()) {
    const { text, why } = rendered(template, about);
    if (text === null) return trouble(`it cannot be rendered: ${why}`, null);
    if (text.trim() !== '') isEmpty = false;
    if (template.place === 'body' && isLeftOpen(text)) {
      const message = `it leaves a code fence, a comment or <details> open in stage ${about.stage}`;
      return trouble(message, 'close it: what machines read follows');
    }
  }
  return isEmpty ? trouble('it says nothing in either stage', null) : null;
}

function rendered(template: ParsedTemplate, about: PlacedSubject) {
  try {
    return { text: template.render(templateFacts(about, template.place, 5)), why: '' };
  } catch (error) {
    return { text: null, why: whyNotRendered(error) };
  }
}

/** A failure to render, in a few words. */
export function whyNotRendered(error: unknown): string {
  const said = error instanceof Error ? error.message.replace(/, line:\d+, col:\d+$/, '') : 'it failed';
  return plainText(said, 120);
}

/** True for Markdown that would swallow what is put behind it. */
export function isLeftOpen(markdown: string): boolean {
  const fences = markdown.match(/^ {0,3}(?:```|~~~)/gm)?.length ?? 0;
  const count = (sign: string) => markdown.split(sign).length - 1;
  return fences % 2 === 1 || count('<!--') !== count('-->') || count('<details') !== count('</details');
}

function placeIn(text: string, at: number) {
  const lines = text.slice(0, at).split('\n');
  return { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
}

function trouble(message: string, hint: string | null): TemplateTrouble {
  return { message, line: 1, column: 1, hint };
}
