import { type EvidencePolicy, NO_EVIDENCE } from '../../src/domain/life/evidence-policy.ts';
import { FORCE_SYNC, type Order, type Pin, RESTART_DUE, SECRET_VERSIONS } from '../../src/domain/policy.ts';
import { parseToken, versionsDigest } from '../../src/domain/token.ts';
import { parseWorkloadToken } from '../../src/domain/workload-token.ts';
import type { Files } from '../plan/repository.ts';
import { runArgoCd } from './models/argo-cd.ts';
import { type Aws, createAws } from './models/aws.ts';
import { type Cluster, createCluster, type Manifest } from './models/cluster.ts';
import { type Deployments, type Pod, runDeployments } from './models/deployment.ts';
import { runExternalSecrets } from './models/external-secrets.ts';
import { runFlux } from './models/flux.ts';
import type { Health, HealthCheck } from './models/health.ts';
import { createSimulation, type Simulation, type Told } from './models/simulation.ts';
import { createProduct, type Product } from './product.ts';
import {
  APPS_PATH,
  manifestsOf,
  type SampleOptions,
  SECRETS_PATH,
  sampleRepository,
  WORKLOAD,
} from './sample-repository.ts';

/** How a branch is configured, and what its cluster has. */
export interface Setup {
  readonly order: Order;
  /** Of ExternalSecrets; of Deployments always the usual one. */
  readonly check: HealthCheck;
  /** Left out: time alone says that a refresh was applied. */
  readonly evidence?: EvidencePolicy;
  /** Left out: none. */
  readonly pin?: Pin;
}

/** The context of the status that the deployer writes to a commit. */
export const STATUS = 'deployed/app';

/** One life of a repository and its cluster. Times are in seconds; a list is gone through again and again. */
export interface Story extends SampleOptions {
  /** Each moves a secret, so long after the start. */
  readonly rotations: readonly { readonly secret: string; readonly at: number }[];
  readonly looks: readonly number[];
  readonly merges: readonly number[];
  /** Of the branch. */
  readonly settle: number;
  readonly polls: readonly number[];
  readonly applies: readonly number[];
  readonly latencies: readonly number[];
  readonly fetches: readonly number[];
  readonly starts: readonly number[];
  /** When AWS gives External Secrets Operator no answer. */
  readonly outages: readonly { readonly from: number; readonly to: number }[];
  /** When nodes are emptied. */
  readonly drains: readonly number[];
  /** How far the cluster's clock is ahead of AWS's. */
  readonly clockAhead: number;
}

/** What a pod has although its template says that it was restarted for something newer. */
export interface Stale {
  readonly externalSecret: string;
  readonly secret: string;
  readonly has: number;
  readonly wanted: number;
}

export interface Played {
  readonly timeline: readonly Told[];
  readonly stale: readonly Stale[];
  /** ExternalSecrets whose refresh was not complete the settle time after the merge that asked for it. */
  readonly late: readonly string[];
  /** What is not as it should be in the end, in words. */
  readonly unfinished: readonly string[];
  /** Some restart was announced first. */
  readonly isAnnounced: boolean;
}

// Before it, everything is deployed for the first time, at version 1 of every secret. It is no multiple of any interval.
const WARM_UP = 1_700_000;
const LOOK_INTERVAL = 600_000;
const END = 24 * 3_600_000;

/** Plays a story to its end, and says what went wrong in it. */
export function play(story: Story, setup: Setup): Played {
  const simulation = createSimulation();
  const world = { simulation, aws: createAws(simulation), cluster: createCluster(simulation, story.clockAhead * 1000) };
  const versions = new Map<string, ReadonlyMap<string, number>>();
  const stale: Stale[] = [];
  const late = new Set<string>();
  let isAnnounced = false;
  const product = createProduct({
    ...world,
    files: sampleRepository(story),
    order: setup.order,
    settle: story.settle * 1000,
    evidence: setup.evidence ?? NO_EVIDENCE,
    pin: setup.pin ?? 'none',
    timing: { look: cycle(story.looks), merge: cycle(story.merges) },
    onCommit: (files, edits) => {
      isAnnounced ||= edits.some(({ annotation }) => annotation === RESTART_DUE);
      for (const name of learn(files, world.aws, versions)) {
        simulation.after(story.settle * 1000, () => {
          if (isBehind(world.cluster, name.externalSecret, name.wanted)) late.add(name.externalSecret);
        });
      }
    },
  });
  const deployments = runDeployments({
    ...world,
    startLatency: cycle(story.starts),
    onStart: (pod) => {
      for (const one of staleIn(pod, versions)) {
        stale.push(one);
        const { secret, has, wanted } = one;
        simulation.tell(
          `A pod of Deployment/${pod.deployment} starts with version ${has} of ${secret}, restarted for version ${wanted}`,
        );
      }
    },
  });
  const stage: Stage = { ...world, product, deployments, synced: { commit: '' } };
  arrange(stage, story, setup);
  const lastAct = WARM_UP + 1000 * Math.max(...story.rotations.map(({ at }) => at), ...story.drains);
  let until = lastAct;
  do simulation.run((until += LOOK_INTERVAL));
  while (until < END && stale.length === 0 && unfinished(stage, story).length > 0);
  for (const what of unfinished(stage, story)) simulation.tell(`In the end ${what}`);
  const timeline = simulation.timeline
    .filter(({ at }) => at >= WARM_UP)
    .map((one) => ({ ...one, at: one.at - WARM_UP }));
  return { timeline, stale, late: [...late], unfinished: unfinished(stage, story), isAnnounced };
}

interface Stage {
  readonly simulation: Simulation;
  readonly aws: Aws;
  readonly cluster: Cluster;
  readonly product: Product;
  readonly deployments: Deployments;
  /** What the deployer says that it has applied. */
  readonly synced: { commit: string };
}

function arrange(stage: Stage, story: Story, { check }: Setup): void {
  const { simulation, aws, cluster, product, deployments, synced } = stage;
  const isDown = () =>
    story.outages.some(
      ({ from, to }) => simulation.now() >= WARM_UP + from * 1000 && simulation.now() < WARM_UP + to * 1000,
    );
  runExternalSecrets({ ...stage, timing: { latency: cycle(story.latencies), fetch: cycle(story.fetches), isDown } });
  const health = (manifest: Manifest): Health => healthOf(stage, manifest, check);
  const source = () => ({ commit: product.head().commit, files: manifestsOf(product.head().files) });
  const poll = cycle(story.polls);
  const onSynced = (commit: string) => {
    synced.commit = commit;
    reportHealthy(stage, commit, health);
  };
  const deployer = { simulation, cluster, source, health, poll, applyLatency: cycle(story.applies), onSynced };
  if (story.layout === 'one wave' || story.layout === 'two waves') runArgoCd(deployer);
  else {
    const one = [{ name: 'all', path: '', dependsOn: [], wait: false }];
    const two = [
      { name: 'secrets', path: SECRETS_PATH, dependsOn: [], wait: true },
      { name: 'apps', path: APPS_PATH, dependsOn: ['secrets'], wait: true },
    ];
    const kustomizations = story.layout === 'one Kustomization' ? one : two;
    runFlux({ ...deployer, timeout: 300_000, retryInterval: 60_000 }, kustomizations);
  }
  for (const { secret, at } of story.rotations) {
    simulation.after(WARM_UP + at * 1000, () => {
      aws.rotate(secret);
      product.onRotation(secret);
    });
  }
  for (const at of story.drains) simulation.after(WARM_UP + at * 1000, () => deployments.drain(WORKLOAD));
}

const REPORT_INTERVAL = 1000;

/** Writes the status to a commit that was applied, once everything in it is healthy; never where another one was meanwhile. */
function reportHealthy(stage: Stage, commit: string, health: (manifest: Manifest) => Health): void {
  const { simulation, product, synced } = stage;
  if (synced.commit !== commit) return;
  const isHealthy = [...manifestsOf(product.filesAt(commit)).values()]
    .flat()
    .every((manifest) => health(manifest) === 'Healthy');
  if (isHealthy) product.onStatus(commit, STATUS);
  else simulation.after(REPORT_INTERVAL, () => reportHealthy(stage, commit, health));
}

function healthOf({ cluster, deployments }: Stage, { kind, metadata: { name } }: Manifest, check: HealthCheck): Health {
  const live = cluster.object(kind, name);
  if (live === null) return 'Progressing';
  if (kind === 'ExternalSecret') return check(live);
  return kind === 'Deployment' && !deployments.isRolledOut(name) ? 'Progressing' : 'Healthy';
}

/** What every token of this commit stands for. Returns those that were never seen before. */
function learn(files: Files, aws: Aws, versions: Map<string, ReadonlyMap<string, number>>) {
  const learnt: { readonly externalSecret: string; readonly wanted: ReadonlyMap<string, number> }[] = [];
  for (const { kind, metadata } of [...manifestsOf(files).values()].flat()) {
    const token = kind === 'ExternalSecret' ? parseToken(metadata.annotations?.[FORCE_SYNC] ?? null) : null;
    if (token === null) continue;
    const key = `${metadata.name}=${versionsDigest(token)}`;
    if (versions.has(key)) continue;
    const wanted = new Map(token.map((entry) => [entry.name, aws.versionOf(entry.name, entry.version) ?? Number.NaN]));
    versions.set(key, wanted);
    learnt.push({ externalSecret: metadata.name, wanted });
  }
  return learnt;
}

function isBehind(cluster: Cluster, externalSecret: string, wanted: ReadonlyMap<string, number>): boolean {
  const target = cluster.object('ExternalSecret', externalSecret)?.manifest.spec['target'] as
    | { name?: string }
    | undefined;
  const values = [...(cluster.secret(target?.name ?? externalSecret)?.data.values() ?? [])];
  return [...wanted].some(([secret, version]) => values.every((one) => one.secret !== secret || one.version < version));
}

/** What the pod has of which its own template says that it was restarted for a newer version. */
function staleIn(
  { template, values }: Pod,
  versions: ReadonlyMap<string, ReadonlyMap<string, number>>,
): readonly Stale[] {
  const token =
    parseWorkloadToken(template.metadata?.annotations?.[SECRET_VERSIONS] ?? null) ?? new Map<string, string>();
  return values.flatMap(({ writer, secret, version }) => {
    const wanted = versions.get(`${writer}=${token.get(writer)}`)?.get(secret) ?? 0;
    return version < wanted ? [{ externalSecret: writer, secret, has: version, wanted }] : [];
  });
}

function unfinished({ aws, product, deployments, synced }: Stage, { sources, rotations }: Story): readonly string[] {
  const problems: string[] = [];
  if (!product.isQuiet()) problems.push('a pull request is open or on its way');
  if (synced.commit !== product.head().commit) problems.push('the newest commit is not applied');
  if (!deployments.isRolledOut(WORKLOAD)) problems.push('a rollout has not ended');
  const pods = deployments.pods(WORKLOAD);
  const keys = new Set(sources.flatMap((source) => source.keys));
  for (const secret of new Set(rotations.map((one) => one.secret).filter((one) => keys.has(one)))) {
    const values = pods.flatMap((pod) => pod.values.filter((value) => value.secret === secret));
    const oldest = Math.min(...values.map(({ version }) => version));
    if (oldest < aws.current(secret)) problems.push(`Deployment/${WORKLOAD} has version ${oldest} of ${secret}`);
  }
  return problems;
}

/** One answer after the other, in milliseconds, and then from the first again. */
function cycle(seconds: readonly number[]): () => number {
  let at = 0;
  return () => {
    const answer = seconds[at % seconds.length] ?? 0;
    at += 1;
    return answer * 1000;
  };
}
