import { Failure } from '../../../domain/failure.ts';
import type { AwsLook } from '../../../plan/report/explanation.ts';
import { awsLook, EVENT_MODE, writtenRef } from '../../../plan/report/secrets/aws-look.ts';
import type { Replication } from '../../../plan/report/secrets/secret-state.ts';
import type { KnownSecret, Wish } from '../../../plan/truth/wish.ts';
import type { SecretAnswer } from '../../../ports.ts';
import { type Round, withAnswers } from '../../round.ts';
import type { ServedBranch } from '../../served-branch.ts';
import { knownOf } from '../../truth/truth-reader.ts';
import { orFailure } from '../look/shown-pull.ts';

/** What AWS says of one secret. */
export interface AskedAws {
  readonly aws: AwsLook | Failure;
  /** Null where it has not answered. */
  readonly known: KnownSecret | null;
  /** The same round, in which that answer stands. */
  readonly round: Round;
}

/** Asks AWS for a secret, by the first reference that names it; by the person's words where none does. */
export async function askSecret(round: Round, wish: Wish, id: string): Promise<AskedAws> {
  const { served, index, signal } = round;
  const { secretVersions } = served;
  if (round.truth === null || secretVersions === null) return notAsked(round, EVENT_MODE);
  const { account, region, service } = wish;
  if (!isAllowed(served, account, region)) {
    return notAsked(round, `Account ${account}, region ${region} is not in spec.aws.accounts.`);
  }
  const ref = writtenRef(index, wish) ?? { service, account, region, id };
  const answer = await orFailure(() => secretVersions.describe(ref, signal));
  if (answer instanceof Failure) return { aws: answer, known: null, round };
  const known = knownOf(answer);
  const aws = awsLook(known, await replicationOf(round, answer));
  return { aws, known, round: withAnswers(round, { claims: round.claims, told: [{ ref, known }], spoken: [] }) };
}

function isAllowed({ settings }: ServedBranch, account: string, region: string): boolean {
  return settings.accounts.some((one) => one.id === account && one.regions.includes(region));
}

function notAsked(round: Round, reason: string): AskedAws {
  return { aws: { kind: 'not-asked', reason }, known: null, round };
}

/** Null where it has no copies and is none. Of a copy its primary is asked, where that Region is allowed. */
async function replicationOf({ served, signal }: Round, answer: SecretAnswer): Promise<Replication | null> {
  if (answer.kind !== 'found') return null;
  const { secret, primaryRegion, replication } = answer;
  if (primaryRegion === null && replication.length === 0) return null;
  const replicas = replication.toSorted((left, right) => (left.region < right.region ? -1 : 1));
  if (primaryRegion === null || primaryRegion === secret.region) {
    return { primaryRegion: secret.region, status: null, replicas };
  }
  const { service, account, name } = secret;
  const primary = { service, account, region: primaryRegion, id: name };
  const told = isAllowed(served, account, primaryRegion)
    ? await orFailure(async () => served.secretVersions?.describe(primary, signal))
    : undefined;
  const copies = told === undefined || told instanceof Failure || told.kind !== 'found' ? [] : told.replication;
  return { primaryRegion, status: copies.find(({ region }) => region === secret.region)?.status ?? null, replicas };
}
