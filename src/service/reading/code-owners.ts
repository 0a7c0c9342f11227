import { parseRepoPath } from '../../domain/repo-path.ts';
import { CODE_OWNERS_PATHS, ownersOf, parseCodeOwners } from '../../plan/life/owners/code-owners.ts';
import type { ReadText } from '../propose/draft/draft-edits.ts';

/** The sets of owners of whom one each has to approve these paths, as the base's CODEOWNERS says; none where it has no such file. */
export async function neededOwners(
  readText: ReadText,
  paths: readonly string[],
): Promise<readonly (readonly string[])[]> {
  for (const path of CODE_OWNERS_PATHS.flatMap((one) => parseRepoPath(one) ?? [])) {
    const text = await readText(path);
    if (text !== null) return ownersOf(parseCodeOwners(text), paths);
  }
  return [];
}
