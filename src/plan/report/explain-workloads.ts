import type { Order } from '../../domain/policy.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { pinOf } from '../../manifests/indexing/pins/follow-pins.ts';
import { isSkipOf, type Obstacle, objectKey, type Skip } from '../plan.ts';
import { feedersOf, restartDue } from '../restart/feeder-versions.ts';
import { restartMade } from '../restart/restart-mark.ts';
import { restartOrder, whyOnlyRefreshed } from '../restart/restart-order.ts';
import { whyNotBySource } from '../restart/sources/source-uses.ts';
import { whyBypassed, whyNotRestarted } from '../restart/why-not-restarted.ts';
import { outsideScope, type Scope } from '../scope.ts';
import type { UsingObject } from './explain-objects.ts';
import type { ExplainedWorkload, ObjectStanding } from './explanation.ts';
import { shownObject } from './look.ts';
import { quietStanding, type RestartStanding } from './restart-standing.ts';

/** What is known of restarts when workloads are explained. */
export interface WorkloadFacts {
  readonly index: Index;
  readonly scope: Scope;
  /** Of every restart that is due, by the workload's `objectKey`. */
  readonly due: ReadonlyMap<string, RestartStanding>;
  /** Restarts that look due and are left alone. */
  readonly skips: readonly Skip[];
}

/** The workloads that consume what an ExternalSecret writes, or look as if they did, each with what becomes of its restart. */
export function explainWorkloads(
  { user, standing }: Pick<UsingObject, 'user' | 'standing'>,
  facts: WorkloadFacts,
): readonly ExplainedWorkload[] {
  const fed = user.consumers.map((workload) => {
    return {
      ...shownObject(workload),
      restart:
        facts.due.get(objectKey(workload)) ?? afterObject(standing, user.object.kind, quiet(user, workload, facts)),
      restartDue: restartDue(workload, feedersOf(facts.index, workload)) ?? null,
      restartMade: restartMade(workload, facts.scope.restart),
    };
  });
  return [...fed, ...explainBypassed(user, facts)];
}

function explainBypassed(user: UsingObject['user'], { index, scope }: WorkloadFacts): readonly ExplainedWorkload[] {
  if ('source' in user) return [];
  return (user.bypassed ?? []).map((workload) => ({
    ...shownObject(workload),
    isBypassed: true,
    restart: quietStanding(whyBypassed(workload, user.object), 'never'),
    restartDue: restartDue(workload, feedersOf(index, workload)) ?? null,
    restartMade: restartMade(workload, scope.restart),
  }));
}

/** What is never refreshed announces no restart. */
function afterObject({ kind }: ObjectStanding, fed: string, restart: RestartStanding): RestartStanding {
  if (kind !== 'left-alone' || restart.kind !== 'not-announced') return restart;
  return { ...restart, reason: `No restart was announced, and none will be: its ${fed} is left alone.` };
}

type Workload = IndexedExternalSecret['consumers'][number];

/** Why a workload is never restarted for what names the secret. */
function lastingObstacle(user: UsingObject['user'], workload: Workload, scope: Scope): Obstacle | null {
  if ('source' in user) return whyNotBySource(workload, user, scope);
  return whyOnlyRefreshed(workload, [user.object], scope) ?? whyNotRestarted(workload, [{ user }], scope.restart);
}

function quiet(user: UsingObject['user'], workload: Workload, { index, scope, skips }: WorkloadFacts): RestartStanding {
  const skip = skips.find((one) => isSkipOf(one, workload));
  const due = restartDue(workload, feedersOf(index, workload));
  const made = restartMade(workload, scope.restart);
  const order = restartOrder(workload, 'source' in user ? [] : [user.object], scope);
  const isAtOnce = order === 'together' || order === 'gated' || isRenamedFor(user, scope);
  const isMade = made !== null && (due === made || (due === undefined && isAtOnce));
  const obstacle = skip ?? lastingObstacle(user, workload, scope) ?? outsideScope(scope, workload) ?? whyNever(order);
  return quietStanding(obstacle, isMade ? 'made' : 'never');
}

/** True where a new name of its Secret restarts the workload: nothing announces that. */
function isRenamedFor(user: UsingObject['user'], { pin }: Scope): boolean {
  return !('source' in user) && pinOf(user, pin) === 'name';
}

function whyNever(order: Order): Obstacle | null {
  if (order !== 'refreshOnly') return null;
  return { code: 'not-selected', reason: 'This branch is configured to refresh only.', hint: null };
}
