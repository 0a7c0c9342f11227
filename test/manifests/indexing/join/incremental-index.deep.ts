import { readdirSync } from 'node:fs';
import { assert, gen, integer, property, sample } from 'fast-check';
import { expect, test } from 'vitest';
import { NO_BINDINGS } from '../../../../src/domain/policy.ts';
import { GOLDEN_REPOSITORIES, openGoldenRepository } from '../../../golden-repositories.ts';
import { TWO_ACCOUNTS } from '../../repository.ts';
import { randomTree } from '../kustomize/random-kustomizations.ts';
import { fileByFile, firstDifference, randomCommits, sideBySide } from './played-commits.ts';

const PLACES = { accounts: TWO_ACCOUNTS, bindings: NO_BINDINGS };
const NAMES = readdirSync(GOLDEN_REPOSITORIES);

test.each(NAMES)('%s, file by file and many commits on', (name) => {
  const { before, places, scope } = openGoldenRepository(name);
  const tree = sideBySide([before]);
  const mode = scope.kustomize ?? 'base';
  for (const commits of [
    ...sample(fileByFile(tree), { numRuns: 3, seed: 1 }),
    ...sample(randomCommits(tree, 30), { numRuns: 6, seed: 2 }),
  ]) {
    expect(firstDifference({ places, mode, commits })).toBeNull();
  }
});

test('2,000 commits of several repositories side by side', () => {
  const some = gen().map((g) => [1, 2, 3].map(() => NAMES[g(integer, { min: 0, max: NAMES.length - 1 })] ?? ''));
  const histories = some.chain((names) =>
    randomCommits(sideBySide(names.map((name) => openGoldenRepository(name).before)), 20),
  );
  assert(
    property(histories, (commits) => {
      expect(firstDifference({ places: PLACES, mode: 'overlay', commits })).toBeNull();
    }),
    { numRuns: 100 },
  );
});

test('2,000 commits of kustomizations of all kinds', () => {
  assert(
    property(
      randomTree.chain(({ files }) => randomCommits(new Map(Object.entries(files)), 5)),
      (commits) => {
        expect(firstDifference({ places: PLACES, mode: 'base', commits })).toBeNull();
      },
    ),
    { numRuns: 400 },
  );
});
