import { expect } from 'vitest';
import type { EvidencePolicy } from '../../src/domain/life/evidence-policy.ts';
import { NO_BINDINGS, type Order, type Pin } from '../../src/domain/policy.ts';
import { refKey } from '../../src/domain/secret-id.ts';
import type { Token } from '../../src/domain/token.ts';
import { buildIndex } from '../../src/manifests/build-index.ts';
import type { Index } from '../../src/manifests/graph.ts';
import { followPins } from '../../src/manifests/indexing/pins/follow-pins.ts';
import type { BlobFacts } from '../../src/manifests/objects.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import { broughtBy, type Edit, objectKey } from '../../src/plan/plan.ts';
import { type DueRestart, dueRestarts, restartEdits, restartName } from '../../src/plan/restart/due-restarts.ts';
import { judgeRestarts, type MergedRefresh } from '../../src/plan/restart/evidence.ts';
import type { StatusReport } from '../../src/plan/restart/statuses/delivered.ts';
import { asksTheSame, mappedRefreshes } from '../../src/plan/restart/statuses/mapped-refreshes.ts';
import type { StatusFacts } from '../../src/plan/restart/statuses/status-evidence.ts';
import { everything } from '../../src/plan/scope.ts';
import { refsToAsk } from '../../src/plan/truth/refs-to-ask.ts';
import { rotationsOf } from '../../src/words/trailers.ts';
import { ACCOUNTS, applied, type Files, moved, planOf, repoPath } from '../plan/repository.ts';
import type { Aws } from './models/aws.ts';
import { EPOCH } from './models/cluster.ts';
import type { Simulation } from './models/simulation.ts';

/** How long people and the service take, in milliseconds. */
export interface TeamTiming {
  /** From a rotation to the look at the truth: the queue, the window in which events are gathered, the round. */
  look(): number;
  /** From the opening of a pull request to its merge. */
  merge(): number;
}

export interface ProductWorld {
  readonly simulation: Simulation;
  readonly aws: Aws;
  readonly files: Files;
  readonly order: Order;
  /** `settleTime` of the branch, in milliseconds. */
  readonly settle: number;
  readonly evidence: EvidencePolicy;
  readonly pin: Pin;
  readonly timing: TeamTiming;
  /** Told of every commit on the base, before anybody else sees it. */
  readonly onCommit: (files: Files, edits: readonly Edit[]) => void;
}

/** The repository, and the product's decisions about it. Everything that is written is written by the real planner and editor. */
export interface Product {
  /** A secret's version moved: an event is on its way. */
  onRotation(secret: string): void;
  /** A status says that this commit was applied. */
  onStatus(commit: string, context: string): void;
  head(): { readonly commit: string; readonly files: Files };
  filesAt(commit: string): Files;
  /** No pull request is open, and nothing is on its way to one. */
  isQuiet(): boolean;
}

interface Pull {
  readonly number: number;
  edits: readonly Edit[];
}

/** A commit of the base, and what was reported on it. */
interface Commit {
  readonly oid: string;
  readonly files: Files;
  readonly reports: StatusReport[];
}

interface State {
  files: Files;
  /** Newest first. */
  readonly commits: Commit[];
  /** Some restart waits for a status. */
  isAwaiting: boolean;
  pulls: number;
  readonly rotated: Set<string>;
  readonly merged: MergedRefresh[];
  readonly firstSeen: Map<string, number>;
  /** By what they are for: `refresh`, or the key of a group of restarts. */
  readonly open: Map<string, Pull>;
  /** Looks that will be taken. */
  pending: number;
}

/** What people see at once of what is done: events are handled, pull requests wait for a person, stage two follows its evidence. */
export function createProduct(world: ProductWorld): Product {
  const state: State = {
    files: world.files,
    commits: [],
    isAwaiting: false,
    pulls: 0,
    rotated: new Set(),
    merged: [],
    firstSeen: new Map(),
    open: new Map(),
    pending: 0,
  };
  addCommit(state);
  return {
    onRotation: (secret) => {
      later(world, state, world.timing.look(), () => {
        state.rotated.add(secret);
        proposeRefresh(world, state);
      });
    },
    onStatus: (commit, name) => {
      const at = EPOCH + world.simulation.now();
      state.commits.find(({ oid }) => oid === commit)?.reports.push({ name, state: 'success', at });
      if (state.isAwaiting) sweep(world, state);
    },
    head: () => ({ commit: state.commits[0]?.oid ?? '', files: state.files }),
    filesAt: (commit) => state.commits.find(({ oid }) => oid === commit)?.files ?? {},
    isQuiet: () => state.open.size === 0 && state.pending === 0 && !state.isAwaiting,
  };
}

function addCommit({ commits, files }: State): void {
  commits.unshift({ oid: `commit ${commits.length + 1}`, files, reports: [] });
}

function later({ simulation }: ProductWorld, state: State, milliseconds: number, look: () => void): void {
  state.pending += 1;
  simulation.after(milliseconds, () => {
    state.pending -= 1;
    look();
  });
}

// Texts say the same in every run, and reading them is most of the work.
const FACTS = new Map<string, BlobFacts>();

function factsOf(text: string): BlobFacts {
  const known = FACTS.get(text) ?? readBlob(new TextEncoder().encode(text));
  FACTS.set(text, known);
  return known;
}

// A commit is looked at for what to refresh, and for what to restart.
const INDEXES = new WeakMap<Files, Index>();

function indexOf({ files }: State, { pin }: ProductWorld): Index {
  const known = INDEXES.get(files);
  if (known !== undefined) return known;
  const blobs = Object.entries(files).map(([path, text]) => ({ path: repoPath(path), facts: factsOf(text) }));
  const index = followPins(buildIndex(blobs, { accounts: ACCOUNTS, bindings: NO_BINDINGS }, [], 'base'), pin);
  INDEXES.set(files, index);
  return index;
}

/** Stage one (with `together`, the restarts too): planned anew from the base and AWS's answers. */
function proposeRefresh(world: ProductWorld, state: State): void {
  const earlier = new Map<string, Token>();
  for (const edit of state.open.get('refresh')?.edits ?? []) {
    const token = broughtBy(edit);
    if (token !== null) earlier.set(objectKey(edit), token);
  }
  const index = indexOf(state, world);
  const wishes = [...state.rotated].map((name) => moved(name));
  const { plan } = planOf(index, {
    wishes,
    truth: new Map(refsToAsk(index, wishes).map(({ ref }) => [refKey(ref), world.aws.describe(ref.id)])),
    scope: { order: world.order, pin: world.pin },
    earlier,
  });
  propose(world, state, { key: 'refresh', edits: plan.edits });
}

interface Proposal {
  readonly key: string;
  readonly edits: readonly Edit[];
}

/** Opens a pull request, or puts the new content into the one that is open. One that has nothing left to change is withdrawn. */
function propose(world: ProductWorld, state: State, { key, edits }: Proposal): void {
  const { simulation, timing } = world;
  const open = state.open.get(key);
  if (edits.length === 0) {
    state.open.delete(key);
    return;
  }
  if (open !== undefined) {
    open.edits = edits;
    return;
  }
  state.pulls += 1;
  const pull: Pull = { number: state.pulls, edits };
  state.open.set(key, pull);
  simulation.tell(`Pull request #${pull.number} is opened: ${wordsOf(edits)}`);
  simulation.after(timing.merge(), () => {
    if (state.open.get(key) !== pull) return;
    state.open.delete(key);
    simulation.tell(`A person merges #${pull.number}`);
    merge(world, state, pull);
  });
}

function wordsOf(edits: readonly Edit[]): string {
  const names = (of: (edit: Edit) => boolean) => edits.filter(of).map(({ kind, name }) => `${kind}/${name}`);
  const parts = [
    ['refresh ', names(({ kind }) => kind === 'ExternalSecret')],
    ['announce the restart of ', names(({ target, kind }) => target === 'metadata' && kind !== 'ExternalSecret')],
    ['restart ', names(({ target }) => target === 'template')],
  ] as const;
  return parts.flatMap(([verb, objects]) => (objects.length === 0 ? [] : [verb + objects.join(' and ')])).join(', ');
}

function merge(world: ProductWorld, state: State, { number, edits }: Pull): void {
  state.files = applied(state.files, edits);
  addCommit(state);
  const mergedAt = EPOCH + world.simulation.now();
  state.merged.push({ number, mergedAt, rotations: new Set(rotationsOf(edits)) });
  world.onCommit(state.files, edits);
  if (state.rotated.size > 0) proposeRefresh(world, state);
  sweep(world, state);
}

/** Stage two: what is due on the base and has its evidence. What has not is looked at again when it may have. */
function sweep(world: ProductWorld, state: State): void {
  const { simulation, settle, order, pin } = world;
  const now = EPOCH + simulation.now();
  const { groups, skips } = dueRestarts(indexOf(state, world), { ...everything(order), pin });
  expect(skips).toEqual([]);
  state.isAwaiting = false;
  for (const { key, restarts } of groups) {
    for (const { edit } of restarts) {
      if (!state.firstSeen.has(restartName(edit))) state.firstSeen.set(restartName(edit), now);
    }
    const { merged, firstSeen } = state;
    const nobody = { rejected: new Set<string>(), reverted: new Set<string>() };
    const statuses = statusesFor(world.evidence, restarts, state.commits);
    const judged = judgeRestarts(restarts, { merged, firstSeen, ...nobody, now, settleMilliseconds: settle, statuses });
    state.isAwaiting ||= judged.isAwaiting;
    const edits = judged.settled.flatMap((restart) => restartEdits(restart, new Date(now).toISOString()));
    if (edits.length > 0) propose(world, state, { key: `restart ${key}`, edits });
    if (judged.nextDueAt !== null) later(world, state, judged.nextDueAt - now, () => sweep(world, state));
  }
}

/** What every commit says that holds the very refresh that is restarted for, newest first, up to the first that does not. */
function statusesFor(policy: EvidencePolicy, restarts: readonly DueRestart[], commits: readonly Commit[]): StatusFacts {
  const holding = mappedRefreshes(restarts, policy).map((user) => {
    const isOther = ({ files }: Commit) => !asksTheSame(user, factsOf(files[user.object.path] ?? ''));
    const end = commits.findIndex(isOther);
    const held = commits.slice(0, end === -1 ? commits.length : end);
    return [user, held.map(({ oid, reports }) => ({ oid, parents: [], reports, isWhole: true }))] as const;
  });
  const names = new Set(commits.flatMap(({ reports }) => reports.map(({ name }) => name)));
  return { policy, holding: new Map(holding), names };
}
