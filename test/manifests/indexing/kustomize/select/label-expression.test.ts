import { expect, test } from 'vitest';
import { fitsLabels } from '../../../../../src/manifests/indexing/kustomize/select/label-expression.ts';

const LABELS = new Map([
  ['app', 'web'],
  ['team.acme.example/name', 'a-b'],
]);

test.each([
  ['app', 'yes'],
  ['!app', 'no'],
  ['! none', 'yes'],
  ['app=web', 'yes'],
  ['app == web', 'yes'],
  ['app=other', 'no'],
  ['app!=other', 'yes'],
  ['none!=other', 'yes'],
  ['app=', 'no'],
  ['app in (api, web)', 'yes'],
  ['app in (api),team.acme.example/name=a-b', 'no'],
  ['app notin (api, web)', 'no'],
  ['none notin (api)', 'yes'],
  ['app in (api,web),team.acme.example/name=a-b,!none', 'yes'],
  ['app>1', 'unknown'],
  ['!app=web', 'unknown'],
  ['app in web', 'unknown'],
  ['app=web,', 'unknown'],
  ['', 'unknown'],
  ['app=web,,', 'unknown'],
  [`app in (${'x,'.repeat(2000)})`, 'unknown'],
])('%s', (expression, expected) => {
  expect(fitsLabels(expression, LABELS)).toBe(expected);
});
