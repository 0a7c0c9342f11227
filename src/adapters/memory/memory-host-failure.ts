import { Failure } from '../../domain/failure.ts';
import type { Oid } from '../../domain/repo-path.ts';

/** As Git hosts answer for what they do not have. */
export function unknownObject(oid: Oid): Failure {
  return new Failure(`could not fetch ${oid}: not our ref`, {
    code: 'git-rejected',
    retry: 'later',
    hint: 'A branch that has moved meanwhile looks like this; it is tried again from the refs.',
  });
}

/** The caller has stopped. */
export function stopped(): Failure {
  return new Failure('could not ask the memory workspace: stopped', {
    code: 'git-unreachable',
    retry: 'later',
    hint: 'The work was stopped; it begins again by itself.',
  });
}
