// On what, with what and when something was measured; no name of the machine and no path on it.
import { cpus, totalmem } from 'node:os';
import { runGit } from '../host/git-command.mjs';

export async function machineFacts() {
  const git = (await runGit('/', ['--version'])).stdout.trim();
  const [{ model } = { model: 'unknown' }] = cpus();
  return {
    processor: `${cpus().length} × ${model.replaceAll(/\s+/g, ' ').trim()}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
    node: `Node ${process.versions.node}`,
    git,
    date: new Date().toISOString().slice(0, 10),
  };
}
