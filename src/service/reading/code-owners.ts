import { parseRepoPath, type RepoFile } from '../../domain/repo-path.ts';
import { CODE_OWNERS_PATHS, ownersOf, parseCodeOwners } from '../../plan/life/owners/code-owners.ts';
import type { ReadText } from '../propose/draft/draft-edits.ts';

/** The sets of owners of whom one each has to approve these files, as the base's CODEOWNERS says; none where it has no such file. */
export async function neededOwners(
  readText: ReadText,
  files: readonly Pick<RepoFile, 'path'>[],
): Promise<readonly (readonly string[])[]> {
  const edited = files.map(({ path }) => path);
  for (const place of CODE_OWNERS_PATHS.flatMap((one) => parseRepoPath(one) ?? [])) {
    const text = await readText(place);
    if (text !== null) return ownersOf(parseCodeOwners(text), edited);
  }
  return [];
}
