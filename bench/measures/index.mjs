// The index of a repository, as the program wires it, over a Git host: cold, after a restart, after one new commit.
import { join } from 'node:path';
import { startChild } from '../children/child.mjs';
import { commitOnBase } from '../host/generated.mjs';
import { runGit } from '../host/git-command.mjs';
import { externalSecretOf, folderOf, networkPolicyOf, wholeApps } from '../host/manifests.mjs';
import { median, timesText, timeText } from '../rows/statistics.mjs';
import { ENVIRONMENT, writeConfig } from './branch-config.mjs';
import { onRepository } from './git.mjs';
import { measureRestart } from './restart.mjs';

const ROUND_TRIP = 80;

/** Every row of `index`, on a repository of so many manifests. */
export async function benchIndex({ files, runs }) {
  return [
    ...(await onRepository({ files }, (place) => coldIndex(place, { files, runs }))),
    ...(await onRepository({ files, kind: 'dense' }, (place) => denseIndex(place, { files, runs: Math.min(runs, 3) }))),
    ...(await measureRestart({ files, runs })),
    ...(await onRepository({ files }, (place) => newCommits(place, { files, runs }))),
  ];
}

async function coldIndex(place, { files, runs }) {
  const config = await writeConfig(place.root, place);
  const reads = await readAnew(config, runs);
  const times = reads.map(({ milliseconds }) => milliseconds);
  const started = reads.map(({ sinceStart }) => sinceStart);
  const peaks = reads.map(({ peak }) => peak);
  const settled = reads.map((read) => read.settled);
  const processor = timeText(median(reads.map((read) => read.processor)));
  const measured = `${timesText(times)}, ${processor} of processor time; from the start of the process ${timeText(median(started))}`;
  return [
    { row: 'cold-time', files, value: median(times) / 1000, measured },
    { row: 'cold-peak', files, value: Math.max(...peaks), measured: `${Math.max(...peaks)} MB` },
    { row: 'cold-settled', files, value: Math.max(...settled), measured: `${Math.max(...settled)} MB` },
  ];
}

async function denseIndex(place, { files, runs }) {
  const reads = await readAnew(await writeConfig(place.root, place), runs);
  const highest = (name) => Math.max(...reads.map((read) => read[name]));
  const times = timesText(reads.map(({ milliseconds }) => milliseconds));
  return [
    {
      row: 'cold-dense',
      files,
      measured: `${times}, ${highest('peak')} MB at its highest, ${highest('settled')} MB settled`,
    },
  ];
}

/** Reads the index in one new process after the other. */
async function readAnew(config, runs) {
  const reads = [];
  for (let at = 0; at < runs; at += 1) {
    const child = await startChild('branch.mjs', { args: [config, 'at-once'], environment: ENVIRONMENT });
    const memory = await child.ask('memory');
    await child.ask('close');
    reads.push({ ...child.ready, ...memory });
    await child.end();
  }
  return reads;
}

async function newCommits(place, { files, runs }) {
  const config = await writeConfig(place.root, place);
  const child = await startChild('branch.mjs', { args: [config, 'at-once'], environment: ENVIRONMENT });
  const clone = join(place.root, 'fetched.git');
  await runGit(place.root, ['clone', '--quiet', '--depth', '1', '--bare', place.url, clone]);
  const fetchByGit = async () =>
    (await runGit(clone, ['fetch', '--quiet', '--depth', '1', 'origin', 'main'])).milliseconds;
  const measure = async (row, filesAt) => {
    // Each with a change of its own: the first one warms up.
    const near = (await readCommits(child, place, { runs: runs + 1, filesAt, delay: 0, fetchByGit })).slice(1);
    const far = await readCommits(child, place, { runs, filesAt: (at) => filesAt(at + 1000), delay: ROUND_TRIP });
    const times = near.map(({ milliseconds }) => milliseconds);
    const host = median(near.map((read) => read.host));
    const trips = far[0].requests;
    const beyond = median(far.map(({ milliseconds, requests }) => milliseconds - requests * ROUND_TRIP));
    const measured = `${timesText(times)} on loopback, of that the Git host ${timeText(host)}; at ${ROUND_TRIP} ms ${trips} round trips and ${timeText(beyond)}`;
    const against = `\`git fetch --depth 1\`: ${timesText(near.map((read) => read.byGit))}`;
    return { row, files, value: median(times), measured, against };
  };
  const apps = wholeApps(files);
  const results = [
    await measure('commit-meaning', (at) => changed(at % apps, at + 1, 'external-secret', externalSecretOf)),
    await measure('commit-nothing', (at) => changed(at % apps, at + 1, 'network-policy', networkPolicyOf)),
  ];
  await child.end();
  return results;
}

function changed(app, change, name, textOf) {
  return ['dev', 'staging', 'prod'].map((environment) => [
    `${folderOf(app, environment)}/${name}.yaml`,
    textOf(app, environment, change),
  ]);
}

/** `fetchByGit`: what the same commit takes the git command line, behind each. */
async function readCommits(child, place, { runs, filesAt, delay, fetchByGit = null }) {
  const reads = [];
  for (let at = 0; at < runs; at += 1) {
    const tip = await commitOnBase(place.dir, filesAt(at));
    const earlier = place.requests.length;
    place.delay.milliseconds = delay;
    const read = await child.ask('read');
    place.delay.milliseconds = 0;
    if (read.base !== tip) throw new Error('the new commit was not seen');
    const requests = place.requests.slice(earlier);
    const host = requests.reduce((sum, { came, ended }) => sum + ended - came, 0);
    reads.push({ ...read, requests: requests.length, host, byGit: fetchByGit === null ? null : await fetchByGit() });
  }
  return reads;
}
