import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { KEYS } from '../../../src/config/keys/table.ts';
import { backOffSeconds, type Verb } from '../../../src/service/outcome.ts';
import { evaluateTemplate } from './evaluate-template.ts';
import { readModule } from './read-module.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const TEMPLATES = ['templates/cloudformation/gitops-reloader.yaml', 'templates/terraform/main.tf'];

const { resources } = evaluateTemplate(TEMPLATES[0] ?? '');
const properties = resources['Queue']?.Properties ?? {};
const { maxReceiveCount } = properties['RedrivePolicy'] as { readonly maxReceiveCount: number };
const retention = properties['MessageRetentionPeriod'] as number;
const { blocks } = await readModule('templates/terraform');

/** When a message is delivered for the given time, counted from when it was delivered first: the sum of the back-offs. */
function deliveredAfter(verb: Verb, delivery: number): number {
  const waits = Array.from({ length: delivery - 1 }, (_, before) =>
    backOffSeconds(verb, { id: 'any', receiveCount: before + 1 }, []),
  );
  return waits.reduce((sum, seconds) => sum + seconds, 0);
}

/** Without what is added so that not all messages come back at once. */
const OUTAGE = 945 + 293 * 900;

test('a Git host may be down for three days', () => {
  expect(deliveredAfter('later', maxReceiveCount)).toBeGreaterThanOrEqual(OUTAGE);
  expect(deliveredAfter('later', maxReceiveCount)).toBeLessThanOrEqual(OUTAGE * 1.25 + maxReceiveCount);
  expect(OUTAGE).toBeGreaterThan(3 * DAY);
});

test('what needs a person becomes a dead letter while there is time to redrive it', () => {
  // SQS moves a message when it would be delivered once more.
  const moved = deliveredAfter('slow', maxReceiveCount + 1);
  expect(moved).toBe(3780 + 294 * HOUR);
  expect(retention - moved).toBeGreaterThan(DAY);
  for (const queue of ['DeadLetters', 'RuleDeadLetters']) {
    expect(resources[queue]?.Properties['MessageRetentionPeriod']).toBe(retention);
  }
});

test('what means nothing becomes a dead letter within half a day', () => {
  expect(maxReceiveCount * (properties['VisibilityTimeout'] as number)).toBeLessThanOrEqual(DAY / 2);
});

function hours(seconds: number): number {
  return Math.floor(seconds / HOUR);
}

test('the comments show this arithmetic', () => {
  const moved = deliveredAfter('slow', maxReceiveCount + 1);
  const parts = [
    `So ${maxReceiveCount} deliveries outlast`,
    `945 s + 293 * 900 s  = ${OUTAGE.toLocaleString('en')} s   = ${hours(OUTAGE)} hours`,
    `3,780 s + 294 * 3600 s = ${moved.toLocaleString('en')} s = 12 days and ${hours(moved) - 12 * 24} hours`,
    `The ${retention / DAY} days are counted`,
    `${hours(retention - moved)} hours are left`,
  ];
  for (const file of TEMPLATES) {
    const text = readFileSync(file, 'utf8');
    expect([file, parts.filter((part) => !text.includes(part))]).toEqual([file, []]);
  }
});

test('the queue waits and hides as long as the service asks for by default', () => {
  const defaults = Object.fromEntries(KEYS.map((key) => [key.path.split('.').at(-1), key.default]));
  expect(properties['VisibilityTimeout']).toBe(defaults['visibilityTimeout']);
  expect(properties['ReceiveMessageWaitTimeSeconds']).toBe(defaults['waitTimeSeconds']);
});

test('Terraform has the same numbers', () => {
  expect(blocks['aws_sqs_queue.queue']).toMatchObject({
    message_retention_seconds: retention,
    visibility_timeout_seconds: properties['VisibilityTimeout'],
    receive_wait_time_seconds: properties['ReceiveMessageWaitTimeSeconds'],
  });
  expect(blocks['aws_sqs_queue.queue']?.['redrive_policy']).toMatch(
    new RegExp(`maxReceiveCount\\s*= ${maxReceiveCount}\\n`),
  );
  for (const queue of ['dead_letters', 'rule_dead_letters']) {
    expect(blocks[`aws_sqs_queue.${queue}`]).toMatchObject({ message_retention_seconds: retention });
  }
});

test('the README tells the same', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toContain(`\`maxReceiveCount\` of ${maxReceiveCount}.`);
  expect(readme).toContain(`${retention / DAY} days, ${maxReceiveCount} deliveries`);
  expect(readme).toContain(`${maxReceiveCount} deliveries outlast a Git host that is down for three days`);
});
