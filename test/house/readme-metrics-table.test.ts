import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  BUILD_INFO,
  COUNTERS,
  DURATIONS,
  GAUGES,
  METRIC_PREFIX,
  type MetricText,
} from '../../src/adapters/http/metrics.ts';

const BEGIN = '<!-- metrics-table -->\n';
const END = '<!-- /metrics-table -->';

function rows(type: string, metrics: Readonly<Record<string, MetricText<object>>>): readonly string[] {
  return Object.entries(metrics).map(([name, { help, labels }]) => {
    const told = Object.entries(labels).map(([label, holds]) => `\`${label}\`: ${holds}`);
    return `| \`${METRIC_PREFIX}${name}\` | ${type} | ${told.join('; ')} | ${help} |`;
  });
}

const table = [
  '| Metric | Type | Labels | What it tells |',
  '|---|---|---|---|',
  ...rows('counter', COUNTERS),
  ...rows('gauge', { ...GAUGES, ...BUILD_INFO }),
  ...rows('histogram', DURATIONS),
].join('\n');

test('the README has the table of metrics (UPDATE=1 rewrites it)', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [before, rest, ...more] = readme.split(BEGIN);
  const [found, after] = (rest ?? '').split(END);
  expect(more).toEqual([]);
  expect(after).toBeDefined();
  if (process.env['UPDATE'] === '1') writeFileSync('README.md', `${before}${BEGIN}\n${table}\n\n${END}${after}`);
  else expect(found).toBe(`\n${table}\n\n`);
});
