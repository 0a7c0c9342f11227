import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NO_BINDINGS } from '../../src/domain/policy.ts';
import { parseRepoPath } from '../../src/domain/repo-path.ts';
import { buildIndex } from '../../src/manifests/build-index.ts';
import { readBlob } from '../../src/manifests/read-blob.ts';
import { MARKER_KEYS } from '../../src/manifests/reading/markers/parse-marker.ts';
import { tableRows } from './markdown.ts';

test('the sample of inline markers is read as it stands: a value that refreshes, and one that restarts after it', () => {
  const [sample = ''] = /^# values\.yaml\n[\s\S]*?(?=^```$)/m.exec(readFileSync('README.md', 'utf8')) ?? [];
  const path = parseRepoPath('values.yaml');
  if (path === null) throw new Error('a plain path is a path');
  const files = [{ path, facts: readBlob(Buffer.from(sample)) }];
  const accounts = [{ id: '111122223333', regions: ['eu-west-1'] }];
  const { externalSecrets, problems } = buildIndex(files, { accounts, bindings: NO_BINDINGS });
  expect(problems).toEqual([]);
  const read = externalSecrets.map(({ object, references, consumers }) => ({
    refresh: object.name,
    secret: references.map(({ resolution }) => (resolution.kind === 'secret' ? resolution.names : [])),
    restart: consumers.map(({ name }) => name),
  }));
  expect(read).toEqual([
    { refresh: 'externalSecret.forceSync', secret: [['prod/db']], restart: ['podAnnotations.secret-versions'] },
  ]);
});

test('keys of a marker: every key, in the same order', () => {
  const rows = tableRows('README.md', '| Key of a marker | What it says |');
  expect(rows.map(([key]) => key)).toEqual(MARKER_KEYS.map((key) => `\`${key}\``));
});
