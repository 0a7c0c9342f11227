import type { Manifest } from './cluster.ts';

/** The newest commit of the branch that a deployer follows. */
export interface Head {
  readonly commit: string;
  /** Each file's objects, by path. */
  readonly files: ReadonlyMap<string, readonly Manifest[]>;
}

/** The branch as it is now. */
export type Source = () => Head;
