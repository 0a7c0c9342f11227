import { isSyncAnnotation } from '../../domain/policy.ts';
import { refKey, type SecretService } from '../../domain/secret-id.ts';
import { parseToken } from '../../domain/token.ts';
import { parseWorkloadToken, type WorkloadToken } from '../../domain/workload-token.ts';
import type { Index, IndexedExternalSecret, IndexedRestartSource, ResolvedReference } from '../../manifests/graph.ts';
import type { Placed, WorkloadFacts } from '../../manifests/objects.ts';
import { namersIn, sourcesOf, usersOf } from '../../manifests/query-index.ts';
import { isTurnedDown } from '../life/turned-down.ts';
import { waysTo } from '../markers/marker-target.ts';
import { heldTo } from '../pin/pin-place.ts';
import { type Edit, isSkipOf, objectKey, type Skip } from '../plan.ts';
import { sourceEntriesOf } from '../restart/sources/source-names.ts';
import { concerns } from '../truth/concerns.ts';
import type { Truth, Wish } from '../truth/wish.ts';
import { isUnproven } from '../unproven-uses.ts';
import type { Elsewhere, ExplainedEntry, ExplainedObject, ObjectStanding } from './explanation.ts';
import { shownObject } from './look.ts';
import { explainEntries, isRecorded } from './secrets/explain-entries.ts';
import { entriesOf, versionsNamed } from './token-entries.ts';

/** What is known of a secret when its objects are explained. */
export interface ObjectFacts {
  readonly index: Index;
  readonly wish: Wish;
  readonly truth: Truth;
  /** The plan's edits, and the reasons of this wish. */
  readonly edits: readonly Edit[];
  readonly reasons: readonly Skip[];
  /** Values of `force-sync` on the own branch's tip, by `objectKey`. */
  readonly onBranch: ReadonlyMap<string, string>;
  /** What workloads name of restart sources there, by `objectKey`; left out where there is no branch. */
  readonly sourcesOnBranch?: ReadonlyMap<string, WorkloadToken>;
}

/** An explained object before anybody has looked at its workloads. */
export type UsingObject = Omit<ExplainedObject, 'workloads' | 'appliedBy' | 'stages'> & {
  readonly user: IndexedExternalSecret | IndexedRestartSource;
};

/** Everything that names the secret, with what Git, the own branch and AWS have for it. In the order of the index. */
export function explainObjects(facts: ObjectFacts): readonly UsingObject[] {
  const sources = sourcesOf(facts.index, facts.wish).map((source) => explainSource(source, facts));
  const objects = usersOf(facts.index, facts.wish).map((user) => {
    const references = user.references.filter((reference) => concerns(facts.wish, reference));
    const entries = explainEntries(user, references, facts);
    return {
      ...shownObject(user.object),
      user,
      chain: chainOf(user, references, facts.wish),
      references: references.map(({ reference }) => ({
        field: reference.field,
        line: reference.line,
        follows: followed(reference, facts.wish.service),
      })),
      entries,
      standing: standingOf(user, entries, facts),
    };
  });
  return [...objects, ...sources];
}

/** What restarts workloads without an ExternalSecret: their annotations hold a digest, and no version. */
function explainSource(source: IndexedRestartSource, facts: ObjectFacts): UsingObject {
  const { object } = source;
  const { wish } = facts;
  const references = source.references.filter((reference) => concerns(wish, reference));
  const noun = wish.service === 'ssm' ? 'parameter' : 'secret';
  return {
    ...shownObject(object),
    user: source,
    chain: [`${noun} ${wish.names[0] ?? ''}`, `${object.kind}/${object.name}`],
    references: references.map(({ reference }) => ({
      field: reference.field,
      line: reference.line,
      follows: followed(reference, wish.service),
    })),
    entries: [],
    standing: sourceStanding(source, facts),
  };
}

/** Nobody was asked which version is current. */
function untold(isNamed: boolean): ObjectStanding {
  if (!isNamed) return { kind: 'baseline', ...AT_BASELINE };
  const reason = 'A workload names what it was restarted for; whether AWS has another version is not known here.';
  return { kind: 'recorded', code: null, reason, hint: null };
}

/** True for an edit of this workload. */
function isEditOf({ path, kind, name }: Edit, one: Placed<WorkloadFacts>): boolean {
  return path === one.path && kind === one.kind && name === one.name;
}

function sourceStanding(
  source: IndexedRestartSource,
  { edits, reasons, sourcesOnBranch }: ObjectFacts,
): ObjectStanding {
  const { object, consumers, tokenName } = source;
  const own = reasons.find((skip) => isSkipOf(skip, object));
  if (own?.code === 'version-unknown') return untold(consumers.some((one) => sourceEntriesOf(one).has(tokenName)));
  if (own !== undefined) return { kind: 'left-alone', ...obstacleOf(own) };
  const wanted = consumers.flatMap((workload) =>
    edits.flatMap((edit) => {
      const digest = isEditOf(edit, workload) ? parseWorkloadToken(edit.after)?.get(tokenName) : undefined;
      return digest === undefined
        ? []
        : [{ digest, onBranch: sourcesOnBranch?.get(objectKey(workload))?.get(tokenName) }];
    }),
  );
  if (wanted.length > 0) return wanted.every(({ digest, onBranch }) => digest === onBranch) ? BROUGHT : NOT_BROUGHT;
  const skips = consumers.flatMap((workload) => reasons.find((skip) => isSkipOf(skip, workload)) ?? []);
  const rejected = skips.find(isTurnedDown);
  if (rejected !== undefined) return { kind: 'rejected', ...obstacleOf(rejected) };
  if (skips.some(({ code }) => code === 'at-baseline')) return { kind: 'baseline', ...AT_BASELINE };
  const [first] = skips.filter(({ code }) => code !== 'already-current');
  if (first !== undefined) return { kind: 'left-alone', ...obstacleOf(first) };
  return { kind: 'current', code: null, reason: 'Its workloads name the version that AWS has.', hint: null };
}

const BROUGHT: ObjectStanding = {
  kind: 'proposed',
  code: null,
  reason: 'The own branch restarts its workloads for these versions; the base does not yet.',
  hint: null,
};

const NOT_BROUGHT: ObjectStanding = {
  kind: 'behind',
  code: null,
  reason: 'Workloads that it restarts do not name these versions, and no branch brings them.',
  hint: null,
};

/** References that spell one of the secret's names, or what was asked for, and mean something else. */
export function spelledElsewhere(index: Index, wish: Wish, asked: string): readonly Elsewhere[] {
  const spelled = new Set([...wish.names, asked]);
  return namersIn(index).flatMap(({ object, references }) =>
    references.flatMap(({ reference, resolution }) => {
      if (!spelled.has(reference.key)) return [];
      const reason = whyElsewhere(resolution, wish);
      return reason === null
        ? []
        : [{ ...shownObject(object), line: reference.line, reason: `${reference.field}: ${reason}` }];
    }),
  );
}

function whyElsewhere(resolution: ResolvedReference['resolution'], wish: Wish): string | null {
  if (resolution.kind === 'foreign') return resolution.reason;
  if (resolution.kind === 'unresolved') return null;
  const { service, account, region } = resolution.ref;
  if (service !== wish.service) return `It is fetched from ${SERVICES[service]}.`;
  const isHere = account === wish.account && region === wish.region;
  if (!isHere) return `It is fetched from account ${account}, region ${region}.`;
  const [name = ''] = resolution.names;
  return resolution.names.some((one) => wish.names.includes(one)) ? null : `Its store makes it ${name}.`;
}

const SERVICES = { secretsmanager: 'Secrets Manager', ssm: 'Parameter Store', find: 'whatever a find finds' } as const;

function followed({ follows, version }: ResolvedReference['reference'], service: SecretService): string {
  switch (follows.kind) {
    case 'label':
      return service === 'ssm' ? 'the latest version' : heldTo(follows.label, version);
    case 'pinned':
      return `version ${follows.versionId}`;
    case 'tags':
      return 'tags';
    case 'parameter-label':
      return `label ${follows.label}`;
  }
}

function chainOf(user: IndexedExternalSecret, references: readonly ResolvedReference[], wish: Wish): readonly string[] {
  const [found] = wish.service === 'find' ? references : [];
  const noun = wish.service === 'ssm' ? 'parameter' : 'secret';
  const what = found === undefined ? `${noun} ${wish.names[0] ?? ''}` : `find ${found.reference.key}`;
  return [what, ...waysTo(user.object, references)];
}

function standingOf(
  user: IndexedExternalSecret,
  entries: readonly ExplainedEntry[],
  { edits, reasons, wish, truth }: ObjectFacts,
): ObjectStanding {
  const { object } = user;
  const skip = reasons.find((one) => !isUnproven(one) && isSkipOf(one, object));
  if (skip !== undefined && isTurnedDown(skip)) return { kind: 'rejected', ...obstacleOf(skip) };
  const isKnown = entries.some(({ inGit }) => inGit !== null);
  if (skip !== undefined && !isUntouched(skip, user, truth)) return { kind: 'left-alone', ...obstacleOf(skip) };
  const edit = edits.find((one) => isBump(one, user, wish));
  if (edit !== undefined) return bumped(edit, { user, entries }, wish);
  if (!isKnown) return atBaseline(entries);
  return entries.some(({ inAws }) => inAws !== null)
    ? { kind: 'current', code: null, reason: 'Git names the version that AWS has.', hint: null }
    : {
        kind: 'recorded',
        code: null,
        reason: 'Git names a version; whether AWS has another is not known here.',
        hint: null,
      };
}

function atBaseline(entries: readonly ExplainedEntry[]): ObjectStanding {
  return { kind: 'baseline', ...AT_BASELINE, ...(isRecorded(entries) ? { reason: RECORDED } : {}) };
}

const RECORDED = 'Its token has no entry for it: the version that its baseline records counts.';

const AT_BASELINE = {
  code: null,
  reason: 'Its token has no entry for it: it counts as at its baseline until an event says that it moved.',
  hint: null,
};

/** Codes that only say that nothing is to be done now. */
function isUntouched({ code }: Skip, { references }: IndexedExternalSecret, truth: Truth): boolean {
  if (code === 'at-baseline' || code === 'already-current') return true;
  if (code !== 'version-unknown') return false;
  // Where AWS has answered, it is an answer: no version carries the label.
  return references.every(
    ({ resolution }) => resolution.kind !== 'secret' || truth.get(refKey(resolution.ref))?.kind !== 'described',
  );
}

function obstacleOf({ code, reason, hint }: Skip): Omit<ObjectStanding, 'kind'> {
  return { code, reason, hint };
}

function isBump(edit: Edit, { object }: IndexedExternalSecret, wish: Wish): boolean {
  const isObject =
    edit.path === object.path &&
    edit.document === object.document &&
    edit.item === object.item &&
    edit.kind === object.kind &&
    edit.name === object.name &&
    (edit.overlay === undefined || edit.overlay.namespace === object.namespace);
  if (!isObject || !isSyncAnnotation(edit.annotation)) return false;
  return (
    versionsNamed(
      edit.secrets.map((key) => `${key}=${'0'.repeat(32)}`),
      wish,
    ).length > 0
  );
}

/** It is to be bumped: by the own branch, where its tip has that already. */
function bumped(
  edit: Edit,
  { user, entries }: { readonly user: IndexedExternalSecret; readonly entries: readonly ExplainedEntry[] },
  wish: Wish,
): ObjectStanding {
  const desired = entriesOf(parseToken(edit.after) ?? [], wish, user.home);
  const wanted = new Set(desired.map(({ version }) => version));
  const isThere = entries.some(({ onBranch }) => onBranch !== null && wanted.has(onBranch));
  return isThere
    ? { kind: 'proposed', code: null, reason: 'The own branch has the new version; the base has not.', hint: null }
    : { kind: 'behind', code: null, reason: 'AWS has another version than Git, and no branch brings it.', hint: null };
}
