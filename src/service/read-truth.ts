import type { SecretChange } from '../domain/change.ts';
import type { AllowedAccount } from '../domain/policy.ts';
import { refKey, type SecretRef, secretKey } from '../domain/secret-id.ts';
import { tokenTime } from '../domain/token.ts';
import { type Claim, newestClaim } from '../plan/truth/newest-claim.ts';
import type { KnownSecret, Truth, Wish } from '../plan/truth/wish.ts';
import type { Clock, SecretAnswer, SecretVersions } from '../ports.ts';

/** A change as the queue delivered it. */
export interface ReceivedChange {
  readonly change: SecretChange;
  /** When SQS received it, epoch milliseconds. */
  readonly sentAt: number;
}

/** What one change asks for once AWS was asked who and what it is. */
export type Identified =
  | { readonly kind: 'wish'; readonly wish: Wish; readonly known: KnownSecret }
  /** The event names a version that AWS does not show yet: all of AWS's operations are eventually consistent. */
  | { readonly kind: 'not-visible' }
  | { readonly kind: 'ignored'; readonly reason: string };

/** Answers of AWS within one round; a new round (a ref has moved) asks again. */
export interface TruthReader {
  ask(ref: SecretRef): Promise<KnownSecret>;
}

const RETRY_MILLISECONDS = [1000, 2000, 4000, 8000];
/** An event older than this names a version that is gone, not one that is still to come. */
const STILL_COMING_MILLISECONDS = 5 * 60_000;

/** Asks DescribeSecret once per secret and round. A bare name shares the answer of the ARN that told its identity. */
export function createTruthReader(secretVersions: SecretVersions, signal: AbortSignal): TruthReader {
  const answers = new Map<string, Promise<KnownSecret>>();
  const ask = async (ref: SecretRef): Promise<KnownSecret> => {
    const known = knownOf(await secretVersions.describe(ref, signal));
    if (known.kind === 'described') answers.set(secretKey({ ...ref, name: known.name }), Promise.resolve(known));
    return known;
  };
  return {
    ask: (ref) => {
      const earlier = answers.get(refKey(ref)) ?? ask(ref);
      answers.set(refKey(ref), earlier);
      return earlier;
    },
  };
}

/**
 * Finds out what a change is about. With DescribeSecret: its name, and that the version it names is visible (asked again
 * for about 15 seconds). In event mode (`secretVersions` null): what the event itself claims.
 */
export async function identify(
  { change, sentAt }: ReceivedChange,
  ports: { readonly secretVersions: SecretVersions | null; readonly clock: Clock },
  accounts: readonly AllowedAccount[],
  signal: AbortSignal,
): Promise<Identified> {
  const account = accounts.find(({ id }) => id === change.account);
  if (account === undefined || !account.regions.includes(change.region)) {
    return {
      kind: 'ignored',
      reason: `Account ${change.account}, region ${change.region} is not in spec.aws.accounts.`,
    };
  }
  if (ports.secretVersions === null) return claimed(change, sentAt);
  for (const [attempt, wait] of [...RETRY_MILLISECONDS, null].entries()) {
    const answer = await ports.secretVersions.describe(change, signal);
    if (answer.kind !== 'found') return { kind: 'wish', wish: wishOf(change, change.names), known: knownOf(answer) };
    const found: Identified = { kind: 'wish', wish: wishOf(change, [answer.secret.name]), known: knownOf(answer) };
    if (isVisible(change, answer.versions)) return found;
    const young = ports.clock.now() - sentAt < STILL_COMING_MILLISECONDS;
    if (!young) return found;
    if (wait === null || signal.aborted) break;
    await ports.clock.sleep(wait + attempt, signal);
  }
  return { kind: 'not-visible' };
}

/** What is known of every secret that an affected object names; event mode knows only what was claimed. */
export async function readTruth(
  refs: readonly SecretRef[],
  claims: readonly Claim[],
  reader: TruthReader | null,
): Promise<Truth> {
  const truth = new Map<string, KnownSecret>();
  for (const ref of refs) {
    const known = reader === null ? newestClaim(ref, claims) : await reader.ask(ref);
    if (known !== null) truth.set(refKey(ref), known);
  }
  return truth;
}

function wishOf(change: SecretChange, secretNames: readonly string[]): Wish {
  const { service, account, region, label } = change;
  return { service, account, region, names: secretNames, label, moved: true };
}

/** The version the event names carries its label, or has already been superseded. An event without a version is. */
function isVisible(change: SecretChange, versions: ReadonlyMap<string, string>): boolean {
  if (change.versionId === null || versions.get(change.label) === change.versionId) return true;
  return versions.get('AWSPREVIOUS') === change.versionId;
}

function claimed(change: SecretChange, sentAt: number): Identified {
  if (change.versionId === null) {
    return { kind: 'ignored', reason: 'Event mode: the event names no version, and AWS may not be asked.' };
  }
  const seenAt = change.event.time ?? tokenTime(sentAt);
  const versions = new Map([[change.label, { version: change.versionId, seenAt }]]);
  return { kind: 'wish', wish: wishOf(change, change.names.slice(0, 1)), known: { kind: 'claimed', versions } };
}

function knownOf(answer: SecretAnswer): KnownSecret {
  if (answer.kind !== 'found') return answer;
  const { secret, versions, seenAt, deleted } = answer;
  return { kind: 'described', name: secret.name, versions, seenAt: tokenTime(seenAt), deleted };
}
