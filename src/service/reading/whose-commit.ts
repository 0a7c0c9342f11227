import type { CommitInfo, Person } from '../../ports.ts';
import type { ServedBranch } from '../served-branch.ts';

/**
 * One commit on one parent, by our author or by the code host in our name; what it brings stands in its trailers. The host
 * is only asked who we are to it where the commit looks like one of its own.
 */
export async function isOurs(
  { settings, hostAuthor }: Pick<ServedBranch, 'settings' | 'hostAuthor'>,
  commit: CommitInfo,
  signal: AbortSignal,
): Promise<boolean> {
  if (commit.parents.length !== 1) return false;
  if ([commit.author, commit.committer].every((person) => isSame(person, settings.author))) return true;
  if (hostAuthor === undefined || !isMadeByHost(commit)) return false;
  const login = await hostAuthor(signal);
  return login !== null && isBot(commit.author, login);
}

function isSame(left: Person, right: Person): boolean {
  return left.name === right.name && left.email === right.email;
}

/** By a bot, and committed by the host or by the bot itself: whoever changes such a commit by hand is its committer. */
function isMadeByHost({ author, committer }: CommitInfo): boolean {
  const isHost = /^GitHub\b/.test(committer.name) && committer.email.startsWith('noreply@');
  return author.name.endsWith('[bot]') && (isHost || isSame(author, committer));
}

/** GitHub gives a bot an address of its user id and its login; the server of an enterprise has another host in it. */
function isBot({ name, email }: Person, login: string): boolean {
  const [local = ''] = email.split('@');
  return name === login && local.replace(/^\d+\+/, '') === login;
}
