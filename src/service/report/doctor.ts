import { Failure } from '../../domain/failure.ts';
import type { Inbox } from '../../ports.ts';
import { atMost } from '../at-most.ts';
import type { ServedBranch } from '../served-branch.ts';
import { readGates, type ToldGates } from './gates.ts';

/** One thing that was tried, and what came of it. */
export interface Finding {
  readonly subject: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint: string | null;
}

/** A secret that nobody has: asking for it shows whether AWS answers, without touching a real one. */
const PROBE = 'gitops-reloader/doctor/this-secret-does-not-exist';

/** So many are tried together: one that does not answer must not use up the time of all others. */
const AT_ONCE = 16;

/** Tries every connection that the configuration names, without changing anything. All findings, in a fixed order. */
export function examine(
  inboxes: readonly Inbox[],
  branches: readonly ServedBranch[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const attempts: readonly Attempt[] = [
    ...inboxes.map(
      (inbox): Attempt => [
        `queue ${inbox.name}`,
        async () => `reachable, about ${await inbox.waiting(signal)} waiting`,
      ],
    ),
    ...branches.flatMap((served): readonly Attempt[] => [
      [`repository ${served.name}`, () => readBase(served, signal)],
      [`pull requests of ${served.name}`, () => readForge(served, signal)],
      ...gatesOf(served, signal),
    ]),
    ...[...placesToAsk(branches, signal)].map(([place, ask]): Attempt => [`secrets in ${place}`, ask]),
  ];
  return atMost(AT_ONCE, attempts, ([subject, tried]) => attempt(subject, tried));
}

/** What is tried, and how. */
type Attempt = readonly [subject: string, tried: () => Promise<string | ToldGates>];

/** Only where the branch as a whole is `gated`: the whole repository is read for it. */
function gatesOf(served: ServedBranch, signal: AbortSignal): readonly Attempt[] {
  if (served.settings.scope.order !== 'gated') return [];
  return [[`gates of ${served.name}`, () => readGates(served, signal)]];
}

async function readBase({ workspace, settings }: ServedBranch, signal: AbortSignal): Promise<string> {
  const name = `refs/heads/${settings.base}`;
  const base = (await workspace.refs([name], signal)).find((ref) => ref.name === name);
  if (base !== undefined) return `branch ${settings.base} is at ${base.oid.slice(0, 12)}`;
  throw new Failure(`it has no branch ${settings.base}`, {
    code: 'git-missing',
    retry: 'never',
    hint: 'See spec.repositories[].branches[].base.',
  });
}

async function readForge({ forge, settings }: ServedBranch, signal: AbortSignal): Promise<string> {
  const pulls = await forge.list(`${settings.branchPrefix}/${settings.instance}/doctor`, settings.base, signal);
  return `readable (${pulls.length} of the doctor's own)`;
}

/** Every allowed account and region once. */
function placesToAsk(
  branches: readonly ServedBranch[],
  signal: AbortSignal,
): ReadonlyMap<string, () => Promise<string>> {
  const places = new Map<string, () => Promise<string>>();
  for (const { secretVersions, settings } of branches) {
    if (secretVersions === null) continue;
    for (const { id: account, regions } of settings.accounts) {
      for (const region of regions) {
        places.set(`${account}/${region}`, async () => {
          const ref = { service: 'secretsmanager' as const, account, region, id: PROBE };
          const answer = await secretVersions.describe(ref, signal);
          return answer.kind === 'denied' ? 'AWS answers; DescribeSecret is limited to some secrets' : 'AWS answers';
        });
      }
    }
  }
  return places;
}

async function attempt(subject: string, tried: Attempt[1]): Promise<Finding> {
  try {
    const told = await tried();
    return { subject, ok: true, ...(typeof told === 'string' ? { detail: told, hint: null } : told) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { subject, ok: false, detail: `${error.message} [${error.code}]`, hint: error.hint };
  }
}
