import { structuredPatch } from 'diff';
import type { Edit, Plan } from '../plan/plan.ts';
import type { ChangedFile } from './plan-text.ts';

const PARENT_KEY = /^\+\s*(?:- +)*["']?(?:metadata|annotations)["']?\s*:\s*$/;

/**
 * What was written, counted as `git diff` counts: one changed or added line for each edit, one for each parent key that had to
 * be created, and those that only had to end otherwise (a comma behind a neighbour, a line break at the end of the file). New
 * patch files of overlays, and the lines that list them, are counted by themselves.
 */
export function writtenText(files: readonly ChangedFile[], edits: readonly Edit[]): string {
  if (files.length === 0) return '0 file(s) written: nothing is to be changed';
  const created = files.filter(({ before }) => before === null);
  const listings = new Set<string>(edits.flatMap(({ overlay }) => overlay?.kustomization ?? []));
  const listing = files.filter(({ path }) => listings.has(path)).flatMap(addedLines).length;
  const inPlace = files.filter(({ path, before }) => before !== null && !listings.has(path));
  const lines = inPlace.flatMap(addedLines);
  const parents = lines.filter((line) => PARENT_KEY.test(line)).length;
  const paths = new Set<string>(inPlace.map(({ path }) => path));
  const others = Math.max(0, lines.length - edits.filter(({ path }) => paths.has(path)).length - parents);
  const parts = [
    `${edits.length} edit(s)`,
    `${lines.length} line(s) changed or added`,
    `${parents} of them parent keys that were missing`,
    ...(others === 0 ? [] : [`${others} that only end otherwise`]),
    ...(created.length === 0 ? [] : [`${created.length} new patch file(s)`]),
    ...(listing === 0 ? [] : [`${listing} line(s) to list them`]),
  ];
  return `${files.length} file(s) written: ${parts.join(', ')}`;
}

/** What a plan that is not written comes to, after all that was shown of it. */
export function unwrittenText({ edits, skips }: Plan, files: readonly ChangedFile[]): string {
  const counts = `${edits.length} edit(s) in ${files.length} file(s), ${skips.length} object(s) left alone`;
  return `nothing is written: ${counts}`;
}

function addedLines({ path, before, after }: ChangedFile): readonly string[] {
  const { hunks } = structuredPatch(path, path, before ?? '', after, '', '', { context: 0 });
  return hunks.flatMap(({ lines }) => lines.filter((line) => line.startsWith('+')));
}
