import { sha256Hex } from '../../../domain/digest.ts';
import { type BranchParts, folderOf } from '../../group.ts';

const END = '/baseline';

/** The branch that proposes the baseline of a base: of no stage, since nothing is refreshed or restarted by it. */
export function baselineBranch({ prefix, instance, base }: Omit<BranchParts, 'group' | 'stage'>): string {
  return `${folderOf({ prefix, instance })}/baseline-${sha256Hex(JSON.stringify([instance, base]), 8)}${END}`;
}

/** True for a branch, or the ref of one, that proposes a baseline. */
export function isBaselineBranch(name: string): boolean {
  return name.endsWith(END);
}
