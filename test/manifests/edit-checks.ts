import { expect } from 'vitest';
import { type AnnotationEdit, editAnnotations } from '../../src/manifests/edit-annotations.ts';
import { judge, keepsOtherLines } from './edit-oracle.ts';

/** The edits give exactly this text; once more changes nothing; another reader sees the wanted difference alone. */
export function check(before: string, edits: AnnotationEdit | readonly AnnotationEdit[], after: string): void {
  const list = [edits].flat();
  const result = editAnnotations(before, list);
  expect(result).toEqual({ kind: 'edited', text: after, lines: expect.any(Array) });
  expect(editAnnotations(after, list)).toEqual({ kind: 'unchanged' });
  expect(keepsOtherLines(before, after, result.kind === 'edited' ? result.lines : [])).toBe(true);
  expect(judge(before, after, list)).toBe('exact');
}
