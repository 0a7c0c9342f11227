import type { SecretService } from './secret-id.ts';

/** A JSON-safe description of the event that told us; used for commit trailers and explanations, never for decisions. */
export interface EventFacts {
  readonly id: string | null;
  /** The CloudTrail event name, or `Secret Label Updated`. */
  readonly name: string;
  /** UTC, to the second; never later than the time SQS received the message. Null when the event names none. */
  readonly time: string | null;
  /** The kind of principal (`AssumedRole`, `IAMUser`, …): never a name, an ARN or an address. */
  readonly actorKind: string | null;
}

interface Claimed {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  /** The identifier as the event wrote it: a name, a full ARN or a partial ARN. What AWS is asked for. */
  readonly id: string;
  /** Every name it can mean; the likeliest first. */
  readonly names: readonly string[];
  /** The version the event names, of a parameter its number; null when it names none. */
  readonly versionId: string | null;
  readonly event: EventFacts;
}

/** What of a secret has changed: one of its labels moved, its tags, or whether it is there. */
export type Aspect =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'tags' | 'deleted' | 'restored'; readonly label: null };

/** What an event claims: something of a secret changed, maybe to a version. A hint, never the truth. */
export type SecretChange = Claimed & Aspect;
