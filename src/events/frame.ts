import { field, isObject, type JsonObject, textField } from './read-json.ts';

/** An event without its envelopes, its outer fields checked. A bare CloudTrail record has none of them. */
export interface Frame {
  readonly id: string | null;
  readonly detailType: string | null;
  readonly account: string | null;
  readonly region: string | null;
  readonly time: string | null;
  /** The first of `resources`. */
  readonly resource: string | null;
  /** The event's own part: what CloudTrail calls the record. */
  readonly detail: JsonObject;
  /** The path of `detail` within the event: `detail.`, or empty for a bare record. */
  readonly at: 'detail.' | '';
  /** When SQS received the message, epoch milliseconds; null when unknown. */
  readonly sentAt: number | null;
}

/** CloudTrail's detail-types. Published samples mix the two up, so both mean: the detail is a record. */
export const RECORD_TYPES: readonly string[] = ['AWS API Call via CloudTrail', 'AWS Service Event via CloudTrail'];

const ACCOUNT = /^\d{12}$/;
const REGION = /^[a-z0-9-]{1,32}$/;

/** The frame of an EventBridge event; null when its `detail` is no object. */
export function eventFrame(event: JsonObject, sentAt: number | null): Frame | null {
  const detail = field(event, 'detail');
  if (!isObject(detail)) return null;
  const resources = field(event, 'resources');
  const first: unknown = Array.isArray(resources) ? resources[0] : null;
  return {
    id: textField(event, 'id'),
    detailType: textField(event, 'detail-type'),
    account: accountId(textField(event, 'account')),
    region: regionName(textField(event, 'region')),
    time: textField(event, 'time'),
    resource: typeof first === 'string' ? first : null,
    detail,
    at: 'detail.',
    sentAt,
  };
}

/** The frame of a CloudTrail record that came without its envelope. */
export function recordFrame(record: JsonObject, sentAt: number | null): Frame {
  return {
    id: null,
    detailType: null,
    account: null,
    region: null,
    time: null,
    resource: null,
    detail: record,
    at: '',
    sentAt,
  };
}

/** True where `detail` is a CloudTrail record; a bare record has lost its detail-type. */
export function holdsRecord(frame: Frame): boolean {
  return frame.detailType === null || RECORD_TYPES.includes(frame.detailType);
}

/** The text when it is an AWS account id: twelve digits, leading zeros kept. */
export function accountId(text: string | null): string | null {
  return text !== null && ACCOUNT.test(text) ? text : null;
}

/** The text when it can be a Region's name. */
export function regionName(text: string | null): string | null {
  return text !== null && REGION.test(text) ? text : null;
}
