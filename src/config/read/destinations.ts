import type { Destination, LabelSelector } from '../../domain/policy.ts';
import { DESTINATIONS, OPERATORS, WATCHED } from '../keys/destination-keys.ts';
import { absentSection, nameOf, offsetOf, type Section } from './section.ts';
import {
  readChoice,
  readLabels,
  readSection,
  readSectionOrNull,
  readSectionsOrNull,
  readText,
  readTexts,
} from './values.ts';

const EVERYTHING: LabelSelector = { matchLabels: {}, matchExpressions: [] };

/** `spec.destinationsToWatch`; left out: every object of every kind. */
export function readDestinations(spec: Section): readonly Destination[] {
  const entries = readSectionsOrNull(spec, 'destinationsToWatch');
  if (entries === null) return WATCHED.map((kind) => ({ kind, names: [], namespaces: [], labels: EVERYTHING }));
  const destinations = entries.map(readDestination);
  if (!destinations.some((destination) => destination.kind === 'ExternalSecret')) {
    const hint = 'add - type: ExternalSecret: workloads are restarted after the refresh that feeds them';
    spec.report.notice(
      offsetOf(spec, 'destinationsToWatch'),
      'no destination is an ExternalSecret: nothing will be refreshed',
      hint,
    );
  }
  return destinations;
}

function readDestination(entry: Section): Destination {
  const kind = readChoice(entry, 'type', WATCHED);
  const own = DESTINATIONS[kind];
  for (const other of Object.values(DESTINATIONS)) {
    if (other === own || !entry.values.has(other)) continue;
    const message = `${nameOf(entry, other)} does not belong to type ${kind}`;
    entry.report.problem(offsetOf(entry, other), message, `its block is ${own}`);
  }
  const block =
    readSectionOrNull(entry, own) ?? absentSection({ ...entry, path: `${entry.path}.${own}` }, entry.offset);
  return {
    kind,
    names: readTexts(block, 'names'),
    namespaces: readTexts(block, 'namespaces'),
    labels: readSelector(readSection(block, 'labelSelectors')),
  };
}

/** A Kubernetes label selector. */
export function readSelector(section: Section): LabelSelector {
  return {
    matchLabels: readLabels(section, 'matchLabels'),
    matchExpressions: (readSectionsOrNull(section, 'matchExpressions') ?? []).map((expression) => {
      const operator = readChoice(expression, 'operator', OPERATORS);
      const values = readTexts(expression, 'values');
      const needed = operator === 'In' || operator === 'NotIn';
      if (needed !== values.length > 0) {
        const message = `${nameOf(expression, 'values')} ${needed ? 'is missing' : `has no meaning with ${operator}`}`;
        expression.report.problem(offsetOf(expression, 'values'), message, null);
      }
      return { key: readText(expression, 'key'), operator, values };
    }),
  };
}
