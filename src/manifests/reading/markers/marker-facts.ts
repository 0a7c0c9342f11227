import { FORCE_SYNC, SECRET_VERSIONS, type Steering } from '../../../domain/policy.ts';
import type { ExternalSecretFacts, ObjectFacts, SecretReference, WorkloadFacts } from '../../objects.ts';
import type { MarkerKey } from './leaves.ts';
import type { WrittenMarker } from './parse-marker.ts';

/** A marker with the scalar that it marks. */
export interface FoundMarker {
  readonly offset: number;
  readonly document: number;
  readonly keys: readonly MarkerKey[];
  /** The way to the scalar, as people write it. */
  readonly name: string;
  readonly line: number;
  readonly value: string;
  readonly marker: WrittenMarker;
  /** What the annotations of the object around it ask for; null where nothing can be told from them. */
  readonly steering: Steering | null;
}

const NO_STEERING: Steering = { isIgnored: false, order: null, restarts: true, group: null, wrong: null };
const NOTHING: ReadonlyMap<string, string> = new Map();

/** A marker as the object it stands for: what fetches a secret, or (`followed`: its refresh markers) what restarts after that. */
export function markerFacts(found: FoundMarker, followed: readonly FoundMarker[]): ExternalSecretFacts | WorkloadFacts {
  return found.marker.stage === 'refresh' ? refreshMarker(found) : restartMarker(found, followed);
}

/**
 * True where a restart marker means the secret of a refresh marker: by the same words, except that it may leave out where the
 * secret is.
 */
export function sameSecret(restart: WrittenMarker, refresh: WrittenMarker): boolean {
  return (
    restart.secret === refresh.secret &&
    restart.label === refresh.label &&
    (restart.service === null || restart.service === refresh.service) &&
    (restart.store === null || isSame(restart.store, refresh.store)) &&
    (restart.place === null || isSame(restart.place, refresh.place))
  );
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function headerOf({ document, name, line }: FoundMarker, kind: string): ObjectFacts {
  return {
    document,
    item: null,
    line,
    apiVersion: '',
    kind,
    name,
    namespace: null,
    labels: NOTHING,
    annotations: NOTHING,
  };
}

function refreshMarker(found: FoundMarker): ExternalSecretFacts {
  const { marker, keys, value, steering } = found;
  return {
    ...headerOf(found, 'RefreshMarker'),
    annotations: new Map([[FORCE_SYNC, value]]),
    type: 'external-secret',
    references: [referenceOf(found)],
    store: marker.store,
    generators: false,
    refreshPolicy: null,
    refreshInterval: null,
    creationPolicy: null,
    immutable: false,
    targetName: '',
    namesTarget: true,
    secretAnnotations: NOTHING,
    steering: steering ?? NO_STEERING,
    marker: { keys, follows: [] },
  };
}

function referenceOf({ marker, line }: FoundMarker): SecretReference {
  const { secret, service, store, place, label } = marker;
  const known = { SecretsManager: 'secretsmanager', ParameterStore: 'ssm' } as const;
  // Where neither an ARN nor a store says which service it is, it is the one that most markers mean.
  const plain = store === null && !secret.startsWith('arn:') ? 'secretsmanager' : null;
  return {
    kind: 'key',
    field: 'marker',
    line,
    key: secret,
    find: null,
    follows: { kind: 'label', label: label ?? 'AWSCURRENT' },
    version: label ?? '',
    store,
    said: { service: service === null ? plain : known[service], place },
  };
}

function restartMarker(found: FoundMarker, followed: readonly FoundMarker[]): WorkloadFacts {
  const { keys, value, steering } = found;
  return {
    ...headerOf(found, 'RestartMarker'),
    type: 'workload',
    secrets: [],
    template: [],
    templateAnnotations: value === '' ? NOTHING : new Map([[SECRET_VERSIONS, value]]),
    rollout: { replicas: null, isPaused: false, isOnDelete: false, partition: 0, restartAt: null, workloadRef: null },
    steering: { ...(steering ?? NO_STEERING), group: null },
    marker: { keys, follows: followed.map(({ document, name }) => ({ document, name })) },
  };
}
