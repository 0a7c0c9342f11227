import type { Replica } from '../../domain/described/described-secret.ts';
import type { AllowedAccount } from '../../domain/policy.ts';
import { refKey, type SecretRef } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { whyNobodyFollows } from '../../plan/find/reached-finds.ts';
import {
  changeInRegion,
  copiesElsewhere,
  copiesOf,
  copyBehind,
  copyFailed,
  showsChange,
  useOfCopy,
} from '../../plan/truth/regions/replicas.ts';
import type { Wish } from '../../plan/truth/wish.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';
import { atMost } from '../at-most.ts';
import { failureOf } from '../outcome.ts';
import { type AskedFor, changedOf, spokenOf } from './ask-finds.ts';
import {
  type ChangeWish,
  type Identified,
  type IdentifyPorts,
  type ReceivedChange,
  STILL_COMING_MILLISECONDS,
  wishFor,
} from './identify-changes.ts';
import { knownOf } from './truth-reader.ts';

type HeldBack = AskedFor['held'][number];

/** What a change of a primary secret comes to in the regions of its copies. */
export interface CopiesOfChange {
  /** The change as it stands there, where a copy that is used has what changed. */
  readonly ready: ReadonlyMap<ReceivedChange, ChangeWish>;
  /** For copies that nothing uses for certain: nobody was asked. */
  readonly looks: readonly Wish[];
  /** Why others are not to be proposed yet. */
  readonly held: readonly HeldBack[];
  /** What a person should know besides; null where there is nothing. */
  readonly note: string | null;
}

interface Job {
  readonly primary: ReceivedChange;
  readonly copy: ReceivedChange;
  readonly wish: Wish;
  readonly status: Replica['status'];
}

const QUESTIONS_AT_ONCE = 8;

/**
 * Follows changes of primary secrets into the regions that hold copies of them. Only copies that this repository uses are
 * asked for, each once, however many events speak of it. Empty in event mode, where nobody tells of copies.
 */
export async function askCopies(
  { secretVersions, clock }: IdentifyPorts,
  { index, accounts }: { readonly index: Index; readonly accounts: readonly AllowedAccount[] },
  identified: ReadonlyMap<ReceivedChange, Identified>,
  signal: AbortSignal,
): Promise<ReadonlyMap<ReceivedChange, CopiesOfChange>> {
  if (secretVersions === null) return new Map();
  const copies = [...identified].flatMap(([primary, one]) => jobsOf(primary, one, accounts));
  const used = copies
    .flatMap(({ jobs }) => jobs)
    .map((job) => ({ job, use: useOfCopy(index, job.copy.change, 'told') }));
  const followed = used.flatMap(({ job, use }) => (use === 'followed' ? [job] : []));
  const ask = asker(secretVersions, signal);
  const now = clock.now();
  const results = await atMost(QUESTIONS_AT_ONCE, followed, async (job) => ({
    job,
    result: await askCopy(job, ask, now),
  }));
  return new Map(
    copies.map(({ primary, elsewhere }) => {
      const mine = results.filter(({ job }) => job.primary === primary);
      return [
        primary,
        {
          ready: new Map(mine.flatMap(({ job, result }) => ('wish' in result ? [[job.copy, result] as const] : []))),
          looks: used.flatMap(({ job, use }) => (job.primary === primary && use === 'maybe' ? [job.wish] : [])),
          held: mine.flatMap(({ result }) => ('wish' in result ? [] : [result])),
          note: copiesElsewhere(elsewhere),
        },
      ] as const;
    }),
  );
}

interface Jobs {
  readonly primary: ReceivedChange;
  readonly jobs: readonly Job[];
  readonly elsewhere: readonly string[];
}

function jobsOf(primary: ReceivedChange, one: Identified, accounts: readonly AllowedAccount[]): readonly Jobs[] {
  if (one.kind !== 'wish' || one.answer?.kind !== 'found') return [];
  const { answer } = one;
  const { allowed, elsewhere } = copiesOf(primary.change, answer, accounts);
  const jobs = allowed.map(({ region, status }): Job => {
    const change = changeInRegion(primary.change, answer, region);
    const { name, suffix } = answer.secret;
    return { primary, copy: { ...primary, change }, wish: wishFor(change, [name], suffix), status };
  });
  return jobs.length + elsewhere.length === 0 ? [] : [{ primary, jobs, elsewhere }];
}

/** Of a copy that is not in sync nothing has to be asked. An old event waits no longer for what AWS calls in sync. */
async function askCopy(job: Job, ask: Ask, now: number): Promise<ChangeWish | HeldBack> {
  const { copy, status, wish } = job;
  const { region } = copy.change;
  if (status !== 'InSync') return { kind: 'copy', copy: status === 'Failed' ? copyFailed(region) : copyBehind(region) };
  try {
    const answer = await ask(copy.change);
    const known = knownOf(answer);
    const isOld = now - copy.sentAt >= STILL_COMING_MILLISECONDS;
    if (showsChange(copy.change, known)) return { kind: 'wish', wish, known, answer };
    // Nothing says that it moved there.
    return isOld
      ? { kind: 'wish', wish: { ...wish, moved: false }, known, answer }
      : { kind: 'copy', copy: copyBehind(region) };
  } catch (error) {
    return { kind: 'failed', failure: failureOf(error) };
  }
}

type Ask = (ref: SecretRef) => Promise<SecretAnswer>;

function asker(secretVersions: SecretVersions, signal: AbortSignal): Ask {
  const answers = new Map<string, Promise<SecretAnswer>>();
  return (ref) => {
    const answer = answers.get(refKey(ref)) ?? secretVersions.describe(ref, signal);
    answers.set(refKey(ref), answer);
    return answer;
  };
}

/**
 * What is asked for by each change, with what its copies ask for: they are followed by the change of their primary. A label that
 * only copies are followed under asks for nothing at home.
 */
export function withCopies(
  index: Index,
  asked: ReadonlyMap<ReceivedChange, AskedFor>,
  copies: ReadonlyMap<ReceivedChange, CopiesOfChange>,
): ReadonlyMap<ReceivedChange, AskedFor> {
  const ofCopies = new Set([...copies.values()].flatMap(({ ready }) => [...ready.keys()]));
  const own = [...asked].filter(([received]) => !ofCopies.has(received));
  return new Map(
    own.map(([received, one]) => {
      const home = whyNobodyFollows(index, received.change) === null ? one : { wishes: [], held: [] };
      const { ready, looks, held } = copies.get(received) ?? NO_COPIES;
      const followed = [...ready.keys()].flatMap((copy) => asked.get(copy) ?? []);
      return [
        received,
        {
          wishes: [...home.wishes, ...followed.flatMap(({ wishes }) => wishes), ...looks],
          held: [...home.held, ...followed.flatMap((each) => each.held), ...held],
        },
      ] as const;
    }),
  );
}

interface Shown {
  readonly ports: IdentifyPorts;
  readonly source: { readonly index: Index; readonly accounts: readonly AllowedAccount[] };
  readonly signal: AbortSignal;
}

/**
 * What one change asks for, with what its secret's copies do, for a plan that is only shown: what is left out of it is noted.
 * Throws what kept AWS from answering.
 */
export async function askShown({ ports, source, signal }: Shown, received: ReceivedChange, wish: ChangeWish) {
  const only = new Map([[received, wish]]);
  const copies = (await askCopies(ports, source, only, signal)).get(received) ?? NO_COPIES;
  for (const one of copies.held) if (one.kind === 'failed') throw one.failure;
  const all = new Map([...only, ...copies.ready]);
  const reasons = copies.held.flatMap((one) => (one.kind === 'copy' ? [one.copy.reason] : []));
  const notes = [...reasons, ...(copies.note === null ? [] : [copies.note])];
  const name = wish.wish.names[0] ?? received.change.id;
  return {
    wishes: copies.looks,
    changed: [...all].map(([one, asked]) => ({ ...asked, changed: changedOf(one, asked.wish) })),
    spoken: spokenOf(all, ports.clock.now()),
    claims: [...all.values()],
    notes: notes.map((reason) => `${name}: ${reason}`),
  };
}

const NO_COPIES: CopiesOfChange = { ready: new Map(), looks: [], held: [], note: null };
