import { formerBranches } from '../../../plan/grouping/former-branches.ts';
import { objectKey } from '../../../plan/plan.ts';
import type { Wish } from '../../../plan/truth/wish.ts';
import type { Ref } from '../../../ports.ts';
import { ROTATION } from '../../../words/trailers.ts';
import type { Round } from '../../round.ts';
import { turnedDownBy } from '../pull/turned-down.ts';
import { readTip } from '../tip/own-branch.ts';

/** `key=version` that people turned down, by the `objectKey` of what it was proposed for. */
export type Rejections = ReadonlyMap<string, ReadonlySet<string>>;

// Of one round: people may close and reopen at any time.
const READ = new WeakMap<Round['blobs'], Map<string, Promise<Rejections>>>();

/**
 * What people turned down on branches that other groups had before the grouping changed: each object keeps it, in whatever
 * group it is now. Asks the forge only where such a branch carries something for what is on the base.
 */
export async function rejectedElsewhere(round: Round, wishes: readonly Wish[], own: string): Promise<Rejections> {
  const { served, index, ownRefs } = round;
  const { branchPrefix: prefix, instance, base, bases, scope } = served.settings;
  const asked = { index, grouping: scope.grouping, bases };
  const names = ownRefs.map(({ name }) => name.slice('refs/heads/'.length)).filter((name) => name !== own);
  const former = new Set(formerBranches(asked, wishes, names, { prefix, instance, base }));
  const all = new Map<string, Set<string>>();
  for (const ref of ownRefs) {
    if (!former.has(ref.name.slice('refs/heads/'.length))) continue;
    for (const [key, rejected] of await readOnce(round, ref))
      all.set(key, new Set([...(all.get(key) ?? []), ...rejected]));
  }
  return all;
}

function readOnce(round: Round, ref: Ref): Promise<Rejections> {
  const known = READ.get(round.blobs) ?? new Map<string, Promise<Rejections>>();
  READ.set(round.blobs, known);
  const read = known.get(ref.name) ?? readRejections(round, ref);
  known.set(ref.name, read);
  return read;
}

async function readRejections({ served, base, index, snapshot, signal }: Round, ref: Ref): Promise<Rejections> {
  const tip = await readTip(served, ref, { ref: base, snapshot }, signal);
  if (tip.kind === 'none' || tip.kind === 'foreign') return new Map();
  const carried = new Set([...tip.tokens.keys(), ...tip.sources.keys()]);
  const known = [...index.externalSecrets.map(({ object }) => object), ...index.workloads];
  const keys = known.map((object) => objectKey(object)).filter((key) => carried.has(key));
  if (keys.length === 0) return new Map();
  const pulls = await served.forge.list(ref.name.slice('refs/heads/'.length), served.settings.base, signal);
  const { rejected } = turnedDownBy(pulls, ROTATION);
  return rejected.size === 0 ? new Map() : new Map(keys.map((key) => [key, rejected]));
}
