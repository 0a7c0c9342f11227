import type { Facts } from '../../../manifests/objects.ts';
import type { FieldChange } from '../../../plan/pin/field-change.ts';
import { textAt } from '../../../plan/pin/secret-places.ts';

/** What an object has in a field that an edit sets besides its annotation; null where it has nothing there. */
export function fieldAt(object: Facts, { field, keys, beside }: FieldChange): string | null {
  if (object.type === 'workload') return textAt(object, keys);
  if (object.type !== 'external-secret') return null;
  if (field === 'spec.target.name') return object.namesTarget ? object.targetName : null;
  const reference = object.references.find((one) => `${one.field}.version` === field && one.key === beside?.value);
  return reference === undefined || reference.version === '' ? null : reference.version;
}
