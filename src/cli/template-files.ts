import { dirname, join } from 'node:path';
import type { LoadedConfig, Repository } from '../config/config.ts';
import type { Problem } from '../domain/problem.ts';
import { checkTemplate } from '../words/templates/check-template.ts';
import { readNamedFile } from './console.ts';

/** Reads the templates that a configuration names by file, and checks them: their problems carry their own file and line. */
export async function withTemplateFiles(loaded: LoadedConfig): Promise<LoadedConfig> {
  if (loaded.kind === 'problems') return loaded;
  const folder = dirname(loaded.ownFile ?? '.');
  const repositories: Repository[] = [];
  const problems: Problem[] = [];
  for (const repository of loaded.config.repositories) {
    const { pullRequest } = repository;
    if (pullRequest.bodyFile === null) repositories.push(repository);
    else {
      const file = join(folder, pullRequest.bodyFile);
      const body = await readNamedFile(file);
      const trouble = checkTemplate(body, 'body');
      if (trouble !== null) problems.push({ ...trouble, file });
      repositories.push({ ...repository, pullRequest: { ...pullRequest, body } });
    }
  }
  if (problems.length > 0) return { kind: 'problems', problems };
  return { ...loaded, config: { ...loaded.config, repositories } };
}
