// The service itself, as `run` starts it, in a process whose memory, processor time and event loop can be asked for.

import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapCodeStatistics } from 'node:v8';
import { loadConfig } from '../../dist/config/load-config.js';
import { runService } from '../../dist/wire/run-service.js';
import { answer } from './child.mjs';

const RESOLUTION = 10;
const [file] = process.argv.slice(2);
const loaded = loadConfig(readFileSync(file, 'utf8'), file);
if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded.problems));
const [stopping, abort] = [new AbortController(), new AbortController()];
setMaxListeners(0, stopping.signal, abort.signal);
const delays = monitorEventLoopDelay({ resolution: RESOLUTION });
const facts = { level: 'error', version: '0.0.0', notices: [] };
const ended = runService(loaded.config, facts, { stopping: stopping.signal, abort: abort.signal });

/** Kilobytes, after garbage was collected: the least of a few looks, since the sweep may be at work. */
async function memory() {
  // Collecting is not the service's own work.
  delays.disable();
  const looks = [];
  for (let at = 0; at < 4; at += 1) {
    globalThis.gc();
    await pause(100);
    looks.push(process.memoryUsage());
  }
  const compiled = getHeapCodeStatistics();
  const code = (compiled.code_and_metadata_size + compiled.bytecode_and_metadata_size) / 1024;
  delays.enable();
  const least = (name) => Math.min(...looks.map((look) => look[name])) / 1024;
  return { rss: least('rss'), heap: least('heapUsed'), code, buffers: least('arrayBuffers') };
}

/** Milliseconds by which timers came late. */
async function lateness() {
  return { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) };
}

/** What is measured holds the interval of the timer itself. */
function late(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - RESOLUTION);
}

/** Percent of one processor that the service takes while nothing happens. */
async function idle({ seconds }) {
  delays.disable();
  const [before, begin] = [process.cpuUsage(), performance.now()];
  await pause(seconds * 1000);
  const { user, system } = process.cpuUsage(before);
  return { percent: (user + system) / 10 / (performance.now() - begin) };
}

async function stop() {
  stopping.abort();
  await ended;
  return null;
}

answer({ memory, lateness, idle, stop });
