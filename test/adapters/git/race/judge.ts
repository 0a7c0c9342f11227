import { Failure } from '../../../../src/domain/failure.ts';
import type { Oid } from '../../../../src/domain/repo-path.ts';
import type { Files, KnownCommit } from './host/race-world.ts';
import { type Attempt, logOf, type Notes } from './replica.ts';
import type { Landing, Stage } from './stage.ts';

/** All that was seen of a life. */
export interface Evidence {
  readonly notes: Notes;
  readonly stage: Stage;
  readonly commits: ReadonlyMap<Oid, KnownCommit>;
  /** Refs that a hook refused at any time. */
  readonly refused: ReadonlySet<string>;
}

/** What must not have happened, in words; nothing where all is well. */
export function judge(evidence: Evidence): readonly string[] {
  const { notes, stage } = evidence;
  return [
    ...notes.wrong,
    ...stage.landings.flatMap((landing) => wrongLanding(evidence, landing)),
    ...notes.attempts.flatMap((attempt) => wrongOutcome(evidence, attempt)),
    ...[...notes.ends].flatMap(([job, end]) => wrongEnd(evidence, job, end)),
  ];
}

/** What a commit of an attempt must hold. */
export function filesAfter(parent: Files, { update }: Pick<Attempt, 'update'>): Files {
  return new Map([...parent, ...(update.to?.files ?? []).map(({ path, text }) => [path as string, text] as const)]);
}

function wrongLanding(evidence: Evidence, landing: Landing): string[] {
  const { notes, commits } = evidence;
  const { ref, from, to } = landing;
  const attempt = landing.attempt === null ? undefined : notes.attempts[landing.attempt];
  if (attempt === undefined) return [`${ref} was moved by nobody's publish`];
  const { update, job } = attempt;
  const wrong: string[] = [];
  if (update.ref !== ref) wrong.push(`${job} moved ${ref}`);
  if (from !== update.expected) wrong.push(`${job} moved ${ref} from ${from}, and expected ${update.expected}`);
  if (to === null && update.to === null) return wrong;
  const made = to === null ? undefined : commits.get(to);
  if (to === null || made === undefined) return [...wrong, `${job} made ${to}, which is not what was to be made`];
  const before = from === null ? [] : linesOf(commits.get(from), ref);
  return [...wrong, ...lostOrDoubled(before, linesOf(made, ref)), ...doubled(jobsBelow(to, evidence))];
}

function lostOrDoubled(before: readonly string[], lines: readonly string[]): string[] {
  return [...before.filter((line) => !lines.includes(line)).map((line) => `${line} is lost`), ...doubled(lines)];
}

function doubled(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `${name} is doubled`);
}

function linesOf(commit: KnownCommit | undefined, ref: string): string[] {
  const text = commit?.files.get(logOf(ref)) ?? '';
  return text.split('\n').filter((line) => line !== '');
}

/** The jobs of our commits from here down. */
function jobsBelow(oid: Oid, { commits, notes, stage }: Evidence): string[] {
  const jobs: string[] = [];
  for (let at: Oid | undefined = oid; at !== undefined; at = commits.get(at)?.parents[0]) {
    const number = stage.landings.find(({ to }) => to === at)?.attempt ?? null;
    const attempt = number === null ? undefined : notes.attempts[number];
    if (attempt !== undefined) jobs.push(attempt.job);
  }
  return jobs;
}

function wrongOutcome(evidence: Evidence, attempt: Attempt): string[] {
  const landed = evidence.stage.landings.filter((one) => one.attempt === attempt.number);
  const { job, outcome } = attempt;
  const wrong = landed.length > 1 ? [`${job} was written ${landed.length} times`] : [];
  if (outcome instanceof Failure) {
    if (outcome.code === 'internal') wrong.push(`${job} failed as our own bug: ${outcome.message}`);
    return landed.length === 0 ? wrong : [...wrong, `${job} was written, and failed: ${outcome.message}`];
  }
  switch (outcome.kind) {
    case 'unknown':
      return wrong;
    case 'done':
      return [...wrong, ...wrongSuccess(evidence, attempt, landed)];
    case 'moved':
    case 'refused':
      if (landed.length > 0) wrong.push(`${job} was written, and called ${outcome.kind}`);
      return [...wrong, ...wrongRefusal(evidence, attempt)];
  }
}

function wrongRefusal({ stage, refused }: Evidence, { number, job, update, outcome }: Attempt): string[] {
  if (outcome instanceof Failure || outcome.kind !== 'refused' || refused.has(update.ref)) return [];
  // A damaged report may call by another name why nothing was written.
  const isDamaged = stage.fatesOf(number).some(({ kind }) => kind === 'answer-damaged');
  return isDamaged ? [] : [`${job} was refused by nobody: ${outcome.reason}`];
}

function wrongSuccess({ stage }: Evidence, attempt: Attempt, landed: readonly Landing[]): string[] {
  const { number, job, update, outcome } = attempt;
  if (update.to === null) {
    const isGone = landed.length > 0 || stage.wasAbsent(number, update.ref);
    return isGone ? [] : [`${job} was called done, and ${update.ref} is there`];
  }
  const oid = outcome instanceof Failure || outcome.kind !== 'done' ? null : outcome.oid;
  return landed[0]?.to === oid ? [] : [`${job} was called done, and was not written`];
}

function wrongEnd({ notes, stage }: Evidence, job: string, end: string): string[] {
  if (end === 'never') return [`${job} came to no end`];
  const own = notes.attempts.filter((one) => one.job === job);
  const isWritten = own.some(({ number }) => stage.landings.some(({ attempt }) => attempt === number));
  const isRemoval = own.every(({ update }) => update.to === null);
  return end === 'done' && !isRemoval && !isWritten ? [`${job} is done, and was never written`] : [];
}
