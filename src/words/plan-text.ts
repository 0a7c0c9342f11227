import { createTwoFilesPatch } from 'diff';
import { plainText } from '../domain/plain-text.ts';
import { type Edit, type Note, type Plan, type Skip, setBy } from '../plan/plan.ts';
import { count, workloadsOf } from './commit-message.ts';
import { placeOf } from './edits/edit-sorts.ts';
import { stagesOf } from './edits/stages.ts';
import { address, because } from './report-lines.ts';

/** One file before and after a plan, for a diff. */
export interface ChangedFile {
  readonly path: string;
  /** Null for a new file. */
  readonly before: string | null;
  readonly after: string;
}

/**
 * A plan as text for a terminal: every edit and every skip with its reason. Names are neutralised. `groups`: where each edit goes,
 * if that is asked for.
 */
export function planText(plan: Plan, groups: readonly (readonly ShownGroup[])[] = []): string {
  const edits = plan.edits.flatMap((edit, at) => [
    `  ${address(edit)}  stage ${edit.stage}`,
    `    ${plainText(setBy(edit), 400)}: ${plainText(edit.after, 400)}`,
    ...(edit.fields ?? []).map(({ field, after }) => `    ${plainText(field, 200)}: ${plainText(after, 400)}`),
    `    because: ${plainText(edit.reason, 600)}`,
    `    chain:   ${plainText(edit.chain.join(' → '), 600)}`,
    ...(groups[at] ?? []).map(groupText),
    ...edit.notes.map(noteText),
  ]);
  const skips = alike(plan.skips).flatMap(([first, ...others]) => [
    ...[first, ...others].map((skip) => `  ${address(skip)}  ${skip.code}`),
    ...because(first, '    '),
  ]);
  const head = [`${plan.edits.length} edit(s)`, ...stageLines(plan.edits)];
  return [...head, ...edits, `${plan.skips.length} object(s) left alone`, ...skips, ''].join('\n');
}

/** What happens in which stage, and what comes next. */
function stageLines(edits: readonly Edit[]): readonly string[] {
  const { refreshed, byName, gated, atOnce, direct, announced, second } = stagesOf(edits);
  const objects = new Set(refreshed.map(placeOf)).size;
  return [
    ...(objects === 0 ? [] : [`  stage 1: ${count(objects, 'object')} ${objects === 1 ? 'is' : 'are'} refreshed`]),
    ...restartLine(byName, 'stage 1, by the same commit and once the Secret of the new name is there'),
    ...restartLine(gated, 'stage 1, by the same commit and after the refresh'),
    ...restartLine(atOnce, 'stage 1, by the same commit and perhaps before the refresh'),
    ...restartLine(direct, 'stage 1, with nothing to wait for'),
    ...restartLine(announced, 'stage 2, by a later pull request, once the refresh counts as applied'),
    ...restartLine(second, 'stage 2'),
  ];
}

function restartLine(some: readonly Edit[], when: string): readonly string[] {
  const workloads = workloadsOf(some);
  const restart = workloads === 1 ? 'restarts' : 'restart';
  return some.length === 0 ? [] : [`  ${when}: ${count(workloads, 'workload')} ${restart}`];
}

/** What is left alone for one and the same reason, together: a chart has a hundred templates, and one sentence for them. */
function alike(skips: readonly Skip[]): readonly (readonly [Skip, ...Skip[]])[] {
  const groups = new Map<string, [Skip, ...Skip[]]>();
  for (const skip of skips) {
    const key = JSON.stringify([skip.code, skip.reason, skip.hint]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [skip]);
    else group.push(skip);
  }
  return [...groups.values()];
}

/** A group as `plan` shows it. */
export interface ShownGroup {
  readonly name: string;
  /** `cluster=prod`; null where no path pattern captures anything. */
  readonly part: string | null;
  /** Null where no configuration says how branches are called. */
  readonly branch: string | null;
}

function groupText({ name, part, branch }: ShownGroup): string {
  const title = plainText(part === null ? name : `${name} in ${part}`, 600);
  return `    group:   ${title}${branch === null ? '' : `, branch ${plainText(branch, 400)}`}`;
}

function noteText({ code, reason, hint }: Note): string {
  return `    note:    ${code}: ${plainText(hint === null ? reason : `${reason} ${hint}`, 600)}`;
}

/** The unified diff of these files, as `git diff` would show it; control characters are made visible. */
export function diffText(files: readonly ChangedFile[]): string {
  return files
    .filter(({ before, after }) => before !== after)
    .map(({ path, before, after }) =>
      createTwoFilesPatch(before === null ? '/dev/null' : `a/${path}`, `b/${path}`, before ?? '', after, '', '', {
        context: 3,
      }),
    )
    .map((patch) => patch.replace(/^=+\n/, ''))
    .map((patch) => patch.split('\n').map(visibleLine).join('\n'))
    .join('');
}

// Tabs and a carriage return at the end belong to the file; everything else unprintable is shown as an escape.
function visibleLine(line: string): string {
  const end = line.endsWith('\r') ? '\r' : '';
  const parts = line.slice(0, line.length - end.length).split('\t');
  return `${parts.map((part) => plainText(part, 2000)).join('\t')}${end}`;
}
