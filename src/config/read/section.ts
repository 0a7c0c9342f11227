import { isMap, isScalar, type Node, type YAMLMap } from 'yaml';
import { plainText } from '../../domain/plain-text.ts';
import { nearest } from '../../domain/spelling/nearest.ts';
import type { KeyRow } from '../keys/key.ts';
import type { KeyTable } from '../keys/table.ts';

/** Takes what is wrong (`problem`) and what has no effect (`notice`) at an offset of the text. */
export interface Report {
  problem(offset: number, message: string, hint: string | null): void;
  notice(offset: number, message: string, hint: string | null): void;
}

/** A mapping of the file with its place in the table. What is absent or null is not in `values`. */
export interface Section {
  /** As in the table: `spec.repositories[]`. */
  readonly path: string;
  /** For people: `spec.repositories[0]`. */
  readonly shown: string;
  readonly offset: number;
  readonly values: ReadonlyMap<string, Node>;
  readonly table: KeyTable;
  readonly report: Report;
}

/** A mapping's place: in the table, for people, and in the text. */
export interface SectionPlace {
  readonly path: string;
  readonly shown: string;
  readonly table: KeyTable;
  readonly report: Report;
}

/**
 * Opens a mapping: reports unknown, repeated, refused and missing keys. The values themselves are checked when they are read.
 */
export function openSection(node: Node, place: SectionPlace): Section {
  const offset = node.range?.[0] ?? 0;
  const section = { ...place, offset, values: new Map<string, Node>() };
  if (!isMap(node)) {
    place.report.problem(offset, `${place.shown} must be a mapping`, null);
    return section;
  }
  const rows = place.table(place.path);
  const values = readEntries(node, section, rows);
  for (const [name, row] of rows) {
    if (row.default === undefined && !values.has(name)) {
      place.report.problem(offset, `${nameOf(section, name)} is missing`, exampleOf(name, row));
    }
  }
  return { ...section, values };
}

/** A section that is not in the file: everything in it has its default. */
export function absentSection(place: SectionPlace, offset: number): Section {
  return { ...place, offset, values: new Map() };
}

/** A key's full name for people: `spec.repositories[0].url`. */
export function nameOf(section: Pick<Section, 'shown'>, name: string): string {
  return section.shown === '' ? name : `${section.shown}.${name}`;
}

/** Where a key's value stands, or the section's own place where it is absent. */
export function offsetOf(section: Section, name: string): number {
  return section.values.get(name)?.range?.[0] ?? section.offset;
}

function readEntries(node: YAMLMap, section: Section, rows: ReadonlyMap<string, KeyRow>): ReadonlyMap<string, Node> {
  const values = new Map<string, Node>();
  const seen = new Set<string>();
  for (const { name, value, offset } of entriesOf(node, section)) {
    if (seen.has(name)) {
      section.report.problem(offset, `${plainText(nameOf(section, name), 120)} is there twice`, 'keep one of them');
      continue;
    }
    seen.add(name);
    const row = rows.get(name);
    if (row === undefined) reportUnknown(section, name, offset, [...rows.keys()]);
    else {
      reportSupport(section, name, offset, row);
      if (value !== null) values.set(name, value);
    }
  }
  return values;
}

/** The pairs of a mapping whose keys are texts; others are reported. A value that is absent or null is null. */
export function entriesOf(
  node: YAMLMap,
  section: Pick<Section, 'shown' | 'report'>,
): readonly { readonly name: string; readonly value: Node | null; readonly offset: number }[] {
  return node.items.flatMap(({ key, value }) => {
    if (!isScalar(key)) {
      section.report.problem(node.range?.[0] ?? 0, `${section.shown || 'the file'} has a key that is not a text`, null);
      return [];
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? '');
    return [{ name, value: valueNode(value), offset: key.range?.[0] ?? 0 }];
  });
}

function valueNode(value: unknown): Node | null {
  if (isScalar(value)) return value.value === null ? null : value;
  return isNode(value) ? value : null;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'range' in value && 'toJS' in value;
}

function reportUnknown(section: Section, name: string, offset: number, known: readonly string[]): void {
  const near = nearest(name, known);
  section.report.problem(
    offset,
    `unknown key ${plainText(nameOf(section, name), 120)}`,
    near === null ? `known here: ${known.join(', ')}` : `did you mean ${near}?`,
  );
}

function reportSupport(section: Section, name: string, offset: number, row: KeyRow): void {
  if (row.support === 'refused') {
    section.report.problem(offset, `${nameOf(section, name)} is not supported in this version`, row.about);
  }
  if (row.support === 'not-yet') {
    section.report.notice(offset, `${nameOf(section, name)} has no effect in this version`, null);
  }
  if (row.support === 'unused') section.report.notice(offset, `${nameOf(section, name)} is not used`, row.about);
}

function exampleOf(name: string, row: KeyRow): string | null {
  if (row.type.kind === 'section' || row.type.kind === 'sections') return row.about;
  return `for example ${name}: ${row.example}`;
}
