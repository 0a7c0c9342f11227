/** What must hold between keys; `path` says where to point. */
export interface BrokenRule {
  /** Keys and positions from the top of the file. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint: string | null;
}
