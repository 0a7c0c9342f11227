import { readdirSync } from 'node:fs';
import { assert, property, sample } from 'fast-check';
import { expect, test } from 'vitest';
import { NO_BINDINGS } from '../../../../src/domain/policy.ts';
import { GOLDEN_REPOSITORIES, openGoldenRepository } from '../../../golden-repositories.ts';
import { ONE_ACCOUNT } from '../../repository.ts';
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
