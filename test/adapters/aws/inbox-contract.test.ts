import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { buildApp } from 'fauxqs';
import { createSqsInbox } from '../../../src/adapters/aws/sqs-inbox.ts';
import { startSqs } from '../../../src/demo/aws/sqs-server.ts';
import { type InboxWorld, inboxContract } from '../../contracts/inbox.ts';
import { CREDENTIALS, connection, INBOX_PORTS } from './aws-test-connection.ts';

inboxContract('SQS adapter against the embedded SQS', async () => {
  const sqs = await startSqs();
  const queueUrl = sqs.createQueue('events', { visibilityTimeout: 30 });
  return {
    ...inboxes(sqs.url, queueUrl),
    send: async (body) => void sqs.send('events', body),
    left: async () => sqs.bodies('events').length,
    lapse: () => sqs.advance(1001),
    close: () => sqs.close(),
  };
});

/** An SQS made by other people: what both servers agree on is not an invention of ours. */
inboxContract('SQS adapter against fauxqs', async () => {
  const app = buildApp({ logger: false });
  const endpoint = await app.listen({ host: '127.0.0.1', port: 0 });
  const client = new SQSClient({ region: 'eu-west-1', endpoint, credentials: CREDENTIALS });
  const { QueueUrl: queueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: 'events' }));
  return {
    ...inboxes(endpoint, queueUrl),
    send: async (body) => void (await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }))),
    left: () => countMessages(client, queueUrl),
    lapse: null,
    close: async () => {
      client.destroy();
      app.server.closeAllConnections();
      await app.close();
    },
  };
});

function inboxes(endpoint: string, queueUrl: string): Pick<InboxWorld, 'inbox'> {
  const options = { ...connection(endpoint), ...INBOX_PORTS, queueUrl, maxNumberOfMessages: 3, visibilityTimeout: 1 };
  return { inbox: (waits) => createSqsInbox({ ...options, waitTimeSeconds: waits ? 2 : 0 }) };
}

async function countMessages(client: SQSClient, queueUrl: string): Promise<number> {
  const names = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const;
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...names] });
  const { Attributes = {} } = await client.send(asked);
  return names.reduce((sum, name) => sum + Number(Attributes[name]), 0);
}
