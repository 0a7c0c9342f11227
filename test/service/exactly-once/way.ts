import type { MergeMethod, MergeMode } from '../../../src/domain/life/merge-policy.ts';
import { NOBODY_MERGES } from '../../../src/domain/life/merge-policy.ts';
import { FORCE_SYNC, RESTART_DEFAULTS, type RestartPolicy } from '../../../src/domain/policy.ts';
import { everything } from '../../../src/plan/scope.ts';
import type { BranchSettings } from '../../../src/service/served-branch.ts';
import { deployment, externalSecret, version } from '../manifests.ts';
import { bring, changesOf, MAIN, refOf, type World } from '../memory-world.ts';
import { openRestarts } from '../restart-checks.ts';
import { createTeamWorld } from '../team-world.ts';
import { saidIn } from './base-history.ts';

/** How a rotation goes its way: from its message to a base on which nothing is due. */
export interface Way {
  /** `fast-forward`: the base's head is our very commit. */
  readonly method: MergeMethod | 'fast-forward';
  readonly branch: 'keep' | 'delete';
  /** `time`: stage two waits until the refresh has settled. `status`: for a status on the base. `gated`: there is no stage two. */
  readonly order: 'time' | 'status' | 'gated';
  /** Who merges. */
  readonly merge: MergeMode;
  /** When a second rotation comes. */
  readonly second: 'never' | 'before-restart' | 'beside-restart';
}

export const SETTLE = 360_000;
const DELAY = 60_000;
const CONTEXT = 'kustomization/apps/0c9c2e41';
const PERSON = { name: 'Ada', email: 'ada@example.com' };

/** Workloads that restart, each in a file of its name. */
export const WORKLOADS = ['api', 'worker', 'rollout'] as const;

const rollout = deployment('rollout', 'db').replace('apps/v1\nkind: Deployment', 'argoproj.io/v1alpha1\nkind: Rollout');
/** A workload that takes another Secret. */
export const DECOY = deployment('decoy', 'other');
const FILES = {
  'api.yaml': deployment('api', 'db'),
  'worker.yaml': deployment('worker', 'db'),
  'decoy.yaml': DECOY,
};
const WAVES = {
  'db.yaml': externalSecret('db', ['a']).replace(
    '  namespace: app\n',
    '  namespace: app\n  annotations:\n    argocd.argoproj.io/sync-wave: "-1"\n',
  ),
  'argocd.yaml': `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: app, namespace: argocd}
spec:
  destination: {namespace: app}
  source: {repoURL: "https://github.com/acme/gitops.git", targetRevision: HEAD, path: .}
`,
};

/** A world in which `a` has just moved to version 2, and a message tells so. */
export function beginWay({ order, merge }: Way): World {
  const files = order === 'gated' ? { ...FILES, ...WAVES } : { ...FILES, 'rollout.yaml': rollout };
  const world = createTeamWorld(
    { db: ['a'] },
    {
      files,
      rules: { neededApprovals: merge === 'auto' ? 1 : 0 },
    },
  );
  world.rotate('a', version(1));
  rotateTo(world, 2);
  return world;
}

export function settingsOf({ order, merge, method }: Way): Partial<BranchSettings> {
  const restart: RestartPolicy = { ...RESTART_DEFAULTS, rollout: 'restartAt' };
  return {
    scope: order === 'gated' ? everything('gated') : { ...everything('staged'), restart },
    settleMilliseconds: SETTLE,
    evidence: {
      delayMilliseconds: DELAY,
      statuses: order === 'status' ? [{ paths: [], contexts: ['kustomization/apps/*'] }] : [],
    },
    merge: { ...NOBODY_MERGES, mode: merge, method: method === 'fast-forward' ? null : method },
  };
}

function rotateTo(world: World, number: number): void {
  world.rotate('a', version(number));
  world.tell('a', version(number));
}

/** What applies the base reports that it has. */
export async function reportApplied({ workspace, forge }: World): Promise<void> {
  await forge.report(workspace.tip(MAIN) ?? '', CONTEXT, 'success');
}

/** Those around the service: who merges, who rotates, who applies what is merged and reports it. */
export interface Surroundings {
  /** What they do between two looks of the service. Says what was restarted before its refresh counted as applied. */
  act(): Promise<readonly string[]>;
}

export function surroundingsOf(world: World, way: Way): Surroundings {
  let isSecondOut = way.second === 'never';
  let known = world.workspace.tip(MAIN);
  // What each `restart-due` waits for: when its refresh was merged, or its status reported.
  const applied = new Map<string, number>();
  const head = () => world.workspace.tip(MAIN) ?? '';
  const due = () => saidIn(world.workspace.fileAt(MAIN, 'api.yaml') ?? '').due;

  const report = async (): Promise<boolean> => {
    // What applies the base needs a while: it reports what it found there when it was asked last.
    const isApplied = known === head();
    if (isApplied) await reportApplied(world);
    known = head();
    // A check of the pull request itself says nothing of the base.
    for (const pull of await world.open()) await world.forge.report(pull.head, CONTEXT, 'success');
    return isApplied;
  };
  const second = async (): Promise<boolean> => {
    const isMerged = world.workspace.fileAt(MAIN, 'db.yaml')?.includes(FORCE_SYNC) === true;
    const isTime = way.second === 'before-restart' ? isMerged : (await openRestarts(world)).length > 0;
    if (isSecondOut || !isTime) return false;
    isSecondOut = true;
    rotateTo(world, 3);
    return true;
  };
  const early = async (): Promise<readonly string[]> => {
    const restarts = await openRestarts(world);
    const wait = way.order === 'status' ? DELAY : SETTLE;
    return [MAIN, ...restarts.map(refOf)].flatMap((ref) => {
      const { made } = saidIn(world.workspace.fileAt(ref, 'api.yaml') ?? '');
      const since = made === null ? Number.NEGATIVE_INFINITY : (applied.get(made) ?? Number.POSITIVE_INFINITY);
      return way.order === 'gated' || since + wait <= world.time.now() ? [] : [`${made} was restarted too early`];
    });
  };
  const apply = () => {
    const value = due();
    if (value !== null && !applied.has(value)) applied.set(value, world.time.now());
  };
  return {
    act: async () => {
      const found = await early();
      if (way.order === 'status' && (await report())) apply();
      await world.time.pass(1000);
      if (!(await second())) await mergeAll(world, way);
      if (way.order !== 'status') apply();
      return found;
    },
  };
}

/** Where nobody is configured to merge, people do; else the forge merges by itself what was given to it. */
async function mergeAll(world: World, { method, branch, merge }: Way): Promise<void> {
  for (const pull of await world.open()) {
    if (merge === 'bot') continue;
    if (merge === 'auto') await world.forge.approve(pull.number, 'grace');
    if (merge === 'none' || pull.isAutoMerge) await mergeBy(world, pull.number, method, branch);
  }
}

/** Somebody merges by this method. False where Git would see a conflict. */
export async function mergeBy(
  world: World,
  number: number,
  method: Way['method'],
  branch: Way['branch'],
): Promise<boolean> {
  const { workspace, forge } = world;
  const pull = (await forge.pulls()).find((one) => one.number === number && one.state === 'open');
  const changes = pull === undefined ? null : await changesOf(workspace, pull, {});
  if (pull === undefined || changes === null) return false;
  const isOnTop = workspace.isAncestor(workspace.tip(MAIN) ?? '', pull.head);
  if (method === 'fast-forward' && isOnTop) workspace.moveRef(MAIN, pull.head);
  else await bring(workspace, pull, changes, method === 'fast-forward' ? 'merge' : method);
  await forge.markMerged(number);
  if (branch === 'delete') workspace.moveRef(refOf(pull), null);
  return true;
}

/** A person takes a commit back, as `git revert` does: these files are as they were before it. */
export async function takeBack(world: World, files: ReadonlyMap<string, string | null>): Promise<void> {
  world.workspace.commitTo(MAIN, files, 'Revert', PERSON);
}
