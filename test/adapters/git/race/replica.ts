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

/** Brings a job about, as the service does: whatever is not clear is begun again from the refs. */
export async function bringAbout(replica: Replica, job: Job, name: string): Promise<void> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    if (replica.process.signal.aborted) replica.process = await replica.start();
    const end = await oneRound(replica, job, name).catch((error: unknown) => {
      if (error instanceof Failure && error.retry === 'later') return null;
      replica.notes.wrong.push(`${name}: ${String(error)}`);
      return null;
    });
    if (end === null) continue;
    replica.notes.ends.set(name, end);
    return;
  }
  replica.notes.ends.set(name, 'never');
}

async function oneRound(replica: Replica, job: Job, name: string): Promise<JobEnd | null> {
  const { base, branch } = await look(replica, job.ref);
  const { workspace, signal } = replica.process;
  const baseSnapshot = await snapshotOf(replica, base);
  if (branch === null) {
    if (job.kind === 'remove') return 'done';
    const text = (await textAt(baseSnapshot, job.ref)) + `${name}\n`;
    return publish(replica, name, { ref: job.ref, expected: null, to: { parent: base.oid, text } });
  }
  const info = await workspace.commit(branch, signal);
  const isOurs = info.author.name === 'gitops-reloader';
  if (job.kind === 'remove') {
    return isOurs ? publish(replica, name, { ref: job.ref, expected: branch.oid, to: null }) : 'left';
  }
  const text = await textAt(await snapshotOf(replica, branch), job.ref);
  if (text.split('\n').includes(name)) return 'done';
  const isAlone = isOurs && info.parents.every((oid) => replica.notes.isOnBase(oid));
  const parent = job.kind === 'rebuild' && isAlone ? base.oid : branch.oid;
  return publish(replica, name, { ref: job.ref, expected: branch.oid, to: { parent, text: `${text}${name}\n` } });
}

interface Looked {
  readonly base: Ref;
  readonly branch: Ref | null;
}

async function look({ number, process, stage, notes }: Replica, ref: string): Promise<Looked> {
  const refs = await process.workspace.refs(['refs/heads/'], process.signal);
  const listed = JSON.stringify(refs.map(({ name, oid }) => [name, oid]));
  const real = JSON.stringify([...stage.seen(number)].toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (listed !== real) notes.wrong.push(`refs were ${real}, and listed as ${listed}`);
  const base = refs.find(({ name }) => name === MAIN);
  if (base === undefined) throw new Failure('no base', { code: 'git-missing', retry: 'later', hint: 'None.' });
  return { base, branch: refs.find(({ name }) => name === ref) ?? null };
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
  readonly ref: string;
  readonly expected: Oid | null;
  readonly to: { readonly parent: Oid; readonly text: string } | null;
}

/** Each attempt is another commit, so that one that is made twice can be told. */
async function publish(replica: Replica, job: string, wish: Wish): Promise<JobEnd | null> {
  const { notes, stage } = replica;
  const { workspace, signal } = replica.process;
  const number = notes.attempts.length;
  const update = updateOf(wish, job, number);
  // Kept in its place: another replica publishes meanwhile.
  notes.attempts.push({ number, job, update, outcome: { kind: 'unknown', reason: 'under way' } });
  stage.begin(replica.number, number);
  const outcome = await workspace.publish(update, signal).catch((error: unknown) => {
    if (error instanceof Failure) return error;
    throw error;
  });
  stage.begin(replica.number, null);
  notes.attempts[number] = { number, job, update, outcome };
  if (outcome instanceof Failure) throw outcome;
  if (outcome.kind === 'done' || outcome.kind === 'refused') return outcome.kind;
  return null;
}

function updateOf({ ref, expected, to }: Wish, job: string, number: number): RefUpdate {
  if (to === null) return { ref, expected: expected ?? '', to: null };
  const draft: CommitDraft = {
    ...draftOn(to.parent, { [logOf(ref)]: to.text }),
    message: `Bring about ${job}\n\nAttempt: ${number}\n`,
    time: 1_729_686_406 + number,
  };
  return { ref, expected, to: draft };
}
