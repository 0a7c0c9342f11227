import { isShadowed, neverMeets, type PathPattern } from '../../domain/grouping/path-pattern.ts';
import type { BrokenRule } from '../broken-rule.ts';
import type { Config } from '../config.ts';

/** What must hold between the keys that say what goes into one pull request. */
export const GROUPING_RULES: readonly ((config: Config) => readonly BrokenRule[])[] = [
  patternsReached,
  patternsMeetPaths,
  namedOnce,
];

type Path = BrokenRule['path'];

/** Every list of patterns, where it stands. */
function patternLists({ repositories }: Config) {
  return repositories.flatMap(({ group, branches }, index) => {
    const path: Path = ['spec', 'repositories', index];
    const shown = `spec.repositories[${index}]`;
    const inherited = branches.filter((branch) => branch.group === null);
    const own = branches.flatMap((branch, at) =>
      branch.group === null
        ? []
        : [
            {
              patterns: branch.group.paths,
              branches: [branch],
              path: [...path, 'branches', at, 'group', 'path'],
              shown: `${shown}.branches[${at}].group.path`,
            },
          ],
    );
    const shared = { patterns: group.paths, branches: inherited, path: [...path, 'group', 'path'] };
    return [{ ...shared, shown: `${shown}.group.path` }, ...own];
  });
}

function patternsReached(config: Config): readonly BrokenRule[] {
  return patternLists(config).flatMap(({ patterns, path, shown }) =>
    patterns.flatMap((pattern, at) => {
      const first = patterns.slice(0, at).findIndex((earlier) => isShadowed(earlier, pattern));
      if (first === -1) return [];
      const message = `${shown}[${at}] can never match: ${shown}[${first}] takes all that it could`;
      return [{ path: [...path, at], message, hint: 'put the narrower pattern first' }];
    }),
  );
}

function patternsMeetPaths(config: Config): readonly BrokenRule[] {
  return patternLists(config).flatMap(({ patterns, branches, path, shown }) =>
    patterns.flatMap((pattern, at) => {
      if (branches.length === 0 || branches.some(({ paths }) => meets(pattern, paths))) return [];
      const name = patterns.length === 1 ? shown : `${shown}[${at}]`;
      const message = `${name} can never match: nothing that branches[].paths allows looks like it`;
      return [{ path: [...path, at], message, hint: 'begin it at the top of the repository, as paths do' }];
    }),
  );
}

function meets(pattern: PathPattern, globs: readonly string[]): boolean {
  return globs.length === 0 || globs.some((glob) => !neverMeets(pattern, glob));
}

function namedOnce({ repositories }: Config): readonly BrokenRule[] {
  return repositories.flatMap(({ groups }, index) =>
    groups.flatMap(({ name }, at) => {
      if (name === '' || groups.findIndex((one) => one.name === name) === at) return [];
      const message = `spec.repositories[${index}].groups[${at}].name is there twice`;
      const path = ['spec', 'repositories', index, 'groups', at, 'name'];
      return [{ path, message, hint: 'put all its patterns into one entry' }];
    }),
  );
}
