/** What SQS answers to a batch call: HTTP 200, whatever became of the entries. */
export interface BatchAnswer {
  readonly Successful?: readonly { readonly Id?: string | undefined }[] | undefined;
  readonly Failed?: readonly FailedEntry[] | undefined;
}

export interface FailedEntry {
  readonly Id?: string | undefined;
  readonly SenderFault?: boolean | undefined;
  readonly Code?: string | undefined;
  readonly Message?: string | undefined;
}

/** What became of one entry. */
export type EntryResult =
  | { readonly kind: 'done' }
  /** `retry` where the fault is not ours, or where SQS says nothing of the entry. */
  | { readonly kind: 'failed'; readonly retry: 'now' | 'never'; readonly error: Error };

/** What became of the entry with this id. What is said to have failed has failed, whatever else is said of it. */
export function resultOf({ Successful = [], Failed = [] }: BatchAnswer, id: string): EntryResult {
  const failed = Failed.find((one) => one.Id === id);
  if (failed !== undefined) {
    return { kind: 'failed', retry: failed.SenderFault === true ? 'never' : 'now', error: entryError(failed) };
  }
  if (Successful.some((one) => one.Id === id)) return { kind: 'done' };
  return { kind: 'failed', retry: 'now', error: entryError({ Code: 'NotConfirmed' }) };
}

/** As the SDK would throw it, had the entry been a call of its own. */
function entryError({ SenderFault: isSender, Code: code, Message: message }: FailedEntry): Error {
  const error = new Error(typeof message === 'string' ? message : 'no message');
  error.name = typeof code === 'string' ? code : 'NoCode';
  return Object.assign(error, { $metadata: { httpStatusCode: isSender === true ? 400 : 503 } });
}
