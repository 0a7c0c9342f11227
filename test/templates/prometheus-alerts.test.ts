import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { BUILD_INFO, COUNTERS, DURATIONS, GAUGES, METRIC_PREFIX } from '../../src/adapters/http/metrics.ts';
import { createPromMeter } from '../../src/adapters/http/prom-meter.ts';
import { beginCounters } from '../../src/service/begin-counters.ts';
import { OUTCOMES } from '../../src/service/outcome.ts';
import { readExposition } from '../adapters/http/exposition.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const TABLE = { ...COUNTERS, ...GAUGES, ...DURATIONS, ...BUILD_INFO };
const { groups } = parse(readFileSync('templates/prometheus/alerts.yaml', 'utf8')) as {
  readonly groups: readonly { readonly name: string; readonly rules: readonly Rule[] }[];
};
const rules = groups.flatMap((group) => group.rules);

/** The names of metrics that a text uses, as the table has them; a name that is not there stays as it is. */
function metricsIn(text: string): readonly string[] {
  return [...text.matchAll(/gitops_reloader_\w+/g)].map(([name]) => {
    const own = name.slice(METRIC_PREFIX.length);
    const histogram = own.replace(/_(?:bucket|count|sum)$/, '');
    return histogram in DURATIONS && histogram !== own ? histogram : own;
  });
}

test('every metric that is named exists, and histograms are used by their parts', () => {
  const used = rules.flatMap(({ expr, annotations }) => [...metricsIn(expr), ...metricsIn(annotations.description)]);
  expect(used.filter((name) => !(name in TABLE))).toEqual([]);
  expect(used.length).toBeGreaterThan(8);
  for (const { expr } of rules) expect(expr).not.toMatch(/_seconds\b/);
});

test('every label is one of its metric, and every outcome that is named is one', () => {
  for (const { expr, annotations } of rules) {
    const [name = ''] = metricsIn(expr);
    const labels = ['le', ...Object.keys(Object.entries(TABLE).find(([own]) => own === name)?.[1].labels ?? {})];
    const matched = [...expr.matchAll(/(\w+)=~?"/g)].map((match) => match[1] ?? '');
    const grouped = [...expr.matchAll(/by \(([^)]+)\)/g)].flatMap((match) => (match[1] ?? '').split(', '));
    const shown = [...annotations.summary.matchAll(/\$labels\.(\w+)/g)].map((match) => match[1] ?? '');
    expect([...matched, ...grouped, ...shown].filter((label) => !labels.includes(label))).toEqual([]);
    // What a sum by other labels leaves out cannot be shown.
    if (/^(?:sum|max)/.test(expr)) expect(shown.filter((label) => !grouped.includes(label))).toEqual([]);
    const outcomes = [...expr.matchAll(/outcome="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(outcomes.filter((outcome) => !(outcome in OUTCOMES))).toEqual([]);
  }
});

test('counters are looked at by their increase', () => {
  for (const { expr } of rules.filter((rule) => rule.expr.includes('_total'))) expect(expr).toContain('increase(');
});

test('what an alert looks at by its increase is there from the start: else the first count would not show', async () => {
  const meter = createPromMeter('1');
  beginCounters(meter, ['events'], ['apps@main']);
  const there = readExposition((await meter.exposition()).text);
  for (const { expr } of rules.filter((rule) => rule.expr.includes('increase('))) {
    const [, name = '', matchers = ''] = /increase\((\w+)(?:\{([^}]*)\})?/.exec(expr) ?? [];
    const wanted = [...matchers.matchAll(/(\w+)="([^"]+)"/g)].map(([, label = '', value = '']) => [label, value]);
    const found = there.filter(
      (one) => one.name === name && wanted.every(([label = '', value]) => one.labels[label] === value),
    );
    expect([expr, found.map(({ value }) => value)]).toEqual([expr, expect.arrayContaining([0])]);
  }
});

test('every alert has a name of its own, a severity, and says what is and what next', () => {
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^GitopsReloader[A-Z]\w+$/);
    expect(['critical', 'warning', 'info']).toContain(labels.severity);
    for (const text of [annotations.summary, annotations.description]) expect(text).toMatch(/^[A-Z/{].{10,}\.$/);
  }
});
