import type { FindFilter } from '../../../domain/find/find-filter.ts';
import { isTemplated } from '../templated.ts';
import { compilePattern } from './compile-pattern.ts';

/** What AWS takes as a value of a filter; `!` in front turns it around. */
const FILTER_VALUE = /^!?[a-zA-Z0-9 :_@/+=.\-!]{0,512}$/;
/** A request has at most ten filters, and each tag takes two of them. */
const MAX_FILTERS = 10;

/** Why it cannot be told what a find finds; null where AWS and RE2 tell. */
export function whyNotTold(filter: FindFilter): string | null {
  const { regexp, path, tags } = filter;
  const parts = [regexp ?? '', path ?? '', ...tags.flat()];
  if (parts.some((part) => isTemplated(part))) return 'A part of it is filled in later.';
  if (regexp === null && tags.length === 0) return 'External Secrets Operator refuses a path without name or tags.';
  if (regexp !== null && compilePattern(filter, regexp) === null) return 'RE2 does not take its pattern.';
  const values = [...(path === null ? [] : [path]), ...tags.flat()];
  if (values.length > MAX_FILTERS) return 'AWS takes no more than ten filters.';
  if (values.some((value) => !FILTER_VALUE.test(value))) return 'AWS does not take its path or tags as filters.';
  return null;
}

/**
 * Whether a secret's name fits a find, as External Secrets Operator and AWS decide it: the pattern anywhere in the name, the
 * path as a prefix of it. Case counts.
 */
export function fitsName(filter: FindFilter, name: string): boolean {
  const { regexp, path } = filter;
  if (path !== null && !hasPrefix(path, [name])) return false;
  if (regexp === null || regexp === '') return true;
  return compilePattern(filter, regexp)?.matcher(name).find() === true;
}

/** Whether a secret's tags fit: for each tag of the find one key with that prefix, and one value, maybe of another key. */
export function fitsTags({ tags: wanted }: FindFilter, tags: ReadonlyMap<string, string>): boolean {
  return wanted.every(([key, value]) => hasPrefix(key, [...tags.keys()]) && hasPrefix(value, [...tags.values()]));
}

/** A filter of AWS: one of these begins with it; with `!` in front none does. */
function hasPrefix(filter: string, texts: readonly string[]): boolean {
  if (filter.startsWith('!')) return texts.every((text) => !text.startsWith(filter.slice(1)));
  return texts.some((text) => text.startsWith(filter));
}
