import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { internalFailure } from '../../domain/failure.ts';
import type { Form } from '../keys/forms.ts';
import type { KeyRow } from '../keys/key.ts';
import { parseDuration } from './duration.ts';
import { absentSection, entriesOf, nameOf, openSection, type Section } from './section.ts';

/** A text; its default, or `''` where it is wrong or missing (which is then reported). */
export function readText(section: Section, name: string): string {
  return readTextOrNull(section, name) ?? '';
}

/** A text, or null where the key is absent. */
export function readTextOrNull(section: Section, name: string): string | null {
  const { row, node } = find(section, name, 'text');
  if (node === undefined) return typeof row.default === 'string' ? row.default : null;
  return row.type.kind === 'text' ? textOf(section, nameOf(section, name), node, row.type.form) : null;
}

/** A list of texts, or one alone where the table allows it. */
export function readTexts(section: Section, name: string): readonly string[] {
  const { row, node } = find(section, name, 'texts');
  if (node === undefined || row.type.kind !== 'texts') return [];
  const { form, orOne } = row.type;
  if (orOne === true && isScalar(node)) {
    const text = textOf(section, nameOf(section, name), node, form);
    return text === null ? [] : [text];
  }
  return listOf(section, name, node, row)
    .map((item, at) => textOf(section, `${nameOf(section, name)}[${at}]`, item, form))
    .filter((text) => text !== null);
}

/** One of `values`. */
export function readChoice<T extends string>(section: Section, name: string, values: readonly [T, ...T[]]): T {
  const { row, node } = find(section, name, 'choice');
  const fallback = values.find((value) => value === row.default) ?? values[0];
  if (node === undefined) return fallback;
  const written = isScalar(node) ? node.value : null;
  const chosen = values.find((value) => value === written);
  if (chosen === undefined) {
    report(section, node, `${nameOf(section, name)} must be ${listed(values)}`, null);
  }
  return chosen ?? fallback;
}

/** A whole number within the bounds of the table. */
export function readInteger(section: Section, name: string): number {
  const { row, node } = find(section, name, 'integer');
  const fallback = typeof row.default === 'number' ? row.default : 0;
  if (node === undefined || row.type.kind !== 'integer') return fallback;
  const { min, max } = row.type;
  const value = isScalar(node) ? node.value : null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  const hint = typeof value === 'string' && /^\d+$/.test(value) ? 'without quotes' : null;
  report(section, node, `${nameOf(section, name)} must be a whole number from ${min} to ${max}`, hint);
  return fallback;
}

/** A whole number within the bounds of the table, or null for `none`; `fallback` where it is wrong or absent. */
export function readLimit(section: Section, name: string, fallback: number | null): number | null {
  const { row, node } = find(section, name, 'integer');
  if (node === undefined || row.type.kind !== 'integer') return fallback;
  const { min, max } = row.type;
  const value = isScalar(node) ? node.value : null;
  if (value === 'none') return null;
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value;
  report(section, node, `${nameOf(section, name)} must be a whole number from ${min} to ${max}, or none`, null);
  return fallback;
}

/** True or false. */
export function readFlag(section: Section, name: string): boolean {
  const { row, node } = find(section, name, 'flag');
  const fallback = row.default === true;
  if (node === undefined) return fallback;
  if (isScalar(node) && typeof node.value === 'boolean') return node.value;
  report(section, node, `${nameOf(section, name)} must be true or false`, null);
  return fallback;
}

/** A duration, in milliseconds. */
export function readDuration(section: Section, name: string): number {
  const { row, node } = find(section, name, 'duration');
  const fallback = typeof row.default === 'string' ? (parseDuration(row.default) ?? 0) : 0;
  if (node === undefined || row.type.kind !== 'duration') return fallback;
  const value = isScalar(node) && typeof node.value === 'string' ? parseDuration(node.value) : null;
  if (value !== null && value >= row.type.min) return value;
  const shown = nameOf(section, name);
  if (value === null) report(section, node, `${shown} must be a duration such as 10s, 5m or 1h`, 'with a unit');
  else report(section, node, `${shown} must be at least ${row.type.min / 1000}s`, null);
  return fallback;
}

/** A map from text to text. */
export function readLabels(section: Section, name: string): Readonly<Record<string, string>> {
  const { node } = find(section, name, 'labels');
  if (node === undefined) return {};
  const shown = nameOf(section, name);
  if (!isMap(node)) {
    report(section, node, `${shown} must be a mapping`, null);
    return {};
  }
  const labels = new Map<string, string>();
  for (const { name: label, value, offset } of entriesOf(node, { shown, report: section.report })) {
    if (labels.has(label)) section.report.problem(offset, `${shown} has a label twice`, 'keep one of them');
    const text = isScalar(value) && typeof value.value === 'string' ? value.value : null;
    if (text === null) section.report.problem(offset, `${shown} must have texts as values`, 'put values in quotes');
    labels.set(label, text ?? '');
  }
  return Object.fromEntries(labels);
}

/** A section; where it is absent, one in which everything has its default. */
export function readSection(section: Section, name: string): Section {
  return readSectionOrNull(section, name) ?? absentSection(placeOf(section, name), section.offset);
}

/** A section, or null where it is absent. */
export function readSectionOrNull(section: Section, name: string): Section | null {
  const { node } = find(section, name, 'section');
  return node === undefined ? null : openSection(node, placeOf(section, name));
}

/** A list of sections; null where it is absent. */
export function readSectionsOrNull(section: Section, name: string): readonly Section[] | null {
  const { row, node } = find(section, name, 'sections');
  if (node === undefined) return null;
  const place = placeOf(section, name);
  return listOf(section, name, node, row).map((item, at) =>
    openSection(item, { ...place, path: `${place.path}[]`, shown: `${place.shown}[${at}]` }),
  );
}

/** A list of sections, or one alone; none where it is absent. */
export function readSectionsOrOne(section: Section, name: string): readonly Section[] {
  const { node } = find(section, name, 'sections');
  if (!isMap(node)) return readSectionsOrNull(section, name) ?? [];
  const place = placeOf(section, name);
  return [openSection(node, { ...place, path: `${place.path}[]` })];
}

function find(section: Section, name: string, kind: KeyRow['type']['kind']) {
  const row = section.table(section.path).get(name);
  if (row?.type.kind !== kind) throw internalFailure(`the key table has no ${kind} ${section.path}.${name}`);
  return { row, node: section.values.get(name) };
}

function placeOf(section: Section, name: string) {
  const path = section.path === '' ? name : `${section.path}.${name}`;
  return { path, shown: nameOf(section, name), table: section.table, report: section.report };
}

function listOf(section: Section, name: string, node: Node, row: KeyRow): readonly Node[] {
  const shown = nameOf(section, name);
  if (!isSeq<Node | null>(node)) {
    report(section, node, `${shown} must be a list`, 'put - before each entry');
    return [];
  }
  if (row.default === undefined && node.items.length === 0) report(section, node, `${shown} is empty`, row.about);
  return node.items.filter((item) => item !== null);
}

function textOf(section: Section, shown: string, node: Node, form: Form): string | null {
  const value = isScalar(node) ? node.value : null;
  const number = typeof value === 'number' && isScalar(node) ? (node.source ?? null) : null;
  const text = typeof value === 'string' ? value : form.numbers === true ? number : null;
  const hint = text === null ? '' : form.refuse(text);
  if (hint === null) return text;
  const quotes = text === null && isScalar(node) ? 'YAML does not read this as a text: put it in quotes' : null;
  report(section, node, `${shown} must be ${form.says}`, hint === '' ? quotes : hint);
  return null;
}

function report(section: Section, node: Node, message: string, hint: string | null): void {
  section.report.problem(node.range?.[0] ?? section.offset, message, hint);
}

function listed(values: readonly string[]): string {
  return values.length === 1 ? values.join('') : `one of ${values.join(', ')}`;
}
