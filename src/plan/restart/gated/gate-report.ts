import type { Index } from '../../../manifests/graph.ts';
import { outsideScope, type Scope } from '../../scope.ts';
import { feedersOf } from '../feeder-versions.ts';
import { restartOrder } from '../restart-order.ts';
import { whyNotRestarted } from '../why-not-restarted.ts';
import { shownApplied } from './gate-verdict.ts';
import { proveGate } from './prove-gate.ts';

/** How many workloads of a branch order `gated` is for, and of how many it is proven. */
export interface GateReport {
  readonly workloads: number;
  readonly proven: number;
  /** The first of which it is not proven, with why and what to change; null where there is none. */
  readonly first: string | null;
  /** What people have to look after, as no file shows it. */
  readonly unseen: string | null;
}

/** Looks at every workload that an ExternalSecret here feeds, as if all of those were refreshed at once. */
export function gateReport(index: Index, scope: Scope): GateReport {
  const verdicts = index.workloads.flatMap((workload) => {
    const feeders = feedersOf(index, workload);
    const secrets = feeders.map(({ object }) => object);
    if (secrets.length === 0 || workload.marker !== undefined) return [];
    if (restartOrder(workload, secrets, scope) !== 'gated' || outsideScope(scope, workload) !== null) return [];
    const causes = feeders.map((user) => ({ user }));
    if (whyNotRestarted(workload, causes, scope.restart) !== null) return [];
    return [{ workload, verdict: proveGate(workload, secrets, index) }];
  });
  const refused = verdicts.flatMap(({ workload, verdict }) =>
    verdict.kind === 'not-proven' ? [`${shownApplied(workload)}: ${verdict.reason} ${verdict.fix}`] : [],
  );
  const unseen = verdicts.flatMap(({ verdict }) => (verdict.kind === 'proven' ? (verdict.unseen ?? []) : []));
  return {
    workloads: verdicts.length,
    proven: verdicts.length - refused.length,
    first: refused[0] ?? null,
    unseen: unseen[0] ?? null,
  };
}
