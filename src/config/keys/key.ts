import type { Form } from './forms.ts';

/** What stands under a key. */
export type KeyType =
  | { readonly kind: 'section' }
  /** A list of sections. */
  | { readonly kind: 'sections' }
  | { readonly kind: 'text'; readonly form: Form }
  /** `orOne`: one text may stand there alone. */
  | { readonly kind: 'texts'; readonly form: Form; readonly orOne?: true }
  /** A map from text to text. */
  | { readonly kind: 'labels' }
  /** `orNone`: the word `none` stands for no bound. */
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly orNone?: true }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** `10s`, `5m`, `1h`; the least allowed, in milliseconds. */
  | { readonly kind: 'duration'; readonly min: number }
  /** Whatever stands there: it is not looked into. */
  | { readonly kind: 'anything' };

export type Default = string | number | boolean | null | readonly string[];

/** A row as it is written in the tables: no `default` means that the key must be there. */
export interface KeyRow {
  /** Dotted; `[]` after a list; `(a|b)` stands for several keys of one meaning. */
  readonly path: string;
  readonly type: KeyType;
  /** Null: nothing, or what `about` says. */
  readonly default?: Default;
  readonly about: string;
  /** One line of YAML: the value alone. */
  readonly example: string;
  /** Says where a credential is. */
  readonly secret?: true;
  /**
   * `not-yet`, `unused`: accepted with a notice, without effect; for the second, `about` says what instead. `refused`: a
   * problem when it is there. Left out: works.
   */
  readonly support?: 'not-yet' | 'unused' | 'refused';
}

export const SECTION: KeyType = { kind: 'section' };
export const SECTIONS: KeyType = { kind: 'sections' };
export const FLAG: KeyType = { kind: 'flag' };
export const LABELS: KeyType = { kind: 'labels' };
export const ANYTHING: KeyType = { kind: 'anything' };

export function text(form: Form): KeyType {
  return { kind: 'text', form };
}

export function texts(form: Form): KeyType {
  return { kind: 'texts', form };
}

export function integer(min: number, max: number): KeyType {
  return { kind: 'integer', min, max };
}

/** A whole number, or `none`. */
export function limit(min: number, max: number): KeyType {
  return { kind: 'integer', min, max, orNone: true };
}

export function choice(values: readonly string[]): KeyType {
  return { kind: 'choice', values };
}

/** A list of texts, or one text alone. */
export function textsOrOne(form: Form): KeyType {
  return { kind: 'texts', form, orOne: true };
}

/** A duration of at least `min` milliseconds. */
export function duration(min: number): KeyType {
  return { kind: 'duration', min };
}
