import { plainText } from '../../domain/plain-text.ts';
import { RESTART_DUE, SECRET_VERSIONS } from '../../domain/policy.ts';
import { formatWorkloadToken, parseWorkloadToken, type WorkloadToken } from '../../domain/workload-token.ts';
import type { IndexedExternalSecret } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { addressOf, type Edit } from '../plan.ts';
import { feederName } from '../restart/feeder-versions.ts';
import type { DueSource } from '../restart/sources/moved-sources.ts';
import { bringing } from '../restart/sources/restart-for-sources.ts';
import { isSourceName } from '../restart/sources/source-names.ts';
import type { Renaming } from './rename-secret.ts';

/** An ExternalSecret with a new token, and what its Secret is called from now on. */
interface Cause {
  readonly user: IndexedExternalSecret;
  readonly secrets: readonly string[];
  readonly renaming?: Renaming | null;
}

/** The edit of an ExternalSecret, with the new name of its Secret. */
export function renamed(edit: Edit, renaming: Renaming | null): Edit {
  if (renaming === null) return edit;
  const { after, target, workloads } = renaming;
  const count = workloads.size === 1 ? 'one workload names' : `${workloads.size} workloads name`;
  const reason = `It writes Secret ${after} from now on, which ${count} in the same commit.`;
  return { ...edit, fields: [...(edit.fields ?? []), target], reason: `${edit.reason} ${reason}` };
}

/**
 * What a workload becomes whose Secrets get new names: its pods start anew, and cannot start with an old value. What else is
 * bumped for it keeps its order: it is announced, and its versions are not in the pod template yet.
 */
export function renameIn(
  workload: Placed<WorkloadFacts>,
  causes: readonly Cause[],
  { versions, sources }: { readonly versions: WorkloadToken; readonly sources: readonly DueSource[] },
): readonly Edit[] {
  const renaming = causes.flatMap((cause) => (cause.renaming ? [{ ...cause, renaming: cause.renaming }] : []));
  const made = parseWorkloadToken(workload.templateAnnotations.get(SECRET_VERSIONS) ?? null);
  const now = new Set(renaming.map(({ user }) => feederName(user.object)));
  const template = [...versions].flatMap(([name, digest]) => {
    // What it reads itself it reads anew when it starts.
    const version = now.has(name) || isSourceName(name) ? digest : made?.get(name);
    return version === undefined ? [] : [[name, version] as const];
  });
  const names = renaming.map(({ renaming: one }) => `${one.before} becomes ${one.after}`).toSorted();
  const edit: Edit = {
    ...addressOf(workload),
    stage: 1,
    target: 'template',
    template: workload.template,
    annotation: SECRET_VERSIONS,
    before: workload.templateAnnotations.get(SECRET_VERSIONS) ?? null,
    after: formatWorkloadToken(new Map(template)),
    secrets: [...new Set([...causes, ...sources].flatMap(({ secrets }) => secrets))].toSorted(),
    ...bringing(sources),
    chain: [
      ...renaming.flatMap(({ user: { object }, renaming: one }) => [
        `${object.kind}/${object.name}`,
        `Secret/${one.after}`,
      ]),
      `${workload.kind}/${workload.name}`,
    ],
    reason: plainText(
      `Its Secret gets a new name (${names.join(', ')}): pods that name it wait until it is there, so none starts with the old value.`,
      800,
    ),
    fields: renaming.flatMap(({ renaming: one }) => one.workloads.get(workload) ?? []),
    notes: [],
  };
  const due = workload.annotations.get(RESTART_DUE) ?? null;
  const isMore = causes.length > renaming.length;
  if (!isMore && due === null) return [edit];
  const announced: Edit = {
    ...edit,
    target: 'metadata',
    annotation: RESTART_DUE,
    before: due,
    after: formatWorkloadToken(versions),
    reason: isMore
      ? 'What else feeds it is refreshed without a new name: a restart for that is due once it has been applied.'
      : `Its earlier ${RESTART_DUE} would ask for one more restart: it moves along.`,
  };
  const { fields: _fields, template: _template, ...plain } = announced;
  return [...(due === announced.after ? [] : [plain]), edit];
}
