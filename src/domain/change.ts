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

/** What an event claims: a label of a secret moved, maybe to a version. A hint, never the truth. */
export interface SecretChange {
  readonly service: SecretService;
  readonly account: string;
  readonly region: string;
  /** The identifier as the event wrote it: a name, a full ARN or a partial ARN. What AWS is asked for. */
  readonly id: string;
  /** Every name it can mean; the likeliest first. */
  readonly names: readonly string[];
  /** Of a parameter: `LATEST`. */
  readonly label: string;
  /** The version the event names, of a parameter its number; null when it names none. */
  readonly versionId: string | null;
  readonly event: EventFacts;
}
