import { SECRET_VERSIONS } from '../../domain/policy.ts';
import type { Edit } from '../../plan/plan.ts';

/** True for an edit that rolls pods out: of a pod template, or of a value that a restart marker marks. */
export function rollsOut({ target, annotation }: Pick<Edit, 'target' | 'annotation'>): boolean {
  return target === 'template' || (target === 'marker' && annotation === SECRET_VERSIONS);
}

/** Equal for all edits of one object; markers are one each. */
export function placeOf({ path, document, item, target, name }: Edit): string {
  return JSON.stringify([path, document, item, ...(target === 'marker' ? [name] : [])]);
}
