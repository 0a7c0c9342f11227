import type { Plain } from '../../../reading/kustomize/plain-value.ts';
import { isPlainMap } from '../../kustomize/patch-value.ts';

/** What one application of an ApplicationSet is filled in with, by the name that its template uses. */
export type Parameters = ReadonlyMap<string, string>;

/** How a template names its parameters: `{{name}}`, or `{{.name}}` as Go does. */
export type TemplateSyntax = 'plain' | 'go';

const PLAIN = /\{\{\s*([A-Za-z0-9_.\-[\]]+)\s*\}\}/g;
const GO = /\{\{\s*(?:\.([A-Za-z0-9_.]+)|index\s+\.path\.segments\s+(\d+))\s*\}\}/g;
const MAX_FILLED = 4096;

/** A value with every parameter filled in that is known; what is more than a name stays as it is written. */
export function fillTemplate(value: Plain, parameters: Parameters, syntax: TemplateSyntax): Plain {
  if (typeof value === 'string') return fillText(value, parameters, syntax);
  if (Array.isArray(value)) return value.map((one) => fillTemplate(one, parameters, syntax));
  if (!isPlainMap(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, fillTemplate(one, parameters, syntax)]));
}

function fillText(text: string, parameters: Parameters, syntax: TemplateSyntax): string {
  if (!text.includes('{{') || text.length > MAX_FILLED) return text;
  const filled =
    syntax === 'plain'
      ? text.replace(PLAIN, (whole, name: string) => parameters.get(name) ?? whole)
      : text.replace(GO, (whole, name: string | undefined, segment: string | undefined) => {
          return parameters.get(name ?? `path.segments[${segment ?? ''}]`) ?? whole;
        });
  return filled.length > MAX_FILLED ? text : filled;
}
