import { answerOf } from '../../templates/health-checks/shipped-checks.ts';
import type { LiveObject } from './cluster.ts';

/** As Argo CD calls it; Flux says Current, InProgress and Failed. */
export type Health = 'Healthy' | 'Progressing' | 'Degraded';

/** How an object is. */
export type HealthCheck = (live: LiveObject) => Health;

/** Argo CD's own check of an ExternalSecret: the condition `Ready` alone, which stays True from the last refresh. */
export const bundledCheck: HealthCheck = ({ status: { ready } }) =>
  ready === 'True' ? 'Healthy' : ready === 'False' ? 'Degraded' : 'Progressing';

/** What kstatus makes of an ExternalSecret: it has no observedGeneration, so `Ready` alone counts here as well. */
export const kstatusCheck: HealthCheck = ({ status: { ready } }) => (ready === 'False' ? 'Progressing' : 'Healthy');

/**
 * The checks that ship, as the interpreters of both languages understand them; an object about which they do not agree ends the
 * test.
 */
export const shippedCheck: HealthCheck = (live) => {
  const object = checkedOf(live);
  const key = JSON.stringify(object);
  const known = ANSWERS.get(key) ?? healthIn(answerOf(object).status);
  ANSWERS.set(key, known);
  return known;
};

// Health is looked at every second, and an answer depends on nothing else.
const ANSWERS = new Map<string, Health>();

/** What both checks read of an object. */
function checkedOf({ manifest, status: { ready, refreshTime } }: LiveObject) {
  const { annotations = {} } = manifest.metadata;
  const conditions = ready === null ? {} : { conditions: [{ type: 'Ready', status: ready, message: 'told' }] };
  const refreshed = refreshTime === null ? {} : { refreshTime: `${new Date(refreshTime).toISOString().slice(0, 19)}Z` };
  return { metadata: { annotations }, status: { ...conditions, ...refreshed } };
}

function healthIn(answer: string | null): Health {
  if (answer === 'Healthy' || answer === 'Progressing' || answer === 'Degraded') return answer;
  throw new Error(`no health: ${answer}`);
}
