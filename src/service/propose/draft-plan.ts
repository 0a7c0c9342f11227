import type { Index } from '../../manifests/graph.ts';
import { type Edit, objectKey, type Skip } from '../../plan/plan.ts';
import { planRefresh, type RefreshPlan, type RefreshRequest } from '../../plan/plan-refresh.ts';
import { type Draft, draftEdits, type ReadText } from './draft-edits.ts';

/** Plans and carries out; what cannot be edited exactly is taken out, and the rest planned again without it. */
export async function draftPlan(
  readText: ReadText,
  request: RefreshRequest,
): Promise<{ readonly refresh: RefreshPlan; readonly draft: Draft }> {
  const refresh = planRefresh(request);
  const draft = await draftEdits(refresh.plan, readText);
  if (draft.refused.length === 0) return { refresh, draft };
  const refused = draft.refused.map(({ edit, skip }): [string, Skip] => [editKey(edit, request.index), skip]);
  return draftPlan(readText, { ...request, notEditable: new Map([...request.notEditable, ...refused]) });
}

function editKey(edit: Edit, index: Index): string {
  const objects = [...index.externalSecrets.map(({ object }) => object), ...index.workloads];
  const found = objects.find(
    ({ path, document, item, kind, name }) =>
      path === edit.path &&
      document === edit.document &&
      item === edit.item &&
      kind === edit.kind &&
      name === edit.name,
  );
  return found === undefined ? '' : objectKey(found);
}
