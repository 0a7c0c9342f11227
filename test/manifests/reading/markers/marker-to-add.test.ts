import { expect, test } from 'vitest';
import { readText } from '../../repository.ts';

/** What is told of fields of an ExternalSecret inside an Application: the keys, and the beginning of the hint. */
function check(helm: string, keys: readonly string[] | undefined, hint: RegExp | undefined): void {
  const text = `apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  source:\n    helm:\n${helm}# remoteRef: {key: x}\n`;
  const [found, ...others] = readText(text).unreadable;
  expect([found?.code, others]).toEqual(['unsupported-kind', []]);
  expect(found?.keys).toEqual(keys);
  if (hint === undefined) expect(found?.hint).toBeUndefined();
  else expect(found?.hint).toMatch(hint);
}

const textOf = (...lines: readonly string[]) => `      values: |\n${lines.map((line) => `        ${line}\n`).join('')}`;

test('values that are a text: its keys, and that no marker is read there', () => {
  const hint = /^Write the text in line 7 as YAML \(Argo CD: valuesObject\).*\(for the key in line 7, /;
  check(textOf('a: {remoteRef: {key: prod/db}}'), ['prod/db'], hint);
  check(textOf('a: {remoteRef: {key: "{{ .Values.x }}"}}'), undefined, undefined);
  check(textOf('a: {remoteRef: {key: prod/db}'), undefined, undefined);
  check(textOf('dataFrom: [{find: {name: {regexp: x}}}]', 'remoteRef: {key: prod/db}'), undefined, hint);
  check(`      values: 7\n      valuesObject: {remoteRef: {key: prod/db}}\n`, ['prod/db'], /^Let the chart write/);
});

test('a text within a text is not read', () => {
  const inner = textOf('remoteRef: {key: prod/inner}').trimEnd().split('\n');
  check(textOf('remoteRef: {key: prod/db}', 'helm:', ...inner), undefined, /prod\/db/);
  let nested = 'remoteRef: {key: prod/db}\n';
  for (let depth = 0; depth < 200; depth += 1) {
    nested = `helm:\n  values: |\n${nested.replaceAll(/^/gm, '    ').trimEnd()}\n`;
  }
  const begun = performance.now();
  check(textOf(...nested.trimEnd().split('\n')), undefined, undefined);
  expect(performance.now() - begun).toBeLessThan(5000);
});

function list(...items: readonly string[]): string {
  return `      parameters:\n${items.map((one) => `        - ${one}\n`).join('')}`;
}

test('parameters: the way of names says what is set', () => {
  const hint = /^Let the chart write a value of this file/;
  check(list('{name: a.remoteRef.key, value: prod/db}'), ['prod/db'], hint);
  check(list('{name: "a.dataFrom[0].extract.key", value: prod/db, forceString: true}'), ['prod/db'], hint);
  check(
    list('{name: a.remoteRef.key}', '{name: remoteRef, value: x}', '{name: [1], value: x}', '[]'),
    undefined,
    undefined,
  );
  check(list('{name: a.remoteRef.key, value: "$ARGOCD_APP_NAME"}'), ['$ARGOCD_APP_NAME'], hint);
  check(list('{name: a.remoteRef.key, value: "${x}"}'), undefined, undefined);
});
