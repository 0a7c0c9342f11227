import { structuredPatch } from 'diff';
import type { ChangedFile } from './plan-text.ts';

const PARENT_KEY = /^\+\s*(?:- +)*["']?(?:metadata|annotations)["']?\s*:\s*$/;

/**
 * What was written, counted as `git diff` counts: one changed or added line for each edit, one for each parent key that had to
 * be created, and those that only had to end otherwise (a comma behind a neighbour, a line break at the end of the file).
 */
export function writtenText(files: readonly ChangedFile[], edits: number): string {
  const lines = files.flatMap(addedLines);
  const parents = lines.filter((line) => PARENT_KEY.test(line)).length;
  const others = Math.max(0, lines.length - edits - parents);
  const beside = others === 0 ? '' : `, ${others} that only end otherwise`;
  return `${files.length} file(s) written: ${edits} edit(s), ${lines.length} line(s) changed or added, ${parents} of them parent keys that were missing${beside}`;
}

function addedLines({ path, before, after }: ChangedFile): readonly string[] {
  const { hunks } = structuredPatch(path, path, before, after, '', '', { context: 0 });
  return hunks.flatMap(({ lines }) => lines.filter((line) => line.startsWith('+')));
}
