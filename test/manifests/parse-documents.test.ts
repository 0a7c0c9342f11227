import { describe, expect, test } from 'vitest';
import { composeStream, MAX_NESTING_DEPTH } from '../../src/manifests/parse/compose-stream.ts';
import { MAX_MANIFEST_BYTES, parseDocuments } from '../../src/manifests/parse-documents.ts';

function check(text: string, expected: { documents: number } | { code: string; line: number | null }): void {
  const parsed = parseDocuments(text);
  const seen =
    parsed.kind === 'documents' ? { documents: parsed.documents.length } : { code: parsed.code, line: parsed.line };
  expect(seen).toEqual(expected);
}

describe('documents', () => {
  test('one, several, none', () => {
    check('a: 1\n', { documents: 1 });
    check('a: 1\n---\nb: 2\n...\n---\nc: 3\n', { documents: 3 });
    check('', { documents: 0 });
    check('# only a comment\n', { documents: 0 });
  });

  test('JSON is YAML: compact, pretty, with tabs', () => {
    check('{"kind":"Secret","a":{"b":{}}}', { documents: 1 });
    check('{\n\t"kind": "Secret",\n\t"list": [\n\t\t1\n\t]\n}\n', { documents: 1 });
  });

  test('a byte order mark, CRLF, no final newline', () => {
    check('\ufeffa: 1\r\nb: 2', { documents: 1 });
  });

  test('a byte order mark below the first line, as of files joined end to end', () => {
    check('a: 1\n---\n\ufeffkind: ExternalSecret\n', { code: 'not-text', line: 3 });
    check('a: 1\r\n---\r\n\ufeffkind: ExternalSecret\r\n', { code: 'not-text', line: 3 });
    check('\n\ufeff# head\n---\na: 1\n', { code: 'not-text', line: 2 });
    check('a: "x \ufeff"\nb: |\n  \ufeff\n', { documents: 1 });
  });

  test('unknown tags, merge keys and duplicate keys are for the reader to judge', () => {
    check('a: !Sub x\n', { documents: 1 });
    check('a: &a {b: 1}\nc:\n  <<: *a\n', { documents: 1 });
    check('a: 1\na: 2\n', { documents: 1 });
  });

  test('offsets count in the text as given', () => {
    const parsed = parseDocuments('\ufeffa: 1\n---\nb: 2\n');
    if (parsed.kind !== 'documents') throw new Error(parsed.message);
    expect(parsed.documents.map((document) => document.contents?.range[0])).toEqual([1, 10]);
    expect(parsed.lineCounter.linePos(10).line).toBe(3);
  });
});

describe('not YAML', () => {
  test('names the line of the first error', () => {
    check('a: 1\nb: [\n', { code: 'not-yaml', line: 3 });
    check('a: 1\n---\nb: "x\n', { code: 'not-yaml', line: 4 });
    check('a:\n\tb: 1\n', { code: 'not-yaml', line: 2 });
    check('a: |\n  {{ .data }}\nb: "{{ .data }}"\nc: [\n', { code: 'not-yaml', line: 5 });
    check('%YAML\n', { code: 'not-yaml', line: 1 });
  });

  test('an alias needs an anchor that is complete before it, in the same document', () => {
    check('a: 1\nb: *nothing\n', { code: 'not-yaml', line: 2 });
    check('a: *later\nb: &later 1\n', { code: 'not-yaml', line: 1 });
    check('a: &self [*self]\n', { code: 'not-yaml', line: 1 });
    check('a: &x 1\n---\nb: *x\n', { code: 'not-yaml', line: 3 });
    check('&k a: 1\nb: *k\n', { documents: 1 });
    check('a: &x 1\nb: &x 2\nc: *x\n', { documents: 1 });
  });

  test('messages are one safe line', () => {
    const parsed = parseDocuments('a: "\\q\u202e"\n');
    expect(parsed).toMatchObject({ kind: 'unreadable', code: 'not-yaml' });
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(parsed.kind === 'unreadable' && /[\u0000-\u001f\u202e]/.test(parsed.message)).toBe(false);
  });
});

describe('template braces', () => {
  test('outside quotes they are a template, whether it parses or not', () => {
    check('metadata:\n  annotations: {{ .Values.ann }}\n', { code: 'helm-template', line: 2 });
    check('metadata:\n  name: {{ x }}\n', { code: 'helm-template', line: 2 });
    check('a: 1\n{{- if .x }}\nb: 2\n{{- end }}\n', { code: 'helm-template', line: 2 });
    check('a:\n  {{- toYaml .x | nindent 2 }}\n', { code: 'helm-template', line: 2 });
    check('name: {{ include "x" . }}-y\n', { code: 'helm-template', line: 1 });
    check('name: x-{{ .Release.Name }}\n', { code: 'helm-template', line: 1 });
    check('name: "x" {{ y }}\n', { code: 'helm-template', line: 1 });
    check('a: [{{ x }}]\n', { code: 'helm-template', line: 1 });
    check('{{ .key }}: a\n', { code: 'helm-template', line: 1 });
    check('x{{ .key }}: a\n', { code: 'helm-template', line: 1 });
    check('a: |\n  text\nb: {{ x }}\n', { code: 'helm-template', line: 3 });
    check('a: 1\n---\nb: {{ x }}\n', { code: 'helm-template', line: 3 });
    check('a: {\n  {{ include }}\n}\n', { code: 'helm-template', line: 2 });
  });

  test('inside quotes, block scalars and comments they are data', () => {
    check('data: "{{ .password }}"\n', { documents: 1 });
    check("data: '{{ .password }}'\n", { documents: 1 });
    check('data: |\n  {{ .password }}\n', { documents: 1 });
    check('data: >-\n  {{ .a }}\n  {{ .b }}\n', { documents: 1 });
    check('data: |+ # comment\n\n  {{ .a }}\n\n', { documents: 1 });
    check('- |\n {{ .a }}\n- b\n', { documents: 1 });
    check('# {{ .x }}\na: 1 # {{ y }}\n', { documents: 1 });
    check('{"a": "{{ .b }}"}', { documents: 1 });
    check('a: {"b": "{{ .b }}", c: [\'{{ d }}\']}\n', { documents: 1 });
    check('a: "x\n  {{ .b }}\n  y"\n', { documents: 1 });
  });

  test('a plain scalar is data only where External Secrets Operator fills it in', () => {
    const plain = 'url: postgres://{{ .user }}:{{ .password }}@db';
    check(`spec:\n  target:\n    template:\n      data:\n        ${plain}\n`, { documents: 1 });
    check(`spec:\n  template:\n    data:\n      ${plain}\n`, { code: 'helm-template', line: 4 });
    check(`spec:\n  target:\n    ${plain}\n`, { code: 'helm-template', line: 3 });
    check(`spec:\n  target: {template: {data: {url: {{ .x }}}}}\n`, { code: 'helm-template', line: 2 });
  });

  test('flow maps that only look alike are left alone', () => {
    check('a: {b: {}}\n', { documents: 1 });
    check('a: [{b: {c: 1}}, {}]\n', { documents: 1 });
    check('a: { {b: 1}: c }\n', { documents: 1 });
  });
});

describe('hostile texts', () => {
  test('nesting is bounded before anything recurses', () => {
    for (const open of ['[', '{', '{a: ', '- ', '? ', '[{']) {
      check(open.repeat(10_000), { code: 'too-large', line: 1 });
    }
    check(`${'['.repeat(500_000)}${']'.repeat(500_000)}`, { code: 'too-large', line: 1 });
    const steps = Array.from({ length: 1000 }, (_, depth) => `${' '.repeat(depth)}a:`);
    check(steps.join('\n'), { code: 'too-large', line: MAX_NESTING_DEPTH });
    check(`${'['.repeat(MAX_NESTING_DEPTH - 2)}${']'.repeat(MAX_NESTING_DEPTH - 2)}`, { documents: 1 });
  });

  test('size, counted in bytes', () => {
    check('a'.repeat(MAX_MANIFEST_BYTES), { documents: 1 });
    check('a'.repeat(MAX_MANIFEST_BYTES + 1), { code: 'too-large', line: null });
    check('é'.repeat(MAX_MANIFEST_BYTES / 2 + 1), { code: 'too-large', line: null });
    check('- a\n'.repeat(2_500_000), { code: 'too-large', line: null });
  });

  test('numbers of documents and of tokens', () => {
    check('---\n'.repeat(100_000), { code: 'too-large', line: null });
    check(`[${'[],'.repeat(340_000)}]`, { code: 'too-large', line: null });
  });

  test('after a hundred errors nobody reads on', () => {
    const texts = [
      `{{ if }}\n${'{'.repeat(400_000)}`,
      `a: b\n${'}'.repeat(400_000)}`,
      `a: "x" ${'"y" '.repeat(100_000)}`,
    ];
    for (const text of texts) {
      const { lexemes, documents, strayErrors } = composeStream(text, { prettyErrors: false });
      const errors = documents.flatMap((document) => document.errors).length + strayErrors.length;
      expect([lexemes < 1000, errors > 0, errors < 300]).toEqual([true, true, true]);
    }
    check(texts[0] ?? '', { code: 'helm-template', line: 1 });
    check(texts[1] ?? '', { code: 'not-yaml', line: 2 });
  });

  test('an alias bomb is parsed, never unfolded', () => {
    const levels = Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [${`*a${n},`.repeat(9)}]`);
    check(`a0: &a0 lol\n${levels.join('\n')}\n`, { documents: 1 });
  });

  test('40,000 keys do not take quadratic time', () => {
    check(Array.from({ length: 40_000 }, (_, n) => `key${n}: 1\n`).join(''), { documents: 1 });
  });

  test('a hundred directives are enough', () => {
    const document = '---\na: b\n';
    const flood = '%FOO bar\n'.repeat(100_000) + document;
    check('%FOO bar\n'.repeat(100) + document, { documents: 1 });
    check(flood, { code: 'too-large', line: null });
    expect(composeStream(flood, { prettyErrors: false, logLevel: 'silent' }).lexemes).toBeLessThan(1000);
  });

  test('characters that YAML forbids', () => {
    check('a: 1\nb: \u0000\n', { code: 'not-text', line: 2 });
    check('a: "\u001b[31m"\n', { code: 'not-text', line: 1 });
    check('a: \ud800\n', { code: 'not-text', line: 1 });
    check('a: \u001f\n', { code: 'not-text', line: 1 });
    check('a: 😀\tb\n', { documents: 1 });
  });

  test('keys named like prototypes are keys', () => {
    check('__proto__: {a: 1}\nconstructor: x\n', { documents: 1 });
  });
});
