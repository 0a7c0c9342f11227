import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import { Failure } from '../domain/failure.ts';
import { formatProblem } from '../domain/problem.ts';
import { type Console, readNamedFile } from './console.ts';

/** Reads a configuration file. Every problem is printed with its place; then a `Failure` (config-invalid) is thrown. */
export async function loadConfigFile(path: string, console: Console): Promise<Config> {
  const loaded = loadConfig(await readNamedFile(path), path);
  if (loaded.kind === 'config') {
    for (const notice of loaded.notices) console.note(formatProblem(notice));
    return loaded.config;
  }
  for (const problem of loaded.problems) console.note(formatProblem(problem));
  throw new Failure(`${path} has ${loaded.problems.length} problem(s)`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Mend them all; templates/config.yaml is a complete example.',
  });
}
