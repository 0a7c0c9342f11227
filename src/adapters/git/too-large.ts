import { Failure } from '../../domain/failure.ts';

/** A repository beyond what is ever read. */
export function tooLarge(what: string): Failure {
  return new Failure(`could not read the repository: it has ${what}`, {
    code: 'git-rejected',
    retry: 'never',
    hint: 'Point gitops-reloader at a smaller repository.',
  });
}
