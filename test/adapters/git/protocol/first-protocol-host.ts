import type { IncomingMessage } from 'node:http';
import { FLUSH, lineOf, packet, readPackets } from '../../../../src/adapters/git/protocol/pkt-line.ts';
import { askHttpBackend, type BackendAnswer, findHttpBackend } from '../../../../src/demo/git/http-backend.ts';
import { type LoopbackServer, listenOnLoopback } from '../../../../src/demo/loopback.ts';

/** What a host that knows no protocol 2 offers, and whom it turns away. */
export interface FirstProtocolHost {
  /** For fetching; what Git's own program does not know is left out. */
  readonly fetching: readonly string[];
  readonly pushing: readonly string[];
  /** Of these the client must ask for one, as Azure DevOps demands. */
  readonly demanded: readonly string[];
}

/** As Azure DevOps is known to be: no protocol 2, no filter, no commit but the tips, and nobody without multi_ack. */
export const AZURE_DEVOPS: FirstProtocolHost = {
  fetching: [
    'multi_ack',
    'thin-pack',
    'side-band',
    'side-band-64k',
    'no-progress',
    'multi_ack_detailed',
    'no-done',
    'shallow',
  ],
  pushing: ['report-status', 'delete-refs', 'side-band-64k'],
  demanded: ['multi_ack', 'multi_ack_detailed'],
};

export interface FrontedHost extends LoopbackServer {
  /** What was asked so far: `GET git-upload-pack`, `POST git-upload-pack`, and so on. */
  readonly asked: readonly string[];
}

/** Git's own server program on the repositories below `root`, made to look and to behave like such a host. */
export async function startFirstProtocolHost(root: string, host: FirstProtocolHost): Promise<FrontedHost> {
  const backend = { program: await findHttpBackend(), root, protocol: 0 } as const;
  const asked: string[] = [];
  const server = await listenOnLoopback(async (request, response, body) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const service = url.searchParams.get('service') ?? url.pathname.split('/').at(-1) ?? '';
    asked.push(`${request.method} ${service}`);
    const {
      status,
      headers,
      body: text,
    } = refusal(host, request, body) ?? (await askHttpBackend(backend, request, body));
    const isList = request.method === 'GET' && status === 200;
    const offered = service === 'git-upload-pack' ? host.fetching : host.pushing;
    const sent = isList ? offering(text, offered) : text;
    response.writeHead(status, { ...headers, 'content-length': sent.length }).end(sent);
  });
  return { ...server, asked };
}

function refusal({ demanded }: FirstProtocolHost, request: IncomingMessage, body: Buffer): BackendAnswer | null {
  if (request.method !== 'POST' || request.url?.endsWith('/git-upload-pack') !== true || demanded.length === 0)
    return null;
  const [first] = readPackets(body);
  const words = first?.kind === 'data' ? lineOf(first.bytes).split(' ') : [];
  if (demanded.some((word) => words.includes(word))) return null;
  const text = 'TF401041: The Git protocol sent is not as expected (Clients must support multi-ack.).';
  return { status: 400, headers: { 'content-type': 'text/plain' }, body: Buffer.from(text) };
}

/** The same list of refs with no more than these capabilities. */
function offering(list: Buffer, offered: readonly string[]): Buffer {
  const parts = [...readPackets(list)].map((one) => {
    if (one.kind !== 'data') return FLUSH;
    const [ref = '', capabilities] = one.bytes.toString('latin1').split('\0');
    if (capabilities === undefined) return packet(one.bytes);
    const left = capabilities
      .trim()
      .split(' ')
      .filter((word) => offered.includes(word));
    return packet(Buffer.from(`${ref}\0${left.join(' ')}\n`, 'latin1'));
  });
  return Buffer.concat(parts);
}
