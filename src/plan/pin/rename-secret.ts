import { plainText } from '../../domain/plain-text.ts';
import { syncAnnotation, WORKLOAD_KINDS } from '../../domain/policy.ts';
import { formatToken, parseToken, type Token, versionsDigest } from '../../domain/token.ts';
import type { Index, IndexedExternalSecret } from '../../manifests/graph.ts';
import { pinOf } from '../../manifests/indexing/pins/follow-pins.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { type Obstacle, objectKey } from '../plan.ts';
import { outsideScope, type Scope } from '../scope.ts';
import type { FieldChange } from './field-change.ts';
import { whyTargetStays } from './rename-target.ts';
import { secretPlaces } from './secret-places.ts';

type Workload = Placed<WorkloadFacts>;

/** A Secret's new name, and what names it. */
export interface Renaming {
  readonly kind: 'renaming';
  readonly before: string;
  readonly after: string;
  /** Of the ExternalSecret. */
  readonly target: FieldChange;
  /** Of each workload that names the Secret, every place. */
  readonly workloads: ReadonlyMap<Workload, readonly FieldChange[]>;
}

interface RenameContext {
  readonly index: Index;
  readonly scope: Scope;
  /** Objects whose edit was tried and cannot be made exactly, by `objectKey`. */
  readonly notEditable: ReadonlyMap<string, Obstacle>;
}

const DIGITS = 10;
const NAME = /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/;
const MAX_NAME = 253;

/**
 * The name that a Secret gets with a new token: its own, and a digest of the versions. All or nothing: where one place that names
 * the Secret cannot be renamed with it, nothing is. Null where no name is pinned.
 */
export function renameSecret(
  user: IndexedExternalSecret,
  token: Token,
  context: RenameContext,
): Renaming | { readonly kind: 'skip'; readonly obstacle: Obstacle } | null {
  if (pinOf(user, context.scope.pin) !== 'name') return null;
  const { object } = user;
  const before = object.targetName;
  const after = `${baseName(user)}-${digestOf(token)}`;
  const why = whyTargetStays(user, context.index) ?? whyNoName(after);
  if (why !== null) return refused(why);
  const renamed = new Map<Workload, readonly FieldChange[]>();
  for (const workload of user.consumers) {
    const places = secretPlaces(workload, before);
    const obstacle = whyNotRenamed(workload, context);
    if (obstacle !== null) return refused(inWorkload(workload, obstacle));
    if (places === null || places.length === 0) return refused(inWorkload(workload, TOO_LARGE));
    renamed.set(
      workload,
      places.map((keys) => fieldAt(keys, before, after)),
    );
  }
  const target = { ...fieldAt(['spec', 'target', 'name'], before, after), before: object.namesTarget ? before : null };
  const { beside: _beside, ...unguarded } = target;
  return {
    kind: 'renaming',
    before,
    after,
    target: object.namesTarget ? target : unguarded,
    workloads: renamed,
  };
}

/** The name without the digest of the token that is on the base; all of it where it does not end in that. */
function baseName({ object }: IndexedExternalSecret): string {
  const present = parseToken(object.annotations.get(syncAnnotation(object.kind)) ?? null);
  const suffix = present === null ? null : `-${digestOf(present)}`;
  const name = object.targetName;
  return suffix !== null && name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : name;
}

/** Of a token as it is read again: what is written decides. */
function digestOf(token: Token): string {
  return versionsDigest(parseToken(formatToken(token)) ?? token).slice(0, DIGITS);
}

function fieldAt(keys: readonly (string | number)[], before: string, after: string): FieldChange {
  const field = keys.map((key) => (typeof key === 'number' ? `[${key}]` : `.${key}`)).join('');
  return { field: field.slice(1), keys, before, after, beside: { key: String(keys.at(-1)), value: before } };
}

function whyNoName(name: string): string | null {
  if (NAME.test(name) && name.length <= MAX_NAME) return null;
  return `${plainText(name, 300)} is no name that Kubernetes takes: at most ${MAX_NAME} lower-case letters, digits, dots and hyphens.`;
}

function whyNotRenamed(workload: Workload, { scope, notEditable }: RenameContext): string | null {
  const outside = outsideScope(scope, workload);
  // What is never restarted by itself need not be selected to be restarted.
  const isUnselected = outside?.code === 'not-selected' && !WORKLOAD_KINDS.some((kind) => kind === workload.kind);
  if (outside !== null && !isUnselected) return outside.reason;
  const tried = notEditable.get(objectKey(workload));
  if (tried !== undefined) return tried.reason;
  if (workload.marker !== undefined) return 'It is an inline marker, and what it marks is not a name.';
  if (workload.editedIn.kind !== 'manifest') return 'It is edited by a patch in an overlay.';
  if (workload.podsPatched === true) return 'Kustomize patches the Secrets that its pods get.';
  if (!workload.steering.restarts) return 'It asks not to be restarted, and a new name restarts it.';
  return workload.kind === 'Job' && !isReplaced(workload) ? IMMUTABLE : null;
}

const TOO_LARGE =
  'Its pod template is too large to be looked through, or only the configuration knows where it stands.';
const IMMUTABLE =
  'The pod template of a Job cannot be changed, and nothing here says that the Job is replaced (an Argo CD hook, Replace=true or Force=true, or kustomize.toolkit.fluxcd.io/force).';

/** True where a changed Job is deleted and made again. */
function isReplaced({ annotations }: Workload): boolean {
  const options = annotations.get('argocd.argoproj.io/sync-options') ?? '';
  const flux = annotations.get('kustomize.toolkit.fluxcd.io/force') ?? '';
  return (
    annotations.has('argocd.argoproj.io/hook') ||
    options.split(',').some((one) => ['Replace=true', 'Force=true'].includes(one.trim())) ||
    /^enabled$/i.test(flux)
  );
}

function inWorkload({ kind, name }: Workload, reason: string): string {
  return `${kind} ${plainText(name, 260)} names the Secret and cannot be renamed with it: ${reason}`;
}

function refused(reason: string): { readonly kind: 'skip'; readonly obstacle: Obstacle } {
  const hint =
    'Write pin: version, which renames nothing, or make what names the Secret a plain manifest in the configured paths.';
  return { kind: 'skip', obstacle: { code: 'pin-refused', reason, hint } };
}
