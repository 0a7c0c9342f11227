import type { IncomingMessage } from 'node:http';
import { type LoopbackServer, listenOnLoopback } from '../../../src/demo/loopback.ts';

/** What happened to one message, as the queue saw it. */
export interface MessageTrace {
  readonly body: string;
  readonly steps: readonly string[];
}

/** Stands between a consumer and a queue, passes everything on, and notes what the queue was told and said. */
export interface Recorder extends LoopbackServer {
  traces(): readonly MessageTrace[];
  /** Polls that the queue has not answered yet. */
  polls(): number;
}

interface Noted {
  readonly body: string;
  readonly steps: string[];
}

type Json = Readonly<Record<string, unknown>>;

/** `visibilitySeconds`: a lease of that length is a prolonged one, any other is one that is given back. */
export async function startRecorder(endpoint: string, visibilitySeconds: number): Promise<Recorder> {
  const messages = new Map<string, Noted>();
  const byHandle = new Map<string, Noted>();
  let polls = 0;
  const note = (handle: unknown, step: string) => {
    const steps = byHandle.get(String(handle))?.steps;
    if (steps !== undefined && steps.at(-1) !== step) steps.push(step);
  };
  const noteCall = (operation: string, input: Json) => {
    const { ReceiptHandle: handle, VisibilityTimeout: seconds } = input;
    if (operation.startsWith('Delete')) note(handle, 'deleted');
    else note(handle, seconds === visibilitySeconds ? 'prolonged' : givenBack(Number(seconds)));
  };
  const noteExchange = (operation: string, input: Json, output: Json) => {
    for (const message of list(output['Messages'])) {
      const { MessageId: id, Body: body, ReceiptHandle: handle, Attributes: attributes } = message;
      const noted = messages.get(String(id)) ?? { body: String(body), steps: [] };
      messages.set(String(id), noted);
      byHandle.set(String(handle), noted);
      noted.steps.push(`delivery ${String((attributes as Json)['ApproximateReceiveCount'])}`);
    }
    if (!/^(?:Delete|Change)Message/.test(operation)) return;
    const failed = new Set(list(output['Failed']).map(({ Id }) => Id));
    const entries = operation.endsWith('Batch') ? list(input['Entries']) : [input];
    for (const entry of entries) if (!failed.has(entry['Id'])) noteCall(operation, entry);
  };
  const server = await listenOnLoopback(async (request, response, body) => {
    const gone = new AbortController();
    response.on('close', () => gone.abort());
    const operation = String(request.headers['x-amz-target']).split('.')[1] ?? '';
    if (operation === 'ReceiveMessage') polls += 1;
    try {
      const init = { method: 'POST', headers: passedOn(request), body: new Uint8Array(body), signal: gone.signal };
      const answer = await fetch(endpoint, init);
      const text = await answer.text();
      if (answer.status === 200) noteExchange(operation, parse(body.toString()), parse(text));
      response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
    } catch {
      response.destroy();
    } finally {
      if (operation === 'ReceiveMessage') polls -= 1;
    }
  });
  return { ...server, traces: () => [...messages.values()], polls: () => polls };
}

function passedOn({ headers }: IncomingMessage): Record<string, string> {
  const names = ['content-type', 'x-amz-target', 'authorization', 'x-amz-date', 'x-amz-security-token'];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}

/** A back-off is spread by the message's id, which every queue chooses by itself. */
function givenBack(seconds: number): string {
  if (seconds >= 15 && seconds <= 19) return 'given back for 15 to 19 s';
  return `given back for ${seconds} s`;
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function parse(text: string): Json {
  return text === '' ? {} : (JSON.parse(text) as Json);
}
