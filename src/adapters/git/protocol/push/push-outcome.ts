import { Failure } from '../../../../domain/failure.ts';
import type { UpdateResult } from '../../../../ports.ts';
import type { GitHost } from '../git-host.ts';
import { classifyRefusal, classifyUnpackFailure } from '../push-refusal.ts';
import type { PushReport } from '../push-report.ts';
import { pushed } from './early-result.ts';
import type { Push } from './push-request.ts';

/** What a report means for one of the refs of a request. */
export type PushOutcome =
  /** `own`: whatever else is in the request. `shared`: it may be because of another ref in it. */
  | { readonly kind: 'result'; readonly result: UpdateResult; readonly cause: 'own' | 'shared' }
  /** It lost a race, or is there already, or another ref of a request that goes all or none did: only the refs tell. */
  | { readonly kind: 'conflict' };

const MISSING = /missing necessary objects/i;

/** Tells what became of a push by the host's report. */
export function pushOutcome(host: GitHost, push: Push, report: PushReport): PushOutcome {
  switch (report.kind) {
    case 'ok':
      return own(pushed(push));
    case 'unclear': {
      const reason = `the host's answer was cut short, or unclear ${host.quote(report.notes, 200)}`.trim();
      return own({ kind: 'unknown', reason });
    }
    case 'unpack-failed':
      return unpackOutcome(host, push, report);
    case 'refused':
      return refusalOutcome(host, push, report);
  }
}

function own(result: UpdateResult): PushOutcome {
  return { kind: 'result', result, cause: 'own' };
}

function shared(result: UpdateResult): PushOutcome {
  return { kind: 'result', result, cause: 'shared' };
}

function failed(failure: Failure): UpdateResult {
  return { kind: 'failed', failure };
}

function refusalOutcome(host: GitHost, push: Push, report: Extract<PushReport, { kind: 'refused' }>): PushOutcome {
  if (MISSING.test(report.reason) && isEmptied(push)) return own(failed(lostCommit(host, push)));
  // On top of `expected` it can only mean a race; otherwise it is a rule against rewriting the branch.
  if (/non-fast-forward/i.test(report.reason)) {
    const isOnTop = push.kind === 'move' && push.parent === push.expected;
    return isOnTop ? { kind: 'conflict' } : own({ kind: 'refused', reason: quoteBoth(host, report) });
  }
  switch (classifyRefusal(report.reason, report.notes)) {
    case 'conflict':
      return { kind: 'conflict' };
    case 'rule':
      return shared({ kind: 'refused', reason: quoteBoth(host, report) });
    case 'transient':
      return own(failed(hostFailure(quoteBoth(host, report), push, host)));
    case 'bug':
      return shared(failed(ownFault(quoteBoth(host, report), push, host)));
    case 'unknown':
      // As after a lost answer: begin again from the refs, and where that does not help, try later.
      return shared({ kind: 'unknown', reason: `the host refused it in unknown words: ${quoteBoth(host, report)}` });
  }
}

function unpackOutcome(host: GitHost, push: Push, report: Extract<PushReport, { kind: 'unpack-failed' }>): PushOutcome {
  const what = `the host could not store it: ${quoteBoth(host, report)}`;
  return classifyUnpackFailure(report.reason, report.notes) === 'bug'
    ? shared(failed(ownFault(what, push, host)))
    : own(failed(hostFailure(what, push, host)));
}

function ownFault(what: string, push: Push, host: GitHost): Failure {
  return new Failure(`could not push ${push.ref} of ${host.name}: ${what}`, {
    code: 'internal',
    retry: 'never',
    hint: 'Run git fsck --strict on the repository. Where it finds nothing, this is a bug in gitops-reloader: please report this message.',
  });
}

/** A push of a commit that the host has already. */
function isEmptied(push: Push): boolean {
  return push.kind === 'move' && push.objects.length === 0;
}

function lostCommit(host: GitHost, push: Push): Failure {
  return new Failure(
    `could not push ${push.ref} of ${host.name}: the host does not find the commit that it has just made`,
    {
      code: 'git-rejected',
      retry: 'later',
      hint: 'Its copies may lag behind; it is tried again. If it stays, use commit.via: git for this repository.',
    },
  );
}

function quoteBoth(host: GitHost, report: { readonly reason: string; readonly notes: string }): string {
  const notes = host.quote(report.notes.replaceAll(/\s+/g, ' '), 300);
  return host.quote(report.reason, 150) + (notes === '' ? '' : `: ${notes}`);
}

function hostFailure(what: string, push: Push, host: GitHost): Failure {
  return new Failure(`could not push ${push.ref} of ${host.name}: ${what}`, {
    code: 'git-rejected',
    retry: 'later',
    hint: "The host's own storage or hooks failed; it is tried again. If it stays, its log says why.",
  });
}
