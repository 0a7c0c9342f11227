import { describe, expect, test } from 'vitest';
import { editAnnotations, editWhatCanBe } from '../../src/manifests/edit-annotations.ts';
import { check } from './edit-checks.ts';
import { crlf, deployment, edit, hole, restart, secret } from './edit-oracle.ts';

const TOKEN = 'prod/db=4d383ea9-084a-49c9-8722-cbfb0f25c456@2024-10-23T12:26:46Z';

describe('an existing value', () => {
  const value = hole(secret(`  annotations:\n    force-sync: §\n    z: 1\nspec: {}\n`));

  test('double quotes stay double, single stay single', () => {
    check(value('"1"'), edit(), value('"new"'));
    check(value("'1'"), edit(), value("'new'"));
    check(value('"with \\"escapes\\" \\u00e9"'), edit({ value: TOKEN }), value(`"${TOKEN}"`));
    check(value("'it''s'"), edit(), value("'new'"));
    check(value("'1'"), edit({ value: "it's" }), value('"it\'s"'));
    check(value('""'), edit(), value('"new"'));
    check(value('"1"'), edit({ value: '' }), value('""'));
  });

  test('plain values become quoted, whatever they were taken for', () => {
    for (const plain of [
      '1',
      'old',
      '1700000000',
      'yes',
      'true',
      '~',
      'null',
      '0400',
      '1e3',
      '2024-01-01',
      '.5',
      'a b',
    ]) {
      check(value(plain), edit(), value('"new"'));
    }
  });

  test('a plain value with the same characters is text already, or is made text', () => {
    expect(editAnnotations(value('new'), [edit()])).toEqual({ kind: 'unchanged' });
    expect(editAnnotations(value("'new'"), [edit()])).toEqual({ kind: 'unchanged' });
    check(value('123'), edit({ value: '123' }), value('"123"'));
    check(value('yes'), edit({ value: 'yes' }), value('"yes"'));
    check(value('2024-01-01'), edit({ value: '2024-01-01' }), value('"2024-01-01"'));
    check(value('1_000'), edit({ value: '1_000' }), value('"1_000"'));
  });

  test('comments behind it stay', () => {
    check(value('"1" # why'), edit(), value('"new" # why'));
    check(value('1   # why'), edit(), value('"new"   # why'));
    check(value('"1"  '), edit(), value('"new"  '));
  });

  test('nothing behind the colon', () => {
    check(value(''), edit(), value(' "new"').replace(':  "new"', ': "new" '));
    check(secret('  annotations:\n    force-sync:\n'), edit(), secret('  annotations:\n    force-sync: "new"\n'));
    check(value('# why'), edit(), value('"new" # why'));
  });

  test('values on several lines are replaced as a whole', () => {
    check(value('"one\n      two"'), edit(), value('"new"'));
    check(value('one\n      two'), edit(), value('"new"'));
    check(value('\n      "1"'), edit(), value('\n      "new"'));
  });

  test('block scalars end with their last line of content', () => {
    check(value('|\n      one\n      # two'), edit(), value('"new"'));
    check(value('>-\n      one\n\n      two'), edit(), value('"new"'));
    check(value('|+\n      one\n\n'), edit(), value('"new"\n\n'));
    check(value('|-\n      one\n    # about z'), edit(), value('"new"\n    # about z'));
    check(value('|2-\n       one'), edit(), value('"new"'));
    check(value('|'), edit(), value('"new"'));
    check(value('|-\r\n      one\r'), edit(), value('"new"\r'));
    const open = secret('  annotations:\n    force-sync: |\n      one');
    check(open, edit(), secret('  annotations:\n    force-sync: "new"'));
  });

  test('an alias is replaced where it stands, its anchor stays', () => {
    const shared = hole(secret(`  annotations:\n    a: &v "1"\n    force-sync: §\n`));
    check(shared('*v'), edit(), shared('"new"'));
    check(value('&v "1"'), edit(), value('&v "new"'));
    check(value('!!str 5'), edit(), value('!!str "new"'));
  });

  test('keys may be quoted, or far from their value', () => {
    check(
      secret('  annotations:\n    "force-sync": "1"\n'),
      edit(),
      secret('  annotations:\n    "force-sync": "new"\n'),
    );
    check(
      secret("  annotations:\n    'force-sync' :   1\n"),
      edit(),
      secret('  annotations:\n    \'force-sync\' :   "new"\n'),
    );
    check(secret('  "annotations": {"force-sync":"1"}\n'), edit(), secret('  "annotations": {"force-sync":"new"}\n'));
  });
});

describe('a new key in annotations', () => {
  test('takes the indentation of its siblings and comes last', () => {
    const wide = hole(secret(`  annotations:\n        a: b\n§spec: {}\n`));
    check(wide(''), edit(), wide('        force-sync: "new"\n'));
    check(secret('  annotations:\n    a: "b"'), edit(), secret('  annotations:\n    a: "b"\n    force-sync: "new"'));
  });

  test('takes the quotes of its siblings', () => {
    const quoted = hole(secret(`  annotations:\n    "a": "b"\n§`));
    check(quoted(''), edit(), quoted('    "force-sync": "new"\n'));
    check(
      secret('  annotations:\n    a: b\n'),
      edit({ annotation: '1' }),
      secret('  annotations:\n    a: b\n    "1": "new"\n'),
    );
    check(
      secret('  annotations:\n    a: b\n'),
      edit({ annotation: 'on' }),
      secret('  annotations:\n    a: b\n    "on": "new"\n'),
    );
  });

  test('comments stay with what they belong to', () => {
    const around = hole(
      secret(
        `  annotations:\n    # before\n    a: b # behind\n      # deeper: belongs to a\n§    # after\n  # dedented\nspec: {}\n`,
      ),
    );
    check(around(''), edit(), around('    force-sync: "new"\n'));
    const blank = hole(secret(`  annotations:\n    a: b\n§\n\n# spec\nspec: {}\n`));
    check(blank(''), edit(), blank('    force-sync: "new"\n'));
  });

  test('follows every kind of last value', () => {
    for (const last of [
      'a:',
      'a: # nothing',
      'a: |\n      text\n      # text',
      'a: |+\n      text\n\n',
      'a: >-\n      folded\n\n      more',
      'a: |',
      'a: one\n      two',
      'a: "one\n      two"',
      'a: {b: c}',
      'a: [b,\n      c]',
      'a: &x b',
      'a:\n      b:\n      - c',
      'a:\n    - c\n    -',
      'a: !!str 1',
    ]) {
      const text = hole(secret(`  annotations:\n    ${last}\n§spec: {}\n`));
      check(text(''), edit(), text('    force-sync: "new"\n'));
    }
  });

  test('is written out beside merged keys', () => {
    const merged = hole(`x: &x {force-sync: "0", b: "1"}\n${secret(`  annotations:\n    <<: *x\n§`)}`);
    check(merged(''), edit(), merged('    force-sync: "new"\n'));
    check(merged('    force-sync: "1"\n'), edit(), merged('    force-sync: "new"\n'));
  });

  test('in braces', () => {
    const flow = hole(secret(`  annotations: {§} # c\nspec: {}\n`));
    check(flow('a: b'), edit(), flow('a: b, force-sync: "new"'));
    check(flow(' a: b '), edit(), flow(' a: b, force-sync: "new" '));
    check(flow('a: b,'), edit(), flow('a: b, force-sync: "new",'));
    check(flow('"a":"b"'), edit(), flow('"a":"b","force-sync":"new"'));
    check(flow('"a": "b"'), edit(), flow('"a": "b", "force-sync": "new"'));
    check(
      flow('a: '),
      edit(),
      flow('a:, force-sync: "new" ').replace('a:, force-sync: "new" ', 'a: , force-sync: "new"'),
    );
    check(flow("a: 'b'"), edit(), flow('a: \'b\', force-sync: "new"'));
    check(flow('force-sync: , a: b'), edit(), flow('force-sync: "new" , a: b'));
    check(flow('a: [b, {c: d}]'), edit(), flow('a: [b, {c: d}], force-sync: "new"'));
  });

  test('in braces over several lines', () => {
    const flow = hole(secret(`  annotations: {\n§  }\nspec: {}\n`));
    check(flow('    a: b\n'), edit(), flow('    a: b,\n    force-sync: "new"\n'));
    check(flow('    a: b,\n'), edit(), flow('    a: b,\n    force-sync: "new",\n'));
    check(flow('    a: b, # c\n'), edit(), flow('    a: b, # c\n    force-sync: "new",\n'));
    check(flow('    a: b # c\n'), edit(), flow('    a: b, # c\n    force-sync: "new"\n'));
    check(flow('    a: b\n    , c: d\n'), edit(), flow('    a: b\n    , c: d, force-sync: "new"\n'));
    check(flow('    a: b\r\n'), edit(), flow('    a: b,\r\n    force-sync: "new"\r\n'));
  });
});

describe('annotations that are missing or empty', () => {
  test('follow the last key of metadata, before the comments of the next', () => {
    check(secret('spec: {}\n'), edit(), secret('  annotations:\n    force-sync: "new"\nspec: {}\n'));
    const commented = hole(secret(`  namespace: x # ns\n§\n# about spec\n  # dedented\nspec: {}\n`));
    check(commented(''), edit(), commented('  annotations:\n    force-sync: "new"\n'));
    const labels = hole(secret(`  labels:\n    a: b\n    # c: d\n§spec: {}\n`));
    check(labels(''), edit(), labels('  annotations:\n    force-sync: "new"\n'));
    check(secret('').trimEnd(), edit(), secret('  annotations:\n    force-sync: "new"').trimEnd());
  });

  test('take the indentation of their neighbours', () => {
    const wide = hole(secret(`  labels:\n      a: b\n§spec:\n    x: y\n`));
    check(wide(''), edit(), wide('  annotations:\n      force-sync: "new"\n'));
    const four = hole(`kind: ExternalSecret\nmetadata:\n    name: db\n§spec: {}\n`);
    check(four(''), edit(), four('    annotations:\n        force-sync: "new"\n'));
    const one = hole(`kind: ExternalSecret\nmetadata:\n name: db\n§`);
    check(one(''), edit(), one(' annotations:\n  force-sync: "new"\n'));
    const quoted = hole(`"kind": "ExternalSecret"\n"metadata":\n  "name": "db"\n§`);
    check(quoted(''), edit(), quoted('  "annotations":\n    "force-sync": "new"\n'));
  });

  test('nothing behind the colon is filled with a line below', () => {
    const empty = hole(secret(`  annotations:\n§  labels:\n    a: b\nspec: {}\n`));
    check(empty(''), edit(), empty('    force-sync: "new"\n'));
    check(secret('  annotations: # none\n'), edit(), secret('  annotations: # none\n    force-sync: "new"\n'));
    check(secret('  annotations:'), edit(), secret('  annotations:\n    force-sync: "new"'));
    const ghosts = hole(secret(`  annotations:\n§    # a: b\nspec: {}\n`));
    check(ghosts(''), edit(), ghosts('    force-sync: "new"\n'));
  });

  test('null, a tilde and empty braces are filled in place', () => {
    const written = hole(secret(`  annotations: § # c\nspec: {}\n`));
    for (const empty of ['null', '~', '{}', 'Null']) check(written(empty), edit(), written('{force-sync: "new"}'));
    check(written('{ }'), edit(), written('{ force-sync: "new" }'));
    check(written('{\n  }'), edit(), written('{force-sync: "new"\n  }'));
    check(secret('  "annotations": {}\n'), edit(), secret('  "annotations": {"force-sync": "new"}\n'));
  });

  test('in braces', () => {
    const flow = hole(`kind: ExternalSecret\nmetadata: {name: db§}\nspec: {}\n`);
    check(flow(''), edit(), flow(', annotations: {force-sync: "new"}'));
    check(flow(','), edit(), flow(', annotations: {force-sync: "new"},'));
    check(flow(', annotations: '), edit(), flow(', annotations: {force-sync: "new"} '));
    check(flow(', annotations: {}'), edit(), flow(', annotations: {force-sync: "new"}'));
    check(flow(', annotations: ~, labels: {}'), edit(), flow(', annotations: {force-sync: "new"}, labels: {}'));
  });
});

describe('JSON', () => {
  test('compact', () => {
    const json = hole(`{"kind":"ExternalSecret","metadata":{"name":"db"§},"spec":{}}`);
    check(json(''), edit(), json(',"annotations":{"force-sync":"new"}'));
    check(json(',"annotations":{}'), edit(), json(',"annotations":{"force-sync":"new"}'));
    check(json(',"annotations":null'), edit(), json(',"annotations":{"force-sync":"new"}'));
    check(json(',"annotations":{"a":"b"}'), edit(), json(',"annotations":{"a":"b","force-sync":"new"}'));
    check(json(',"annotations":{"force-sync":"1"}'), edit(), json(',"annotations":{"force-sync":"new"}'));
  });

  test('pretty, with spaces or tabs, LF or CRLF', () => {
    for (const [step, end] of [
      ['  ', '\n'],
      ['\t', '\n'],
      ['    ', '\r\n'],
    ] as const) {
      const json = (name: string, more: string): string =>
        [
          '{',
          `"kind": "ExternalSecret",`,
          `"metadata": {`,
          `${step}"name": "db"${name}`,
          ...(more === '' ? [] : [step + more]),
          '}',
          '}',
          '',
        ]
          .map((line) => (/^[{}]?$/.test(line) ? line : step + line))
          .join(end);
      check(json('', ''), edit(), json(',', '"annotations": {"force-sync": "new"}'));
      check(
        json(',', '"annotations": {"a": "b"}'),
        edit(),
        json(',', '"annotations": {"a": "b", "force-sync": "new"}'),
      );
    }
    const nested = hole(
      `{\n  "kind": "ExternalSecret",\n  "metadata": {\n    "name": "db",\n    "annotations": {\n      "a": "b"§\n    }\n  }\n}\n`,
    );
    check(nested(''), edit(), nested(',\n      "force-sync": "new"'));
  });

  test('a list, and a pod template without metadata', () => {
    const list = hole(
      `{"kind":"List","items":[{"kind":"Service","metadata":{"name":"db"}},{"kind":"ExternalSecret","metadata":{"name":"db"§}}]}`,
    );
    check(list(''), edit({ item: 1 }), list(',"annotations":{"force-sync":"new"}'));
    const template = hole(`{"kind":"Deployment","metadata":{"name":"api"},"spec":{"template":{§"spec":{}}}}`);
    check(template(''), restart(), template('"metadata":{"annotations":{"x/versions":"new"}},'));
  });
});

describe('pod templates', () => {
  test('with annotations, without them, without metadata', () => {
    const full = hole(
      deployment(`\n    metadata:\n      annotations:\n        a: b\n§    spec:\n      containers: []\n`),
    );
    check(full(''), restart(), full('        x/versions: "new"\n'));
    const labels = hole(deployment(`\n    metadata:\n      labels: {app: api}\n§    spec:\n      containers: []\n`));
    check(labels(''), restart(), labels('      annotations:\n        x/versions: "new"\n'));
    const none = hole(deployment(` # pods\n§    # what runs\n    spec:\n      containers: []\n`));
    check(none(''), restart(), none('    metadata:\n      annotations:\n        x/versions: "new"\n'));
  });

  test('with empty metadata', () => {
    const empty = hole(deployment(`\n    metadata:§\n    spec: {}\n`));
    check(empty(''), restart(), empty('\n      annotations:\n        x/versions: "new"'));
    check(empty(' {}'), restart(), empty(' {annotations: {x/versions: "new"}}'));
    check(empty(' null'), restart(), empty(' {annotations: {x/versions: "new"}}'));
    const created = hole(deployment(`\n    metadata:\n      creationTimestamp: null\n§    spec: {}\n`));
    check(created(''), restart(), created('      annotations:\n        x/versions: "new"\n'));
  });

  test('in braces, before the first key', () => {
    const flow = hole(deployment(` {§spec: {containers: []}}\n`));
    check(flow(''), restart(), flow('metadata: {annotations: {x/versions: "new"}}, '));
    const lines = hole(deployment(` {\n      §spec: {}\n    }\n`));
    check(lines(''), restart(), lines('metadata: {annotations: {x/versions: "new"}},\n      '));
  });

  test('the object and its template in one go', () => {
    const own = '  annotations:\n    x/due: "new"\n';
    const pods = '    metadata:\n      annotations:\n        x/versions: "new"\n';
    const due = restart({ target: 'metadata', annotation: 'x/due' });
    check(
      deployment('\n    spec: {}\n'),
      [restart(), due],
      deployment(`\n${pods}    spec: {}\n`).replace('spec:\n  template', `${own}spec:\n  template`),
    );
  });

  test('an annotation may be named like a level of the way', () => {
    const text = hole(secret(`  annotations:\n    a: b\n§`));
    check(text(''), edit({ annotation: 'metadata' }), text('    metadata: "new"\n'));
    check(text(''), edit({ annotation: 'annotations' }), text('    annotations: "new"\n'));
  });
});

describe('files', () => {
  const NEW = '  annotations:\n    force-sync: "new"\n';

  test('several documents: only the named one', () => {
    const text = hole(`# head\n---\n${secret('')}---\n${secret('§')}...\n---\n${secret('')}`);
    check(text(''), edit({ document: 1 }), text(NEW));
    check(
      text(NEW),
      [edit(), edit({ document: 2 })],
      `# head\n---\n${secret(NEW)}---\n${secret(NEW)}...\n---\n${secret(NEW)}`,
    );
  });

  test('the last line before a document marker or the end', () => {
    check(`${secret('')}---\na: b\n`, edit(), `${secret(NEW)}---\na: b\n`);
    check(`${secret('')}...\n# end\n`, edit(), `${secret(NEW)}...\n# end\n`);
    check(`${secret('')}\n\n`, edit(), `${secret(NEW)}\n\n`);
    check(`--- # first\n${secret('')}`, edit(), `--- # first\n${secret(NEW)}`);
  });

  test('line ends, byte order marks and wide characters are kept', () => {
    check(crlf(secret('spec: {}\n')), edit(), crlf(secret(`${NEW}spec: {}\n`)));
    check(crlf(secret('')).trimEnd(), edit(), crlf(secret(NEW)).trimEnd());
    check(
      `kind: ExternalSecret\nmetadata:\n  name: db\r\nspec: {}\n`,
      edit(),
      `kind: ExternalSecret\nmetadata:\n  name: db\r\n${crlf(NEW)}spec: {}\n`,
    );
    check(`\ufeff${secret('')}`, edit(), `\ufeff${secret(NEW)}`);
    check(`# 😀 é\n${secret('  labels: {"😀": é}\n')}`, edit(), `# 😀 é\n${secret(`  labels: {"😀": é}\n${NEW}`)}`);
  });

  test('what a serialiser would rewrite is left alone', () => {
    const odd = `mode: 0400\nx: yes\nf: .5\ne: 1e3\nh: 0x1F\nflow: {a: b,c: [ d ]}\nlong: ${'word '.repeat(40)}\n`;
    const rest = `${odd}folded: >\n  one\n  two\n\n\nq: "\\u00e9"\n? a\n: b\nt: !!str 1\nlist:\n- a\n-   b # c   \n`;
    check(secret(`spec:\n  x: 0400\n---\n${rest}`), edit(), secret(`${NEW}spec:\n  x: 0400\n---\n${rest}`));
  });

  test('a version directive, and tags elsewhere', () => {
    const text = hole(`%YAML 1.1\n---\n${secret('§')}spec: {a: yes, b: 0o7}\n`);
    check(text(''), edit(), text(NEW));
  });

  test('what readers of YAML 1.1 and of 1.2 take for different values', () => {
    const both = hole(
      secret('§x: {on: yes, time: 1:30, octal: 012, 0o7: 0b1, big: 1_000, "y": n, =: ~, day: 2001-12-14}\n') +
        '"y": !!set {a, b}\nz: !!binary aGVsbG8=\nmap: !!omap [a: 1, b: 2]\npairs: !!pairs [a: 1, a: 2]\n',
    );
    check(both(''), edit(), both(NEW));
  });

  test('lists, indented and compact', () => {
    const list = hole(
      `kind: List\nitems:\n- kind: Service\n  metadata:\n    name: db\n- kind: ExternalSecret\n  metadata:\n    name: db\n§  spec: {}\n`,
    );
    check(list(''), edit({ item: 1 }), list('    annotations:\n      force-sync: "new"\n'));
    const indented = hole(`kind: List\nitems:\n  -   metadata:\n          name: db\n§      kind: ExternalSecret\n`);
    check(indented(''), edit({ item: 0 }), indented('          annotations:\n              force-sync: "new"\n'));
    const flow = hole(`kind: List\nitems: [{kind: ExternalSecret, metadata: {name: db§}}]\n`);
    check(flow(''), edit({ item: 0 }), flow(', annotations: {force-sync: "new"}'));
  });

  test('many objects of one file in one go', () => {
    const text = hole(
      Array.from({ length: 40 }, (_, n) => `kind: ExternalSecret\nmetadata:\n  name: n${n}\n§`).join('---\n'),
    );
    const edits = Array.from({ length: 40 }, (_, n) => edit({ document: n, name: `n${n}` }));
    check(text(''), edits, text(NEW));
  });

  test('long runs of blanks and many objects take no time by their square', () => {
    for (const blanks of [' ', '\t'].map((blank) => blank.repeat(50_000))) {
      const json = hole(`{"kind":"ExternalSecret","metadata":{\n"name":"db"§${blanks}}}`);
      check(json(''), edit(), json(',"annotations":{"force-sync":"new"}'));
      const block = hole(secret(`  labels: {a: b}${blanks}\n§spec: {}${blanks}\n`));
      check(block(''), edit(), block(NEW));
      const value = hole(secret(`  annotations:\n    force-sync: §${blanks}# c\n`));
      check(value('"1"'), edit(), value('"new"'));
    }
    const items = Array.from({ length: 1000 }, (_, n) => `{"kind":"ExternalSecret","metadata":{"name":"n${n}"}}`);
    const edits = items.map((_, item) => edit({ item, name: `n${item}` }));
    const result = editWhatCanBe(`{"kind":"List","items":[${items.join(',')}]}`, edits);
    expect([result.done.length, result.refused]).toEqual([1000, []]);
  });

  test('several annotations of one object', () => {
    const three = ['a', 'b', 'c'].map((annotation) => edit({ annotation }));
    check(secret(''), three, secret('  annotations:\n    a: "new"\n    b: "new"\n    c: "new"\n'));
    check(secret('  annotations: {}\n'), three, secret('  annotations: {a: "new", b: "new", c: "new"}\n'));
  });

  test('names written otherwise: quoted, shared, merged kinds beside', () => {
    const text = hole(`kind: "ExternalSecret"\nx: &n db\nmetadata:\n  name: *n\n§`);
    check(text(''), edit(), text(NEW));
  });

  test('anchors that nobody uses are no obstacle', () => {
    const text = hole(`kind: ExternalSecret\nmetadata: &m\n  name: db\n  annotations: &a\n    b: c\n§`);
    check(text(''), edit(), text('    force-sync: "new"\n'));
  });
});
