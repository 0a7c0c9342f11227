import type { RepositoryOrigin } from '../../../domain/policy.ts';
import type { Source, Sources } from './deployer.ts';

/** Some folder that a source is said to have. */
export interface SourceUse {
  readonly source: Source;
  /** Null where it cannot be told. */
  readonly folder: string | null;
}

/**
 * Which sources are this repository. With the configuration's address, those of this address at the base branch (or `HEAD`).
 * Without one, those of the only address whose folders are here, whatever their revision.
 */
export function findSources(
  origin: RepositoryOrigin | undefined,
  uses: readonly SourceUse[],
  hasFolder: (folder: string) => boolean,
): Sources {
  if (origin !== undefined) {
    const own = repositoryOf(origin.url);
    return { isHere: ({ url, revision }) => repositoryOf(url) === own && isBase(revision, origin.base) };
  }
  const only = onlyAddress(uses, hasFolder);
  return { isHere: ({ url }) => only !== null && repositoryOf(url) === only };
}

/** One folder that is gone by now is forgiven where no other address is spoken of and most are here. */
function onlyAddress(uses: readonly SourceUse[], hasFolder: (folder: string) => boolean): string | null {
  const counts = new Map<string, { here: number; missing: number }>();
  for (const { source, folder } of uses) {
    const key = repositoryOf(source.url);
    const count = counts.get(key) ?? { here: 0, missing: 0 };
    counts.set(key, count);
    if (folder !== null) count[hasFolder(folder) ? 'here' : 'missing'] += 1;
  }
  const complete = [...counts].filter(
    ([, { here, missing }]) => missing === 0 || (counts.size === 1 && here > missing),
  );
  const [only] = complete;
  return only === undefined || complete.length > 1 ? null : only[0];
}

/** Host and path of a repository, however its address is written: `https://`, `ssh://` or `git@host:path`, with or without `.git`. */
function repositoryOf(url: string): string {
  const plain = url.trim().slice(0, 2000);
  const [, host = '', path = ''] =
    /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/]*@)?([^/:]+)(?::\d+)?\/+(.*)$/i.exec(plain) ??
    /^(?:[^@/]*@)?([^/:]+):(?!\/\/)\/*(.*)$/.exec(plain) ??
    [];
  const short = trimmed(host === '' ? plain : path);
  return `${host.toLowerCase()}/${isCaseless(host) ? short.toLowerCase() : short}`;
}

function trimmed(path: string): string {
  let end = path.length;
  while (path[end - 1] === '/') end -= 1;
  const whole = path.slice(0, end);
  return whole.endsWith('.git') ? whole.slice(0, -'.git'.length) : whole;
}

/** Hosts that read owner and name in any case. */
function isCaseless(host: string): boolean {
  return ['github.com', 'gitlab.com', 'bitbucket.org'].includes(host.toLowerCase());
}

function isBase(revision: string | null, base: string): boolean {
  return revision === null || ['HEAD', base, `refs/heads/${base}`].includes(revision);
}
