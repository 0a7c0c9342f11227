import { Failure } from '../../../domain/failure.ts';
import { type ListedSecret, MOST_LISTED } from '../../../domain/find/find-filter.ts';
import { plainText } from '../../../domain/plain-text.ts';
import { type KeepingService, parseArn, type SecretPlace } from '../../../domain/secret-id.ts';
import type { ListAnswer } from '../../../ports.ts';

/** One page of a list, as it was read. */
export interface ListPage {
  readonly listed: readonly ListedSecret[];
  /** Where the next one begins; undefined or empty after the last. */
  readonly next: unknown;
  /** Epoch milliseconds. */
  readonly seenAt: number;
}

/** What is listed, and where. */
export interface ListedPlace {
  readonly service: KeepingService;
  readonly place: SecretPlace;
}

/**
 * Every page of a list, one after the other; nothing of a page is kept but what it lists. An entry that comes twice, as AWS
 * may send it where something changes meanwhile, stands as it came last.
 */
export async function readPages(
  listed: ListedPlace,
  mostPages: number,
  readPage: (token: string | undefined) => Promise<ListPage>,
): Promise<ListAnswer> {
  const all = new Map<string, ListedSecret>();
  let token: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await readPage(token);
    for (const one of page.listed) all.set(`${one.name} ${one.suffix ?? ''}`, one);
    if (all.size > MOST_LISTED) break;
    const { next } = page;
    if (next === undefined || next === '') return { kind: 'listed', secrets: [...all.values()], seenAt: page.seenAt };
    if (typeof next !== 'string' || next === token) throw unreadableList(listed);
    token = next;
  }
  return { kind: 'too-many' };
}

/** What is listed, in a message. */
export function shownList({ service, place: { account, region } }: ListedPlace): string {
  const noun = service === 'ssm' ? 'parameters' : 'secrets';
  return `the ${noun} of account ${plainText(account, 20)} in ${plainText(region, 30)}`;
}

/** An answer that is no such list. */
export function unreadableList(listed: ListedPlace): Failure {
  const name = listed.service === 'ssm' ? 'Parameter Store' : 'Secrets Manager';
  return new Failure(`could not list ${shownList(listed)}: the answer is not one of ${name}`, {
    code: 'aws-rejected',
    retry: 'later',
    hint: `Check that the endpoint leads to ${name}. It is tried again.`,
  });
}

/** Throws where an entry's ARN is of another account or region: its versions would be taken for those of this one. */
export function refuseElsewhere(listed: ListedPlace, text: string): void {
  const arn = parseArn(text);
  const { account, region } = listed.place;
  if (arn === null || (arn.account === account && arn.region === region)) return;
  throw new Failure(
    `could not list ${shownList(listed)}: the answer is about account ${arn.account} in ${plainText(arn.region, 30)}`,
    {
      code: 'aws-rejected',
      retry: 'never',
      hint: `The credentials belong to another account, or the endpoint to another region: set a role of account ${plainText(account, 20)}.`,
    },
  );
}
