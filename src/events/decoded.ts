import type { SecretChange } from '../domain/change.ts';
import { plainText } from '../domain/plain-text.ts';

/** Whether the current value changed. `maybe`: the event cannot tell, only DescribeSecret can. */
export type CurrentChanged = 'yes' | 'no' | 'maybe';

/** What an event says about the identity of a secret or parameter; null where it says nothing usable. */
export interface DecodedSecret {
  /** The full ARN; null when the event holds none. */
  readonly arn: string | null;
  /** Without the random suffix. */
  readonly name: string | null;
  readonly account: string | null;
  readonly region: string | null;
  readonly partition: string | null;
}

/** The exact text that named the secret, and where it stood; paths count from the event, without its envelopes. */
export interface Identifier {
  readonly raw: string | null;
  readonly foundAt: string | null;
}

/** What every result about a secret or a parameter holds. `reason` is one sentence for people, safe for one line. */
export interface Finding {
  readonly eventName: string | null;
  readonly currentChanged: CurrentChanged;
  readonly secret: DecodedSecret;
  readonly identifier: Identifier;
  /** The version the event names, as written by whoever chose it; null when it names none. */
  readonly versionId: string | null;
  readonly reason: string;
}

/** What is done about an event that is not acted on. `notify`: people should hear of it (a failed rotation). */
export type QuietAction = 'ignore' | 'notify' | 'unresolvable' | 'reject';

/** A result without a secret: another event, a message from SNS itself, or a text that is no event. */
interface Nothing {
  readonly eventName: string | null;
  readonly currentChanged: 'no';
  readonly secret: null;
  readonly identifier: null;
  readonly versionId: null;
  readonly change: null;
  readonly reason: string;
}

/** Of a secret: what else changed, that only a few references follow. They alone are looked at for it. */
interface Asides {
  readonly asides: readonly SecretChange[];
}

type Named = Finding & Asides & { readonly kind: 'secret' | 'parameter' };

/** One event of a message. Only a `secret` or `parameter` with action `reconcile` carries a change to act on. */
export type Decoded =
  | (Named & { readonly action: 'reconcile'; readonly change: SecretChange })
  | (Named & { readonly action: QuietAction; readonly change: null })
  | (Nothing & { readonly kind: 'ignored' | 'control'; readonly action: 'ignore' })
  | (Nothing & { readonly kind: 'unparseable'; readonly action: 'reject' });

/** Everything that is to be looked at because of an event: what it is about first, then its asides. */
export function changesIn(decoded: Decoded): readonly SecretChange[] {
  if (decoded.kind !== 'secret' && decoded.kind !== 'parameter') return [];
  return decoded.change === null ? decoded.asides : [decoded.change, ...decoded.asides];
}

/** A text, or a part of one, that is no event we can read. */
export function unparseable(reason: string): Decoded {
  return { kind: 'unparseable', action: 'reject', ...nothing(null, reason) };
}

/** An event that is none of our business. */
export function ignored(eventName: string | null, reason: string): Decoded {
  return { kind: 'ignored', action: 'ignore', ...nothing(eventName, reason) };
}

/** A message by which a service speaks about the delivery itself. */
export function control(reason: string): Decoded {
  return { kind: 'control', action: 'ignore', ...nothing(null, reason) };
}

/** An identifier from an event, fit for a sentence. */
export function quoted(text: string): string {
  return `"${plainText(text, 100)}"`;
}

function nothing(eventName: string | null, reason: string): Nothing {
  return {
    eventName,
    currentChanged: 'no',
    secret: null,
    identifier: null,
    versionId: null,
    change: null,
    reason,
  };
}
