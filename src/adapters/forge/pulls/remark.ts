import { internalFailure } from '../../../domain/failure.ts';
import type { Remark } from '../../../domain/life/remark.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { Allowed } from '../../../ports.ts';
import { at, readText } from '../github-answers.ts';
import { refused } from '../github-failure.ts';
import type { Repository } from '../pull-request-state.ts';
import { commentsOf, writeComment } from './conversation.ts';

const MAX_COMMENT = 65_536;
const KEY = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** Leaves a remark unless one of ours with its key is there: its first line, which GitHub does not show, names it. */
export async function leaveRemark(
  repository: Repository,
  { number, key, text }: Remark & { readonly number: number },
  signal: AbortSignal,
): Promise<Allowed> {
  if (!KEY.test(key)) throw internalFailure(`a remark is named by lower-case words, not by ${plainText(key, 80)}`);
  const attempt = `comment on pull request #${number}`;
  const mark = `<!-- gitops-reloader:${key} -->`;
  const body = `${mark}\n${text}`;
  if (body.length > MAX_COMMENT) {
    throw refused(attempt, `it is over ${MAX_COMMENT} characters`, 'never', 'Shorten the text of the remark.');
  }
  const comments = await commentsOf(repository, {
    number,
    attempt: `read the comments on pull request #${number}`,
    signal,
  });
  const marked = comments.filter((comment) => firstLineOf(readText(comment, 'body') ?? '') === mark);
  if (await isAnyOurs(repository, marked, signal)) return { kind: 'done' };
  return writeComment(repository, { number, body }, signal);
}

/** Anybody can write such a line: what others wrote silences nothing. Who is not told who it is acts as a bot. */
async function isAnyOurs(repository: Repository, marked: readonly unknown[], signal: AbortSignal): Promise<boolean> {
  if (marked.length === 0) return false;
  const own = await repository.ownLogin(signal);
  return marked.some((comment) =>
    own === null
      ? at(comment, 'user', 'type') === 'Bot'
      : readText(comment, 'user', 'login')?.toLowerCase() === own.toLowerCase(),
  );
}

function firstLineOf(body: string): string {
  const [line = ''] = body.slice(0, 200).split(/\r?\n/, 1);
  return line.trimEnd();
}
