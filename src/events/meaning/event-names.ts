import { acts, always, besides, type Meaning, notice, quiet } from './verdict.ts';
import {
  CREATE_SECRET,
  FROM_REQUEST,
  FROM_RESPONSE,
  PUT_SECRET_VALUE,
  UPDATE_SECRET,
  UPDATE_SECRET_VERSION_STAGE,
} from './write-calls.ts';

const READ = always(quiet('a read, which changes nothing'));
const READ_OF_NONE = {
  ...always(quiet('a call about no single secret, which changes none')),
  names: 'nothing',
} as const;
const TAGS = besides(
  always(quiet('tags changed, not the value; only references that fetch tags, or find secrets by them, care')),
  () => [{ kind: 'tags', label: null }],
);
const PERMISSIONS = always(quiet('who may use the secret changed, not its value'));
const COPIES = always(quiet('the Regions that hold a copy changed, not the value'));

/**
 * Every name that Secrets Manager documents, as API call or as service event. Both families share one table, since
 * published samples print service events under the API calls' detail-type. docs/events.md shows the same.
 */
export const SECRET_EVENTS: ReadonlyMap<string, Meaning> = new Map([
  ['PutSecretValue', PUT_SECRET_VALUE],
  ['UpdateSecret', UPDATE_SECRET],
  ['UpdateSecretVersionStage', UPDATE_SECRET_VERSION_STAGE],
  ['CreateSecret', CREATE_SECRET],
  [
    'RotateSecret',
    always(
      quiet('a rotation was asked for, or its schedule set; AWSCURRENT has not moved'),
      FROM_RESPONSE,
      FROM_REQUEST,
    ),
  ],
  ['CancelRotateSecret', always(quiet('rotation was switched off; AWSCURRENT has not moved'), FROM_RESPONSE)],
  [
    'DeleteSecret',
    besides(always(quiet('the secret was deleted or its deletion planned; there is no new value')), () => [
      { kind: 'deleted', label: null },
    ]),
  ],
  [
    'RestoreSecret',
    besides(always(quiet('a planned deletion was called off; the value is what it was')), () => [
      { kind: 'restored', label: null },
    ]),
  ],
  ['TagResource', TAGS],
  ['UntagResource', TAGS],
  ['PutResourcePolicy', PERMISSIONS],
  ['DeleteResourcePolicy', PERMISSIONS],
  ['ReplicateSecretToRegions', COPIES],
  ['RemoveRegionsFromReplication', COPIES],
  ['StopReplicationToReplica', always(quiet('a replica became a secret of its own; its value is what it was'))],
  ['GetSecretValue', READ],
  ['DescribeSecret', READ],
  ['ListSecretVersionIds', READ],
  ['GetResourcePolicy', READ],
  ['ValidateResourcePolicy', { ...READ, names: 'perhaps' }],
  ['BatchGetSecretValue', READ_OF_NONE],
  ['ListSecrets', READ_OF_NONE],
  ['GetRandomPassword', READ_OF_NONE],
  ['RotationStarted', always(quiet('a rotation has begun; AWSCURRENT has not moved yet'))],
  ['RotationSucceeded', always(acts('yes', 'a rotation ended; AWSCURRENT moved'))],
  ['RotationFailed', always(notice('a rotation failed; AWSCURRENT has not moved, and CloudTrail says why'))],
  [
    'RotationAbandoned',
    always(
      notice('a rotation was given up, since a version was written by hand meanwhile; check that the value works'),
    ),
  ],
  ['TestRotationStarted', always(quiet('a trial of the rotation has begun; AWSCURRENT does not move'))],
  ['TestRotationSucceeded', always(quiet('a trial of the rotation went well; AWSCURRENT did not move'))],
  [
    'TestRotationFailed',
    always(notice('a trial of the rotation failed; AWSCURRENT did not move, but the next rotation may fail too')),
  ],
  ['StartSecretVersionDelete', always(quiet('a deletion of versions was planned; AWSCURRENT did not move'))],
  ['CancelSecretVersionDelete', always(quiet('a deletion of versions was called off; AWSCURRENT did not move'))],
  ['EndSecretVersionDelete', always(quiet('a deletion of versions ended; AWSCURRENT did not move'))],
  ['SecretVersionDeletion', always(quiet('a version without labels was removed; AWSCURRENT did not move'))],
  ['ReplicationStarted', always(quiet('a replication has begun; the replica still has its old value'))],
  ['ReplicationSucceeded', always(acts('maybe', 'a replica is in sync; whether its value changed is not said'))],
  [
    'ReplicationFailed',
    always(notice('a replication failed; the replica keeps its old value, and CloudTrail says why')),
  ],
]);
