import type { GitHttpRequest, GitHttpResponse, HttpClient } from 'isomorphic-git';
import { Failure } from '../../../domain/failure.ts';
import type { GitHost } from '../protocol/git-host.ts';
import { listOf, MAX_LIST_BYTES } from '../protocol/server-refs.ts';
import { unreadableAnswer } from '../unreadable-answer.ts';
import { isoFailure } from './iso-failure.ts';

/**
 * The address that isomorphic-git is told. It never learns the real one, nor any credential: what it writes to disk and
 * what it says in errors cannot hold them.
 */
export const REMOTE = 'https://repository.invalid';

/** One piece of work that isomorphic-git does over the network. */
export interface IsoWork {
  /** For messages: "list the refs". */
  readonly attempt: string;
  readonly signal: AbortSignal;
  /** Looks at the answer to the request proper before isomorphic-git does. Throws a Failure. */
  readonly inspect: (body: Buffer) => Promise<void> | void;
  /** A longer answer to it is an error. Left out: the host's limit. */
  readonly maxBytes?: number;
}

/**
 * Runs `act` with an http plugin that speaks through `host`: its connections, limits, credentials and redirects. Only
 * whole answers with status 200 reach isomorphic-git. Rejects with a Failure.
 */
export async function overHost<T>(host: GitHost, work: IsoWork, act: (http: HttpClient) => Promise<T>): Promise<T> {
  // isomorphic-git writes into the errors it passes on, so the Failure goes round it.
  const seen: { failure: unknown } = { failure: null };
  const request = (asked: GitHttpRequest) =>
    answerTo(host, work, asked).catch((error: unknown) => {
      seen.failure = error;
      throw new Error('stopped');
    });
  try {
    return await act({ request });
  } catch (error) {
    throw isoFailure(`${work.attempt} of ${host.name}`, seen.failure ?? error);
  }
}

async function answerTo(host: GitHost, work: IsoWork, asked: GitHttpRequest): Promise<GitHttpResponse> {
  const { url, method = 'GET', headers = {} } = asked;
  const post = method === 'POST';
  // What comes first is a list of refs, or a few words.
  const maxBytes = post ? work.maxBytes : MAX_LIST_BYTES;
  const answer = await host.send(
    {
      method: post ? 'POST' : 'GET',
      path: url.slice(REMOTE.length),
      accept: headers['accept'] ?? '*/*',
      contentType: headers['content-type'] ?? null,
      body: await bodyOf(asked),
      protocol: headers['Git-Protocol'] === 'version=2' ? 2 : 1,
      attempt: work.attempt,
      ...(maxBytes === undefined ? {} : { maxBytes }),
    },
    work.signal,
  );
  const body = post ? answer.body : asProtocol0(answer.body);
  if (post) await work.inspect(body);
  else inspectAdvertisement(host, body);
  const contentType = answer.headers['content-type'] ?? '';
  return {
    url,
    method,
    statusCode: answer.status,
    statusMessage: 'OK',
    headers: { 'content-type': contentType },
    body: inOnePart(body),
  };
}

/** The line by which protocol 1 differs from protocol 0, and what may stand before it. */
const VERSION_1 = /^((?:001[ef]# service=git-(?:upload|receive)-pack\n0000)?)000eversion 1\n/;

/** A host may speak protocol 1 to whoever has not asked for it; isomorphic-git takes that line for a ref. */
function asProtocol0(list: Buffer): Buffer {
  const [whole, before] = VERSION_1.exec(list.toString('latin1', 0, 64)) ?? [];
  return whole === undefined || before === undefined
    ? list
    : Buffer.concat([list.subarray(0, before.length), list.subarray(whole.length)]);
}

async function bodyOf({ body }: GitHttpRequest): Promise<Buffer | null> {
  if (body === undefined) return null;
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

async function* inOnePart(body: Buffer): AsyncIterableIterator<Uint8Array> {
  yield body;
}

function inspectAdvertisement(host: GitHost, body: Buffer): void {
  if (/(?: |\n[0-9a-f]{4})object-format=(?!sha1\b)/.test(body.toString('latin1', 0, 8192))) {
    throw new Failure(`cannot work with ${host.name}: its object format is not SHA-1`, {
      code: 'git-rejected',
      retry: 'never',
      hint: 'Repositories with SHA-256 object ids are not supported.',
    });
  }
  if (body.includes('# service=') || body.toString('latin1', 4, 13) === 'version 2') requireEnd(body);
}

/**
 * isomorphic-git takes a list that is cut between two lines for a short list, and one with a damaged length for a list that
 * ends there. Git ends each with a flush packet, and has none before but behind the service's name.
 */
export function requireEnd(body: Buffer): void {
  const kinds = listOf(body).map(({ kind }) => kind);
  const begin = body.toString('latin1', 4, 14) === '# service=' ? 2 : 0;
  if (kinds.at(-1) !== 'flush') throw unreadableAnswer('a list that is cut short');
  if (kinds.slice(begin, -1).some((kind) => kind !== 'data')) throw unreadableAnswer('a list that ends twice');
}
