import type { ServerResponse } from 'node:http';
import type { Faults } from '../faults.ts';
import { type Handler, type LoopbackServer, listenOnLoopback } from '../loopback.ts';
import { type AwsCall, type AwsReply, errorReply, readCall, respond, takeFault } from './aws-json.ts';
import { carryOutPartly } from './partial-failure.ts';
import { placeOf } from './sqs/fifo-order.ts';
import {
  batchOf,
  changeVisibility,
  deleteMessage,
  getAttributes,
  isFifo,
  type QueueCall,
  receivedReply,
  receiveMessages,
  sendMessage,
} from './sqs-operations.ts';
import { createQueue, type EntryFailure, type Queue } from './sqs-queue.ts';

export interface SqsOptions {
  readonly faults?: Faults;
  /** Epoch milliseconds; the computer's clock where it is absent. `advance` adds to it. */
  readonly now?: () => number;
}

export interface NewQueue {
  /** Seconds. */
  readonly visibilityTimeout: number;
  readonly maxReceiveCount?: number;
  /** The name of a queue that exists. */
  readonly deadLetter?: string;
}

/**
 * A little SQS (AWS JSON 1.0), with a view on its world. Names are those given to `createQueue`; one that ends in `.fifo` is a
 * FIFO queue with content-based deduplication.
 */
export interface SqsServer extends LoopbackServer {
  /** Returns the queue's URL, on this server. */
  createQueue(name: string, settings: NewQueue): string;
  deleteQueue(name: string): void;
  /** As `SendMessage`; returns the message's id. `group`: of a FIFO queue, `default` where it is left out. */
  send(name: string, body: string, group?: string): string;
  visible(name: string): number;
  inFlight(name: string): number;
  deleted(name: string): number;
  /** Bodies of all messages that are not deleted, oldest first. */
  bodies(name: string): readonly string[];
  /** Lets this many milliseconds pass: leases and long polls end as if one had waited. */
  advance(milliseconds: number): void;
  /** The next `count` messages sent are delivered twice. */
  duplicateNext(name: string, count: number): void;
  /** The next `count` entries of batch calls at this queue fail like this, instead of being carried out. */
  failEntries(name: string, count: number, failure: EntryFailure): void;
  /** Newest first from now on, or oldest first again. */
  reverse(name: string): void;
  /** So many long polls wait at this queue now. */
  polls(name: string): number;
  /** Resolves when at least `count` long polls wait at this queue. */
  untilPolled(name: string, count?: number): Promise<void>;
  /** Resolves when no long poll waits at this queue. */
  untilIdle(name: string): Promise<void>;
  /** Operations that arrived, in order, refused ones included. */
  readonly requests: readonly string[];
}

/** Long polls that wait at one queue, and what wakes them. */
interface Waiting {
  readonly queue: Queue;
  readonly wakers: Set<() => void>;
  readonly watchers: Set<() => void>;
}

interface World {
  readonly queues: Map<string, Waiting>;
  readonly now: () => number;
}

const OPERATIONS = new Map<string, (call: QueueCall) => AwsReply>([
  ['SendMessage', sendMessage],
  ['DeleteMessage', deleteMessage],
  ['DeleteMessageBatch', batchOf(deleteMessage)],
  ['ChangeMessageVisibility', changeVisibility],
  ['ChangeMessageVisibilityBatch', batchOf(changeVisibility)],
  ['GetQueueAttributes', getAttributes],
]);

/** Starts an SQS on loopback without any queue. */
export async function startSqs({ faults, now = Date.now }: SqsOptions = {}): Promise<SqsServer> {
  let passed = 0;
  const requests: string[] = [];
  const world: World = { queues: new Map(), now: () => now() + passed };
  const handler: Handler = async (request, response, body) => {
    const call = readCall(request, body);
    requests.push(call?.operation ?? 'unreadable');
    const effect = takeFault(faults, call?.operation ?? 'unreadable');
    const run = (one: AwsCall | null) => carryOut(world, one, response);
    await respond(response, { version: '1.0', now: world.now }, effect, () =>
      effect?.kind === 'partly' && call !== null ? carryOutPartly(call, run) : run(call),
    );
  };
  const server = await listenOnLoopback(handler);
  return {
    ...server,
    ...controls(world, server.url),
    requests,
    advance: (milliseconds) => {
      passed += milliseconds;
      for (const waiting of world.queues.values()) wake(waiting);
    },
  };
}

function controls(world: World, url: string): Omit<SqsServer, 'url' | 'close' | 'requests' | 'advance'> {
  const at = (name: string): Waiting => {
    const waiting = world.queues.get(name);
    if (waiting === undefined) throw new Error(`the embedded SQS has no queue ${name}`);
    return waiting;
  };
  return {
    createQueue: (name, { visibilityTimeout, maxReceiveCount, deadLetter }) => {
      const settings = {
        visibilityTimeout,
        maxReceiveCount: maxReceiveCount ?? null,
        deadLetter: deadLetter === undefined ? null : at(deadLetter).queue,
      };
      world.queues.set(name, { queue: createQueue(name, settings), wakers: new Set(), watchers: new Set() });
      return `${url}/111122223333/${name}`;
    },
    deleteQueue: (name) => {
      const waiting = at(name);
      world.queues.delete(name);
      wake(waiting);
    },
    send: (name, body, group = 'default') => {
      const { queue } = at(name);
      const { id } = queue.add(body, world.now(), isFifo(queue) ? placeOf(body, group) : null);
      wake(at(name));
      return id;
    },
    visible: (name) => at(name).queue.visible(world.now()).length,
    inFlight: (name) => at(name).queue.inFlight(world.now()).length,
    deleted: (name) => at(name).queue.deletedCount(),
    bodies: (name) =>
      at(name)
        .queue.all()
        .map((message) => message.body),
    duplicateNext: (name, count) => {
      at(name).queue.disorder.duplicates += count;
    },
    failEntries: (name, count, failure) => {
      at(name).queue.disorder.entryFailures = Array.from({ length: count }, () => failure);
    },
    reverse: (name) => {
      const { disorder } = at(name).queue;
      disorder.newestFirst = !disorder.newestFirst;
    },
    polls: (name) => at(name).wakers.size,
    untilPolled: (name, count = 1) => untilPolls(at(name), (polls) => polls >= count),
    untilIdle: (name) => untilPolls(at(name), (polls) => polls === 0),
  };
}

async function carryOut(world: World, call: AwsCall | null, response: ServerResponse): Promise<AwsReply | null> {
  if (call === null) return errorReply('com.amazon.coral.service#SerializationException', 'not readable');
  const waiting = world.queues.get(queueName(call.input['QueueUrl']));
  if (waiting === undefined) return noQueue();
  if (call.operation === 'ReceiveMessage') return longPoll(world, waiting, call, response);
  const operation = OPERATIONS.get(call.operation);
  if (operation === undefined) return errorReply('com.amazon.coral.service#AccessDeniedException', 'not offered', 403);
  const answer = operation({ queue: waiting.queue, input: call.input, now: world.now() });
  wake(waiting);
  return answer;
}

/** Waits at the queue until a message is there, the time is over or the caller has gone (null). */
async function longPoll(world: World, waiting: Waiting, call: AwsCall, response: ServerResponse) {
  const seconds = call.input['WaitTimeSeconds'];
  const deadline = world.now() + (typeof seconds === 'number' ? seconds * 1000 : 0);
  for (;;) {
    if (response.destroyed) return null;
    if (world.queues.get(waiting.queue.name) !== waiting) return noQueue();
    const found = receiveMessages({ queue: waiting.queue, input: call.input, now: world.now() });
    if ('status' in found) return found;
    wakeDeadLetter(world, waiting);
    if (found.length > 0 || world.now() >= deadline) return receivedReply(found, call.input);
    await nextChange(world, waiting, deadline, response);
  }
}

/** Resolves when something at the queue may have changed. */
function nextChange(world: World, waiting: Waiting, deadline: number, response: ServerResponse): Promise<void> {
  const next = Math.min(deadline, waiting.queue.nextVisibleAt(world.now()) ?? deadline);
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      waiting.wakers.delete(done);
      response.off('close', done);
      for (const watcher of waiting.watchers) watcher();
      resolve();
    };
    const timer = setTimeout(done, Math.max(1, next - world.now()));
    response.on('close', done);
    waiting.wakers.add(done);
    for (const watcher of waiting.watchers) watcher();
  });
}

function untilPolls(waiting: Waiting, isEnough: (polls: number) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!isEnough(waiting.wakers.size)) return;
      waiting.watchers.delete(look);
      resolve();
    };
    waiting.watchers.add(look);
    look();
  });
}

function wake(waiting: Waiting): void {
  for (const waker of waiting.wakers) waker();
}

/** A receive may have moved messages to the dead-letter queue. */
function wakeDeadLetter(world: World, { queue }: Waiting): void {
  const deadLetter = world.queues.get(queue.settings.deadLetter?.name ?? '');
  if (deadLetter !== undefined) wake(deadLetter);
}

/** SQS looks at the path's last part only: the host of a queue URL says nothing about who is asked. */
function queueName(url: unknown): string {
  return typeof url === 'string' ? (url.split('/').at(-1) ?? '') : '';
}

function noQueue(): AwsReply {
  return errorReply(
    'com.amazonaws.sqs#QueueDoesNotExist',
    'The specified queue does not exist.',
    400,
    'AWS.SimpleQueueService.NonExistentQueue',
  );
}
