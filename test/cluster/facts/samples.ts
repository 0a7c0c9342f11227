import { FORCE_SYNC } from '../../../src/domain/policy.ts';
import { type Aws, createAws } from '../models/aws.ts';
import { type Cluster, createCluster, type Manifest } from '../models/cluster.ts';
import { runExternalSecrets } from '../models/external-secrets.ts';
import { createSimulation, type Simulation } from '../models/simulation.ts';

/** What an ExternalSecret of these tests has beside one key of `prod/db`. */
export interface SampleSecret {
  /** `force-sync`, as it is written. */
  readonly token?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly spec?: Readonly<Record<string, unknown>>;
}

export function externalSecret({
  token,
  annotations = {},
  labels = {},
  version,
  spec = {},
}: SampleSecret = {}): Manifest {
  const remoteRef = { key: 'prod/db', ...(version === undefined ? {} : { version }) };
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: {
      name: 'db',
      labels,
      annotations: token === undefined ? annotations : { ...annotations, [FORCE_SYNC]: token },
    },
    spec: { data: [{ secretKey: 'password', remoteRef }], ...spec },
  };
}

/** A Deployment that reads this Secret. `bump` is an annotation of its pods, `note` one of its own. */
export function deployment(secret: string, { bump = '', note = '' } = {}): Manifest {
  const template = {
    metadata: { annotations: { bump } },
    spec: { containers: [{ envFrom: [{ secretRef: { name: secret } }] }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'api', annotations: { note } },
    spec: { replicas: 2, template },
  };
}

/** An object of which only its place matters. */
export function placed(kind: string, name: string, annotations: Readonly<Record<string, string>> = {}): Manifest {
  return { apiVersion: 'v1', kind, metadata: { name, annotations }, spec: {} };
}

export interface Sample {
  readonly simulation: Simulation;
  readonly aws: Aws;
  readonly cluster: Cluster;
}

interface SampleTiming {
  readonly latency?: number;
  readonly fetch?: number;
  readonly isDown?: () => boolean;
  readonly clockAhead?: number;
}

/** A cluster with External Secrets Operator, which is as fast as it is said to be (milliseconds). */
export function createSample({
  latency = 0,
  fetch = 0,
  isDown = () => false,
  clockAhead = 0,
}: SampleTiming = {}): Sample {
  const simulation = createSimulation();
  const sample = { simulation, aws: createAws(simulation), cluster: createCluster(simulation, clockAhead) };
  runExternalSecrets({ ...sample, timing: { latency: () => latency, fetch: () => fetch, isDown } });
  return sample;
}

/** The version of `prod/db` in the Secret; null where there is none. */
export function versionIn({ cluster }: Sample, secret = 'db'): number | null {
  return cluster.secret(secret)?.data.get('password')?.version ?? null;
}
