// Many rotations through one process: whether its memory grows, how late its event loop is, and what it takes when idle. The
// hosts are in this process, the service is in another.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { labelUpdated } from '../../dist/demo/aws/rotation-events.js';
import { startWorld, WORLD } from '../../dist/demo/world.js';
import { startChild } from '../children/child.mjs';
import { runGit } from '../host/git-command.mjs';
import { manifestsOf, secretAt, wholeApps } from '../host/manifests.mjs';
import { rounded, slope } from '../rows/statistics.mjs';

const FILES = 3001;
const AT_ONCE = 10;
const SUFFIX = 'Ab3dEf';
const PATIENCE = 120_000;
/** The sweep looks every 30 seconds. */
const LONGEST_SETTLING = 35_000;
const ADA = { login: 'ada', type: 'User' };

/** Every row of `soak`: so many rotations, then so many seconds of rest. */
export async function benchSoak({ rotations, idleSeconds }) {
  const files = new Map(manifestsOf(FILES, 'usual'));
  const world = await startWorld({
    files,
    settle: '1s',
    limits: { open: 'none', perHour: 'none' },
    visibilityTimeout: 120,
  });
  const folder = await mkdtemp(join(tmpdir(), 'gitops-reloader-soak-'));
  try {
    const config = join(folder, 'config.yaml');
    await writeFile(config, world.config({ coalesce: { window: '0s', cap: '0s' } }));
    const service = await startChild('service.mjs', { args: [config], environment: world.environment });
    const samples = await rotateAll(world, service, rotations);
    const late = await service.ask('lateness');
    await settle(world, Math.min(LONGEST_SETTLING, idleSeconds * 1000));
    const { percent } = await service.ask('idle', { seconds: idleSeconds });
    await service.end();
    return rowsOf({ rotations, samples, late, percent, idleSeconds });
  } finally {
    await world.close();
    await rm(folder, { recursive: true, force: true });
  }
}

function rowsOf({ rotations, samples, late, percent, idleSeconds }) {
  // What fills up to a bound grows ever less; what has none grows at the end as it did at first.
  const growth = (name, from = 0) =>
    slope(samples.filter(({ done }) => done >= from).map((sample) => [sample.done / 1000, sample[name]]));
  const value = growth('heap', rotations / 2);
  const course = (name) => [samples[0], samples.at(-1)].map((sample) => Math.round(sample[name] / 1024)).join(' → ');
  const besides = (name) => `${rounded(growth(name, rotations / 2))} KB (${course(name)} MB)`;
  return [
    {
      row: 'soak-memory',
      rotations,
      value,
      measured:
        `${rounded(value)} KB over the last half, ${rounded(growth('heap'))} KB over the whole run ` +
        `(${course('heap')} MB); over the last half compiled code, which is part of it, ${besides('code')}, buffers ${besides('buffers')}, resident ${besides('rss')}`,
    },
    {
      row: 'soak-delay',
      rotations,
      value: late.p99,
      measured: `${rounded(late.p99)} ms (p50 ${rounded(late.p50)} ms, longest ${rounded(late.max)} ms)`,
    },
    { row: 'soak-idle', rotations, value: percent, measured: `${rounded(percent)} % over ${idleSeconds} s` },
  ];
}

async function rotateAll(world, service, rotations) {
  const apps = wholeApps(FILES);
  for (let app = 0; app < apps; app += 1)
    world.secrets.put({ name: secretAt(app), suffix: SUFFIX, versions: { AWSCURRENT: versionOf(0) } });
  const every = Math.max(AT_ONCE, Math.min(500, Math.floor(rotations / 12 / AT_ONCE) * AT_ONCE));
  const samples = [];
  const begin = performance.now();
  for (let done = 0; done < rotations; ) {
    for (let at = 0; at < AT_ONCE; at += 1) rotate(world, secretAt((done + at) % apps), done + at + 1);
    await untilDeleted(world);
    done += AT_ONCE;
    await endPulls(world, done);
    if (done % every !== 0 && done < rotations) continue;
    const sample = { done, ...(await service.ask('memory')) };
    samples.push(sample);
    tell(sample, (performance.now() - begin) / done);
    await tidyHost(world.repository.dir);
  }
  return samples;
}

/** What only grows there is not to slow the host down: loose objects, and refs of pull requests that are over. */
async function tidyHost(dir) {
  await rm(join(dir, 'refs', 'pull'), { recursive: true, force: true });
  await runGit(dir, ['repack', '-d', '-q']);
}

function tell({ done, rss, heap, code, buffers }, each) {
  const sizes = Object.entries({ heap, 'of that compiled code': code, buffers, resident: rss });
  const memory = sizes.map(([name, size]) => `${name} ${Math.round(size)} KB`).join(', ');
  console.error(`${done} rotations, ${memory}, ${rounded(each)} ms for each`);
}

function versionOf(number) {
  return `4d383ea9-084a-49c9-8722-${String(number).padStart(12, '0')}`;
}

function rotate({ secrets, sqs }, name, number) {
  secrets.putVersion(name, versionOf(number), ['AWSCURRENT']);
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const place = { account: WORLD.account, region: WORLD.region, name, suffix: SUFFIX };
  sqs.send(WORLD.queue, JSON.stringify(labelUpdated(place, versionOf(number), { time })));
}

async function untilDeleted({ sqs }) {
  const begin = performance.now();
  while (sqs.bodies(WORLD.queue).length > 0) {
    if (performance.now() - begin > PATIENCE) throw new Error('not every message was deleted in time');
    await pause(20);
  }
}

/** Until the service has nothing left to do: what was merged is followed by restarts, and those are merged too. */
async function settle(world, milliseconds) {
  for (let at = 0; at < 4; at += 1) {
    const ended = await endPulls(world, 0);
    await pause(milliseconds);
    if (at > 0 && ended === 0) return;
  }
}

/** Every open pull request comes to its end: of ten, nine are merged and one is closed by a person. Their branches go. Returns how many it were. */
async function endPulls({ github }, seed) {
  const people = github.people(WORLD.repository);
  const open = await people.openPulls();
  for (const [at, { number, branch }] of open.entries()) {
    const isClosed = at === seed % 10;
    // One that no longer fits the base cannot be merged; the sweep puts it on the new base, or it is closed here.
    const isMerged =
      !isClosed &&
      (await people.mergeAs(number, ADA, 'squash').then(
        () => true,
        () => false,
      ));
    if (!isMerged) await people.closeAs(number, ADA).catch(() => undefined);
    await people.deleteBranchAs(branch, ADA).catch(() => undefined);
  }
  return open.length;
}
