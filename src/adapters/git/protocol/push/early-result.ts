import { plainText } from '../../../../domain/plain-text.ts';
import type { Oid } from '../../../../domain/repo-path.ts';
import type { PublishResult, Ref } from '../../../../ports.ts';
import type { Advertisement } from '../server-refs.ts';
import { type Push, wantedOid } from './push-request.ts';

/** What a host has just listed, made ready to be asked about these pushes. */
export interface ListedRefs {
  readonly oids: ReadonlyMap<string, Oid>;
  /** By each ref to be pushed that is a folder at the host: one of the refs that lie in it. */
  readonly folders: ReadonlyMap<string, string>;
}

/** What of a list concerns `pushes`. A host may list names of thousands of folders: not each of them is written down. */
export function listedRefs(refs: readonly Ref[], pushes: readonly Push[]): ListedRefs {
  const wanted = new Set(pushes.map(({ ref }) => ref));
  const lengths = new Set([...wanted].map((ref) => ref.length));
  const folders = new Map<string, string>();
  for (const { name } of refs) {
    for (const length of lengths) {
      if (name[length] !== '/') continue;
      const folder = name.slice(0, length);
      if (wanted.has(folder) && !folders.has(folder)) folders.set(folder, name);
    }
  }
  return { oids: new Map(refs.map(({ name, oid }) => [name, oid])), folders };
}

function above(name: string): string {
  return name.slice(0, Math.max(name.lastIndexOf('/'), 0));
}

/** What a push comes to before it is sent, by where the host says that the refs are; null where it has to be sent. */
export function earlyResult(
  push: Push,
  { oids, folders }: ListedRefs,
  capabilities: Advertisement['capabilities'],
): PublishResult | null {
  const current = oids.get(push.ref) ?? null;
  const isFound = push.kind === 'move' ? current === wantedOid(push) : current === null;
  if (isFound) return { ...pushed(push), isFound };
  if (current !== push.expected) return { kind: 'moved' };
  if (push.kind === 'delete') {
    const reason = 'the host lets nobody delete branches';
    return capabilities.has('delete-refs') ? null : { kind: 'refused', reason };
  }
  // Git keeps no branch `a` beside `a/b`. The host would say only that it "failed to update ref", again and again.
  const inTheWay = folders.get(push.ref) ?? foldersOf(push.ref).find((folder) => oids.has(folder));
  return inTheWay === undefined
    ? null
    : { kind: 'refused', reason: `the branch ${plainText(inTheWay, 250)} is in the way` };
}

function foldersOf(ref: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = above(ref); folder !== ''; folder = above(folder)) folders.push(folder);
  return folders;
}

/** Its effect is there. */
export function pushed(push: Push): PublishResult & { readonly kind: 'done' } {
  return { kind: 'done', oid: push.kind === 'move' ? push.oid : push.expected };
}
