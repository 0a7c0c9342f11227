import { Failure } from '../../../domain/failure.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { Oid } from '../../../domain/repo-path.ts';
import type { PublishResult, Ref } from '../../../ports.ts';
import { netFailure } from '../../net/net-failure.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import type { GitHost } from './git-host.ts';
import { statusFailure } from './git-host.ts';
import { FLUSH, packet } from './pkt-line.ts';
import { classifyRefusal, classifyUnpackFailure } from './push-refusal.ts';
import { type PushReport, readPushReport } from './push-report.ts';
import { type Advertisement, discover } from './server-refs.ts';

/** One ref to be moved from exactly `expected` (null: it must not exist) to `oid`, or to be deleted. */
export type Push =
  | {
      readonly kind: 'move';
      readonly ref: string;
      readonly expected: Oid | null;
      readonly oid: Oid;
      readonly parent: Oid;
      readonly pack: Buffer;
    }
  | { readonly kind: 'delete'; readonly ref: string; readonly expected: Oid };

/** A report of one ref, with what hooks write for people. */
const MAX_REPORT_BYTES = 16 * 1024 * 1024;

const NOBODY: Oid = '0'.repeat(40);

/**
 * Pushes with a real compare-and-swap: `expected` is what we decided on, not what the host has just said. The host
 * compares once more under its own lock.
 */
export async function pushRef(host: GitHost, push: Push, signal: AbortSignal): Promise<PublishResult> {
  const { capabilities, refs } = await discover(host, 'git-receive-pack', signal);
  const early = decideEarly(push, refs, capabilities);
  if (early !== null) return early;
  if (!capabilities.has('report-status'))
    throw unreadableAnswer('it does not say that it reports what becomes of a push');
  const sideBand = capabilities.has('side-band-64k');
  const wished = ['report-status', 'side-band-64k', 'object-format=sha1'];
  const words = wished.filter((word) => capabilities.has(word.split('=')[0] ?? ''));
  const command = `${push.expected ?? NOBODY} ${wantedOid(push)} ${push.ref}\0 ${words.join(' ')}`;
  const call = {
    method: 'POST',
    path: '/git-receive-pack',
    accept: 'application/x-git-receive-pack-result',
    contentType: 'application/x-git-receive-pack-request',
    body: Buffer.concat([packet(command), FLUSH, ...packOf(push)]),
    maxBytes: MAX_REPORT_BYTES,
    attempt: `${push.kind === 'move' ? 'push' : 'delete'} ${push.ref}`,
  } as const;
  const answer = await host.exchange(call, signal);
  const attempt = `${call.attempt} of ${host.name}`;
  if (answer.kind === 'net-error') {
    if (!answer.sent || answer.reason === 'redirected') throw netFailure('git', attempt, answer);
    return { kind: 'unknown', reason: answer.detail };
  }
  // A gateway that gives up does not know what the host behind it has done; 409 and 422 are what hosts say of a race.
  if (answer.status >= 500 || answer.status === 409 || answer.status === 422)
    return { kind: 'unknown', reason: `the host answered ${answer.status}` };
  if (answer.status !== 200) throw statusFailure(attempt, answer);
  return decide(host, push, readPushReport(answer.body, push.ref, sideBand));
}

function decideEarly(
  push: Push,
  refs: readonly Ref[],
  capabilities: Advertisement['capabilities'],
): PublishResult | null {
  const current = refs.find((ref) => ref.name === push.ref)?.oid ?? null;
  if ((current ?? NOBODY) === wantedOid(push)) return done(push);
  if (current !== push.expected) return { kind: 'moved' };
  if (push.kind === 'delete') {
    const reason = 'the host lets nobody delete branches';
    return capabilities.has('delete-refs') ? null : { kind: 'refused', reason };
  }
  // Git keeps no branch `a` beside `a/b`. The host would say only that it "failed to update ref", again and again.
  const inTheWay = refs.find(({ name }) => name.startsWith(`${push.ref}/`) || push.ref.startsWith(`${name}/`));
  return inTheWay === undefined
    ? null
    : { kind: 'refused', reason: `the branch ${plainText(inTheWay.name, 250)} is in the way` };
}

function wantedOid(push: Push): Oid {
  return push.kind === 'move' ? push.oid : NOBODY;
}

/** A deletion comes without a pack. */
function packOf(push: Push): readonly Buffer[] {
  return push.kind === 'move' ? [push.pack] : [];
}

function done(push: Push): PublishResult {
  return { kind: 'done', oid: push.kind === 'move' ? push.oid : push.expected };
}

const MISSING = /missing necessary objects/i;

function decide(host: GitHost, push: Push, report: PushReport): PublishResult {
  switch (report.kind) {
    case 'ok':
      return done(push);
    case 'unclear':
      return { kind: 'unknown', reason: `the host's answer was cut short ${host.quote(report.notes, 200)}`.trim() };
    case 'unpack-failed':
      throw unpackFailure(host, push, report);
    case 'refused':
      return decideRefusal(host, push, report);
  }
}

function decideRefusal(host: GitHost, push: Push, report: Extract<PushReport, { kind: 'refused' }>): PublishResult {
  if (MISSING.test(report.reason) && isEmptied(push)) throw lostCommit(host, push);
  // On top of `expected` it can only mean a race; otherwise it is a rule against rewriting the branch.
  if (/non-fast-forward/i.test(report.reason)) {
    const isOnTop = push.kind === 'move' && push.parent === push.expected;
    return isOnTop ? { kind: 'moved' } : { kind: 'refused', reason: quoteBoth(host, report) };
  }
  switch (classifyRefusal(report.reason, report.notes)) {
    case 'conflict':
      return { kind: 'moved' };
    case 'rule':
      return { kind: 'refused', reason: quoteBoth(host, report) };
    case 'transient':
      throw hostFailure(quoteBoth(host, report), push, host);
    case 'bug':
      throw ownFault(quoteBoth(host, report), push, host);
    case 'unknown':
      // As after a lost answer: begin again from the refs, and where that does not help, try later.
      return { kind: 'unknown', reason: `the host refused it in unknown words: ${quoteBoth(host, report)}` };
  }
}

function unpackFailure(host: GitHost, push: Push, report: Extract<PushReport, { kind: 'unpack-failed' }>): Failure {
  const what = `the host could not store it: ${quoteBoth(host, report)}`;
  return classifyUnpackFailure(report.reason, report.notes) === 'bug'
    ? ownFault(what, push, host)
    : hostFailure(what, push, host);
}

function ownFault(what: string, push: Push, host: GitHost): Failure {
  return new Failure(`could not push ${push.ref} of ${host.name}: ${what}`, {
    code: 'internal',
    retry: 'never',
    hint: 'Run git fsck --strict on the repository. Where it finds nothing, this is a bug in gitops-reloader: please report this message.',
  });
}

/** A push of a commit that the host has already: its pack says that it holds no objects. */
function isEmptied(push: Push): boolean {
  return push.kind === 'move' && push.pack.readUInt32BE(8) === 0;
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
