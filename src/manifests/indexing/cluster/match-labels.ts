import type { LabelSelector } from '../../../domain/policy.ts';

/** Kubernetes label-selector semantics: all of `matchLabels` and all of `matchExpressions`. */
export function matchesLabels(selector: LabelSelector, labels: ReadonlyMap<string, string>): boolean {
  const plain = Object.entries(selector.matchLabels).every(([key, value]) => labels.get(key) === value);
  return plain && selector.matchExpressions.every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(
  { key, operator, values }: LabelSelector['matchExpressions'][number],
  labels: ReadonlyMap<string, string>,
): boolean {
  const value = labels.get(key);
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}
