import type { Destination } from '../../domain/policy.ts';

/** Whether two lists allow the same; neither the order of entries nor that of names or labels matters. */
export function sameDestinations(left: readonly Destination[], right: readonly Destination[]): boolean {
  const [one, other] = [canonical(left), canonical(right)];
  return one.length === other.length && one.every((entry, at) => entry === other[at]);
}

function canonical(destinations: readonly Destination[]): readonly string[] {
  const texts = destinations.map(({ kind, names, namespaces, labels }) =>
    JSON.stringify([
      kind,
      sorted(names),
      sorted(namespaces),
      sorted(Object.entries(labels.matchLabels).map((entry) => JSON.stringify(entry))),
      sorted(
        labels.matchExpressions.map(({ key, operator, values }) => JSON.stringify([key, operator, sorted(values)])),
      ),
    ]),
  );
  return sorted(texts);
}

function sorted(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted();
}
