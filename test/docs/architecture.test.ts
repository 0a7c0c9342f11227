import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { IMPORT_TABLE } from '../import-table.ts';
import { codes, tableRows } from './markdown.ts';

const PURE = ['domain', 'events', 'manifests', 'plan', 'words'];
const rows = tableRows('ARCHITECTURE.md', '| Room | Knows | May import | Packages |').map(
  ([room = '', , rooms = '', packages = '']) => {
    return { rooms: roomsOf(room), imports: importsOf(rooms), packages: packages === 'none' ? [] : codes(packages) };
  },
);

test('the table shows every room', () => {
  expect(rows.flatMap((row) => row.rooms).toSorted()).toEqual(Object.keys(IMPORT_TABLE).toSorted());
});

test('the table shows what each room may import, and which packages', () => {
  const told = rows.filter(({ rooms }) => rooms.length === 1);
  expect(told.length).toBeGreaterThan(10);
  for (const {
    rooms: [room = ''],
    imports,
    packages,
  } of told) {
    const known = IMPORT_TABLE[room];
    expect([room, imports.toSorted(), inHeader(packages)]).toEqual([
      room,
      known?.rooms.toSorted(),
      known?.packages.toSorted(),
    ]);
  }
});

test('what it points to exists', () => {
  const paths = codes(readFileSync('ARCHITECTURE.md', 'utf8')).filter((code) =>
    /^(?:src|test|bench|templates|fixtures)\/[\w./-]*$/.test(code),
  );
  expect(paths.length).toBeGreaterThan(5);
  expect(paths.filter((path) => !existsSync(path))).toEqual([]);
});

/** `adapters/aws`, `git`, …: the first names the folder of the others. */
function roomsOf(cell: string): readonly string[] {
  const [first = '', ...others] = codes(cell);
  return [first, ...others.map((name) => `${first.split('/')[0]}/${name}`)];
}

function importsOf(cell: string): readonly string[] {
  if (cell === 'nothing') return [];
  const names = cell.startsWith('all but ') ? allBut(cell.slice('all but '.length).split(', ')) : cell.split(', ');
  return names.flatMap((name) => (name === 'the pure rooms' ? PURE : name === 'ports' ? ['ports.ts'] : [name]));
}

/** Adapters stand for all of theirs; a room does not import itself. */
function allBut(names: readonly string[]): readonly string[] {
  const all = [...PURE, 'config', 'ports', 'service', 'adapters/*', 'demo', 'cli'];
  return all.filter((name) => !names.includes(name));
}

/** The one exception of `domain` is a single file, named beside it. */
function inHeader(packages: readonly string[]): readonly string[] {
  return packages.filter((name) => name !== 'node:crypto' && !name.endsWith('.ts')).toSorted();
}
