import { Failure } from '../../../domain/failure.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';

const NOT_GIT = 'Use the clone address of the repository. A login page answers like this too.';
const NO_DEPTH = 'Use spec.git.transport: direct; this host cannot give out a commit without its history.';
const NO_HEAD =
  "Let the repository's HEAD name a branch that exists (its default branch), or use spec.git.transport: direct.";

/**
 * What isomorphic-git threw, as a Failure. Its messages hold answers of the host and paths of this machine, so only its
 * code is looked at. `attempt` names what was tried: "fetch 1234… of https://…".
 */
export function isoFailure(attempt: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = codeOf(error);
  switch (code) {
    case 'SmartHttpError':
      return rejected(`could not ${attempt}: the answer is not Git's`, NOT_GIT);
    case 'RemoteCapabilityError':
      return rejected(`could not ${attempt}: the host gives out whole histories only`, NO_DEPTH);
    case 'NotFoundError':
      // Only the remote's HEAD is looked up by name: everything else is asked for by its id.
      return rejected(`could not ${attempt}: the repository has no HEAD`, NO_HEAD);
    default:
      return /^E[A-Z0-9]+$/.test(code) ? diskFailure(code) : unreadableAnswer(`isomorphic-git gave up (${code})`);
  }
}

/** Objects could not be kept on this machine's disk. `code` is the system's: ENOSPC. */
export function diskFailure(code: string): Failure {
  return new Failure(`could not keep Git objects on disk (${code})`, {
    code: 'file-unwritable',
    retry: 'later',
    hint: 'Look at the folder spec.git.cacheDir (left out: the temporary folder): it must be writable and have room.',
  });
}

/** The system's or isomorphic-git's name of an error; never its message. */
export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' && /^\w{1,40}$/.test(code) ? code : 'unknown';
}

function rejected(message: string, hint: string): Failure {
  return new Failure(message, { code: 'git-rejected', retry: 'never', hint });
}
