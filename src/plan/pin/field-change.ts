/** One scalar of an object, outside of its annotations, and what it becomes. */
export interface FieldChange {
  /** As people write it: `spec.data[0].remoteRef.version`. */
  readonly field: string;
  /** The way to it from the object. */
  readonly keys: readonly (string | number)[];
  readonly before: string | null;
  readonly after: string;
  /** What stands beside it: a place in a list says nothing by itself. */
  readonly beside?: { readonly key: string; readonly value: string };
  /** The secret whose version it names, as `secrets` has it; left out where it names none. */
  readonly secret?: string;
}
