import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { KEYS, pathsOf } from '../../src/config/keys/table.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { formatProblem } from '../../src/domain/problem.ts';

const text = readFileSync('templates/config.yaml', 'utf8');

function load(yaml: string): readonly string[] {
  const loaded = loadConfig(yaml, 'config.yaml');
  return (loaded.kind === 'config' ? loaded.notices : loaded.problems).map(formatProblem);
}

test('it loads as it is, and every key in it has an effect', () => {
  expect(loadConfig(text, 'config.yaml').kind).toBe('config');
  expect(load(text)).toEqual([]);
});

const STATIC = /^ +(authMethod: static|secretRef:$|(accessKeyId|secretAccessKey|sessionToken)SecretRef:)/;
const ACCOUNT = /^ +(authMethod: serviceAccount|serviceAccountRef:|role: .*rotation-reader|tokenFile:)/;

test.each([STATIC, ACCOUNT])('what is commented out is correct too: all of it but the alternatives', (alternative) => {
  const lines = text.split('\n').map((line) => (/^\s*# +[a-zA-Z]+:( |$)/.test(line) ? line.replace('# ', '') : line));
  const all = lines
    .filter((line) => !/^ +(authMethod: default|token: )/.test(line) && !alternative.test(line))
    .join('\n');
  expect(all).toContain('\n        endpoint: https');
  expect(load(all)).toEqual([]);
});

test('it speaks of every key that has an effect', () => {
  const names = KEYS.filter((row) => row.support === undefined).flatMap((row) =>
    pathsOf(row.path).map((path) => path.slice(path.lastIndexOf('.') + 1)),
  );
  const unsaid = ['namespace', 'account', 'reconcile', 'deployment', 'statefulSet', 'daemonSet', 'kind'];
  const missing = [...new Set(names)].filter((name) => !new RegExp(`\\b${name}\\b`).test(text));
  expect(missing.filter((name) => !unsaid.includes(name))).toEqual([]);
  expect(parseDocument(text).errors).toEqual([]);
});
