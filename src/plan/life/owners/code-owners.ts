import { matchesGlob } from '../../../domain/repo-path.ts';

/** Where GitHub looks for it: the first that is there counts. */
export const CODE_OWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** One line of a CODEOWNERS file: whoever of the owners approves is enough. */
export interface OwnerRule {
  readonly globs: readonly string[];
  /** In their order and spelling; empty: nobody's approval is needed. */
  readonly owners: readonly string[];
}

/** GitHub reads no more of it, in characters. */
const MAX_LENGTH = 3 * 1024 * 1024;
const MAX_RULES = 5000;

/** Reads a CODEOWNERS file. A line that makes no sense to GitHub, which skips it, is skipped here too. */
export function parseCodeOwners(text: string): readonly OwnerRule[] {
  const rules = text
    .slice(0, MAX_LENGTH)
    .split(/\r?\n/, MAX_RULES)
    .flatMap((line): readonly OwnerRule[] => {
      const [pattern = '', ...owners] = line
        .replace(/(^|\s)#.*$/, '')
        .trim()
        .split(/\s+/);
      // GitHub knows neither negation nor character ranges here.
      const isKnown = pattern !== '' && !/^!|[[\]\\]/.test(pattern);
      return isKnown ? [{ globs: globsOf(pattern), owners }] : [];
    });
  return rules;
}

/**
 * The sets of owners of whom one each has to approve these paths; none twice. The last rule that fits a path decides, as GitHub
 * documents it.
 */
export function ownersOf(rules: readonly OwnerRule[], paths: readonly string[]): readonly (readonly string[])[] {
  const needed = new Map<string, readonly string[]>();
  for (const path of new Set(paths)) {
    const rule = rules.findLast(({ globs }) => globs.some((glob) => matchesGlob(glob, path)));
    const owners = rule?.owners ?? [];
    if (owners.length > 0) needed.set(owners.toSorted().join(' '), owners);
  }
  return [...needed].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, owners]) => owners);
}

function globsOf(pattern: string): readonly string[] {
  const body = pattern.replace(/^\/+|\/+$/g, '');
  const isAnchored = pattern.startsWith('/') || body.includes('/');
  const places = isAnchored ? [body] : [body, `**/${body}`];
  if (pattern.endsWith('/')) return places.map((place) => `${place}/**`);
  // `docs/*` means the files right in that folder.
  if (isAnchored && body.endsWith('/*')) return places;
  return places.flatMap((place) => [place, `${place}/**`]);
}
