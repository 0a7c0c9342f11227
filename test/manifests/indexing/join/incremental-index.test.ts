import { readdirSync } from 'node:fs';
import { assert, property, sample } from 'fast-check';
import { expect, test } from 'vitest';
import { NO_BINDINGS } from '../../../../src/domain/policy.ts';
import { createIndexer, type IndexedFile } from '../../../../src/manifests/build-index.ts';
import { GOLDEN_REPOSITORIES, openGoldenRepository } from '../../../golden-repositories.ts';
import { deployment, externalSecret, ONE_ACCOUNT, readText, repoPath } from '../../repository.ts';
import { randomTree } from '../kustomize/random-kustomizations.ts';
import { firstDifference, randomCommits, sideBySide } from './played-commits.ts';

const PLACES = { accounts: ONE_ACCOUNT, bindings: NO_BINDINGS };

test.each(readdirSync(GOLDEN_REPOSITORIES))(
  '%s: some commits later its index is the one that is made from nothing',
  (name) => {
    const { before, places, scope } = openGoldenRepository(name);
    const tree = sideBySide([before]);
    const [commits = []] = sample(randomCommits(tree, 3), { numRuns: 1, seed: 7 });
    expect(firstDifference({ places, mode: scope.kustomize ?? 'base', commits })).toBeNull();
  },
);

test('kustomizations of all kinds', () => {
  assert(
    property(
      randomTree.chain(({ files }) => randomCommits(new Map(Object.entries(files)), 3)),
      (commits) => {
        expect(firstDifference({ places: PLACES, mode: 'base', commits })).toBeNull();
      },
    ),
    { numRuns: 25 },
  );
});

test('what a commit does not touch is the very same as before, and what it feeds is not', () => {
  const one = file('one/es.yaml', externalSecret('one', spec('prod/one')));
  const [other, web] = [
    file('other/es.yaml', externalSecret('other', spec('prod/other'))),
    file('web.yaml', deployment('web', 'other')),
  ];
  const indexer = createIndexer(PLACES);
  const before = indexer.build([one, other, web], []);
  const after = indexer.build([one, file('other/es.yaml', externalSecret('other', spec('prod/next'))), web], []);
  expect(after.externalSecrets[0]).toBe(before.externalSecrets[0]);
  expect(after.workloads[0]).toBe(before.workloads[0]);
  expect(after.externalSecrets[1]?.consumers).toEqual(before.externalSecrets[1]?.consumers);
  expect([...before.bySecret.keys()].at(-1)).toContain('prod/other');
  expect([...after.bySecret.keys()].at(-1)).toContain('prod/next');
});

function file(path: string, text: string): IndexedFile {
  return { path: repoPath(path), facts: readText(text) };
}

function spec(key: string): string {
  return `data: [{secretKey: x, remoteRef: {key: ${key}}}]`;
}
