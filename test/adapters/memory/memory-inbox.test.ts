import { createMemoryInbox } from '../../../src/adapters/memory/memory-inbox.ts';
import { fifoInboxContract } from '../../contracts/fifo-inbox.ts';
import { inboxContract } from '../../contracts/inbox.ts';

inboxContract('in memory', async () => {
  let time = Date.parse('2026-03-02T09:20:00Z');
  let waits = false;
  const inbox = createMemoryInbox({
    now: () => time,
    visibilityTimeout: 1,
    maxNumberOfMessages: 3,
    wait: async () => {
      if (waits) time += 2000;
    },
  });
  return {
    inbox: (wanted) => {
      waits = wanted;
      return inbox;
    },
    send: async (body) => void inbox.send(body),
    left: async () => inbox.bodies().length,
    lapse: () => {
      time += 1001;
    },
    close: async () => {},
  };
});

fifoInboxContract('in memory', async () => {
  let time = Date.parse('2026-03-02T09:20:00Z');
  const inbox = createMemoryInbox({ now: () => time, visibilityTimeout: 60, maxNumberOfMessages: 10 });
  return {
    inbox,
    send: async (body, group) => void inbox.send(body, group),
    lapse: () => {
      time += 60_001;
    },
    close: async () => {},
  };
});
