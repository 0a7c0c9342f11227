import type { IncomingMessage, ServerResponse } from 'node:http';
import { dropConnection } from '../../../../../src/demo/faults.ts';
import type { BackendAnswer } from '../../../../../src/demo/git/http-backend.ts';
import { listenOnLoopback } from '../../../../../src/demo/loopback.ts';
import { cut, damage, type Purpose } from '../fates.ts';
import type { Gate, Passage } from './race-world.ts';

/** What carries requests out; their addresses are those of the repository alone. */
export type Backend = (request: IncomingMessage, body: Buffer) => Promise<BackendAnswer>;

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
  const carryOut = () => passage.carryOut(() => asked.backend(asked.request, onTheWay(passage, asked)));
  switch (fate.kind) {
    case 'dropped-before':
      return dropConnection(response);
    case 'late':
      if (asked.purpose === 'push') passage.later(carryOut);
      return dropConnection(response);
    case 'dropped-after':
      await carryOut();
      return dropConnection(response);
    case 'gateway-before':
      return void response.writeHead(502).end();
    case 'gateway-after':
      await carryOut();
      return void response.writeHead(502).end();
    case 'carried-out':
    case 'request-cut':
    case 'request-damaged':
    case 'answer-cut':
    case 'answer-damaged':
      return send(response, onTheWayBack(passage, asked.purpose, await carryOut()));
  }
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
