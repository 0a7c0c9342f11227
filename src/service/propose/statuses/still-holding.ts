import { Failure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { IndexedExternalSecret } from '../../../manifests/graph.ts';
import { objectKey } from '../../../plan/plan.ts';
import { asksTheSame, valueOfRefresh } from '../../../plan/restart/statuses/mapped-refreshes.ts';
import type { Snapshot } from '../../../ports.ts';
import { parserOf, readFacts } from '../../reading/read-files.ts';
import type { Round } from '../../round.ts';
import { UNTOLD } from '../tip/tip-history.ts';

/** More than any base has within what is looked back. */
const MOST_REMEMBERED = 20_000;

/** Those of these that an earlier commit of the base holds as they are now. None where the host does not give that commit. */
export async function stillHolding(
  round: Round,
  commit: Oid,
  users: readonly IndexedExternalSecret[],
): Promise<readonly IndexedExternalSecret[]> {
  const { holds } = round.served.memory;
  const unknown = users.filter((user) => !holds.has(keyOf(round, commit, user)));
  if (unknown.length > 0 && !(await lookInto(round, commit, unknown))) return [];
  return users.filter((user) => holds.get(keyOf(round, commit, user)) === true);
}

/** A commit never changes: what it holds is looked up once. */
function keyOf({ blobs }: Round, commit: Oid, user: IndexedExternalSecret): string {
  const { object } = user;
  return JSON.stringify([commit, objectKey(object), blobs.get(object.path) ?? null, valueOfRefresh(user)]);
}

/** False where the host does not show the commit. */
async function lookInto(round: Round, commit: Oid, users: readonly IndexedExternalSecret[]): Promise<boolean> {
  const { holds } = round.served.memory;
  const snapshot = await snapshotAt(round, commit);
  if (snapshot === null) return false;
  const paths = new Set<string>(users.map(({ object }) => object.path));
  const entries = new Map(snapshot.entries.filter(({ path }) => paths.has(path)).map((entry) => [entry.path, entry]));
  const differing = [...entries.values()].filter(({ path, oid }) => round.blobs.get(path) !== oid);
  const known = await readFacts(snapshot, differing, parserOf(round.served), round.signal);
  if (holds.size + users.length > MOST_REMEMBERED) holds.clear();
  for (const user of users) {
    const { path } = user.object;
    const entry = entries.get(path);
    const isSame = entry !== undefined && entry.oid === round.blobs.get(path);
    const facts = entry === undefined ? undefined : known.get(entry.oid);
    holds.set(keyOf(round, commit, user), isSame || (facts !== undefined && asksTheSame(user, facts)));
  }
  return true;
}

async function snapshotAt({ served, base, signal }: Round, oid: Oid): Promise<Snapshot | null> {
  try {
    return await served.workspace.snapshot({ name: base.name, oid }, signal);
  } catch (error) {
    if (error instanceof Failure && UNTOLD.includes(error.code)) return null;
    throw error;
  }
}
