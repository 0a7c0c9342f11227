/** js-yaml carries no types; the tests use it as a second opinion on what a text means. */
declare module 'js-yaml' {
  export function loadAll(text: string): unknown[];
}
