import type { CurrentChanged } from '../decoded.ts';
import { field, isObject, type JsonObject, textField } from '../read-json.ts';

/** What one event says: whether the current value changed, what is to be done, and that in words. */
export interface Verdict {
  readonly changed: CurrentChanged;
  readonly action: 'reconcile' | 'ignore' | 'notify';
  /** A clause that follows the event's name. */
  readonly says: string;
}

/** What an event name means. */
export interface Meaning {
  /** `nothing`: such a call names no single secret. `perhaps`: it may. */
  readonly names: 'one' | 'perhaps' | 'nothing';
  /** A function where the verdict depends on the call's parameters. */
  readonly verdict: Verdict | ((record: JsonObject) => Verdict);
  /** Where the event names a version, in order of preference. */
  readonly version: readonly (readonly string[])[];
}

const FROM_REQUEST = ['requestParameters', 'clientRequestToken'] as const;
const FROM_RESPONSE = ['responseElements', 'versionId'] as const;

const READ = meaning(quiet('a read; nothing changed'));
const READ_OF_NONE: Meaning = { ...READ, names: 'nothing' };
const METADATA = meaning(quiet('metadata changed, not the value'));
const ROTATION_REQUEST = quiet('a rotation was requested or called off; AWSCURRENT has not moved');
const REPLICATION_SETUP = meaning(quiet('replication was set up or ended; the value did not change'));
const OLD_VERSION_GOES = meaning(quiet('it concerns the deletion of versions, not AWSCURRENT'));

/**
 * Every name that Secrets Manager documents, as API call or as service event. Both families share one table, since
 * published samples print service events under the API calls' detail-type.
 */
const SECRET_EVENTS: ReadonlyMap<string, Meaning> = new Map([
  ['PutSecretValue', meaning(putSecretValue, FROM_REQUEST)],
  ['UpdateSecret', meaning(updateSecret, FROM_RESPONSE)],
  ['UpdateSecretVersionStage', meaning(moveLabel, ['requestParameters', 'moveToVersionId'])],
  ['CreateSecret', meaning(createSecret, FROM_RESPONSE)],
  ['RotateSecret', meaning(ROTATION_REQUEST, FROM_RESPONSE, FROM_REQUEST)],
  ['CancelRotateSecret', meaning(ROTATION_REQUEST, FROM_RESPONSE)],
  ['DeleteSecret', meaning(quiet('the secret was deleted or its deletion scheduled; there is no new value'))],
  ['RestoreSecret', meaning(quiet('the secret can be read again; its value is what it was'))],
  ['TagResource', METADATA],
  ['UntagResource', METADATA],
  ['PutResourcePolicy', METADATA],
  ['DeleteResourcePolicy', METADATA],
  ['ReplicateSecretToRegions', REPLICATION_SETUP],
  ['RemoveRegionsFromReplication', REPLICATION_SETUP],
  ['StopReplicationToReplica', REPLICATION_SETUP],
  ['GetSecretValue', READ],
  ['DescribeSecret', READ],
  ['ListSecretVersionIds', READ],
  ['GetResourcePolicy', READ],
  ['ValidateResourcePolicy', { ...READ, names: 'perhaps' }],
  ['BatchGetSecretValue', READ_OF_NONE],
  ['ListSecrets', READ_OF_NONE],
  ['GetRandomPassword', READ_OF_NONE],
  ['RotationStarted', meaning(quiet('a rotation has begun; AWSCURRENT has not moved yet'))],
  ['RotationSucceeded', meaning(acts('yes', 'a rotation ended; AWSCURRENT moved'))],
  ['RotationFailed', meaning(notice('a rotation failed; AWSCURRENT has not moved'))],
  ['RotationAbandoned', meaning(notice('a rotation was abandoned, since a version was written by hand meanwhile'))],
  ['TestRotationStarted', meaning(quiet('a test of the rotation; AWSCURRENT does not move'))],
  ['TestRotationSucceeded', meaning(quiet('a test of the rotation; AWSCURRENT did not move'))],
  ['TestRotationFailed', meaning(notice('a test of the rotation failed; AWSCURRENT did not move'))],
  ['StartSecretVersionDelete', OLD_VERSION_GOES],
  ['CancelSecretVersionDelete', OLD_VERSION_GOES],
  ['EndSecretVersionDelete', OLD_VERSION_GOES],
  ['SecretVersionDeletion', OLD_VERSION_GOES],
  ['ReplicationStarted', meaning(quiet('a replication has begun; the replica still has its old value'))],
  ['ReplicationSucceeded', meaning(acts('maybe', 'a replica is in sync; whether its value changed is not said'))],
  ['ReplicationFailed', meaning(notice('a replication failed; the replica keeps its old value'))],
]);

const LABEL_ONLY = meaning(quiet('a label moved; the latest version did not change'));
const GONE = meaning(quiet('the parameter is gone; there is no new value'));
const WRITTEN = meaning(acts('yes', 'a new version was written'), ['responseElements', 'version']);

/** Operations of Parameter Store: the native events' `operation` or `policy-type`, and CloudTrail's names. */
const PARAMETER_EVENTS: ReadonlyMap<string, Meaning> = new Map([
  ['Create', WRITTEN],
  ['Update', WRITTEN],
  ['Delete', GONE],
  ['Expiration', GONE],
  ['ExpirationNotification', meaning(quiet('the parameter will expire; its value did not change'))],
  ['NoChangeNotification', meaning(quiet('the parameter has not changed for long'))],
  ['PutParameter', WRITTEN],
  ['DeleteParameter', GONE],
  ['LabelParameterVersion', LABEL_ONLY],
  ['UnlabelParameterVersion', LABEL_ONLY],
  ['GetParameter', READ],
  ['GetParameterHistory', READ],
]);

/** The meaning of a Secrets Manager event name; undefined when it is not documented. */
export function secretMeaning(eventName: string): Meaning | undefined {
  return SECRET_EVENTS.get(eventName);
}

/** The meaning of a Parameter Store operation; undefined when it is not documented. */
export function parameterMeaning(eventName: string): Meaning | undefined {
  return PARAMETER_EVENTS.get(eventName);
}

/** A native label event: only AWSCURRENT is followed. */
export function labelVerdict(label: string): Verdict {
  if (label === 'AWSCURRENT') return acts('yes', 'AWSCURRENT moved to another version');
  return quiet('another label moved, not AWSCURRENT');
}

function meaning(verdict: Meaning['verdict'], ...version: Meaning['version']): Meaning {
  return { names: 'one', verdict, version };
}

function quiet(says: string): Verdict {
  return { changed: 'no', action: 'ignore', says };
}

function notice(says: string): Verdict {
  return { changed: 'no', action: 'notify', says };
}

function acts(changed: 'yes' | 'maybe', says: string): Verdict {
  return { changed, action: 'reconcile', says };
}

/** CloudTrail leaves out parameters above 100 KB. */
function omittedParameters(): Verdict {
  return acts('maybe', "the call's parameters are missing, so whether AWSCURRENT moved is not said");
}

function putSecretValue(record: JsonObject): Verdict {
  if (!isObject(field(record, 'requestParameters'))) return omittedParameters();
  const stages = field(record, 'requestParameters', 'versionStages') ?? null;
  if (stages === null) return acts('yes', 'a new version was written and is AWSCURRENT');
  if (!Array.isArray(stages) || stages.length === 0 || !stages.every((stage) => typeof stage === 'string')) {
    return acts('maybe', 'a new version was written, under labels that cannot be read');
  }
  if (stages.includes('AWSCURRENT')) return acts('yes', 'a new version was written and is AWSCURRENT');
  return quiet('a new version was written under another label; AWSCURRENT has not moved');
}

function updateSecret(record: JsonObject): Verdict {
  if (textField(record, ...FROM_RESPONSE) !== null) return acts('yes', 'a new version was written');
  return acts('maybe', 'the value or only metadata changed; the event does not say which');
}

function createSecret(record: JsonObject): Verdict {
  if (textField(record, ...FROM_RESPONSE) !== null) return acts('yes', 'the secret was created with a value');
  return acts('maybe', 'the secret was created; whether with a value is not said');
}

function moveLabel(record: JsonObject): Verdict {
  if (!isObject(field(record, 'requestParameters'))) return omittedParameters();
  const label = textField(record, 'requestParameters', 'versionStage');
  if (label !== 'AWSCURRENT') return quiet('another label moved, not AWSCURRENT');
  if (['', null].includes(textField(record, 'requestParameters', 'moveToVersionId'))) {
    return quiet('AWSCURRENT was taken off a version, and put on none');
  }
  return acts('yes', 'AWSCURRENT was moved to another version');
}
