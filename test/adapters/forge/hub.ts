import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import {
  createGitHubForge,
  type GitHubForge,
  type GitHubForgeOptions,
} from '../../../src/adapters/forge/github-forge.ts';
import { createLimitedFetch } from '../../../src/adapters/net/limited-fetch.ts';
import { createFaults, type Faults } from '../../../src/demo/faults.ts';
import { commitFiles, createBareRepository } from '../../../src/demo/git/bare-repository.ts';
import { git, identityEnvironment } from '../../../src/demo/git/git-cli.ts';
import { loadDescription } from '../../../src/demo/github/description.ts';
import { type GitHubServer, startGitHub } from '../../../src/demo/github/github-server.ts';
import type { Account } from '../../../src/demo/github/identities.ts';
import type { People } from '../../../src/demo/github/people.ts';
import type { LogFields, PullRequestDraft } from '../../../src/ports.ts';
import { checkGraphQl } from '../../demo/github/graphql-schema.ts';

/** Looks like a secret and stands nowhere else: it must never be seen in a message. */
export const TOKEN = 'ghp_canary0123456789canary0123456789cana';
export const BOT: Account = { login: 'acme-reloader', type: 'User' };
export const ALICE: Account = { login: 'alice', type: 'User' };
export const STALE: Account = { login: 'stale[bot]', type: 'Bot' };

/** How often a read is sent before it counts as failed. */
export const READS = 3;

/** A GitHub on loopback with one repository, acme/gitops, and what a test does to it. */
export interface Hub {
  readonly server: GitHubServer;
  readonly faults: Faults;
  readonly people: People;
  readonly dir: string;
  readonly warnings: readonly LogFields[];
  readonly forge: (options?: Partial<GitHubForgeOptions>) => GitHubForge;
  /** A commit on top of the branch, which begins at main where it does not exist. */
  readonly push: (branch: string, message: string) => Promise<string>;
  /** Points a branch at a commit, whatever it held. */
  readonly reset: (branch: string, target: string) => Promise<void>;
  readonly deleteBranch: (branch: string) => Promise<void>;
  /** Moves GitHub's clock on. */
  readonly pass: (milliseconds: number) => void;
  /** A commit on the base that the branch's own do not fit. */
  readonly conflict: (branch: string) => Promise<void>;
  /** How many requests there were since the last time. */
  readonly newCalls: () => number;
  readonly close: () => Promise<void>;
}

const DESCRIPTION = loadDescription();
const PERSON = { name: 'Dev', email: 'dev@acme.example' };

// Made once per worker: it takes longer than everything else.
let template: Promise<string> | null = null;

async function makeTemplate(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'forge-template-'));
  const files = new Map([['a.yaml', 'a: 1\n']]);
  await createBareRepository(dir, { files, branch: 'main', person: PERSON, time: 1 });
  return dir;
}

/** A bare repository with the file a.yaml on main. */
export async function copyRepository(dir: string): Promise<void> {
  template ??= makeTemplate();
  await cp(await template, dir, { recursive: true });
}

/** Ends by checking that nothing was asked or answered that GitHub's description does not allow. */
export async function openHub(options: { readonly tokenSeconds?: number } = {}): Promise<Hub> {
  const root = await mkdtemp(join(tmpdir(), 'forge-test-'));
  const dir = join(root, 'gitops.git');
  await copyRepository(dir);
  const faults = createFaults();
  const gitDir = (name: string) => (name.toLowerCase() === 'acme/gitops' ? dir : null);
  let passed = 0;
  const now = () => Date.now() + passed;
  const server = await startGitHub({ faults, gitDir, description: DESCRIPTION, checkGraphQl, now, ...options });
  server.addToken(TOKEN, BOT);
  const warnings: LogFields[] = [];
  let count = 0;
  let counted = 0;
  const tips = new Map<string, string>();
  const reset = async (branch: string, target: string) => {
    tips.set(branch, target);
    await git(dir, ['update-ref', `refs/heads/${branch}`, target]);
  };
  const change = async (branch: string, text: string) => {
    const files = new Map([['a.yaml', text]]);
    await commitFiles(dir, { files, branch, person: PERSON, time: 1_800_000_000, message: 'Change\n' });
  };
  return {
    server,
    faults,
    people: server.people('acme/gitops'),
    dir,
    warnings,
    forge: (more = {}) =>
      createGitHubForge({
        owner: 'acme',
        repository: 'gitops',
        baseUrl: server.url,
        auth: { kind: 'token', token: () => Promise.resolve(TOKEN) },
        fetch: createLimitedFetch(),
        log: { warn: (fields) => void warnings.push(fields) },
        ...more,
      }),
    push: async (branch, message) => {
      const parent = tips.get(branch) ?? 'refs/heads/main';
      count += 1;
      const args = ['commit-tree', 'refs/heads/main^{tree}', '-p', parent, '-m', message];
      const oid = (await git(dir, args, identityEnvironment(PERSON, 1_700_000_000 + count))).trim();
      await reset(branch, oid);
      return oid;
    },
    reset,
    deleteBranch: async (branch) => {
      await git(dir, ['update-ref', '-d', `refs/heads/${branch}`]);
    },
    pass: (milliseconds) => {
      passed += milliseconds;
    },
    conflict: async (branch) => {
      await change(branch, 'a: 2\n');
      await change('main', 'a: 3\n');
    },
    newCalls: () => {
      const all = [...server.calls.values()].reduce((sum, calls) => sum + calls, 0);
      const fresh = all - counted;
      counted = all;
      return fresh;
    },
    close: async () => {
      await server.close();
      await rm(root, { recursive: true, force: true, maxRetries: 3 });
      expect(server.violations).toEqual([]);
    },
  };
}

/** A draft for this branch into main. */
export function draftOf(branch: string, more: Partial<PullRequestDraft> = {}): PullRequestDraft {
  const people = { labels: [], assignees: [], reviewers: [], teamReviewers: [] };
  return { branch, base: 'main', title: 'Rotate prod/db', body: 'Why.\n', draft: false, ...people, ...more };
}

export function signal(): AbortSignal {
  return new AbortController().signal;
}
