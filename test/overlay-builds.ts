import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { applied, openGoldenRepository, planOn, writeTree } from './golden-repositories.ts';

const OURS = ['force-sync', 'gitops-reloader.dev/restart-due', 'gitops-reloader.dev/secret-versions'];

/** Builds every overlay that a golden case changes (else the last one) before and after: only our annotations may differ. */
export async function checkBuilds(name: string): Promise<void> {
  const golden = openGoldenRepository(name);
  const made = await planOn(golden, golden.before);
  const roots = [
    ...new Set(
      made.plan.edits.map(({ path, overlay }) =>
        overlay === undefined
          ? (/^overlays\/[^/]+/.exec(path)?.[0] ?? 'overlays/stage')
          : dirname(overlay.kustomization),
      ),
    ),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-overlays-'));
  try {
    writeTree(folder, golden.before);
    const before = roots.map((root) => built(join(folder, root)));
    writeTree(folder, applied(golden.before, made));
    const after = roots.map((root) => built(join(folder, root)));
    expect(after.map(({ objects }) => objects)).toEqual(before.map(({ objects }) => objects));
    const bumps = made.plan.edits.map(({ after: value }) => value).toSorted();
    expect(after.flatMap(({ values }) => values).toSorted()).toEqual(bumps);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

interface Built {
  metadata: { annotations?: Record<string, string> };
  spec?: { template?: { metadata?: { annotations?: Record<string, string> } } };
}

/** What Kustomize builds, without our annotations, and the values of those. */
function built(folder: string) {
  const text = execFileSync('kubectl', ['kustomize', folder], { encoding: 'utf8' });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Built);
  const holders = objects.flatMap(({ metadata, spec }) => [metadata, spec?.template?.metadata ?? {}]);
  const values = holders.flatMap((holder) => takeOurs(holder));
  return { objects, values };
}

/** Takes our annotations away, and a map that holds no others; their values. */
function takeOurs(holder: Built['metadata']): readonly string[] {
  const all = Object.entries(holder.annotations ?? {});
  const others = all.filter(([key]) => !OURS.includes(key));
  if (others.length > 0) holder.annotations = Object.fromEntries(others);
  else delete holder.annotations;
  return all.flatMap(([key, value]) => (OURS.includes(key) ? [value] : []));
}
