import * as fc from 'fast-check';
import { expect } from 'vitest';
import { type SecretRef, secretFromFullArn, secretKey } from '../../../src/domain/secret-id.ts';
import { newestClaim } from '../../../src/plan/truth/newest-claim.ts';
import { identifyChanges } from '../../../src/service/truth/identify-changes.ts';
import { apiCall, decodeOne, labelMoved, V2 } from '../../events/sample-events.ts';

/** A secret as AWS knows it; two of them are the same only if all four are. */
interface Secret {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly suffix: string;
}

// Few of each, so that they meet; names that look like another one's full ARN, and any name that AWS allows.
const secrets = fc.record<Secret>({
  account: fc.constantFrom('111122223333', '012345678901'),
  region: fc.constantFrom('eu-west-1', 'us-east-1'),
  name: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('db', 'DB', 'db-prod01', 'db-prod01-Ab3dEf', 'prod/db', 'rds!db-prod01') },
    { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9/_+=.@!-]{1,24}$/) },
  ),
  suffix: fc.constantFrom('Ab3dEf', 'prod01', 'Zz9yXw'),
});

const NO_CLOCK = { now: () => 0, sleep: () => Promise.reject(new Error('nothing is waited for')) };
const ACCOUNTS = ['111122223333', '012345678901'].map((id) => ({ id, regions: ['eu-west-1', 'us-east-1'] }));

function fullArn({ account, region, name, suffix }: Secret): string {
  return `arn:aws:secretsmanager:${region}:${account}:secret:${name}-${suffix}`;
}

/** What AWS says when this secret moves: the native event, with the full ARN. */
function native(secret: Secret): unknown {
  const { account, region, name } = secret;
  return labelMoved({ account, region, resources: [fullArn(secret)] }, { name });
}

/** What CloudTrail says of a call by bare name. */
function byName({ account, region, name }: Secret): unknown {
  const detail = { requestParameters: { secretId: name, clientRequestToken: V2 } };
  return apiCall('PutSecretValue', { ...detail, awsRegion: region, recipientAccountId: account }, { account, region });
}

/** Whether an event is taken to be about a reference: decoded, identified without asking AWS, and matched. */
async function matches(event: unknown, ref: SecretRef): Promise<boolean> {
  const { change } = decodeOne(event);
  if (change === null) throw new Error('the event asks for nothing');
  const ports = { secretVersions: null, clock: NO_CLOCK };
  const received = { change, sentAt: 0 };
  const identified = (await identifyChanges(ports, ACCOUNTS, [received], new AbortController().signal)).get(received);
  if (identified?.kind !== 'wish') throw new Error('the event names no version');
  return newestClaim(ref, [identified])?.kind === 'claimed';
}

function reference({ account, region }: Secret, id: string): SecretRef {
  return { service: 'secretsmanager', account, region, id };
}

function keyOf(secret: Secret): string {
  return secretKey({ ...secret, service: 'secretsmanager' });
}

function isSame(left: Secret, right: Secret): boolean {
  return isSamePlace(left, right) && left.name === right.name && left.suffix === right.suffix;
}

function isSamePlace(left: Secret, right: Secret): boolean {
  return left.account === right.account && left.region === right.region;
}

/** AWS's own warning: the full ARN of `short` is, letter by letter, a partial ARN of `long`. */
function looksPartial(short: Secret, long: Secret): boolean {
  return isSamePlace(short, long) && `${short.name}-${short.suffix}` === long.name;
}

/** What holds for any two secrets. */
export const IDENTITY_LAWS = {
  'a full ARN tells its secret': fc.asyncProperty(secrets, async (secret) => {
    expect(secretFromFullArn(fullArn(secret))).toMatchObject(secret);
    expect(decodeOne(native(secret)).secret).toMatchObject({ arn: fullArn(secret), name: secret.name });
    expect(await matches(native(secret), reference(secret, fullArn(secret)))).toBe(true);
  }),

  'two secrets with full ARNs never match, whichever of them moved': fc.asyncProperty(
    secrets,
    secrets,
    async (left, right) => {
      const forth = await matches(native(left), reference(right, fullArn(right)));
      const back = await matches(native(right), reference(left, fullArn(left)));
      // A reference is a person's text: only there may a full ARN be a partial one.
      expect(forth).toBe(isSame(left, right) || looksPartial(right, left));
      expect(back).toBe(isSame(left, right) || looksPartial(left, right));
      if (!looksPartial(left, right) && !looksPartial(right, left)) expect(forth).toBe(back);
    },
  ),

  'bare names match within one account and Region, in both directions': fc.asyncProperty(
    secrets,
    secrets,
    async (left, right) => {
      const isNamesake = isSamePlace(left, right) && left.name === right.name;
      expect(await matches(native(left), reference(right, right.name))).toBe(isNamesake);
      expect(await matches(native(right), reference(left, left.name))).toBe(isNamesake);
      expect(await matches(byName(left), reference(right, right.name))).toBe(isNamesake);
      expect(await matches(byName(left), reference(right, fullArn(right)))).toBe(
        isNamesake || looksPartial(right, left),
      );
    },
  ),

  'keys are equal for equal service, account, Region and name only': fc.asyncProperty(
    secrets,
    secrets,
    async (left, right) => {
      expect(keyOf(left) === keyOf(right)).toBe(isSamePlace(left, right) && left.name === right.name);
      expect(keyOf(left)).not.toBe(secretKey({ ...right, service: 'ssm' }));
    },
  ),
};
