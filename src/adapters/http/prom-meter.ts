import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Counters, Durations, Gauges } from '../../domain/metrics/measures.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Meter } from '../../ports.ts';
import { BUILD_INFO, COUNTERS, DURATIONS, GAUGES, METRIC_PREFIX } from './metrics.ts';

/** The meter port, and what Prometheus reads of it. */
export interface PromMeter extends Meter {
  /** Everything measured so far, in Prometheus' text format. */
  exposition(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Labels are names out of the configuration or closed words; none is longer. */
const MAX_LABEL = 200;

/** A registry of its own: nothing that another package registers is shown. `version` is this program's. */
export function createPromMeter(version: string): PromMeter {
  const registry = new Registry();
  const registers = [registry];
  const about = ([name, { help, labels }]: readonly [string, Described]) => ({
    name: `${METRIC_PREFIX}${name}`,
    help,
    labelNames: Object.keys(labels),
    registers,
  });
  const counters = byName<keyof Counters, Counter>(COUNTERS, (entry) => new Counter(about(entry)));
  const gauges = byName<keyof Gauges, Gauge>(GAUGES, (entry) => new Gauge(about(entry)));
  const durations = byName<keyof Durations, Histogram>(
    DURATIONS,
    (entry) => new Histogram({ ...about(entry), buckets: [...DURATIONS[entry[0]].buckets] }),
  );
  byName<'build_info', Gauge>(BUILD_INFO, (entry) => new Gauge(about(entry))).build_info.set({ version }, 1);
  collectDefaultMetrics({ register: registry });
  return {
    count: (name, labels, by = 1) => {
      if (by >= 0 && Number.isFinite(by)) counters[name].inc(safe(labels), by);
    },
    gauge: (name, labels, value) => {
      if (Number.isFinite(value)) gauges[name].set(safe(labels), value);
    },
    observe: (name, labels, seconds) => {
      if (seconds >= 0 && Number.isFinite(seconds)) durations[name].observe(safe(labels), seconds);
    },
    exposition: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

interface Described {
  readonly help: string;
  readonly labels: object;
}

/** One metric for each line of a table. */
function byName<Name extends string, Metric>(
  table: Readonly<Record<Name, Described>>,
  make: (entry: readonly [Name, Described]) => Metric,
): Readonly<Record<Name, Metric>> {
  const entries = Object.entries(table) as [Name, Described][];
  return Object.fromEntries(entries.map((entry) => [entry[0], make(entry)])) as Record<Name, Metric>;
}

function safe(labels: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(labels).map(([label, value]) => [label, plainText(String(value), MAX_LABEL)]),
  );
}
