// Reconcile: many secrets over 3 accounts and 2 regions. The built program's command against the embedded world.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { startSts } from '../dist/demo/aws/sts-server.js';
import { startWorld, WORLD } from '../dist/demo/world.js';

const ACCOUNTS = [WORLD.account, '222233334444', '333344445555'];
const REGIONS = ['eu-west-1', 'us-east-1'];
const PLACES = ACCOUNTS.flatMap((account) => REGIONS.map((region) => ({ account, region })));

/** `secrets` in all, each fetched by one ExternalSecret; `behind` of them rotate, and nobody tells of it. */
export async function benchReconcile({ secrets, behind }) {
  const known = Array.from({ length: secrets }, (_, at) => ({
    ...PLACES[at % PLACES.length],
    name: `app/secret-${at}`,
  }));
  const world = await startWorld({ files: filesOf(known), limits: { open: 'none', perHour: 'none' } });
  const sts = await startSts();
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-reconcile-'));
  const config = join(folder, 'config.yaml');
  await writeFile(config, configOf(world, sts));
  const put = (one, number) =>
    world.secrets
      .at(one.account, one.region)
      .put({ name: one.name, suffix: 'Ab3dEf', versions: { AWSCURRENT: versionOf(number) } });
  for (const one of known) put(one, 1);
  try {
    console.log(
      `${secrets} secrets, ${ACCOUNTS.length} accounts, ${REGIONS.length} regions, one ExternalSecret for each`,
    );
    await pass(world, config, 'adoption: the baseline is proposed');
    await world.github.people(WORLD.repository).mergeAs(1, { login: 'ada', type: 'User' }, 'squash');
    await pass(world, config, 'nothing is behind');
    for (const one of known.slice(0, behind)) put(one, 2);
    await pass(world, config, `${behind} behind`);
    await pass(world, config, `${behind} behind, all proposed already`);
  } finally {
    await sts.close();
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function pass(world, config, what) {
  const earlier = world.secrets.requests.length;
  const begin = performance.now();
  const { code, stdout, megabytes, cpuSeconds } = await command(
    ['reconcile', '--json', '--config', config],
    world.environment,
  );
  const seconds = (performance.now() - begin) / 1000;
  const {
    branches: [report],
  } = JSON.parse(stdout);
  const calls = {};
  for (const { operation } of world.secrets.requests.slice(earlier)) calls[operation] = (calls[operation] ?? 0) + 1;
  const states = {};
  for (const { state } of report.behind) states[state] = (states[state] ?? 0) + 1;
  console.log(`\n${what} (exit code ${code})`);
  console.log(`  ${'time, with the start of the program'.padEnd(40)} ${seconds.toFixed(1)} s`);
  console.log(`  ${'of that, work of its processor'.padEnd(40)} ${cpuSeconds.toFixed(1)} s`);
  console.log(`  ${'memory at its highest'.padEnd(40)} ${megabytes} MB`);
  console.log(`  ${'calls to AWS'.padEnd(40)} ${JSON.stringify(calls)}`);
  console.log(`  ${'behind'.padEnd(40)} ${JSON.stringify(states)}`);
  console.log(`  ${'without a baseline'.padEnd(40)} ${report.withoutBaseline} (${report.baseline.kind})`);
}

/** Runs the program to its end; how much memory and work it took is only known on Linux. */
async function command(args, environment) {
  const env = { PATH: process.env.PATH ?? '', TZ: 'UTC', ...environment };
  const child = spawn(process.execPath, ['dist/main.js', ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  let kilobytes = 0;
  let ticks = 0;
  const look = async () => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
    const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    ticks = Math.max(ticks, Number(fields[11] ?? 0) + Number(fields[12] ?? 0));
  };
  const looks = setInterval(() => void look(), 50);
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  clearInterval(looks);
  return { code, stdout, megabytes: Math.round(kilobytes / 1024), cpuSeconds: ticks / 100 };
}

function versionOf(number) {
  return `4d383ea9-084a-49c9-8722-${String(number).padStart(12, '0')}`;
}

function roleOf(account) {
  return `arn:aws:iam::${account}:role/describe`;
}

function configOf(world, sts) {
  const config = JSON.parse(world.config());
  const { spec } = config;
  spec.aws.accounts = ACCOUNTS.map((id) => ({ id, regions: REGIONS, role: roleOf(id) }));
  spec.aws.endpoints.sts = sts.url;
  return JSON.stringify(config);
}

function filesOf(secrets) {
  const files = new Map(PLACES.map((place) => [`stores/${storeOf(place)}.yaml`, store(place)]));
  for (const [at, one] of secrets.entries())
    files.set(`apps/team-${at % 40}/secret-${at}.yaml`, externalSecret(at, one));
  return files;
}

function storeOf({ account, region }) {
  return `aws-${account}-${region}`;
}

function store(place) {
  return `apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: {name: ${storeOf(place)}}
spec: {provider: {aws: {service: SecretsManager, region: ${place.region}, role: "arn:aws:iam::${place.account}:role/eso"}}}
`;
}

function externalSecret(at, { name, ...place }) {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: secret-${at}
  namespace: team-${at % 40}
spec:
  refreshInterval: 1h
  secretStoreRef: {kind: ClusterSecretStore, name: ${storeOf(place)}}
  data:
    - secretKey: password
      remoteRef: {key: ${name}}
`;
}
