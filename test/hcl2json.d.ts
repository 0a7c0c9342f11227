/** What the tests use of @cdktn/hcl2json (see `paths` in tsconfig.json): its own types draw the browser's into the project. */
export function parse(file: string, text: string): Promise<unknown>;
