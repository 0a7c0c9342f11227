import { type Order, RESTART_DUE, SECRET_VERSIONS } from '../../domain/policy.ts';
import type { Token } from '../../domain/token.ts';
import { formatWorkloadToken } from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { targetOf, writerOf } from '../markers/marker-target.ts';
import type { Renaming } from '../pin/rename-secret.ts';
import { renameIn } from '../pin/rename-workloads.ts';
import {
  addressOf,
  type Edit,
  type Note,
  type Obstacle,
  objectKey,
  overlayNote,
  type Plan,
  type Skip,
  skipOf,
} from '../plan.ts';
import { outsideScope, type Scope } from '../scope.ts';
import { feedersOf, feederVersions, pendingFeeders } from './feeder-versions.ts';
import type { GateVerdict } from './gated/gate-verdict.ts';
import { gateNotes, proveGate } from './gated/prove-gate.ts';
import { restartsAt } from './restart-mark.ts';
import { driversOf, restartNotes } from './restart-notes.ts';
import { restartOrder, whyOnlyRefreshed } from './restart-order.ts';
import { type DueSource, type MovedSources, namedBy } from './sources/moved-sources.ts';
import { bringing, restartForSources, withSources } from './sources/restart-for-sources.ts';
import { whyBypassed, whyNotRestarted } from './why-not-restarted.ts';

/** An ExternalSecret that a plan bumps, with its new token. */
export interface Refreshed {
  readonly user: IndexedExternalSecret;
  readonly token: Token;
  /** The secrets that changed, as `secretName` has them. */
  readonly secrets: readonly string[];
  /** What its Secret is called from now on; null, or left out, where it keeps its name. */
  readonly renaming?: Renaming | null;
}

type Workload = Placed<WorkloadFacts>;

/**
 * What bumping these ExternalSecrets means for the workloads that consume them: under `staged` they are announced by
 * `restart-due` on their own metadata (no rollout), under `together` the pod template is changed at once. Under `gated` so, too, where
 * it is proven that it is applied after the refresh; what is not proven is announced.
 */
export function announceRestarts(
  index: Index,
  refreshed: readonly Refreshed[],
  scope: Scope,
  { notEditable, due: dueSources }: AnnounceContext,
): Plan {
  const drivers = driversOf(index);
  const bumped = new Map(refreshed.map((one) => [one.user, one]));
  const tokens = new Map(refreshed.map(({ user, token }) => [user, token]));
  const edits: Edit[] = [];
  const skips: Skip[] = [];
  for (const [workload, feeders] of feedersOfAll(index, refreshed)) {
    const causes = feeders.flatMap((user) => bumped.get(user) ?? []);
    const sources = dueSources.get(workload) ?? [];
    const token = withSources(feederVersions(feeders, tokens), namedBy(workload, scope), sources);
    if (causes.some(({ renaming = null }) => renaming !== null)) {
      edits.push(...renameIn(workload, causes, { versions: token, sources }));
      continue;
    }
    const objects = causes.map(({ user }) => user.object);
    const pending = pendingFeeders(workload, feeders, scope).filter((user) => !bumped.has(user));
    const waited = [...objects, ...pending.map(({ object }) => object)];
    const order = orderOf(workload, { objects, waited }, scope);
    const only = whyOnlyRefreshed(workload, objects, scope);
    // Where the branch as a whole only refreshes, no workload is spoken of.
    if (order === 'refreshOnly' && only === null) continue;
    const obstacle =
      notEditable.get(objectKey(workload)) ??
      only ??
      whyNotRestarted(workload, causes, scope.restart) ??
      outsideScope(scope, workload);
    if (obstacle !== null) {
      skips.push(skipOf(workload, obstacle));
      continue;
    }
    const { how, notes: ofGate } = howRestarted(workload, order, waited, { index, scope });
    if (how === 'by-refresh-marker') continue;
    const notes = [...ofGate, ...restartNotes(workload, causes, scope.restart, drivers)];
    const due = restartEdits(workload, formatWorkloadToken(token), causes, { how, notes, sources });
    edits.push(...due);
    if (due.length === 0) skips.push(skipOf(workload, ALREADY_ANNOUNCED));
  }
  const alone = forSourcesAlone(index, refreshed, scope, { due: dueSources, edits });
  return { edits: [...edits, ...alone], skips: [...skips, ...bypassedSkips(refreshed, scope)] };
}

/** Workloads that look fed by what is refreshed, and are not. */
function bypassedSkips(refreshed: readonly Refreshed[], scope: Scope): readonly Skip[] {
  return refreshed.flatMap(({ user: { object, bypassed = [] } }) =>
    bypassed
      .filter((workload) => restartOrder(workload, [object], scope) !== 'refreshOnly')
      .map((workload) => skipOf(workload, whyBypassed(workload, object))),
  );
}

/** What is taken out, and the workloads that restart sources ask for. */
interface AnnounceContext {
  readonly notEditable: ReadonlyMap<string, Obstacle>;
  readonly due: MovedSources['due'];
}

/** Workloads that nothing is refreshed for in this plan. */
function forSourcesAlone(
  index: Index,
  refreshed: readonly Refreshed[],
  scope: Scope,
  { due, edits }: Pick<AnnounceContext, 'due'> & { readonly edits: readonly Edit[] },
): readonly Edit[] {
  const drivers = driversOf(index);
  const reached = new Set(refreshed.flatMap(({ user }) => user.consumers));
  // What is refreshed as well waits for that.
  const isEdited = (workload: Workload) => reached.has(workload) && edits.some((edit) => isEditOf(edit, workload));
  return [...due].flatMap(([workload, sources]) =>
    isEdited(workload) ? [] : restartForSources(workload, sources, scope, drivers),
  );
}

function isEditOf(edit: Edit, { path, document, item, kind, name, namespace }: Workload): boolean {
  const isPlace = edit.path === path && edit.kind === kind && edit.name === name;
  return (
    isPlace &&
    (edit.overlay === undefined
      ? edit.document === document && edit.item === item
      : edit.overlay.namespace === namespace)
  );
}

/**
 * The order of a restart. Where another one is due already, this one would make it, too: then it waits as that one does. `waited`: what
 * is refreshed now, and what that one waits for.
 */
function orderOf(
  workload: Workload,
  { objects, waited }: Readonly<Record<'objects' | 'waited', readonly Refreshed['user']['object'][]>>,
  scope: Scope,
): Order {
  const order = restartOrder(workload, objects, scope);
  return order === 'refreshOnly' ? order : restartOrder(workload, waited, scope);
}

/** How a workload restarts by this order, and what is to be known of that. */
function howRestarted(
  workload: Workload,
  order: Order,
  causes: readonly Refreshed['user']['object'][],
  { index, scope }: { readonly index: Index; readonly scope: Scope },
): { readonly how: Restart['how'] | 'by-refresh-marker'; readonly notes: readonly Note[] } {
  const isTimed = restartsAt(workload, scope.restart);
  // A restart marker needs no announcement: its refresh marker, in the same file, is one.
  const later = workload.marker === undefined ? 'announced' : 'by-refresh-marker';
  if (order === 'gated') {
    const verdict = isTimed ? BY_TIME : proveGate(workload, causes, index);
    return { how: verdict.kind === 'proven' ? 'gated' : later, notes: gateNotes(verdict) };
  }
  return { how: order === 'together' && !isTimed ? 'at-once' : later, notes: [] };
}

/** What `restartAt` restarts has no place in a wave. */
const BY_TIME: GateVerdict = {
  kind: 'not-proven',
  reason: 'spec.restartAt restarts it, by a time that has to come after the refresh.',
  fix: 'Set spec.repositories[].restart.rollout: template.',
};

const ALREADY_ANNOUNCED: Obstacle = {
  code: 'already-current',
  reason: 'Its annotations already name these versions.',
  hint: null,
};

/** All ExternalSecrets that feed a workload which one of `refreshed` feeds. An index holds each object once. */
function feedersOfAll(
  index: Index,
  refreshed: readonly Refreshed[],
): ReadonlyMap<Workload, readonly IndexedExternalSecret[]> {
  const reached = refreshed.flatMap(({ user }) => user.consumers);
  return new Map(reached.map((workload) => [workload, feedersOf(index, workload)]));
}

interface Restart {
  /** `at-once`: with the refresh, in one commit. `gated`: so, too, but applied after it. */
  readonly how: 'announced' | 'gated' | 'at-once';
  readonly notes: readonly Note[];
  /** Restart sources that are due with it. */
  readonly sources: readonly DueSource[];
}

function restartEdits(
  workload: Workload,
  after: string,
  causes: readonly Refreshed[],
  { how, notes, sources }: Restart,
): readonly Edit[] {
  const names = [...new Set(causes.map(({ user }) => user.object.name))].toSorted().join(', ');
  const writers = causes.map(({ user }) => writerOf(user.object));
  const due = workload.annotations.get(RESTART_DUE) ?? null;
  const noted = (reason: string) => [reason, ...overlayNote(workload)].join(' ');
  const announce: Edit = {
    ...addressOf(workload),
    stage: 1,
    target: 'metadata',
    annotation: RESTART_DUE,
    before: due,
    after,
    secrets: [...new Set([...causes, ...sources].flatMap(({ secrets }) => secrets))].toSorted(),
    ...bringing(sources),
    chain: [...unique(writers).flat(), `${workload.kind}/${workload.name}`],
    reason: noted(
      `It consumes what ${names} writes: a restart is due once the refresh has been applied, by stage two. No rollout now.`,
    ),
    notes,
  };
  if (how === 'announced') return [announce].filter(changes);
  const restart: Edit = {
    ...announce,
    ...targetOf(workload, 'template'),
    template: workload.template,
    annotation: SECRET_VERSIONS,
    before: workload.templateAnnotations.get(SECRET_VERSIONS) ?? null,
    reason: noted(
      `${workload.marker === undefined ? `It consumes what ${names} writes` : `It follows the refresh marker on ${names}`}: ${how === 'gated' ? GATED : AT_ONCE}`,
    ),
  };
  const moved = {
    ...announce,
    notes: [],
    reason: `Its earlier ${RESTART_DUE} would ask for one more restart: it moves along.`,
  };
  return (due === null || workload.marker !== undefined ? [restart] : [moved, restart]).filter(changes);
}

const AT_ONCE = 'it restarts together with the refresh, and may start with the old value.';
const GATED = 'it restarts by the same commit, which is applied to it only after the refresh.';

function unique(pairs: readonly (readonly string[])[]): readonly (readonly string[])[] {
  return [...new Map(pairs.map((pair) => [JSON.stringify(pair), pair])).values()];
}

function changes({ before, after }: Edit): boolean {
  return before !== after;
}
