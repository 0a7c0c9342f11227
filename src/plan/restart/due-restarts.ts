import { sha256Hex } from '../../domain/digest.ts';
import { partOf } from '../../domain/grouping/grouping.ts';
import { RESTART_DUE, SECRET_VERSIONS } from '../../domain/policy.ts';
import { parseWorkloadToken } from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { groupOfUser } from '../group.ts';
import { type GroupName, inPart, smallest } from '../grouping/group-names.ts';
import { targetOf } from '../markers/marker-target.ts';
import { addressOf, type Edit, type Obstacle, overlayNote, type Plan, type Skip, skipOf, sortPlan } from '../plan.ts';
import { outsideScope, type Scope } from '../scope.ts';
import { feederName, feedersOf, restartDue } from './feeder-versions.ts';
import { restartMade, restartsAt, restartTime } from './restart-mark.ts';
import { type Drivers, driversOf, restartNotes } from './restart-notes.ts';
import { restartOrder, whyOnlyRefreshed } from './restart-order.ts';
import { shownSource } from './sources/source-names.ts';
import { type Cause, whyNotRestarted } from './why-not-restarted.ts';

/** A workload whose restart stands announced on the base and has not been made. */
export interface DueRestart {
  readonly workload: Placed<WorkloadFacts>;
  /** The edit that says for which versions it was made; in a pod template that makes it as well. */
  readonly edit: Edit;
  /** True where `spec.restartAt` makes it: see {@link restartEdits}. */
  readonly isTimed: boolean;
  /** Every ExternalSecret that feeds the workload. */
  readonly feeders: readonly IndexedExternalSecret[];
  /** Names, as `restart-due` holds them, whose versions the pod template does not name yet. */
  readonly changed: readonly string[];
}

/** Due restarts that share a branch and a pull request. */
export interface RestartGroup extends GroupName {
  readonly restarts: readonly DueRestart[];
}

export interface DueRestarts {
  readonly groups: readonly RestartGroup[];
  readonly skips: readonly Skip[];
}

/**
 * Stage two, from the base branch alone: every workload whose `restart-due` differs from its pod template's annotation.
 * A workload without `restart-due` is never due. Each belongs to the part of its own file, whose people restart it, and there to
 * the smallest group of all ExternalSecrets that feed it: its branch does not depend on which of them moved.
 */
export function dueRestarts(index: Index, scope: Scope): DueRestarts {
  const groups = new Map<string, GroupName & { readonly restarts: DueRestart[] }>();
  const skips: Skip[] = [];
  const drivers = driversOf(index);
  for (const workload of index.workloads) {
    const found = lookAt({ index, scope, drivers }, workload);
    if (found === null) continue;
    if ('code' in found) {
      skips.push(found);
      continue;
    }
    const name = restartGroupOf(index, found, scope);
    const group = groups.get(name.key) ?? { ...name, restarts: [] };
    group.restarts.push(found);
    groups.set(name.key, group);
  }
  return { groups: [...groups.values()].toSorted((left, right) => (left.key < right.key ? -1 : 1)), skips };
}

/** All of stage two at once, whatever evidence there is: for a person who says that the refresh was applied at `now`. */
export function planRestart(index: Index, scope: Scope, now: number): Plan {
  const { groups, skips } = dueRestarts(index, scope);
  const edits = groups.flatMap(({ restarts }) => restarts.flatMap((one) => restartEdits(one, restartTime(now))));
  return sortPlan({ edits, skips });
}

/** Everything that makes a restart. `time`: pods that a Rollout started before it are replaced. */
export function restartEdits({ workload, edit, isTimed }: DueRestart, time: string): readonly Edit[] {
  if (!isTimed) return [edit];
  const { restartAt } = workload.rollout;
  const at: Edit = { ...edit, target: 'spec', annotation: 'restartAt', before: restartAt, after: time };
  return [{ ...edit, notes: [], reason: 'It records the versions that spec.restartAt restarts it for.' }, at];
}

/**
 * One restart in a word, as the trailer of its commit has it: the same workload is due again under another one. Only letters,
 * digits and a few signs, whatever the names are.
 */
export function restartName({ path, kind, namespace, name, after }: Edit): string {
  return `${plain(path)}:${plain(kind)}/${plain(namespace ?? '-')}/${plain(name)} ${after}`;
}

interface Surroundings {
  readonly index: Index;
  readonly scope: Scope;
  readonly drivers: Drivers;
}

function lookAt({ index, scope, drivers }: Surroundings, workload: Placed<WorkloadFacts>): DueRestart | Skip | null {
  const feeders = feedersOf(index, workload);
  const due = restartDue(workload, feeders);
  const made = restartMade(workload, scope.restart);
  if (due === undefined || due === made) return null;
  const wanted = parseWorkloadToken(due);
  if (wanted === null) return skipOf(workload, FOREIGN_DUE);
  const before = parseWorkloadToken(made);
  const changed = [...wanted].flatMap(([name, digest]) => (before?.get(name) === digest ? [] : [name]));
  const causes = feeders.filter(({ object }) => changed.includes(feederName(object)));
  const users = causes.map((user) => ({ user }));
  if (isQuiet(workload, users, scope)) return null;
  const obstacle = whyNotDue(workload, users, scope);
  if (obstacle !== null) return skipOf(workload, obstacle);
  const notes = restartNotes(workload, users, scope.restart, drivers);
  const isTimed = restartsAt(workload, scope.restart);
  const edit = restartEdit(workload, writersOf(wanted.keys(), causes, feeders), { after: due, before: made, notes });
  return { workload, edit: isTimed ? { ...edit, target: 'metadata' } : edit, isTimed, feeders, changed };
}

/** True for a marker that a branch which only refreshes has nothing to say of: nobody announced anything. */
function isQuiet(workload: Placed<WorkloadFacts>, causes: readonly Cause[], scope: Scope): boolean {
  const sources = causes.map(({ user }) => user.object);
  return workload.marker !== undefined && restartOrder(workload, sources, scope) === 'refreshOnly';
}

function whyNotDue(workload: Placed<WorkloadFacts>, causes: readonly Cause[], scope: Scope): Obstacle | null {
  const sources = causes.map(({ user }) => user.object);
  const order = restartOrder(workload, sources, scope);
  return (
    whyOnlyRefreshed(workload, sources, scope) ??
    (order === 'refreshOnly' ? REFRESH_ONLY : null) ??
    outsideScope(scope, workload) ??
    whyNotRestarted(workload, causes, scope.restart)
  );
}

const FOREIGN_DUE: Obstacle = {
  code: 'not-editable',
  reason: `Its ${RESTART_DUE} was not written by gitops-reloader.`,
  hint: 'Remove it.',
};

const REFRESH_ONLY: Obstacle = {
  code: 'not-selected',
  reason: 'This branch is configured to refresh only: no workload is restarted.',
  hint: `Remove its ${RESTART_DUE}, or set the order to staged.`,
};

/** Written as `restart-due` has it, letter by letter: only then is it never due again. */
function restartEdit(
  workload: Placed<WorkloadFacts>,
  writers: readonly Writer[],
  written: Pick<Edit, 'after' | 'before' | 'notes'>,
): Edit {
  return {
    ...addressOf(workload),
    stage: 2,
    ...targetOf(workload, 'template'),
    template: workload.template,
    annotation: SECRET_VERSIONS,
    ...written,
    secrets: [],
    chain: [...writers.map(({ title }) => title), `${workload.kind}/${workload.name}`],
    reason: [
      `${workload.marker === undefined ? RESTART_DUE : 'Its refresh marker'} on the base branch differs from what it was last restarted for: it restarts with the versions of ${writers.map(({ name }) => name).join(', ')}.`,
      ...overlayNote(workload),
    ].join(' '),
  };
}

/** What a restart is for: by its name, and as a chain has it. */
interface Writer {
  readonly name: string;
  readonly title: string;
}

/** All that a workload's token names; a marker is named by the scalar that it marks. */
function writersOf(
  names: Iterable<string>,
  causes: readonly IndexedExternalSecret[],
  feeders: readonly IndexedExternalSecret[],
): readonly Writer[] {
  const markers = causes.flatMap(({ object: { kind, name, marker } }) =>
    marker === undefined ? [] : [{ name, title: `${kind}/${name}` }],
  );
  return markers.length > 0 ? markers : [...names].map((name) => ({ name, title: titleOfName(feeders, name) }));
}

/** A name in a workload's annotation is told with the kind of what feeds it; what is gone was most likely of the usual one. */
function titleOfName(feeders: readonly IndexedExternalSecret[], name: string): string {
  const feeder = feeders.find(({ object }) => feederName(object) === name);
  return shownSource(name) ?? `${feeder?.object.kind ?? 'ExternalSecret'}/${name}`;
}

/**
 * The group that restarts a workload. Of what feeds it those groups count that are in its own part, where there are any. What fed
 * it may be gone: its restart is due all the same, on a branch of its own.
 */
export function restartGroupOf(
  index: Index,
  { workload, feeders }: Pick<DueRestart, 'workload' | 'feeders'>,
  { grouping }: Pick<Scope, 'grouping'>,
): GroupName {
  const part = partOf(workload.path, grouping);
  const groups = feeders.flatMap((user) => groupOfUser(index, user, grouping) ?? []);
  const own = smallest(groups.filter((group) => group.part.key === part.key));
  if (own !== null) return own;
  const [other, { path, kind, name }] = [smallest(groups), workload];
  if (other === null) return inPart({ key: JSON.stringify(['restart', path, kind, name]), name }, part);
  return inPart({ key: JSON.stringify(['fed from', other.key]), name: other.name }, part);
}

/** The ExternalSecrets among the feeders that a changed name stands for: none where it is gone, several of one name. */
export function feedersNamed({ feeders }: DueRestart, changed: string): readonly IndexedExternalSecret[] {
  return feeders.filter(({ object }) => feederName(object) === changed);
}

function plain(text: string): string {
  const safe = text.replaceAll(/[^A-Za-z0-9/_.-]/g, '~');
  return safe === text && text.length <= 200 ? text : `${safe.slice(0, 200)}~${sha256Hex(text, 8)}`;
}
