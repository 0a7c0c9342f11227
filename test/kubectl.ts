import { spawnSync } from 'node:child_process';

/** Several patches in one file need Kustomize 5.2.1: what is older cannot judge overlays. */
const OLDEST = [5, 2, 1];

/** True where a kubectl with a recent Kustomize is at hand; tests that need it skip visibly elsewhere. */
export const hasKustomize = isRecent(spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).stdout ?? '');

function isRecent(text: string): boolean {
  const [, ...parts] = /^Kustomize Version: v(\d+)\.(\d+)\.(\d+)/m.exec(text) ?? [];
  if (parts.length === 0) return false;
  for (const [at, oldest] of OLDEST.entries()) {
    const part = Number(parts[at]);
    if (part !== oldest) return part > oldest;
  }
  return true;
}
