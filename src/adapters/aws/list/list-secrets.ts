import {
  type Filter,
  ListSecretsCommand,
  type SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager';
import { type FindFilter, type ListedSecret, MOST_LISTED } from '../../../domain/find/find-filter.ts';
import type { SecretPlace } from '../../../domain/secret-id.ts';
import type { ListAnswer } from '../../../ports.ts';
import { readDate, seenAt } from '../asking/answer-date.ts';
import { awsFailure, type TroubleWords } from '../aws-trouble.ts';
import { readListed } from '../secret-answer.ts';
import {
  type ListedPlace,
  type ListPage,
  readPages,
  refuseElsewhere,
  shownList,
  unreadableList,
} from './read-pages.ts';

const PAGE_SIZE = 100;
const MOST_PAGES = MOST_LISTED / PAGE_SIZE;

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
  const listed = { service: 'secretsmanager', place } as const;
  const readPage = async (token: string | undefined): Promise<ListPage> => {
    const command = new ListSecretsCommand({
      MaxResults: PAGE_SIZE,
      IncludePlannedDeletion: true,
      Filters: filtersOf(filter),
      ...(token === undefined ? {} : { NextToken: token }),
    });
    const date = readDate(command);
    const { SecretList, NextToken } = await client().send(command, { abortSignal: signal });
    return { listed: readEntries(SecretList, listed), next: NextToken, seenAt: seenAt(date(), now) };
  };
  try {
    return await readPages(listed, MOST_PAGES, readPage);
  } catch (error) {
    if (isDenied(error)) return { kind: 'denied' };
    throw awsFailure(`list ${shownList(listed)}`, error, WORDS);
  }
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

function readEntries(list: unknown, place: ListedPlace): readonly ListedSecret[] {
  if (!Array.isArray(list) || list.length > PAGE_SIZE) throw unreadableList(place);
  return (list as readonly { readonly ARN?: unknown }[]).map((entry) => {
    const read = readListed(entry);
    if (read === null) throw unreadableList(place);
    refuseElsewhere(place, String(entry.ARN));
    return read;
  });
}

function isDenied(error: unknown): boolean {
  return error instanceof SecretsManagerServiceException && error.name === 'AccessDeniedException';
}
