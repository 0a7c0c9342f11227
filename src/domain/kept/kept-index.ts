import type { Oid } from '../repo-path.ts';

/** Which index is meant. Of one repository and base the last one is kept, whatever it was read with. */
export interface IndexKey {
  /** The clone address, without credentials. */
  readonly repository: string;
  readonly base: string;
  /** What of the configuration decides what a file says: what was kept under another text is of no use. */
  readonly reading: string;
}

/** What the files of a commit say, as lines of text without line ends. */
export interface KeptIndex {
  readonly head: Oid;
  /** Made one by one and once. */
  readonly lines: Iterable<string>;
}

export type LoadedIndex =
  /** Its lines can be read once. Other work goes on in between. */
  | { readonly kind: 'found'; readonly head: Oid; readonly lines: AsyncIterable<string> }
  | { readonly kind: 'absent' }
  /** Made by another version of the program, or under another key. */
  | { readonly kind: 'foreign'; readonly reason: string }
  /** Not as it was saved, or not to be trusted. */
  | { readonly kind: 'broken'; readonly reason: string };
