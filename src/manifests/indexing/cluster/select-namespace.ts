import type { LabelSelector } from '../../../domain/policy.ts';
import type { ClusterReach, NamespaceFacts, Placed } from '../../objects.ts';
import { type Located, sharedDepth } from '../placement.ts';
import { matchesLabels } from './match-labels.ts';

/** Whether a ClusterExternalSecret writes into the namespace of an object: certainly, not, or nobody can tell. */
export type Selection = 'selected' | 'not' | 'unknown';

/** The Namespace objects of a repository, by name. */
export type Namespaces = ReadonlyMap<string, readonly Placed<NamespaceFacts>[]>;

/** Kubernetes sets this label on every namespace itself. */
const NAME_LABEL = 'kubernetes.io/metadata.name';

/** Prepares the look-up. */
export function namespacesByName(objects: readonly Placed<NamespaceFacts>[]): Namespaces {
  const byName = new Map<string, Placed<NamespaceFacts>[]>();
  for (const one of objects) {
    const known = byName.get(one.name);
    if (known === undefined) byName.set(one.name, [one]);
    else known.push(one);
  }
  return byName;
}

/**
 * Whether the namespace of an object is among those that `reach` means. Labels are those of the Namespace objects of that name
 * that are nearest to it; where the repository holds none, only what every namespace has is known.
 */
export function selectNamespace(reach: ClusterReach, from: Located, namespaces: Namespaces): Selection {
  const found = new Set(from.placements.map(({ namespace }) => selectByName(reach, namespace, { from, namespaces })));
  const [only = 'unknown', ...others] = found;
  return others.length === 0 ? only : 'unknown';
}

function selectByName(
  { namespaces: named, selectors }: ClusterReach,
  namespace: string | null,
  known: { readonly from: Located; readonly namespaces: Namespaces },
): Selection {
  if (namespace === null) return selectors.some((one) => one !== null && isEmpty(one)) ? 'selected' : 'unknown';
  if (named.includes(namespace)) return 'selected';
  const labels = labelsOf(namespace, known);
  const answers = selectors.map((selector) => judge(selector, namespace, labels));
  if (answers.includes('selected')) return 'selected';
  return answers.includes('unknown') ? 'unknown' : 'not';
}

function judge(
  selector: LabelSelector | null,
  namespace: string,
  labels: readonly ReadonlyMap<string, string>[],
): Selection {
  if (selector === null) return 'unknown';
  const name = [NAME_LABEL, namespace] as const;
  if (labels.length > 0) {
    const fits = labels.map((one) => matchesLabels(selector, new Map([...one, name])));
    if (fits.every((fit) => fit === fits[0])) return fits[0] === true ? 'selected' : 'not';
    return 'unknown';
  }
  // What asks for the name alone is known without the object; if that part fails, no other label can mend it.
  const { byName, isAll } = partByName(selector);
  if (!matchesLabels(byName, new Map([name]))) return 'not';
  return isAll ? 'selected' : 'unknown';
}

function partByName({ matchLabels, matchExpressions }: LabelSelector) {
  const labels = Object.entries(matchLabels).filter(([key]) => key === NAME_LABEL);
  const expressions = matchExpressions.filter(({ key }) => key === NAME_LABEL);
  return {
    byName: { matchLabels: Object.fromEntries(labels), matchExpressions: expressions },
    isAll: labels.length === Object.keys(matchLabels).length && expressions.length === matchExpressions.length,
  };
}

function isEmpty({ matchLabels, matchExpressions }: LabelSelector): boolean {
  return Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
}

/** Of several clusters' Namespaces of one name, the nearest. */
function labelsOf(
  namespace: string,
  { from, namespaces }: { readonly from: Located; readonly namespaces: Namespaces },
): readonly ReadonlyMap<string, string>[] {
  const found = namespaces.get(namespace) ?? [];
  const depths = found.map((one) => sharedDepth({ path: one.path, placements: [] }, from));
  const deepest = Math.max(0, ...depths);
  return found.filter((_, at) => depths[at] === deepest).map(({ labels }) => labels);
}
