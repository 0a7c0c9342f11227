#!/usr/bin/env node
import { stopWhileLoading } from './cli/stop-while-loading.ts';

const handOver = stopWhileLoading(process.argv);
const { main } = await import('./cli/program.ts');
process.exitCode = await main(process.argv, undefined, handOver);
