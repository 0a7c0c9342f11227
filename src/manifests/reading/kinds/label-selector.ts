import type { LabelSelector } from '../../../domain/policy.ts';
import { readStrings } from '../object-header.ts';
import { entries, field, items, text, type View } from '../yaml-view.ts';

const OPERATORS = ['In', 'NotIn', 'Exists', 'DoesNotExist'] as const;

/** A Kubernetes label selector as a manifest has it; null where it says something that is not understood. */
export function readLabelSelector(view: View | null): LabelSelector | null {
  if (view === null || entries(view) === null) return null;
  if (hasOtherKeys(view)) return null;
  const written = entries(field(view, 'matchLabels')) ?? [];
  const matchLabels = readStrings(field(view, 'matchLabels'));
  if (matchLabels.size !== written.length) return null;
  const expressions = (items(field(view, 'matchExpressions')) ?? []).map(readExpression);
  const matchExpressions = expressions.flatMap((one) => one ?? []);
  if (matchExpressions.length !== expressions.length) return null;
  return { matchLabels: Object.fromEntries(matchLabels), matchExpressions };
}

function hasOtherKeys(view: View): boolean {
  return (entries(view) ?? []).some(([key]) => key !== 'matchLabels' && key !== 'matchExpressions');
}

function readExpression(view: View): LabelSelector['matchExpressions'][number] | null {
  const key = text(field(view, 'key'));
  const operator = OPERATORS.find((one) => one === text(field(view, 'operator')));
  if (key === null || operator === undefined) return null;
  return { key, operator, values: (items(field(view, 'values')) ?? []).flatMap((one) => text(one) ?? []) };
}
