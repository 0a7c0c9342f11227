import { refKey, type SecretRef, secretKey } from '../../domain/secret-id.ts';
import { tokenTime } from '../../domain/token.ts';
import type { Spoken } from '../../plan/find/found-secrets.ts';
import { type Claim, newestClaim } from '../../plan/truth/newest-claim.ts';
import type { AskedRef } from '../../plan/truth/refs-to-ask.ts';
import type { KnownSecret, Truth } from '../../plan/truth/wish.ts';
import type { SecretAnswer, SecretVersions } from '../../ports.ts';
import { createFindReader, type FindReader } from './find-reader.ts';

/** Answers of AWS within one round; a new round (a ref has moved) asks again. */
export interface TruthReader extends FindReader {
  ask(ref: SecretRef): Promise<KnownSecret>;
}

/** What AWS has already answered in this round. */
export interface Told {
  readonly ref: SecretRef;
  readonly known: KnownSecret;
}

/** What is known before anybody asks. */
export interface Before {
  readonly told: readonly Told[];
  /** What the events of this batch spoke of. */
  readonly spoken: readonly Spoken[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Asks DescribeSecret once per secret and round, however its identifier is written. What was `told` stands, the last one
 * where several speak of one secret: a later answer may be an older one, since AWS is eventually consistent.
 */
export function createTruthReader(secretVersions: SecretVersions, signal: AbortSignal, before: Before): TruthReader {
  const { told } = before;
  const written = new Map(told.map(({ ref, known }) => [refKey(ref), Promise.resolve(known)]));
  const canonical = new Map(told.flatMap(({ ref, known }) => nameOf(ref, known)));
  const describe = async (ref: SecretRef): Promise<KnownSecret> => {
    const known = knownOf(await secretVersions.describe(ref, signal));
    const [named] = nameOf(ref, known);
    if (named === undefined) return known;
    const first = canonical.get(named[0]) ?? known;
    canonical.set(named[0], first);
    return first;
  };
  const ask = (ref: SecretRef): Promise<KnownSecret> => {
    const byName = canonical.get(refKey(ref));
    const answer = byName === undefined ? (written.get(refKey(ref)) ?? describe(ref)) : Promise.resolve(byName);
    written.set(refKey(ref), answer);
    return answer;
  };
  return { ask, ...createFindReader({ secretVersions, ask }, before, signal) };
}

/** What is known of every secret that an affected object names; event mode (no reader) knows only what was claimed. */
export async function readTruth(
  refs: readonly AskedRef[],
  claims: readonly Claim[],
  reader: TruthReader | null,
): Promise<Truth> {
  const truth = new Map<string, KnownSecret>();
  for (const { ref, find } of refs) {
    const known = reader === null ? newestClaim(ref, claims) : await askReader(reader, { ref, find }, claims);
    if (known !== null) truth.set(refKey(ref), known);
  }
  return truth;
}

function askReader(reader: TruthReader, { ref, find }: AskedRef, claims: readonly Claim[]): Promise<KnownSecret> {
  return find === null ? reader.ask(ref) : reader.find({ ref, find }, claims);
}

/** An answer of DescribeSecret in the words of a plan. */
export function knownOf(answer: SecretAnswer): KnownSecret {
  if (answer.kind !== 'found') return answer;
  const { kind: _kind, replication: _copies, primaryRegion: _primary, secret, seenAt, ...told } = answer;
  return { ...told, kind: 'described', name: secret.name, seenAt: tokenTime(seenAt) };
}

function nameOf(ref: SecretRef, known: KnownSecret): readonly (readonly [string, KnownSecret])[] {
  return known.kind === 'described' ? [[secretKey({ ...ref, name: known.name }), known]] : [];
}
