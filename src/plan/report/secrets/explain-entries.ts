import { tagsVersion } from '../../../domain/find/find-filter.ts';
import { slotOf } from '../../../domain/find/token-slot.ts';
import { syncAnnotation } from '../../../domain/policy.ts';
import { refKey } from '../../../domain/secret-id.ts';
import { parseToken, tokenVersion } from '../../../domain/token.ts';
import type { Index, IndexedExternalSecret, ResolvedReference } from '../../../manifests/graph.ts';
import { objectKey } from '../../plan.ts';
import { baselineOf, UNKNOWN_TIME } from '../../reconcile/baseline/baseline-of.ts';
import { meantOf } from '../../truth/concerns.ts';
import type { KnownSecret, Truth, Wish } from '../../truth/wish.ts';
import type { ExplainedEntry } from '../explanation.ts';
import { entriesOf } from '../token-entries.ts';

/** What is known of a secret when the versions that an object has of it are told. */
interface EntryFacts {
  readonly index: Pick<Index, 'baseline'>;
  readonly wish: Wish;
  readonly truth: Truth;
  /** Values of `force-sync` on the own branch's tip, by `objectKey`. */
  readonly onBranch: ReadonlyMap<string, string>;
}

/** True where every label that an object follows has a recorded baseline, or a pin: it is compared by that. */
export function isRecorded(entries: readonly ExplainedEntry[]): boolean {
  return entries.length > 0 && entries.every(({ baseline }) => baseline !== null);
}

/** One for each label of the secret that the object follows, in order. */
export function explainEntries(
  user: IndexedExternalSecret,
  references: readonly ResolvedReference[],
  { index, wish, truth, onBranch }: EntryFacts,
): readonly ExplainedEntry[] {
  const { home } = user;
  const parsed = (value: string | undefined) => entriesOf(parseToken(value ?? null) ?? [], wish, home);
  const inGit = parsed(user.object.annotations.get(syncAnnotation(user.object.kind)));
  const atTip = parsed(onBranch.get(objectKey(user.object)));
  const recorded = entriesOf(baselineOf(index, user), wish, home);
  return [...labelsOf(references, truth)]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, inAws]) => {
      const isThis = (entry: { readonly label: string | null }) => (entry.label ?? 'AWSCURRENT') === label;
      const git = inGit.find(isThis) ?? null;
      const tip = atTip.find(isThis)?.version ?? null;
      return {
        label,
        inGit: stampOf(git),
        baseline: baselineStamp(recorded.find(isThis) ?? null),
        onBranch: tip === git?.version ? null : tip,
        inAws,
        isEqual: git === null || inAws === null ? null : git.version === inAws,
      };
    });
}

/** A version that only a pin names has no time. */
function baselineStamp(entry: Stamp | null): ExplainedEntry['baseline'] {
  return entry === null ? null : { version: entry.version, time: entry.time === UNKNOWN_TIME ? null : entry.time };
}

type Stamp = NonNullable<ExplainedEntry['inGit']>;

function stampOf(entry: Stamp | null): ExplainedEntry['inGit'] {
  return entry === null ? null : { version: entry.version, time: entry.time };
}

/** What AWS has, as a token writes it, by label; null where that is not known. */
function labelsOf(references: readonly ResolvedReference[], truth: Truth): ReadonlyMap<string, string | null> {
  const labels = new Map<string, string | null>();
  for (const one of references) {
    const { resolution, reference } = one;
    const meant = resolution.kind === 'secret' ? meantOf(one, resolution.names[0] ?? '') : null;
    if (resolution.kind !== 'secret' || meant === null) continue;
    const label = slotOf(meant).label ?? 'AWSCURRENT';
    const known = truth.get(refKey(resolution.ref));
    const version = known?.kind === 'described' ? describedVersion(known, reference.follows) : undefined;
    labels.set(label, version === undefined ? (labels.get(label) ?? null) : tokenVersion(version));
  }
  return labels;
}

function describedVersion(
  { versions, tags }: KnownSecret & { readonly kind: 'described' },
  follows: ResolvedReference['reference']['follows'],
): string | undefined {
  if (follows.kind === 'tags') return tagsVersion(tags);
  return follows.kind === 'label' ? versions.get(follows.label) : undefined;
}
