import { listServerRefs } from 'isomorphic-git';
import { Failure } from '../../../domain/failure.ts';
import type { Ref } from '../../../ports.ts';
import type { GitHost } from '../protocol/git-host.ts';
import { MAX_LIST_BYTES, REF_LINE } from '../protocol/server-refs.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { overHost, REMOTE, requireEnd } from './iso-http.ts';

/** Which of Git's protocols a host is asked for refs in; it changes once, when a host cannot speak the second. */
export interface RefsDialect {
  protocol: 1 | 2;
}

/** The refs below `prefixes`, sorted by name. A host whose protocol 2 cannot be read is asked by protocol 1 from then on. */
export async function listHostRefs(
  host: GitHost,
  dialect: RefsDialect,
  prefixes: readonly string[],
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  if (dialect.protocol === 1) return ask(host, 1, prefixes, signal);
  try {
    return await ask(host, 2, prefixes, signal);
  } catch (error) {
    if (!(error instanceof Failure && (error.code === 'git-unreadable' || error.code === 'git-rejected'))) throw error;
    const refs = await ask(host, 1, prefixes, signal).catch(() => null);
    // What the host said first tells more.
    if (refs === null) throw error;
    dialect.protocol = 1;
    return refs;
  }
}

async function ask(host: GitHost, protocol: 1 | 2, prefixes: readonly string[], signal: AbortSignal) {
  const work = { attempt: 'list the refs', signal, inspect: requireEnd, maxBytes: MAX_LIST_BYTES };
  const found = new Map<string, Ref>();
  for (const prefix of widest(prefixes)) {
    const listed = await overHost(host, work, (http) =>
      listServerRefs({ http, url: REMOTE, prefix, protocolVersion: protocol }),
    );
    for (const { ref: name, oid } of listed) {
      // isomorphic-git makes a ref of every line, also of an error.
      if (!REF_LINE.test(`${oid} ${name ?? ''}`)) throw unreadableAnswer('a line that names no ref');
      // A host need not keep to the prefix: it is a hint.
      if (name.startsWith(prefix)) found.set(name, { name, oid });
    }
  }
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** isomorphic-git asks for one prefix at a time: those below another one are left out. */
function widest(prefixes: readonly string[]): readonly string[] {
  return [...new Set(prefixes)].filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  );
}
