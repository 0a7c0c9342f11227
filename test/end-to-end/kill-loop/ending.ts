import { git } from '../../../src/demo/git/git-cli.ts';
import { WORLD } from '../../../src/demo/world.ts';
import { deployment, externalSecret, STORE } from '../manifests.ts';
import type { Rotation, Stage } from '../stage.ts';

/** Where the secrets of a loop are used: an ExternalSecret and a Deployment for each. */
export function repositoryFor(secrets: number): ReadonlyMap<string, string> {
  const files = Array.from({ length: secrets }, (_, at): readonly (readonly [string, string])[] => [
    [manifestOf(`s${at}`), externalSecret(`s${at}`, `prod/s${at}`)],
    [workloadOf(`s${at}`), deployment(`s${at}`, `s${at}`)],
  ]);
  return new Map([['stores/aws.yaml', STORE], ...files.flat()]);
}

/** True when every announced restart was made and no own branch is left. */
export async function isAllMerged({ world }: Stage, secrets: number): Promise<boolean> {
  const { dir } = world.repository;
  if ((await git(dir, ['for-each-ref', 'refs/heads/gitops-reloader/'])) !== '') return false;
  const restarted = await git(dir, ['grep', '-l', 'gitops-reloader.dev/secret-versions', WORLD.base]).catch(() => '');
  return restarted.split('\n').length - 1 === secrets;
}

/** One bump and one pull request per stage for each rotation, on the base branch: everything that is not so. */
export async function wrongInTheEnd({ world }: Stage, rotations: readonly Rotation[]): Promise<readonly string[]> {
  const { dir } = world.repository;
  const changes = await changesByFile(dir);
  const pulls = await world.github.people(WORLD.repository).pulls();
  const wrong = pulls.filter(({ mergedAt }) => mergedAt === null).map(({ number }) => `#${number} was not merged`);
  for (const { secret, version } of rotations) {
    const name = secret.replace('prod/', '');
    const [token, due, done] = await valuesAt(dir, name);
    if (!token?.startsWith(`${secret}=${version}@`)) wrong.push(`${secret}: the base says ${token}`);
    if (due === undefined || due !== done) wrong.push(`${secret}: ${due} is due and ${done} was done`);
    const bumps = [changes.get(manifestOf(name)), changes.get(workloadOf(name))];
    if (bumps.join() !== '1,2') wrong.push(`${secret}: so many commits changed its two files: ${bumps.join()}`);
    const refreshes = pulls.filter(({ body }) => body.includes(`Secret-Rotation: ${secret}=${version}\n`));
    const restarts = pulls.filter(({ body }) => body.includes(`Workload-Restart: ${workloadOf(name)}`));
    if (refreshes.length !== 1) wrong.push(`${secret}: ${refreshes.length} pull requests refresh it`);
    if (restarts.length !== 1) wrong.push(`${secret}: ${restarts.length} pull requests restart for it`);
  }
  if (pulls.length !== 2 * rotations.length) wrong.push(`there are ${pulls.length} pull requests`);
  return wrong;
}

function manifestOf(name: string): string {
  return `apps/${name}/external-secret.yaml`;
}

function workloadOf(name: string): string {
  return `apps/${name}/deployment.yaml`;
}

/** `force-sync`, `restart-due` and `secret-versions` at the head of the base branch. */
async function valuesAt(dir: string, name: string): Promise<readonly (string | undefined)[]> {
  const text = await git(dir, ['show', `${WORLD.base}:${manifestOf(name)}`, `${WORLD.base}:${workloadOf(name)}`]);
  const keys = ['force-sync', 'gitops-reloader.dev/restart-due', 'gitops-reloader.dev/secret-versions'];
  return keys.map((key) => new RegExp(`^ *${key}: "(.*)"$`, 'm').exec(text)?.[1]);
}

/** How many steps of the base branch changed each file after its first commit. */
async function changesByFile(dir: string): Promise<ReadonlyMap<string, number>> {
  const log = await git(dir, ['log', '--first-parent', '-m', '--name-only', '--format=', WORLD.base]);
  const changes = new Map<string, number>();
  for (const path of log.split('\n')) changes.set(path, (changes.get(path) ?? -1) + 1);
  return changes;
}
