import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

/** Compares a text with its golden file; `UPDATE=1` rewrites the file instead, and the diff is reviewed like code. */
export function golden(name: string, text: string): void {
  const file = join('fixtures', 'golden', 'words', name);
  if (process.env['UPDATE'] === '1') {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  expect(text).toBe(readFileSync(file, 'utf8'));
}
