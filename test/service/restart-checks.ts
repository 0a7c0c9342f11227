import { RESTART, readTrailers } from '../../src/words/trailers.ts';
import { MAIN, refOf, type World } from './memory-world.ts';

const SETTLE_MILLISECONDS = 360_000;

/** What a workload in `<name>.yaml` says on `main`: what is announced, and what its pods were last restarted for. */
export function restartsAt(
  world: World,
  name: string,
  ref = MAIN,
): { readonly due: string | null; readonly made: string | null } {
  const text = world.workspace.fileAt(ref, `${name}.yaml`) ?? '';
  const value = (annotation: string) => new RegExp(`${annotation}: "([^"]*)"`).exec(text)?.[1] ?? null;
  return { due: value('restart-due'), made: value('secret-versions') };
}

/** Watches `main`: a restart must have been announced there, and have settled, before it is made. */
export function watchRestarts(world: World, names: readonly string[]) {
  const announced = new Map<string, number>();
  const wrong: string[] = [];
  return {
    /** To be called after every merge. */
    look: () => {
      for (const name of names) {
        const { due, made } = restartsAt(world, name);
        const since = made === null ? null : (announced.get(`${name} ${made}`) ?? Infinity);
        if (since !== null && world.time.now() < since + SETTLE_MILLISECONDS)
          wrong.push(`${name} made ${made} too early`);
        if (due !== null && !announced.has(`${name} ${due}`)) announced.set(`${name} ${due}`, world.time.now());
      }
    },
    wrong: () => wrong,
  };
}

/**
 * People merge whatever is open, and time passes for a process that only sweeps, until nothing is open any more; then every
 * restart that was announced was made, unless people or bots turned it down. Returns what is wrong.
 */
export async function makePeace(
  world: World,
  names: readonly string[],
  { merged, isTheirs }: { readonly merged: () => void; readonly isTheirs: (ref: string) => boolean },
): Promise<readonly string[]> {
  const sweeper = world.start();
  for (let day = 0; day < 12; day += 1) {
    await sweeper.sweep();
    const open = await world.open();
    for (const pull of open) {
      if (await world.merge(pull.number, day % 2 === 0 ? 'keep' : 'delete')) merged();
      // A conflict is resolved by the next sweep, or by the people whose commit it holds.
      else if (isTheirs(refOf(pull))) world.workspace.moveRef(refOf(pull), null);
    }
    // What people pushed on and merged, or closed, they delete: we never would.
    const shown = new Set((await world.open()).map((pull) => refOf(pull)));
    for (const ref of await ownBranchesOf(world)) {
      if (isTheirs(ref) && !shown.has(ref)) world.workspace.moveRef(ref, null);
    }
    await world.time.pass(SETTLE_MILLISECONDS + 1000);
    if (open.length === 0 && day > 3) break;
  }
  // What people pushed on and let conflict is theirs.
  const left = (await world.open()).filter((pull) => !isTheirs(refOf(pull)));
  const open = left.map(({ branch }) => `${branch} is still open`);
  const held = await turnedDown(world);
  const undone = names.flatMap((name) => {
    const { due, made } = restartsAt(world, name);
    return due === made || held.has(`${name} ${due}`) ? [] : [`${name} is due for ${due} and was made for ${made}`];
  });
  return [...open, ...undone];
}

/** `<name> <value>` of each restart that a person closed, or bots twice. */
async function turnedDown(world: World): Promise<ReadonlySet<string>> {
  const held = new Set<string>();
  const byBots = new Map<string, number>();
  for (const pull of await world.forge.pulls()) {
    const [known] = (await world.forge.list(pull.branch, 'main', new AbortController().signal)).filter(
      ({ number }) => number === pull.number,
    );
    if (known === undefined || known.body.startsWith('Withdrawn: ')) continue;
    const names = readTrailers(`${known.headMessage ?? ''}\n\n${known.body}`, RESTART).map(
      (one) => /\/([^/ ]+) (.*)$/.exec(one)?.slice(1).join(' ') ?? '',
    );
    for (const name of names) {
      if (known.state === 'closed-by-person') held.add(name);
      if (known.state === 'closed-by-bot') byBots.set(name, (byBots.get(name) ?? 0) + 1);
    }
  }
  for (const [name, times] of byBots) if (times > 1) held.add(name);
  return held;
}

/** Every own branch, as `refs/heads/…`. */
export async function ownBranchesOf(world: World): Promise<readonly string[]> {
  const refs = await world.workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal);
  return refs.map(({ name }) => name);
}

/** The open pull requests of stage two. */
export async function openRestarts(world: World) {
  return (await world.open()).filter((pull) => refOf(pull).endsWith('/restart'));
}
