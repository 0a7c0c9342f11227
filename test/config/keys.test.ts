import { describe, expect, test } from 'vitest';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { configSchema, describeKeys, type Json } from '../../src/config/describe-keys.ts';
import type { KeyRow } from '../../src/config/keys/key.ts';
import { KEYS, pathsOf } from '../../src/config/keys/table.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { FULL, MINIMAL, swap } from './samples.ts';

const WITH_APP = swap(FULL, '{token: {secretRef: {name: github, key: token}}}', '{app: {id: 1, privateKeyFile: /k}}');

const KEYS_REF = '{name: aws, key: a}';
const STATIC = `{authMethod: static, secretRef: {accessKeyIdSecretRef: ${KEYS_REF}, secretAccessKeySecretRef: ${KEYS_REF}, sessionTokenSecretRef: ${KEYS_REF}}}`;
const ACCOUNT =
  '{authMethod: serviceAccount, serviceAccountRef: {name: reader}, role: "arn:aws:iam::111122223333:role/r", tokenFile: /t}';

/** The sample in which this key may stand. */
function sampleFor(path: string): string {
  if (path.includes('.forge.auth.app')) return WITH_APP;
  const auth = /\.auth\.(serviceAccountRef|role|tokenFile)/.test(path) ? ACCOUNT : STATIC;
  if (path.startsWith('spec.aws.auth')) return swap(FULL, 'truth: event', `truth: event\n    auth: ${auth}`);
  if (auth === STATIC) return FULL;
  const from = FULL.indexOf('          authMethod: static');
  const to = FULL.indexOf('  destinationsToWatch:');
  return `${FULL.slice(0, from).replace(/auth:\n$/, `auth: ${ACCOUNT}\n`)}${FULL.slice(to)}`;
}

const concrete = KEYS.flatMap((row) => pathsOf(row.path).map((path) => ({ path, row })));

/** Where a key of the table stands in the sample: the entry of a list that has it. */
function place(path: string): readonly (string | number)[] {
  const entries: Record<string, number> = { deployment: 1, statefulSet: 2, daemonSet: 3, rollout: 4 };
  const watched = Object.keys(entries).find((name) => path.includes(`.${name}`));
  return path.split('.').flatMap((part) => {
    if (!part.endsWith('[]')) return [part];
    return [
      part.slice(0, -2),
      part.startsWith('destinationsToWatch') && watched !== undefined ? (entries[watched] ?? 0) : 0,
    ];
  });
}

function shown(path: string): string {
  return place(path)
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`))
    .join('')
    .slice(1);
}

const samples = new Map<string, unknown>();

/** A copy of the sample with every kind of workload; each text is read once. */
function sampleOf(text: string): unknown {
  if (!samples.has(text)) samples.set(text, withEveryWorkload(text));
  return structuredClone(samples.get(text));
}

function withEveryWorkload(text: string): unknown {
  const document = parseDocument(text);
  const block = document.getIn(['spec', 'destinationsToWatch', 0, 'externalSecret']);
  for (const [at, name] of ['deployment', 'statefulSet', 'daemonSet', 'rollout'].entries()) {
    document.setIn(['spec', 'destinationsToWatch', at + 1, name], block);
  }
  return document.toJS();
}

/** The full sample, as JSON (which is YAML), with one key set to a value or, where it is undefined, left out. */
function withValue(path: string, value: unknown): string {
  const root = sampleOf(sampleFor(path)) as Record<string | number, unknown>;
  const steps = [...place(path)];
  const last = steps.pop() ?? '';
  const parent = steps.reduce((node, step) => node[step] as Record<string | number, unknown>, root);
  parent[last] = value;
  return JSON.stringify(root);
}

function messages(text: string): readonly string[] {
  const loaded = loadConfig(text, 'c.yaml');
  return loaded.kind === 'problems' ? loaded.problems.map((problem) => problem.message) : [];
}

function wrongValue(row: KeyRow): unknown {
  return ['section', 'sections', 'texts', 'labels'].includes(row.type.kind) ? 'wrong' : { wrong: true };
}

describe.each(concrete.filter(({ row }) => row.support !== 'refused'))('$path', ({ path, row }) => {
  test('a value of another type is a problem that names the key', () => {
    expect(messages(withValue(path, wrongValue(row)))).toContainEqual(
      expect.stringMatching(new RegExp(`^${shown(path).replace(/[[\]]/g, '\\$&')} must be `)),
    );
  });
  test('its example and its default are fine', () => {
    const document = parseDocument(row.example);
    expect(document.errors).toEqual([]);
    const values = [
      document.toJS() as unknown,
      ...(row.default === undefined || row.default === null ? [] : [row.default]),
    ];
    const own = row.type.kind === 'section' || row.type.kind === 'sections' ? [] : values;
    const complaints = own.flatMap((value) => messages(withValue(path, value)));
    expect(complaints.filter((message) => message.startsWith(`${shown(path)} must`))).toEqual([]);
  });
});

test.each(concrete.filter(({ row }) => row.default === undefined).map(({ path }) => path))('without %s', (path) => {
  expect(messages(withValue(path, undefined))).toContain(`${shown(path)} is missing`);
});

test('the full sample holds every key but alternatives and what is refused', () => {
  const alternative =
    /\.(auth\.token\.(env|file)|auth\.app(\..*)?|auth\.(serviceAccountRef(\.name)?|role|tokenFile)|namespaceSelectors|bodyFile)$|^spec\.network\.proxy$|\.signing\.(key|passphrase)File$|\.(deployment|statefulSet|daemonSet|rollout)\.|^spec\.aws\.auth/;
  const document = parseDocument(FULL);
  const missing = concrete.filter(({ path }) => !document.hasIn(place(path))).map(({ path }) => path);
  expect(missing.filter((path) => !alternative.test(path))).toEqual([]);
});

test('a path is there once, and every key but the first ones lies in a section', () => {
  const paths = concrete.map(({ path }) => path);
  expect(new Set(paths).size).toBe(paths.length);
  const containers = new Map(
    concrete.map(({ path, row }) => [row.type.kind === 'sections' ? `${path}[]` : path, row.type.kind]),
  );
  const homeless = paths.filter(
    (path) =>
      path.includes('.') && containers.get(path.slice(0, path.lastIndexOf('.')))?.startsWith('section') !== true,
  );
  expect(homeless).toEqual([]);
});

test('the Markdown table has a row for each key, of four cells', () => {
  const lines = describeKeys(KEYS).trimEnd().split('\n');
  expect(lines.length).toBe(KEYS.length + 2);
  expect(lines.filter((line) => line.split(/(?<!\\)\|/).length !== 6)).toEqual([]);
});

describe('the JSON Schema', () => {
  test('knows exactly the keys of the samples', () => {
    expect(unknownTo(configSchema(), parseDocument(FULL).contents)).toEqual([]);
    expect(unknownTo(configSchema(), parseDocument(swap(MINIMAL, 'queueURL', 'queueUrl')).contents)).toEqual([
      'queueUrl',
    ]);
  });
  test('requires what the loader requires', () => {
    const text = JSON.stringify(configSchema());
    expect(text).toContain('"required":["id","regions"]');
    expect(text).not.toContain('namespaceSelectors');
  });
});

/** Keys of a document that a schema does not know. */
function unknownTo(schema: Json, node: unknown): readonly string[] {
  const { properties, items } = schema as { properties?: Record<string, Json>; items?: Json };
  if (isSeq(node)) return node.items.flatMap((item) => unknownTo(items ?? {}, item));
  if (!isMap(node) || properties === undefined) return [];
  return node.items.flatMap(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const child = properties[name];
    return child === undefined ? [name] : unknownTo(child, value);
  });
}
