// From a message to a branch: the service, warm, against the script that one would write instead, in turn.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { labelUpdated } from '../../dist/demo/aws/rotation-events.js';
import { startProgram } from '../../dist/demo/program-process.js';
import { WORLD } from '../../dist/demo/world.js';
import { runTimed } from '../host/git-command.mjs';
import { pathsOf, secretAt, wholeApps } from '../host/manifests.mjs';
import { startSlowWorld } from '../host/world.mjs';
import { inPairs, medianRatio, rounded, timesText } from '../rows/statistics.mjs';
import { ENVIRONMENT, writeConfig } from './branch-config.mjs';

const ROUND_TRIP = 80;
/** The first one waits for the cold index. */
const PATIENCE = 300_000;
const SUFFIX = 'Ab3dEf';
const WARM_UP = 3;

/** Every row of `event`, on a repository of so many manifests. */
export async function benchEvent({ files, runs }) {
  const world = await startSlowWorld({ files, token: ENVIRONMENT.GITHUB_TOKEN });
  const apps = wholeApps(files);
  for (let app = 0; app < apps; app += 1)
    world.secrets.put({ name: secretAt(app), suffix: SUFFIX, versions: { AWSCURRENT: versionOf(0) } });
  // The sweep is not to come between: it begins with every move of a branch.
  const config = await writeConfig(world.root, { ...world, more: { ...QUIET, sweep: { interval: '1h' } } });
  const service = startProgram(['run', '--config', config, '--log-level', 'warn'], ENVIRONMENT);
  try {
    let isRunning = true;
    const ended = () => {
      isRunning = false;
    };
    void service.exit.then(ended, ended);
    const rotation = createRotations(world, apps, () => isRunning);
    for (let at = 0; at < WARM_UP; at += 1) await rotation();
    const near = await inTurn(world, { rotation, apps, runs, roundTrip: 0 });
    const far = await inTurn(world, { rotation, apps, runs, roundTrip: ROUND_TRIP });
    return rowsOf(files, near, far);
  } catch (error) {
    throw new Error(`${error.message}\n${service.lines.slice(-5).join('\n')}`, { cause: error });
  } finally {
    service.signal('SIGKILL');
    await service.exit;
    await world.close();
  }
}

const QUIET = { coalesce: { window: '0s', cap: '0s' } };

async function inTurn(world, { rotation, apps, runs, roundTrip }) {
  world.delay.milliseconds = roundTrip;
  const clone = (filter) => (at) =>
    byScript(world, { app: at % apps, name: `${filter.length}-${roundTrip}-${at}`, filter });
  const pairs = await inPairs(runs, rotation, clone([]));
  const frugal = [];
  for (let at = 0; at < Math.min(runs, 5); at += 1) frugal.push(await clone(['--filter=blob:none'])(at));
  world.delay.milliseconds = 0;
  return { pairs, frugal };
}

function ours({ pairs }) {
  return timesText(pairs.map(([own]) => own.milliseconds));
}

function againstOf({ pairs, frugal }) {
  const script = timesText(pairs.map(([, milliseconds]) => milliseconds));
  return `the script: ${script}; with \`--filter=blob:none\`: ${timesText(frugal)}`;
}

/** How many times the service fits into the script. */
function ratio({ pairs }) {
  return medianRatio(pairs.map(([own, milliseconds]) => [milliseconds, own.milliseconds]));
}

function rowsOf(files, near, far) {
  const [last] = near.pairs.at(-1);
  return [
    { row: 'event-ratio', files, value: ratio(near), measured: ours(near), against: againstOf(near) },
    {
      row: 'event-slow',
      files,
      value: ratio(far),
      measured: ours(far),
      against: `${againstOf(far)}; ${rounded(ratio(far))} × faster`,
    },
    {
      row: 'event-requests',
      files,
      measured: `until the branch: ${listed(last.before)}; until the message is deleted: ${listed(last.after)}`,
    },
  ];
}

/** `2 git ls-refs, 1 git push`. */
function listed(kinds) {
  const counts = new Map();
  for (const kind of kinds) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none';
}

function versionOf(number) {
  return `4d383ea9-084a-49c9-8722-${String(number).padStart(12, '0')}`;
}

/** One rotation after the other, each of another application's secret; resolves when its message is deleted. */
function createRotations({ sqs, secrets, requests }, apps, isRunning) {
  let count = 0;
  return async () => {
    count += 1;
    const name = secretAt(count % apps);
    const version = versionOf(count);
    secrets.putVersion(name, version, ['AWSCURRENT']);
    const deleted = sqs.deleted(WORLD.queue);
    const place = { account: WORLD.account, region: WORLD.region, name, suffix: SUFFIX };
    const begin = performance.now();
    sqs.send(WORLD.queue, JSON.stringify(labelUpdated(place, version, { time: now() })));
    while (sqs.deleted(WORLD.queue) === deleted) {
      if (performance.now() - begin > PATIENCE || !isRunning())
        throw new Error(`the message of ${name} was not deleted in time`);
      await pause(5);
    }
    // What is still under way belongs to it.
    await pause(300);
    // The poll that brings it was under way before.
    return told(requests.filter(({ came, ended }) => came > begin || (ended ?? 0) > begin));
  };
}

function now() {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

/** From the answer that brings the message to the one that tells that the branch was pushed. */
function told(requests) {
  const received = requests.find(({ kind, isEmpty }) => kind === 'SQS ReceiveMessage' && isEmpty === false);
  const pushed = requests.find(({ kind }) => kind === 'git push');
  if (received === undefined || pushed === undefined)
    throw new Error(`no branch was pushed: ${listed(requests.map(({ kind }) => kind))}`);
  const kinds = (from, to) =>
    requests.flatMap(({ kind, came }) => (kind !== received.kind && came > from && came <= to ? [kind] : []));
  return {
    milliseconds: pushed.ended - received.ended,
    before: kinds(received.ended, pushed.ended),
    after: kinds(pushed.ended, Infinity),
  };
}

/** What one would write: it knows the paths, and looks for nothing. */
const SCRIPT = `set -e
git clone --quiet --depth 1 --no-checkout "$@" "$URL" work
cd work
git sparse-checkout set --no-cone $PATHS
git checkout --quiet main
sed -i '0,/^  annotations:$/s//&\\n    force-sync: "'"$VERSION"'"/' $PATHS
git commit --quiet --all --message "Refresh $BRANCH"
git push --quiet origin "HEAD:refs/heads/$BRANCH"
`;

async function byScript({ root, url }, { app, name, filter }) {
  const folder = await mkdtemp(join(root, 'script-'));
  const environment = { URL: url, PATHS: pathsOf(app).join(' '), BRANCH: `script/${name}`, VERSION: name };
  try {
    return (await runTimed('bash', ['-c', SCRIPT, 'script', ...filter], { dir: folder, environment })).milliseconds;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
