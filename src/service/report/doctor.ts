import { Failure } from '../../domain/failure.ts';
import type { SecretPlace } from '../../domain/secret-id.ts';
import type { Index } from '../../manifests/graph.ts';
import { firstParents } from '../../plan/restart/statuses/delivered.ts';
import type { Scope } from '../../plan/scope.ts';
import type { Inbox, IndexCache, Ref, SecretVersions } from '../../ports.ts';
import { atMost } from '../at-most.ts';
import { readIndex } from '../reading/read-index.ts';
import type { ServedBranch } from '../served-branch.ts';
import { approvalsFound, gatesFound, statusesFound, type Told } from './manifest-findings.ts';

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
  return examineAll(attemptsOf(inboxes, branches, signal));
}

async function examineAll(attempts: readonly Attempt[]): Promise<readonly Finding[]> {
  const findings = await atMost(AT_ONCE, attempts, ([subject, tried]) => attempt(subject, tried));
  return findings.filter((one) => one !== null);
}

function attemptsOf(
  inboxes: readonly Inbox[],
  branches: readonly ServedBranch[],
  signal: AbortSignal,
): readonly Attempt[] {
  return [
    ...inboxes.map(
      (inbox): Attempt => [
        `queue ${inbox.name}`,
        async () => told(`reachable, about ${await inbox.waiting(signal)} waiting`),
      ],
    ),
    ...cachesOf(branches).map((cache): Attempt => [`index cache ${cache.place}`, () => probeCache(cache)]),
    ...branches.flatMap((served) => branchAttempts(served, signal)),
    ...[...placesToAsk(branches, signal)].flatMap(([place, { ask, list }]): readonly Attempt[] => [
      [`secrets in ${place}`, ask],
      [`list of ${place}`, list],
    ]),
  ];
}

/** What is tried, and how; null where something else has failed that says it all. */
type Attempt = readonly [subject: string, tried: () => Promise<Told | null>];

/** The base and what its manifests say are read once. */
function branchAttempts(served: ServedBranch, signal: AbortSignal): readonly Attempt[] {
  const { name, settings } = served;
  let found: Promise<Ref> | null = null;
  let read: Promise<Index> | null = null;
  const base = () => (found ??= baseOf(served, signal));
  const based = async (tell: (ref: Ref) => Promise<Told>) => {
    const ref = await base().catch(() => null);
    return ref === null ? null : tell(ref);
  };
  const indexed = (tell: (index: Index, scope: Scope) => Told) =>
    based(async (ref) => {
      read ??= readIndex(served, ref, signal).then(({ index }) => index);
      return tell(await read, settings.scope);
    });
  return [
    [`repository ${name}`, async () => told(`branch ${settings.base} is at ${(await base()).oid.slice(0, 12)}`)],
    [`pull requests of ${name}`, () => readForge(served, signal)],
    ...(settings.evidence.statuses.length === 0
      ? []
      : [[`statuses of ${name}`, () => based((ref) => reported(served, ref, signal))] satisfies Attempt]),
    [`approvals in ${name}`, () => indexed(approvalsFound)],
    ...(settings.scope.order === 'gated' ? [[`gates of ${name}`, () => indexed(gatesFound)] satisfies Attempt] : []),
  ];
}

function cachesOf(branches: readonly ServedBranch[]): readonly IndexCache[] {
  return [...new Set(branches.flatMap(({ kept }) => (kept === undefined ? [] : [kept.cache])))];
}

async function probeCache(cache: IndexCache): Promise<Told> {
  await cache.probe();
  return told('writable: the next start reads only files that changed');
}

/** Where restarts wait for statuses: whether anybody ever reported them. One question. */
async function reported({ forge, settings }: ServedBranch, { oid }: Ref, signal: AbortSignal): Promise<Told> {
  return statusesFound(settings.evidence, firstParents(await forge.delivered(oid, signal), oid));
}

function told(detail: string, hint: string | null = null): Told {
  return { detail, hint };
}

async function baseOf({ workspace, settings }: ServedBranch, signal: AbortSignal): Promise<Ref> {
  const name = `refs/heads/${settings.base}`;
  const base = (await workspace.refs([name], signal)).find((ref) => ref.name === name);
  if (base !== undefined) return base;
  throw new Failure(`it has no branch ${settings.base}`, {
    code: 'git-missing',
    retry: 'never',
    hint: 'See spec.repositories[].branches[].base.',
  });
}

async function readForge({ forge, settings }: ServedBranch, signal: AbortSignal): Promise<Told> {
  const pulls = await forge.list(`${settings.branchPrefix}/${settings.instance}/doctor`, settings.base, signal);
  return told(`readable (${pulls.length} of the doctor's own)`);
}

/** How a place is tried. */
interface PlaceAttempts {
  readonly ask: () => Promise<Told>;
  readonly list: () => Promise<Told>;
}

/** Every allowed account and region once. */
function placesToAsk(branches: readonly ServedBranch[], signal: AbortSignal): ReadonlyMap<string, PlaceAttempts> {
  const places = new Map<string, PlaceAttempts>();
  for (const { secretVersions, settings } of branches) {
    if (secretVersions === null) continue;
    for (const { id: account, regions } of settings.accounts) {
      for (const region of regions) {
        const place = { account, region };
        places.set(`${account}/${region}`, {
          ask: () => describeOne(secretVersions, place, signal),
          list: () => listNone(secretVersions, place, signal),
        });
      }
    }
  }
  return places;
}

async function describeOne(secretVersions: SecretVersions, place: SecretPlace, signal: AbortSignal): Promise<Told> {
  const answer = await secretVersions.describe({ service: 'secretsmanager', ...place, id: PROBE }, signal);
  return told(answer.kind === 'denied' ? 'AWS answers; DescribeSecret is limited to some secrets' : 'AWS answers');
}

/** Lists what has a name that nobody uses: one page. */
async function listNone(secretVersions: SecretVersions, place: SecretPlace, signal: AbortSignal): Promise<Told> {
  const answer = await secretVersions.list(place, { regexp: null, path: PROBE, tags: [] }, signal);
  if (answer.kind !== 'denied') return told('secrets may be listed');
  return told(
    'secrets may not be listed: reconcile and status ask for each by itself, and no find is followed',
    'Allow secretsmanager:ListSecrets, unless there are few secrets.',
  );
}

async function attempt(subject: string, tried: Attempt[1]): Promise<Finding | null> {
  try {
    const found = await tried();
    return found === null ? null : { subject, ok: true, ...found };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { subject, ok: false, detail: `${error.message} [${error.code}]`, hint: error.hint };
  }
}
