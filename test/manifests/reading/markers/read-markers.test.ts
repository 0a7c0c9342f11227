import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FORCE_SYNC, SECRET_VERSIONS } from '../../../../src/domain/policy.ts';
import { readBlob } from '../../../../src/manifests/read-blob.ts';
import { parseMarker } from '../../../../src/manifests/reading/markers/parse-marker.ts';

const REFRESH = '# {"$gitops-reloader": {"secret": "prod/db", "stage": "refresh"}}';
const RESTART = '# {"$gitops-reloader": {"secret": "prod/db", "stage": "restart"}}';

/** What the markers of a text say, one line each; what is wrong with the others, without its place. */
function read(text: string): readonly string[] {
  const { objects, unreadable } = readBlob(Buffer.from(text));
  const markers = objects.flatMap((one) => {
    if (!('marker' in one) || one.marker === undefined) return [];
    const values = one.type === 'workload' ? one.templateAnnotations : one.annotations;
    const value = values.get(one.type === 'workload' ? SECRET_VERSIONS : FORCE_SYNC) ?? '';
    return [`${one.kind} ${one.document}:${one.line} ${one.name} = ${value}`];
  });
  return [...markers, ...unreadable.map(({ code, line, message }) => `${code} ${line}: ${message}`)];
}

function check(text: string, expected: readonly string[]): void {
  expect(read(text)).toEqual(expected);
}

const at = (line: number, column: number, why: string) =>
  `wrong-marker ${line}: line ${line}, column ${column}: this inline marker ${why}`;

const placed = (marker: string, account: string) =>
  marker.replace('"stage"', `"account": "${account}", "region": "eu-west-1", "stage"`);

const follows = (text: string) =>
  readBlob(Buffer.from(text)).objects.flatMap((one) =>
    'marker' in one && one.marker !== undefined && one.type === 'workload' ? one.marker.follows : [],
  );

const say = (inner: string) => {
  const parsed = parseMarker(`{"$gitops-reloader": ${inner}}`);
  return parsed.kind === 'wrong' ? parsed.message : JSON.stringify(parsed.marker);
};

test('a scalar in any place, several in one file, in several documents', () => {
  check(`a: x ${REFRESH}\nb:\n  - c: 'y' ${REFRESH}\n---\n- "z" ${REFRESH}\n`, [
    'RefreshMarker 0:1 a = x',
    'RefreshMarker 0:3 b[0].c = y',
    'RefreshMarker 1:5 [0] = z',
  ]);
  check(`a.b: 1 ${REFRESH}\na:\n  b: ~ ${REFRESH}\n  c: ${REFRESH}\n`, [
    'RefreshMarker 0:1 ["a.b"] = 1',
    'RefreshMarker 0:3 a.b = ',
    'RefreshMarker 0:4 a.c = ',
  ]);
  check(`a: "x" #${REFRESH.slice(2)}\r\nb: "x"   # ${RESTART.slice(2)}  \r\n`, [
    'RefreshMarker 0:1 a = x',
    'RestartMarker 0:2 b = x',
  ]);
});

test('what only looks like a marker', () => {
  check(`# a: x ${REFRESH}\n# $gitops-reloader marks values\na: x # $gitops-reloader\nb: $gitops-reloader\n`, []);
  check('a: x # {"$imagepolicy": "flux-system:api"}\n', []);
});

test('no value that could be written', () => {
  const list = 'stands behind a map or a list: it needs one value, as the last thing on its line';
  const key = 'stands behind a key whose value is a map, a list or on another line: it needs one value on its line';
  check(`a: {b: c} ${REFRESH}\n`, [at(1, 11, list)]);
  check(`a: {} ${REFRESH}\n`, [at(1, 7, key)]);
  check(`a: ${REFRESH}\n  b: c\n`, [at(1, 4, key)]);
  check(`a: ${REFRESH}\n  value\n`, [at(1, 4, key)]);
  check(`${REFRESH}\n`, [at(1, 1, 'stands on a line without a value: it belongs behind the value on the same line')]);
  check(`a: | ${REFRESH}\n  b\n`, [
    at(1, 6, 'stands on the first line of a block scalar: write the value in quotes on one line'),
  ]);
  check(`a: >-\n  b\n${REFRESH}\nc: d\n`, [
    at(3, 1, 'stands on a line without a value: it belongs behind the value on the same line'),
  ]);
  check(`a: |\n  b: c ${REFRESH}\n`, [at(2, 10, 'stands inside a value, where it is text and no comment')]);
  check(`a: &x b\nc: *x ${REFRESH}\n`, [at(2, 7, 'stands behind an alias: write the value out here')]);
  check(`? [a, b]\n: c ${REFRESH}\n`, [at(2, 5, 'stands behind a value that no plain keys lead to')]);
  const name =
    'stands behind the name of a secret, which must stay: put it behind the value that the chart writes as an annotation';
  const secret = /"secret": "([^"]+)"/.exec(REFRESH)?.[1] ?? '';
  check(`ref:\n  key: other ${REFRESH}\n`, [at(2, 14, name)]);
  check(`a: "${secret}" ${REFRESH}\n`, [at(1, 7 + secret.length, name)]);
  check(`x ${REFRESH}\n`, [at(1, 3, 'stands behind a value that no plain keys lead to')]);
});

const eso = (kind: string) =>
  `apiVersion: external-secrets.io/v1\nkind: ${kind}\nmetadata: {name: db}\nspec:\n  note: "" ${REFRESH}\n`;

test('none is needed on what is bumped by itself, and none helps on what takes no token', () => {
  check(eso('ClusterExternalSecret'), [
    at(5, 12, 'is in ClusterExternalSecret db, which is looked after without it: remove it'),
  ]);
  check(eso('PushSecret'), [at(5, 12, 'is in PushSecret db, which takes no token: remove it')]);
});

test('values of a chart name the annotation of the kind that they are for', () => {
  const values = 'external-secrets.io/force-sync: ""\nremoteRef:\n  key: prod/db\n';
  const [stray] = readBlob(Buffer.from(values)).unreadable;
  expect(stray?.hint).toMatch(
    /^Put a marker at the end of line 1, behind the value of external-secrets\.io\/force-sync: /,
  );
});

test('a restart marker follows refresh markers of its own file that say the same', () => {
  const lonely =
    'restarts for a secret that no refresh marker of this file names in the same words: mark the value that refreshes it with';
  check(`a: "" ${RESTART}\n`, [at(1, 7, `${lonely} ${REFRESH}`)]);
  check(`a: "" ${REFRESH}\nb: "" ${RESTART.replace('prod/db', 'prod/api')}\n`, [
    'RefreshMarker 0:1 a = ',
    at(2, 7, `${lonely} ${REFRESH.replace('prod/db', 'prod/api')}`),
  ]);
  const two = `a: "" ${placed(REFRESH, '111122223333')}\nb: "" ${placed(REFRESH, '444455556666')}\n`;
  expect(follows(`${two}c: "" ${RESTART}\n`).map(({ name }) => name)).toEqual(['a', 'b']);
  expect(follows(`${two}c: "" ${placed(RESTART, '444455556666')}\n`).map(({ name }) => name)).toEqual(['b']);
});

test('what a marker says', () => {
  const both = '"secret": "a", "stage": "refresh"';
  const cases: readonly (readonly [string, string])[] = [
    ['"prod/db"', 'must be one object under "$gitops-reloader"'],
    ['[]', 'must be one object under "$gitops-reloader"'],
    [`{${both}}, "other": {}`, 'must be one object under "$gitops-reloader"'],
    ['{"secret": "a"}', 'has no "stage": refresh or restart'],
    [`{${both}, "stage": "refresh"}`, 'says "stage" twice'],
    [`{${both}, "\\u0073ecret": "dev/db"}`, 'has an escape (\\): write every character as it is'],
    [
      `{${both}, "__proto__": {}}`,
      `has an unknown key "__proto__": its keys are secret, stage, service, store, account, region, label`,
    ],
    [`{${both}, "acount": "1"}`, 'has an unknown key "acount": perhaps "account" is meant'],
    ['{"secret": "a b", "stage": "refresh"}', 'has a "secret" that is not a name or an ARN without blanks'],
    ['{"secret": "a\u202eb", "stage": "refresh"}', 'has a "secret" that is not a name or an ARN without blanks'],
    ['{"secret": ["a"], "stage": "refresh"}', 'has a "secret" that is not a name or an ARN without blanks'],
    [`{${both}, "account": "111122223333"}`, 'needs "account" and "region" together, or neither'],
    [`{${both}, "store": "aws"}`, 'has a "store" that is not SecretStore/<name> or ClusterSecretStore/<name>'],
    [
      `{${both}, "store": "SecretStore/aws", "account": "111122223333", "region": "eu-west-1"}`,
      'has both a "store" and an "account": one of them says it',
    ],
    [
      `{${both}, "store": "SecretStore/aws", "service": "ParameterStore"}`,
      'has both a "store" and a "service": the store says it',
    ],
    [
      '{"secret": "arn:aws:ssm:eu-west-1:111122223333:parameter/a", "stage": "refresh", "service": "ParameterStore"}',
      'names its secret by ARN, which says service, account and region',
    ],
    [
      `{${both}, "store": "ClusterSecretStore/aws", "label": "blue"}`,
      '{"secret":"a","stage":"refresh","service":null,"store":{"kind":"ClusterSecretStore","name":"aws"},"place":null,"label":"blue"}',
    ],
  ];
  expect(cases.map(([inner]) => [inner, say(inner)])).toEqual(cases);
  expect(parseMarker(`{"$gitops-reloader": {${both}}}${' '.repeat(5000)}`).kind).toBe('wrong');
});

test('no text makes the reader throw, or takes it long', () => {
  const piece = fc.constantFrom(
    REFRESH,
    RESTART,
    ' # {"$gitops-reloader"',
    'a: ',
    '\n',
    '  ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '|',
    '>',
    '&x ',
    '*x',
    '"',
    "'",
    '---\n',
    '<<: ',
    '? ',
    ',',
    '\r\n',
    '\t',
    '{{ x }}',
    '\u2028',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      for (const { line, message } of readBlob(Buffer.from(pieces.join(''))).unreadable) {
        expect([line === null || line > 0, message.includes('\n')]).toEqual([true, false]);
      }
    }),
    { numRuns: 300 },
  );
  const many = read(Array.from({ length: 1200 }, (_, line) => `k${line}: x ${REFRESH}`).join('\n'));
  expect(many).toEqual([at(1, 7, 'is one of more than 1000 in its file')]);
});
