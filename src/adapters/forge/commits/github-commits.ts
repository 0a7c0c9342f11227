import type { Oid } from '../../../domain/repo-path.ts';
import type { RemoteCommits, RemoteDraft } from '../../../ports.ts';
import type { Call } from '../asking/call.ts';
import { at, readText } from '../github-answers.ts';
import type { GitHubClient } from '../github-client.ts';
import { refused, unexpectedAnswer } from '../github-failure.ts';
import type { Identity } from '../identity/github-identity.ts';
import { type ChangedFile, isInline, treeBatches } from './tree-batches.ts';

/** One repository, and who asks. */
export interface CommitsOptions {
  readonly client: GitHubClient;
  readonly owner: string;
  readonly name: string;
  readonly identity: Pick<Identity, 'botLogin'>;
}

/**
 * Commits made by GitHub. It signs what an App asks for without naming an author, a committer or a signature; under a token
 * the author is ours, and nothing is signed. No ref is touched: what is made here is unreachable until it is pushed to.
 */
export function createGitHubCommits(options: CommitsOptions): RemoteCommits {
  return {
    author: (signal) => options.identity.botLogin(signal),
    create: async (draft, signal) => {
      const post = posting(options, `make a commit on ${draft.parent.slice(0, 12)}`, signal);
      await makeTree(post, draft);
      const isBot = (await options.identity.botLogin(signal)) !== null;
      return makeCommit(post, draft, isBot ? {} : peopleOf(draft));
    },
  };
}

interface Post {
  readonly attempt: string;
  /** What GitHub answered; hostile. */
  send(what: 'blobs' | 'trees' | 'commits', body: Readonly<Record<string, unknown>>): Promise<unknown>;
}

const OPERATIONS = {
  blobs: 'POST /repos/{owner}/{repo}/git/blobs',
  trees: 'POST /repos/{owner}/{repo}/git/trees',
  commits: 'POST /repos/{owner}/{repo}/git/commits',
} as const satisfies Readonly<Record<string, Call['operation']>>;

function posting({ client, owner, name }: CommitsOptions, attempt: string, signal: AbortSignal): Post {
  return {
    attempt,
    send: async (what, body) => {
      const parameters = { owner, repo: name, ...body };
      const { data } = await client.call({ operation: OPERATIONS[what], parameters, attempt, signal });
      return data;
    },
  };
}

/** Only what differs, on top of the parent's tree; the last tree must be the one that was computed from the repository. */
async function makeTree(post: Post, { parentTree, tree, files }: RemoteDraft): Promise<void> {
  let made = parentTree;
  for (const batch of treeBatches(files)) {
    const entries: Readonly<Record<string, string>>[] = [];
    for (const file of batch) entries.push(await entryOf(post, file));
    made = readOid(await post.send('trees', { base_tree: made, tree: entries }), post);
  }
  if (made === tree) return;
  const hint = 'Nothing was pushed. If it stays, use commit.via: git, and please report this.';
  throw refused(post.attempt, 'GitHub made another tree of it than was asked for', 'never', hint);
}

async function entryOf(post: Post, file: ChangedFile): Promise<Readonly<Record<string, string>>> {
  const entry = { path: file.path, mode: file.mode, type: 'blob' };
  if (isInline(file)) return { ...entry, content: file.text };
  const content = Buffer.from(file.text, 'utf8').toString('base64');
  return { ...entry, sha: readOid(await post.send('blobs', { content, encoding: 'base64' }), post) };
}

async function makeCommit(post: Post, draft: RemoteDraft, people: Readonly<Record<string, unknown>>): Promise<Oid> {
  const { message, tree, parent } = draft;
  // As encoded by ourselves: with one line end behind it.
  const text = message.endsWith('\n') ? message : `${message}\n`;
  const made = await post.send('commits', { message: text, tree, parents: [parent], ...people });
  const parents = at(made, 'parents');
  const isAsAsked =
    readText(made, 'tree', 'sha') === tree &&
    Array.isArray(parents) &&
    parents.length === 1 &&
    readText(parents[0], 'sha') === parent;
  if (!isAsAsked) throw unexpectedAnswer(post.attempt);
  return readOid(made, post);
}

/** One person at one time, so that the same draft is the same commit here too. */
function peopleOf({ author, time }: RemoteDraft): Readonly<Record<string, unknown>> {
  const person = { ...author, date: new Date(time * 1000).toISOString().replace('.000Z', 'Z') };
  return { author: person, committer: person };
}

function readOid(data: unknown, { attempt }: Post): Oid {
  const oid = readText(data, 'sha');
  if (oid === null || !/^[0-9a-f]{40}$/.test(oid)) throw unexpectedAnswer(attempt);
  return oid;
}
