import type { EventFacts } from '../domain/change.ts';
import { NO_PART, type Part, partText } from '../domain/grouping/grouping.ts';
import type { EvidencePolicy } from '../domain/life/evidence-policy.ts';
import { isRefreshedKind, type Order, type Stage } from '../domain/policy.ts';
import { findKeyed } from '../domain/token.ts';
import { titleOf } from '../plan/grouping/group-names.ts';
import type { NextDrop } from '../plan/life/next-drops.ts';
import { broughtBy, type Edit, type Plan, type Skip, setBy } from '../plan/plan.ts';
import { count, isParameterKey, nounOf, subject } from './commit-message.ts';
import { diagram } from './edits/diagram.ts';
import { placeOf } from './edits/edit-sorts.ts';
import { boundedTable, code, folded, prose } from './markdown.ts';
import { type Applied, appliedText, BY_TIME } from './pull/applied.ts';
import { approval } from './pull/approval.ts';
import { lastsUntil, manyOwners } from './pull/before-merge.ts';
import { formatBlock } from './pull/hidden-block.ts';
import { isPinnedThroughout, pinnedRollback } from './pull/pins.ts';
import { duration, nameOf, restarts, someOf } from './pull/restarts.ts';
import { fingerprintOf } from './pull/same-effects.ts';
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
  /** For stage two: how it is known that it was applied; left out: by time. */
  readonly applied?: Applied;
  /** Which statuses are to say that a refresh was applied; left out: none. */
  readonly statusPolicy?: EvidencePolicy;
  /** The sets of code owners of whom one each has to approve what it changes; left out: none. */
  readonly owners?: readonly (readonly string[])[];
  /** The secrets whose next rotation takes away what pods use; left out: none is known. */
  readonly drops?: readonly NextDrop[];
  /** Left out: the body has no block for machines. */
  readonly home?: PullRequestHome;
}

/** Whose a pull request is, and where. */
export interface PullRequestHome {
  readonly instance: string;
  /** `<repository>@<base>`. */
  readonly repository: string;
  readonly base: string;
  readonly branch: string;
  /** The group's name for people. */
  readonly group: string;
}

/** How many rows tables have: fewer until a body fits; without rows the fixed text and the trailers always do. */
const ROW_LIMITS = [100, 25, 5, 0] as const;

/** Title and body of a pull request, in Markdown that stays harmless whatever the names in it are. */
export function pullRequestText(about: PullRequestSubject): PullRequestText {
  const title = subject(about.plan.edits, about.stage, about.part);
  const end = bodyEnd(about);
  return { title, body: fittingBody(end, (limit) => Object.values(sectionsOf(about, limit))) ?? end };
}

/** The first body that is short enough, of parts with fewer and fewer rows; null where none is. */
export function fittingBody(end: string, partsWith: (limit: number) => readonly (string | null)[]): string | null {
  for (const limit of ROW_LIMITS) {
    const body = [...partsWith(limit).filter((part) => part !== null), end].join('\n\n');
    if (body.length < MAX_BODY_LENGTH) return body;
  }
  return null;
}

/** The parts of a body, in order, with at most `limit` rows in each table; null where one has nothing to say. */
export function sectionsOf(about: PullRequestSubject, limit: number) {
  const { plan, stage } = about;
  const { edits, skips } = plan;
  return {
    opening: opening(about),
    part: partOfGroup(about),
    rotated: stage === 1 ? rotated(edits, limit) : null,
    changes: changes(edits, limit),
    restarts: restarts(about),
    notes: notes(edits, limit),
    skipped: skipped(skips, limit),
    approval: approval(edits, stage),
    owners: manyOwners(about.owners ?? []),
    drops: lastsUntil(about.drops ?? [], limit),
    diagram: limit === 0 ? null : folded('How the secrets get there', diagram(edits, limit)),
    rollback: rollback(edits, stage),
  };
}

/** What ends every body, whoever worded the rest: what machines read, the trailers last. */
export function bodyEnd({ plan: { edits }, events, stage, home, part = NO_PART }: PullRequestSubject): string {
  const effects = effectLines(edits);
  const block = (whose: PullRequestHome) =>
    formatBlock({
      instance: whose.instance,
      group: titleOf({ name: whose.group, part }),
      stage,
      fingerprint: fingerprintOf(edits),
      effects: effects.map((line) => line.slice(line.indexOf(': ') + 2)),
      count: effects.length,
    });
  const [left, trailers] = trailerParts(effects, events);
  return `${[left, home === undefined ? '' : block(home), trailers].filter((text) => text !== '').join('\n\n')}\n`;
}

function opening({ plan, stage, refreshedBy, settleMilliseconds, applied = BY_TIME }: PullRequestSubject): string {
  if (stage === 1) {
    return `A ${nounOf(plan.edits)} changed in AWS. ${effectOf(plan.edits)} No value is read or shown here.`;
  }
  const refresh = `The refresh${refreshedObjects(plan.edits)}`;
  return [
    appliedText(refresh, refreshedBy, duration(settleMilliseconds), applied),
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

/** The ExternalSecrets whose refresh a restart follows: the first of its chain, without itself. */
function refreshedObjects(edits: readonly Edit[]): string {
  const names = [...new Set(edits.flatMap(({ chain }) => chain.slice(0, -1)))].toSorted();
  return names.length === 0 ? '' : ` of ${someOf(names)}`;
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
  const objects = new Set(edits.map(placeOf)).size;
  return `### What changes\n\n${count(objects, 'object')}:\n\n${table}`;
}

function objectCode(object: Pick<Edit, 'kind' | 'namespace' | 'name'>): string {
  return code(nameOf(object));
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

function rollback(edits: readonly Edit[], stage: Stage): string {
  if (stage === 2) {
    return '### Roll back\n\nReverting this commit restarts the workloads again, with whatever value their Secrets then have: it brings no earlier value back. For that, move the label back in AWS (`update-secret-version-stage`), or write the earlier value of a parameter again; the next event proposes it.';
  }
  const keys = edits.flatMap(({ secrets }) => secrets);
  const pins = pinnedRollback(edits);
  const ways = [
    ...(nounOf(edits) === 'secret'
      ? ['Move the label back in AWS (`update-secret-version-stage`): the next event proposes the earlier version.']
      : []),
    ...(keys.some(isParameterKey)
      ? [
          'Write the earlier value of a parameter again (`put-parameter --overwrite`): the next event proposes it as a new version.',
        ]
      : []),
    ...(pins === null ? [] : [pins]),
    ...(isPinnedThroughout(edits) ? [] : [revertOf(edits)]),
  ];
  return `### Roll back\n\n${ways.join(' ')}`;
}

function revertOf(edits: readonly Edit[]): string {
  return edits.some(({ kind }) => isRefreshedKind(kind))
    ? 'Reverting this commit refreshes again, but fetches whatever AWS then calls current.'
    : 'Reverting this commit restarts again, with whatever AWS then calls current.';
}

/** The trailer block as the last paragraph; of very many rotations as many as have room. The commit names them all. */
function trailerParts(effects: readonly string[], events: readonly EventFacts[]): readonly [string, string] {
  let length = 0;
  const fitting = effects.filter((line) => {
    length += line.length + 1;
    return length <= MAX_TRAILERS_LENGTH;
  });
  const left = effects.length - fitting.length;
  const block = [...fitting, ...eventLines(events)].join('\n');
  return [left === 0 ? '' : `The commit names ${left} more.`, block];
}
