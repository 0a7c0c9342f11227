import { plainText } from '../../domain/plain-text.ts';
import type { Readiness } from '../health.ts';
import type { Silence } from './liveness.ts';

/** What a probe is told: a status code for machines, a reason for people. */
export interface ProbeAnswer {
  readonly status: 200 | 500 | 503;
  readonly value: object;
}

/** `/livez`: 500 asks for a new start. It depends on this process alone, never on a host. */
export function liveAnswer(silences: readonly Silence[]): ProbeAnswer {
  const silent = silences.map(({ loop, due }) => ({ loop: plainText(loop), due: timeText(due) }));
  return { status: silent.length === 0 ? 200 : 500, value: { live: silent.length === 0, silent } };
}

/** `/readyz`: 503 says that it does not work just now, and why; also what does not make it unready is told. */
export function readyAnswer({ ready, state, troubles }: Readiness): ProbeAnswer {
  const told = troubles.map(({ kind, name, since, reason, hint }) => ({
    kind,
    name: plainText(name),
    since: timeText(since),
    reason: plainText(reason),
    hint: hint === null ? null : plainText(hint),
  }));
  return { status: ready ? 200 : 503, value: { ready, state, troubles: told } };
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
