import type { RepoPath } from '../../../domain/repo-path.ts';
import { isOverlayFile } from '../../../manifests/edit/overlay/overlay-file.ts';
import type { ObjectFacts } from '../../../manifests/objects.ts';
import type { Edit } from '../../../plan/plan.ts';

/** What an object and an edit of it have in common. */
type Addressed = Pick<ObjectFacts, 'document' | 'item' | 'kind' | 'name' | 'namespace'> & { readonly path: RepoPath };

/** The object that an edit is about. */
export function findObject<T extends Addressed>(objects: readonly T[], edit: Edit): T | undefined {
  return objects.find(
    ({ path, document, item, kind, name, namespace }) =>
      path === edit.path &&
      kind === edit.kind &&
      name === edit.name &&
      (isOverlayFile(path) ? edit.overlay?.namespace === namespace : document === edit.document && item === edit.item),
  );
}

/** The same object where it stands elsewhere in its file by now; undefined where that is not certain. */
export function findMoved<T extends Addressed>(objects: readonly T[], edit: Edit): T | undefined {
  const alike = objects.filter(
    ({ path, kind, name }) => path === edit.path && kind === edit.kind && name === edit.name && !isOverlayFile(path),
  );
  return alike.length === 1 ? alike[0] : undefined;
}
