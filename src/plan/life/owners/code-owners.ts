import { matchesGlob } from '../../../domain/repo-path.ts';

/** Where GitHub looks for it: the first that is there counts. */
export const CODE_OWNERS_PATHS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

/** One line of a CODEOWNERS file: whoever of the owners approves is enough. */
export interface OwnerRule {
  readonly globs: readonly OwnerGlob[];
  /** In their order and spelling; empty: nobody's approval is needed. */
  readonly owners: readonly string[];
}

/** A pattern, and what every path that it matches begins with: most are told apart by that alone. */
interface OwnerGlob {
  readonly glob: string;
  readonly start: string;
}

/** GitHub reads no more of it, in characters. */
const MAX_LENGTH = 3 * 1024 * 1024;
const MAX_RULES = 5000;

/** Longer patterns, and more owners of one line than these, are nobody's who means well. */
const MAX_PATTERN = 512;
const MAX_OWNERS = 100;

/** How many characters of patterns are held against paths: as much as takes well below a second, whatever they are. */
const MOST_LOOKED_AT = 2_000_000;

/** Reads a CODEOWNERS file. A line that makes no sense to GitHub, which skips it, is skipped here too. */
export function parseCodeOwners(text: string): readonly OwnerRule[] {
  const lines = text.slice(0, MAX_LENGTH).split(/\r?\n/, MAX_RULES);
  return lines.flatMap((line): readonly OwnerRule[] => {
    const [pattern = '', ...owners] = withoutComment(line)
      .trim()
      .split(/\s+/, MAX_OWNERS + 1);
    // GitHub knows neither negation nor character ranges here.
    const isKnown = pattern !== '' && pattern.length <= MAX_PATTERN && !/^!|[[\]\\]/.test(pattern);
    return isKnown ? [{ globs: globsOf(pattern), owners }] : [];
  });
}

/**
 * The sets of owners of whom one each has to approve these paths; none twice. The last rule that fits a path decides, as GitHub
 * documents it. Where very many rules look like very many paths, those of the first paths.
 */
export function ownersOf(rules: readonly OwnerRule[], paths: readonly string[]): readonly (readonly string[])[] {
  const needed = new Map<string, readonly string[]>();
  const budget = { left: MOST_LOOKED_AT };
  for (const path of new Set(paths)) {
    const rule = rules.findLast(({ globs }) => globs.some((one) => fits(one, path, budget)));
    if (budget.left <= 0) break;
    const owners = rule?.owners ?? [];
    if (owners.length > 0) needed.set(owners.toSorted().join(' '), owners);
  }
  return [...needed].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, owners]) => owners);
}

/** From here on a pull request waits for more people than anybody likes to gather. */
const MANY_SETS = 4;

/** True where a pull request needs approvals of so many sets of owners that people should be warned. */
export function needsManyOwners(sets: readonly (readonly string[])[]): boolean {
  return sets.length >= MANY_SETS;
}

function fits({ glob, start }: OwnerGlob, path: string, budget: { left: number }): boolean {
  if (budget.left <= 0 || !path.startsWith(start)) return false;
  budget.left -= glob.length;
  return matchesGlob(glob, path);
}

function withoutComment(line: string): string {
  const at = line.search(/(?:^|\s)#/);
  return at === -1 ? line : line.slice(0, at);
}

function globsOf(pattern: string): readonly OwnerGlob[] {
  return placesOf(pattern).map((place) => {
    // Several `**` in a row mean what one does.
    const glob = place.replaceAll(/(?:\*\*\/)+/g, '**/');
    const [start = ''] = glob.split(/[*?]/, 1);
    return { glob, start };
  });
}

function placesOf(pattern: string): readonly string[] {
  const body = pattern.replace(/^\/+|\/+$/g, '');
  const isAnchored = pattern.startsWith('/') || body.includes('/');
  const places = isAnchored ? [body] : [body, `**/${body}`];
  if (pattern.endsWith('/')) return places.map((place) => `${place}/**`);
  // `docs/*` means the files right in that folder.
  if (isAnchored && body.endsWith('/*')) return places;
  return places.flatMap((place) => [place, `${place}/**`]);
}
