import type { Index } from '../manifests/graph.ts';
import type { Finds } from '../manifests/indexing/possible-use.ts';
import { type PossibleUse, unresolvedUses } from '../manifests/query-index.ts';
import type { SkipCode } from './codes.ts';
import { type Plan, type Skip, sortPlan } from './plan.ts';

/** True for what only may use a secret: nothing that is said of an object which fetches it for certain. */
export function isUnproven({ code }: Pick<Skip, 'code'>): boolean {
  return Object.hasOwn(UNRESOLVED_HINTS, code);
}

/**
 * What may use a secret without proof, as objects that are left alone: each once for one reason, whichever and however many of
 * its references it holds for.
 */
export function uniqueSkips(uses: readonly PossibleUse[]): readonly Skip[] {
  const found = new Map<string, { readonly skip: Skip; readonly fields: Set<string> }>();
  for (const { path, kind, namespace, name, reason, field, ...use } of uses) {
    const code = UNRESOLVED_CODES[use.code] ?? 'unreadable-file';
    const skip: Skip = { path, kind, namespace, name, code, reason, hint: use.hint ?? UNRESOLVED_HINTS[code] };
    const key = JSON.stringify(skip);
    const known = found.get(key) ?? { skip, fields: new Set() };
    if (field !== null) known.fields.add(field);
    found.set(key, known);
  }
  return [...found.values()].map(({ skip, fields }) =>
    fields.size === 0 ? skip : { ...skip, reason: `${shown([...fields])}: ${skip.reason}` },
  );
}

/** A plan that also names what may use some secret or other without proof: for a look at everything. */
export function withUnresolved({ edits, skips }: Plan, index: Index, finds: Finds): Plan {
  const known = new Set(skips.map(placeOf));
  const more = besides(skips, uniqueSkips(unresolvedUses(index, finds))).filter((skip) => !known.has(placeOf(skip)));
  return sortPlan({ edits, skips: [...skips, ...more] });
}

function placeOf(skip: Skip): string {
  return `${skip.code} ${addressOf(skip)}`;
}

/** Of these uses those that say more than what is left alone already: that an object is patched is said once. */
export function besides(known: readonly Skip[], uses: readonly Skip[]): readonly Skip[] {
  const patched = new Set(known.flatMap((skip) => (skip.code === 'patched' ? [addressOf(skip)] : [])));
  return uses.filter((skip) => skip.code !== 'unapplied-patch' || !patched.has(addressOf(skip)));
}

function addressOf({ path, kind, namespace, name }: Skip): string {
  return JSON.stringify([path, kind, namespace, name]);
}

function shown(fields: readonly string[]): string {
  const rest = fields.length > 3 ? ` and ${fields.length - 3} more` : '';
  return `${fields.slice(0, 3).join(', ')}${rest}`;
}

type UnresolvedCode = SkipCode &
  (
    | 'find-reference'
    | 'templated-reference'
    | 'ambiguous-account'
    | 'unsupported-kind'
    | 'unapplied-patch'
    | 'wrong-marker'
    | 'unreadable-file'
  );

const UNRESOLVED_CODES: Readonly<Record<string, UnresolvedCode>> = {
  find: 'find-reference',
  templated: 'templated-reference',
  'ambiguous-account': 'ambiguous-account',
  'unsupported-kind': 'unsupported-kind',
  'unapplied-patch': 'unapplied-patch',
  'wrong-marker': 'wrong-marker',
};

const UNRESOLVED_HINTS: Readonly<Record<UnresolvedCode, string>> = {
  'find-reference': 'If the pattern finds the secret, refresh it by hand, or name its secrets by key.',
  'templated-reference': 'If the key becomes this secret, refresh it by hand, or write the key out.',
  'ambiguous-account': "Use the secret's full ARN as key.",
  'unsupported-kind': 'If it uses the secret, refresh it by hand: objects of this kind are not edited yet.',
  'unapplied-patch': 'If it fetches the secret, refresh it by hand, or move the key out of the patch.',
  'wrong-marker': 'Correct the marker: until then nothing is written there.',
  'unreadable-file': 'Look into the file: if it uses the secret, refresh by hand what is made from it.',
};

/** What deploys something, but nobody can tell what, or not from here. */
export interface UntoldDeployer {
  readonly code: Index['otherDeployers'][number]['kind'];
  readonly path: string;
  /** In words, with its file. */
  readonly name: string;
  readonly reason: string;
  readonly hint: string;
}

/** Argo CD and Flux objects of which it could not be told what they deploy; none twice, what can be mended first. */
export function untoldDeployers({ otherDeployers }: Pick<Index, 'otherDeployers'>): readonly UntoldDeployer[] {
  const told = otherDeployers.map(({ kind, manifest, name, reason }): UntoldDeployer => {
    return { code: kind, path: manifest, name, reason, hint: DEPLOYER_HINTS[kind] };
  });
  const unique = new Map(told.map((one) => [JSON.stringify([one.code, one.name, one.reason]), one] as const));
  return [...unique]
    .map(([key, one]) => ({ key: `${RANKS[one.code]} ${one.path} ${key}`, one }))
    .toSorted((left, right) => (left.key < right.key ? -1 : 1))
    .map(({ one }) => one);
}

const RANKS: Readonly<Record<UntoldDeployer['code'], number>> = { unresolved: 0, elsewhere: 1 };

const DEPLOYER_HINTS: Readonly<Record<UntoldDeployer['code'], string>> = {
  unresolved:
    'What it deploys is read as if nothing did. Write metadata.namespace into those manifests, or mend what the reason names.',
  elsewhere:
    'Nothing is to be done if that is so. If it deploys this repository, name its URL and base branch as spec.repositories has them.',
};
