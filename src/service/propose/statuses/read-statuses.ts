import type { IndexedExternalSecret } from '../../../manifests/graph.ts';
import type { DueRestart } from '../../../plan/restart/due-restarts.ts';
import { type DeliveredCommit, firstParents } from '../../../plan/restart/statuses/delivered.ts';
import { mappedRefreshes } from '../../../plan/restart/statuses/mapped-refreshes.ts';
import type { StatusFacts } from '../../../plan/restart/statuses/status-evidence.ts';
import type { Round } from '../../round.ts';
import { stillHolding } from './still-holding.ts';

/** Statuses move no ref: so often the forge is asked about one base, however many restarts wait for them. */
export const STATUS_LOOK_MILLISECONDS = 60_000;

/** What is known of the statuses that these restarts wait for. Nobody is asked where the configuration names none. */
export async function readStatuses(round: Round, restarts: readonly DueRestart[]): Promise<StatusFacts> {
  const policy = round.served.settings.evidence;
  const users = mappedRefreshes(restarts, policy);
  const line = users.length === 0 ? [] : firstParents(await deliveredTo(round), round.base.oid);
  const [head, ...earlier] = line;
  const holding = new Map<IndexedExternalSecret, DeliveredCommit[]>();
  // That it is due at the head says that the head holds it.
  for (const user of users) holding.set(user, head === undefined ? [] : [head]);
  let left = users;
  for (const commit of earlier) {
    left = await stillHolding(round, commit.oid, left);
    if (left.length === 0) break;
    for (const user of left) holding.get(user)?.push(commit);
  }
  return { policy, holding, names: new Set(line.flatMap(({ reports }) => reports.map(({ name }) => name))) };
}

async function deliveredTo({ served, base, signal }: Round): Promise<readonly DeliveredCommit[]> {
  const { memory, forge, clock } = served;
  const known = memory.delivered;
  const isFresh = known !== null && clock.now() - known.at < STATUS_LOOK_MILLISECONDS;
  if (isFresh && known.head === base.oid) return known.commits;
  const at = clock.now();
  const commits = await forge.delivered(base.oid, signal);
  memory.delivered = { head: base.oid, at, commits };
  return commits;
}
