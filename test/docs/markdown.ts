import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Every file that belongs to the project, as Git lists it: tracked, or new and not ignored. */
export function projectFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return [...new Set(listed.split('\0'))].filter((name) => name !== '');
}

/** The rows of the first table under this header line (`| Code | Meaning |`), as the texts of their cells. */
export function tableRows(file: string, header: string): readonly (readonly string[])[] {
  const lines = readFileSync(file, 'utf8').split('\n');
  const begin = lines.indexOf(header);
  if (begin === -1) throw new Error(`${file} has no table ${header}`);
  const rest = lines.slice(begin + 2);
  const end = rest.findIndex((line) => !line.startsWith('|'));
  return rest.slice(0, end).map(splitRow);
}

/** The cells of a row; a pipe inside a cell is escaped. */
export function splitRow(line: string): readonly string[] {
  return line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}

/** What stands in backticks, fenced blocks left out. */
export function codes(text: string): readonly string[] {
  return [...text.replaceAll(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}
