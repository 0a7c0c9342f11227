import type { RepoPath } from '../../../domain/repo-path.ts';
import type { ObjectFacts } from '../../../manifests/objects.ts';
import type { Edit } from '../../../plan/plan.ts';

/** What an object and an edit of it have in common. */
type Addressed = Pick<ObjectFacts, 'document' | 'item' | 'kind' | 'name'> & { readonly path: RepoPath };

/** The object that an edit is about. */
export function findObject<T extends Addressed>(objects: readonly T[], edit: Edit): T | undefined {
  return objects.find(
    ({ path, document, item, kind, name }) =>
      path === edit.path &&
      document === edit.document &&
      item === edit.item &&
      kind === edit.kind &&
      name === edit.name,
  );
}
