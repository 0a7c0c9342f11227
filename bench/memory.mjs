// The index of a whole repository in memory, without a Git host: cold, after a commit of ten files, what it takes in memory, and who is reached.
import { createHash } from 'node:crypto';
import { createManifestReader } from '../dist/adapters/reading/manifest-reader.js';
import { possibleUsers, usersOf } from '../dist/manifests/query-index.js';
import { everything } from '../dist/plan/scope.js';
import { readIndex } from '../dist/service/reading/read-index.js';
import { newMemory } from '../dist/service/served-branch.js';
import { heapMegabytes, measure, measureLater } from './measure.mjs';
import { PLACES, repositoryOf, secretOf } from './repository.mjs';

const NEVER = new AbortController().signal;
const note = () => undefined;
const reader = createManifestReader({ log: { debug: note, info: note, warn: console.warn, error: console.error } });
const HEAD = { name: 'refs/heads/main', oid: '0'.repeat(40) };

export async function benchMemory(sizes, runs) {
  for (const size of sizes) await benchSize(size, runs);
}

async function benchSize(size, runs) {
  const files = repositoryOf(size);
  const before = heapMegabytes();
  console.log(`\n${size} manifests`);
  let branch = branchOf();
  const read = async (snapshot) => {
    branch.index = (await readIndex(branch.servedAt(snapshot), HEAD, NEVER)).index;
  };
  await measureLater(
    'cold index (every blob parsed)',
    runs,
    () => snapshotOf(files),
    (snapshot) => {
      branch = branchOf();
      return read(snapshot);
    },
  );
  const changed = (change) => (at) => snapshotOf(withChanges(files, (text) => change(text, at)));
  const otherSecrets = changed((text, at) => text.replace('key: prod/', `key: prod/${at}/`));
  await measureLater('after 10 files that fetch other secrets', runs, otherSecrets, read);
  const sameMeaning = changed((text, at) => `${text}# ${at}\n`);
  await read(sameMeaning(0));
  await measureLater('after 10 files that say the same', runs, sameMeaning, read);
  console.log(`${'memory held by index and parsed blobs'.padEnd(40)} ${heapMegabytes() - before} MB`);
  measure('who is reached by one secret', runs, () => times(100, () => whoIsReached(branch.index)), 100);
}

/** A served branch as far as reading its index goes. */
function branchOf() {
  const memory = newMemory();
  const settings = { ...PLACES, scope: everything('staged') };
  return {
    index: null,
    servedAt: (snapshot) => ({ workspace: { snapshot: async () => snapshot }, memory, settings, reader }),
  };
}

/** Ten ExternalSecrets change. */
function withChanges(files, change) {
  const changed = new Set(files.filter(({ path }) => path.endsWith('secret.yaml')).slice(0, 10));
  return files.map((file) =>
    changed.has(file) ? { path: file.path, bytes: Buffer.from(change(String(file.bytes))) } : file,
  );
}

function whoIsReached(index) {
  const [{ id: account, regions }] = PLACES.accounts;
  const names = [secretOf(7)];
  const users = usersOf(index, { service: 'secretsmanager', account, region: regions[0], names });
  return [
    users.flatMap(({ consumers }) => consumers),
    possibleUsers(index, { service: 'secretsmanager', account, region: regions[0], names }, 'open'),
  ];
}

function times(count, act) {
  for (let at = 0; at < count; at += 1) act(at);
}

const ids = new WeakMap();

/** As a commit on a host; the id of each blob is computed once. */
function snapshotOf(files) {
  const blobs = new Map();
  const entries = files.map((file) => {
    if (!ids.has(file)) ids.set(file, createHash('sha1').update(file.bytes).digest('hex'));
    const oid = ids.get(file);
    blobs.set(oid, file.bytes);
    return { path: file.path, mode: '100644', oid };
  });
  return { commit: '0'.repeat(40), entries, read: async (oid) => blobs.get(oid), prefetch: async () => undefined };
}
