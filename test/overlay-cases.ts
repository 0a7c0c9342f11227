import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { NO_BINDINGS } from '../src/domain/policy.ts';
import { parseRepoPath, type RepoPath } from '../src/domain/repo-path.ts';
import { buildIndex, type IndexedFile } from '../src/manifests/build-index.ts';
import { readBlob } from '../src/manifests/read-blob.ts';
import { everything } from '../src/plan/scope.ts';
import { type MadePlan, makePlan } from '../src/service/make-plan.ts';
import { changesOf } from '../src/service/report/describe-events.ts';

/** Kustomize overlays as people write them: repositories with an event each, and what Kustomize makes of them. */
const CASES = 'fixtures/repos';
const ACCOUNT = { id: '111122223333', regions: ['eu-west-1', 'us-east-1'] };
const NOW = Date.parse('2026-03-02T09:20:30Z');
const OURS = ['force-sync', 'gitops-reloader.dev/restart-due', 'gitops-reloader.dev/secret-versions'];

export const overlayCases = readdirSync(CASES).filter((name) => name.startsWith('overlay-'));

/** Builds every overlay that a case changes (else the last one) before and after: only our annotations may differ. */
export async function checkBuilds(name: string): Promise<void> {
  const made = await planFor(name, readCase(name));
  const roots = new Set(made.plan.edits.map(({ path }) => /^overlays\/[^/]+/.exec(path)?.[0] ?? 'overlays/stage'));
  const folder = mkdtempSync(join(tmpdir(), 'gitops-reloader-overlays-'));
  try {
    cpSync(join(CASES, name, 'before'), folder, { recursive: true });
    const before = [...roots].map((root) => built(join(folder, root)));
    for (const { path, after } of made.files) writeFileSync(join(folder, path), after);
    const after = [...roots].map((root) => built(join(folder, root)));
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

/** The texts of a case before its event. */
export function readCase(name: string): ReadonlyMap<RepoPath, string> {
  const folder = join(CASES, name, 'before');
  return new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((file) => [repoPath(file.slice(folder.length + 1)), readFileSync(file, 'utf8')]),
  );
}

/** What the event of a case asks of these texts. */
export function planFor(name: string, texts: ReadonlyMap<RepoPath, string>): Promise<MadePlan> {
  const read = [...texts].map(
    ([path, text]): IndexedFile => ({ path, facts: readBlob(new TextEncoder().encode(text)) }),
  );
  const source = {
    base: null,
    index: buildIndex(read, { accounts: [ACCOUNT], bindings: NO_BINDINGS }),
    readText: async (path: RepoPath) => texts.get(path) ?? null,
    accounts: [ACCOUNT],
    notes: [],
  };
  const how = { scope: everything('staged'), stage: 1 as const, signal: new AbortController().signal };
  const clock = { now: () => NOW, sleep: async () => undefined };
  const event = readFileSync(join(CASES, name, 'event.json'), 'utf8');
  const question = { kind: 'changes', changes: changesOf(event, NOW) } as const;
  return makePlan(source, question, how, { secretVersions: null, clock });
}

export function repoPath(text: string): RepoPath {
  const path = parseRepoPath(text);
  if (path === null) throw new Error(`no repository path: ${text}`);
  return path;
}
