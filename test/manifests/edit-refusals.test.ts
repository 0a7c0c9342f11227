import { describe, expect, test } from 'vitest';
import { type AnnotationEdit, editAnnotations, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { MAX_MANIFEST_BYTES } from '../../src/manifests/parse-documents.ts';
import { deployment, edit, restart, secret } from './edit-oracle.ts';

/** Nothing is changed, and the reason says so. */
function checkRefused(text: string, edits: AnnotationEdit | readonly AnnotationEdit[], reason: RegExp): void {
  const result = editAnnotations(text, [edits].flat());
  expect(result).toMatchObject({ kind: 'refused', reason: expect.stringMatching(reason) });
  expect(result).toMatchObject({ hint: expect.stringMatching(/^[A-Z].{10,}\.$/) });
  expect(editWhatCanBe(text, [edits].flat())).toMatchObject({ text, lines: [] });
}

describe('sharing: a change here would change another place too', () => {
  test('annotations, metadata or the value is an alias', () => {
    const shared = 'x: &x {a: b}\n';
    checkRefused(`${shared}${secret('  annotations: *x\n')}`, edit(), /metadata\.annotations is an alias/);
    checkRefused('a: &m {name: db}\nkind: ExternalSecret\nmetadata: *m\n', edit(), /metadata is an alias/);
    checkRefused(`${shared}${deployment(' *x\n')}`, restart(), /spec\.template is an alias/);
    checkRefused(`${shared}${deployment('\n    metadata: *x\n')}`, restart(), /template\.metadata is an alias/);
    checkRefused('kind: List\nitems: [&i {kind: A}, *i]\n', edit({ item: 1 }), /items\[1\] is an alias/);
    checkRefused(secret('  annotations: {a: &a: b, force-sync: *a: }\n'), edit(), /cannot be read|an alias/);
  });

  test('an anchor on the way is used elsewhere', () => {
    checkRefused(`${secret('  annotations: &x\n    a: b\n')}y: *x\n`, edit(), /metadata\.annotations has an anchor/);
    checkRefused(
      `${secret('  annotations: &x {force-sync: "1"}\n')}y: *x\n`,
      edit(),
      /metadata\.annotations has an anchor/,
    );
    checkRefused(`${secret('  annotations: {force-sync: &x "1"}\n')}y: *x\n`, edit(), /the annotation has an anchor/);
    checkRefused(`kind: ExternalSecret\nmetadata: &x\n  name: db\ny: *x\n`, edit(), /metadata has an anchor/);
    checkRefused(
      `kind: List\nitems:\n- &x\n  kind: ExternalSecret\n  metadata: {name: db}\n- *x\n`,
      edit({ item: 0 }),
      /items\[0\] has an anchor/,
    );
    checkRefused(
      `kind: List\nitems: &x\n- kind: ExternalSecret\n  metadata: {name: db}\ny: *x\n`,
      edit({ item: 0 }),
      /items has an anchor/,
    );
    const merged = deployment(' &x\n    metadata: {labels: {a: b}}\n    spec: {}\nother: {<<: *x}\n');
    checkRefused(merged, restart(), /spec\.template has an anchor/);
  });

  test('keys come from elsewhere', () => {
    const base = 'x: &x {annotations: {a: b}}\n';
    checkRefused(
      `${base}kind: ExternalSecret\nmetadata:\n  <<: *x\n  name: db\n`,
      edit(),
      /metadata takes keys from elsewhere/,
    );
    checkRefused(`x: &x {name: db}\nkind: ExternalSecret\nmetadata:\n  <<: *x\n`, edit(), /without name stands where/);
    checkRefused(
      `${base}${deployment('\n    <<: *x\n    spec: {}\n')}`,
      restart(),
      /template takes keys from elsewhere/,
    );
  });
});

test('keys from elsewhere behind the own ones: for kubectl they count, so the edit would be without effect', () => {
  const base = 'x: &x {annotations: {a: b}, force-sync: "1"}\n';
  const reason = /takes keys from elsewhere \(<<\) behind its own/;
  checkRefused(`${base}${secret('  annotations:\n    force-sync: "1"\n    <<: *x\n')}`, edit(), reason);
  checkRefused(`${base}${secret('  annotations: {force-sync: "1", <<: *x}\n')}`, edit(), reason);
  checkRefused(`${base}${secret('  annotations:\n    a: b\n  <<: *x\n')}`, edit(), reason);
  const before = `${base}${secret('  annotations:\n    <<: *x\n    force-sync: "1"\n')}`;
  expect(editAnnotations(before, [edit()])).toMatchObject({ kind: 'edited', lines: [7] });
  expect(editAnnotations(before.replace('    <<: *x\n', '    c: d\n    <<: *x\n'), [edit()]).kind).toBe('edited');
});

describe('writing that leaves no exact place', () => {
  test('duplicate keys on the way', () => {
    checkRefused(secret('  annotations: {}\n  annotations: {}\n'), edit(), /metadata has the key annotations twice/);
    checkRefused(secret('  annotations:\n    a: 1\n    "a": 2\n'), edit(), /annotations has the key a twice/);
    checkRefused(secret('  name: db\n'), edit(), /the key name twice/);
    checkRefused(`${secret('')}kind: ExternalSecret\n`, edit(), /the key kind twice/);
    checkRefused(
      deployment('\n    metadata: {}\n    metadata: {}\n    spec: {}\n'),
      restart(),
      /the key metadata twice/,
    );
  });

  test('explicit, tagged and odd keys', () => {
    checkRefused(secret('  ? annotations\n  : a: b\n'), edit(), /keys written with "\? "/);
    checkRefused(secret('  annotations:\n    ? force-sync\n    : "1"\n'), edit(), /keys written with "\? "/);
    checkRefused(secret('  annotations: {? force-sync : "1"}\n'), edit(), /keys written with "\? "/);
    checkRefused(secret('  !!str annotations: {a: b}\n'), edit(), /a key that is not plain text/);
    checkRefused(secret('  annotations:\n    [a]: b\n'), edit(), /a key that is not plain text/);
    checkRefused(`x: &k annotations\n${secret('  *k : {a: b}\n')}`, edit(), /a key that is not plain text/);
  });

  test('values of another kind', () => {
    checkRefused(secret('  annotations: text\n'), edit(), /annotations is not a map/);
    checkRefused(secret('  annotations: ""\n'), edit(), /annotations is not a map/);
    checkRefused(secret('  annotations: "null"\n'), edit(), /annotations is not a map/);
    checkRefused(secret('  annotations: []\n'), edit(), /annotations is not a map/);
    checkRefused(secret('  annotations: {force-sync: {a: b}}\n'), edit(), /the annotation is not a text/);
    checkRefused(secret('  annotations:\n    force-sync:\n    - a\n'), edit(), /the annotation is not a text/);
    checkRefused(secret('  annotations: {force-sync}\n'), edit(), /the annotation has no value/);
    checkRefused('{kind: ExternalSecret, metadata: {name: db, annotations}}', edit(), /annotations is not a map/);
  });

  test('tags, and anchors without a value', () => {
    checkRefused(secret('  annotations: !x {a: b}\n'), edit(), /annotations has a tag/);
    checkRefused(secret('  annotations: !!map\n'), edit(), /not a map/);
    checkRefused(secret('  annotations: &a\n'), edit(), /empty but for an anchor or tag/);
    checkRefused(secret('  annotations: !!null null\n'), edit(), /empty but for an anchor or tag/);
    checkRefused(secret('  annotations:\n    force-sync: !!int 5\n'), edit(), /the annotation has a tag/);
    checkRefused(secret('  annotations:\n    force-sync: &v\n'), edit(), /empty but for an anchor or tag/);
  });

  test('comments inside what would be replaced', () => {
    checkRefused(secret('  annotations:\n    force-sync: | # why\n      1\n'), edit(), /a comment stands behind/);
    checkRefused(secret('  annotations: { # none\n  }\n'), edit(), /a comment stands in empty braces/);
  });

  test('a block scalar that ends with the file, behind which a line would change it', () => {
    checkRefused(secret('  annotations:\n    a: |\n      open'), edit(), /no line can be added/);
  });

  test('anchored keys decide the column', () => {
    checkRefused(secret('  annotations:\n    &k a: b\n'), edit(), /do not begin their lines/);
  });
});

describe('not the object that was meant', () => {
  test('another kind, name, document, item', () => {
    checkRefused(secret(''), edit({ name: 'other' }), /ExternalSecret db stands where ExternalSecret other was/);
    checkRefused(secret(''), edit({ kind: 'Deployment' }), /ExternalSecret db stands where Deployment db was/);
    checkRefused(secret(''), edit({ document: 1 }), /no document 2/);
    checkRefused(secret(''), edit({ document: -1 }), /no document/);
    checkRefused(secret(''), edit({ item: 0 }), /no list of items/);
    checkRefused('kind: List\nitems: [a]\n', edit({ item: 0 }), /items\[0\] is not a map/);
    checkRefused('kind: List\nitems: []\n', edit({ item: 7 }), /items\[7\] is not a map/);
    checkRefused('- a\n', edit(), /the document is not a map/);
    checkRefused('kind: ExternalSecret\n', edit(), /metadata is not written/);
    checkRefused(secret(''), edit({ target: 'template' }), /spec is not written/);
    checkRefused(deployment('\n'), restart(), /spec\.template is not written/);
    checkRefused('__proto__: {kind: ExternalSecret}\n', edit(), /metadata is not written/);
  });

  test('messages are safe to show', () => {
    const result = editAnnotations('kind: "a\\e[31m\\u202e"\nmetadata: {name: "x\\n"}\n', [edit()]);
    // eslint-disable-next-line no-control-regex -- control characters are what must not be there
    expect(result.kind === 'refused' && /[\u0000-\u001f\u202e]/.test(result.reason)).toBe(false);
  });
});

describe('texts that are not edited at all', () => {
  test('unreadable', () => {
    checkRefused('a: [\n', edit(), /cannot be read/);
    checkRefused(secret('  annotations: {{ .Values.x }}\n'), edit(), /cannot be read: template braces/);
    checkRefused(secret('  labels:\n\ta: b\n'), edit(), /cannot be read/);
    checkRefused(`${secret('')}x: *nothing\n`, edit(), /cannot be read: an alias/);
    checkRefused(`${secret('')}x: "\u0000"\n`, edit(), /cannot be read/);
    checkRefused(secret(`x: ${'['.repeat(5000)}\n`), edit(), /cannot be read: nested/);
    checkRefused(secret(`# ${'x'.repeat(MAX_MANIFEST_BYTES)}\n`), edit(), /cannot be read: the file is larger/);
    checkRefused('', edit(), /no document 1/);
  });

  test('an edit that would make the text too large', () => {
    const text = secret('# ');
    checkRefused(text + 'x'.repeat(MAX_MANIFEST_BYTES - text.length), edit(), /cannot be proven exact/);
  });

  test('encrypted with SOPS', () => {
    checkRefused(secret('sops: {mac: x}\n'), edit(), /encrypted with SOPS/);
    checkRefused(`${secret('')}---\na: ENC[x]\nsops: {mac: x}\n`, edit(), /encrypted with SOPS/);
    const item = secret('sops: {mac: x}\n').trimEnd().replaceAll('\n', '\n  ');
    checkRefused(`kind: List\nitems:\n- ${item}\n`, edit({ item: 0 }), /encrypted with SOPS/);
  });

  test('a value that a template fills in', () => {
    checkRefused(secret('  annotations:\n    force-sync: "{{ now }}"\n'), edit(), /filled in by a template/);
    checkRefused(secret('  annotations: {force-sync: "{{ now }}"}\n'), edit(), /filled in by a template/);
    checkRefused(secret('  annotations:\n    force-sync: |\n      {{ now }}\n'), edit(), /filled in by a template/);
  });

  test('line breaks on which readers disagree', () => {
    for (const odd of ['\r', '\u0085', '\u2028', '\u2029']) {
      checkRefused(secret(`# a${odd}b\n`), edit(), /line breaks/);
    }
  });

  test('an anchor on the way on whose name readers disagree: for some the key is another', () => {
    const reason = /an anchor whose name not every YAML reader reads alike/;
    for (const odd of ['&a:v', '&a.b', '&é']) {
      checkRefused(secret('').replace('metadata', `${odd} metadata`), edit(), reason);
      checkRefused(secret(`  annotations: ${odd}\n    a: b\n`), edit(), reason);
    }
    expect(editAnnotations(secret('x: &a.b c\n'), [edit()]).kind).toBe('edited');
  });
});

describe('wording', () => {
  test('values that would need escapes', () => {
    for (const value of ['a"b', 'a\\b', 'é', 'a\nb', '\u0000', '\t', '\u007f']) {
      checkRefused(secret(''), edit({ value }), /not printable ASCII/);
    }
  });

  test('names that Kubernetes would not accept', () => {
    for (const annotation of [
      '',
      'a b',
      '/a',
      'a/',
      'a/b/c',
      'A.b/c',
      '-a',
      'a-',
      '__proto__',
      'x'.repeat(64),
      'a: b',
    ]) {
      checkRefused(secret(''), edit({ annotation }), /not an annotation name/);
    }
  });
});

describe('several edits', () => {
  const two = `${secret('')}---\n${secret('  annotations: *nothing\n')}`.replace('*nothing', '[]');

  test('all or nothing, or what can be', () => {
    const good = edit();
    const bad = edit({ document: 1 });
    expect(editAnnotations(two, [good, bad])).toMatchObject({ kind: 'refused', edit: bad });
    expect(editWhatCanBe(two, [bad, good])).toEqual({
      text: two.replace('---', '  annotations:\n    force-sync: "new"\n---'),
      lines: [4, 5],
      done: [good],
      refused: [{ edit: bad, reason: 'metadata.annotations is not a map', hint: expect.any(String) }],
      lineOf: expect.any(Function),
    });
  });

  test('what is already so counts as done', () => {
    const text = secret('  annotations: {force-sync: "new"}\n');
    const lineOf = expect.any(Function);
    expect(editWhatCanBe(text, [edit()])).toEqual({ text, lines: [], lineOf, done: [edit()], refused: [] });
    expect(editWhatCanBe(text, [])).toEqual({ text, lines: [], lineOf, done: [], refused: [] });
    expect(editAnnotations(text, [])).toEqual({ kind: 'unchanged' });
  });

  test('the same edit twice is one; two values for one annotation are a contradiction', () => {
    expect(editAnnotations(secret(''), [edit(), edit()])).toMatchObject({ kind: 'edited', lines: [4, 5] });
    checkRefusedLast(secret(''), [edit(), edit({ value: 'other' })], /another edit/);
  });

  test('an edit that spoils the proof does not take others with it', () => {
    const almost = secret('x: ');
    const text = `${almost}${'y'.repeat(MAX_MANIFEST_BYTES - almost.length - 150)}\n---\n${secret('')}`;
    const long = edit({ value: 'v'.repeat(200) });
    const short = edit({ document: 1 });
    expect(editWhatCanBe(text, [long, short])).toMatchObject({ done: [short], refused: [{ edit: long }] });
  });
});

describe('many edits of one text', () => {
  test('one that spoils the proof is found by halves, among hundreds', () => {
    const objects = Array.from({ length: 100 }, (_, n) => `---\n${secret('').replace('db', `d${n}`)}`).join('');
    const text = `${objects}# ${'x'.repeat(MAX_MANIFEST_BYTES - objects.length - 100 * 45)}\n`;
    const edits = Array.from({ length: 100 }, (_, n) => edit({ document: n, name: `d${n}` }));
    const wanted = edits.with(7, edit({ document: 7, name: 'd7', value: 'v'.repeat(20_000) }));
    const { done, refused } = editWhatCanBe(text, wanted);
    expect([done.length, refused.map((one) => one.edit)]).toEqual([99, [wanted[7]]]);
  });

  test('a text in which few can be proven is left after some tries', () => {
    const objects = Array.from({ length: 300 }, (_, n) => `---\n${secret('').replace('db', `d${n}`)}`).join('');
    const text = `${objects}# ${'x'.repeat(MAX_MANIFEST_BYTES - objects.length - 100)}\n`;
    const { done, refused } = editWhatCanBe(
      text,
      Array.from({ length: 300 }, (_, n) => edit({ document: n, name: `d${n}` })),
    );
    expect(done.length + refused.length).toBe(300);
    expect(done.length).toBeGreaterThan(0);
    expect(refused.at(-1)?.reason).toMatch(/too many edits of this file/);
  });

  test('a thousand markers in one map are one pass', () => {
    const mark = '# {"$gitops-reloader": {"secret": "prod/db", "stage": "refresh"}}';
    const keys = Array.from({ length: 1000 }, (_, n) => `k${n}`);
    const text = `${keys.map((key) => `${key}: ${key} ${mark}\n`).join('')}${'# x\n'.repeat(2000)}`;
    const edits = keys.map((key) => edit({ target: 'marker', keys: [key] }));
    expect(editWhatCanBe(text, edits)).toMatchObject({ refused: [], lines: keys.map((_, n) => n + 1) });
  });
});

function checkRefusedLast(text: string, edits: readonly AnnotationEdit[], reason: RegExp): void {
  expect(editAnnotations(text, edits)).toMatchObject({ edit: edits.at(-1), reason: expect.stringMatching(reason) });
}
