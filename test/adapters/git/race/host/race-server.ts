import type { IncomingMessage, ServerResponse } from 'node:http';
import { dropConnection } from '../../../../../src/demo/faults.ts';
import type { BackendAnswer } from '../../../../../src/demo/git/http-backend.ts';
import { listenOnLoopback } from '../../../../../src/demo/loopback.ts';
import { cut, damage, effectOf, type Fate, type Purpose } from '../fates.ts';
import type { Gate, Passage, Tips } from './race-world.ts';

/** What carries requests out; their addresses are those of the repository alone. */
export type Backend = (request: IncomingMessage, body: Buffer, told: Tips | null) => Promise<BackendAnswer>;

/** Before a Git host: holds every request until it is its turn, and does to it and to its answer what is to become of them. */
export interface RaceServer {
  /** Begins a life; the address of its repository as a replica has it. */
  host(gate: Gate, backend: Backend): (replica: number, name: string) => string;
  close(): Promise<void>;
}

export async function openRaceServer(): Promise<RaceServer> {
  const lives: { readonly gate: Gate; readonly backend: Backend }[] = [];
  const server = await listenOnLoopback(async (request, response, body) => {
    const [, life = '', replica = '', rest = ''] = /^\/(\d+)\/(\d+)(\/.*)$/.exec(request.url ?? '') ?? [];
    const found = lives[Number(life)];
    if (found === undefined) throw new Error('no such life');
    request.url = rest;
    const purpose = purposeOf(request, body);
    const passage = await found.gate.enter(Number(replica), purpose);
    await underFate(passage, { purpose, body, request, backend: found.backend }, response);
  });
  return {
    host: (gate, backend) => {
      const life = lives.push({ gate, backend }) - 1;
      return (replica, name) => `${server.url}/${life}/${replica}/${name}.git`;
    },
    close: () => server.close(),
  };
}

function purposeOf(request: IncomingMessage, body: Buffer): Purpose {
  const url = request.url ?? '';
  if (request.method === 'GET') return 'advertisement';
  if (url.endsWith('/git-receive-pack')) return 'push';
  return body.includes('command=ls-refs') ? 'list' : 'fetch';
}

interface Asked {
  readonly purpose: Purpose;
  readonly body: Buffer;
  readonly request: IncomingMessage;
  readonly backend: Backend;
}

async function underFate(passage: Passage, asked: Asked, response: ServerResponse): Promise<void> {
  const { fate } = passage;
  const carryOut = () => passage.carryOut((told) => asked.backend(asked.request, onTheWay(passage, asked), told));
  if (isAnswered(fate)) return send(response, onTheWayBack(passage, asked.purpose, await carryOut()));
  const effect = effectOf(fate, asked.purpose);
  if (effect === 'later') passage.later(carryOut);
  if (effect === 'now') await carryOut();
  if (fate.kind === 'stopped') passage.stop();
  else if (fate.kind.startsWith('gateway')) response.writeHead(502).end();
  else dropConnection(response);
}

function isAnswered({ kind }: Fate): boolean {
  return /^(?:carried-out|lagging|request-|answer-)/.test(kind);
}

function onTheWay({ fate }: Passage, { body, purpose }: Asked): Buffer {
  if (fate.kind === 'request-cut') return cut(body, fate.at);
  return fate.kind === 'request-damaged' ? damage(body, fate.at, purpose, 'request') : body;
}

function onTheWayBack({ fate }: Passage, purpose: Purpose, answer: BackendAnswer): BackendAnswer {
  if (fate.kind === 'answer-cut') return { ...answer, body: cut(answer.body, fate.at) };
  return fate.kind === 'answer-damaged' ? { ...answer, body: damage(answer.body, fate.at, purpose, 'answer') } : answer;
}

function send(response: ServerResponse, { status, headers, body }: BackendAnswer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length }).end(body);
}
