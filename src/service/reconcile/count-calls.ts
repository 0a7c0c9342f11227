import type { AwsCalls } from '../../plan/reconcile/reconcile-report.ts';
import type { ListAnswer, SecretVersions } from '../../ports.ts';

/** AWS lists so many at once. */
const SECRETS_AT_ONCE = 100;
const PARAMETERS_AT_ONCE = 50;

/** The same port, and what has been asked of it so far. */
export interface CountedVersions {
  readonly versions: SecretVersions;
  calls(): AwsCalls;
}

/** Counts what is asked of AWS. How many pages a list took is told by what it held, so it is the fewest. */
export function countCalls(secretVersions: SecretVersions): CountedVersions {
  const calls = { lists: 0, pages: 0, describes: 0 };
  const counted = async (asked: Promise<ListAnswer>, atOnce: number) => {
    calls.lists += 1;
    const answer = await asked;
    calls.pages += answer.kind === 'listed' ? Math.max(1, Math.ceil(answer.secrets.length / atOnce)) : 1;
    return answer;
  };
  return {
    versions: {
      describe: (ref, signal) => {
        calls.describes += 1;
        return secretVersions.describe(ref, signal);
      },
      list: (place, filter, signal) => counted(secretVersions.list(place, filter, signal), SECRETS_AT_ONCE),
      listParameters: (place, signal) => counted(secretVersions.listParameters(place, signal), PARAMETERS_AT_ONCE),
    },
    calls: () => ({ ...calls }),
  };
}
