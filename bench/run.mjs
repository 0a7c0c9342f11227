// Measures, and prints medians. Usage:
//   npm run bench -- pipeline [FILES [RUNS]]     each pure room by itself (the default)
//   npm run bench -- index [FILES,FILES [RUNS]]  the index of whole repositories: 10,000 and 50,000 files
//   npm run bench -- storm [SECRETS [CLUSTERS [SECONDS [GROUP_PATH]]]]  300 secrets rotate within 60 s over 40 folders
//   npm run bench -- reconcile [SECRETS [BEHIND]]  5,000 secrets over 3 accounts and 2 regions, 50 of them behind
import { benchIndex } from './index.mjs';
import { benchPipeline } from './pipeline.mjs';
import { benchReconcile } from './reconcile.mjs';
import { benchStorm } from './storm.mjs';

const [what = 'pipeline', sizes, runs = '5', ...more] = process.argv.slice(2);
switch (what) {
  case 'pipeline':
    benchPipeline(Number(sizes ?? 10_000), Number(runs));
    break;
  case 'index':
    await benchIndex((sizes ?? '10000,50000').split(',').map(Number), Number(runs));
    break;
  case 'storm': {
    const [seconds = '60', grouping = 'secret'] = more;
    const clusters = process.argv[4] ?? '40';
    await benchStorm({ secrets: Number(sizes ?? 300), clusters: Number(clusters), seconds: Number(seconds), grouping });
    break;
  }
  case 'reconcile':
    await benchReconcile({ secrets: Number(sizes ?? 5000), behind: Number(process.argv[4] ?? 50) });
    break;
  default:
    console.error(`there is no measurement "${what}": pipeline, index, storm or reconcile`);
    process.exitCode = 2;
}
