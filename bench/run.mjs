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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string' },
    json: { type: 'string' },
    rotations: { type: 'string' },
    idle: { type: 'string', default: '60' },
    from: { type: 'string' },
  },
});
const [what = 'pipeline', sizes, times, seconds = '60', grouping = 'secret'] = positionals;
const runs = number('runs', values.runs ?? times, 5);

switch (what) {
  case 'pipeline':
    benchPipeline(number('files', sizes, 10_000), runs);
    break;
  case 'memory':
    await benchMemory((sizes ?? '10000,50000').split(',').map(Number), runs);
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

/** The page names the command that makes it, as it was given. */
async function report() {
  const measured =
    values.from === undefined ? await measureGoals(GOALS, goalSizes()) : await readResults(values.from.split(','));
  const { files, rotations, runs: each } = goalSizes();
  const command = `npm run bench -- report ${files} --runs ${each} --rotations ${rotations}`;
  await writePage(measured, command);
}

function goalSizes() {
  const isSoak = what === 'soak';
  const files = number('files', isSoak ? undefined : sizes, 50_000);
  const rotations = number('rotations', isSoak ? sizes : values.rotations, 2000);
  const { json } = values;
  return {
    files,
    rotations,
    runs,
    idleSeconds: number('idle', values.idle, 60),
    ...(json === undefined ? {} : { json }),
  };
}

function number(name, text, fallback) {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${name} is to be a whole number above 0, not "${text}"`);
  process.exit(2);
}
