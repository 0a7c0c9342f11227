import type { Skip } from '../../plan.ts';
import type { Rejected } from '../branch-status.ts';
import type { NextFacts } from '../next-step.ts';

/** The versions that AWS has and people turned down, as far as the pull request that says so is known. */
export function turnedDownNow(
  all: readonly NextFacts[],
  code: Skip['code'] & ('rejected-by-people' | 'reverted'),
): readonly Rejected[] {
  return all.flatMap((facts) => {
    const held = facts.objects.filter(({ standing }) => standing.code === code);
    const versions = new Set(held.flatMap(({ entries }) => entries.map(({ inAws }) => inAws)));
    const known = (code === 'reverted' ? facts.proposal?.merged : facts.proposal?.rejected) ?? [];
    return known.flatMap(({ version, pullRequest }) => {
      if (pullRequest === null || !versions.has(version)) return [];
      // As the pull request spells it.
      return pullRequest.names.filter((name) => name.endsWith(`=${version}`)).map((name) => ({ name, pullRequest }));
    });
  });
}
