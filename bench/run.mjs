// Measures, and prints medians. Usage:
//   npm run bench -- pipeline [FILES [RUNS]]     each pure room by itself (the default)
//   npm run bench -- index [FILES,FILES [RUNS]]  the index of whole repositories: 10,000 and 50,000 files
//   npm run bench -- storm [SECRETS [CLUSTERS [SECONDS [GROUP_PATH]]]]  300 secrets rotate within 60 s over 40 folders
import { benchIndex } from './index.mjs';
import { benchPipeline } from './pipeline.mjs';
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
  default:
    console.error(`there is no measurement "${what}": pipeline, index or storm`);
    process.exitCode = 2;
}
