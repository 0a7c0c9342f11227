import { Failure } from '../../domain/failure.ts';
import type { NetError } from './http-request.ts';

interface Row {
  readonly ending: 'unreachable' | 'rejected';
  readonly retry: 'later' | 'never';
  readonly hint: string;
}

const REACH = 'Check that the host is up and that this machine may reach it; it is tried again.';
const ROWS: Readonly<Record<NetError['reason'], Row>> = {
  aborted: { ending: 'unreachable', retry: 'later', hint: 'The work was stopped; it begins again by itself.' },
  timeout: { ending: 'unreachable', retry: 'later', hint: REACH },
  unreachable: { ending: 'unreachable', retry: 'later', hint: REACH },
  untrusted: {
    ending: 'unreachable',
    retry: 'never',
    hint: "Check the host's certificate; a private authority's goes into NODE_EXTRA_CA_CERTS or spec.network.caFile.",
  },
  'too-large': {
    ending: 'rejected',
    retry: 'never',
    hint: 'The host sent more than is ever read; look at what it is.',
  },
  redirected: { ending: 'rejected', retry: 'never', hint: 'Put the present address into the configuration.' },
  unsendable: {
    ending: 'rejected',
    retry: 'never',
    hint: 'Look for a line break or an unusual character in the token.',
  },
  'proxy-failed': { ending: 'unreachable', retry: 'later', hint: REACH },
  'proxy-refused': { ending: 'unreachable', retry: 'never', hint: REACH },
};

/** A {@link NetError} as a failure of the caller's family. `attempt` names what was tried: "list the refs of https://…". */
export function netFailure(family: 'git' | 'forge', attempt: string, error: NetError): Failure {
  const { ending, retry, hint } = ROWS[error.reason];
  return new Failure(`could not ${attempt}: ${error.detail}`, {
    code: `${family}-${ending}`,
    retry,
    hint: error.hint ?? hint,
  });
}
