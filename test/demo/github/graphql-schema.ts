import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { buildSchema, execute, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import type { GraphQlExchange } from '../../../src/demo/github/graphql/graphql-endpoint.ts';

const FILE = new URL('../../../fixtures/github/schema.graphql', import.meta.url);

/** Where nobody asks which kind of actor one is. */
const ANY_ACTOR = 'User';

let loaded: GraphQLSchema | null = null;

/** GitHub's own schema, cut down to what is asked. */
export function githubSchema(): GraphQLSchema {
  loaded ??= buildSchema(readFileSync(FILE, 'utf8'));
  return loaded;
}

/** What the schema has against a question or its answer, in a line each. The answer must hold what was asked, and nothing else. */
export function checkGraphQl({ document, variables, data }: GraphQlExchange): readonly string[] {
  const schema = githubSchema();
  const parsed = parse(document);
  const invalid = validate(schema, parsed);
  if (invalid.length > 0) return invalid.map((error) => described('question', error));
  const answer = execute({
    schema,
    document: parsed,
    rootValue: data,
    variableValues: variables,
    // The answer is the world that is looked at: under the names that its fields have there.
    typeResolver: (source) => (source as Readonly<Record<string, string>>)['__typename'] ?? ANY_ACTOR,
    fieldResolver: (source: Record<string, unknown>, _args, _context, { path }) => source[path.key],
  });
  if (answer instanceof Promise) return ['the answer is a promise'];
  const problems = (answer.errors ?? []).map((error) => described('answer', error));
  if (problems.length > 0) return problems;
  const same = isDeepStrictEqual(JSON.parse(JSON.stringify(answer.data)), JSON.parse(JSON.stringify(data)));
  return same ? [] : ['answer: it holds more than was asked for'];
}

function described(what: string, { message, path, locations }: GraphQLError): string {
  const line = locations?.[0]?.line;
  return [what, path?.join('.'), line === undefined ? '' : `(line ${line})`, message].filter(Boolean).join(' ');
}
