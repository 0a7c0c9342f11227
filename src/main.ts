#!/usr/bin/env node
import { stopWhileLoading } from './cli/stop-while-loading.ts';

const handOver = stopWhileLoading(process.argv);
const { main } = await import('./cli/program.ts');
const ended = main(process.argv);
// `run` listens for its signals by now.
handOver();
process.exitCode = await ended;
