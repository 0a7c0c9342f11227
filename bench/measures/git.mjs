// The Git layer against the git command line, in turn: clones, a push of a new branch, many branches.
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild } from '../children/child.mjs';
import { commitOnBase, freshRepository, tipOf } from '../host/generated.mjs';
import { runGit } from '../host/git-command.mjs';
import { startGitHost } from '../host/git-host.mjs';
import { configMapOf, externalSecretOf, folderOf, pathsOf, secretAt, wholeApps } from '../host/manifests.mjs';
import {
  countText,
  inPairs,
  kilobytesText,
  median,
  medianRatio,
  percentile,
  rounded,
  timesText,
  timeText,
} from '../rows/statistics.mjs';
import { ENVIRONMENT, writeConfig } from './branch-config.mjs';

const BRANCHES = 50;
/** 100 Mbit/s, in bytes. */
const LINE = 12_500_000;

/** Every row of `git`, on a repository of so many manifests. */
export async function benchGit({ files, runs }) {
  return [
    ...(await onRepository({ files }, (place) => clones(place, { files, runs }))),
    ...(await onRepository({ files: Math.min(files, 10_000), binaries: binariesBeside(files) }, (place) =>
      clonesBesideBinaries(place, {
        files: Math.min(files, 10_000),
        runs: Math.min(runs, 3),
        megabytes: 2 * binariesBeside(files),
      }),
    )),
    ...(await onRepository({ files }, (place) => proposals(place, { files, runs }))),
    ...(await onRepository({ files }, (place) => manyBranches(place, { files, runs }))),
  ];
}

/** Of 2 MB each. */
function binariesBeside(files) {
  return files >= 10_000 ? 100 : 4;
}

/** A fresh copy of a generated repository behind a host, for as long as `act` takes. */
export async function onRepository(which, act) {
  const repository = await freshRepository(which);
  const delay = { milliseconds: 0 };
  const host = await startGitHost(repository.root, { delay });
  try {
    return await act({ ...repository, delay, url: host.url, requests: host.requests });
  } finally {
    await host.close();
    await repository.remove();
  }
}

async function clones(place, { files, runs }) {
  const near = await clonesInPairs(place, runs);
  place.delay.bytesPerSecond = LINE;
  const far = await clonesInPairs(place, runs);
  place.delay.bytesPerSecond = null;
  return [
    {
      row: 'clone',
      files,
      value: near.ratio,
      measured: `${near.ours}, ${peakOf(near.pairs)} MB at its highest`,
      against: near.theirs,
    },
    {
      row: 'clone-line',
      files,
      value: far.ratio,
      measured: far.ours,
      against: `${far.theirs}; ${rounded(far.ratio)} × of it`,
    },
  ];
}

async function clonesInPairs(place, runs) {
  const pairs = await inPairs(
    runs,
    () => ownClone(place),
    () => cloneByGit(place, []),
  );
  return {
    pairs,
    ratio: medianRatio(pairs.map(([own, git]) => [own.milliseconds, git])),
    ours: timesText(pairs.map(([own]) => own.milliseconds)),
    theirs: `\`git clone\`: ${timesText(pairs.map(([, git]) => git))}`,
  };
}

async function clonesBesideBinaries(place, { files, runs, megabytes }) {
  const filter = ['--filter=blob:limit=1m'];
  const pairs = await inPairs(
    runs,
    () => ownClone(place),
    () => cloneByGit(place, filter),
  );
  const whole = await cloneByGit(place, []);
  const theirs = timesText(pairs.map(([, git]) => git));
  return [
    {
      row: 'clone-binaries',
      files,
      value: medianRatio(pairs.map(([own, git]) => [own.milliseconds, git])),
      measured: `beside ${megabytes} MB: ${timesText(pairs.map(([own]) => own.milliseconds))}, ${peakOf(pairs)} MB at its highest`,
      against: `\`git clone ${filter[0]}\`: ${theirs}; without that: ${timeText(whole)}`,
    },
  ];
}

function peakOf(pairs) {
  return Math.max(...pairs.map(([{ peak }]) => peak));
}

/** In a new process; its start does not count, since the service has long been started. */
async function ownClone({ url }) {
  const child = await startChild('store.mjs');
  const { milliseconds } = await child.ask('clone', { url });
  const { peak } = await child.ask('peak');
  await child.end();
  return { milliseconds, peak };
}

async function cloneByGit({ root, url }, more) {
  return inFolder(root, async (folder) => {
    const { milliseconds } = await runGit(folder, [
      'clone',
      '--quiet',
      '--depth',
      '1',
      '--bare',
      ...more,
      url,
      'clone.git',
    ]);
    return milliseconds;
  });
}

async function inFolder(root, act) {
  const folder = await mkdtemp(join(root, 'work-'));
  try {
    return await act(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function proposals(place, { files, runs }) {
  const { root, dir, requests } = place;
  const config = await writeConfig(root, place);
  const child = await startChild('branch.mjs', { args: [config], environment: ENVIRONMENT });
  const apps = wholeApps(files);
  const ours = async (at) => {
    await child.ask('read');
    await moveBase(dir, at);
    const earlier = requests.length;
    const done = await child.ask('propose', {
      secret: secretAt(at % apps),
      version: `4d383ea9-084a-49c9-8722-${String(at).padStart(12, '0')}`,
      ref: `refs/heads/own/${at}`,
    });
    return { ...done, bytes: sentSince(requests, earlier), requests: requests.length - earlier };
  };
  await ours(runs);
  const pairs = await inPairs(runs, ours, (at) => pushByGit(place, at % apps, `by-git/${at}`));
  await child.end();
  const times = pairs.map(([own]) => own.milliseconds);
  const [one] = pairs[0];
  const bytes = pairs.map(([own]) => own.bytes);
  const theirs = pairs.map(([, git]) => git);
  return [
    {
      row: 'propose-time',
      files,
      value: median(times),
      measured: `${timesText(times)}, of that plan and proof ${timeText(median(pairs.map(([own]) => own.planning)))}; ${one.files} files, ${countText(one.requests, 'request', 'requests')}`,
      against: '',
    },
    {
      row: 'propose-bytes',
      files,
      value: median(bytes) / 1024,
      measured: kilobytesText(median(bytes)),
      against: `\`git push\`: ${kilobytesText(median(theirs.map((git) => git.bytes)))}`,
    },
    {
      row: 'propose-ratio',
      files,
      value: medianRatio(pairs.map(([own, git]) => [own.milliseconds, git.milliseconds])),
      measured: timesText(times),
      against: `\`git push\`: ${timesText(theirs.map(({ milliseconds }) => milliseconds))}`,
    },
  ];
}

function sentSince(requests, earlier) {
  return requests.slice(earlier).reduce((sum, { received }) => sum + received, 0);
}

/** Somebody else's commit, of what is of no interest here. */
function moveBase(dir, at) {
  return commitOnBase(dir, [[`${folderOf(0, 'dev')}/config-map.yaml`, configMapOf(0, 'dev', 1000 + at)]]);
}

/** A bare shallow clone with a commit of three files, made before the base moved; only its push is timed. */
async function pushByGit({ root, dir, url, requests }, app, branch) {
  return inFolder(root, async (folder) => {
    const from = await tipOf(dir);
    const clone = join(folder, 'clone.git');
    await runGit(folder, ['clone', '--quiet', '--depth', '1', '--bare', url, clone]);
    await commitInto(clone, [{ branch, from, app }]);
    await moveBase(dir, `-${branch}`);
    const earlier = requests.length;
    const { milliseconds } = await runGit(clone, ['push', '--quiet', 'origin', `refs/heads/${branch}`]);
    return { milliseconds, bytes: sentSince(requests, earlier) };
  });
}

async function commitInto(clone, branches) {
  const commits = branches.map(({ branch, from, app, paths = pathsOf(app) }) => {
    const who = 'bench <bench@acme.example> 1767225600 +0000';
    const edits = paths.map((path) => {
      const text = externalSecretOf(app, path.split('/').at(-2), 1);
      return `M 100644 inline ${path}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
    });
    return `commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\ndata 8\nRefresh\n\nfrom ${from}\n${edits.join('')}`;
  });
  await runGit(clone, ['fast-import', '--quiet', '--done', '--date-format=raw'], { input: [...commits, 'done\n'] });
}

async function manyBranches(place, { files, runs }) {
  const { dir, url, requests } = place;
  const paths = Array.from({ length: wholeApps(files) }, (_, app) => pathsOf(app))
    .flat()
    .slice(0, BRANCHES);
  const child = await startChild('store.mjs');
  await child.ask('clone', { url });
  const ours = async (at) => {
    const earlier = requests.length;
    const done = await child.ask('many', { name: `own/${at}`, paths, line: `# ${at}` });
    return { ...done, requests: requests.slice(earlier).filter(({ kind }) => kind === 'git push').length };
  };
  const pairs = await inPairs(runs, ours, (at) => manyByGit(place, `by-git/${at}`, paths));
  await child.end();
  const [one] = pairs[0];
  const made = await runGit(dir, ['for-each-ref', '--format=%(refname)', 'refs/heads/own/']);
  if (made.stdout.split('\n').length - 1 !== paths.length * runs) throw new Error('not every branch was made');
  const [times, theirs] = [pairs.map(([own]) => own.milliseconds), pairs.map(([, git]) => git)];
  return [
    {
      row: 'many',
      files,
      value: Math.max(...pairs.map(([own]) => own.requests)),
      measured: `${countText(one.requests, 'push', 'pushes')}, ${timesText(times)}`,
      against: `\`git push --atomic\`: ${timesText(theirs)}; ${rounded(percentile(times, 50) / percentile(theirs, 50))} × of it`,
    },
  ];
}

async function manyByGit({ root, dir, url }, name, paths) {
  return inFolder(root, async (folder) => {
    const from = await tipOf(dir);
    const clone = join(folder, 'clone.git');
    await runGit(folder, ['clone', '--quiet', '--depth', '1', '--bare', url, clone]);
    const branches = paths.map((path, at) => ({ branch: `${name}/${at}`, from, app: at, paths: [path] }));
    await commitInto(clone, branches);
    const refs = branches.map(({ branch }) => `refs/heads/${branch}`);
    return (await runGit(clone, ['push', '--quiet', '--atomic', 'origin', ...refs])).milliseconds;
  });
}
