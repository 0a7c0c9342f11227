import { FORCE_SYNC } from '../../src/domain/policy.ts';
import { parseToken } from '../../src/domain/token.ts';
import { ROTATION, readTrailers } from '../../src/words/trailers.ts';
import { externalSecret, STORE } from './manifests.ts';
import { createWorld, MAIN, refOf, type World, type WorldOptions } from './memory-world.ts';
import type { Gate } from './ports-of-process.ts';

/** Which ExternalSecret fetches which secrets; each stands in `<name>.yaml`. */
export type Layout = Readonly<Record<string, readonly string[]>>;

/** `a` and `b` meet in one ExternalSecret, so they share a branch; `c` has its own. */
export const TEAM: Layout = { alone: ['a'], both: ['a', 'b'], other: ['c'] };

/** A gate that does something once, right before the call with this number; it counts the calls. */
export function onceAt(number: number, act: (call: string) => Promise<void>): { readonly gate: Gate; count(): number } {
  let count = 0;
  return {
    gate: async (call, moment) => {
      // Between the end of one call and the beginning of the next nothing changes outside.
      if (moment === 'after') return;
      count += 1;
      if (count === number) await act(`${number}: ${call}`);
    },
    count: () => count,
  };
}

/** A world with this layout, and a file that has nothing to do with secrets. */
export function createTeamWorld(layout: Layout, options: Partial<WorldOptions> = {}): World {
  const manifests = Object.entries(layout).map(([name, keys]) => [`${name}.yaml`, externalSecret(name, keys)]);
  const files = Object.fromEntries([['store.yaml', STORE], ['README.md', '# Ours\n'], ...manifests]);
  return createWorld({ ...options, files: { ...files, ...options.files } });
}

/** The versions in the token of one ExternalSecret, by secret; empty where it has no token. */
export function versionsAt(world: World, ref: string, name: string): Readonly<Record<string, string>> {
  const text = world.workspace.fileAt(ref, `${name}.yaml`) ?? '';
  const value = new RegExp(`${FORCE_SYNC}: "([^"]*)"`).exec(text)?.[1] ?? null;
  return Object.fromEntries((parseToken(value) ?? []).map((entry) => [entry.name, entry.version]));
}

/** What is on the branch of every open pull request, by ExternalSecret; `{}` where none is open. */
export async function proposed(world: World, layout: Layout): Promise<Readonly<Record<string, unknown>>> {
  const pulls = await world.open();
  const versions = pulls.flatMap((pull) =>
    Object.keys(layout).map((name) => [name, versionsAt(world, refOf(pull), name)] as const),
  );
  return Object.fromEntries(versions.filter(([, found]) => Object.keys(found).length > 0));
}

/** `secret=version` of everything that a person turned down, or a bot twice, by what was shown or by what was pushed. */
async function rejections(world: World): Promise<ReadonlySet<string>> {
  const pulls = await world.forge.pulls();
  const rejected = new Set<string>();
  const byBots = new Map<string, number>();
  for (const branch of new Set(pulls.map((pull) => pull.branch))) {
    const known = await world.forge.list(branch, 'main', new AbortController().signal);
    for (const { state, body, headMessage } of known) {
      const texts = state === 'closed-by-person' ? [body, headMessage ?? ''] : [];
      for (const one of texts.flatMap((text) => readTrailers(text, ROTATION))) rejected.add(one);
      if (state !== 'closed-by-bot' || body.startsWith('Withdrawn: ')) continue;
      for (const one of readTrailers(body, ROTATION)) byBots.set(one, (byBots.get(one) ?? 0) + 1);
    }
  }
  for (const [one, times] of byBots) if (times > 1) rejected.add(one);
  return rejected;
}

/**
 * What is wrong with a world in which everything has come to rest: messages left, two pull requests for one branch, a
 * secret that is neither on the base nor proposed nor turned down, a proposal that nobody could see. `wished`: the version
 * of each secret that somebody asked for, which AWS still calls current; `current`: that of the others too.
 */
export async function violations(
  world: World,
  layout: Layout,
  wished: ReadonlyMap<string, string>,
  current: ReadonlyMap<string, string> = wished,
): Promise<readonly string[]> {
  const pulls = await world.open();
  const rejected = await rejections(world);
  const found = world.inbox.bodies().map(() => 'a message is left');
  const branches = pulls.map(({ branch }) => branch);
  if (new Set(branches).size < branches.length) found.push('two pull requests for one branch');
  for (const pull of pulls) {
    if (pull.head !== world.workspace.tip(refOf(pull))) found.push(`#${pull.number} does not show its branch`);
  }
  for (const [name, keys] of Object.entries(layout)) {
    const places = [MAIN, ...pulls.map((pull) => refOf(pull))].map((ref) => versionsAt(world, ref, name));
    const isHeld = keys.some((key) => rejected.has(`${key}=${current.get(key) ?? ''}`));
    for (const key of keys) {
      const version = wished.get(key);
      if (version === undefined || isHeld || places.some((place) => place[key] === version)) continue;
      found.push(`${name} lost ${key}=${version}: ${JSON.stringify(places)}`);
    }
  }
  return found;
}
