import { truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RESTART_DEFAULTS } from '../../src/domain/policy.ts';
import { localSource } from '../../src/wire/plan-source.ts';
import { tempFolder } from '../adapters/local/temp-folder.ts';
import { externalSecret } from '../manifests/repository.ts';

test('a file that is far too large is a problem of its own, and keeps nobody from the others', async () => {
  const folder = await tempFolder();
  await writeFile(join(folder, 'es.yaml'), externalSecret('db', 'data: [{remoteRef: {key: prod/db}}]'));
  for (const name of ['film.mp4', 'state.json']) {
    await writeFile(join(folder, name), '');
    await truncate(join(folder, name), 17 * 1024 * 1024);
  }
  const { index } = await localSource(folder, null, {
    asked: { accounts: [], regions: [] },
    scope: { kustomize: 'base', restart: RESTART_DEFAULTS },
    signal: new AbortController().signal,
    progress: () => undefined,
  });
  expect(index.externalSecrets.map(({ object }) => object.name)).toEqual(['db']);
  expect(index.problems.map(({ path, code }) => `${path} ${code}`)).toEqual(['state.json too-large']);
});
