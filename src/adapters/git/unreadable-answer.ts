import { Failure } from '../../domain/failure.ts';

/** What the host sent is not what Git's protocol allows. `detail` is our own wording. */
export function unreadableAnswer(detail: string): Failure {
  return new Failure(`could not read the Git host's answer: ${detail}`, {
    code: 'git-unreadable',
    retry: 'later',
    hint: 'It is tried again. If it stays, check the address, and what stands between this machine and the host.',
  });
}
