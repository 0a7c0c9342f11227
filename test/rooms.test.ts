import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { IMPORT_TABLE } from './import-table.ts';

/** Single files that know more than their room: each is a line in ARCHITECTURE.md. */
const EXCEPTIONS: Record<string, readonly string[]> = { 'src/domain/digest.ts': ['node:crypto'] };

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly inside: boolean;
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src', name));
const imports = files.flatMap(importsOf);

test('every file lies in a room of the table', () => {
  expect(files.filter((file) => IMPORT_TABLE[roomOf(file)] === undefined)).toEqual([]);
});

test('rooms import only what the table allows', () => {
  const forbidden = imports.filter((one) => !isAllowed(one)).map((one) => `${one.file} imports ${one.target}`);
  expect(forbidden).toEqual([]);
});

test('there is no import cycle, type imports included', () => {
  const graph = new Map(
    files.map((file) => [file, imports.filter((one) => one.file === file && one.inside).map((one) => one.target)]),
  );
  expect(findCycle(graph)).toEqual([]);
});

test('the check itself sees a forbidden import and a cycle', () => {
  expect(isAllowed({ file: 'src/plan/x.ts', room: 'plan', target: 'node:fs', inside: false })).toBe(false);
  expect(isAllowed({ file: 'src/plan/x.ts', room: 'plan', target: 'src/wire/y.ts', inside: true })).toBe(false);
  expect(
    findCycle(
      new Map([
        ['a', ['b']],
        ['b', ['a']],
      ]),
    ),
  ).toEqual(['a', 'b', 'a']);
});

test('a room holds at most ten files, and no file has a name that says nothing', () => {
  const counts = new Map<string, number>();
  for (const file of files) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
  expect([...counts].filter(([, count]) => count > 10)).toEqual([]);
  const vague = /\/(index|utils?|helpers?|common|types|manager|base)\.ts$/;
  expect(files.filter((file) => vague.test(file))).toEqual([]);
});

function roomOf(file: string): string {
  const [, first = '', second = ''] = file.split('/');
  return first === 'adapters' ? `adapters/${second}` : first;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, 'utf8');
  const specifiers = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;]*?from\s*'([^']+)'|import\(\s*'([^']+)'\s*\)/g),
  ];
  return specifiers.map((match) => {
    const specifier = match[1] ?? match[2] ?? '';
    const inside = specifier.startsWith('.');
    const target = inside ? relative('.', join(dirname(file), specifier)) : specifier;
    return { file, room: roomOf(file), target, inside };
  });
}

function isAllowed(one: Import): boolean {
  const row = IMPORT_TABLE[one.room];
  if (row === undefined) return false;
  if (!one.inside) {
    return [...row.packages, ...(EXCEPTIONS[one.file] ?? [])].some((allowed) => matches(allowed, one.target));
  }
  const target = roomOf(one.target);
  return target === one.room || row.rooms.some((allowed) => matches(allowed, target));
}

function matches(pattern: string, name: string): boolean {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern}/`);
}

function findCycle(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const walk = (node: string, path: readonly string[]): string[] => {
    if (path.includes(node)) return [...path.slice(path.indexOf(node)), node];
    if (done.has(node)) return [];
    for (const next of graph.get(node) ?? []) {
      const cycle = walk(next, [...path, node]);
      if (cycle.length > 0) return cycle;
    }
    done.add(node);
    return [];
  };
  for (const node of graph.keys()) {
    const cycle = walk(node, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}
