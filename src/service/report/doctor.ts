import { Failure } from '../../domain/failure.ts';
import type { Inbox } from '../../ports.ts';
import type { ServedBranch } from '../served-branch.ts';

/** One thing that was tried, and what came of it. */
export interface Finding {
  readonly subject: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly hint: string | null;
}

/** A secret that nobody has: asking for it shows whether AWS answers, without touching a real one. */
const PROBE = 'gitops-reloader/doctor/this-secret-does-not-exist';

/** Tries every connection that the configuration names, without changing anything. All findings, in a fixed order. */
export async function examine(
  inboxes: readonly Inbox[],
  branches: readonly ServedBranch[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const inbox of inboxes) {
    findings.push(
      await attempt(`queue ${inbox.name}`, async () => `reachable, about ${await inbox.waiting(signal)} waiting`),
    );
  }
  for (const served of branches) {
    findings.push(await attempt(`repository ${served.name}`, () => readBase(served, signal)));
    findings.push(await attempt(`pull requests of ${served.name}`, () => readForge(served, signal)));
  }
  for (const [place, ask] of placesToAsk(branches, signal)) findings.push(await attempt(`secrets in ${place}`, ask));
  return findings;
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

async function attempt(subject: string, tried: () => Promise<string>): Promise<Finding> {
  try {
    return { subject, ok: true, detail: await tried(), hint: null };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { subject, ok: false, detail: `${error.message} [${error.code}]`, hint: error.hint };
  }
}
