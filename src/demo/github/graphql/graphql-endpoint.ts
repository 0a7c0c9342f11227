import type { Account } from '../identities.ts';
import type { Reply } from '../operations/replies.ts';
import type { Json } from '../sample.ts';
import type { Pull, RepositoryState } from '../world.ts';
import { mutationFields, readNodeId, repositoryFields } from './merge-fields.ts';
import { type Operation, readDocument } from './read-document.ts';
import { Problem, type ResolvableObject, selectFields } from './select-fields.ts';

/** What was asked by GraphQL and what was answered: for whoever knows GitHub's schema. */
export interface GraphQlExchange {
  readonly document: string;
  readonly variables: Json;
  readonly data: Json;
}

/** Who asks, and what they may see. */
export interface GraphQlAsker {
  readonly actor: Account;
  /** Null for what does not exist or is hidden; its branches have just been looked at. */
  readonly repository: (fullName: string) => Promise<RepositoryState | null>;
}

/** True for GraphQL's address; GitHub Enterprise has it below a path. */
export function isGraphQl(method: string, path: string): boolean {
  return method === 'POST' && (path === '/graphql' || path === '/api/graphql');
}

/** By which faults are planned: `POST /graphql MergeFacts`. */
export function graphQlName(body: unknown): string {
  const { document } = readBody(body);
  return `POST /graphql ${/^\s*(?:query|mutation)\s+(\w+)/.exec(document)?.[1] ?? ''}`.trimEnd();
}

/** Carries an operation out. GraphQL's refusals have status 200; `exchange` is null where nothing was understood. */
export async function answerGraphQl(
  body: unknown,
  asker: GraphQlAsker,
): Promise<{ readonly reply: Reply; readonly exchange: GraphQlExchange | null }> {
  const { document, variables } = readBody(body);
  const operation = understood(document, variables);
  if (operation === null) return { reply: replyOf(null, [{ message: 'Parse error', extensions: {} }]), exchange: null };
  const root =
    operation.kind === 'query' ? queryFields(asker) : mutationFields((id) => findPull(asker, id), asker.actor);
  const { data, errors } = await selectFields(root, operation.fields);
  return { reply: replyOf(data, errors), exchange: { document, variables, data } };
}

function queryFields({ repository }: GraphQlAsker): ResolvableObject {
  return {
    repository: async ({ owner, name }) => {
      const fullName = `${String(owner)}/${String(name)}`;
      const found = await repository(fullName);
      const words = `Could not resolve to a Repository with the name '${fullName}'.`;
      return found === null ? new Problem('NOT_FOUND', words) : repositoryFields(found);
    },
  };
}

async function findPull({ repository }: GraphQlAsker, id: string): Promise<readonly [RepositoryState, Pull] | null> {
  const place = readNodeId(id);
  const found = place === null ? null : await repository(place.fullName);
  const pull = found?.pulls.get(place?.number ?? 0);
  return found === null || pull === undefined ? null : [found, pull];
}

function understood(document: string, variables: Json): Operation | null {
  try {
    return readDocument(document, variables);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function readBody(body: unknown): { readonly document: string; readonly variables: Json } {
  const { query, variables } = (typeof body === 'object' && body !== null ? body : {}) as Json;
  return { document: typeof query === 'string' ? query : '', variables: (variables ?? {}) as Json };
}

function replyOf(data: Json | null, errors: readonly Json[]): Reply {
  return { status: 200, body: errors.length === 0 ? { data } : { data, errors } };
}
