import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject } from 'ajv';
import addFormats from 'ajv-formats';

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Content {
  readonly content?: { readonly 'application/json'?: { readonly schema: Schema } };
}

interface DescribedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Content & { readonly required?: boolean };
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** A request's place in the description: its name (`GET /repos/{owner}/{repo}`) and what its path says. */
export interface Match {
  readonly operation: string;
  readonly path: Readonly<Record<string, string>>;
}

/** GitHub's own words on what may be asked and answered. Problems come back as texts; none means fine. */
export interface Description {
  readonly operations: readonly string[];
  /** A schema of `components`, or undefined. */
  schema(name: string): Schema | undefined;
  /** Null when GitHub has no such operation, or the description was pruned of it. */
  match(method: string, path: string): Match | null;
  /** `body` undefined stands for an empty one. */
  checkRequest(match: Match, query: URLSearchParams, body: unknown): readonly string[];
  checkAnswer(operation: string, status: number, body: unknown): readonly string[];
}

interface Route {
  readonly operation: string;
  readonly method: string;
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

const MOST_PROBLEMS = 10;

/** The pruned description; the same number of folders up from `src` and from `dist`. */
export const DESCRIPTION_FILE = new URL('../../../fixtures/github/description.json', import.meta.url);

/** Reads the description. Its schemas are compiled when they are first needed. */
export function loadDescription(file: URL = DESCRIPTION_FILE): Description {
  const document = JSON.parse(readFileSync(file, 'utf8')) as Document;
  // Compiled plainly: an optimised validator takes ten times as long to make and is used a few times.
  const ajv = new Ajv({
    strict: false,
    logger: false,
    validateSchema: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  addFormats.default(ajv);
  ajv.addSchema(document, 'github');
  const problems = (pointer: readonly string[], value: unknown, where: string): string[] => {
    const validate = ajv.getSchema(`github#/${pointer.map(escapePointer).join('/')}`);
    if (validate === undefined) throw new Error(`the description has no ${pointer.join(' > ')}`);
    if (validate(value) === true) return [];
    // Where one of many schemas should fit, each says why it does not.
    return (validate.errors ?? []).slice(-MOST_PROBLEMS).map((error) => describe(where, error));
  };
  const routes = routesOf(document);
  return {
    operations: routes.map((route) => route.operation),
    schema: (name) => document.components.schemas[name],
    match: (method, path) => matchRoute(routes, method, path),
    checkRequest: (match, query, body) => {
      const [method, path] = split(match.operation);
      const described = document.paths[path]?.[method];
      return [
        ...unknownNames(described?.parameters ?? [], query),
        ...(described?.parameters ?? []).flatMap((parameter, index) => {
          const text = parameter.in === 'path' ? match.path[parameter.name] : (query.get(parameter.name) ?? undefined);
          const where = `${parameter.in} ${parameter.name}`;
          if (text === undefined) return parameter.required === true ? [`${where} is missing`] : [];
          const pointer = ['paths', path, method, 'parameters', String(index), 'schema'];
          return problems(pointer, coerce(parameter.schema, text), where);
        }),
        ...bodyProblems(described, body, (value) =>
          problems(['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'], value, 'body'),
        ),
      ];
    },
    checkAnswer: (operation, status, body) => {
      const [method, path] = split(operation);
      const answer = document.paths[path]?.[method]?.responses[status];
      const schema = answer?.content?.['application/json']?.schema;
      // Failures are not described in full for every operation; they all have one shape.
      if (schema === undefined && status >= 400)
        return problems(['components', 'schemas', 'basic-error'], body, 'answer');
      if (answer === undefined) return [`an answer ${status} is not described`];
      if (schema === undefined) return body === undefined ? [] : [`an answer ${status} has no body`];
      const pointer = ['paths', path, method, 'responses', String(status), 'content', 'application/json', 'schema'];
      return problems(pointer, body, 'answer');
    },
  };
}

function routesOf(document: Document): readonly Route[] {
  const routes = Object.entries(document.paths).flatMap(([path, methods]) => {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
    // A ref has slashes where it is the last part.
    const pattern = new RegExp(`^${path.replace(/\{ref\}$/, '(.+)').replaceAll(/\{\w+\}/g, '([^/]+)')}$`);
    return Object.keys(methods).map((method) => {
      return { operation: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), pattern, names };
    });
  });
  // The longer path first: `commits/{ref}/status` before `commits/{ref}`.
  return routes.toSorted((left, right) => right.operation.split('/').length - left.operation.split('/').length);
}

function matchRoute(routes: readonly Route[], method: string, path: string): Match | null {
  for (const route of routes) {
    const match = route.method === method ? route.pattern.exec(path) : null;
    if (match === null) continue;
    const values = route.names.map((name, index) => [name, decodeURIComponent(match[index + 1] ?? '')]);
    return { operation: route.operation, path: Object.fromEntries(values) as Record<string, string> };
  }
  return null;
}

function bodyProblems(
  described: DescribedOperation | undefined,
  body: unknown,
  check: (value: unknown) => readonly string[],
): readonly string[] {
  if (described?.requestBody === undefined) return body === undefined ? [] : ['a body is not described'];
  if (body === undefined) return described.requestBody.required === true ? ['the body is missing'] : [];
  return check(body);
}

/** GitHub ignores what it does not know; who sends it meant something else. */
function unknownNames(parameters: readonly Parameter[], query: URLSearchParams): readonly string[] {
  const known = new Set(parameters.filter((one) => one.in === 'query').map((one) => one.name));
  return [...query.keys()].filter((name) => !known.has(name)).map((name) => `query ${name} is not described`);
}

function coerce(schema: Schema, text: string): unknown {
  if (schema.type === 'integer' && /^-?\d+$/.test(text)) return Number(text);
  if (schema.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function split(operation: string): [method: string, path: string] {
  const [method = '', path = ''] = operation.split(' ');
  return [method.toLowerCase(), path];
}

function escapePointer(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

function describe(where: string, error: ErrorObject): string {
  return `${where}${error.instancePath} ${error.message ?? 'is wrong'}`;
}
