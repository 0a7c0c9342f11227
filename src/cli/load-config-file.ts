import type { Config } from '../config/config.ts';
import { loadConfigs } from '../config/load-config.ts';
import { Failure } from '../domain/failure.ts';
import { plainText } from '../domain/plain-text.ts';
import { formatProblem, type Problem } from '../domain/problem.ts';
import { type Console, readNamedFile } from './console.ts';
import { withTemplateFiles } from './template-files.ts';

/** A configuration, and what is to be said about it. */
export interface ConfigOfFiles {
  readonly config: Config;
  readonly notices: readonly Problem[];
}

/** Reads configuration files as one. Every problem is printed with its place; then a `Failure` (config-invalid) is thrown. */
export async function loadConfigFiles(paths: readonly string[], console: Console): Promise<ConfigOfFiles> {
  const files = [];
  for (const file of paths) files.push({ file, text: await readNamedFile(file) });
  const loaded = await withTemplateFiles(loadConfigs(files));
  if (loaded.kind === 'config') return loaded;
  for (const problem of loaded.problems) console.note(formatProblem(problem));
  throw new Failure(`${namesOf(paths)} has ${loaded.problems.length} problem(s)`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Mend them all; the command init prints a complete example.',
  });
}

/** A configuration that names a repository; throws a `Failure` (config-invalid) where only ESO Reloader's documents are. */
export async function loadServedConfig(paths: readonly string[], console: Console): Promise<ConfigOfFiles> {
  const loaded = await loadConfigFiles(paths, console);
  if (loaded.config.repositories.length > 0) return loaded;
  for (const notice of loaded.notices) console.note(formatProblem(notice));
  throw new Failure(`${namesOf(paths)} names no repository`, {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Add a document of apiVersion gitops-reloader.dev/v1alpha1 with spec.repositories (init --from-eso-reloader FILE writes one), as another --config.',
  });
}

/** The names of the files, for people. */
export function namesOf(paths: readonly string[]): string {
  return paths.map((path) => plainText(path)).join(', ');
}
