import type { EventFacts } from '../domain/change.ts';
import { NO_PART, type Part, partText } from '../domain/grouping/grouping.ts';
import { plainText } from '../domain/plain-text.ts';
import { isRefreshedKind, type Stage } from '../domain/policy.ts';
import { type Edit, setBy } from '../plan/plan.ts';
import { placeOf, rollsOut } from './edits/edit-sorts.ts';
import { formatTrailers } from './trailers.ts';

const SUBJECT_LENGTH = 72;
const MOST_PART = 32;
const MAX_LINES = 50;

/**
 * The commit message of one stage: subject, why, and the trailers. Derived from the edits alone; `line`: the first line, such as
 * `subject` says it.
 */
export function commitMessage(
  edits: readonly Edit[],
  events: readonly EventFacts[],
  stage: Stage,
  line: string = subject(edits, stage),
): string {
  const trailers = formatTrailers(edits, events);
  return [line, '', why(edits, stage), ...(trailers === '' ? [] : ['', trailers]), ''].join('\n');
}

/** One line of at most 72 characters: what happens to which secret; also the pull request's title. */
export function subject(edits: readonly Edit[], stage: Stage, part: Part = NO_PART): string {
  if (stage === 2) {
    const restarts = `Restart ${count(workloadsOf(edits), 'workload')} after a secret refresh`;
    return `${restarts}${inPart(part, SUBJECT_LENGTH - restarts.length)}`;
  }
  const [first = 'secrets', ...others] = [...new Set(edits.flatMap((edit) => edit.secrets))].toSorted();
  const tail = `${others.length === 0 ? '' : ` and ${others.length} more`}${inPart(part, MOST_PART)}`;
  const verb = edits.some(({ kind }) => isRefreshedKind(kind)) || edits.length === 0 ? 'Refresh' : 'Restart for';
  const room = SUBJECT_LENGTH - `${verb} `.length - tail.length;
  // `acme/app#1` would be taken for an issue of another repository.
  const name = neutral(shownKey(first), 2000);
  return `${verb} ${name.length > room ? `${name.slice(0, room - 1)}…` : name}${tail}`;
}

/** What tells the part from the others, in so many characters at most. */
function inPart(part: Part, room: number): string {
  const text = partText(part);
  if (text === null) return '';
  const words = neutral(` in ${text}`, 2000);
  return words.length > room ? `${words.slice(0, room - 1)}…` : words;
}

/** A key in words. A custom label that looks like ours is spelled with a `%`. */
function shownKey(key: string): string {
  const found = /^(?:\d{12}:[a-z0-9-]+:)?find#([0-9a-f]{16})$/.exec(key)?.[1];
  if (found !== undefined) return `what find ${found} finds`;
  return key.endsWith('#tags') ? `tags of ${key.slice(0, -'#tags'.length)}` : key.replace('#', ' label ');
}

/** How many workloads these edits touch, by whatever annotations. */
export function workloadsOf(edits: readonly Edit[]): number {
  const workloads = edits.filter(({ kind }) => !isRefreshedKind(kind));
  return new Set(workloads.map((edit) => placeOf(edit))).size;
}

/** `1 workload`, `2 workloads`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** What these edits bring: a parameter's key says so. */
export function nounOf(edits: readonly Edit[]): 'secret' | 'parameter' {
  const keys = edits.flatMap(({ secrets }) => secrets);
  return keys.length > 0 && keys.every(isParameterKey) ? 'parameter' : 'secret';
}

/** True for a `secretName` of Parameter Store. */
export function isParameterKey(key: string): boolean {
  return key.startsWith('ssm:');
}

function why(edits: readonly Edit[], stage: Stage): string {
  const lines = edits
    .slice(0, MAX_LINES)
    .map((edit) => `- ${edit.kind} ${neutral(place(edit))}: ${neutral(setBy(edit))}`);
  const more = edits.length > MAX_LINES ? [`- and ${edits.length - MAX_LINES} more`] : [];
  return [
    stage === 2
      ? 'The refresh was merged and has had its time; these pods start again with the new value.'
      : refreshed(edits),
    '',
    ...lines,
    ...more,
  ].join('\n');
}

function refreshed(edits: readonly Edit[]): string {
  const workloads = workloadsOf(edits);
  const atOnce = workloadsOf(edits.filter(rollsOut));
  const later = atOnce === 0 ? 'announced for a restart' : 'restarted with it, or announced for a restart';
  const restarts = atOnce === workloads && atOnce > 0 ? 'restarted with it' : later;
  return [
    `A ${nounOf(edits)} changed in AWS. ${refreshesOf(edits)}`,
    ...(workloads === 0 ? [] : [`; ${count(workloads, 'workload')} ${restarts}`]),
    '.',
  ].join('');
}

/** Who fetches it again, and what carries its token; where nothing does, it is for the workloads alone. */
function refreshesOf(edits: readonly Edit[]): string {
  const numbered = (kind: string, noun = kind) => {
    const number = edits.filter((edit) => edit.kind === kind).length;
    return number === 0 ? [] : [count(number, noun)];
  };
  const objects = [...numbered('ExternalSecret'), ...numbered('ClusterExternalSecret')];
  const effects = [
    ...(objects.length === 0 ? [] : [`${objects.join(' and ')} will fetch it again`]),
    ...numbered('RefreshMarker', 'marked value').map((values) => `${values} will carry its token`),
  ];
  return effects.length === 0 ? 'What uses it reads it at its start' : effects.join('; ');
}

function place(edit: Edit): string {
  const name = edit.namespace === null ? edit.name : `${edit.namespace}/${edit.name}`;
  return `${name} (${edit.path}:${edit.line})`;
}

/** A text for a commit message. Forges read those too: nobody is mentioned, no issue is named or closed, nothing is linked. */
export function neutral(text: string, limit = 300): string {
  return plainText(text, limit)
    .replaceAll('@', '%40')
    .replaceAll('#', '%23')
    .replaceAll('://', '%3A//')
    .replaceAll(/(gh)-(?=\d)/gi, '$1%2D');
}
