import type { RepoPath } from '../domain/repo-path.ts';
import { refKey, type SecretPlace, type SecretRef, type SecretService, secretKey } from '../domain/secret-id.ts';
import type {
  FileProblem,
  Index,
  IndexedExternalSecret,
  IndexedRestartSource,
  PatchedObject,
  ResolvedReference,
} from './graph.ts';
import { isPush } from './indexing/cluster/only-reported.ts';
import { type Certainty, type Finds, judgeProblem, judgeReference, type Question } from './indexing/possible-use.ts';
import { manifestOf, type UnreadableCode } from './objects.ts';
import { namesSecretFields } from './reading/screen.ts';

/** A secret that may have several names (see `readWritten`). */
export interface NamedSecret {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  readonly names: readonly string[];
}

/** The ExternalSecrets that fetch a secret under one of its names, in the order of the index. */
export function usersOf(index: Index, secret: NamedSecret): readonly IndexedExternalSecret[] {
  const keys = secret.names.map((name) => secretKey({ name, ...secret }));
  const positions = new Set(keys.flatMap((key) => index.bySecret.get(key) ?? []));
  return [...positions].toSorted((left, right) => left - right).flatMap((at) => index.externalSecrets[at] ?? []);
}

/** The restart sources that name a secret under one of its names, in the order of the index. */
export function sourcesOf(index: Index, secret: NamedSecret): readonly IndexedRestartSource[] {
  const keys = secret.names.map((name) => secretKey({ name, ...secret }));
  const positions = new Set(keys.flatMap((key) => index.sourcesBySecret.get(key) ?? []));
  return [...positions].toSorted((left, right) => left - right).flatMap((at) => index.restartSources[at] ?? []);
}

type Namer = IndexedExternalSecret | IndexedRestartSource;

/** Everything that names a secret. */
export function namersOf(index: Index, secret: NamedSecret): readonly Namer[] {
  return [...usersOf(index, secret), ...sourcesOf(index, secret)];
}

/** Everything that names secrets. */
export function namersIn(index: Pick<Index, 'externalSecrets' | 'restartSources'>): readonly Namer[] {
  return [...index.externalSecrets, ...index.restartSources];
}

/** A place that may use a secret, though nothing proves it. */
export interface PossibleUse {
  readonly path: RepoPath;
  readonly line: number | null;
  /** The object's kind and name; `File` and the path where it is not known which object it is. */
  readonly kind: string;
  readonly name: string;
  /** Null for a file, and where nothing says it. */
  readonly namespace: string | null;
  readonly code: 'ambiguous-account' | 'find' | 'templated' | 'unapplied-patch' | UnreadableCode;
  readonly reason: string;
  /** Where a reference stands in its object; null for a file. */
  readonly field: string | null;
  /** What to do, where the reference itself tells. */
  readonly hint: string | null;
  readonly certainty: Certainty;
}

/**
 * Where a secret may be used without proof: references that cannot be told, and unreadable files that contain one of its
 * names or hide theirs. Empty together with {@link usersOf} proves that nobody uses it. In the order of the index.
 */
export function possibleUsers(index: Index, secret: NamedSecret, finds: Finds): readonly PossibleUse[] {
  const { service, names, account, region } = secret;
  const prefixes = new Set(index.stores.flatMap(({ aws }) => (aws === null || aws.prefix === '' ? [] : [aws.prefix])));
  const question = { service, names, account, region, prefixes: [...prefixes], finds };
  return [
    ...doubtsIn(index).flatMap((doubtful) => asUse(doubtful, question)),
    ...index.problems.flatMap((problem) => asFileUse(problem, question)),
  ];
}

/** Everything that may use some secret or other without proof, whichever it is. In the order of the index. */
export function unresolvedUses(index: Index, finds: Finds): readonly PossibleUse[] {
  const isOpen = ({ resolved: { reference, resolution } }: DoubtfulReference) =>
    resolution.kind === 'unresolved' || (reference.find !== null && finds === 'open');
  const uses = doubtsIn(index)
    .filter(isOpen)
    .map((one) => useOfReference(one, 'open'));
  const files = index.problems.filter(({ code, text }) =>
    text === null ? !NOTHING_INSIDE.includes(code) : code === 'wrong-marker' || namesSecretFields(text),
  );
  return [...uses, ...files.map((file) => useOfFile(file, 'A secret may be named in a file that'))];
}

/** Not read, and nothing in them could have been edited here. */
const NOTHING_INSIDE: readonly UnreadableCode[] = ['symlink', 'submodule', 'helm-template'];

/** What an ExternalSecret fetches, as far as it is known: what AWS has to be asked for, none twice, in order. */
export function secretsOf(externalSecret: IndexedExternalSecret): readonly SecretRef[] {
  const secrets = externalSecret.references.flatMap(({ resolution }) =>
    resolution.kind === 'secret' && resolution.ref.service !== 'find'
      ? [[refKey(resolution.ref), resolution.ref] as const]
      : [],
  );
  return [...new Map(secrets).values()];
}

interface DoubtfulReference {
  readonly object: Namer['object'];
  readonly resolved: ResolvedReference;
  readonly doubt: Pick<PossibleUse, 'code' | 'reason' | 'hint'>;
}

// An index never changes, it is asked about every secret, and most references are certain.
const DOUBTS = new WeakMap<Index, readonly DoubtfulReference[]>();

function doubtsIn(index: Index): readonly DoubtfulReference[] {
  const known = DOUBTS.get(index);
  if (known !== undefined) return known;
  // Whatever a push goes to, nothing of it would be refreshed.
  const doubts = namersIn(index).flatMap(({ object, references }) =>
    isPush(object) ? [] : doubtsOf(object, references),
  );
  DOUBTS.set(index, doubts);
  return doubts;
}

function doubtsOf(object: Namer['object'], references: readonly ResolvedReference[]): readonly DoubtfulReference[] {
  return references.flatMap((resolved) => {
    const doubt = doubtOf(resolved);
    return doubt === null ? [] : [{ object, resolved, doubt }];
  });
}

function asUse(doubtful: DoubtfulReference, question: Question): readonly PossibleUse[] {
  const certainty = judgeReference(doubtful.resolved, question);
  return certainty === null ? [] : [useOfReference(doubtful, certainty)];
}

function useOfReference({ object, resolved, doubt }: DoubtfulReference, certainty: Certainty): PossibleUse {
  const { kind, name, resolvedNamespace: namespace } = object;
  const path = 'editedIn' in object ? manifestOf(object) : object.path;
  const { line, field } = resolved.reference;
  return { path, line, kind, name, namespace, field, ...doubt, certainty };
}

/** Why a reference may mean another secret than it seems, or any; null where it is certain. */
function doubtOf({ reference, resolution }: ResolvedReference): Pick<PossibleUse, 'code' | 'reason' | 'hint'> | null {
  if (resolution.kind === 'unresolved') {
    const { code, reason, hint } = resolution;
    return { code, reason, hint };
  }
  if (resolution.kind === 'foreign') return null;
  if (reference.find !== null) {
    return { code: 'find', reason: `It fetches whatever matches: ${reference.key}.`, hint: null };
  }
  const { ref, overrides, isServiceSaid } = resolution;
  const store = reference.store === null ? 'its store' : `${reference.store.kind} ${reference.store.name}`;
  if (overrides.length === 0) return isServiceSaid ? null : openService(store);
  return {
    code: 'ambiguous-account',
    reason: `spec.repositories[].stores binds ${store} to account ${ref.account}, region ${ref.region}; its manifest says ${placesText(overrides)}.`,
    hint: 'Correct the binding, or the manifest of the store.',
  };
}

function openService(store: string): Pick<PossibleUse, 'code' | 'reason' | 'hint'> {
  return {
    code: 'ambiguous-account',
    reason: `Nothing says whether ${store} reads SecretsManager or ParameterStore; it is taken for the first.`,
    hint: "Use the parameter's full ARN as key, or keep the store in this repository with its service.",
  };
}

/** Places in words. */
export function placesText(places: readonly SecretPlace[]): string {
  return places.map(({ account, region }) => `account ${account}, region ${region}`).join(' or ');
}

function asFileUse(problem: FileProblem, question: Question): readonly PossibleUse[] {
  const certainty = judgeProblem(problem, question);
  if (certainty === null) return [];
  const why = certainty === 'fits' ? 'The secret is named in a file that' : 'The secret may be named in a file that';
  return [{ ...useOfFile(problem, why), certainty }];
}

function useOfFile(problem: FileProblem, why: string): PossibleUse {
  const { path, line, code, message, hint, patched } = problem;
  if (patched !== undefined) return useOfPatch(path, patched);
  const reason = code === 'wrong-marker' ? `${message}.` : `${why} cannot be read: ${message}.`;
  const file = { path, line, kind: 'File', name: path, namespace: null, field: null };
  return { ...file, code, reason, hint: hint ?? null, certainty: 'open' };
}

function useOfPatch(by: RepoPath, { others, ...object }: PatchedObject): PossibleUse {
  const more = others === 0 ? '' : ` (and ${others} more)`;
  const reason = `The Kustomize patch in ${by} changes what it fetches${more} in a way that is not carried out here, and may name the secret.`;
  return { ...object, field: null, code: 'unapplied-patch', reason, hint: null, certainty: 'open' };
}
