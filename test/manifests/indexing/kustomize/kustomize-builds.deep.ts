import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { hasKustomize } from '../../../kubectl.ts';
import { builtBy, type Claim, type Run, saidOf } from './kustomize-builds.ts';
import { type RandomTree, randomTree } from './random-kustomizations.ts';

const MINUTE = 60_000;

test.skipIf(!hasKustomize)(
  'what the index says of an overlay is what Kustomize builds, or it says that it does not know (needs kubectl)',
  () => {
    const counts = { built: 0, refused: 0, told: 0, unknown: 0, runs: 0 };
    assert(
      property(randomTree, (tree) => checkTree(tree, counts)),
      { numRuns: 100_000, interruptAfterTimeLimit: MINUTE, endOnFailure: true },
    );
    console.log(
      `overlays built ${counts.built}, refused ${counts.refused}; told ${counts.told}, unknown ${counts.unknown}; workloads ${counts.runs}`,
    );
    // A reader that never knows would pass as well.
    expect(counts.told).toBeGreaterThan(counts.unknown * 3);
  },
  5 * MINUTE,
);

function checkTree(tree: RandomTree, counts: Record<'built' | 'refused' | 'told' | 'unknown' | 'runs', number>): void {
  const built = builtBy(tree);
  for (const mode of ['overlay', 'base'] as const) {
    for (const [overlay, { claims, unknown, runs }] of saidOf(tree, mode)) {
      const real = built.get(overlay) ?? null;
      counts[real === null ? 'refused' : 'built'] += 1;
      if (real === null) continue;
      counts.told += claims.length;
      counts.runs += runs.length;
      counts.unknown += unknown;
      const expected = claims.map((claim) => counterpart(real.claims, claim));
      expect({ overlay, mode, claims }).toEqual({ overlay, mode, claims: expected });
      // What nobody can tell may be gone.
      expect(real.claims.length).toBeGreaterThanOrEqual(claims.length);
      expect(real.claims.length).toBeLessThanOrEqual(claims.length + unknown);
      const ran = runs.map((run) => runNamed(real.runs, run));
      expect({ overlay, mode, runs }).toEqual({ overlay, mode, runs: ran });
    }
  }
}

/** The built workload of that name, with what is told of it. */
function runNamed(real: readonly Run[], { name, pods }: Run): Run | undefined {
  const found = real.find((one) => one.name === name);
  if (found === undefined || pods !== undefined) return found;
  const { pods: _, ...rest } = found;
  return rest;
}

/** The built object of that name, with what the claim is about. */
function counterpart(real: readonly Claim[], claim: Claim): Claim | undefined {
  const found = real.find(({ name, namespace }) => name === claim.name && namespace === claim.namespace);
  if (found === undefined || claim.annotations !== undefined) return found;
  const { annotations: _, ...rest } = found;
  return rest;
}
