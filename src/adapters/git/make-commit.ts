import { Failure } from '../../domain/failure.ts';
import { plainText } from '../../domain/plain-text.ts';
import type { Oid } from '../../domain/repo-path.ts';
import type { CommitDraft, RemoteCommits, Signer } from '../../ports.ts';
import { encodeCommit, withSignature } from './objects/commit.ts';
import { type GitObject, oidOf } from './objects/git-object.ts';
import { type EditedTree, editTree } from './objects/tree-edit.ts';

/** Who makes the commits that are pushed. */
export type CommitMaking =
  /** We do: same draft, same commit, unless the signature differs each time. */
  | { readonly kind: 'own'; readonly signer: Signer | null }
  /** The host does, and may sign it; its ref is moved by a push all the same. */
  | { readonly kind: 'host'; readonly remote: RemoteCommits };

/** Commits of our own, not signed. */
export const OWN_COMMITS: CommitMaking = { kind: 'own', signer: null };

interface MakeRequest {
  readonly draft: CommitDraft;
  readonly parentTree: Oid;
  /** The bytes of a tree of the parent. */
  readonly readTree: (oid: Oid) => Buffer;
}

/** A commit, and what is to be sent for it. */
export interface MadeCommit {
  readonly oid: Oid;
  /** What the host does not have yet; empty where it made the commit itself. */
  readonly objects: readonly GitObject[];
}

/** Makes a commit from a draft. Its tree is always computed here, so that nobody's answer decides what is in it. */
export async function makeCommit(making: CommitMaking, request: MakeRequest, signal: AbortSignal): Promise<MadeCommit> {
  const { draft, parentTree, readTree } = request;
  const edited = editTree(parentTree, draft, readTree);
  const bytes = encodeCommit(draft, edited.oid);
  if (making.kind === 'host') {
    const oid = await making.remote.create({ ...draft, ...remoteParts(draft, edited), parentTree }, signal);
    return { oid, objects: [] };
  }
  const { signer } = making;
  const data = signer === null ? bytes : withSignature(bytes, await signer.sign(bytes, draft.time));
  const commit: GitObject = { type: 'commit', data };
  return { oid: oidOf(commit), objects: [...edited.objects, commit] };
}

function remoteParts({ files, newFiles }: CommitDraft, { oid: tree, modes }: EditedTree) {
  const changed = [...files, ...(newFiles ?? [])].map((file) => ({ ...file, mode: modes.get(file.path) ?? '' }));
  const odd = changed.find(({ mode }) => mode !== '100644' && mode !== '100755');
  if (odd === undefined) return { tree, files: changed };
  const what = `${plainText(odd.path, 200)} has the mode ${odd.mode}, which the host cannot keep`;
  throw new Failure(`could not have a commit made: ${what}`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Commit the file once with its mode set to 100644, or use commit.via: git.',
  });
}
