import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ORDERS } from '../../src/domain/policy.ts';
import { createSample, externalSecret, versionIn } from '../cluster/facts/samples.ts';
import { load, MINIMAL, swap } from '../config/samples.ts';
import { es, lines, moved, planOf } from '../plan/repository.ts';
import { tableRows } from './markdown.ts';

const PAGE = 'docs/ordering.md';
const TEXT = readFileSync(PAGE, 'utf8');

function blocks(language: string): readonly string[] {
  return [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1] ?? '');
}

test('every order has a row, a section, a picture and a sample that loads and means it', () => {
  const rows = tableRows(PAGE, '| What you have | `order` | What says that the refresh was applied |');
  expect(rows.map(([, order]) => order)).toEqual(ORDERS.map((order) => `\`${order}\``));
  expect([...TEXT.matchAll(/^### (.*)$/gm)].map(([, heading]) => heading)).toEqual([...ORDERS]);
  expect(blocks('mermaid')).toHaveLength(ORDERS.length);
  const branches = samples().map(branchOf);
  expect(branches.flatMap((branch) => (isPlain(branch) ? [branch.order] : []))).toEqual([...ORDERS]);
});

test('samples with statuses and with a pin load and mean it', () => {
  const found = samples()
    .map(branchOf)
    .filter((branch) => !isPlain(branch));
  expect(found.map(({ order, pin, evidence: { statuses } }) => [order, pin, statuses])).toEqual([
    ['staged', 'none', [{ paths: ['clusters/eu/**'], contexts: ['continuous-delivery/payments'] }]],
    ['staged', 'name', []],
  ]);
});

function samples(): readonly string[] {
  return blocks('yaml').filter((text) => text.startsWith('branches:'));
}

function branchOf(sample: string) {
  const indented = sample.replaceAll(/^(?=.)/gm, '      ');
  const [branch] = load(swap(MINIMAL, '      branches: [{base: main}]\n', indented)).repositories[0]?.branches ?? [];
  if (branch === undefined) throw new Error(`no branch in ${sample}`);
  return branch;
}

function isPlain({ evidence, pin }: ReturnType<typeof branchOf>): boolean {
  return evidence.statuses.length === 0 && pin === 'none';
}

/** The little of Mermaid's sequence diagrams that the pictures are made of. */
const LINE = /^ {2}(?:participant (\w) as [\w -]+|(\w)->>(\w): [^;#]+|Note over (\w),(\w): [^;#]+)$/;

test.each(blocks('mermaid').map((text, at) => [at, text] as const))('picture %i is a sequence diagram', (_, text) => {
  const [first, ...rest] = text.trimEnd().split('\n');
  expect(first).toBe('sequenceDiagram');
  const matched = rest.map((line) => LINE.exec(line));
  expect(rest.filter((__, at) => matched[at] === null)).toEqual([]);
  const declared = new Set(matched.map((match) => match?.[1]));
  const used = matched.flatMap((match) => match?.slice(2) ?? []).filter((name) => name !== undefined);
  expect(used.filter((name) => !declared.has(name))).toEqual([]);
});

interface Policy {
  readonly refreshPolicy?: string;
  readonly refreshInterval?: string;
}

const POLICIES: Readonly<Record<string, readonly Policy[]>> = {
  '`OnChange`': [{ refreshPolicy: 'OnChange' }],
  '`Periodic`, or none': [{ refreshPolicy: 'Periodic' }, {}],
  '`CreatedOnce`': [{ refreshPolicy: 'CreatedOnce' }],
};

const INTERVALS: Readonly<Record<string, readonly Policy[]>> = {
  any: [{}, { refreshInterval: '1h' }, { refreshInterval: '0' }],
  'above 0, or none (`1h`)': [{}, { refreshInterval: '1h' }, { refreshInterval: '90s' }],
  '`0`': [{ refreshInterval: '0' }, { refreshInterval: '0s' }],
};

/** What the planner does with such an ExternalSecret when its secret moved: nothing, or why it is left alone. */
function skippedAs(spec: Policy): string | null {
  const files = { 'db.yaml': es('db', ['prod/db'], { spec }) };
  const { plan } = planOf(files, { wishes: [moved('prod/db')], truth: { 'prod/db': 2 } });
  return plan.skips[0]?.code ?? null;
}

/** In the model: the version that the Secret has three hours after a rotation, and then after a bump. */
function fetched(spec: Policy): readonly (number | null)[] {
  const sample = createSample();
  sample.cluster.apply(externalSecret({ spec: { ...spec } }));
  sample.simulation.run(1000);
  sample.aws.rotate('prod/db');
  sample.simulation.run(3 * 3_600_000);
  const first = versionIn(sample);
  sample.cluster.apply(externalSecret({ spec: { ...spec }, token: '1' }));
  sample.simulation.run(3 * 3_600_000 + 1000);
  return [first, versionIn(sample)];
}

const ROWS = tableRows(PAGE, '| `refreshPolicy` | `refreshInterval` | Waits for the merge | A bump |');

test.each(ROWS)('what an approval is worth: %s, %s', (...[policy = '', interval = '', waits = '', bump = '']) => {
  const specs = (POLICIES[policy] ?? []).flatMap((one) =>
    (INTERVALS[interval] ?? []).map((two) => ({ ...one, ...two })),
  );
  expect(specs.length).toBeGreaterThan(1);
  const code = /skipped as `(.*)`/.exec(bump)?.[1] ?? null;
  for (const spec of specs) {
    expect([spec, skippedAs(spec)]).toEqual([spec, code]);
    expect([spec, fetched(spec)]).toEqual([spec, [waits.startsWith('yes') ? 1 : 2, code === null ? 2 : 1]]);
  }
});

test('the ExternalSecret whose approval is binding is bumped', () => {
  const sample = blocks('yaml').find((text) => text.includes('kind: ExternalSecret')) ?? '';
  const { plan } = planOf({ 'db.yaml': sample }, { wishes: [moved('prod/db')], truth: { 'prod/db': 2 } });
  expect(lines(plan)).toEqual(['1 ExternalSecret/db: token prod/db=2@2']);
});
