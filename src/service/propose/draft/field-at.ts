import type { Facts } from '../../../manifests/objects.ts';
import type { FieldChange } from '../../../plan/pin/field-change.ts';

/** What an object has in a field that an edit sets besides its annotation; null where it has nothing there. */
export function fieldAt(object: Facts, { field, beside }: FieldChange): string | null {
  if (object.type !== 'external-secret') return null;
  const reference = object.references.find((one) => `${one.field}.version` === field && one.key === beside?.value);
  return reference === undefined || reference.version === '' ? null : reference.version;
}
