import type { SecretService } from '../../../domain/secret-id.ts';
import type { ExplainedEntry, ExplainedObject } from '../explanation.ts';
import { type ShownObject, shownAs } from '../look.ts';
import type { NextFacts } from '../next-step.ts';
import { secretStanding } from './secret-standing.ts';
import type { SecretStanding } from './secret-state.ts';

/** What Git has for one label of a secret; null where it names no version, and where no baseline is recorded. */
export interface VersionInGit {
  readonly label: string;
  readonly version: string | null;
  readonly baseline: string | null;
}

/** Objects of one secret that have the same versions of it. */
export interface SecretVersionStatus extends SecretStanding {
  /** By label; empty for what restarts workloads without an ExternalSecret. */
  readonly inGit: readonly VersionInGit[];
  readonly objects: readonly ShownObject[];
}

/** One secret that a base branch names. What a find finds is one, named by its digest. */
export interface SecretStatus extends SecretStanding {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  /** The likeliest of the names that it can mean. */
  readonly name: string;
  /** As a token writes them, by label; what AWS has not told is not in it. */
  readonly inAws: readonly { readonly label: string; readonly version: string }[];
  /** One for each set of versions that its objects have, in the order of the repository. */
  readonly versions: readonly SecretVersionStatus[];
}

/** The same as an explanation in short: where the secret stands, and where those of its objects stand that differ. */
export function secretStatus(facts: NextFacts, service: SecretService): SecretStatus {
  const { secret, objects } = facts;
  const groups = new Map<string, ExplainedObject[]>();
  for (const object of objects) {
    const key = JSON.stringify(inGitOf(object.entries));
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [object]);
    else known.push(object);
  }
  return {
    service,
    account: secret.account,
    region: secret.region,
    name: secret.names[0] ?? '',
    inAws: inAwsOf(objects),
    ...secretStanding(facts),
    versions: [...groups.values()].map((same) => ({
      inGit: inGitOf(same[0]?.entries ?? []),
      ...secretStanding({ ...facts, objects: same }),
      objects: same.map(shownAs),
    })),
  };
}

function inGitOf(entries: readonly ExplainedEntry[]): readonly VersionInGit[] {
  return entries.map(({ label, inGit, baseline }) => {
    return { label, version: inGit?.version ?? null, baseline: inGit === null ? (baseline?.version ?? null) : null };
  });
}

function inAwsOf(objects: readonly ExplainedObject[]): SecretStatus['inAws'] {
  const entries = objects.flatMap((object) => object.entries);
  const known = new Map(entries.flatMap(({ label, inAws }) => (inAws === null ? [] : [[label, inAws] as const])));
  return [...known]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([label, version]) => ({ label, version }));
}
