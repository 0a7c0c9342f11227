import type { EventFacts } from '../domain/change.ts';
import { NO_PART, type Part, partText } from '../domain/grouping/grouping.ts';
import { isRefreshedKind, type Order, type Stage } from '../domain/policy.ts';
import { findKeyed } from '../domain/token.ts';
import { broughtBy, type Edit, type Plan, type Skip, setBy } from '../plan/plan.ts';
import { count, isParameterKey, nounOf, subject, workloadsOf } from './commit-message.ts';
import { diagram, readsItself } from './edits/diagram.ts';
import { placeOf, rollsOut } from './edits/edit-sorts.ts';
import { boundedTable, code, prose } from './markdown.ts';
import { effectLines, eventLines } from './trailers.ts';

/** GitHub's limit on a body, in characters; ours stays below. */
export const MAX_BODY_LENGTH = 65_536;

/** Of that, what the trailers may take. */
const MAX_TRAILERS_LENGTH = 40_000;

export interface PullRequestText {
  readonly title: string;
  readonly body: string;
}

export interface PullRequestSubject {
  readonly plan: Plan;
  readonly events: readonly EventFacts[];
  readonly order: Order;
  readonly stage: Stage;
  /** Which part of its group it is; left out: all of it. */
  readonly part?: Part;
  /** How long a refresh settles before its restarts are proposed. */
  readonly settleMilliseconds: number;
  /** For stage two: the merged pull requests that brought what is restarted for. */
  readonly refreshedBy: readonly number[];
}

/** Title and body of a pull request, in Markdown that stays harmless whatever the names in it are. */
export function pullRequestText(about: PullRequestSubject): PullRequestText {
  const title = subject(about.plan.edits, about.stage, about.part);
  // Fewer rows until it fits; without rows the fixed text and the trailers always do.
  for (const limit of [100, 25, 5]) {
    const body = bodyWith(about, limit);
    if (body.length < MAX_BODY_LENGTH) return { title, body };
  }
  return { title, body: bodyWith(about, 0) };
}

/** The body with at most `limit` rows in each table. */
function bodyWith(about: PullRequestSubject, limit: number): string {
  const { plan, events, stage } = about;
  const { edits, skips } = plan;
  const parts = [
    opening(about),
    partOfGroup(about),
    stage === 1 ? rotated(edits, limit) : null,
    changes(edits, limit),
    restarts(about),
    notes(edits, limit),
    skipped(skips, limit),
    approval(edits, stage),
    limit === 0 ? null : diagram(edits, limit),
    rollback(edits, stage),
    ...trailerParts(edits, events),
  ];
  return `${parts.filter((part) => part !== null).join('\n\n')}\n`;
}

function opening({ plan, stage, refreshedBy, settleMilliseconds }: PullRequestSubject): string {
  if (stage === 1) {
    return `A ${nounOf(plan.edits)} changed in AWS. ${effectOf(plan.edits)} No value is read or shown here.`;
  }
  const settled = duration(settleMilliseconds);
  const pulls = refreshedBy.map((number) => `#${number}`).join(', ');
  return [
    pulls === ''
      ? `The refresh has been on the base branch for ${settled} at least, so it should have been applied.`
      : `The refresh was merged with ${pulls}, ${settled} ago at least, so it should have been applied.`,
    'Merging this restarts the workloads that consume the refreshed Secrets.',
    'Nothing here has looked into the cluster: see that the ExternalSecrets are Ready and were refreshed since.',
  ].join(' ');
}

/** Other parts wait for people of their own. */
function partOfGroup({ part = NO_PART }: PullRequestSubject): string | null {
  const text = partText(part);
  if (text === null) return null;
  return `This is the part ${code(text, 600)} alone: what lies elsewhere has pull requests of its own.`;
}

/** What merging does: where no ExternalSecret fetches it, new pods read it themselves. */
function effectOf(edits: readonly Edit[]): string {
  return edits.some(({ kind }) => isRefreshedKind(kind))
    ? 'Merging this makes External Secrets Operator fetch the new version.'
    : 'Merging this restarts the workloads that read it themselves.';
}

/** `6 minutes`, `90 seconds`. */
function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds >= 60 && seconds % 60 === 0 ? count(seconds / 60, 'minute') : count(seconds, 'second');
}

function rotated(edits: readonly Edit[], limit: number): string {
  const rotations = new Map<string, readonly [string, string, string]>();
  for (const edit of edits) {
    const token = broughtBy(edit);
    const isTold = edit.brings === undefined;
    for (const key of token === null ? [] : edit.secrets) {
      const entry = token === null ? undefined : findKeyed(token, key);
      // Objects of one secret may be brought to different versions.
      if (entry !== undefined)
        rotations.set(`${key}=${entry.version}`, [
          key,
          entry.version,
          isTold ? entry.time : 'by the time of this commit',
        ]);
    }
  }
  const table = boundedTable({
    header: ['Secret', 'Version', 'Seen current at'],
    items: [...rotations.values()],
    row: ([key, version, time]) => [code(key), code(version), time],
    limit,
  });
  return `### What rotated\n\n${table}`;
}

function changes(edits: readonly Edit[], limit: number): string {
  const table = boundedTable({
    header: ['Object', 'File', 'Annotation', 'Why'],
    items: edits,
    row: (edit) => [objectCode(edit), code(`${edit.path}:${edit.line}`, 200), code(setBy(edit)), prose(edit.reason)],
    limit,
  });
  return `### What changes\n\n${table}`;
}

function objectCode({ kind, namespace, name }: Pick<Edit, 'kind' | 'namespace' | 'name'>): string {
  return code(`${kind} ${namespace === null ? '' : `${namespace}/`}${name}`);
}

function restarts(about: PullRequestSubject): string {
  const { edits } = about.plan;
  if (about.stage === 2) {
    return `### What restarts\n\n${count(workloadsOf(edits), 'workload')}, by a rollout, as soon as this is applied.`;
  }
  const atOnce = edits.filter((edit) => isAtOnce(edit) && !readsItself(edit));
  const direct = edits.filter((edit) => isAtOnce(edit) && readsItself(edit));
  const later = announced(edits);
  const texts = [
    ...(atOnce.length === 0 ? [] : [restartsAtOnce(count(workloadsOf(atOnce), 'workload'))]),
    ...(direct.length === 0 ? [] : [restartsItself(count(workloadsOf(direct), 'workload'))]),
    ...(later.length === 0
      ? []
      : [
          `${atOnce.length + direct.length === 0 ? 'Nothing by this merge' : 'The others later'}: ${restartsLater(later, about)}`,
        ]),
  ];
  const due = restartMarkers(edits);
  const marked = `${count(due, 'restart marker')} will be due, and a second pull request proposes ${due === 1 ? 'it' : 'them'}.`;
  if (due > 0) texts.push(texts.length === 0 ? `Nothing by this merge: ${marked}` : `By inline markers: ${marked}`);
  return `### What restarts\n\n${texts.length === 0 ? noRestarts(about) : texts.join('\n\n')}`;
}

/** How many restart markers follow what is refreshed here; one that follows several is noted on each of them. */
function restartMarkers(edits: readonly Edit[]): number {
  const noted = edits.flatMap((edit) => edit.notes.filter(({ code: one }) => one === 'restart-marker'));
  return new Set(noted.map(({ reason }) => reason)).size;
}

function noRestarts({ order }: PullRequestSubject): string {
  return order === 'refreshOnly'
    ? 'Nothing: this repository is configured to refresh only.'
    : 'Nothing: no workload that may be touched here consumes what is refreshed.';
}

/** Edits of stage one that roll pods out. */
function isAtOnce(edit: Edit): boolean {
  return edit.stage === 1 && rollsOut(edit);
}

/** Edits that announce a restart of what the same commit does not restart. */
function announced(edits: readonly Edit[]): readonly Edit[] {
  const restarted = new Set(edits.filter(isAtOnce).map(placeOf));
  return edits.filter((edit) => !isRefreshedKind(edit.kind) && !restarted.has(placeOf(edit)));
}

function restartsAtOnce(workloads: string): string {
  return `${workloads}, in the same commit: pods may restart **before** the new value is there.`;
}

function restartsItself(workloads: string): string {
  return `${workloads}, by a rollout as soon as this is applied: new pods read the new value themselves.`;
}

function restartsLater(edits: readonly Edit[], { settleMilliseconds }: PullRequestSubject): string {
  return [
    `\`restart-due\` only announces a restart on ${count(workloadsOf(edits), 'workload')}.`,
    `About ${duration(settleMilliseconds)} after the merge a second pull request proposes it, for a person to merge.`,
  ].join(' ');
}

/** What does not happen as it looks, each once for its object. */
function notes(edits: readonly Edit[], limit: number): string | null {
  const noted = edits.flatMap((edit) => edit.notes.map((note) => ({ edit, note })));
  if (noted.length === 0) return null;
  const table = boundedTable({
    header: ['Object', 'File', 'Code', 'What to know'],
    items: noted,
    row: ({ edit, note }) => [
      objectCode(edit),
      code(edit.path, 200),
      code(note.code),
      prose(note.hint === null ? note.reason : `${note.reason} ${note.hint}`),
    ],
    limit,
  });
  return `### What to look at\n\n${table}`;
}

function skipped(skips: readonly Skip[], limit: number): string | null {
  if (skips.length === 0) return null;
  const table = boundedTable({
    header: ['Object', 'File', 'Code', 'Why'],
    items: skips,
    row: (skip) => [
      objectCode(skip),
      code(skip.path, 200),
      code(skip.code),
      prose(skip.hint === null ? skip.reason : `${skip.reason} ${skip.hint}`),
    ],
    limit,
  });
  return `### What is left alone\n\n${table}`;
}

function approval(edits: readonly Edit[], stage: Stage): string {
  if (stage === 2) {
    return '### What this approves\n\n- These workloads start again, with whatever value their Secrets then have.';
  }
  const isRefresh = edits.some(({ kind }) => isRefreshedKind(kind));
  const lines = [
    `Merging approves how this rotation **spreads**, not that it happened: the ${nounOf(edits)} has already changed in AWS.`,
    'With a single-user rotation the old password is already dead; every minute until the refresh is an outage for new connections.',
    isRefresh
      ? 'Unless an ExternalSecret has `refreshPolicy: OnChange`, it also takes the new value at its next `refreshInterval`, without this pull request.'
      : 'Whatever starts for another reason reads the new value without this pull request.',
  ];
  const staged =
    announced(edits).length > 0 && !edits.some(isAtOnce)
      ? ['It restarts nothing: running pods may keep the old value until the second pull request is merged.']
      : [];
  return `### What this approves\n\n${[...lines, ...staged].map((line) => `- ${line}`).join('\n')}`;
}

function rollback(edits: readonly Edit[], stage: Stage): string {
  if (stage === 2) {
    return '### Roll back\n\nRevert this commit: it restarts the workloads again with whatever value the Secret then has.';
  }
  const keys = edits.flatMap(({ secrets }) => secrets);
  const ways = [
    ...(nounOf(edits) === 'secret'
      ? ['Move the label back in AWS (`update-secret-version-stage`): the next event proposes the earlier version.']
      : []),
    ...(keys.some(isParameterKey)
      ? [
          'Write the earlier value of a parameter again (`put-parameter --overwrite`): the next event proposes it as a new version.',
        ]
      : []),
    edits.some(({ kind }) => isRefreshedKind(kind))
      ? 'Reverting this commit refreshes again, but fetches whatever AWS then calls current.'
      : 'Reverting this commit restarts again, with whatever AWS then calls current.',
  ];
  return `### Roll back\n\n${ways.join(' ')}`;
}

/** The trailer block as the last paragraph; of very many rotations as many as have room. The commit names them all. */
function trailerParts(edits: readonly Edit[], events: readonly EventFacts[]): readonly string[] {
  const effects = effectLines(edits);
  let length = 0;
  const fitting = effects.filter((line) => {
    length += line.length + 1;
    return length <= MAX_TRAILERS_LENGTH;
  });
  const left = effects.length - fitting.length;
  const block = [...fitting, ...eventLines(events)].join('\n');
  return [...(left === 0 ? [] : [`The commit names ${left} more.`]), ...(block === '' ? [] : [block])];
}
