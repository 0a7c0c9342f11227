import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { keepFacts } from '../../../src/manifests/kept/keep-facts.ts';
import { recallFacts } from '../../../src/manifests/kept/recall-facts.ts';
import type { BlobFacts } from '../../../src/manifests/objects.ts';
import { readBlob } from '../../../src/manifests/read-blob.ts';

export const NOTHING: BlobFacts = { objects: [], unreadable: [], patches: [], replacements: [], text: null };

export function oid(at: number): string {
  return at.toString(16).padStart(40, '0');
}

/** What these lines say; null where one of them is none. */
export function recalled(lines: Iterable<string>): ReadonlyMap<string, BlobFacts> | null {
  const known = new Map<string, BlobFacts>();
  const oids = recallFacts(lines, known);
  if (oids !== null) expect(new Set(oids)).toEqual(new Set(known.keys()));
  return oids === null ? null : known;
}

/** Exactly these facts come back, blob by blob, undefined and the order of keys and of maps included. */
export function checkKept(all: readonly BlobFacts[]): void {
  const known = new Map(all.map((facts, at) => [oid(at), facts]));
  const lines = [...keepFacts(known)];
  for (const line of lines) expect(line).not.toMatch(/[\n\r]/);
  const back = recalled(lines);
  expect(back).not.toBeNull();
  for (const [id, facts] of known) expect(back?.get(id)).toStrictEqual(facts);
  expect(back?.size).toBe(known.size);
  expect(shown(all)).toEqual(shown(all.map((_, at) => back?.get(oid(at)))));
}

/** As text, with the order of keys and maps. */
function shown(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => (part instanceof Map ? ['map', ...part] : part));
}

/** What the manifests of the golden repositories say, or some of them by their position. */
export function goldenFacts(which: (at: number) => boolean = () => true): readonly BlobFacts[] {
  const root = 'fixtures/repos';
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.ya?ml$/.test(name));
  expect(files.length).toBeGreaterThan(500);
  const facts = files.filter((_, at) => which(at)).map((name) => readBlob(readFileSync(join(root, name))));
  return facts.filter(({ unreadable }) => unreadable.every(({ code }) => code !== 'too-costly'));
}
