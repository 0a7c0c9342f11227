import type { Meter } from '../../ports.ts';

/** The meter port without a server: for commands that measure nothing, and for tests that look at what was measured. */
export interface MemoryMeter extends Meter {
  /** A counter or a gauge, as `name{label="value"}`; the number of observations for a duration. Null when never told. */
  read(series: string): number | null;
}

export function createMemoryMeter(): MemoryMeter {
  const values = new Map<string, number>();
  const add = (name: string, labels: object, by: number) => {
    const key = series(name, labels);
    values.set(key, (values.get(key) ?? 0) + by);
  };
  return {
    count: (name, labels, by = 1) => {
      if (by >= 0 && Number.isFinite(by)) add(name, labels, by);
    },
    gauge: (name, labels, value) => {
      if (Number.isFinite(value)) values.set(series(name, labels), value);
    },
    observe: (name, labels, seconds) => {
      if (seconds >= 0 && Number.isFinite(seconds)) add(name, labels, 1);
    },
    read: (key) => values.get(key) ?? null,
  };
}

function series(name: string, labels: object): string {
  const written = Object.entries(labels).map(([label, value]) => `${label}="${String(value)}"`);
  return `${name}{${written.toSorted().join(',')}}`;
}
