import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer, type Socket } from 'node:net';
import { FLUSH, packet } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { listenOnLoopback } from '../../../../src/demo/loopback.ts';
import { MAIN } from '../git-world.ts';

/** Bytes of a body, or whatever it does with the answer. */
export type Act = Buffer | ((response: ServerResponse) => void);

/** What a host says; what is left out it says as Git would. Fetches are answered in order, the last one again and again. */
interface Script {
  readonly advertise?: Act;
  readonly refs?: Act;
  readonly fetch?: readonly Act[];
  readonly push?: Act;
  /** Where the base is, for those who only speak the first protocol. */
  readonly tip?: string;
}

interface HostileHost {
  readonly url: string;
  /** The bodies of all requests to fetch. */
  readonly wishes: readonly string[];
  close(): Promise<void>;
}

export const ADVERTISEMENT = Buffer.concat([
  packet('version 2\n'),
  packet('ls-refs\n'),
  packet('fetch=shallow\n'),
  FLUSH,
]);

/** The answer to a fetch: this pack in band 1. */
export function packAnswer(pack: Uint8Array): Buffer {
  const parts: Buffer[] = [packet('packfile\n')];
  for (let at = 0; at < pack.length; at += 65_000) {
    parts.push(packet(Buffer.concat([Buffer.from([1]), pack.subarray(at, at + 65_000)])));
  }
  return Buffer.concat([...parts, FLUSH]);
}

export function refsAnswer(oid: string, name = MAIN): Buffer {
  return Buffer.concat([packet(`${oid} ${name}\n`), FLUSH]);
}

function isSecond(request: IncomingMessage): boolean {
  return request.headers['git-protocol'] === 'version=2';
}

/** Who lies in one protocol lies in the other one too. */
function firstAdvertisement({ refs: list, tip = '1'.repeat(40) }: Script): Act {
  const begin = [packet('# service=git-upload-pack\n'), FLUSH];
  if (list !== undefined) return typeof list === 'function' ? list : Buffer.concat([...begin, list]);
  const words = 'multi_ack_detailed side-band-64k ofs-delta shallow allow-reachable-sha1-in-want';
  const refs = [`${tip} HEAD\0${words}\n`, `${tip} ${MAIN}\n`].map(packet);
  return Buffer.concat([...begin, ...refs, FLUSH]);
}

/** A pack comes behind other words there; what is no pack is the same. */
function inFirstProtocol(answer: Act): Act {
  const begin = packet('packfile\n');
  if (typeof answer === 'function' || !answer.subarray(0, begin.length).equals(begin)) return answer;
  return Buffer.concat([packet('NAK\n'), answer.subarray(begin.length)]);
}

function advertisementOf(script: Script, request: IncomingMessage): Act {
  return script.advertise ?? (isSecond(request) ? ADVERTISEMENT : firstAdvertisement(script));
}

function fetchAnswer({ fetch: answers = [] }: Script, request: IncomingMessage, number: number): Act {
  const answer = answers[number] ?? answers.at(-1) ?? FLUSH;
  return isSecond(request) ? answer : inFirstProtocol(answer);
}

/** A Git host that follows a script. */
export async function startHostileHost(script: Script): Promise<HostileHost> {
  const wishes: string[] = [];
  const server = await listenOnLoopback(async (request, response, body) => {
    const path = request.url ?? '';
    const act = (what: Act) => (typeof what === 'function' ? what(response) : response.end(what));
    const text = body.toString('latin1');
    if (path.endsWith('service=git-upload-pack')) {
      response.setHeader('content-type', 'application/x-git-upload-pack-advertisement');
      act(advertisementOf(script, request));
    } else if (path.endsWith('service=git-receive-pack')) {
      response.setHeader('content-type', 'application/x-git-receive-pack-advertisement');
      const none = `${'0'.repeat(40)} capabilities^{}\0report-status delete-refs ofs-delta\n`;
      act(Buffer.concat([packet(none), FLUSH]));
    } else if (path.endsWith('/git-receive-pack')) act(script.push ?? FLUSH);
    else if (text.includes('command=ls-refs')) act(script.refs ?? FLUSH);
    else {
      act(fetchAnswer(script, request, wishes.length));
      wishes.push(text);
    }
  });
  return { url: `${server.url}/acme/x.git`, wishes, close: () => server.close() };
}

interface RawHost {
  readonly url: string;
  close(): Promise<void>;
}

/** A host below HTTP: does as it likes with every connection. */
export async function startRawHost(serve: (socket: Socket) => void): Promise<RawHost> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
    socket.once('data', () => serve(socket));
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/acme/x.git`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Writes the same bytes for as long as anybody reads them; counts what was taken. */
export function endlessly(stream: NodeJS.WritableStream & { readonly destroyed?: boolean }, bytes: Uint8Array) {
  const written = { bytes: 0 };
  const more = () => {
    while (stream.destroyed !== true) {
      written.bytes += bytes.length;
      if (!stream.write(bytes)) {
        stream.once('drain', more);
        return;
      }
    }
  };
  more();
  return written;
}
