import type { AwsCalls } from '../../plan/reconcile/reconcile-report.ts';
import type { SecretVersions } from '../../ports.ts';

/** AWS lists so many at once. */
const PAGE_SIZE = 100;

/** The same port, and what has been asked of it so far. */
export interface CountedVersions {
  readonly versions: SecretVersions;
  calls(): AwsCalls;
}

/** Counts what is asked of AWS. How many pages a list took is told by what it held, so it is the fewest. */
export function countCalls(secretVersions: SecretVersions): CountedVersions {
  const calls = { lists: 0, pages: 0, describes: 0 };
  return {
    versions: {
      describe: (ref, signal) => {
        calls.describes += 1;
        return secretVersions.describe(ref, signal);
      },
      list: async (place, filter, signal) => {
        calls.lists += 1;
        const answer = await secretVersions.list(place, filter, signal);
        calls.pages += answer.kind === 'listed' ? Math.max(1, Math.ceil(answer.secrets.length / PAGE_SIZE)) : 1;
        return answer;
      },
    },
    calls: () => ({ ...calls }),
  };
}
