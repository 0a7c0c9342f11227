// The Git layer alone: a clone into the store, and many branches at once.
import { performance } from 'node:perf_hooks';
import { createGitWorkspace } from '../../dist/adapters/git/git-workspace.js';
import { useOfEntry } from '../../dist/manifests/indexing/tree-entry.js';
import { answer, peakOfChild } from './child.mjs';

const NEVER = new AbortController().signal;
const BASE = 'refs/heads/main';
const AUTHOR = { name: 'bench', email: 'bench@acme.example' };
let workspace = null;

/** Until every manifest can be read without asking anybody. */
async function clone({ url }) {
  const begin = performance.now();
  workspace = await createGitWorkspace({ url, credentials: async () => null });
  const snapshot = await headOf();
  const manifests = snapshot.entries.filter((entry) => useOfEntry(entry).kind === 'read');
  await snapshot.prefetch(
    manifests.map(({ oid }) => oid),
    NEVER,
  );
  return { milliseconds: performance.now() - begin, entries: snapshot.entries.length };
}

async function headOf() {
  const [base] = await workspace.refs([BASE], NEVER);
  return workspace.snapshot(base, NEVER);
}

/** A branch for each of these paths, each with one line more in that file. */
async function many({ name, paths, line }) {
  const snapshot = await headOf();
  const entries = new Map(snapshot.entries.map((entry) => [entry.path, entry]));
  const updates = [];
  for (const [at, path] of paths.entries()) {
    const text = `${Buffer.from(await snapshot.read(entries.get(path).oid)).toString('utf8')}${line}\n`;
    const to = {
      parent: snapshot.commit,
      files: [{ path, text }],
      message: `Branch ${at}\n`,
      author: AUTHOR,
      time: 1_767_225_600,
    };
    updates.push({ ref: `refs/heads/${name}/${at}`, expected: null, to });
  }
  const begin = performance.now();
  const results =
    workspace.publishAll === undefined ? await oneByOne(updates) : await workspace.publishAll(updates, NEVER);
  const milliseconds = performance.now() - begin;
  const bad = results.find(({ kind }) => kind !== 'done');
  if (bad !== undefined) throw new Error(`a branch was not made: ${JSON.stringify(bad)}`);
  return { milliseconds, isAtOnce: workspace.publishAll !== undefined };
}

async function oneByOne(updates) {
  const results = [];
  for (const update of updates) results.push(await workspace.publish(update, NEVER));
  return results;
}

answer({ clone, many, peak: peakOfChild });
