// A served base branch as the program wires it: its index is read, read again, and changes are proposed. The configuration is
// the first argument; with `at-once` as the second one the index is read from the start of the process on.

import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { loadConfig } from '../../dist/config/load-config.js';
import { NOTHING_TURNED_DOWN } from '../../dist/plan/life/turned-down.js';
import { filesOf } from '../../dist/service/propose/draft/draft-edits.js';
import { draftPlan } from '../../dist/service/propose/draft/draft-plan.js';
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
  const before = process.cpuUsage();
  source = await remoteSource(served, NEVER);
  const ended = performance.now();
  const { user, system } = process.cpuUsage(before);
  return {
    milliseconds: ended - begin,
    processor: (user + system) / 1000,
    sinceStart: ended,
    base: source.base,
    externalSecrets: source.index.externalSecrets.length,
  };
}

/** Plans, edits with proof, commits and pushes a new branch from what was read last, whatever the host's base is meanwhile. */
async function propose({ secret, version, ref }) {
  const begin = performance.now();
  const { refresh, draft } = await draftPlan(source.readText, requestFor(secret, version));
  const planned = performance.now();
  const { author } = served.settings;
  const to = { parent: source.base, ...filesOf(draft), message: `Refresh ${secret}\n`, author, time: 1_767_225_600 };
  const result = await served.workspace.publish({ ref, expected: null, to }, NEVER);
  const ended = performance.now();
  if (result.kind !== 'done') throw new Error(`not pushed: ${JSON.stringify(result)}`);
  return { milliseconds: ended - begin, planning: planned - begin, files: refresh.plan.edits.length };
}

/** As the service asks for it, once AWS has told which version is current. */
function requestFor(name, version) {
  const [{ id: account, regions }] = served.settings.accounts;
  const place = { service: 'secretsmanager', account, region: regions[0] };
  const versions = new Map([['AWSCURRENT', version]]);
  const known = { kind: 'described', name, versions, seenAt: '2026-01-01T00:00:00Z', deleted: false };
  return {
    index: source.index,
    wishes: [{ ...place, names: [name], suffix: null, label: 'AWSCURRENT', moved: true }],
    truth: new Map([[`secretsmanager:${account}:${regions[0]}:${name}`, known]]),
    scope: served.settings.scope,
    earlier: new Map(),
    turnedDown: NOTHING_TURNED_DOWN,
    notEditable: new Map(),
    finds: 'told',
  };
}

/** Everything is brought to its end, as when the program stops. */
async function close() {
  await connections.close();
  return null;
}

const first = when === 'at-once' ? await read() : null;
answer({ read, propose, close, memory: memoryOfChild }, first);
