/** One value of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text format, as far as it is written here; throws at a line that is none. */
export function readExposition(text: string): readonly Sample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const found = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (found === null) throw new Error(`not a sample: ${line}`);
    const [, name = '', labels = '', value = ''] = found;
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"(?:,|$)/g)];
    return {
      name,
      labels: Object.fromEntries(pairs.map((pair) => [pair[1] ?? '', pair[2] ?? ''])),
      value: Number(value),
    };
  });
}

/** The value of `name{label="value"}`, or the number of observations; null where there is none. */
export function valueIn(text: string, series: string): number | null {
  const [name = '', labels = ''] = series.split('{');
  const wanted = readExposition(`${name}{${labels} 0`).map((sample) => labelsOf(sample));
  const names = [`gitops_reloader_${name}`, `gitops_reloader_${name}_count`];
  const found = readExposition(text).find((one) => names.includes(one.name) && wanted.includes(labelsOf(one)));
  return found?.value ?? null;
}

function labelsOf({ labels }: Sample): string {
  const written = Object.entries(labels).map(([label, value]) => `${label}=${value}`);
  return written.toSorted().join('\n');
}
