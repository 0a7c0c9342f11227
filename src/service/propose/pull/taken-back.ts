import { Failure } from '../../../domain/failure.ts';
import { RESTART_DUE, SECRET_VERSIONS, syncAnnotation } from '../../../domain/policy.ts';
import { type Oid, parseRepoPath } from '../../../domain/repo-path.ts';
import { parseToken } from '../../../domain/token.ts';
import type { Index, IndexedExternalSecret } from '../../../manifests/graph.ts';
import type { BlobFacts, Placed, WorkloadFacts } from '../../../manifests/objects.ts';
import type { TurnedDown } from '../../../plan/life/turned-down.ts';
import { objectKey, type Skip } from '../../../plan/plan.ts';
import type { RefreshRequest } from '../../../plan/plan-refresh.ts';
import { isNamedIn } from '../../../plan/secret-name.ts';
import type { TreeEntry } from '../../../ports.ts';
import { parserOf, readFacts } from '../../reading/read-files.ts';
import type { Round } from '../../round.ts';
import { textReader } from '../draft/draft-edits.ts';
import { draftPlan } from '../draft/draft-plan.ts';
import type { TipObject } from '../tip/own-branch.ts';

/**
 * Plans, and holds what people took back on the base. An object that looks so may only be newer than the merge, or was not part
 * of it: where the merged commit did not bring the version to it, it is planned as any other.
 */
export async function planUnlessTakenBack(round: Round, request: RefreshRequest): ReturnType<typeof draftPlan> {
  const readText = textReader(round.snapshot, round.signal);
  const first = await draftPlan(readText, request);
  const held = first.refresh.plan.skips.filter(({ code }) => code === 'reverted');
  if (held.length === 0) return first;
  const spared = await sparedOf(round, request.turnedDown, held);
  if (spared.size === 0) return first;
  return draftPlan(readText, { ...request, turnedDown: { ...request.turnedDown, spared } });
}

async function sparedOf(round: Round, { reverted }: TurnedDown, held: readonly Skip[]): Promise<ReadonlySet<string>> {
  const paths = new Set<string>(held.map(({ path }) => path));
  const spared = new Set<string>();
  const heads = new Map<Oid, readonly TipObject[] | null>();
  for (const head of new Set(reverted.values())) heads.set(head, await objectsAt(round, head, paths));
  const brought = (object: Pick<TipObject, 'path' | 'kind' | 'name'>, isIt: (at: TipObject) => boolean) =>
    [...heads.values()].some((objects) => objects === null || objects.some((one) => isAlike(one, object) && isIt(one)));
  for (const user of heldUsers(round.index, held)) {
    if (!brought(user.object, (at) => hasVersion(at, user, reverted))) spared.add(objectKey(user.object));
  }
  for (const workload of heldWorkloads(round.index, held)) {
    if (!brought(workload, (at) => announced(at) !== announced(workload))) spared.add(objectKey(workload));
  }
  return spared;
}

function isAlike(left: Pick<TipObject, 'path' | 'kind' | 'name'>, right: Pick<TipObject, 'path' | 'kind' | 'name'>) {
  return left.path === right.path && left.kind === right.kind && left.name === right.name;
}

function hasVersion(at: TipObject, { home }: IndexedExternalSecret, reverted: TurnedDown['reverted']): boolean {
  const token = parseToken(at.annotations.get(syncAnnotation(at.kind)) ?? null) ?? [];
  return token.some((entry) => isNamedIn(reverted, entry, home));
}

function announced(at: TipObject | Placed<WorkloadFacts>): string {
  const template = at.type === 'workload' ? at.templateAnnotations.get(SECRET_VERSIONS) : undefined;
  return JSON.stringify([at.annotations.get(RESTART_DUE) ?? null, template ?? null]);
}

function heldUsers({ externalSecrets }: Index, held: readonly Skip[]): readonly IndexedExternalSecret[] {
  return externalSecrets.filter(({ object }) => held.some((skip) => isSkipOf(skip, object)));
}

function heldWorkloads({ workloads }: Index, held: readonly Skip[]): readonly Placed<WorkloadFacts>[] {
  return workloads.filter((workload) => held.some((skip) => isSkipOf(skip, workload)));
}

function isSkipOf(skip: Skip, object: Pick<Skip, 'path' | 'kind' | 'name'> & { resolvedNamespace: string | null }) {
  return isAlike(skip, object) && skip.namespace === object.resolvedNamespace;
}

/** Null where the host does not show this commit any more. */
async function objectsAt(round: Round, oid: Oid, paths: ReadonlySet<string>): Promise<readonly TipObject[] | null> {
  const { workspace, settings } = round.served;
  try {
    const snapshot = await workspace.snapshot({ name: `refs/heads/${settings.base}`, oid }, round.signal);
    const entries = snapshot.entries.filter(({ path }) => paths.has(path));
    const facts = await readFacts(snapshot, entries, parserOf(round.served), round.signal);
    return entries.flatMap((entry) => objectsIn(entry, facts.get(entry.oid)));
  } catch (error) {
    const isGone = error instanceof Failure && (error.retry === 'never' || error.code === 'git-rejected');
    if (isGone) return null;
    throw error;
  }
}

function objectsIn(entry: TreeEntry, facts: BlobFacts | undefined): readonly TipObject[] {
  const path = parseRepoPath(entry.path);
  return path === null || facts === undefined ? [] : facts.objects.map((object) => ({ ...object, path }));
}
