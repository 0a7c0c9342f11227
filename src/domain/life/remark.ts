/** A remark for people. There is one for each key on a pull request, however often it is left. */
export interface Remark {
  /** Names the situation; lower-case words, digits and hyphens. */
  readonly key: string;
  readonly text: string;
}
