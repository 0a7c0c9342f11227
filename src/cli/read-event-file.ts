import { Failure } from '../domain/failure.ts';
import { plainText } from '../domain/plain-text.ts';
import { changesOf, judgedEvents } from '../service/report/describe-events.ts';
import type { ReceivedChange } from '../service/truth/identify-changes.ts';
import { type Console, readNamedFile } from './console.ts';

/**
 * The changes that an event or message file asks for. Every event that asks for nothing is noted with its reason; a file
 * without any event that can be read and trusted is a `Failure` (input-invalid). `now` is in epoch milliseconds.
 */
export async function readEventFile(path: string, now: number, console: Console): Promise<readonly ReceivedChange[]> {
  const text = await readNamedFile(path);
  const events = judgedEvents(text);
  const changes = changesOf(text, now);
  for (const { isActedOn, action, reason } of events) {
    if (!isActedOn) console.note(`not acted on (${action}): ${reason}`);
  }
  if (events.every(({ action }) => action === 'reject' || action === 'unresolvable')) {
    throw new Failure(`${plainText(path)} holds no event that can be read and trusted`, {
      code: 'input-invalid',
      retry: 'never',
      hint: 'Give an event as EventBridge or CloudTrail writes it, or an SQS message around one; decode FILE shows what is read.',
    });
  }
  return changes;
}
