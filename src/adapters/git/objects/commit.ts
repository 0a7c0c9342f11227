import { Failure, internalFailure } from '../../../domain/failure.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { CommitDraft, CommitInfo, Person } from '../../../ports.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { ownOid } from './git-object.ts';

/** The bytes of a commit object: author is committer, UTC, one line end behind the message. Same draft, same bytes. */
export function encodeCommit(draft: Omit<CommitDraft, 'files'>, tree: Oid): Buffer {
  if (draft.message.includes('\0')) throw internalFailure('a commit message holds no NUL');
  if (!Number.isSafeInteger(draft.time) || draft.time < 0) throw internalFailure('a commit time is in epoch seconds');
  const who = `${identity(draft.author)} ${draft.time} +0000`;
  const lines = [`tree ${tree}`, `parent ${draft.parent}`, `author ${who}`, `committer ${who}`, ''];
  const message = draft.message.endsWith('\n') ? draft.message : `${draft.message}\n`;
  return Buffer.from(`${lines.join('\n')}\n${message}`, 'utf8');
}

/** The bytes of a commit together with an armored signature of them, where Git puts it: last among the headers. */
export function withSignature(commit: Buffer, signature: string): Buffer {
  const lines = signature.replaceAll('\r', '').trim().split('\n');
  if (lines.some((line) => line.includes('\0'))) throw internalFailure('a signature holds no NUL');
  const end = commit.indexOf('\n\n') + 1;
  const header = Buffer.from(`gpgsig ${lines.join('\n ')}\n`, 'utf8');
  return Buffer.concat([commit.subarray(0, end), header, commit.subarray(end)]);
}

// eslint-disable-next-line no-control-regex -- control characters are what it refuses
const NOT_IN_A_NAME = /[\u0000-\u001f\u007f<>]/;

function identity({ name, email }: Person): string {
  const safe = [name, email].every((part) => part !== '' && part === part.trim() && !NOT_IN_A_NAME.test(part));
  if (safe && !email.includes(' ')) return `${name} <${email}>`;
  throw new Failure("the commit author's name or address cannot be written into a commit", {
    code: 'config-invalid',
    retry: 'never',
    hint: 'Use the form "name <address>", without other angle brackets.',
  });
}

/** A commit and the tree it holds. Unknown headers (a signature, say) are skipped. Throws `git-unreadable`. */
export function parseCommit(oid: Oid, data: Buffer): CommitInfo & { readonly tree: Oid } {
  const end = data.indexOf('\n\n');
  const head = data.toString('utf8', 0, end === -1 ? data.length : end).split('\n');
  const values = (key: string) =>
    head.flatMap((line) => (line.startsWith(`${key} `) ? [line.slice(key.length + 1)] : []));
  const [tree = ''] = values('tree');
  const parents = values('parent');
  if (![tree, ...parents].every((id) => /^[0-9a-f]{40}$/.test(id))) throw unreadableAnswer('a malformed commit');
  const author = person(values('author')[0] ?? '');
  const committed = values('committer')[0] ?? '';
  const committer = person(committed);
  const time = Number(/> (\d{1,12}) [+-]\d{4}$/.exec(committed)?.[1] ?? 0);
  const message = end === -1 ? '' : data.toString('utf8', end + 2);
  return { oid, tree: ownOid(tree), parents: parents.map(ownOid), author, committer, time, message };
}

function person(line: string): Person {
  const start = line.indexOf('<');
  const end = line.lastIndexOf('>');
  if (start === -1 || end < start) return { name: line.trim(), email: '' };
  return { name: line.slice(0, start).trim(), email: line.slice(start + 1, end) };
}
