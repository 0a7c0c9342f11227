import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Person } from '../../ports.ts';
import { git, gitWithInput } from './git-cli.ts';

export interface FirstCommit {
  /** Contents by path. Paths may hold anything that Git allows. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** The default branch's short name. */
  readonly branch: string;
  readonly person: Person;
  /** Epoch seconds. */
  readonly time: number;
}

/** A person's commit on top of a branch. Null removes a file. */
export interface PersonCommit {
  readonly branch: string;
  readonly files: ReadonlyMap<string, string | Uint8Array | null>;
  readonly message: string;
  readonly person: Person;
  readonly time: number;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*(?:\/[A-Za-z0-9][A-Za-z0-9._-]*)?$/;

/** Where a repository lies below `root`. Throws for names other than `name` or `owner/name`, without the `.git` ending. */
export function repositoryDir(root: string, name: string): string {
  if (!NAME.test(name) || name.includes('..') || /\.git(?:\/|$)/.test(name))
    throw new Error(`no repository name: ${name}`);
  return join(root, `${name}.git`);
}

/** What `git init --bare` writes, and that refs stay in their files: nothing may pack them in the background. */
const CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
[http]
\treceivepack = true
[uploadpack]
\tallowFilter = true
[receive]
\tautogc = false
`;

/**
 * Makes a bare repository with one commit; same input, same commit id. Its few files are written here: a child process of a process
 * with much memory takes far longer than they do.
 */
export async function createBareRepository(dir: string, first: FirstCommit): Promise<void> {
  await mkdir(join(dir, 'objects'), { recursive: true });
  await mkdir(join(dir, 'refs', 'heads'), { recursive: true });
  await writeFile(join(dir, 'HEAD'), `ref: refs/heads/${first.branch}\n`);
  await writeFile(join(dir, 'config'), CONFIG);
  const commit: PersonCommit = { ...first, message: 'Initial commit\n' };
  await fastImport(dir, null, commit);
}

/** Commits files onto a branch (made where it does not exist), as a person who pushes would. Returns the commit's id. */
export async function commitFiles(dir: string, commit: PersonCommit): Promise<string> {
  return fastImport(dir, await readRef(dir, `refs/heads/${commit.branch}`), commit);
}

/** What a ref points at, or null where there is none: from its file, and by asking Git where it has none (it may be packed). */
export async function readRef(dir: string, ref: string): Promise<string | null> {
  const oid = (await readFile(join(dir, ref), 'utf8').catch(() => '')).trim();
  if (/^[0-9a-f]{40}$/.test(oid)) return oid;
  const text = (await git(dir, ['for-each-ref', '--format=%(objectname)', ref])).trim();
  return text === '' ? null : text;
}

async function fastImport(dir: string, parent: string | null, commit: PersonCommit): Promise<string> {
  const ref = `refs/heads/${commit.branch}`;
  const who = `${commit.person.name} <${commit.person.email}> ${commit.time} +0000`;
  const message = Buffer.from(commit.message, 'utf8');
  const modes = parent === null ? new Map<string, string>() : await modesOf(dir, parent);
  const parts: Uint8Array[] = [
    Buffer.from(`commit ${ref}\nauthor ${who}\ncommitter ${who}\ndata ${message.length}\n`),
    message,
    Buffer.from(parent === null ? '\n' : `\nfrom ${parent}\n`),
  ];
  for (const [path, content] of commit.files) {
    if (content === null) {
      parts.push(Buffer.from(`D ${quoted(path)}\n`));
      continue;
    }
    const bytes = Buffer.from(content);
    parts.push(Buffer.from(`M ${modes.get(path) ?? '100644'} inline ${quoted(path)}\ndata ${bytes.length}\n`), bytes);
    parts.push(Buffer.from('\n'));
  }
  await gitWithInput(
    dir,
    ['fast-import', '--quiet', '--date-format=raw'],
    Buffer.concat([...parts, Buffer.from('done\n')]),
  );
  const made = await readRef(dir, ref);
  if (made === null) throw new Error(`git fast-import left no ${ref}`);
  return made;
}

/** An edit by a person keeps the executable bit. */
async function modesOf(dir: string, commit: string): Promise<Map<string, string>> {
  const listing = await git(dir, ['ls-tree', '-r', '-z', commit]);
  return new Map(
    listing
      .split('\0')
      .flatMap((line) => (line === '' ? [] : [[line.slice(line.indexOf('\t') + 1), line.slice(0, 6)]])),
  );
}

function quoted(path: string): string {
  return `"${path.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
}
