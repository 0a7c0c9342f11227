import type { Way } from './way.ts';

export const BASIC: Way = { method: 'squash', branch: 'delete', order: 'time', merge: 'none', second: 'never' };

/** One way by each method: a base that is one commit longer, a merge of two parents, new commits, and our very own. */
export function byMethod(more: Partial<Way>): readonly Way[] {
  const methods: readonly Way['method'][] = ['squash', 'merge', 'rebase', 'fast-forward'];
  return methods.map((method) => ({ ...BASIC, method, ...more }));
}

/** A word for each choice. */
export function nameOf({ method, branch, order, merge, second }: Way): string {
  return `${method}, ${branch} the branch, ${order}, merge ${merge}, second rotation ${second}`;
}
