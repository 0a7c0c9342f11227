import { FORCE_SYNC, RESTART_DUE, SECRET_VERSIONS, WORKLOAD_KINDS } from '../domain/policy.ts';
import { parseToken, type Token, versionsDigest } from '../domain/token.ts';
import { formatWorkloadToken, parseWorkloadToken, type WorkloadToken } from '../domain/workload-token.ts';
import type { Index, IndexedExternalSecret } from '../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../manifests/objects.ts';
import { addressOf, type Edit, objectKey, type Plan, type Skip, sortPlan } from './plan.ts';
import { outsideScope, type Scope } from './scope.ts';

/** An ExternalSecret that a plan bumps, with its new token. */
export interface Refreshed {
  readonly user: IndexedExternalSecret;
  readonly token: Token;
  /** Token keys of the secrets that changed. */
  readonly secrets: readonly string[];
}

type Workload = Placed<WorkloadFacts>;

/**
 * What bumping these ExternalSecrets means for the workloads that consume them: under `staged` they are announced by
 * `restart-due` on their own metadata (no rollout), under `together` the pod template is changed at once.
 */
export function announceRestarts(
  index: Index,
  refreshed: readonly Refreshed[],
  scope: Scope,
  notEditable: ReadonlyMap<string, Skip>,
): Plan {
  if (scope.order === 'refreshOnly') return { edits: [], skips: [] };
  const workloads = new Map(refreshed.flatMap(({ user }) => user.consumers.map((one) => [objectKey(one), one])));
  const edits: Edit[] = [];
  const skips: Skip[] = [];
  for (const workload of workloads.values()) {
    const causes = refreshed.filter(({ user }) => user.consumers.some((one) => objectKey(one) === objectKey(workload)));
    const obstacle =
      notEditable.get(objectKey(workload)) ?? whyNotRestarted(workload, causes) ?? outsideScope(scope, workload);
    if (obstacle === null)
      edits.push(...restartEdits(workload, workloadToken(index, refreshed, workload), causes, scope));
    else skips.push(skipOf(workload, obstacle));
  }
  return { edits, skips };
}

/**
 * Stage two, from the base branch alone: every workload whose `restart-due` differs from its pod template's annotation.
 * A workload without `restart-due` is never due.
 */
export function planRestart(index: Index, scope: Scope): Plan {
  const edits: Edit[] = [];
  const skips: Skip[] = [];
  for (const workload of index.workloads) {
    const due = workload.annotations.get(RESTART_DUE);
    if (due === undefined || due === workload.templateAnnotations.get(SECRET_VERSIONS)) continue;
    const token = parseWorkloadToken(due);
    const obstacle = token === null ? foreignDue() : outsideScope(scope, workload);
    if (token === null || obstacle !== null) skips.push(skipOf(workload, obstacle ?? foreignDue()));
    else edits.push(stageTwoEdit(workload, token));
  }
  return sortPlan({ edits, skips });
}

type Obstacle = Pick<Skip, 'code' | 'reason' | 'hint'>;

function foreignDue(): Obstacle {
  return { code: 'not-editable', reason: `Its ${RESTART_DUE} was not written by gitops-reloader.`, hint: 'Remove it.' };
}

function whyNotRestarted(workload: Workload, causes: readonly Refreshed[]): Obstacle | null {
  if (workload.kind === 'CronJob' || workload.kind === 'Job') {
    return { code: 'next-run-only', reason: `A ${workload.kind} picks the new value up at its next run.`, hint: null };
  }
  if (!WORKLOAD_KINDS.some((kind) => kind === workload.kind)) {
    return {
      code: 'unsupported-kind',
      reason: `Workloads of kind ${workload.kind} are not restarted yet.`,
      hint: 'Restart it by hand after the refresh.',
    };
  }
  const targets = causes.map(({ user }) => user.object.targetName);
  const uses = workload.secrets.filter((secret) => targets.includes(secret.name));
  if (uses.every((secret) => secret.via === 'imagePullSecret')) {
    return {
      code: 'image-pull-secret',
      reason: 'It names the Secret only to pull images: running pods do not need a restart.',
      hint: null,
    };
  }
  return null;
}

/** The digests of all ExternalSecrets that feed a workload, as they will be after this plan. */
function workloadToken(index: Index, refreshed: readonly Refreshed[], workload: Workload): WorkloadToken {
  const planned = new Map(refreshed.map(({ user, token }) => [objectKey(user.object), token]));
  const token = new Map<string, string>();
  for (const user of index.externalSecrets) {
    if (!user.consumers.some((one) => objectKey(one) === objectKey(workload))) continue;
    const current = planned.get(objectKey(user.object)) ?? parseToken(user.object.annotations.get(FORCE_SYNC) ?? null);
    if (current !== null) token.set(user.object.name, versionsDigest(current));
  }
  return token;
}

function restartEdits(
  workload: Workload,
  token: WorkloadToken,
  causes: readonly Refreshed[],
  scope: Scope,
): readonly Edit[] {
  const after = formatWorkloadToken(token);
  const secrets = [...new Set(causes.flatMap((cause) => cause.secrets))].toSorted();
  const names = causes.map(({ user }) => user.object.name).toSorted();
  const chain = causes.flatMap(({ user }) => [
    `ExternalSecret/${user.object.name}`,
    `Secret/${user.object.targetName}`,
  ]);
  const common = { ...addressOf(workload), stage: 1 as const, after, secrets };
  const due = workload.annotations.get(RESTART_DUE) ?? null;
  const announce: Edit = {
    ...common,
    target: 'metadata',
    annotation: RESTART_DUE,
    before: due,
    chain: [...chain, `${workload.kind}/${workload.name}`],
    reason: `It consumes what ${names.join(', ')} writes: it restarts in stage two, after the refresh. No rollout now.`,
  };
  const restart: Edit = {
    ...announce,
    target: 'template',
    annotation: SECRET_VERSIONS,
    before: workload.templateAnnotations.get(SECRET_VERSIONS) ?? null,
    reason: `It consumes what ${names.join(', ')} writes: it restarts together with the refresh, and may start with the old value.`,
  };
  // An older restart-due would call for a second restart, back to older versions: it moves along.
  const edits = scope.order === 'together' ? (due === null ? [restart] : [announce, restart]) : [announce];
  return edits.filter((edit) => edit.before !== edit.after);
}

function stageTwoEdit(workload: Workload, token: WorkloadToken): Edit {
  const names = [...token.keys()];
  return {
    ...addressOf(workload),
    stage: 2,
    target: 'template',
    annotation: SECRET_VERSIONS,
    before: workload.templateAnnotations.get(SECRET_VERSIONS) ?? null,
    after: formatWorkloadToken(token),
    secrets: [],
    chain: [...names.map((name) => `ExternalSecret/${name}`), `${workload.kind}/${workload.name}`],
    reason: `${RESTART_DUE} on the base branch differs from its pod template: it restarts with the versions of ${names.join(', ')}.`,
  };
}

function skipOf(workload: Workload, { code, reason, hint }: Obstacle): Skip {
  const { path, kind, name, resolvedNamespace } = workload;
  return { path, kind, namespace: resolvedNamespace, name, code, reason, hint };
}
