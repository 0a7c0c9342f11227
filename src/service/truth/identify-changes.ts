import type { SecretChange } from '../../domain/change.ts';
import { Failure } from '../../domain/failure.ts';
import { LATEST } from '../../domain/parameters/parameter-id.ts';
import type { AllowedAccount } from '../../domain/policy.ts';
import { fullArnSuffix, refKey } from '../../domain/secret-id.ts';
import { tokenTime } from '../../domain/token.ts';
import { showsParameter, toldVersion } from '../../plan/truth/told-parameter.ts';
import type { KnownSecret, Wish } from '../../plan/truth/wish.ts';
import type { Clock, SecretAnswer, SecretVersions } from '../../ports.ts';
import { atMost } from '../at-most.ts';
import { failureOf } from '../outcome.ts';
import { knownOf } from './truth-reader.ts';

/** A change as the queue delivered it. */
export interface ReceivedChange {
  readonly change: SecretChange;
  /** When SQS received it, epoch milliseconds. */
  readonly sentAt: number;
}

/** What a change asks for, what is known of that, and what AWS has answered; null in event mode. */
export interface ChangeWish {
  readonly kind: 'wish';
  readonly wish: Wish;
  readonly known: KnownSecret;
  readonly answer: SecretAnswer | null;
}

/** What one change asks for once AWS was asked who and what it is. */
export type Identified =
  | ChangeWish
  /** The event names a version that AWS does not show yet: all of AWS's operations are eventually consistent. */
  | { readonly kind: 'not-visible' }
  | { readonly kind: 'ignored'; readonly reason: string }
  | { readonly kind: 'failed'; readonly failure: Failure };

export interface IdentifyPorts {
  /** Null in event mode. */
  readonly secretVersions: SecretVersions | null;
  readonly clock: Clock;
}

/** How long to wait before each further question: the whole batch waits, so what takes longer is given back to the queue. */
const RETRY_MILLISECONDS = [1000, 2000];
/** An event older than this names the version before the current one because AWS went on, not because a rollback is to come. */
const ROLLBACK_MILLISECONDS = 15_000;
/** An event older than this names a version that is gone, not one that is still to come. */
export const STILL_COMING_MILLISECONDS = 5 * 60_000;
const QUESTIONS_AT_ONCE = 8;

/**
 * Finds out what each change is about. With DescribeSecret: the secret's name, and that the version the event names is
 * visible (asked again while it may still come; each secret once, however many events speak of it). In event mode
 * (`secretVersions` null): what the event itself claims. A failing question fails its own changes only.
 */
export async function identifyChanges(
  ports: IdentifyPorts,
  accounts: readonly AllowedAccount[],
  changes: readonly ReceivedChange[],
  signal: AbortSignal,
): Promise<ReadonlyMap<ReceivedChange, Identified>> {
  const identified = new Map<ReceivedChange, Identified>();
  for (const received of changes) {
    const known = ports.secretVersions === null ? claimed(received) : null;
    const result = refusedAccount(received.change, accounts) ?? known;
    if (result !== null) identified.set(received, result);
  }
  for (const wait of [...RETRY_MILLISECONDS, null]) {
    const pending = changes.filter((received) => !identified.has(received));
    if (pending.length === 0) break;
    const patience = wait === null || signal.aborted ? 'none' : 'some';
    for (const [received, result] of await askOnce(ports, pending, patience, signal)) identified.set(received, result);
    if (wait !== null && identified.size < changes.length) await ports.clock.sleep(wait, signal);
  }
  return identified;
}

/** One question for every secret that these changes speak of. What may still come is missing while there is patience. */
async function askOnce(
  { secretVersions, clock }: IdentifyPorts,
  changes: readonly ReceivedChange[],
  patience: 'some' | 'none',
  signal: AbortSignal,
): Promise<ReadonlyMap<ReceivedChange, Identified>> {
  const results = await atMost(QUESTIONS_AT_ONCE, bySecret(changes), async (speaking) => {
    const [first] = speaking;
    if (first === undefined || secretVersions === null) return [];
    const answer = await describe(secretVersions, first.change, signal);
    if (answer instanceof Failure) return speaking.map((one) => [one, { kind: 'failed', failure: answer }] as const);
    const now = clock.now();
    return speaking.flatMap((one) => {
      const age = now - one.sentAt;
      const seen = age >= STILL_COMING_MILLISECONDS ? 'now' : sees(answer, one, speaking);
      if (seen === 'now' || (seen === 'before' && age >= ROLLBACK_MILLISECONDS)) {
        return [[one, wishOf(one.change, answer)] as const];
      }
      return patience === 'none' ? [[one, { kind: 'not-visible' }] as const] : [];
    });
  });
  return new Map(results.flat());
}

function bySecret(changes: readonly ReceivedChange[]): readonly (readonly ReceivedChange[])[] {
  const groups = new Map<string, ReceivedChange[]>();
  for (const one of changes) groups.set(refKey(one.change), [...(groups.get(refKey(one.change)) ?? []), one]);
  return [...groups.values()];
}

async function describe(
  secretVersions: SecretVersions,
  change: SecretChange,
  signal: AbortSignal,
): Promise<SecretAnswer | Failure> {
  try {
    return await secretVersions.describe(change, signal);
  } catch (error) {
    return failureOf(error);
  }
}

/**
 * Whether an answer shows the version that an event names: `now` it carries its label, or an event that is not older names the
 * one that does; `before` it did, or this is a rollback that AWS does not show yet; `not` at all. No named version is always seen.
 */
function sees(
  answer: SecretAnswer,
  told: ReceivedChange,
  speaking: readonly ReceivedChange[],
): 'now' | 'before' | 'not' {
  const { versionId, ...change } = told.change;
  if (change.service === 'ssm') return seesParameter(answer, told.change);
  if (answer.kind === 'denied' || change.kind === 'tags') return 'now';
  if (change.kind !== 'label') return showsPresence(answer, change.kind);
  if (versionId === null) return 'now';
  if (answer.kind === 'absent') return 'not';
  const current = answer.versions.get(change.label);
  if (current === versionId) return 'now';
  const isSuperseded = speaking.some(
    (one) => one.change.label === change.label && one.change.versionId === current && !isOlder(one, told),
  );
  if (isSuperseded) return 'now';
  return answer.versions.get('AWSPREVIOUS') === versionId ? 'before' : 'not';
}

/** By the time of the event; where one names none, by when it came. */
function isOlder(left: ReceivedChange, right: ReceivedChange): boolean {
  const [leftTime, rightTime] = [left.change.event.time, right.change.event.time];
  return leftTime === null || rightTime === null ? left.sentAt < right.sentAt : leftTime < rightTime;
}

/** A deletion that was called off since, or made anew, is told by another event. */
function showsPresence(answer: SecretAnswer, kind: 'deleted' | 'restored'): 'now' | 'before' {
  const isPresent = answer.kind === 'found' && !answer.deleted;
  return isPresent === (kind === 'restored') ? 'now' : 'before';
}

/** There is nothing to roll back to: an earlier value is written as a new version. What was written is there, sooner or later. */
function seesParameter(answer: SecretAnswer, { versionId, event }: SecretChange): 'now' | 'not' {
  if (answer.kind === 'denied') return 'now';
  const version = answer.kind === 'found' ? answer.versions.get(LATEST) : undefined;
  return version !== undefined && showsParameter(version, { versionId, time: event.time }) ? 'now' : 'not';
}

/** Whether AWS may be asked about what is there. */
export function isAllowedPlace(
  { account, region }: Pick<SecretChange, 'account' | 'region'>,
  accounts: readonly AllowedAccount[],
): boolean {
  return accounts.find(({ id }) => id === account)?.regions.includes(region) === true;
}

function refusedAccount(change: SecretChange, accounts: readonly AllowedAccount[]): Identified | null {
  if (isAllowedPlace(change, accounts)) return null;
  const reason = `Account ${change.account}, region ${change.region} is not in spec.aws.accounts.`;
  return { kind: 'ignored', reason };
}

function claimed({ change, sentAt }: ReceivedChange): Identified {
  if (change.kind !== 'label' || change.versionId === null) {
    return { kind: 'ignored', reason: 'Event mode: the event names no version, and AWS may not be asked.' };
  }
  const seenAt = change.event.time ?? tokenTime(sentAt);
  const version = change.service === 'ssm' ? toldVersion(change.versionId, change.event.time) : change.versionId;
  const versions = new Map([[change.label, { version, seenAt }]]);
  return {
    kind: 'wish',
    wish: wishFor(change, change.names.slice(0, 1), fullArnSuffix(change.id)),
    known: { kind: 'claimed', versions },
    answer: null,
  };
}

function wishOf(change: SecretChange, answer: SecretAnswer): Identified {
  const names = answer.kind === 'found' ? [answer.secret.name] : change.names;
  const suffix = answer.kind === 'found' ? answer.secret.suffix : fullArnSuffix(change.id);
  return { kind: 'wish', wish: wishFor(change, names, suffix), known: knownOf(answer), answer };
}

/** Whoever comes or goes is merely looked at: that concerns the finds that find it. */
export function wishFor(
  { service, account, region, ...change }: SecretChange,
  names: readonly string[],
  suffix: string | null,
): Wish {
  const secret = { service, account, region, names, suffix };
  switch (change.kind) {
    case 'label':
      return { ...secret, kind: 'label', label: change.label, moved: true };
    case 'tags':
      return { ...secret, kind: 'tags', label: null, moved: true };
    case 'deleted':
    case 'restored':
      return { ...secret, kind: 'label', label: null, moved: false };
  }
}
