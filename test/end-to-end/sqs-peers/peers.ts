import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  type QueueAttributeName,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { CREDENTIALS } from '../../adapters/aws/aws-test-connection.ts';

export interface PeerQueue {
  readonly url: string;
  send(body: string): Promise<void>;
  /** Messages by where they are now. */
  counts(): Promise<QueueCounts>;
}

export interface QueueCounts {
  readonly visible: number;
  readonly hidden: number;
  readonly dead: number;
}

export interface NewPeerQueue {
  readonly name: string;
  readonly visibilitySeconds: number;
  readonly maxReceiveCount: number;
}

/** An SQS, whoever made it. */
export interface Peer {
  readonly name: string;
  readonly endpoint: string;
  createQueue(settings: NewPeerQueue): Promise<PeerQueue>;
  close(): Promise<void>;
}

/** Ours. */
export async function startEmbedded(): Promise<Peer> {
  const sqs = await startSqs();
  const client = newClient(sqs.url);
  return {
    name: 'embedded',
    endpoint: sqs.url,
    createQueue: async ({ name, visibilitySeconds: visibilityTimeout, maxReceiveCount }) => {
      const deadLetter = `${name}-dead`;
      const dead = sqs.createQueue(deadLetter, { visibilityTimeout });
      return peerQueue(client, sqs.createQueue(name, { visibilityTimeout, maxReceiveCount, deadLetter }), dead);
    },
    close: async () => {
      client.destroy();
      await sqs.close();
    },
  };
}

/** Made by other people, for Node. */
export async function startFauxqs(): Promise<Peer> {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  return overApi('fauxqs', endpoint, async () => {
    app.server.closeAllConnections();
    await app.close();
  });
}

/** Made by other people, for Python. */
export async function startMoto(): Promise<Peer> {
  const moto = spawn('python3', ['-c', MOTO], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [line] = (await once(moto.stdout, 'data')) as [Buffer];
  return overApi('moto', `http://${line.toString().trim()}`, async () => {
    moto.stdin.end();
    await once(moto, 'exit');
  });
}

export function isMotoThere(): boolean {
  return spawnSync('python3', ['-c', 'import moto.server, flask']).status === 0;
}

const MOTO = `
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address='127.0.0.1', port=0, verbose=False)
server.start()
print('%s:%d' % server.get_host_and_port(), flush=True)
sys.stdin.read()
`;

function overApi(name: string, endpoint: string, close: () => Promise<void>): Peer {
  const client = newClient(endpoint);
  const create = async (QueueName: string, Attributes: Partial<Record<QueueAttributeName, string>>) => {
    const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName, Attributes }));
    return QueueUrl;
  };
  return {
    name,
    endpoint,
    createQueue: async ({ name: queue, visibilitySeconds, maxReceiveCount }) => {
      const dead = await create(`${queue}-dead`, {});
      const deadLetterTargetArn = await arnOf(client, dead);
      const url = await create(queue, {
        VisibilityTimeout: String(visibilitySeconds),
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount }),
      });
      return peerQueue(client, url, dead);
    },
    close: async () => {
      client.destroy();
      await close();
    },
  };
}

function peerQueue(client: SQSClient, url: string, dead: string): PeerQueue {
  return {
    url,
    send: async (body) => void (await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))),
    counts: async () => {
      const [own, others] = [await attributes(client, url), await attributes(client, dead)];
      const count = (from: typeof own, name: QueueAttributeName) => Number(from[name] ?? Number.NaN);
      return {
        visible: count(own, 'ApproximateNumberOfMessages'),
        hidden: count(own, 'ApproximateNumberOfMessagesNotVisible'),
        dead: count(others, 'ApproximateNumberOfMessages'),
      };
    },
  };
}

async function attributes(client: SQSClient, QueueUrl: string) {
  const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return Attributes;
}

async function arnOf(client: SQSClient, url: string): Promise<string> {
  return (await attributes(client, url)).QueueArn ?? '';
}

function newClient(endpoint: string): SQSClient {
  return new SQSClient({ region: 'eu-west-1', endpoint, credentials: CREDENTIALS });
}
