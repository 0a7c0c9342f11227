import { createHash, type Hash } from 'node:crypto';
import { unreadableAnswer } from '../../unreadable-answer.ts';

/** A pack while it comes: in segments that cut no entry in two, so that each can be read, and kept, as soon as it is here. */
export interface Incoming {
  /** The last one is being filled; the others are left as they are. */
  readonly segments: Buffer[];
  /** What is here of the last one; once the pack is over, without the checksum that it ends with. */
  here: Buffer;
  /** Where in it the next entry begins. */
  at: number;
  /** Where it begins in the pack. */
  start: number;
  isOver: boolean;
  /** Of all that stands before `summed`. */
  readonly sum: Hash;
  summed: number;
}

/** A segment holds so much, unless one entry is larger; the first ones of a pack hold less. */
const SEGMENT_BYTES = 1024 * 1024;
const CHECKSUM_BYTES = 20;

/** A pack of which nothing is here yet. */
export function newIncoming(): Incoming {
  const nothing = Buffer.alloc(0);
  return { segments: [nothing], here: nothing, at: 0, start: 0, isOver: false, sum: createHash('sha1'), summed: 0 };
}

/** Whether the next bytes fit into the segment that is being filled. */
export function hasRoom({ segments, here }: Incoming, part: Buffer): boolean {
  return (segments.at(-1) ?? here).length - here.length >= part.length;
}

/** Takes the next bytes of the pack. */
export function addPart(incoming: Incoming, part: Buffer): void {
  const { segments, here } = incoming;
  const target = hasRoom(incoming, part) ? (segments.at(-1) ?? here) : openSegment(incoming, part.length);
  const from = incoming.here.length;
  part.copy(target, from);
  incoming.here = target.subarray(0, from + part.length);
}

/** Room for so many bytes more. What was not read yet moves along. */
function openSegment(incoming: Incoming, bytes: number): Buffer {
  addToSum(incoming);
  const { segments, here, at, start } = incoming;
  const left = here.subarray(at);
  const size = Math.max(2 * (left.length + bytes), Math.min(SEGMENT_BYTES, start + here.length));
  const segment = Buffer.allocUnsafeSlow(size);
  left.copy(segment);
  // Of one that no entry was read of nothing is needed any more.
  if (at === 0) segments.pop();
  segments.push(segment);
  incoming.start += at;
  incoming.at = 0;
  incoming.summed = 0;
  incoming.here = segment.subarray(0, left.length);
  return segment;
}

/** What was read is not looked at again: an entry at a time would cost more than all of them. */
function addToSum(incoming: Incoming): void {
  incoming.sum.update(incoming.here.subarray(incoming.summed, incoming.at));
  incoming.summed = incoming.at;
}

/** No more bytes come. */
export function endParts(incoming: Incoming): void {
  const end = incoming.here.length - CHECKSUM_BYTES;
  if (end < incoming.at) throw unreadableAnswer('a pack that is cut short');
  incoming.isOver = true;
  const { segments, here } = incoming;
  // Nothing is added any more, and the store may keep it for as long as it runs.
  const whole = Buffer.allocUnsafeSlow(here.length);
  here.copy(whole);
  segments[segments.length - 1] = whole;
  incoming.here = whole.subarray(0, end);
}

/** Behind the last entry: throws as soon as more than the checksum is here. */
export function checkEnd({ here, at, isOver }: Incoming): void {
  if (here.length - at > (isOver ? 0 : CHECKSUM_BYTES)) throw unreadableAnswer('a pack with bytes left over');
}

/** Once the pack is over and all of it was read: throws unless that is what was sent. */
export function checkSum(incoming: Incoming): void {
  checkEnd(incoming);
  addToSum(incoming);
  const { segments, at, sum } = incoming;
  const sent = segments.at(-1)?.subarray(at, at + CHECKSUM_BYTES);
  if (sent === undefined || !sum.digest().equals(sent)) throw unreadableAnswer('a damaged pack');
}
