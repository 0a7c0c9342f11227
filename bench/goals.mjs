// The measurements that have goals: they are run, printed, and written down.
import { readFile, writeFile } from 'node:fs/promises';
import { benchEvent } from './measures/event.mjs';
import { benchGit } from './measures/git.mjs';
import { benchIndex } from './measures/index.mjs';
import { benchSoak } from './measures/soak.mjs';
import { machineFacts } from './rows/machine.mjs';
import { pageOf, tableText } from './rows/page.mjs';

const PAGE = new URL('../docs/performance.md', import.meta.url);
const MEASURES = {
  git: ({ files, runs }) => benchGit({ files, runs }),
  index: ({ files, runs }) => benchIndex({ files, runs }),
  // Percentiles need more of them, and an event is soon over.
  event: ({ eventFiles, runs }) => benchEvent({ files: eventFiles, runs: runs * 4 }),
  soak: ({ rotations, idleSeconds }) => benchSoak({ rotations, idleSeconds }),
};

/** What can be measured against goals. */
export const GOALS = Object.keys(MEASURES);

/** Runs some of them, tells of each as soon as it is there, and returns all results; `json`: a file for these. */
export async function measureGoals(names, { json, ...sizes }) {
  const results = [];
  for (const name of names) {
    const found = await MEASURES[name](sizes);
    console.log(tableText(found));
    results.push(...found);
  }
  const machine = await machineFacts();
  if (json !== undefined) await writeFile(json, `${JSON.stringify({ machine, results }, null, 2)}\n`);
  return { machine, results };
}

/** Writes the page from results, or from files that earlier runs left, of which the last one counts for a row. */
export async function writePage(made) {
  await writeFile(PAGE, pageOf(made));
}

export async function readResults(files) {
  const read = await Promise.all(files.map(async (file) => JSON.parse(await readFile(file, 'utf8'))));
  return { machine: read.at(-1).machine, results: read.toReversed().flatMap(({ results }) => results) };
}
