import * as fc from 'fast-check';
import { loadAll } from 'js-yaml';
import { expect } from 'vitest';
import { type AnnotationEdit, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';
import { mutants, type Sample, samples } from './manifest-arbitrary.ts';

/** The same manifests at every run; `FIELD_SEED` chooses others. */
const SEED = Number(process.env['FIELD_SEED'] ?? 20_261_127);

type Path = readonly (string | number)[];

const VALUES = ['uuid/4d383ea9-084a-49c9-8722-cbfb0f25c456', 'db-0a1b2c3d4e', '', 'true', "it's", 'x: y # z'];

/** What became of fields of so many random manifests; what must not change is asked of another YAML reader, and of the bytes. */
export function checkFieldEdits(numRuns: number): { readonly edited: number; readonly refused: number } {
  const count = { edited: 0, refused: 0 };
  fc.assert(
    fc.property(samples, fc.nat(0xffffffff), (sample, seed) => {
      const { done, refused } = checkSample(sample, seed);
      count.edited += done;
      count.refused += refused;
    }),
    { numRuns, seed: SEED },
  );
  fc.assert(
    fc.property(mutants, fc.nat(0xffffffff), (sample, seed) => {
      checkSample(sample, seed);
    }),
    { numRuns: Math.ceil(numRuns / 4), seed: SEED },
  );
  return count;
}

function checkSample({ text, edits: annotations }: Sample, seed: number) {
  const fields = fieldsOf(text, annotations, seed);
  const edits = [...fields, ...annotations];
  const { text: after, lines, done, refused } = editWhatCanBe(text, edits);
  expect(judge(text, after, done)).not.toBe('wrong');
  expect(keepsOtherLines(text, after, lines)).toBe(true);
  const again = editWhatCanBe(after, done);
  expect([again.text, again.refused]).toEqual([after, []]);
  const made = done.filter(({ target }) => target === 'field').length;
  return { done: made, refused: refused.filter(({ edit }) => edit.target === 'field').length };
}

/** A few fields of the objects in a text, some there and some new, chosen by the seed. */
function fieldsOf(text: string, annotations: readonly AnnotationEdit[], seed: number): readonly AnnotationEdit[] {
  const documents = readAll(text);
  const fields = annotations.slice(0, 2).flatMap(({ document, item, kind, name }, at): readonly AnnotationEdit[] => {
    const root = documents[document];
    const object = item === null ? root : (root as { readonly items?: readonly unknown[] } | undefined)?.items?.[item];
    // What the annotation edits write is theirs.
    const paths = pathsOf(object, []).filter((path) => path[0] === 'spec' && !path.includes('metadata'));
    const keys = paths[(seed + at * 7919) % Math.max(paths.length, 1)];
    if (keys === undefined) return [];
    const value = VALUES[(seed >>> 3) % VALUES.length] ?? '';
    return [{ document, item, kind, name, target: 'field', keys, annotation: String(keys.at(-1)), value }];
  });
  const known = new Set<string>();
  return fields.filter(({ document, item, keys }) => {
    const place = JSON.stringify([document, item, keys]);
    const isNew = !known.has(place);
    known.add(place);
    return isNew;
  });
}

/** Every scalar behind a key, and a new key in every map. */
function pathsOf(node: unknown, path: Path): readonly Path[] {
  if (Array.isArray(node)) return node.flatMap((item, at) => pathsOf(item, [...path, at]));
  if (node === null || typeof node !== 'object') return typeof path.at(-1) === 'string' ? [path] : [];
  // An empty key is read as this text here, and is another one: nobody asks for a field of that name.
  const entries = Object.entries(node).filter(([key]) => key !== 'null');
  const below = entries.flatMap(([key, value]) => pathsOf(value, [...path, key]));
  return [...below, [...path, 'added'], [...path, 'target', 'name']];
}

function readAll(text: string): readonly unknown[] {
  try {
    return loadAll(text);
  } catch {
    return [];
  }
}
