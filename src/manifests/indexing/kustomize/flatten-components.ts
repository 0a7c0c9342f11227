interface WithComponents<T> {
  readonly components: readonly T[];
}

const MAX_STEPS = 1000;

/** Components with those that they use themselves, each before what uses it; null for too many, and for circles. */
export function flattenComponents<T extends WithComponents<T>>(components: readonly T[]): readonly T[] | null {
  if (components.length === 0) return [];
  const found: T[] = [];
  const open = components.toReversed().map((node) => ({ node, isDone: false }));
  let left = MAX_STEPS;
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    left -= 1;
    if (left < 0) return null;
    if (next.isDone) found.push(next.node);
    else {
      const inner = next.node.components.toReversed().map((node) => ({ node, isDone: false }));
      open.push({ node: next.node, isDone: true }, ...inner);
    }
  }
  return found;
}
