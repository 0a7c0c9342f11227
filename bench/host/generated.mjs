// Bare repositories made by `git fast-import`, packed as a host packs them, and kept in the temporary folder between runs.
import { createCipheriv } from 'node:crypto';
import { existsSync } from 'node:fs';
import { appendFile, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runGit } from './git-command.mjs';
import { configMapOf, folderOf, manifestsOf, wholeApps } from './manifests.mjs';

/** To be raised with every change of what is generated. */
const VERSION = 2;
const COMMITS = 200;
const BINARY_BYTES = 2 * 1024 * 1024;
const TIME = 1_767_225_600;

/** The path of the repository on a host, and its base branch. */
export const NAME = 'acme/platform-gitops';
const BASE = 'refs/heads/main';

/**
 * A folder with a repository of its own, `<folder>/acme/platform-gitops.git`, to be removed by `remove`. `kind`: `usual` or
 * `dense`; `binaries`: how many files of 2 MB that no zip makes smaller.
 */
export async function freshRepository({ files, kind = 'usual', binaries = 0 }) {
  const kept = await keptRepository({ files, kind, binaries });
  const root = await mkdtemp(join(tmpdir(), 'gitops-reloader-bench-'));
  const dir = join(root, `${NAME}.git`);
  await cp(kept, dir, { recursive: true });
  return { root, dir, remove: () => rm(root, { recursive: true, force: true, maxRetries: 3 }) };
}

/** Puts a commit on the base branch, as a person who pushes would. Returns its id. */
export async function commitOnBase(dir, files) {
  await fastImport(dir, [...commitOf({ at: COMMITS + 1, files, from: `${BASE}^0` }), 'done\n']);
  return tipOf(dir);
}

export async function tipOf(dir) {
  return (await runGit(dir, ['rev-parse', BASE])).stdout.trim();
}

async function keptRepository({ files, kind, binaries }) {
  const kept = join(tmpdir(), `gitops-reloader-bench-v${VERSION}`, `${kind}-${files}-${binaries}.git`);
  if (existsSync(kept)) return kept;
  console.error(`making a repository of ${files} manifests (${kind}) and ${binaries} binaries`);
  await mkdir(join(kept, '..'), { recursive: true });
  const dir = await mkdtemp(`${kept}-`);
  await runGit(dir, ['init', '--quiet', '--bare', '--initial-branch=main']);
  await appendFile(
    join(dir, 'config'),
    '[http]\n\treceivepack = true\n[uploadpack]\n\tallowFilter = true\n[receive]\n\tautogc = false\n[gc]\n\tauto = 0\n',
  );
  await fastImport(dir, allCommits({ files, kind, binaries }));
  // As `git gc` on a host does it.
  await runGit(dir, ['repack', '-a', '-d', '-f', '-q', '--window=10', '--depth=50', '--threads=2']);
  // Whoever made it meanwhile has made the same.
  await rename(dir, kept).catch(() => rm(dir, { recursive: true, force: true }));
  return kept;
}

function fastImport(dir, chunks) {
  return runGit(dir, ['fast-import', '--quiet', '--done', '--date-format=raw'], { input: chunks });
}

function* allCommits({ files, kind, binaries }) {
  yield* commitOf({ at: 0, files: everything(files, kind, binaries), from: null });
  const apps = Math.max(1, wholeApps(files));
  for (let at = 1; at < COMMITS; at += 1) {
    // Spread over the repository: deltas get as deep as in one that people work on.
    const app = (at * 7919) % apps;
    const changed = ['dev', 'staging', 'prod'].map((environment) => [
      `${folderOf(app, environment)}/config-map.yaml`,
      configMapOf(app, environment, at),
    ]);
    yield* commitOf({ at, files: changed, from: null });
  }
  yield 'done\n';
}

function* everything(files, kind, binaries) {
  yield* manifestsOf(files, kind);
  for (let at = 0; at < binaries; at += 1) yield [`assets/image-${at}.bin`, randomBytes(at)];
}

function* commitOf({ at, files, from }) {
  const who = `Ada Reviewer <ada@acme.example> ${TIME + at * 600} +0000`;
  const message = `Change ${at}\n`;
  yield `commit ${BASE}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n${message}\n`;
  if (from !== null) yield `from ${from}\n`;
  for (const [path, content] of files) {
    const bytes = Buffer.from(content);
    yield `M 100644 inline ${path}\ndata ${bytes.length}\n`;
    yield bytes;
    yield '\n';
  }
}

/** The same bytes for the same number, and nothing that could be packed smaller. */
function randomBytes(at) {
  const start = Buffer.alloc(16);
  start.writeUInt32BE(at);
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), start).update(Buffer.alloc(BINARY_BYTES));
}
