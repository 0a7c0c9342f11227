import * as fc from 'fast-check';
import type { AnnotationEdit } from '../../src/manifests/edit-annotations.ts';
import { crlf } from './edit-oracle.ts';

/** A random file, and edits of objects that it really holds. */
export interface Sample {
  readonly text: string;
  readonly edits: readonly AnnotationEdit[];
}

interface Draw {
  pick<T>(...choices: readonly T[]): T;
  chance(percent: number): boolean;
  shuffle<T>(items: readonly T[]): readonly T[];
}

const MUTATIONS = [
  '',
  ' ',
  '  ',
  '\n',
  '\t',
  ':',
  ': ',
  '#',
  ' # ',
  '-',
  '- ',
  '? ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '|',
  '>',
  '&a ',
  '*a',
  '!',
  '%',
  '~',
  '\r',
  '---\n',
  '...\n',
  '<<: ',
  'x',
  '0',
  '😀',
];

/** Valid manifests in many hands' styles: block, flow and JSON, lists, comments, odd spacing, odd scalars. */
export const samples: fc.Arbitrary<Sample> = fc.nat(0xffffffff).map((seed) => drawFile(drawFrom(seed)));

/** Choices that follow from the seed alone: much faster than an arbitrary for each, and a seed is a short report. */
function drawFrom(seed: number): Draw {
  let state = seed;
  const next = (below: number): number => {
    // mulberry32
    state = (state + 0x6d2b79f5) >>> 0;
    const a = Math.imul(state ^ (state >>> 15), state | 1);
    const b = a ^ (a + Math.imul(a ^ (a >>> 7), a | 61));
    return ((b ^ (b >>> 14)) >>> 0) % below;
  };
  return {
    pick: <T>(...choices: readonly T[]): T => choices[next(choices.length)] as T,
    chance: (percent) => next(100) < percent,
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: next(1000) }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  };
}

/** A sample with a few characters replaced, removed or added: mostly broken, sometimes only odd. */
export const mutants: fc.Arbitrary<Sample> = fc
  .tuple(
    samples,
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...MUTATIONS)), { minLength: 1, maxLength: 3 }),
  )
  .map(([sample, mutations]) => ({
    edits: sample.edits,
    text: mutations.reduce((text, [at, cut, put]) => {
      const place = at % (text.length + 1);
      return text.slice(0, place) + put + text.slice(place + cut);
    }, sample.text),
  }));

function drawFile(draw: Draw): Sample {
  if (draw.chance(15)) return drawList(draw);
  const objects = Array.from({ length: draw.pick(1, 1, 2, 3) }, (_, n) => drawObject(draw, n));
  const marker = (): string =>
    draw.pick(
      '---\n',
      '--- # next\n',
      '...\n---\n',
      '---\n# about it\n',
      '\n---\n',
      '... # end\n# between\n---\n',
      '...\n%YAML 1.2\n---\n',
      '---\t# tab\n',
    );
  const head = draw.pick(
    '',
    '',
    '---\n',
    '# head\n',
    '# head\n---\n',
    '%YAML 1.1\n---\n',
    '%TAG !e! tag:example.com,2000:\n---\n',
    '\n\n',
    '---\n\n# head\n',
  );
  const body = objects.map(({ text }) => text).reduce((all, text) => `${all}${marker()}${text}`);
  const edits = objects.flatMap(({ kind, name }, document) => drawEdits(draw, { document, item: null, kind, name }));
  return { text: finish(draw, head + body), edits };
}

function drawList(draw: Draw): Sample {
  const objects = [0, 1, 2].map((n) => drawObject(draw, n, 'block'));
  const dash = draw.pick('- ', '  - ', '-   ');
  const items = objects.map(
    ({ text }) =>
      dash +
      text
        .trimEnd()
        .split('\n')
        .join(`\n${' '.repeat(dash.length)}`),
  );
  const edits = objects.flatMap(({ kind, name }, item) => drawEdits(draw, { document: 0, item, kind, name }));
  return { text: finish(draw, `apiVersion: v1\nkind: List\nitems:\n${items.join('\n')}\n`), edits };
}

function finish(draw: Draw, text: string): string {
  const ends = draw.pick(text, text, crlf(text), text.replace('\n', '\r\n'));
  const tail = draw.chance(15) ? ends.trimEnd() : ends + draw.pick('', '', '\n', '# end\n', '  # end\n');
  return draw.pick('', '', '', '\ufeff') + tail;
}

function drawEdits(
  draw: Draw,
  place: Pick<AnnotationEdit, 'document' | 'item' | 'kind' | 'name'>,
): readonly AnnotationEdit[] {
  const value = draw.pick(
    'new',
    'prod/db=4d383ea9@2024-10-23T12:26:46Z',
    '1',
    'true',
    '',
    "it's",
    '{a: b}',
    '# no',
    'x: y',
  );
  const own: AnnotationEdit = { ...place, target: 'metadata', annotation: 'force-sync', value };
  if (place.kind !== 'Deployment') return [own];
  return draw.chance(50)
    ? [{ ...own, target: 'template', annotation: 'x.dev/versions' }]
    : [own, { ...own, target: 'template' }];
}

interface Drawn {
  readonly text: string;
  readonly kind: string;
  readonly name: string;
}

function drawObject(draw: Draw, n: number, style = draw.pick('block', 'block', 'block', 'flow', 'json')): Drawn {
  const kind = draw.pick('ExternalSecret', 'Deployment');
  const name = `app-${n}`;
  if (style === 'block') return { kind, name, text: drawBlock(draw, kind, name) };
  const tree = drawTree(draw, kind, name);
  return {
    kind,
    name,
    text: `${style === 'json' ? JSON.stringify(tree, null, draw.pick('', ' ', '    ', '\t')) : writeFlow(draw, tree)}\n`,
  };
}

function drawTree(draw: Draw, kind: string, name: string): Readonly<Record<string, unknown>> {
  const metadata = (more: object): object => ({
    ...more,
    ...draw.pick({}, { labels: { a: 'b' } }),
    ...draw.pick(
      {},
      { annotations: null },
      { annotations: {} },
      { annotations: { a: '1' } },
      { annotations: { 'force-sync': '0', 'x.dev/versions': '0' } },
    ),
  });
  const template = { ...draw.pick({}, { metadata: metadata({}) }), spec: { containers: [{ image: 'x:1' }] } };
  return { kind, metadata: metadata({ name }), spec: { data: [1, 'two', null], template } };
}

function writeFlow(draw: Draw, node: unknown): string {
  const gap = draw.pick('', ' ', '\n  ');
  const comma = draw.pick(', ', ',\n  ', ' , ');
  if (Array.isArray(node)) return `[${node.map((item) => writeFlow(draw, item)).join(comma)}]`;
  if (node === null) return draw.pick('~', 'null');
  if (typeof node === 'string') return draw.pick(`"${node}"`, `'${node}'`);
  if (typeof node !== 'object') return JSON.stringify(node);
  const pairs = Object.entries(node).map(
    ([key, value]) => `${draw.pick(key, key, `"${key}"`)}: ${writeFlow(draw, value)}`,
  );
  return pairs.length === 0 ? `{${draw.pick('', ' ')}}` : `{${gap}${pairs.join(comma)}${draw.pick('', ',')}${gap}}`;
}

const ODD = [
  'mode: 0400',
  'on: yes',
  'f: .5',
  'e: 1e3',
  'h: 0x1F',
  'flow: {a: b,c: [ d ]}',
  `long: ${'word '.repeat(30)}end`,
  'folded: >\n  one\n  two\n\n\n  three',
  'literal: |+\n  # no comment\n  {{ .password }}\n',
  'q: "\\u00e9 \\n {{ .x }}"',
  't: !!str 1',
  'list:\n- a\n-   b # c   \n- - nested\n  - again',
  'anchored: &anchor {a: b}',
  'multi: one\n  two\n\n  three',
  "single: 'it''s\n\n  long'",
  'date: 2024-01-01',
  'empty:',
  'wide: 😀é',
  'tab:\tx\t# c',
  'tabs:\t\n  a:\t\tb',
  'indicator: |2-\n    x\n   y\n',
  'strip: >1-\n  x\n\n   y',
  'tagged: !local {a: !!int "1", b: !!null ""}',
  'set: !!set {a, b}',
  'binary: !!binary |\n  aGVsbG8=',
  'lines: {\n  a: [1,\n    2], # c\n  "b" : {c: },\n}',
  'pairs: [a: 1, {b: 2}, "c": 3]',
  `${'k'.repeat(200)}: v`,
  'schlüssel 😀: "ß \\u0085 \\x41"',
  '"quoted: key" : x',
  '? complex\n: value',
  '? [a, b]\n: {c: d}',
  'url: http://x.example/#frag?a=b&c=*d',
  'stars: "*a &b !c"',
  'alias: [&one x, *one, &two {a: b}, *two]',
  'merge: {<<: {a: b}, c: d}',
  'list: \n- |\n  text\n- # c\n  a: b\n-\n  - x',
  'spread:\n\n\n  a: b\n\n  # c\n\n  c: d\n',
  'data:\n- secretKey: a\n  remoteRef:\n    key: prod/db # which\n    version: v1 # pinned\n- secretKey: b\n  remoteRef: {key: prod/db, property: p}',
  'dataFrom:\n  - extract:\n      key: "prod/db"\n      # version: none\n  -   key: x\n      version:\n  - key: y',
  'target: {}',
  'target:',
];

function drawBlock(draw: Draw, kind: string, name: string): string {
  const step = draw.pick(2, 2, 2, 4, 1, 3);
  const spec = draw.shuffle(
    [draw.pick(...ODD), draw.pick(...ODD), draw.pick(...ODD.slice(0, 8))].filter(
      (line, at, all) => all.indexOf(line) === at,
    ),
  );
  const template = [...draw.pick([], [drawMetadata(draw, step, [])]), 'spec:\n  containers: []'];
  const parts = draw.shuffle([
    `kind: ${draw.pick(kind, `"${kind}"`)}`,
    drawMetadata(draw, step, [`name: ${draw.pick(name, `"${name}"`, `'${name}'`)}${draw.pick('', ' # c', '  ')}`]),
    `spec:${draw.pick('', ' # what')}\n${indent([...spec, `template:\n${indent(template.join('\n'), step)}`].join('\n'), step)}`,
  ]);
  return `${parts.map((part) => part + drawNoise(draw)).join('\n')}\n`;
}

function drawMetadata(draw: Draw, step: number, own: readonly string[]): string {
  const lines = [
    ...own,
    ...draw.pick([], [], [drawAnnotations(draw, step)]),
    ...draw.pick([], ['labels:\n  a: b'], ['labels: {a: b}']),
  ];
  if (lines.length === 0) return `metadata:${draw.pick('', ' {}', ' null', ' # none')}`;
  const noisy = draw
    .shuffle(lines)
    .map((line) => line + drawNoise(draw))
    .join('\n');
  return `metadata:${draw.pick('', '', ' # c', ' &meta')}\n${indent(noisy, step)}`;
}

function drawAnnotations(draw: Draw, step: number): string {
  const empty = [
    '',
    ' # none',
    ' {}',
    ' { }',
    ' ~',
    ' null # none',
    ' {a: b}',
    ' { a: b }',
    ' {"force-sync":"0"}',
    ' {a: b, force-sync: 0}',
    ' {\n  a: b,\n  c: d\n}',
    ' {\n    a: b, # c\n  }',
  ];
  if (draw.chance(40)) return `annotations:${draw.pick(...empty)}`;
  const values = [
    '"1"',
    "'1'",
    'plain',
    '1700000000',
    '',
    '~',
    'yes',
    '"1" # c',
    'a b',
    '"a\n  b"',
    '|\n  text\n  # text',
    '>-\n  a\n\n  b',
    '|+\n  a\n',
    '!!str 1',
    '&v "1"',
    '# nothing',
    '\t"1"\t# tabs',
    '!!str "1"',
    '|1-\n  a\n   b\n',
    '>+\n  a\n\n\n',
    '{}',
    '"\u00e9 \\u00e9 \\\n  b"',
    "'it''s\n\n  b' # c",
  ];
  const keys = draw.shuffle([
    draw.pick('a', 'a', 'ä', `x.example/${'k'.repeat(60)}`),
    'b.c/d',
    ...draw.pick([], ['force-sync', 'x.dev/versions']),
  ]);
  const entries = keys.map(
    (key) => `${draw.pick(key, key, `"${key}"`)}:${draw.pick(' ', ' ', '  ', ' \t')}${draw.pick(...values)}`,
  );
  const unique = entries.map((entry, at) => (at === 0 ? entry : entry.replace('&v ', '')));
  return `annotations:\n${indent(unique.map((entry) => entry + drawNoise(draw)).join('\n'), step)}`;
}

/** Comments and blank lines behind a line that may have any. */
function drawNoise(draw: Draw): string {
  return draw.pick('', '', '', '', '', '\n', '\n# comment', '\n   # odd place', '\n\n# comment\n', '\n        # deep');
}

function indent(text: string, step: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : ' '.repeat(step) + line))
    .join('\n');
}
