import type { Index } from '../manifests/graph.ts';
import type { PossibleUse } from '../manifests/query-index.ts';
import type { Skip, SkipCode } from './plan.ts';

/** True for what only may use a secret: nothing that is said of an object which fetches it for certain. */
export function isUnproven({ code }: Pick<Skip, 'code'>): boolean {
  return Object.hasOwn(UNRESOLVED_HINTS, code);
}

/** What may use a secret without proof, as objects that are left alone; none twice. */
export function uniqueSkips(uses: readonly PossibleUse[]): readonly Skip[] {
  const skips = uses.map((use): Skip => {
    const { path, kind, namespace, name, reason } = use;
    const code = UNRESOLVED_CODES[use.code] ?? 'unreadable-file';
    return { path, kind, namespace, name, code, reason, hint: use.hint ?? UNRESOLVED_HINTS[code] };
  });
  return [...new Map(skips.map((skip) => [JSON.stringify(skip), skip])).values()];
}

type UnresolvedCode = SkipCode &
  (
    | 'find-reference'
    | 'templated-reference'
    | 'ambiguous-account'
    | 'unsupported-kind'
    | 'wrong-marker'
    | 'unreadable-file'
  );

const UNRESOLVED_CODES: Readonly<Record<string, UnresolvedCode>> = {
  find: 'find-reference',
  templated: 'templated-reference',
  'ambiguous-account': 'ambiguous-account',
  'unsupported-kind': 'unsupported-kind',
  'wrong-marker': 'wrong-marker',
};

const UNRESOLVED_HINTS: Readonly<Record<UnresolvedCode, string>> = {
  'find-reference': 'If the pattern finds the secret, refresh it by hand, or name its secrets by key.',
  'templated-reference': 'If the key becomes this secret, refresh it by hand, or write the key out.',
  'ambiguous-account': "Use the secret's full ARN as key.",
  'unsupported-kind': 'If it uses the secret, refresh it by hand: objects of this kind are not edited yet.',
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
