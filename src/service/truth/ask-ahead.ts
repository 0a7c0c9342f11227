import type { AllowedAccount } from '../../domain/policy.ts';
import { refKey } from '../../domain/secret-id.ts';
import { branchName, groupWishes } from '../../plan/group.ts';
import { whyNobodyAnywhere } from '../../plan/truth/regions/replicas.ts';
import type { PullRequest, SecretAnswer, SecretVersions } from '../../ports.ts';
import type { RoundRefs } from '../round.ts';
import type { SeenRef, ServedBranch } from '../served-branch.ts';
import { isAllowedPlace, type ReceivedChange, wishFor } from './identify-changes.ts';

/**
 * What was asked beside the list of refs, and where they had been seen before that. Where the list says that they are still
 * there, it is as if the refs had come first: an answer is older than no ref that it is written over.
 */
export interface AskedAhead {
  readonly seen: ReadonlyMap<string, SeenRef>;
  /** By `refKey`; each is good for one question. */
  readonly answers: Map<string, Promise<SecretAnswer>>;
  /** Every pull request of a branch, newest first; by the branch's short name, each good for one question. */
  readonly pulls: Map<string, Promise<readonly PullRequest[]>>;
}

/** Of more secrets a round trip is nothing that anybody waits for. */
const MOST_SECRETS = 8;

/** Asks what these changes are likely to need, as far as the index that was read last tells; null where nothing was read yet. */
export function askAhead(
  served: ServedBranch,
  changes: readonly ReceivedChange[],
  signal: AbortSignal,
): AskedAhead | null {
  const { memory, secretVersions, settings } = served;
  const { last, seen } = memory;
  if (last === null || seen === null) return null;
  const accounts: readonly AllowedAccount[] = secretVersions === null ? [] : settings.accounts;
  const followed = changes.flatMap(({ change }) =>
    isAllowedPlace(change, settings.accounts) && whyNobodyAnywhere(last.index, change, accounts) === null
      ? [change]
      : [],
  );
  const secrets = new Map(followed.map((change) => [refKey(change), change]));
  if (secrets.size === 0 || secrets.size > MOST_SECRETS) return null;
  const answers = new Map<string, Promise<SecretAnswer>>();
  if (secretVersions !== null) {
    for (const [key, ref] of secrets) answers.set(key, unheard(secretVersions.describe(ref, signal)));
  }
  const { branchPrefix: prefix, instance, base, scope } = settings;
  const wishes = followed.map((change) => wishFor(change, change.names, null));
  const groups = groupWishes(last.index, wishes, scope.grouping);
  const [group] = groups;
  const pulls = new Map<string, Promise<readonly PullRequest[]>>();
  // Before the second of several, the first is published: people may have decided something by then.
  if (group !== undefined && groups.length === 1) {
    const branch = branchName({ prefix, instance, base, group, stage: 1 });
    pulls.set(branch, unheard(served.forge.list(branch, base, signal)));
  }
  return { seen, answers, pulls };
}

/** Nobody may come to ask for it: then nobody hears of its failure either. */
function unheard<T>(answer: Promise<T>): Promise<T> {
  answer.catch(() => undefined);
  return answer;
}

/** What was asked ahead, where every ref is as it was seen before; else nothing, and all of it is to be asked again. */
export function stillStanding(
  asked: AskedAhead | null,
  { base, ownRefs }: RoundRefs,
): Pick<AskedAhead, 'answers' | 'pulls'> {
  const refs = [base, ...ownRefs];
  const isUnmoved =
    refs.length === asked?.seen.size && refs.every(({ name, oid }) => asked.seen.get(name)?.oid === oid);
  return isUnmoved ? asked : { answers: new Map(), pulls: new Map() };
}

/** The same, and the first question for what was asked ahead gets that answer. */
export function answeredAhead(
  secretVersions: SecretVersions | null,
  { answers }: Pick<AskedAhead, 'answers'>,
): SecretVersions | null {
  if (secretVersions === null) return null;
  return {
    describe: (ref, signal) => {
      const key = refKey(ref);
      const answer = answers.get(key);
      answers.delete(key);
      return answer ?? secretVersions.describe(ref, signal);
    },
    list: (place, filter, signal) => secretVersions.list(place, filter, signal),
    listParameters: (place, signal) => secretVersions.listParameters(place, signal),
  };
}
