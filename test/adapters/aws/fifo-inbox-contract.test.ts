import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { fifoInboxContract } from '../../contracts/fifo-inbox.ts';
import { CREDENTIALS, connection, INBOX_PORTS } from './aws-test-connection.ts';

fifoInboxContract('SQS adapter against the embedded SQS', async () => {
  const sqs = await startSqs();
  const inbox = open(sqs.url, sqs.createQueue('events.fifo', { visibilityTimeout: 30 }));
  return {
    inbox,
    send: async (body, group) => void sqs.send('events.fifo', body, group),
    lapse: () => sqs.advance(60_001),
    close: async () => {
      inbox.close();
      await sqs.close();
    },
  };
});

/** An SQS made by other people: what both servers agree on is not an invention of ours. */
fifoInboxContract('SQS adapter against fauxqs', async () => {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new SQSClient({ region: 'eu-west-1', endpoint, credentials: CREDENTIALS });
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'events.fifo', Attributes }));
  const inbox = open(endpoint, QueueUrl);
  return {
    inbox,
    send: async (MessageBody, MessageGroupId) =>
      void (await client.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId }))),
    lapse: null,
    close: async () => {
      inbox.close();
      client.destroy();
      app.server.closeAllConnections();
      await app.close();
    },
  };
});

function open(endpoint: string, queueUrl: string) {
  const queue = { queueUrl, maxNumberOfMessages: 10, visibilityTimeout: 60, waitTimeSeconds: 0 };
  return createSqsInbox({ ...connection(endpoint), ...INBOX_PORTS, ...queue });
}
