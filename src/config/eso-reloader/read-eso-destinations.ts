import type { Destination, LabelSelector } from '../../domain/policy.ts';
import { OBJECT_NAME } from '../keys/forms.ts';
import { readSelector } from '../read/destinations.ts';
import { absentSection, nameOf, offsetOf, type Section } from '../read/section.ts';
import {
  readChoice,
  readSection,
  readSectionOrNull,
  readSectionsOrNull,
  readSectionsOrOne,
  readTexts,
} from '../read/values.ts';
import { ESO_BLOCKS, ESO_DESTINATIONS } from './eso-keys.ts';

/** The label that every namespace carries with its own name: the only one that manifests tell. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/**
 * What `spec.destinationsToWatch` allows to be touched. A destination that has no equivalent, or whose namespaces cannot be
 * told from manifests, is noted and left out: leaving it out touches less than the document allows, never more.
 */
export function readEsoDestinations(spec: Section): readonly Destination[] {
  const entries = readSectionsOrNull(spec, 'destinationsToWatch') ?? [];
  const destinations = entries.flatMap(readEntry);
  if (entries.length > 0 && destinations.length === 0) {
    spec.report.problem(
      offsetOf(spec, 'destinationsToWatch'),
      'spec.destinationsToWatch has no destination left that can be acted upon',
      'PushSecret and WorkflowRunTemplate have no equivalent, and labels of namespaces are not in the manifests: add one of type ExternalSecret',
    );
  } else if (entries.length > 0 && !destinations.some(({ kind }) => kind === 'ExternalSecret')) {
    spec.report.notice(
      offsetOf(spec, 'destinationsToWatch'),
      'no destination is an ExternalSecret: nothing will be refreshed',
      'add - type: ExternalSecret: workloads are restarted after the refresh that feeds them',
    );
  }
  return destinations;
}

function readEntry(entry: Section): readonly Destination[] {
  const kind = readChoice(entry, 'type', ESO_DESTINATIONS);
  noteStrayBlocks(entry, kind);
  switch (kind) {
    case 'PushSecret':
      return leaveOut(entry, kind, 'a PushSecret writes to AWS: gitops-reloader never bumps one');
    case 'WorkflowRunTemplate':
      return leaveOut(entry, kind, 'start the workflow from the pull request that is merged');
    case 'ExternalSecret':
    case 'Deployment': {
      const place = { ...entry, path: `${entry.path}.${ESO_BLOCKS[kind]}` };
      const block = readSectionOrNull(entry, ESO_BLOCKS[kind]) ?? absentSection(place, entry.offset);
      const names = readTexts(block, 'names');
      const labels = readSelector(readSection(block, 'labelSelectors'));
      const namespaces = readNamespaces(block);
      return namespaces === null ? [] : [{ kind, names, namespaces, labels }];
    }
  }
}

function leaveOut(entry: Section, kind: string, hint: string): readonly Destination[] {
  const message = `${entry.shown} is left out: a destination of type ${kind} has no equivalent`;
  entry.report.notice(offsetOf(entry, 'type'), message, hint);
  return [];
}

function noteStrayBlocks(entry: Section, kind: keyof typeof ESO_BLOCKS): void {
  for (const block of Object.values(ESO_BLOCKS)) {
    if (block === ESO_BLOCKS[kind] || !entry.values.has(block)) continue;
    entry.report.notice(offsetOf(entry, block), `${nameOf(entry, block)} is not used by type ${kind}`, null);
  }
}

/** The namespaces that any of the selectors selects; empty: any. Null: none that can be told. */
function readNamespaces(block: Section): readonly string[] | null {
  const selectors = readSectionsOrOne(block, 'namespaceSelectors');
  if (selectors.length === 0) return [];
  const told = selectors.map((section) => {
    const names = namesOf(readSelector(section));
    if (names.length === 0) {
      const message = `${section.shown} selects nothing: labels of namespaces are not in the manifests`;
      section.report.notice(section.offset, message, `only ${NAME_LABEL} can be told: select the namespaces by it`);
    }
    return names;
  });
  if (told.some((names) => names === 'any')) return [];
  const names = [...new Set(told.flatMap((one) => (one === 'any' ? [] : one)))];
  return names.length === 0 ? null : names;
}

/** The names of the namespaces that a selector surely selects; none where other labels decide. */
function namesOf({ matchLabels, matchExpressions }: LabelSelector): readonly string[] | 'any' {
  const conditions = [
    ...Object.entries(matchLabels).map(([key, value]) => ({ key, operator: 'In', values: [value] })),
    ...matchExpressions,
  ];
  const certain = conditions.filter(({ key, operator }) => key === NAME_LABEL && operator !== 'NotIn');
  if (certain.length < conditions.length) return [];
  // Every namespace has this label: `Exists` says nothing, `DoesNotExist` selects none.
  if (certain.some(({ operator }) => operator === 'DoesNotExist')) return [];
  const lists = certain.filter(({ operator }) => operator === 'In').map(({ values }) => new Set(values));
  const [first, ...others] = lists;
  if (first === undefined) return 'any';
  return [...first].filter((name) => OBJECT_NAME.refuse(name) === null && others.every((list) => list.has(name)));
}
