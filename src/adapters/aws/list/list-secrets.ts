import {
  type Filter,
  ListSecretsCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { Failure } from '../../../domain/failure.ts';
import type { FindFilter, ListedSecret } from '../../../domain/find/find-filter.ts';
import { plainText } from '../../../domain/plain-text.ts';
import type { SecretPlace } from '../../../domain/secret-id.ts';
import type { ListAnswer } from '../../../ports.ts';
import { readDate, seenAt } from '../asking/answer-date.ts';
import { awsFailure, type TroubleWords } from '../aws-trouble.ts';
import { readListed } from '../secret-answer.ts';

/** A hundred secrets each: what needs more is too much to look through for every event. */
const MOST_PAGES = 200;
const PAGE_SIZE = 100;

const WORDS: TroubleWords = {
  missing: 'aws-rejected',
  denied: 'aws-denied',
  hints: {
    missing: 'Check the endpoint: this is not Secrets Manager.',
    denied: 'Allow secretsmanager:ListSecrets, and where a role is configured sts:AssumeRole on it.',
  },
};

export interface Listing {
  readonly place: SecretPlace;
  readonly filter: FindFilter;
  readonly now: () => number;
}

/** Reads every page of ListSecrets that may hold what a filter looks for; none twice, as far as AWS does not change meanwhile. */
export async function listSecrets(
  client: () => SecretsManagerClient,
  { place, filter, now }: Listing,
  signal: AbortSignal,
): Promise<ListAnswer> {
  const secrets = new Map<string, ListedSecret>();
  let token: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const command = new ListSecretsCommand({
      MaxResults: PAGE_SIZE,
      IncludePlannedDeletion: true,
      Filters: filtersOf(filter),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const date = readDate(command);
    try {
      const { SecretList, NextToken } = await client().send(command, { abortSignal: signal });
      for (const one of readPage(SecretList, place)) secrets.set(`${one.name} ${one.suffix ?? ''}`, one);
      if (NextToken === undefined || NextToken === '') {
        return { kind: 'listed', secrets: [...secrets.values()], seenAt: seenAt(date(), now) };
      }
      if (NextToken === token) throw unreadable(place);
      token = NextToken;
    } catch (error) {
      if (isDenied(error)) return { kind: 'denied' };
      throw awsFailure(`list ${shownPlace(place)}`, error, WORDS);
    }
  }
  return { kind: 'too-many' };
}

/** The path and one tag narrow the list; whoever asks looks closer at what comes. */
function filtersOf({ path, tags: [first] }: FindFilter): Filter[] {
  const byPath: Filter[] = path === null || path === '' ? [] : [{ Key: 'name', Values: [path] }];
  const [key = '', value = ''] = first ?? [];
  const byTag: Filter[] = [
    ...(key === '' ? [] : [{ Key: 'tag-key' as const, Values: [key] }]),
    ...(value === '' ? [] : [{ Key: 'tag-value' as const, Values: [value] }]),
  ];
  return [...byPath, ...byTag];
}

function readPage(list: unknown, place: SecretPlace): readonly ListedSecret[] {
  if (!Array.isArray(list) || list.length > PAGE_SIZE) throw unreadable(place);
  return (list as readonly unknown[]).map((entry) => readListed(entry) ?? refuse(place));
}

function isDenied(error: unknown): boolean {
  return error instanceof SecretsManagerServiceException && error.name === 'AccessDeniedException';
}

function refuse(place: SecretPlace): never {
  throw unreadable(place);
}

function shownPlace({ account, region }: SecretPlace): string {
  return `the secrets of account ${plainText(account, 20)} in ${plainText(region, 30)}`;
}

function unreadable(place: SecretPlace): Failure {
  return new Failure(`could not list ${shownPlace(place)}: the answer is not one of Secrets Manager`, {
    code: 'aws-rejected',
    retry: 'later',
    hint: 'Check that the endpoint leads to Secrets Manager. It is tried again.',
  });
}
