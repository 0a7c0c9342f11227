import type { Plan } from '../plan.ts';

/** How many objects a plan changes. */
export function countObjects({ edits }: Pick<Plan, 'edits'>): number {
  const keys = edits.map(({ path, document, item, kind, namespace, name }) => [
    path,
    document,
    item,
    kind,
    namespace,
    name,
  ]);
  return new Set(keys.map((key) => JSON.stringify(key))).size;
}
