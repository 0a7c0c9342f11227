// A served base branch as the program wires it: its index is read, read again, and changes are proposed. The configuration is
// the first argument; with `at-once` as the second one the index is read from the start of the process on.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { loadConfig } from '../../dist/config/load-config.js';
import { makePlan } from '../../dist/service/make-plan.js';
import { connect } from '../../dist/wire/connect.js';
import { remoteSource } from '../../dist/wire/plan-source.js';
import { answer, memoryOfChild } from './child.mjs';

const NEVER = new AbortController().signal;
const SILENT = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

const [file, when] = process.argv.slice(2);
const loaded = loadConfig(readFileSync(file, 'utf8'), file);
if (loaded.kind !== 'config') throw new Error(JSON.stringify(loaded.problems));
const connections = await connect(loaded.config, SILENT);
const [served] = connections.branches;
let source = null;

/** The refs, what is new of the base branch, and its index. */
async function read() {
  const begin = performance.now();
  source = await remoteSource(served, NEVER);
  const ended = performance.now();
  return {
    milliseconds: ended - begin,
    sinceStart: ended,
    base: source.base,
    externalSecrets: source.index.externalSecrets.length,
  };
}

/** Plans, edits with proof, commits and pushes a new branch from what was read last, whatever the host's base is meanwhile. */
async function propose({ secret, version, ref }) {
  const begin = performance.now();
  const asked = { id: secret, service: null, account: null, region: null, label: null };
  const how = { scope: served.settings.scope, stage: 1, signal: NEVER };
  const ports = { secretVersions: null, clock: { now: () => Date.now() } };
  const made = await makePlan(source, { kind: 'secret', secret: asked, version }, how, ports);
  const planned = performance.now();
  const files = made.files.map(({ path, after }) => ({ path, text: after }));
  const to = {
    parent: source.base,
    files,
    message: `Refresh ${secret}\n`,
    author: served.settings.author,
    time: 1_767_225_600,
  };
  const result = await served.workspace.publish({ ref, expected: null, to }, NEVER);
  const ended = performance.now();
  if (result.kind !== 'done') throw new Error(`not pushed: ${JSON.stringify(result)}`);
  return { milliseconds: ended - begin, planning: planned - begin, files: files.length };
}

/** Everything is brought to its end, as when the program stops. */
async function close() {
  await connections.close();
  return null;
}

const first = when === 'at-once' ? await read() : null;
answer({ read, propose, close, memory: memoryOfChild }, first);
