import { MAIN, refOf, type World } from './memory-world.ts';

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

/** Every own branch, as `refs/heads/…`. */
export async function ownBranchesOf(world: World): Promise<readonly string[]> {
  const refs = await world.workspace.refs(['refs/heads/gitops-reloader/'], new AbortController().signal);
  return refs.map(({ name }) => name);
}

/** The open pull requests of stage two. */
export async function openRestarts(world: World) {
  return (await world.open()).filter((pull) => refOf(pull).endsWith('/restart'));
}
