// A storm: many secrets rotate within a minute, over many cluster folders. The built program against the embedded world.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { rawBody } from '../dist/demo/aws/rotation-events.js';
import { startProgram } from '../dist/demo/program-process.js';
import { startWorld, WORLD } from '../dist/demo/world.js';

const run = promisify(execFile);
const VERSIONS = ['4d383ea9-084a-49c9-8722-cbfb0f25c456', '7c1f2ab0-3d52-4c57-a1d6-90b1c2d3e4f5'];
/** What GitHub allows one identity to create. */
const ALLOWED = { minute: 80, hour: 500 };
const PATIENCE = 15 * 60_000;

/**
 * `secrets` rotate within `seconds`; each is fetched in two of `clusters` folders. `grouping`: `secret`, or a pattern for
 * `group.path` where the program splits by it.
 */
export async function benchStorm({ secrets, clusters, seconds, grouping }) {
  const world = await startWorld({ files: filesOf(secrets, clusters), visibilityTimeout: 120 });
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-storm-'));
  const config = join(folder, 'config.yaml');
  await writeFile(config, configOf(world, grouping));
  for (const name of namesOf(secrets))
    world.secrets.put({ name, suffix: 'Ab3dEf', versions: { AWSCURRENT: VERSIONS[0] } });
  const service = startProgram(['run', '--config', config], world.environment);
  try {
    const watch = watchCreations(world);
    const begin = performance.now();
    await rotateAll(world, secrets, seconds);
    const rotated = performance.now() - begin;
    const onBranches = await untilAll(world, begin);
    // What the sweep makes of it belongs to its price.
    await pause(65_000);
    watch.stop();
    show(await resultOf(world, { secrets, clusters, grouping, rotated, onBranches, watch }));
    service.signal('SIGTERM');
    await service.exit;
  } finally {
    service.signal('SIGKILL');
    await service.exit.catch(() => undefined);
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function namesOf(secrets) {
  return Array.from({ length: secrets }, (_, at) => `storm/app-${at}`);
}

function configOf(world, grouping) {
  const config = JSON.parse(world.config({ coalesce: { window: '10s', cap: '60s' } }));
  const [repository] = config.spec.repositories;
  if (grouping !== 'secret') repository.group = { by: 'secret', path: grouping };
  return JSON.stringify(config);
}

function filesOf(secrets, clusters) {
  const files = new Map([['stores/aws.yaml', STORE]]);
  for (const [at, key] of namesOf(secrets).entries()) {
    for (const cluster of new Set([at % clusters, (at + 1) % clusters])) {
      files.set(`clusters/c${cluster}/app-${at}.yaml`, externalSecret(`app-${at}`, key));
    }
  }
  return files;
}

const STORE = `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: aws}
spec: {provider: {aws: {service: SecretsManager, region: ${WORLD.region}}}}
`;

function externalSecret(name, key) {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: ${name}
  namespace: storm
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: aws}
  data:
    - secretKey: password
      remoteRef: {key: ${key}}
`;
}

async function rotateAll(world, secrets, seconds) {
  for (const name of namesOf(secrets)) {
    world.secrets.putVersion(name, VERSIONS[1], ['AWSCURRENT']);
    world.sqs.send(WORLD.queue, rawBody(labelMoved(name)));
    await pause((seconds * 1000) / secrets);
  }
}

function labelMoved(name) {
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const { account, region } = WORLD;
  return {
    version: '0',
    id: `storm-${name}`,
    'detail-type': 'Secret Label Updated',
    source: 'aws.secretsmanager',
    account,
    time,
    region,
    resources: [`arn:aws:secretsmanager:${region}:${account}:secret:${name}-Ab3dEf`],
    detail: { name, labelUpdated: 'AWSCURRENT', versionId: VERSIONS[1] },
  };
}

/** Milliseconds until every message was deleted: its change is on a branch then. */
async function untilAll(world, begin) {
  while (world.sqs.bodies(WORLD.queue).length > 0) {
    if (performance.now() - begin > PATIENCE) throw new Error('not everything came onto branches in time');
    await pause(100);
  }
  return performance.now() - begin;
}

/** Counts what creates content, every second. */
function watchCreations({ github }) {
  const samples = [0];
  const timer = setInterval(() => samples.push(createdBy(github.calls)), 1000);
  return {
    stop: () => clearInterval(timer),
    total: () => samples.at(-1),
    /** The most within any minute. */
    perMinute: () => Math.max(...samples.map((count, at) => count - samples[Math.max(0, at - 60)])),
  };
}

const CREATES = /^(?:POST|PUT) .*\/(?:pulls|comments|requested_reviewers|merge|labels|assignees)$/;

function createdBy(calls) {
  return [...calls].reduce((sum, [operation, count]) => sum + (CREATES.test(operation) ? count : 0), 0);
}

async function resultOf(world, { secrets, clusters, grouping, rotated, onBranches, watch }) {
  const pulls = await world.github.people(WORLD.repository).pulls();
  const git = async (...args) => (await run('git', ['-C', world.repository.dir, ...args])).stdout.trim();
  const branches = (await git('for-each-ref', '--format=%(refname)', 'refs/heads/gitops-reloader/')).split('\n');
  const carried = await git('grep', '--name-only', VERSIONS[1], ...branches.filter((name) => name !== ''));
  return {
    secrets,
    clusters,
    grouping,
    rotatedWithinSeconds: inSeconds(rotated),
    onBranchesAfterSeconds: inSeconds(onBranches),
    branches: branches.length,
    files: new Set(carried.split('\n').map((line) => line.slice(line.indexOf(':') + 1))).size,
    commits: Number(await git('rev-list', '--count', '--all')) - 1,
    pullRequests: pulls.length,
    contentCreated: { total: watch.total(), mostPerMinute: watch.perMinute() },
    calls: Object.fromEntries([...world.github.calls].toSorted(([, left], [, right]) => right - left)),
    isWithinGitHubsLimits: watch.perMinute() < ALLOWED.minute && watch.total() < ALLOWED.hour,
  };
}

function inSeconds(milliseconds) {
  return Math.round(milliseconds / 100) / 10;
}

function show({ calls, contentCreated, ...rest }) {
  const rows = [
    ...Object.entries(rest),
    ...Object.entries(contentCreated).map(([name, count]) => [`content created, ${name}`, count]),
    ...Object.entries(calls),
  ];
  for (const [name, value] of rows) console.log(`${name.padEnd(64)} ${String(value).padStart(24)}`);
  console.log(JSON.stringify({ ...rest, contentCreated, calls }));
}
