import { internalFailure } from '../../../domain/failure.ts';
import type { Index } from '../../../manifests/graph.ts';
import { type Edit, objectKey } from '../../../plan/plan.ts';
import { planRefresh, type RefreshPlan, type RefreshRequest } from '../../../plan/plan-refresh.ts';
import { checkRenames } from './check-renames.ts';
import { type Draft, draftEdits, type ReadText } from './draft-edits.ts';
import { findObject } from './find-object.ts';

/**
 * Plans and carries out; what cannot be edited exactly is taken out, and the rest planned again without it. The plan's
 * edits name the lines that they write.
 */
export async function draftPlan(
  readText: ReadText,
  request: RefreshRequest,
): Promise<{ readonly refresh: RefreshPlan; readonly draft: Draft }> {
  const refresh = planRefresh(request);
  const draft = await draftEdits(refresh.plan, readText);
  const misnamed = await checkRenames(draft.edits, request.index, readText);
  if (draft.refused.length === 0 && misnamed.length === 0) {
    return { refresh: { ...refresh, plan: { ...refresh.plan, edits: draft.edits } }, draft };
  }
  const refused = [...draft.refused, ...misnamed].map(
    ({ edit, obstacle }) => [editedKey(request.index, edit), obstacle] as const,
  );
  const notEditable = new Map([...request.notEditable, ...refused]);
  if (notEditable.size === request.notEditable.size) throw internalFailure('a refused edit is not planned again');
  return draftPlan(readText, { ...request, notEditable });
}

function editedKey({ externalSecrets, workloads }: Index, edit: Edit): string {
  const object = findObject([...externalSecrets.map((one) => one.object), ...workloads], edit);
  if (object === undefined) throw internalFailure('an edit is made on an object of the index');
  return objectKey(object);
}
