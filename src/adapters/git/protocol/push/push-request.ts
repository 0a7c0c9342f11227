import type { Oid } from '../../../../domain/repo-path.ts';
import { type GitObject, oidOf } from '../../objects/git-object.ts';
import { FLUSH, packet } from '../pkt-line.ts';
import type { Advertisement } from '../server-refs.ts';

/** One ref to be moved from exactly `expected` (null: it must not exist) to `oid`, or to be deleted. */
export type Push =
  | {
      readonly kind: 'move';
      readonly ref: string;
      readonly expected: Oid | null;
      readonly oid: Oid;
      readonly parent: Oid;
      /** What the host lacks; none where it made the commit itself. */
      readonly objects: readonly GitObject[];
    }
  | { readonly kind: 'delete'; readonly ref: string; readonly expected: Oid };

/** A host takes several refs in one request; more of them, or more bytes of objects before they are packed, go in several. */
export interface RequestLimits {
  readonly maxRefs: number;
  readonly maxBytes: number;
}

interface PushParts {
  readonly capabilities: Advertisement['capabilities'];
  /** Sent where the host takes them. */
  readonly options: readonly string[];
  /** A pack of exactly these objects. */
  readonly pack: (objects: readonly GitObject[]) => Buffer | Promise<Buffer>;
}

/** A report of some refs, with what hooks write for people. */
const MAX_REPORT_BYTES = 16 * 1024 * 1024;
const NOBODY: Oid = '0'.repeat(40);

/** Where the ref is to be; forty zeros where it is to be gone. */
export function wantedOid(push: Push): Oid {
  return push.kind === 'move' ? push.oid : NOBODY;
}

/** What is attempted, for messages. */
export function attemptOf(pushes: readonly Push[]): string {
  const [first] = pushes;
  if (first === undefined || pushes.length > 1) return `push ${pushes.length} branches`;
  return `${first.kind === 'move' ? 'push' : 'delete'} ${first.ref}`;
}

/**
 * One request for all of these: each ref with the id it must have now, and one pack with each object once. Several go all or none
 * where the host can do that.
 */
export async function pushRequest(pushes: readonly Push[], { capabilities, options, pack }: PushParts) {
  const takesOptions = options.length > 0 && capabilities.has('push-options');
  const wished = [
    'report-status',
    'side-band-64k',
    ...(pushes.length > 1 ? ['atomic'] : []),
    ...(takesOptions ? ['push-options'] : []),
    'object-format=sha1',
  ];
  const words = wished.filter((word) => capabilities.has(word.split('=')[0] ?? ''));
  const commands = pushes.map((push, at) => {
    const command = `${push.expected ?? NOBODY} ${wantedOid(push)} ${push.ref}`;
    return packet(at === 0 ? `${command}\0 ${words.join(' ')}` : command);
  });
  const section = takesOptions ? [...options.map((option) => packet(option)), FLUSH] : [];
  // Deletions come without a pack.
  const packs = pushes.some(({ kind }) => kind === 'move') ? [await pack(objectsOf(pushes))] : [];
  return {
    method: 'POST',
    path: '/git-receive-pack',
    accept: 'application/x-git-receive-pack-result',
    contentType: 'application/x-git-receive-pack-request',
    body: Buffer.concat([...commands, FLUSH, ...section, ...packs]),
    maxBytes: MAX_REPORT_BYTES,
    attempt: attemptOf(pushes),
  } as const;
}

function objectsOf(pushes: readonly Push[]): readonly GitObject[] {
  if (pushes.length === 1 && pushes[0]?.kind === 'move') return pushes[0].objects;
  const all = pushes.flatMap((push) => (push.kind === 'move' ? push.objects : []));
  return [...new Map(all.map((object) => [oidOf(object), object])).values()];
}

/** In order, as many together as may go in one request. A ref is in no request twice: the second go waits for the first. */
export function splitPushes(
  pushes: readonly Push[],
  { maxRefs, maxBytes }: RequestLimits,
): readonly (readonly Push[])[] {
  const batches: { readonly pushes: Push[]; readonly refs: Set<string>; bytes: number }[] = [];
  for (const push of pushes) {
    const bytes = bytesOf(push);
    const last = batches.at(-1);
    const fits = last !== undefined && last.pushes.length < maxRefs && last.bytes + bytes <= maxBytes;
    if (!fits || last.refs.has(push.ref)) {
      batches.push({ pushes: [push], refs: new Set([push.ref]), bytes });
      continue;
    }
    last.pushes.push(push);
    last.refs.add(push.ref);
    last.bytes += bytes;
  }
  return batches.map((batch) => batch.pushes);
}

function bytesOf(push: Push): number {
  return push.kind === 'move' ? push.objects.reduce((sum, { data }) => sum + data.length, 0) : 0;
}
