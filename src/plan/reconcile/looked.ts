import type { BaselineEntry } from '../../manifests/baseline/baseline-entry.ts';
import type { Index } from '../../manifests/graph.ts';
import type { Scope } from '../scope.ts';
import type { Truth, Wish } from '../truth/wish.ts';
import type { CarryingBranch } from './carried-tokens.ts';

/** One object whose versions are not those that a list tells. */
export interface BehindObject {
  readonly path: string;
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string;
  /** As `secretName` has it. */
  readonly secret: string;
  readonly version: string;
  /** The own branch that carries this version already; null where none does. */
  readonly carriedBy: string | null;
  /** The wishes that would bring it. */
  readonly wishes: readonly Wish[];
}

/** What a look at every object of an index found. */
export interface Looked {
  readonly behind: readonly BehindObject[];
  /** What follows secrets and has neither a token nor a baseline for them, with the versions that are current now. */
  readonly without: readonly BaselineEntry[];
  /** How many objects were looked at: those that may be bumped at all. */
  readonly objects: number;
}

/** What is looked at, and with what. `truth`: as lists tell it. */
export interface LookRequest {
  readonly index: Index;
  readonly truth: Truth;
  readonly scope: Scope;
  readonly branches: readonly CarryingBranch[];
}

/** The wishes of everything that is behind and that no branch carries, none twice. */
export function dueWishes({ behind }: Pick<Looked, 'behind'>): readonly Wish[] {
  return [...new Set(behind.flatMap(({ carriedBy, wishes }) => (carriedBy === null ? wishes : [])))];
}
