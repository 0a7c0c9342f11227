import { NO_PART, partText } from '../../domain/grouping/grouping.ts';
import { isRefreshedKind } from '../../domain/policy.ts';
import { type Edit, type Skip, setBy } from '../../plan/plan.ts';
import { nounOf, subject } from '../commit-message.ts';
import { placeOf } from '../edits/edit-sorts.ts';
import { BY_TIME, secondText } from '../pull/applied.ts';
import { minuteText, ownersText } from '../pull/before-merge.ts';
import { duration } from '../pull/restarts.ts';
import { type PullRequestHome, type PullRequestSubject, sectionsOf } from '../pull-request.ts';
import { formatTrailers, readEvents, rotationsOf } from '../trailers.ts';
import { type OwnMarkdown, ownMarkdown, type Place } from './liquid-template.ts';

type Fact = string | number | null | OwnMarkdown | readonly Fact[] | { readonly [name: string]: Fact };

/** What a template may use, as plain data: see `VARIABLES`. */
export type TemplateFacts = Readonly<Record<string, Fact>>;

/** A subject whose place is known. */
export type PlacedSubject = PullRequestSubject & { readonly home: PullRequestHome };

/** The facts of one proposal, with at most `limit` items in each list. Same proposal, same facts. */
export function templateFacts(about: PlacedSubject, place: Place, limit: number): TemplateFacts {
  const {
    plan,
    events,
    order,
    stage,
    settleMilliseconds,
    refreshedBy,
    home,
    part = NO_PART,
    owners = [],
    drops = [],
    applied = BY_TIME,
  } = about;
  const { edits, skips } = plan;
  const rotations = rotationsOf(edits);
  const workloads = [...new Map(edits.filter(isWorkload).map((edit) => [placeOf(edit), edit])).values()];
  // As the trailers tell them: in one order, and without what events could smuggle in.
  const told = readEvents(formatTrailers([], events));
  return {
    subject: subject(edits, stage, part),
    stage,
    order,
    noun: nounOf(edits),
    instance: home.instance,
    repository: home.repository,
    base: home.base,
    branch: home.branch,
    group: home.group,
    part: partText(part),
    settle: duration(settleMilliseconds),
    counts: {
      secrets: rotations.length,
      objects: new Set(edits.map(placeOf)).size,
      files: new Set(edits.map(({ path }) => path)).size,
      workloads: workloads.length,
      skipped: skips.length,
      owners: owners.length,
    },
    secrets: rotations.slice(0, limit).map(rotated),
    objects: edits.slice(0, limit).map(changed),
    workloads: workloads.slice(0, limit).map(placed),
    skipped: skips
      .slice(0, limit)
      .map((skip) => ({ ...placed(skip), code: skip.code, reason: skip.reason, hint: skip.hint })),
    owners: owners.slice(0, limit).map(ownersText),
    drops: drops.slice(0, limit).map(({ secret, at }) => ({ secret, time: minuteText(at) })),
    events: told.slice(0, limit).map(({ id, name, time }) => ({ id, name, time })),
    refreshes: refreshedBy.slice(0, limit),
    statuses: applied.statuses.slice(0, limit).map(({ context, commit, at }) => {
      return { context, commit, time: secondText(at) };
    }),
    ...(place === 'body' ? { sections: sections(about, limit) } : {}),
  };
}

function isWorkload({ kind }: Edit): boolean {
  return !isRefreshedKind(kind);
}

/** The version holds no `=`: the last one parts them. */
function rotated(rotation: string) {
  const at = rotation.lastIndexOf('=');
  return { name: rotation.slice(0, at), version: rotation.slice(at + 1) };
}

function changed(edit: Edit) {
  return { ...placed(edit), line: edit.line, annotation: setBy(edit), reason: edit.reason };
}

function placed({ kind, namespace, name, path }: Pick<Edit | Skip, 'kind' | 'namespace' | 'name' | 'path'>) {
  return { kind, namespace, name, path: String(path) };
}

function sections(about: PullRequestSubject, limit: number): Readonly<Record<string, OwnMarkdown | null>> {
  const parts = Object.entries(sectionsOf(about, limit));
  return Object.fromEntries(parts.map(([name, part]) => [name, part === null ? null : ownMarkdown(part)]));
}
