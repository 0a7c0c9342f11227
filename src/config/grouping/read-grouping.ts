import type { Grouping, NamedGroup } from '../../domain/grouping/grouping.ts';
import { readPathPattern } from '../../domain/grouping/path-pattern.ts';
import { GROUPINGS } from '../keys/grouping/grouping-keys.ts';
import type { Section } from '../read/section.ts';
import { readChoice, readSectionsOrNull, readText, readTexts } from '../read/values.ts';

/** `group` of a repository or a branch. */
export function readGroup(group: Section): Pick<Grouping, 'paths'> {
  readChoice(group, 'by', GROUPINGS);
  return { paths: readTexts(group, 'path').flatMap((text) => readPathPattern(text) ?? []) };
}

/** `groups` of a repository. */
export function readNamedGroups(repository: Section): readonly NamedGroup[] {
  return (readSectionsOrNull(repository, 'groups') ?? []).map((group) => {
    const { offset, shown, values, report } = group;
    if (!values.has('secrets') && !values.has('paths')) report.problem(offset, `${shown} fits nothing`, SAY_WHAT);
    return { name: readText(group, 'name'), secrets: readTexts(group, 'secrets'), paths: readTexts(group, 'paths') };
  });
}

const SAY_WHAT = 'give it secrets or paths; for single objects the annotation gitops-reloader.dev/group is enough';
