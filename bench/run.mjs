// Measures, and prints medians. Usage:
//   npm run bench -- pipeline [FILES [RUNS]]     each pure room by itself (the default)
//   npm run bench -- memory [FILES,FILES [RUNS]] the index of whole repositories in memory: 10,000 and 50,000 files
//   npm run bench -- storm [SECRETS [CLUSTERS [SECONDS [GROUP_PATH]]]]  300 secrets rotate within 60 s over 40 folders
//   npm run bench -- reconcile [SECRETS [BEHIND]]  5,000 secrets over 3 accounts and 2 regions, 50 of them behind
// With goals, against the git command line, on a host on loopback; `--runs N` (5), `--json FILE`:
//   npm run bench -- git|index [FILES]           50,000 manifests
//   npm run bench -- event [FILES]               10,000 manifests; four times the runs
//   npm run bench -- soak [ROTATIONS]            2,000 rotations; `--idle SECONDS` (60)
//   npm run bench -- all [FILES]                 all four; `--rotations N`
//   npm run bench -- report [FILES]              the same, and writes docs/performance.md; `--from FILE,FILE`: from what --json left
import { parseArgs } from 'node:util';
import { GOALS, measureGoals, readResults, writePage } from './goals.mjs';
import { benchMemory } from './memory.mjs';
import { benchPipeline } from './pipeline.mjs';
import { benchReconcile } from './reconcile.mjs';
import { benchStorm } from './storm.mjs';

/** Whole applications are measured, and many branches at once. */
const FEWEST_FILES = 1000;
const { values, positionals } = parsed();
const [what = 'pipeline', sizes, times, seconds = '60', grouping = 'secret'] = positionals;
const runs = number('runs', values.runs ?? times, 5);

switch (what) {
  case 'pipeline':
    benchPipeline(number('files', sizes, 10_000), runs);
    break;
  case 'memory':
    await benchMemory(
      (sizes ?? '10000,50000').split(',').map((size) => number('files', size)),
      runs,
    );
    break;
  case 'storm': {
    const clusters = number('clusters', times, 40);
    await benchStorm({ secrets: number('secrets', sizes, 300), clusters, seconds: Number(seconds), grouping });
    break;
  }
  case 'reconcile':
    await benchReconcile({ secrets: number('secrets', sizes, 5000), behind: number('behind', times, 50) });
    break;
  case 'report':
    await report();
    break;
  case 'all':
    await measureGoals(GOALS, goalSizes());
    break;
  default:
    if (GOALS.includes(what)) await measureGoals([what], goalSizes());
    else {
      const known = ['pipeline', 'memory', 'storm', 'reconcile', ...GOALS, 'all', 'report'];
      console.error(`there is no measurement "${what}": ${known.join(', ')}`);
      process.exitCode = 2;
    }
}

/** The page names the command that makes it: of the sizes that were measured. */
async function report() {
  const { from } = values;
  const sizesGiven = goalSizes();
  const measured =
    from === undefined
      ? await measureGoals(GOALS, sizesGiven)
      : await readResults(from.split(',')).catch((error) => refuse(`no results of earlier runs: ${error.message}`));
  const most = (name) => Math.max(0, ...measured.results.map((result) => result[name] ?? 0)) || sizesGiven[name];
  const command = `npm run bench -- report ${most('files')} --runs ${runs} --rotations ${most('rotations')}`;
  await writePage({ ...measured, command, isInParts: from !== undefined });
}

function goalSizes() {
  const isEvent = what === 'event';
  const files = number('files', what === 'soak' ? undefined : sizes, isEvent ? 10_000 : 50_000);
  if (files < FEWEST_FILES) refuse(`a repository has at least ${FEWEST_FILES} manifests here`);
  return {
    files,
    eventFiles: isEvent ? files : Math.min(files, 10_000),
    runs,
    rotations: number('rotations', what === 'soak' ? sizes : values.rotations, 2000),
    idleSeconds: number('idle', values.idle, 60),
    ...(values.json === undefined ? {} : { json: values.json }),
  };
}

function parsed() {
  const text = { type: 'string' };
  const options = { runs: text, json: text, rotations: text, idle: text, from: text };
  try {
    return parseArgs({ allowPositionals: true, options });
  } catch (error) {
    return refuse(error.message);
  }
}

function number(name, text, fallback) {
  const value = text === undefined ? fallback : Number(text);
  return Number.isInteger(value) && value > 0
    ? value
    : refuse(`${name} is to be a whole number above 0, not "${text}"`);
}

function refuse(why) {
  console.error(why);
  process.exit(2);
}
