import { FORCE_SYNC } from '../../../src/domain/policy.ts';
import { parseToken } from '../../../src/domain/token.ts';
import { MAIN, type World } from '../memory-world.ts';

const NEVER = new AbortController().signal;

/** What one workload says at one commit. */
export interface Said {
  readonly due: string | null;
  readonly made: string | null;
  readonly restartAt: string | null;
}

/** What the base was at one of its commits. */
export interface Step {
  readonly commit: string;
  /** The version of secret `a` that the ExternalSecret `db` fetches; null before the first. */
  readonly version: string | null;
  readonly workloads: Readonly<Record<string, Said>>;
}

/** Everything that the base was, oldest first: from its head from first parent to first parent. */
export async function baseHistory(world: World, workloads: readonly string[]): Promise<readonly Step[]> {
  const steps: Step[] = [];
  for (let oid = world.workspace.tip(MAIN) ?? undefined; oid !== undefined; ) {
    const ref = { name: MAIN, oid };
    const snapshot = await world.workspace.snapshot(ref, NEVER);
    const textOf = async (name: string) => {
      const entry = snapshot.entries.find(({ path }) => path === `${name}.yaml`);
      return entry === undefined ? '' : Buffer.from(await snapshot.read(entry.oid)).toString();
    };
    const said = await Promise.all(workloads.map(async (name) => [name, saidIn(await textOf(name))] as const));
    steps.push({ commit: oid, version: versionIn(await textOf('db')), workloads: Object.fromEntries(said) });
    [oid] = (await world.workspace.commit(ref, NEVER)).parents;
  }
  return steps.toReversed();
}

export function saidIn(text: string): Said {
  const value = (key: string) => new RegExp(`${key}: "([^"]*)"`).exec(text)?.[1] ?? null;
  return { due: value('restart-due'), made: value('secret-versions'), restartAt: value('restartAt') };
}

function versionIn(text: string): string | null {
  const token = parseToken(new RegExp(`${FORCE_SYNC}: "([^"]*)"`).exec(text)?.[1] ?? null);
  return token?.find(({ name }) => name === 'a')?.version ?? null;
}

/** The values in their order, each once for as long as it stood. */
export function changesOf<T>(values: readonly T[]): readonly T[] {
  return values.filter((value, at) => at === 0 || value !== values[at - 1]);
}
