import { Failure } from '../../../../src/domain/failure.ts';
import type { Oid } from '../../../../src/domain/repo-path.ts';
import type { CommitDraft, PublishResult, Ref, RefUpdate, Snapshot, Workspace } from '../../../../src/ports.ts';
import { draftOn } from '../../../contracts/workspace.ts';
import type { Files } from './host/race-world.ts';
import { type Job, MAIN } from './script.ts';
import type { Stage } from './stage.ts';

const MAX_ROUNDS = 100;

/** A publish, and what came of it: a failure says that nothing was written. */
export interface Attempt {
  readonly number: number;
  readonly job: string;
  readonly update: RefUpdate;
  readonly outcome: PublishResult | Failure;
}

/** How a job ended. `left`: the branch is a person's. `never`: it did not end. */
export type JobEnd = 'done' | 'refused' | 'left' | 'never';

/** What replicas write down for the judge, who knows more than they do. */
export interface Notes {
  readonly attempts: Attempt[];
  readonly ends: Map<string, JobEnd>;
  readonly wrong: string[];
  /** What a commit holds, as far as the world has seen it made. */
  filesOf(oid: Oid): Files | null;
  isOnBase(oid: Oid): boolean;
}

/** What of a replica ends when it is stopped. */
export interface Process {
  readonly workspace: Workspace;
  /** Aborted when it is stopped. */
  readonly signal: AbortSignal;
}

export interface Replica {
  readonly number: number;
  /** The one that runs now. */
  process: Process;
  /** A new one, which knows nothing. */
  start(): Promise<Process>;
  readonly stage: Stage;
  readonly notes: Notes;
}

/** The file that a branch is about: a line for each job that was brought about. */
export function logOf(ref: string): string {
  return `logs/${ref.split('/').at(-1) ?? ''}.txt`;
}

/** What is to be done to one branch. */
interface Task {
  readonly kind: Job['kind'];
  readonly ref: string;
  /** The line that says it was done. */
  readonly name: string;
}

/** Brings a job about, as the service does: whatever is not clear is begun again from the refs. */
export async function bringAbout(replica: Replica, job: Job, name: string): Promise<void> {
  let tasks = job.refs.map((ref): Task => ({ kind: job.kind, ref, name: `${name}-${ref.split('/').at(-1) ?? ''}` }));
  for (let round = 0; round < MAX_ROUNDS && tasks.length > 0; round += 1) {
    if (replica.process.signal.aborted) replica.process = await replica.start();
    const ends = await oneRound(replica, tasks).catch((error: unknown) => {
      tell(replica, tasks.map((task) => task.name).join(' and '), error);
      return new Map<Task, JobEnd>();
    });
    for (const [task, end] of ends) replica.notes.ends.set(task.name, end);
    tasks = tasks.filter((task) => !ends.has(task));
  }
  for (const task of tasks) replica.notes.ends.set(task.name, 'never');
}

/** What should have been tried again later is no more than that. */
function tell({ notes }: Replica, name: string, error: unknown): void {
  if (!(error instanceof Failure) || error.retry !== 'later') notes.wrong.push(`${name}: ${String(error)}`);
}

/** The tasks that came to an end. */
async function oneRound(replica: Replica, tasks: readonly Task[]): Promise<ReadonlyMap<Task, JobEnd>> {
  const looked = await look(replica);
  const ends = new Map<Task, JobEnd>();
  const wishes: Wish[] = [];
  for (const task of tasks) {
    const next = await nextOf(replica, task, looked);
    if (typeof next === 'string') ends.set(task, next);
    else wishes.push(next);
  }
  for (const [{ task }, end] of await publish(replica, wishes)) ends.set(task, end);
  return ends;
}

async function nextOf(replica: Replica, task: Task, { base, branches }: Looked): Promise<Wish | JobEnd> {
  const { kind, ref, name } = task;
  const { workspace, signal } = replica.process;
  const baseSnapshot = await snapshotOf(replica, base);
  const branch = branches.get(ref);
  if (branch === undefined) {
    if (kind === 'remove') return 'done';
    const text = (await textAt(baseSnapshot, ref)) + `${name}\n`;
    return { task, expected: null, to: { parent: base.oid, text } };
  }
  const info = await workspace.commit(branch, signal);
  const isOurs = info.author.name === 'gitops-reloader';
  if (kind === 'remove') return isOurs ? { task, expected: branch.oid, to: null } : 'left';
  const text = await textAt(await snapshotOf(replica, branch), ref);
  if (text.split('\n').includes(name)) return 'done';
  const isAlone = isOurs && info.parents.every((oid) => replica.notes.isOnBase(oid));
  const parent = kind === 'rebuild' && isAlone ? base.oid : branch.oid;
  return { task, expected: branch.oid, to: { parent, text: `${text}${name}\n` } };
}

interface Looked {
  readonly base: Ref;
  readonly branches: ReadonlyMap<string, Ref>;
}

async function look({ number, process, stage, notes }: Replica): Promise<Looked> {
  const refs = await process.workspace.refs(['refs/heads/'], process.signal);
  const listed = JSON.stringify(refs.map(({ name, oid }) => [name, oid]));
  const real = JSON.stringify([...stage.seen(number)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (listed !== real) notes.wrong.push(`refs were ${real}, and listed as ${listed}`);
  const base = refs.find(({ name }) => name === MAIN);
  if (base === undefined) throw new Failure('no base', { code: 'git-missing', retry: 'later', hint: 'None.' });
  return { base, branches: new Map(refs.map((ref) => [ref.name, ref])) };
}

async function snapshotOf({ process, notes }: Replica, ref: Ref): Promise<Snapshot> {
  const snapshot = await process.workspace.snapshot(ref, process.signal);
  const known = notes.filesOf(ref.oid);
  if (known === null) {
    notes.wrong.push(`a snapshot of ${ref.oid}, which nobody made`);
    return snapshot;
  }
  const read: [string, string][] = [];
  for (const { path, oid } of snapshot.entries) read.push([path, Buffer.from(await snapshot.read(oid)).toString()]);
  if (sorted(read) !== sorted(known))
    notes.wrong.push(`${ref.oid} holds ${sorted(known)}, and was read as ${sorted(read)}`);
  return snapshot;
}

function sorted(entries: Iterable<readonly [string, string]>): string {
  return JSON.stringify([...entries].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

async function textAt(snapshot: Snapshot, ref: string): Promise<string> {
  const entry = snapshot.entries.find(({ path }) => path === logOf(ref));
  return entry === undefined ? '' : Buffer.from(await snapshot.read(entry.oid)).toString();
}

interface Wish {
  readonly task: Task;
  readonly expected: Oid | null;
  readonly to: { readonly parent: Oid; readonly text: string } | null;
}

/** Each attempt is another commit, so that one that is made twice can be told. What is clear of them, by its wish. */
async function publish(replica: Replica, wishes: readonly Wish[]): Promise<ReadonlyMap<Wish, JobEnd>> {
  const { notes, stage } = replica;
  const first = notes.attempts.length;
  const updates = wishes.map((wish, at) => updateOf(wish, first + at));
  // Kept in their places: another replica publishes meanwhile.
  for (const [at, update] of updates.entries()) {
    const job = wishes[at]?.task.name ?? '';
    notes.attempts.push({ number: first + at, job, update, outcome: { kind: 'unknown', reason: 'under way' } });
  }
  stage.begin(replica.number, new Map(updates.map(({ ref }, at) => [ref, first + at])));
  const outcomes = await outcomesOf(replica.process, updates);
  stage.begin(replica.number, new Map());
  const ends = new Map<Wish, JobEnd>();
  for (const [at, wish] of wishes.entries()) {
    const [attempt, outcome] = [notes.attempts[first + at], outcomes[at]];
    if (attempt === undefined || outcome === undefined) throw new Error('nothing was said of it');
    notes.attempts[first + at] = { ...attempt, outcome };
    if (outcome instanceof Failure) tell(replica, wish.task.name, outcome);
    else if (outcome.kind === 'done' || outcome.kind === 'refused') ends.set(wish, outcome.kind);
  }
  return ends;
}

async function outcomesOf(
  { workspace, signal }: Process,
  updates: readonly RefUpdate[],
): Promise<readonly (PublishResult | Failure)[]> {
  const [only] = updates;
  try {
    if (only !== undefined && updates.length === 1) return [await workspace.publish(only, signal)];
    const results = await workspace.publishAll(updates, signal);
    return results.map((result) => (result.kind === 'failed' ? result.failure : result));
  } catch (error) {
    if (error instanceof Failure) return updates.map(() => error);
    throw error;
  }
}

function updateOf({ task: { ref, name }, expected, to }: Wish, number: number): RefUpdate {
  if (to === null) return { ref, expected: expected ?? '', to: null };
  const draft: CommitDraft = {
    ...draftOn(to.parent, { [logOf(ref)]: to.text }),
    message: `Bring about ${name}\n\nAttempt: ${number}\n`,
    time: 1_729_686_406 + number,
  };
  return { ref, expected, to: draft };
}
