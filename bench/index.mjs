// The index of a whole repository: cold, after a commit of ten files, what it takes in memory, and who is reached.
import { createHash } from 'node:crypto';
import { buildIndex } from '../dist/manifests/build-index.js';
import { possibleUsers, usersOf } from '../dist/manifests/query-index.js';
import { readFiles } from '../dist/service/reading/read-index.js';
import { heapMegabytes, measure, measureLater } from './measure.mjs';
import { PLACES, repositoryOf, secretOf } from './repository.mjs';

const NEVER = new AbortController().signal;

export async function benchIndex(sizes, runs) {
  for (const size of sizes) await benchSize(size, runs);
}

async function benchSize(size, runs) {
  const files = repositoryOf(size);
  const before = heapMegabytes();
  console.log(`\n${size} manifests`);
  const read = { known: new Map(), index: null };
  const readAgain = async (snapshot) => {
    read.index = await indexOf(snapshot, read.known);
  };
  await measureLater(
    'cold index (every blob parsed)',
    runs,
    () => snapshotOf(files),
    (snapshot) => {
      read.known = new Map();
      return readAgain(snapshot);
    },
  );
  await measureLater('index after a commit of 10 files', runs, (at) => snapshotOf(withChanges(files, at)), readAgain);
  console.log(`${'memory held by index and parsed blobs'.padEnd(40)} ${heapMegabytes() - before} MB`);
  measure('who is reached by one secret', runs, () => times(100, () => whoIsReached(read.index)), 100);
}

/** Ten ExternalSecrets fetch another secret than before. */
function withChanges(files, at) {
  const changed = new Set(files.filter(({ path }) => path.endsWith('secret.yaml')).slice(0, 10));
  return files.map((file) => {
    if (!changed.has(file)) return file;
    return { path: file.path, bytes: Buffer.from(String(file.bytes).replace('key: prod/', `key: prod/${at}/`)) };
  });
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
  return { commit: '0'.repeat(40), entries, read: async (oid) => blobs.get(oid) };
}

async function indexOf(snapshot, known) {
  const { files, problems } = await readFiles(snapshot, { known, kinds: [] }, NEVER);
  return buildIndex(files, PLACES, problems);
}
