import { register } from 'prom-client';
import { expect, test } from 'vitest';
import { BUILD_INFO, COUNTERS, DURATIONS, GAUGES } from '../../../src/adapters/http/metrics.ts';
import { createPromMeter } from '../../../src/adapters/http/prom-meter.ts';
import { meterContract } from '../../contracts/meter.ts';
import { readExposition, valueIn } from './exposition.ts';

const TABLE = { ...COUNTERS, ...GAUGES, ...DURATIONS, ...BUILD_INFO };

meterContract('Prometheus', () => {
  const meter = createPromMeter('1.2.3');
  return { meter, read: async (series) => valueIn((await meter.exposition()).text, series) };
});

test('every line of the table is shown with its type and help, and nothing else but Node’s own', async () => {
  const { text, contentType } = await createPromMeter('1.2.3').exposition();
  const helps = [...text.matchAll(/^# HELP (\w+) (.+)$/gm)].map((match) => `${match[1]} ${match[2]}`);
  const own = helps.filter((line) => line.startsWith('gitops_reloader_'));
  expect(own.toSorted()).toEqual(
    Object.entries(TABLE)
      .map(([name, { help }]) => `gitops_reloader_${name} ${help}`)
      .toSorted(),
  );
  const others = helps.filter((line) => !own.includes(line)).map((line) => line.split(' ')[0] ?? '');
  expect(others.filter((name) => !/^(process|nodejs)_/.test(name))).toEqual([]);
  expect(others).toContain('process_resident_memory_bytes');
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(valueIn(text, 'build_info{version="1.2.3"}')).toBe(1);
});

test('names are as Prometheus wants them', () => {
  for (const name of Object.keys(COUNTERS)) expect(name).toMatch(/^[a-z_]+_total$/);
  for (const name of Object.keys(DURATIONS)) expect(name).toMatch(/^[a-z_]+_seconds$/);
  for (const name of Object.keys(GAUGES)) expect(name).toMatch(/^[a-z_]+(?<!_total)$/);
  for (const { buckets } of Object.values(DURATIONS))
    expect(buckets).toEqual(buckets.toSorted((left, right) => left - right));
});

test('two meters share nothing, and the global registry stays empty', async () => {
  const [one, two] = [createPromMeter('1'), createPromMeter('2')];
  one.count('notices_total', { queue: 'events' });
  expect(valueIn((await two.exposition()).text, 'notices_total{queue="events"}')).toBeNull();
  expect(await register.metrics()).toBe('\n');
});

test('a label that breaks out of its quotes or its line does not', async () => {
  const meter = createPromMeter('1');
  const hostile = '"} 1\nevil{x="\\\u001b[2J\u2028\u202e';
  meter.gauge('queue_up', { queue: `${hostile}${'x'.repeat(10_000)}` }, 1);
  const samples = readExposition((await meter.exposition()).text);
  const [found, ...more] = samples.filter(({ labels }) => 'queue' in labels);
  expect(more).toEqual([]);
  expect(found?.labels['queue']).toMatch(/^\\"\} 1\\\\u\{a\}evil\{x=\\"\\\\/);
  expect(found?.labels['queue']?.length).toBeLessThan(300);
  expect(samples.map(({ name }) => name)).not.toContain('evil');
});
