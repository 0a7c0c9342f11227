import type { Oid } from '../domain/repo-path.ts';
import type { Index } from '../manifests/graph.ts';
import type { OpeningCounts } from '../plan/life/opening.ts';
import type { Claim } from '../plan/truth/newest-claim.ts';
import type { PullRequest, Ref, Snapshot } from '../ports.ts';
import { type Pause, pauseOf } from './pause.ts';
import { ALONE, type Turn } from './propose/in-turn.ts';
import { followBase } from './reading/base-line.ts';
import { readIndex } from './reading/read-index.ts';
import type { BaseLine, ServedBranch } from './served-branch.ts';
import { type Before, createTruthReader, type TruthReader } from './truth/truth-reader.ts';

/** The base head and every own branch, as the host has just told them. */
export interface RoundRefs {
  readonly base: Ref;
  readonly ownRefs: readonly Ref[];
  /** What was known of the base's history when the host was asked; null before the first look. */
  readonly lineBefore: BaseLine | null;
}

/** What one round has read: refs first, then the index, then truth. A ref that moves starts a new round. */
export interface Round extends RoundRefs {
  readonly served: ServedBranch;
  readonly line: BaseLine;
  readonly snapshot: Snapshot;
  readonly blobs: BlobsByPath;
  readonly index: Index;
  /** Null in event mode. */
  readonly truth: TruthReader | null;
  readonly claims: readonly Claim[];
  /** Why nothing may be written to this base; null when it may. */
  readonly pause: Pause | null;
  readonly openings: RoundOpenings;
  /** Of the group that is proposed: nothing is changed on the forge before it has come. */
  readonly turn: Turn;
  /** Pull requests of a branch that were listed while the round began: each list is good for one use. */
  readonly listed: Map<string, Promise<readonly PullRequest[]>>;
  readonly signal: AbortSignal;
}

/** Of the base: every entry's blob by its path. */
export type BlobsByPath = Pick<ReadonlyMap<string, Oid>, 'get'>;

/** What this round has asked about pull requests that are there, and added to by itself. */
export interface RoundOpenings {
  /** Null until something is to be opened: asked once. */
  asked: Promise<OpeningCounts> | null;
  /** When this round opened one after it had asked, epoch milliseconds. */
  readonly opened: number[];
  /** When the first of those that are left to another writer may be opened, epoch milliseconds; null where none is. */
  notBefore: number | null;
}

/** The base head and every own branch; null when there is no base branch. */
export async function readRefs(served: ServedBranch, signal: AbortSignal): Promise<RoundRefs | null> {
  const { settings, workspace, memory } = served;
  const baseName = `refs/heads/${settings.base}`;
  const ownPrefix = `refs/heads/${settings.branchPrefix}/`;
  const lineBefore = memory.line;
  const refs = await workspace.refs([baseName, ownPrefix], signal);
  const base = refs.find(({ name }) => name === baseName);
  if (base === undefined) return null;
  const ownRefs = refs.filter(({ name }) => name.startsWith(ownPrefix));
  noteSeen(served, [base, ...ownRefs]);
  return { base, ownRefs, lineBefore };
}

/** So long after a push a host's list may be behind. */
const LAG_MILLISECONDS = 60_000;

/** Notes where all refs are and since when, and forgets what was pushed to those that are gone. */
function noteSeen({ clock, memory, pushed }: ServedBranch, refs: readonly Ref[]): void {
  const { seen: before } = memory;
  const now = clock.now();
  const seen = refs.map(({ name, oid }) => {
    const known = before?.get(name);
    return [name, known?.oid === oid ? known : { oid, since: now }] as const;
  });
  memory.seen = new Map(seen);
  for (const [name, { at }] of pushed) if (!memory.seen.has(name) && at < now - LAG_MILLISECONDS) pushed.delete(name);
}

/** Every pull request of a branch, newest first. */
export function pullsOf({ served, listed, signal }: Round, branch: string): Promise<readonly PullRequest[]> {
  const early = listed.get(branch);
  listed.delete(branch);
  return early ?? served.forge.list(branch, served.settings.base, signal);
}

/** Reads the index at the base head. AWS has told nothing yet, and no event said anything: see {@link withAnswers}. */
export async function beginRound(served: ServedBranch, refs: RoundRefs, signal: AbortSignal): Promise<Round> {
  const line = await followBase(served, refs, signal);
  const { snapshot, index } = await readIndex(served, refs.base, signal);
  const truth = readerOf(served, { told: [], spoken: [] }, signal);
  const pause = await pauseOf(snapshot);
  served.meter.gauge('paused', { repository: served.name }, pause === null ? 0 : 1);
  return {
    served,
    ...refs,
    line,
    snapshot,
    blobs: blobsOf(snapshot),
    index,
    truth,
    claims: [],
    pause,
    openings: { asked: null, opened: [], notBefore: null },
    turn: ALONE,
    listed: new Map(),
    signal,
  };
}

/** Put in order when the first one is asked for: most rounds ask for none, and a large repository has many. */
function blobsOf({ entries }: Snapshot): BlobsByPath {
  let known: ReadonlyMap<string, Oid> | null = null;
  return {
    get: (path) => {
      known ??= new Map(entries.map((entry) => [entry.path, entry.oid]));
      return known.get(path);
    },
  };
}

/** What events said, and what AWS has answered to that: it stands for the whole round. */
export interface Heard extends Omit<Before, 'now'> {
  readonly claims: readonly Claim[];
}

/** The same round once AWS was asked what the events are about. */
export function withAnswers(round: Round, { claims, ...heard }: Heard): Round {
  return { ...round, claims, truth: readerOf(round.served, heard, round.signal) };
}

function readerOf(
  { secretVersions, clock }: ServedBranch,
  heard: Omit<Before, 'now'>,
  signal: AbortSignal,
): TruthReader | null {
  return secretVersions === null ? null : createTruthReader(secretVersions, signal, { ...heard, now: clock.now() });
}

/** A ref is not where this round has read it: begin again from the refs. */
export interface Moved {
  readonly kind: 'moved';
  /** `base`: nothing more of this round can come to its end. `branch`: only what goes to that branch. */
  readonly what: 'base' | 'branch';
  readonly why: string;
  /** No round before this time comes further, epoch milliseconds; left out: the next one may. */
  readonly until?: number;
}

export const BASE_MOVED: Moved = { kind: 'moved', what: 'base', why: 'the base moved' };

/** An own branch has moved, or nobody can tell where it is. */
export function branchMoved(why: string): Moved {
  return { kind: 'moved', what: 'branch', why };
}

/** True while the base is where this round has read it: what was merged meanwhile is not in its index. */
export async function isBaseUnmoved({
  served,
  base,
  signal,
}: Pick<Round, 'served' | 'base' | 'signal'>): Promise<boolean> {
  const refs = await served.workspace.refs([base.name], signal);
  return refs.some(({ name, oid }) => name === base.name && oid === base.oid);
}
