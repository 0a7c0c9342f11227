import type { IncomingMessage, ServerResponse } from 'node:http';
import { dropConnection, type FaultEffect, type Faults } from '../faults.ts';

/** One call in the AWS JSON protocols: the operation from `x-amz-target`, the rest from the signature's credential scope. */
export interface AwsCall {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly accessKeyId: string | null;
  readonly region: string | null;
}

/** An answer before it is written. */
export interface AwsReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

const SCOPE = /Credential=([^/,\s]+)\/\d{8}\/([a-z0-9-]+)\//;

/** Reads a call; null when the body is not a JSON object or the target is missing. */
export function readCall(request: IncomingMessage, body: Buffer): AwsCall | null {
  const operation = headerText(request, 'x-amz-target').split('.')[1] ?? '';
  const input = parseObject(body.toString('utf8'));
  if (operation === '' || input === null) return null;
  const [, accessKeyId, region] = SCOPE.exec(headerText(request, 'authorization')) ?? [];
  return { operation, input, accessKeyId: accessKeyId ?? null, region: region ?? null };
}

export function reply(body: unknown): AwsReply {
  return { status: 200, body, headers: {} };
}

/** An error as AWS writes it: the type in the body, and for SQS the old protocol's code in a header. */
export function errorReply(type: string, message: string, status = 400, queryCode: string | null = null): AwsReply {
  const headers: Record<string, string> = queryCode === null ? {} : { 'x-amzn-query-error': `${queryCode};Sender` };
  return { status, body: { __type: type, message }, headers };
}

/** The same as a fault, for `faults.plan`: the operation is answered with this AWS error instead of being carried out. */
export function awsError(type: string, status = 400, queryCode: string | null = null): FaultEffect {
  const { body, headers } = errorReply(type, 'planned by the embedded world', status, queryCode);
  return { kind: 'answer', status, body, headers };
}

/** How a server answers: which JSON version it speaks, and what time it says it is (epoch milliseconds). */
export interface Dialect {
  readonly version: '1.0' | '1.1';
  readonly now: () => number;
}

/** Carries out an operation under the planned faults and writes the answer. Null from `run` means: nobody listens any more. */
export async function respond(
  response: ServerResponse,
  dialect: Dialect,
  effect: FaultEffect | null,
  run: () => AwsReply | null | Promise<AwsReply | null>,
): Promise<void> {
  if (effect?.kind === 'drop') {
    dropConnection(response);
    return;
  }
  if (effect?.kind === 'answer') {
    write(response, dialect, plannedReply(effect));
    return;
  }
  if (effect?.kind === 'before') await effect.act();
  const result = await run();
  if (effect?.kind === 'after') await effect.act();
  if (effect?.kind === 'drop-after-effect' || result === null) {
    dropConnection(response);
    return;
  }
  write(response, dialect, result);
}

function plannedReply({ status, body = {}, headers = {} }: FaultEffect & { readonly kind: 'answer' }): AwsReply {
  return { status, body, headers };
}

/** The planned effect of an operation, if the server has faults at all. */
export function takeFault(faults: Faults | undefined, operation: string): FaultEffect | null {
  return faults?.take(operation) ?? null;
}

function write(response: ServerResponse, dialect: Dialect, { status, body, headers }: AwsReply): void {
  response.writeHead(status, {
    'content-type': `application/x-amz-json-${dialect.version}`,
    date: new Date(dialect.now()).toUTCString(),
    'x-amzn-requestid': 'embedded-request',
    ...headers,
  });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

function headerText(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text === '' ? '{}' : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
