import { FORCE_SYNC } from '../../../src/domain/policy.ts';
import { parseToken } from '../../../src/domain/token.ts';
import type { LiveObject, Manifest } from './cluster.ts';

/** As Argo CD calls it; Flux says Current, InProgress and Failed. */
export type Health = 'Healthy' | 'Progressing' | 'Degraded';

/** How an object is. This is where the text of a shipped check is put in place of a function of the same meaning. */
export type HealthCheck = (live: LiveObject) => Health;

/** Argo CD's own check of an ExternalSecret: the condition `Ready` alone, which stays True from the last refresh. */
export const bundledCheck: HealthCheck = ({ status: { ready } }) =>
  ready === 'True' ? 'Healthy' : ready === 'False' ? 'Degraded' : 'Progressing';

/** What kstatus makes of an ExternalSecret: it has no observedGeneration, so `Ready` alone counts here as well. */
export const kstatusCheck: HealthCheck = ({ status: { ready } }) => (ready === 'False' ? 'Progressing' : 'Healthy');

/**
 * Healthy only when a refresh succeeded that began at or after the newest time in the token, and degraded when the last one
 * failed; without a token of ours as {@link bundledCheck}.
 */
export const refreshedCheck: HealthCheck = (live) => {
  const newest = newestTime(live.manifest);
  const { ready, refreshTime } = live.status;
  if (newest === null || ready !== 'True') return bundledCheck(live);
  return refreshTime !== null && refreshTime >= newest ? 'Healthy' : 'Progressing';
};

// Checks look every second, and a manifest never changes.
const NEWEST = new WeakMap<Manifest, number | null>();

/** The newest time in an object's token, epoch milliseconds; null where it has none of ours. */
function newestTime(manifest: Manifest): number | null {
  const known = NEWEST.get(manifest);
  if (known !== undefined) return known;
  const token = parseToken(manifest.metadata.annotations?.[FORCE_SYNC] ?? null);
  const newest = token === null ? null : Math.max(...token.map(({ time }) => Date.parse(time)));
  NEWEST.set(manifest, newest);
  return newest;
}
