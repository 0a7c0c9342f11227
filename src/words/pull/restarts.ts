import type { EvidencePolicy } from '../../domain/life/evidence-policy.ts';
import { isRefreshedKind, type Order, type Stage } from '../../domain/policy.ts';
import type { Edit, Plan } from '../../plan/plan.ts';
import { count, workloadsOf } from '../commit-message.ts';
import { placeOf } from '../edits/edit-sorts.ts';
import { stagesOf } from '../edits/stages.ts';
import { code } from '../markdown.ts';
import { comesLater } from './applied.ts';
import { inOrder, secondBecause } from './in-order.ts';

/** How many objects a sentence names. */
const MAX_NAMED = 5;

interface RestartingPlan {
  readonly plan: Plan;
  readonly order: Order;
  readonly stage: Stage;
  readonly settleMilliseconds: number;
  readonly statusPolicy?: EvidencePolicy;
}

/** What restarts, and when. */
export function restarts(about: RestartingPlan): string {
  const { edits } = about.plan;
  if (about.stage === 2) {
    return `### What restarts\n\n${workloadsIn(edits)}, by a rollout, as soon as this is applied.\n\n${secondBecause()}`;
  }
  const stages = stagesOf(edits);
  const later = stages.announced;
  const texts = [
    ...WAYS.flatMap(([way, text]) => (stages[way].length === 0 ? [] : [text(workloadsIn(stages[way]))])),
    ...(later.length === 0
      ? []
      : [
          `${WAYS.every(([way]) => stages[way].length === 0) ? 'Nothing by this merge' : 'Later'}: ${restartsLater(later, about)}`,
        ]),
  ];
  const due = restartMarkers(edits);
  const marked = `${count(due, 'restart marker')} will be due, and a second pull request proposes ${due === 1 ? 'it' : 'them'}.`;
  if (due > 0) texts.push(texts.length === 0 ? `Nothing by this merge: ${marked}` : `By inline markers: ${marked}`);
  const said = texts.length === 0 ? [noRestarts(about)] : texts;
  return ['### What restarts', ...said, ...inOrder(stages, about)].join('\n\n');
}

/** What is said of each way to restart by this merge, in this order. */
const WAYS = [
  ['byName', restartsByName],
  ['gated', restartsGated],
  ['atOnce', restartsAtOnce],
  ['direct', restartsItself],
] as const;

/** `2 workloads (…, …)`. */
function workloadsIn(edits: readonly Edit[]): string {
  const workloads = edits.filter(({ kind }) => !isRefreshedKind(kind));
  const named = new Map(workloads.map((edit) => [placeOf(edit), nameOf(edit)]));
  return `${count(workloadsOf(edits), 'workload')} (${someOf([...named.values()])})`;
}

/** How many restart markers follow what is refreshed here; one that follows several is noted on each of them. */
function restartMarkers(edits: readonly Edit[]): number {
  const noted = edits.flatMap((edit) => edit.notes.filter(({ code: one }) => one === 'restart-marker'));
  return new Set(noted.map(({ reason }) => reason)).size;
}

function noRestarts({ order }: RestartingPlan): string {
  return order === 'refreshOnly'
    ? 'Nothing: this repository is configured to refresh only.'
    : 'Nothing: no workload that may be touched here consumes what is refreshed.';
}

function restartsAtOnce(workloads: string): string {
  return `${workloads}, in the same commit: pods may restart **before** the new value is there.`;
}

function restartsGated(workloads: string): string {
  return `${workloads}, by this commit, but only after the refresh: the notes \`gated\` below say who waits for what. A refresh that fails holds the restart back.`;
}

function restartsByName(workloads: string): string {
  return `${workloads}, by the new name of their Secret in the same commit: pods wait until it is there, so none starts with the old value. CronJobs and Jobs take it at their next run.`;
}

function restartsItself(workloads: string): string {
  return `${workloads}, by a rollout as soon as this is applied: new pods read the new value themselves.`;
}

function restartsLater(edits: readonly Edit[], { plan, settleMilliseconds, statusPolicy }: RestartingPlan): string {
  const delay = duration(statusPolicy?.delayMilliseconds ?? 0);
  const later = comesLater(plan.edits, statusPolicy, { settled: duration(settleMilliseconds), delay });
  return `\`restart-due\` only announces a restart on ${workloadsIn(edits)}. ${later}`;
}

/** An object in words. */
export function nameOf({ kind, namespace, name }: Pick<Edit, 'kind' | 'namespace' | 'name'>): string {
  return `${kind} ${namespace === null ? '' : `${namespace}/`}${name}`;
}

/** The first few, and how many more. */
export function someOf(names: readonly string[]): string {
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
  return `${names
    .slice(0, MAX_NAMED)
    .map((name) => code(name, 200))
    .join(', ')}${more}`;
}

/** `6 minutes`, `90 seconds`. */
export function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds >= 60 && seconds % 60 === 0 ? count(seconds / 60, 'minute') : count(seconds, 'second');
}
