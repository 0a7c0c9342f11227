import * as fc from 'fast-check';
import { expect } from 'vitest';
import { bundledCheck, kstatusCheck, shippedCheck } from './models/health.ts';
import { formatTimeline } from './models/simulation.ts';
import { play, type Setup, STATUS, type Story } from './play.ts';
import type { Layout } from './sample-repository.ts';
import { shortStories } from './stories.ts';

// The same stories at every run, so that what one machine finds every other one finds as well; another seed explores others.
export const SEED = Number(process.env['CLUSTER_SEED'] ?? 20_261_127);

/** What waits for an ExternalSecret waits by this: nothing is installed. */
function usualCheck(layout: Layout): Setup['check'] {
  return layout === 'two Kustomizations' ? kstatusCheck : bundledCheck;
}

/** One commit that bumps everything, where a check that knows of refreshes stands between an ExternalSecret and what it feeds. */
export const GATED: Setup = { order: 'gated', check: shippedCheck };

/** A second commit, once a status says that all of the first is applied and healthy by a check that knows of refreshes. */
export const BY_STATUSES: Setup = {
  order: 'staged',
  check: shippedCheck,
  evidence: { statuses: [{ paths: [], contexts: [STATUS] }], delayMilliseconds: 0 },
};

/** One commit that gives Secrets new names, where nothing is waited for and nothing is installed. */
export function pinnedByName(layout: Layout): Setup {
  return { order: 'together', check: usualCheck(layout), pin: 'name' };
}

/** The layouts in which anything is waited for. */
export const GATED_LAYOUTS = ['two waves', 'two Kustomizations'] as const;

/** Never an old value, and everybody ends on the newest. What is gated is so by proof: unproven it would be announced. */
export function holdsAlways(story: Story, setup: Setup): void {
  const { stale, unfinished, isAnnounced } = play(story, setup);
  expect({ stale, unfinished, isAnnounced }).toEqual({
    stale: [],
    unfinished: [],
    isAnnounced: setup.order === 'staged',
  });
}

/** The same for every ExternalSecret whose refreshes were complete within the settle time. True where all of them were. */
export function holdsBySettleTime(story: Story): boolean {
  const { stale, late, unfinished } = play(story, { order: 'staged', check: usualCheck(story.layout) });
  expect(stale.filter(({ externalSecret }) => !late.includes(externalSecret))).toEqual([]);
  if (late.length === 0) expect(unfinished).toEqual([]);
  return late.length === 0;
}

/** The shortest story in which one commit restarts a pod with the old value, in words; the same at every run. */
export function shortestFailure(layout: Layout): string {
  const setup: Setup = { order: 'together', check: usualCheck(layout) };
  const law = fc.property(shortStories([layout], 1), (story) => play(story, setup).stale.length === 0);
  const [story] = fc.check(law, { numRuns: 1000, seed: 1 }).counterexample ?? [];
  if (story === undefined) throw new Error(`together is safe in this model: ${layout}`);
  return formatTimeline(play(story, setup).timeline);
}
