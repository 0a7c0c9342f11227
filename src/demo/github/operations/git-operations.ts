import { readCommit, type Signature } from '../branches.ts';
import type { Account } from '../identities.ts';
import { type Json, sample } from '../sample.ts';
import { type TreeLine, typeOf, writeBlob, writeCommit, writeTree } from '../write-objects.ts';
import { commitJson, failed, invalid, type Reply, type RepositoryRequest } from './replies.ts';

/** Objects made through the Git database; no branch moves by them. */
export const GIT_OPERATIONS: Readonly<Record<string, (request: RepositoryRequest) => Promise<Reply>>> = {
  'POST /repos/{owner}/{repo}/git/blobs': async ({ repository, body, origin }) => {
    const encoding = body['encoding'] === 'base64' ? 'base64' : 'utf8';
    const sha = await writeBlob(repository.dir, Buffer.from(String(body['content']), encoding));
    return { status: 201, body: { sha, url: `${origin}/repos/${repository.fullName}/git/blobs/${sha}` } };
  },
  'POST /repos/{owner}/{repo}/git/trees': async ({ repository, body, description }) => {
    const base = (body['base_tree'] ?? null) as string | null;
    if (base !== null && (await typeOf(repository.dir, base)) !== 'tree') return failed(404, 'Not Found');
    const lines: TreeLine[] = [];
    for (const entry of body['tree'] as readonly Json[]) lines.push(await lineOf(repository.dir, entry));
    const sha = await writeTree(repository.dir, base, lines);
    if (sha === null) return failed(422, 'GitRPC::BadObjectState');
    return { status: 201, body: { ...sample(description, 'git-tree'), sha } };
  },
  'POST /repos/{owner}/{repo}/git/commits': async (request) => {
    const { repository, body } = request;
    const tree = String(body['tree']);
    if ((await typeOf(repository.dir, tree)) !== 'tree') return invalid({ message: 'Tree SHA does not exist' });
    const parents = (body['parents'] ?? []) as readonly string[];
    for (const parent of parents) {
      if ((await typeOf(repository.dir, parent)) !== 'commit') return invalid({ message: 'Parent SHA does not exist' });
    }
    const sha = await writeCommit(repository.dir, {
      ...peopleOf(request),
      tree,
      parents,
      message: String(body['message']),
    });
    const commit = await readCommit(repository.dir, sha);
    return commit === null ? failed(404, 'Not Found') : { status: 201, body: commitJson(request, commit) };
  },
};

async function lineOf(dir: string, entry: Json): Promise<TreeLine> {
  const { path, mode, sha, content } = entry as { path: string; mode: string; sha?: string | null; content?: string };
  const oid = content === undefined ? (sha ?? null) : await writeBlob(dir, Buffer.from(content, 'utf8'));
  return { path, mode, oid };
}

/** Stands where GitHub's own signature stands: nothing on loopback can make a real one. */
const SIGNATURE = '-----BEGIN PGP SIGNATURE-----\n\nnot a real one\n-----END PGP SIGNATURE-----\n';

/** GitHub signs what an App asks for without custom author, committer and signature; what others say is taken as it is. */
function peopleOf({ body, caller, actor }: RepositoryRequest) {
  const now = Math.floor(Date.now() / 1000);
  const asked = (key: string) => personOf(body[key] as Json | undefined, now);
  const author = asked('author') ?? { ...noReply(actor), time: now };
  const isPlain = ['author', 'committer', 'signature'].every((key) => body[key] === undefined);
  if (caller.kind === 'installation' && isPlain) {
    return { author, committer: { name: 'GitHub', email: 'noreply@github.com', time: now }, signature: SIGNATURE };
  }
  const signature = (body['signature'] ?? null) as string | null;
  return { author, committer: asked('committer') ?? author, signature };
}

function personOf(person: Json | undefined, now: number): Signature | null {
  if (person === undefined) return null;
  const { name, email, date } = person as { name: string; email: string; date?: string };
  return { name, email, time: date === undefined ? now : Math.floor(Date.parse(date) / 1000) };
}

function noReply({ login }: Account): { readonly name: string; readonly email: string } {
  return { name: login, email: `4242+${login}@users.noreply.github.com` };
}
