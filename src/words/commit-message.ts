import type { EventFacts } from '../domain/change.ts';
import { plainText } from '../domain/plain-text.ts';
import type { Stage } from '../domain/policy.ts';
import type { Edit } from '../plan/plan.ts';
import { formatTrailers } from './trailers.ts';

const SUBJECT_LENGTH = 72;

/** The commit message of one stage: subject, why, and the trailers. Derived from the edits alone. */
export function commitMessage(edits: readonly Edit[], events: readonly EventFacts[], stage: Stage): string {
  const trailers = formatTrailers(edits, events);
  return [subject(edits, stage), '', why(edits, stage), ...(trailers === '' ? [] : ['', trailers]), ''].join('\n');
}

/** One line of at most 72 characters: what happens to which secret; also the pull request's title. */
export function subject(edits: readonly Edit[], stage: Stage): string {
  const secrets = [...new Set(edits.flatMap((edit) => edit.secrets))].toSorted();
  const objects = new Set(edits.map((edit) => `${edit.path} ${edit.kind} ${edit.name}`)).size;
  if (stage === 2) return `Restart ${objects} ${objects === 1 ? 'workload' : 'workloads'} after a secret refresh`;
  const [first = 'secrets', ...others] = secrets;
  const tail = others.length === 0 ? '' : ` and ${others.length} more`;
  const room = SUBJECT_LENGTH - 'Refresh '.length - tail.length;
  const name = plainText(first, 2000);
  return `Refresh ${name.length > room ? `${name.slice(0, room - 1)}…` : name}${tail}`;
}

function why(edits: readonly Edit[], stage: Stage): string {
  const refreshes = edits.filter((edit) => edit.kind === 'ExternalSecret');
  const workloads = edits.filter((edit) => edit.kind !== 'ExternalSecret');
  const lines = edits.slice(0, 50).map((edit) => `- ${edit.kind} ${plainText(place(edit))}: ${edit.annotation}`);
  const more = edits.length > 50 ? [`- and ${edits.length - 50} more`] : [];
  const head =
    stage === 2
      ? 'The refresh has been applied; these pods start again with the new value.'
      : `A secret changed in AWS. ${count(refreshes.length, 'ExternalSecret')} will fetch it again; ${count(workloads.length, 'workload')} announced for a restart.`;
  return [head, '', ...lines, ...more].join('\n');
}

function place(edit: Edit): string {
  const name = edit.namespace === null ? edit.name : `${edit.namespace}/${edit.name}`;
  return `${name} (${edit.path}:${edit.line})`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
