import type { Oid } from '../../../../../src/domain/repo-path.ts';
import type { Workspace } from '../../../../../src/ports.ts';
import type { Fate, Purpose } from '../fates.ts';

/** The files of a commit. */
export type Files = ReadonlyMap<string, string>;

export interface KnownCommit {
  readonly parents: readonly Oid[];
  readonly files: Files;
}

/** Who decides when a request goes on, and what becomes of it. */
export interface Gate {
  /** Resolves when it is this request's turn. */
  enter(replica: number, purpose: Purpose): Promise<Passage>;
}

export interface Passage {
  readonly fate: Fate;
  /**
   * Every effect on the host runs in here, one at a time: whose it was, and what it moved, is written down. `told`: the refs
   * that the host is to tell of where it lags behind; null: those that it has.
   */
  carryOut<T>(act: (told: Tips | null) => Promise<T>): Promise<T>;
  /** Runs when everybody has gone on. */
  later(act: () => Promise<unknown>): void;
  /** Ends the process that asks; another one takes over what it had to do. */
  stop(): void;
}

/** Where each ref is. */
export type Tips = ReadonlyMap<string, Oid>;

/** What a host is like, from its beginning to its end. */
export interface Traits {
  /** The newest of Git's protocols that it speaks. */
  readonly protocol: 0 | 1 | 2;
  /** Offers to carry out all of a push, or nothing. */
  readonly isAtomic: boolean;
}

/** A repository in which everything can happen, and what can be seen of it from outside. */
export interface RaceWorld {
  open(replica: number): Promise<Workspace>;
  tips(): Promise<Tips>;
  /** True where it can be made to tell of refs as they were. */
  readonly canLag: boolean;
  /** A person's commit of these files on top of what is there; where there is nothing, on top of the base. */
  commit(ref: string, files: Files): Promise<Oid>;
  move(ref: string, oid: Oid | null): Promise<void>;
  /** A hook that refuses pushes to this ref, and to no other one. Null: none. */
  refuse(ref: string | null): Promise<void>;
  contents(oid: Oid): Promise<KnownCommit>;
  /** Fails where the repository is damaged. */
  verify(): Promise<void>;
  close(): Promise<void>;
}

export type OpenRaceWorld = (gate: Gate, files: Files, traits: Traits) => Promise<RaceWorld>;
