// Measures, and prints medians. Usage:
//   npm run bench -- pipeline [FILES [RUNS]]     each pure room by itself (the default)
//   npm run bench -- index [FILES,FILES [RUNS]]  the index of whole repositories: 10,000 and 50,000 files
import { benchIndex } from './index.mjs';
import { benchPipeline } from './pipeline.mjs';

const [what = 'pipeline', sizes, runs = '5'] = process.argv.slice(2);
switch (what) {
  case 'pipeline':
    benchPipeline(Number(sizes ?? 10_000), Number(runs));
    break;
  case 'index':
    await benchIndex((sizes ?? '10000,50000').split(',').map(Number), Number(runs));
    break;
  default:
    console.error(`there is no measurement "${what}": pipeline or index`);
    process.exitCode = 2;
}
