import { createHash } from 'node:crypto';
import { createMemoryForge, type MemoryForge, type MemoryPull } from '../../src/adapters/memory/forge/memory-forge.ts';
import type { MemoryRules } from '../../src/adapters/memory/forge/memory-forge-options.ts';
import { createMemoryInbox, type MemoryInbox } from '../../src/adapters/memory/memory-inbox.ts';
import { createMemoryMeter, type MemoryMeter } from '../../src/adapters/memory/memory-meter.ts';
import {
  createMemorySecretVersions,
  type MemorySecretVersions,
} from '../../src/adapters/memory/memory-secret-versions.ts';
import { createMemoryWorkspace, type MemoryWorkspace } from '../../src/adapters/memory/memory-workspace.ts';
import { createReaderHere } from '../../src/adapters/reading/read-here.ts';
import { Failure } from '../../src/domain/failure.ts';
import { NO_EVIDENCE } from '../../src/domain/life/evidence-policy.ts';
import { type MergeMethod, NOBODY_MERGES } from '../../src/domain/life/merge-policy.ts';
import { ALWAYS, NO_LIMITS } from '../../src/domain/life/opening-policy.ts';
import {
  type AllowedAccount,
  type Bindings,
  NO_BINDINGS,
  type Order,
  RESTART_DEFAULTS,
  type RestartPolicy,
} from '../../src/domain/policy.ts';
import type { Oid } from '../../src/domain/repo-path.ts';
import type { SecretId } from '../../src/domain/secret-id.ts';
import type { BlobFacts } from '../../src/manifests/objects.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import { everything } from '../../src/plan/scope.ts';
import type { Log, LogFields } from '../../src/ports.ts';
import type { CoalesceSettings } from '../../src/service/consume/coalesce.ts';
import { type ConsumeRequest, consumeBatch, type StopSignals } from '../../src/service/consume/consume.ts';
import { createLane } from '../../src/service/consume/lane.ts';
import { createHealth } from '../../src/service/health.ts';
import { readRefs } from '../../src/service/round.ts';
import { type BranchSettings, newMemory, type ServedBranch } from '../../src/service/served-branch.ts';
import { emptyMemory, type Pass, sweepBranch } from '../../src/service/sweep/sweep-branch.ts';
import type { Look } from '../../src/service/sweep/swept.ts';
import { ACCOUNT, REGION } from './manifests.ts';
import { forever, type Gate, gatedPorts, type Ports } from './ports-of-process.ts';
import { createVirtualTime, type VirtualTime } from './virtual-time.ts';

export const START = Date.parse('2026-03-02T09:20:00Z');
export const MAIN = 'refs/heads/main';
export const BOT = { name: 'gitops-reloader', email: 'bot@example.com' };
const VISIBILITY_SECONDS = 120;
const MOST_PASSES = 30;
const SOON_MILLISECONDS = 15_000;

/** A file where two branches parted, and what each of them made of it; undefined where it is not there. */
export interface SidesOfFile {
  readonly origin: string | undefined;
  readonly ours: string | undefined;
  readonly theirs: string | undefined;
}

export interface WorldOptions {
  readonly files: Readonly<Record<string, string>>;
  readonly truth?: 'describe' | 'event';
  readonly order?: Order;
  readonly restart?: Partial<RestartPolicy>;
  readonly accounts?: readonly AllowedAccount[];
  readonly bindings?: Partial<Bindings>;
  /** What the forge's repository allows. */
  readonly rules?: Partial<MemoryRules>;
  /** The bot in whose name the host makes the commits; left out: we make them. */
  readonly hostLogin?: string;
  /** What Git makes of a file that both sides changed, null for a conflict; left out: it always is one. */
  readonly mergeFiles?: (texts: SidesOfFile) => string | null;
  /** What processes use instead of the repository and the forge in memory. */
  readonly hosts?: Pick<Ports, 'workspace' | 'forge'>;
  /** Its time; by default one that stands at {@link START}, in which everything is in memory. */
  readonly time?: VirtualTime;
}

export interface LogLine {
  readonly level: keyof Log;
  readonly fields: LogFields;
  readonly message: string;
}

/** One running process of the service on this world. */
export interface Process {
  readonly request: ConsumeRequest;
  readonly signals: StopSignals;
  readonly served: ServedBranch;
  readonly meter: MemoryMeter;
  readonly lines: readonly LogLine[];
  /** One whole batch, to its end; false where the process died in it. */
  batch(): Promise<boolean>;
  /** One whole batch while somebody else lets the time pass. */
  work(): Promise<void>;
  /**
   * One pass of the sweep, to its end; `null` where it died in it or a host failed. It remembers what it looked at before, and
   * `quick` relies on that.
   */
  sweep(look?: Look): Promise<Pass | null>;
  /** {@link sweep}, and again as long as refs moved under it or something is due soon, as the service does. */
  sweepToRest(look?: Look): Promise<void>;
  /** {@link sweep} while somebody else lets the time pass. */
  sweepWork(look?: Look): Promise<Pass | null>;
  /** From now on every call of this process hangs, as if it were gone. */
  die(): void;
}

export interface ProcessOptions {
  readonly gate?: Gate;
  /** Changes the ports before they are gated. */
  readonly ports?: (ports: Ports) => Ports;
  readonly request?: Partial<ConsumeRequest>;
  readonly settings?: Partial<BranchSettings>;
  /** Of the lane; left out: nothing waits. */
  readonly coalesce?: CoalesceSettings;
  readonly signals?: { readonly stopping: AbortSignal; readonly abort: AbortSignal };
}

/** One repository, its forge, AWS and one queue, all in memory, and the people and processes around them. */
export interface World {
  readonly time: VirtualTime;
  readonly workspace: MemoryWorkspace;
  readonly forge: MemoryForge;
  readonly secrets: MemorySecretVersions;
  readonly inbox: MemoryInbox;
  start(options?: ProcessOptions): Process;
  /** Handles batches, one after the other, until the queue is empty or `most` batches were handled. */
  drain(process?: Process, most?: number): Promise<void>;
  /** AWSCURRENT moves, and AWSPREVIOUS with it. */
  rotate(name: string, version: string, account?: string): void;
  /** Puts the native event of a moved label into the queue. */
  tell(name: string, version: string, more?: Readonly<Record<string, unknown>>, group?: string): string;
  open(): Promise<readonly MemoryPull[]>;
  /** A person squash-merges. False where Git would see a conflict. */
  merge(number: number, branch: 'keep' | 'delete'): Promise<boolean>;
}

/** A world whose `main` holds these files, and whose queue is empty. */
export function createWorld(options: WorldOptions): World {
  const time = options.time ?? createVirtualTime(START);
  const workspace = createMemoryWorkspace(new Map(Object.entries(options.files)), options.hostLogin);
  const head = async (branch: string) => {
    const name = `refs/heads/${branch}`;
    const oid = workspace.tip(name);
    return oid === null ? null : workspace.commit({ name, oid }, new AbortController().signal);
  };
  const conflicts = async (pull: Pick<MemoryPull, 'head'>) => (await changesOf(workspace, pull, options)) === null;
  const forge = createMemoryForge({
    head,
    now: () => time.now(),
    parents: async (oid) => {
      const found = workspace.commit({ name: MAIN, oid }, new AbortController().signal);
      return found.then(({ parents }) => parents).catch(() => null);
    },
    conflicts,
    rules: options.rules ?? {},
    mergeInto: async (pull, method) => {
      const changes = await changesOf(workspace, pull, options);
      if (changes !== null) await bring(workspace, pull, changes, method);
    },
  });
  const secrets = createMemorySecretVersions(() => time.now());
  const inbox = createInbox(time);
  const known = factsOf(Object.values(options.files));
  const currents = new Map<string, string>();
  const hosts = options.hosts ?? { workspace, forge };
  const ports = { ...hosts, inbox, clock: time, secretVersions: options.truth === 'event' ? null : secrets };
  const world: World = {
    time,
    workspace,
    forge,
    secrets,
    inbox,
    start: (how = {}) => startProcess({ time, ports, options, known }, how),
    drain: async (process = world.start(), most = 100) => {
      for (let done = 0; done < most && inbox.bodies().length > 0; done += 1) {
        if (inbox.visible() === 0) await time.pass(30_000);
        else await process.batch();
      }
    },
    rotate: (name, version, account = ACCOUNT) => {
      const current = currents.get(`${account} ${name}`);
      currents.set(`${account} ${name}`, version);
      const earlier = current === undefined || current === version ? [] : [['AWSPREVIOUS', current] as const];
      const versions = new Map([['AWSCURRENT', version], ...earlier]);
      secrets.set({ secret: secretId(name, account), versions, deleted: false });
    },
    tell: (name, version, more = {}, group) => inbox.send(JSON.stringify(labelMoved(time, name, version, more)), group),
    open: async () => (await forge.pulls()).filter(({ state }) => state === 'open'),
    merge: (number, branch) => merge({ workspace, forge, options }, number, branch),
  };
  return world;
}

/** These fields of every line that says what became of a message, in order, separated by spaces. */
export function told({ lines }: Process, ...fields: readonly string[]): readonly string[] {
  const handled = lines.filter(({ message }) => message === 'message handled');
  return handled.map((line) => fields.map((field) => String(line.fields[field] ?? 'null')).join(' '));
}

/** The identity behind a name; every secret has the same suffix. */
export function secretId(name: string, account = ACCOUNT): SecretId {
  return { service: 'secretsmanager', partition: 'aws', account, region: REGION, name, suffix: 'Ab3dEf' };
}

/** True when this commit is in the branch's history. */
export async function holds({ workspace }: World, ref: string, oid: string): Promise<boolean> {
  const tip = workspace.tip(ref);
  return tip !== null && workspace.isAncestor(oid, tip);
}

/** The ref that a pull request proposes. */
export function refOf(pull: Pick<MemoryPull, 'branch'>): string {
  return `refs/heads/${pull.branch}`;
}

interface Surroundings {
  readonly time: VirtualTime;
  readonly ports: Ports;
  readonly options: WorldOptions;
  readonly known: ReadonlyMap<Oid, BlobFacts>;
}

function startProcess(world: Surroundings, how: ProcessOptions): Process {
  const { time, ports } = world;
  let dead = false;
  const lines: LogLine[] = [];
  const log = createLog(lines);
  const gate: Gate = async (call, moment) => {
    if (!dead) await how.gate?.(call, moment);
    if (dead) await forever();
  };
  const own = gatedPorts(how.ports?.(ports) ?? ports, gate, () => dead);
  const meter = createMemoryMeter();
  const usual = serve(own, world, { log, meter });
  const served = { ...usual, settings: { ...usual.settings, ...how.settings } };
  const never = new AbortController().signal;
  const signals = how.signals ?? { stopping: never, abort: never };
  const dependencies = [
    { kind: 'queue', name: own.inbox.name } as const,
    { kind: 'repository', name: served.name } as const,
  ];
  const health = createHealth(dependencies, own.clock, served.meter);
  const request: ConsumeRequest = {
    inbox: own.inbox,
    lanes: [createLane(served, health, signals.abort, how.coalesce)],
    clock: own.clock,
    log,
    meter: served.meter,
    health,
    visibilitySeconds: VISIBILITY_SECONDS,
    ...how.request,
  };
  const work = () => consumeBatch(request, signals);
  const memory = emptyMemory();
  const sweepWork = async (look: Look = 'full') => {
    try {
      const refs = await readRefs(served, signals.abort);
      return refs === null ? null : await sweepBranch(served, refs, { memory, look }, signals.abort);
    } catch (error) {
      if (error instanceof Failure) return null;
      throw error;
    }
  };
  const sweep = async (look?: Look) => {
    const working = sweepWork(look);
    return (await time.settles(working)) ? working : null;
  };
  return {
    request,
    signals,
    served,
    meter,
    lines,
    work,
    batch: async () => {
      const working = work();
      if (!(await time.settles(working))) return false;
      await working;
      return true;
    },
    sweepWork,
    sweep,
    sweepToRest: async (look) => {
      for (let passes = 1; passes <= MOST_PASSES; passes += 1) {
        const pass = await sweep(look);
        const isDueSoon = (pass?.nextDueAt ?? Number.POSITIVE_INFINITY) < time.now() + SOON_MILLISECONDS;
        if (!(pass?.isMoved || isDueSoon)) return;
        await time.pass(1000);
      }
    },
    die: () => {
      dead = true;
    },
  };
}

function serve(
  ports: Ports,
  { options, known }: Surroundings,
  { log, meter }: { readonly log: Log; readonly meter: MemoryMeter },
): ServedBranch {
  return {
    name: 'platform@main',
    workspace: ports.workspace,
    forge: ports.forge,
    hostAuthor: async () => options.hostLogin ?? null,
    secretVersions: ports.secretVersions,
    reader: createReaderHere(),
    clock: ports.clock,
    log,
    meter,
    settings: {
      instance: 'acme',
      branchPrefix: 'gitops-reloader',
      base: 'main',
      bases: 1,
      scope: {
        ...everything(options.order ?? 'staged'),
        restart: { ...RESTART_DEFAULTS, ...options.restart },
      },
      accounts: options.accounts ?? [{ id: ACCOUNT, regions: [REGION] }],
      bindings: { ...NO_BINDINGS, ...options.bindings },
      settleMilliseconds: 360_000,
      evidence: NO_EVIDENCE,
      author: BOT,
      merge: NOBODY_MERGES,
      rebaseWhen: 'conflicted',
      limits: NO_LIMITS,
      windows: ALWAYS,
      isUrgentName: () => false,
      pullRequest: { draft: false, labels: [], assignees: [], reviewers: [], teamReviewers: [] },
    },
    memory: options.restart === undefined ? { ...newMemory(), factsByBlob: new KnownBlobs(known) } : newMemory(known),
    pushed: new Map(),
  };
}

// A blob says the same in every world, and parsing is most of the work.
const PARSED = new Map<Oid, BlobFacts>();
const MOST_PARSED = 5000;

/** What one process knows, and all before it: they start as often as they like. */
class KnownBlobs extends Map<Oid, BlobFacts> {
  override get(oid: Oid): BlobFacts | undefined {
    return super.get(oid) ?? PARSED.get(oid);
  }

  override set(oid: Oid, facts: BlobFacts): this {
    if (PARSED.size >= MOST_PARSED) PARSED.clear();
    PARSED.set(oid, facts);
    return super.set(oid, facts);
  }
}

/** What these texts say, by the ids that the memory workspace gives them: every process knows it from the start. */
function factsOf(texts: readonly string[]): ReadonlyMap<Oid, BlobFacts> {
  const facts = new Map<Oid, BlobFacts>();
  for (const text of texts) {
    const oid = createHash('sha1').update(text).digest('hex');
    const parsed = PARSED.get(oid) ?? readBlob(new TextEncoder().encode(text));
    PARSED.set(oid, parsed);
    facts.set(oid, parsed);
  }
  return facts;
}

/** A receive waits until something is visible or its time is over, looking once a second. */
function createInbox(time: VirtualTime): MemoryInbox {
  const inbox: MemoryInbox = createMemoryInbox({
    now: () => time.now(),
    visibilityTimeout: VISIBILITY_SECONDS,
    maxNumberOfMessages: 10,
    wait: async (signal, seconds) => {
      const end = time.now() + (seconds ?? 20) * 1000;
      while (!signal.aborted && inbox.visible() === 0 && time.now() < end) await time.sleep(1000, signal);
    },
  });
  return inbox;
}

function createLog(lines: LogLine[]): Log {
  const at = (level: keyof Log) => (fields: LogFields, message: string) => {
    lines.push({ level, fields, message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

function labelMoved(
  time: VirtualTime,
  name: string,
  version: string,
  more: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const at = new Date(time.now()).toISOString().replace(/\.\d+Z$/, 'Z');
  return {
    version: '0',
    id: `event-${name}-${version}-${time.now()}`,
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account: ACCOUNT,
    time: at,
    region: REGION,
    resources: [`arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${name}-Ab3dEf`],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId: version },
    ...more,
  };
}

async function merge(
  { workspace, forge, options }: Pick<World, 'workspace' | 'forge'> & { readonly options: WorldOptions },
  number: number,
  branch: 'keep' | 'delete',
): Promise<boolean> {
  const pull = (await forge.pulls()).find((one) => one.number === number && one.state === 'open');
  const changes = pull === undefined ? null : await changesOf(workspace, pull, options);
  if (pull === undefined || changes === null) return false;
  workspace.commitTo(MAIN, changes, `${pull.title} (#${number})\n\n${pull.body}`);
  await forge.markMerged(number);
  if (branch === 'delete') workspace.moveRef(refOf(pull), null);
  return true;
}

/** `main` gets what a pull request changes, as GitHub does it by this method. */
export async function bring(
  workspace: MemoryWorkspace,
  pull: MemoryPull,
  changes: ReadonlyMap<string, string | null>,
  method: MergeMethod,
): Promise<void> {
  if (method === 'merge') await workspace.mergeTo(MAIN, refOf(pull), new Map());
  else if (method === 'rebase') workspace.commitTo(MAIN, changes, pull.headMessage, BOT);
  else workspace.commitTo(MAIN, changes, `${pull.title} (#${pull.number})\n\n${pull.body}`);
}

/** What a pull request brings to `main`; null where `main` has changed the same file since, and `mergeFiles` cannot merge it. */
export async function changesOf(
  workspace: MemoryWorkspace,
  pull: Pick<MemoryPull, 'head'>,
  { mergeFiles = alwaysConflicts }: Pick<WorldOptions, 'mergeFiles'>,
): Promise<ReadonlyMap<string, string | null> | null> {
  const base = await filesAt(workspace, workspace.tip(MAIN) ?? '');
  const head = await filesAt(workspace, pull.head);
  const fork = await filesAt(workspace, workspace.mergeBase(workspace.tip(MAIN) ?? '', pull.head) ?? pull.head);
  const changes = new Map<string, string | null>();
  for (const path of new Set([...head.keys(), ...fork.keys()])) {
    const [ours, theirs, origin] = [head.get(path), base.get(path), fork.get(path)];
    if (ours === origin || ours === theirs) continue;
    const merged = theirs === origin ? ours : mergeFiles({ origin, ours, theirs });
    if (theirs !== origin && merged === null) return null;
    changes.set(path, merged ?? null);
  }
  return changes;
}

function alwaysConflicts(): null {
  return null;
}

async function filesAt(workspace: MemoryWorkspace, oid: string): Promise<ReadonlyMap<string, string>> {
  const snapshot = await workspace.snapshot({ name: MAIN, oid }, new AbortController().signal);
  const files = new Map<string, string>();
  for (const entry of snapshot.entries) {
    files.set(entry.path, Buffer.from(await snapshot.read(entry.oid)).toString());
  }
  return files;
}
