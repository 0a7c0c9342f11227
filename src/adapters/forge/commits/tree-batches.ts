import type { RemoteDraft } from '../../../ports.ts';

export type ChangedFile = RemoteDraft['files'][number];

/** Contents beyond this become blobs of their own; in UTF-16 units, as everything here. */
const MAX_INLINE = 512 * 1024;

/** One request for a tree: GitHub names no limit for it, and a proxy in between has one at some megabytes. */
const MAX_BATCH = 1024 * 1024;
const MAX_FILES = 500;

/** True where the content goes along within the tree: small, and of nothing that JSON or GitHub could take otherwise. */
export function isInline({ text }: ChangedFile): boolean {
  return text.length <= MAX_INLINE && !/[\0\p{Cs}]/u.test(text);
}

/** Files in the order they came, in requests of a bearable size: each tree is built on the one before. */
export function treeBatches(files: readonly ChangedFile[]): readonly (readonly ChangedFile[])[] {
  const batches: ChangedFile[][] = [];
  let size = 0;
  for (const file of files) {
    const own = file.path.length + (isInline(file) ? file.text.length : 0);
    const last = batches.at(-1);
    if (last === undefined || last.length >= MAX_FILES || size + own > MAX_BATCH) {
      batches.push([file]);
      size = own;
    } else {
      last.push(file);
      size += own;
    }
  }
  return batches;
}
